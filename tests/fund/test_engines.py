"""Engines that are no threads of ours: the same bits, the plan sent once, and a dead worker named."""

from __future__ import annotations

import multiprocessing
import pickle
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from fund.deadly import Deadly, array_kinds
from fund.funds import harbour, tables, village
from mutualfund import load_run
from mutualfund.errors import InputError, RunError
from mutualfund.fund import simulate
from mutualfund.fund.blocks import Range, block_size, path_ranges
from mutualfund.fund.engines import engine_for, threads
from mutualfund.fund.engines.engine import WORK_OF_A_TASK
from mutualfund.fund.engines.processes import Processes
from mutualfund.fund.engines.threads import Threads
from mutualfund.fund.lowered import plan_digest
from mutualfund.rules import YearView
from mutualfund.scenario import Scenario
from mutualfund.sim.plan import lower

pytestmark = pytest.mark.usefixtures("short_pilot")


def new_pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"))


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPoolExecutor]:
    """Two worker processes."""
    with new_pool() as pool:
        yield pool


@pytest.fixture(scope="module")
def everything() -> Scenario:
    """The example with every rule at work."""
    return Scenario.from_dict(harbour(members=60, paths=40, years=2))


class Watched(Executor):
    """An executor that says how often the plan went through it."""

    def __init__(self, pool: Executor) -> None:
        self.pool, self._max_workers, self.plans, self.tasks = pool, 2, 0, 0

    def submit(
        self, call: Any, /, task: Any, here: Any, digest: Any, plan: Any, *paths: Any
    ) -> Future[Any]:
        self.tasks += 1
        self.plans += plan is not None
        return self.pool.submit(call, task, here, digest, plan, *paths)


def test_processes_give_the_same_bits_and_get_the_plan_about_once_each(
    everything: Scenario, processes: ProcessPoolExecutor
) -> None:
    watched = Watched(processes)
    run = simulate(everything, executor=watched, block_paths=4)
    assert run.digest() == simulate(everything).digest()
    assert watched.tasks >= 2 * 10
    assert 2 <= watched.plans <= 4  # one each, and one more for each that was left out at first


def test_in_another_process_the_kernel_finds_arrays_of_the_same_kind(
    everything: Scenario, processes: ProcessPoolExecutor
) -> None:
    """Else every process would compile it again, whatever lies on the disk."""
    plan = lower(everything)
    engine = Processes(plan, 1, processes)
    there: list[list[str]] = []
    engine.run(array_kinds, [(0, 1)], lambda _paths, kinds: there.append(kinds))
    assert there == [array_kinds(plan, lambda: None, 0, 1)]
    assert any("readonly" in kind for kind in there[0])


class Counted(Threads):
    """Threads that know how many blocks are out and not yet taken in."""

    out = most = 0

    def submit(self, task: Any, paths: Range) -> Future[Any]:
        self.out += 1
        self.most = max(self.most, self.out)
        return super().submit(task, paths)


def test_no_more_blocks_are_in_flight_than_keep_the_workers_busy() -> None:
    with ThreadPoolExecutor(2) as pool:
        engine = Counted(lower(village(members=5, years=1)), 2, pool)
        taken: list[int] = []

        def take(_paths: Range, first: int) -> None:
            engine.out -= 1
            taken.append(first)

        engine.run(lambda _plan, _going, first, _n: first, path_ranges(0, 100, 2), take)
    assert sorted(taken) == list(range(0, 100, 2))
    assert engine.most == 4


def test_an_interrupt_says_at_once_that_what_is_being_computed_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, told, told_in_time = Event(), Event(), list[bool]()
    monkeypatch.setattr(threads.logger, "info", lambda _line: told.set())

    def block(_plan: Any, _going: Any, first: int, _n: int) -> None:
        if first == 0:
            begun.wait(10)
        else:  # goes on, as the compiler does for half a minute, until the line is out
            begun.set()
            told_in_time.append(told.wait(3))

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    plan = lower(village(members=5, years=1))
    with engine_for(plan, workers=2) as engine, pytest.raises(KeyboardInterrupt):
        engine.run(block, [(0, 1), (1, 1)], interrupt)
    assert told_in_time == [True]
    told.clear()
    with engine_for(plan, workers=1) as engine, pytest.raises(KeyboardInterrupt):
        engine.run(lambda *_: None, [(0, 1)], interrupt)
    assert not told.is_set(), "nothing is waited for"


def test_a_pool_of_threads_is_used_and_stays_open(everything: Scenario) -> None:
    with ThreadPoolExecutor(2) as pool:
        digests = {simulate(everything, executor=pool).digest() for _ in range(2)}
        assert pool.submit(int, 3).result() == 3
    assert digests == {simulate(everything).digest()}


def test_an_interrupted_run_leaves_the_pool_of_its_caller_usable(
    processes: ProcessPoolExecutor,
) -> None:
    def interrupt(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(village(paths=40), executor=processes, block_paths=4, progress=interrupt)
    assert processes.submit(int, 3).result() == 3


def test_a_process_that_dies_is_told_with_its_block_and_the_run_can_be_resumed(
    tmp_path: Path,
) -> None:
    data = tables(members=30, paths=40, years=2)
    data["rules"] = data["rules"] | {"extra": (Deadly(tmp_path / "now"),)}
    scenario = Scenario.from_dict(data)

    def after_three(done: int, _total: int) -> None:
        if done >= 12:
            (tmp_path / "now").touch()

    with new_pool() as pool, pytest.raises(RunError, match=r"paths \d+ to \d+ with it") as died:
        simulate(
            scenario,
            executor=pool,
            block_paths=4,
            folder=tmp_path / "run",
            progress=after_three,
        )
    assert "of 40 paths are kept in run; resume it" in str(died.value)
    run = simulate(scenario, folder=tmp_path / "run", resume=True)
    assert run.digest() == simulate(scenario).digest() == load_run(tmp_path / "run").digest()


class Local:
    """A rule that other processes could not find: its module is this test's."""

    name, sign = "grant", 1

    def amount(self, view: YearView) -> np.ndarray:
        return view.contributions_due


def test_a_rule_written_where_nobody_can_import_it_is_refused_by_its_place(
    processes: ProcessPoolExecutor,
) -> None:
    data = tables(members=30, paths=8, years=2)
    data["rules"] = data["rules"] | {
        "extra": (type("Typed", (Local,), {"__module__": "__main__"})(),)
    }
    with pytest.raises(
        RunError, match=r"rules\.extra\[0\]: Typed cannot be sent.*module of its own"
    ):
        simulate(Scenario.from_dict(data), executor=processes)


def test_what_is_no_executor_is_refused() -> None:
    with pytest.raises(InputError, match=r"executor: got a str; allowed: a concurrent\.futures"):
        simulate(village(), executor="threads")  # type: ignore[arg-type]


def test_a_plan_survives_the_way_to_another_process(everything: Scenario) -> None:
    plan = lower(everything)
    there = pickle.loads(pickle.dumps(plan))  # noqa: S301 - our own object
    assert plan_digest(there) == plan_digest(plan)
    assert there.scenario.portfolio.digest() == plan.scenario.portfolio.digest()
    assert plan_digest(lower(everything.replace("settings.seed", 3))) != plan_digest(plan)


def test_tasks_for_other_processes_are_worth_their_way(processes: ProcessPoolExecutor) -> None:
    plan = lower(village(members=1_000, paths=1_000, years=10))
    with engine_for(plan) as here, engine_for(plan, processes) as there:
        assert here.least_paths() == 1
        assert there.least_paths() == WORK_OF_A_TASK // (1_000 * 10)


@pytest.mark.parametrize("workers", [1, 2, 7])
@pytest.mark.parametrize("n_paths", [1, 3, 4, 10, 999, 10_000])
def test_large_blocks_part_no_paths_that_share_random_numbers_and_small_ones_keep_workers_busy(
    n_paths: int, workers: int
) -> None:
    size = block_size(n_paths, 100_000, 64, workers, most=600)
    ranges = path_ranges(0, n_paths, size)
    if size >= 64:
        assert all(first % 16 == 0 for first, _ in ranges)
    else:
        assert len(ranges) >= min(n_paths, workers)
    assert sum(n for _, n in ranges) == n_paths
    assert size * 100_000 <= 64 * 2**20


def test_dask_is_loaded_only_when_it_is_asked_for() -> None:
    program = (
        "import sys, mutualfund.fund, mutualfund.cli.run\n"
        "assert not {'dask', 'distributed'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)

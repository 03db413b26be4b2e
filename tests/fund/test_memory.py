"""What a run takes is what it says beforehand, and does not grow with the number of futures."""

from __future__ import annotations

import resource
import tracemalloc
from pathlib import Path

import pytest

from fund.funds import harbour, tables, village
from mutualfund.errors import InputError
from mutualfund.fund import check, memory, simulate
from mutualfund.fund.blocks import ENOUGH_MIB
from mutualfund.fund.engines import engine_for
from mutualfund.fund.pilot import pilot_block
from mutualfund.fund.simulate import fitting, in_flight
from mutualfund.results import FundRun
from mutualfund.scenario import Scenario
from mutualfund.sim.plan import Plan, lower

MIB = 2**20
pytestmark = pytest.mark.usefixtures("short_pilot")


def held_by(run: FundRun) -> int:
    """Bytes of the results."""
    arrays = [run.ledger, *(side.measures for side in run.marginals.values())]
    return sum(values.nbytes for named in arrays for values in named.values())


def peak_of(scenario: Scenario, block_paths: int | None) -> tuple[int, int]:
    """The most memory that a run on two threads takes, and what its results are."""
    simulate(scenario.replace("settings.paths", 4))  # compiled, and everything loaded
    tracemalloc.start()
    try:
        run = simulate(scenario, workers=2, block_paths=block_paths)
        return tracemalloc.get_traced_memory()[1], held_by(run)
    finally:
        tracemalloc.stop()


def test_memory_less_the_results_does_not_grow_with_the_paths() -> None:
    few, held_few = peak_of(village(members=50, paths=100, years=2), 25)
    many, held_many = peak_of(village(members=50, paths=4_000, years=2), 25)
    assert held_many == 40 * held_few
    assert many - held_many < 2 * (few - held_few)


def test_blocks_of_the_usual_size_take_no_more_than_gains_speed() -> None:
    """Where the budget is the only bound, the blocks of a small fund fill all 64 MiB of it, one a thread."""
    peak, held = peak_of(village(members=50, paths=40_000, years=2), None)
    assert peak - held < 2 * 2 * ENOUGH_MIB * MIB


def test_the_estimate_of_memory_is_no_less_than_what_is_taken_and_not_far_off() -> None:
    data = tables(members=20, paths=4_000, years=5)
    data["settings"]["keep"] = ["lines", "months", "cells"]
    scenario = Scenario.from_dict(data)
    plan = lower(scenario)
    estimate = memory.result_bytes(plan) + memory.flight_bytes(plan, memory.Flight(100, workers=2))
    taken, _ = peak_of(scenario, 100)
    assert taken <= estimate < 2.5 * taken


def test_the_estimate_of_the_disk_is_not_far_off(tmp_path: Path) -> None:
    scenario = Scenario.from_dict(harbour(members=300, paths=200, years=4))
    folder = tmp_path / "run"
    simulate(scenario, folder=folder, block_paths=40)
    taken = sum(path.stat().st_size for path in (folder / "blocks").iterdir())
    assert 0.6 * taken < memory.stored_bytes(lower(scenario), 40) < 1.7 * taken


def test_check_tells_what_a_run_will_take() -> None:
    scenario = village(paths=1_000)
    found, plan = check(scenario), lower(scenario)
    assert found.memory_bytes > memory.result_bytes(plan)
    assert found.stored_bytes >= memory.stored_bytes(plan, 1_000)
    # No more than the process has ever held, by another count of the kernel's that lags behind a little.
    most = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert found.process_bytes is not None
    assert 50 * MIB < found.process_bytes < 1.1 * most


def refusal(
    plan: Plan, flight: memory.Flight, usable: int, patch: pytest.MonkeyPatch
) -> dict[str, str]:
    """The faults of a run with so many bytes to use: what to write instead, by field."""
    patch.setattr(memory, "available_bytes", lambda: int(usable / memory.USABLE_SHARE) + 2)
    with pytest.raises(InputError, match="of memory") as refused:
        memory.require_memory(plan, flight)
    return {fault.field: fault.remedy for fault in refused.value.faults}


def test_blocks_that_do_not_fit_name_the_budget_the_blocks_or_the_workers_that_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan = lower(village(members=2_000, paths=2, years=1))
    path, scratch = memory.bytes_per_path(plan), plan.bytes_per_thread
    results = memory.result_bytes(plan)
    flight = memory.Flight(20 * MIB // path, workers=4)
    stated = memory.Flight(500, workers=4, is_stated=True)

    def remedy(flight: memory.Flight, workers: int, block: int) -> tuple[str, str]:
        usable = results + workers * (block + scratch)
        (found,) = refusal(plan, flight, usable, monkeypatch).items()
        return found

    # By hand: what is left of the memory beside the results, by worker, less a worker's scratch.
    field, words = remedy(flight, 4, 5 * MIB)
    assert (field, words[:23]) == ("settings.memory_mib", "Lower it to at most 5, ")
    assert remedy(flight, 4, 5 * MIB - 9)[1].startswith("Lower it to at most 4, ")
    field, words = remedy(stated, 4, 33 * path)
    assert (field, words[:24]) == ("block_paths", "Lower it to at most 33, ")
    assert remedy(stated, 4, 33 * path - 9)[1].startswith("Lower it to at most 32, ")
    assert "Even 1 does not fit on 4 workers: use at most 3" in remedy(flight, 3, MIB)[1]
    assert "Even 1 does not fit on 4 workers: use at most 2" in remedy(flight, 3, MIB - 9)[1]
    assert "Even 1 does not fit on 4 workers: use at most 3" in remedy(stated, 3, path)[1]
    alone = f"Even 1 on one worker takes {memory.in_words(MIB + scratch)}: use fewer members"
    assert alone in remedy(flight, 1, MIB - 9)[1]


def test_what_a_refusal_names_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = village(members=3_000, paths=100_000, years=2)
    plan = lower(scenario)
    results = memory.result_bytes(plan)
    # Blocks that take about as much as the results, and half of that memory: both are at fault.
    size = (results // 3 - plan.bytes_per_thread) // memory.bytes_per_path(plan)
    named = refusal(plan, memory.Flight(size, workers=3), results, monkeypatch)
    assert set(named) == {"settings.paths", "settings.memory_mib"}
    for field, words in named.items():
        value = words.removeprefix("Lower it to ").removeprefix("at most ").split()[0]
        scenario = scenario.replace(field, int(value.replace(",", "")))
    with engine_for(lower(scenario), workers=3) as engine:
        flight = in_flight(engine, fitting(engine, is_stored=False), pilot_block(engine))
        memory.require_memory(engine.plan, flight)


def test_a_disk_or_memory_without_room_for_one_path_is_not_said_to_hold_one() -> None:
    fault = memory.too_many_paths(lower(village(paths=50)), "much", "little", 0.01, "disk")
    assert "Lower it" not in fault.remedy
    assert "Not even one fits" in fault.remedy

"""`simulate`: a scenario in, a run out. Follow the calls downward to see the whole library in one walk.

Lower the scenario, let the pilot find what may be expected, cut the paths into blocks, carry each block
through its fund years on an engine's workers, store it if there is a folder, and put it in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from functools import partial
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mutualfund.errors import Fault, InputError
from mutualfund.fund.blocks import Range, block_size, enough_paths
from mutualfund.fund.checkpoints import Checkpoints
from mutualfund.fund.collecting import opening_claims
from mutualfund.fund.context import Fund, rules_by_year
from mutualfund.fund.engines import Engine, KeepGoing, engine_for, positive
from mutualfund.fund.equalisation import pool_chances
from mutualfund.fund.expectations import Expectations
from mutualfund.fund.manifest import describe
from mutualfund.fund.marginals import Marginals, as_results
from mutualfund.fund.memory import Flight, bytes_per_path, require_memory
from mutualfund.fund.notes import member_notes, pricing_notes
from mutualfund.fund.pilot import expectations, pilot_block
from mutualfund.fund.row import Row
from mutualfund.fund.state import first_day
from mutualfund.fund.year import fund_year
from mutualfund.results.blocks import Block
from mutualfund.results.facts import FundFacts
from mutualfund.results.gathered import Gathered
from mutualfund.results.run import FundRun
from mutualfund.scenario import Scenario
from mutualfund.sim.plan import Plan, lower

if TYPE_CHECKING:
    from distributed import Client

Progress = Callable[[int, int], None]
"""Told (paths done, paths in all)."""

CHECKPOINTS = 20
"""Blocks of a run that is stored as it goes on, at least."""


def simulate(
    scenario: Scenario,
    *,
    workers: int | None = None,
    block_paths: int | None = None,
    executor: Executor | Client | None = None,
    folder: str | Path | None = None,
    resume: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> FundRun:
    """Simulate the fund.

    The same scenario and seed give the same bits for any number of workers, any size of block and any
    executor, and after a resume. The first call on a machine compiles, which takes 20 to 40 seconds on a slow
    one; the logger ``mutualfund`` says so at INFO, as the compiler begins.

    Parameters
    ----------
    scenario
        Members, assumptions, rulebook and settings.
    workers
        Threads, 1 or more; as many as there are processors unless given. With an executor: how many blocks
        it works on at once.
    block_paths
        Paths carried together, 1 or more; what ``settings.memory_mib`` holds unless given. A run that is
        resumed keeps to the size it was started with, or less where that budget is smaller now.
    executor
        Where the blocks are computed: any `concurrent.futures.Executor`, or a `distributed.Client`. It stays
        open. Threads of this process unless given.
    folder
        Where each block is stored as soon as it is finished, and the run at the end, as `FundRun.save` stores
        it: new, empty, or (with `overwrite`) a run.
    resume
        Go on with the unfinished run in `folder`, if there is one: only blocks that it lacks are computed.
        A finished run of the same scenario is read and returned.
    overwrite
        Replace the run in `folder`, finished or not.
    progress
        Called with (paths done, paths in all) as blocks finish.

    Raises
    ------
    InputError
        If it is no `Scenario`, cannot be lowered to whole numbers, would not fit into memory or on the disk,
        or is not what the run to resume in `folder` was started as.
    RunError
        If the books do not add up, a worker died, or the folder is in use, altered or cannot be written.
    KeyboardInterrupt
        On Ctrl-C, after the fund years then being simulated.

    >>> from mutualfund import archetypes, simulate
    >>> scenario = archetypes.load("mutuelle").replace("settings.paths", 20)
    >>> simulate(scenario.replace("settings.years", 2)).measure("reserve_close").shape
    (20, 2)
    """
    require_scenario(scenario)
    plan = lower(scenario)
    record = describe(plan, FundFacts.of(scenario))
    with Checkpoints.at(folder, resume=resume, overwrite=overwrite) as checkpoints:
        checkpoints.require_same_run(scenario, record)
        count = Counter(scenario.settings.paths, progress)
        if checkpoints.finished is not None and not checkpoints.is_unstated:
            count(scenario.settings.paths)
            return checkpoints.finished
        with engine_for(plan, executor, workers) as engine:
            return computed(engine, checkpoints, record, block_paths, count)


def computed(
    engine: Engine,
    checkpoints: Checkpoints,
    record: dict[str, Any],
    block_paths: int | None,
    count: Counter,
) -> FundRun:
    """The run of an engine's plan: what is stored, and the blocks that are not, computed."""
    plan, scenario = engine.plan, engine.plan.scenario
    n_paths, rules = scenario.settings.paths, rules_by_year(scenario)
    begun = checkpoints.block_paths
    size = (
        fitting(engine, is_stored=checkpoints.folder is not None)
        if begun is None
        else min(begun, most_paths(plan))
    )
    size = positive("block_paths", block_paths, size)
    pilot_size = pilot_block(engine) if block_paths is None else size
    require_memory(plan, in_flight(engine, size, pilot_size, is_stated=block_paths is not None))
    checkpoints.require_disk(plan, size)
    expected = expectations(engine, rules, pilot_size)
    notes = [*member_notes(scenario.portfolio), *pricing_notes(rules, expected)]
    record |= {"workers": engine.workers, "block_paths": size}
    record |= {"expected": expected.to_dict(), "warnings": notes}
    checkpoints.begin(scenario, record)

    work = partial(fund_years, expected)
    engine.run(work, checkpoints.doubtful(size), checkpoints.require_same_block)
    if checkpoints.finished is not None:
        count(n_paths)
        return checkpoints.finished

    whole = Gathered(n_paths)
    for block in checkpoints.stored():
        whole.place(block)
        count(block.n_paths)

    def finished(_paths: Range, block: Block) -> None:
        checkpoints.keep(block)
        whole.place(block)
        count(block.n_paths)

    engine.run(work, checkpoints.missing(n_paths, size), finished)
    run = FundRun(scenario, *whole.frozen(), record)
    checkpoints.finish(run)
    return run


def fitting(engine: Engine, *, is_stored: bool) -> int:
    """Paths of a block: as many as the budget holds, the workers need and make a task.

    A run that is stored has larger ones where those would be too many files.
    """
    settings, each = engine.plan.scenario.settings, bytes_per_path(engine.plan)
    enough = enough_paths(engine.worthwhile_paths(), each)
    return block_size(
        settings.paths,
        each,
        settings.memory_mib,
        engine.workers,
        least=engine.least_paths(),
        most=max(enough, -(-settings.paths // CHECKPOINTS)) if is_stored else enough,
    )


def most_paths(plan: Plan) -> int:
    """Paths of a block that the memory budget holds; one at least."""
    return max(1, plan.scenario.settings.memory_mib * 2**20 // bytes_per_path(plan))


def in_flight(engine: Engine, size: int, pilot_size: int, *, is_stated: bool = False) -> Flight:
    """What this machine holds at once while blocks are computed; none where others compute them."""
    largest = max(min(size, engine.plan.scenario.settings.paths), pilot_size)
    return Flight(largest, engine.workers if engine.is_here else 0, is_stated)


def require_scenario(given: object) -> None:
    """A file's name or its tables are no scenario yet: nothing has checked them.

    Raises
    ------
    InputError
        Naming the call that makes a scenario of what was given.
    """
    if isinstance(given, Scenario):
        return
    remedy = "Build a mutualfund.Scenario."
    if isinstance(given, str | PathLike):
        remedy = f'Pass mutualfund.Scenario.load("{fspath(given)}").'
    elif isinstance(given, Mapping):
        remedy = "Pass mutualfund.Scenario.from_dict(...) of it."
    raise InputError([Fault("scenario", f"a {type(given).__name__}", "a Scenario", remedy, "type")])


def fund_years(
    expected: Expectations, plan: Plan, keep_going: KeepGoing, first_path: int, n_paths: int
) -> Block:
    """Carry a block of paths from the first day to the last close."""
    fund = Fund.of(plan, expected)
    drivers = plan.drivers(first_path, n_paths)
    members = plan.initial_state(n_paths)
    state = first_day(
        fund.scenario.fund.opening_reserve,
        expected.opening_due,
        plan.n_members,
        n_paths,
        opening_claims(fund.rules[0], n_paths),
    )
    pool = pool_chances(fund.scenario.settings.seed, fund.rules, drivers.path)
    rows, marginals = [], []
    for year in range(1, len(plan.years) + 1):
        keep_going()
        state, row, marginal = fund_year(
            fund,
            state,
            year,
            partial(plan.member_year, drivers, members, year),
            drivers.fund_line_amounts[:, year - 1],
            drivers.returns[:, year - 1],
            pool[year - 1],
        )
        rows.append(row)
        marginals.append(marginal)
    return Block(first_path, stacked(rows), as_results(plan, by_side(stacked, marginals)))


def stacked(years: list[Row]) -> Row:
    """Years as the second axis of every measure."""
    return {name: np.stack([year[name] for year in years], axis=1) for name in years[0]}


def by_side(join: Callable[[list[Row]], Row], parts: list[Marginals]) -> Marginals:
    """Years put together, each side by itself."""
    return {side: join([part[side] for part in parts]) for side in parts[0]}


class Counter:
    """Adds up finished paths for the caller's progress."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.done, self.total, self.progress = 0, total, progress

    def __call__(self, paths: int) -> None:
        self.done += paths
        if self.progress is not None:
            self.progress(self.done, self.total)

"""`simulate`: a scenario in, a run out. Follow the calls downward to see the whole library in one walk.

Lower the scenario, let the pilot find what may be expected, cut the paths into blocks, carry each block
through its fund years on a thread, and put the blocks together in the order of the paths.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from os import PathLike, fspath
from typing import NamedTuple

import numpy as np

from mutualfund.errors import Fault, InputError
from mutualfund.fund.blocks import Workers, block_size, default_workers, path_ranges, worker_pool
from mutualfund.fund.context import Fund, rules_by_year
from mutualfund.fund.manifest import describe
from mutualfund.fund.marginals import Marginals, as_results
from mutualfund.fund.memory import bytes_per_path, require_memory
from mutualfund.fund.notes import member_notes, pricing_notes
from mutualfund.fund.payments import delays_used
from mutualfund.fund.pilot import expectations, pilot_block
from mutualfund.fund.row import Row
from mutualfund.fund.state import first_day
from mutualfund.fund.year import fund_year
from mutualfund.results.facts import FundFacts
from mutualfund.results.run import FundRun
from mutualfund.scenario import Scenario
from mutualfund.sim.plan import Plan, lower

Progress = Callable[[int, int], None]
"""Told (paths done, paths in all)."""


class Block(NamedTuple):
    """The results of a block of paths."""

    ledger: Row  # measure -> (n_paths, n_years)
    marginals: Marginals  # side -> measure -> (n_paths, n_years, n_labels)


def simulate(
    scenario: Scenario,
    *,
    workers: int | None = None,
    block_paths: int | None = None,
    progress: Progress | None = None,
) -> FundRun:
    """Simulate the fund.

    The same scenario and seed give the same bits for any number of workers and any size of block.

    Parameters
    ----------
    scenario
        Members, assumptions, rulebook and settings.
    workers
        Threads, 1 or more; as many as there are processors unless given.
    block_paths
        Paths carried together, 1 or more; what ``settings.memory_mib`` holds unless given.
    progress
        Called with (paths done, paths in all) as blocks finish.

    Raises
    ------
    InputError
        If it is no `Scenario`, cannot be lowered to whole numbers, or would not fit into memory.
    RunError
        If the books do not add up.
    KeyboardInterrupt
        On Ctrl-C, after the fund years then being simulated.

    >>> from mutualfund import archetypes, simulate
    >>> scenario = archetypes.load("mutuelle").replace("settings.paths", 20)
    >>> simulate(scenario.replace("settings.years", 2)).measure("reserve_close").shape
    (20, 2)
    """
    require_scenario(scenario)
    n_workers = positive("workers", workers, default_workers())
    n_paths = scenario.settings.paths
    plan = lower(scenario)
    rules = rules_by_year(scenario)
    fitting = block_size(n_paths, bytes_per_path(plan), scenario.settings.memory_mib, n_workers)
    size = positive("block_paths", block_paths, fitting)
    pilot_size = pilot_block(plan, n_workers) if block_paths is None else size
    require_memory(plan, max(min(size, n_paths), pilot_size) * n_workers)
    with worker_pool(n_workers) as pool:
        expected = expectations(plan, rules, pool, pilot_size)
        facts = FundFacts.of(scenario)
        fund = Fund(
            scenario,
            rules,
            plan.fund_lines,
            expected,
            facts.registry,
            plan.minor,
            delays_used(plan),
        )
        count = Counter(n_paths, progress)
        work = partial(fund_years, plan, fund, pool)
        blocks = pool.run(work, path_ranges(0, n_paths, size), count)
    notes = [*member_notes(scenario.portfolio), *pricing_notes(rules, expected)]
    marginals = by_side(together, [block.marginals for block in blocks])
    return FundRun(
        scenario,
        together([block.ledger for block in blocks]),
        as_results(plan, marginals, facts.line_names),
        describe(scenario, facts, expected, notes, workers=n_workers, block_paths=size),
    )


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


def fund_years(plan: Plan, fund: Fund, pool: Workers, first_path: int, n_paths: int) -> Block:
    """Carry a block of paths from the first day to the last close."""
    drivers = plan.drivers(first_path, n_paths)
    members = plan.initial_state(n_paths)
    state = first_day(
        fund.scenario.fund.opening_reserve, fund.expected.opening_due, plan.n_members, n_paths
    )
    rows, marginals = [], []
    for year in range(1, len(plan.years) + 1):
        pool.keep_going()
        state, row, marginal = fund_year(
            fund,
            state,
            year,
            partial(plan.member_year, drivers, members, year),
            drivers.fund_line_amounts[:, year - 1],
            drivers.returns[:, year - 1],
        )
        rows.append(row)
        marginals.append(marginal)
    return Block(stacked(rows), by_side(stacked, marginals))


def stacked(years: list[Row]) -> Row:
    """Years as the second axis of every measure."""
    return {name: np.stack([year[name] for year in years], axis=1) for name in years[0]}


def together(blocks: list[Row]) -> Row:
    """Blocks one after the other, in the order of their paths."""
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def by_side(join: Callable[[list[Row]], Row], parts: list[Marginals]) -> Marginals:
    """Years or blocks put together, each side by itself."""
    return {side: join([part[side] for part in parts]) for side in parts[0]}


def positive(name: str, given: int | None, default: int) -> int:
    """A count of at least 1, or the default.

    Raises
    ------
    InputError
        For 0, a negative number or no whole number.
    """
    if given is None:
        return default
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise InputError([Fault(name, repr(given), "a whole number, 1 or more", code="range")])
    return given


class Counter:
    """Adds up finished paths for the caller's progress."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.done, self.total, self.progress = 0, total, progress

    def __call__(self, paths: int) -> None:
        self.done += paths
        if self.progress is not None:
            self.progress(self.done, self.total)

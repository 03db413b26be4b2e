"""What a scenario says about itself before it is run: `mutualfund check` prints this."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mutualfund.assumptions import Line
from mutualfund.assumptions.severities import mean_amount
from mutualfund.fund.available import resident_bytes
from mutualfund.fund.context import rules_by_year
from mutualfund.fund.engines import engine_for
from mutualfund.fund.look import worth_a_look
from mutualfund.fund.memory import (
    flight_bytes,
    require_disk,
    require_memory,
    result_bytes,
    stored_bytes,
)
from mutualfund.fund.notes import member_notes, priced, pricing_notes
from mutualfund.fund.pilot import FEWEST_PATHS, MEMBER_YEARS, expectations, pilot_block
from mutualfund.fund.simulate import fitting, in_flight, require_scenario
from mutualfund.scenario import Scenario
from mutualfund.sim.plan import Plan, lower
from mutualfund.types import FloatArray, frozen

DRIFT_PER_YEAR = 0.01
"""A mean relativity that moves faster than this is warned of: the states are not stationary."""


@dataclass(frozen=True, slots=True)
class LineCheck:
    """One line as it will be simulated: year 1, currency, claims per member-year."""

    name: str
    level: str
    frequency_mean: float | None  # None for a fund-level line
    severity_mean: float
    severity_cv: float | None  # None where a user's own severity does not state it; inf is possible
    largest_claim: float | None  # the table's last value; None for a fund-level line
    fund_claims: float  # expected, full year, waits served
    normalisation: float | None  # what the line's factors were multiplied by to average 1
    mean_relativity: FloatArray  # (n_years,) of the health states, year 1 = 1


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What `check` found in a scenario without faults.

    `loss_ratio` is definition 31: year 1, central parameters, no shock, full year, waits served, gross of
    reinsurance; NaN where no contribution is due. `loss_ratio_error` is its standard error.

    `memory_bytes` is what a run adds to this process, with as many threads as it has processors: the results,
    what looking at them takes, and the paths in flight with the threads' scratch. `process_bytes` is what the
    process holds without it, after the pilot: Python, its libraries, the compiled kernel, the members and
    whatever else was loaded; None where the system does not tell. A report's pictures are in neither.
    """

    members: int
    pilot_paths: int
    expected_claims: float
    contributions: float
    loss_ratio: float
    loss_ratio_error: float
    provider_fees: float  # fixed fees of a full year 1; no claims, so not in the loss ratio
    lines: tuple[LineCheck, ...]
    notes: tuple[
        str, ...
    ]  # what a reader should know: rare members, treaties without a price, drift
    worth_a_look: tuple[str, ...] = ()  # what is allowed and yet seldom meant
    memory_bytes: int = 0
    stored_bytes: int = 0  # of its results on the disk
    process_bytes: int | None = None


def check(scenario: Scenario, *, folder: str | Path | None = None) -> CheckReport:
    """Lower a scenario, run its pilot, and report what it amounts to.

    Parameters
    ----------
    folder
        Where a run would be stored, to hold it against that disk too; it need not be there.

    Raises
    ------
    InputError
        If the scenario cannot be lowered, or `simulate` would refuse it because a run on this machine's
        processors would not fit into memory or on the disk.

    >>> from mutualfund import archetypes
    >>> report = check(archetypes.load("mutuelle"))
    >>> 0.0 < report.loss_ratio < 1.0
    True
    """
    require_scenario(scenario)
    plan = lower(scenario)
    rules = rules_by_year(scenario)
    affordable = plan.n_members * scenario.settings.years * FEWEST_PATHS <= MEMBER_YEARS
    priced_treaties = priced(rules) and affordable  # the run itself always looks
    with engine_for(plan) as engine:
        pilot_size, size = pilot_block(engine), fitting(engine, is_stored=True)
        flight = in_flight(engine, size, pilot_size)
        require_memory(plan, flight)
        if folder is not None:
            require_disk(plan, Path(folder), size)
        expected = expectations(engine, rules, pilot_size, price_reinsurance=priced_treaties)
    pricing = pricing_notes(rules, expected) if priced_treaties else []
    lines = line_checks(plan, expected.line_claims)
    return CheckReport(
        members=plan.n_members,
        pilot_paths=expected.paths,
        expected_claims=float(sum(expected.line_claims)),
        contributions=expected.contributions,
        loss_ratio=expected.loss_ratio,
        loss_ratio_error=expected.loss_ratio_error,
        provider_fees=plan.n_members * sum(x.per_member for x in rules[0].providers.values()),
        lines=lines,
        notes=(*member_notes(scenario.portfolio), *pricing, *drift_notes(lines)),
        worth_a_look=tuple(worth_a_look(scenario, plan, expected)),
        memory_bytes=result_bytes(plan) + flight_bytes(plan, flight),
        stored_bytes=stored_bytes(plan, size),
        process_bytes=resident_bytes(),
    )


def line_checks(plan: Plan, claims: FloatArray) -> tuple[LineCheck, ...]:
    """Every line, members' lines first. claims: (n_lines + n_fund_lines,) expected fund claims."""
    checked = []
    for place, line in enumerate((*plan.lines, *plan.fund_lines)):
        of_members = place < len(plan.lines)
        checked.append(
            LineCheck(
                name=line.name,
                level=line.level,
                frequency_mean=None if line.frequency is None else float(line.frequency.mean),
                severity_mean=mean_amount(line.severity),
                severity_cv=stated_cv(line),
                largest_claim=float(plan.years[0].severity[place].max()) / plan.minor
                if of_members
                else None,
                fund_claims=float(claims[place]),
                normalisation=plan.rates[place].normalisation if of_members else None,
                mean_relativity=mean_relativity(plan, place)
                if of_members
                else np.ones(len(plan.years)),
            )
        )
    return tuple(checked)


def stated_cv(line: Line) -> float | None:
    """The overall coefficient of variation, tail included; None where the severity does not state it."""
    cv = getattr(line.severity, "cv", None)
    return None if cv is None else float(cv)


def mean_relativity(plan: Plan, place: int) -> FloatArray:
    """Mean claim relativity of the health states by year, year 1 = 1, ages held, (n_years,)."""
    states = plan.scenario.assumptions.health_states
    n_years = len(plan.years)
    if states is None:
        return np.asarray(frozen(np.ones(n_years)))
    return np.asarray(frozen(states.mean_relativity(plan.lines[place].name, n_years)))


def drift_notes(lines: tuple[LineCheck, ...]) -> list[str]:
    """A sentence for every line whose mean relativity moves by more than 1 % a year."""
    notes = []
    for line in lines:
        change = np.abs(np.diff(line.mean_relativity) / line.mean_relativity[:-1])
        if change.size and change.max() > DRIFT_PER_YEAR:
            year = int(np.argmax(change)) + 2
            notes.append(
                f"health states: the mean relativity of {line.name} moves by {change.max():.1%} into year "
                f"{year}; shares that are stationary under the transitions would keep it level"
            )
    return notes

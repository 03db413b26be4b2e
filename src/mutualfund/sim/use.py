"""How use answers to cost sharing: each plan's effective share of a line's cost, measured by simulation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mutualfund.rules import Rulebook
from mutualfund.sim.kernels.layout import ALLOWED, MEMBER, MONTHS, OPENS, YearTables
from mutualfund.sim.paths import PILOT_PATH
from mutualfund.sim.tables import kernel_array
from mutualfund.sim.terms import YearLowering, month_start
from mutualfund.types import FloatArray, IntArray

if TYPE_CHECKING:
    from mutualfund.sim.plan import Plan

USE_MEMBER_YEARS = 200_000  # size of the simulation that measures a plan's effective share


def use_responses(plan: Plan) -> tuple[list[FloatArray], IntArray]:
    """Use relative to the reference plan, from each plan's effective member share of a line's allowed cost.

    Returns
    -------
    uses : per line, the distinct responses.
    use : (n_years, n_lines, n_plan_rows) which of them each plan's members have.
    """
    shares = shares_by_year(plan)
    use = np.zeros(shares.shape, np.int64)
    uses: list[FloatArray] = []
    for i, line in enumerate(plan.lines):
        if line.use_response is None:
            uses.append(np.ones(1))
            continue
        response = line.use_response.multiplier(shares[:, i])
        distinct, which = np.unique(response, return_inverse=True)
        uses.append(distinct)
        use[:, i] = which.reshape(response.shape)
    return uses, use


def shares_by_year(plan: Plan) -> FloatArray:
    """Members' expected share of each line's allowed cost by plan, (n_years, n_lines, n_plan_rows).

    Measured without the response, at central parameters and year 1 prices, under the benefits in force at the
    start of the year, with all members on the plan. Of a line that is not covered, or not open at any time of
    the year, members bear all.
    """
    books = [start_book(plan, year) for year in range(1, len(plan.years) + 1)]
    measured: list[tuple[Rulebook, FloatArray]] = []
    by_year = []
    for book, tables in zip(books, plan.years, strict=True):
        alike = [shares for other, shares in measured if same_benefits(book, other)]
        if not alike:
            alike = [benefit_shares(plan, book)]
            measured.append((book, alike[0]))
        closed = MONTHS * tables.year <= tables.opening[:, :, :, OPENS].min(axis=0).T
        by_year.append(np.where(closed, 1.0, alike[0]))
    return np.array(by_year)


def start_book(plan: Plan, year: int) -> Rulebook:
    """The rulebook in force at the start of a year."""
    scenario = plan.scenario
    return scenario.rules.in_force(month_start(scenario.fund.start, MONTHS * (year - 1)))


def same_benefits(one: Rulebook, other: Rulebook) -> bool:
    """Whether two rulebooks pay the same."""
    return (one.benefits, one.plans) == (other.benefits, other.plans)


def benefit_shares(plan: Plan, book: Rulebook) -> FloatArray:
    """Effective shares as if the benefits of `book` held in year 1, (n_lines, n_plan_rows)."""
    scenario, names = plan.scenario, plan.line_names
    rows = 1 + len(scenario.portfolio.plan_names)
    lasting = book.model_copy(update={"amendments": ()})
    lowering = YearLowering(
        lasting, scenario.fund.start, scenario.portfolio.plan_names, names, plan.minor
    )
    no_use = np.zeros((len(names), rows), np.int64)
    rules = lowering.lower(1, 0.0, no_use, plan.years[0].severity, moving=False, by_age=False)
    return np.array([effective_shares(plan, rules, row) for row in range(rows)]).T


def effective_shares(plan: Plan, rules: YearTables, row: int) -> FloatArray:
    """The members' expected share of each line's allowed cost if all had the plan of `row`, (n_lines,)."""
    n_paths = max(1, min(50, USE_MEMBER_YEARS // plan.n_members))
    everybody = plan.tables._replace(plan=kernel_array(np.full(plan.n_slots, row)))
    on_plan = replace(plan, tables=everybody, years=(rules,))
    drivers = on_plan.drivers(PILOT_PATH, n_paths, central=True, shocks=False)
    sums = on_plan.member_year(
        drivers, on_plan.initial_state(n_paths), 1, full_exposure=True, waits_served=True
    )
    lines = sums.lines.sum(axis=0)
    return np.asarray(lines[:, MEMBER] / np.maximum(lines[:, ALLOWED], 1), np.float64)

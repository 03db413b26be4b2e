"""The plain workload in plain NumPy, as a good user of NumPy would first write it.

Counts for all members at once, line by line; all claims of the year in one table, ordered by member and
moment; cost sharing by running totals within each member.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from baseline import DELAYS, MONTHS, FloatArray, IntArray, Work, YearSums
from problems import (
    ANNUAL_LIMIT,
    DEDUCTIBLE,
    DISPERSION,
    LAYER,
    OUT_OF_POCKET_MAXIMUM,
    RETENTION,
)


def draw_amounts(rng: np.random.Generator, law: Any, claims: int) -> FloatArray:
    if law["kind"] == "gamma":
        return np.asarray(rng.gamma(law["alpha"], law["theta"], claims))
    if law["kind"] == "pareto":
        return np.asarray(law["above"] * (1.0 + rng.pareto(law["alpha"], claims)))
    return np.asarray(rng.lognormal(law["mu"], law["sigma"], claims))


def draw_line(
    rng: np.random.Generator, work: Work, column: int, rate: FloatArray
) -> tuple[Any, ...]:
    """One line's claims: member, line, amount, moment (months into the year) and payment delay."""
    count = rng.negative_binomial(DISPERSION, DISPERSION / (DISPERSION + rate))
    n = int(count.sum())
    month = np.searchsorted(work.season, rng.random(n), side="right")
    return (
        np.repeat(np.arange(work.members), count),
        np.full(n, column),
        draw_amounts(rng, work.lines[column].severity, n),
        month + rng.random(n),
        np.minimum(rng.geometric(work.paid_at_once[column], n) - 1, DELAYS - 1),
    )


def share_costs(work: Work, member: IntArray, line: IntArray, amount: FloatArray) -> FloatArray:
    """The fund's part of each claim; claims come in order of member and moment."""
    count = np.bincount(member, minlength=work.members)
    first = np.concatenate(([0], np.cumsum(count)[:-1]))

    def so_far(values: FloatArray) -> FloatArray:
        total = np.cumsum(values)
        before = np.concatenate(([0.0], total))[first]
        return np.asarray(total - np.repeat(before, count))

    def within(values: FloatArray, limit: float) -> FloatArray:
        """The part of each value that still fits under a yearly limit."""
        reached = so_far(values)
        return np.asarray(np.minimum(reached, limit) - np.minimum(reached - values, limit))

    copay = np.minimum(amount, work.copay[line])
    rest = amount - copay
    deducted = within(rest * work.deductible_applies[line], DEDUCTIBLE)
    owed = copay + deducted + (rest - deducted) * work.coinsurance[line]
    fund = amount - within(owed, OUT_OF_POCKET_MAXIMUM)
    return within(fund, ANNUAL_LIMIT)


def member_year(rng: np.random.Generator, work: Work, year: int) -> YearSums:
    """One path-year of the fund's claims."""
    rates = work.rates[work.cell(year)]
    drawn = [draw_line(rng, work, column, rates[:, column]) for column in range(work.n_lines)]
    member, line, amount, moment, delay = (
        np.concatenate(column) for column in zip(*drawn, strict=True)
    )
    order = np.lexsort((moment, member))
    member, line, amount, moment, delay = (
        column[order] for column in (member, line, amount, moment, delay)
    )
    fund = share_costs(work, member, line, amount)
    cell = moment.astype(np.int64) * DELAYS + delay
    by_member = np.bincount(member, fund, work.members)
    return YearSums(
        claims=np.bincount(line, minlength=work.n_lines),
        billed=np.bincount(line, amount, work.n_lines),
        fund=np.bincount(line, fund, work.n_lines),
        triangle=np.bincount(cell, fund, MONTHS * DELAYS).reshape(MONTHS, DELAYS),
        excess=float(np.clip(by_member - RETENTION, 0.0, LAYER).sum()),
    )

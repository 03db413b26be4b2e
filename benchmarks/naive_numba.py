"""The plain workload in Numba, as a user first writes it.

One loop over members, `np.random` inside the compiled function, the year's claims of a member in small
arrays, `argsort` by moment, cost sharing with `min` and running remainders.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from baseline import DELAYS, MONTHS, FloatArray, IntArray, Work, YearSums
from problems import (
    ANNUAL_LIMIT,
    DEDUCTIBLE,
    DISPERSION,
    LAYER,
    OUT_OF_POCKET_MAXIMUM,
    RETENTION,
)

GAMMA, LOGNORMAL, PARETO = range(3)
MOST_CLAIMS = 4_096


@njit
def start_generator(seed: int) -> None:
    np.random.seed(seed)


@njit
def draw_amount(kind: int, first: float, second: float) -> float:
    if kind == GAMMA:
        return np.random.gamma(first, second)
    if kind == LOGNORMAL:
        return np.random.lognormal(first, second)
    return second * (1.0 + np.random.pareto(first))


@njit
def member_years(
    cell: IntArray,
    rates: FloatArray,
    kind: IntArray,
    parameters: FloatArray,
    season: FloatArray,
    paid_at_once: FloatArray,
    copay: FloatArray,
    coinsurance: FloatArray,
    deductible_applies: FloatArray,
) -> tuple[Any, ...]:
    n_lines = kind.size
    count, billed, fund = np.zeros(n_lines), np.zeros(n_lines), np.zeros(n_lines)
    triangle = np.zeros((MONTHS, DELAYS))
    excess = 0.0
    moments, lines = np.empty(MOST_CLAIMS), np.empty(MOST_CLAIMS, np.int64)
    for member in range(cell.size):
        n = 0
        for line in range(n_lines):
            rate = rates[cell[member], line]
            drawn = np.random.negative_binomial(DISPERSION, DISPERSION / (DISPERSION + rate))
            for _ in range(drawn):
                month = np.searchsorted(season, np.random.random(), side="right")
                moments[n] = month + np.random.random()
                lines[n] = line
                n += 1
        order = np.argsort(moments[:n])
        deductible, out_of_pocket, limit = DEDUCTIBLE, OUT_OF_POCKET_MAXIMUM, ANNUAL_LIMIT
        for claim in order:
            line = lines[claim]
            amount = draw_amount(kind[line], parameters[line, 0], parameters[line, 1])
            fixed = min(amount, copay[line])
            rest = amount - fixed
            deducted = min(rest * deductible_applies[line], deductible)
            deductible -= deducted
            owed = min(fixed + deducted + (rest - deducted) * coinsurance[line], out_of_pocket)
            out_of_pocket -= owed
            paid = min(amount - owed, limit)
            limit -= paid
            delay = min(np.random.geometric(paid_at_once[line]) - 1, DELAYS - 1)
            count[line] += 1
            billed[line] += amount
            fund[line] += paid
            triangle[int(moments[claim]), delay] += paid
        excess += min(max(ANNUAL_LIMIT - limit - RETENTION, 0.0), LAYER)
    return count, billed, fund, triangle, excess


def severity_codes(work: Work) -> tuple[IntArray, FloatArray]:
    """Kind and two parameters of each line's severity."""
    kinds, parameters = [], []
    for line in work.lines:
        law = line.severity
        if law["kind"] == "gamma":
            kinds.append(GAMMA)
            parameters.append((law["alpha"], law["theta"]))
        elif law["kind"] == "pareto":
            kinds.append(PARETO)
            parameters.append((law["alpha"], law["above"]))
        else:
            kinds.append(LOGNORMAL)
            parameters.append((law["mu"], law["sigma"]))
    return np.array(kinds), np.array(parameters)


def member_year(rng: np.random.Generator, work: Work, year: int) -> YearSums:
    """One path-year of the fund's claims."""
    start_generator(int(rng.integers(2**32)))  # so that one seed gives one result, as elsewhere
    count, billed, fund, triangle, excess = member_years(
        work.cell(year),
        work.rates,
        *severity_codes(work),
        work.season,
        work.paid_at_once,
        work.copay,
        work.coinsurance,
        work.deductible_applies,
    )
    return YearSums(count, billed, fund, triangle, float(excess))

"""When claims are paid: each treatment year's amounts by the fund year in which they fall due.

A claim treated in month m (0 to 11) and delayed d months is paid in fund year (m + d) // 12 after its own.
Amounts are whole minor units in int64, so a path's sums are exact and their order cannot matter. What was
incurred before the fund's first day is a stated amount, run off by the payment pattern (definition 21).
"""

from __future__ import annotations

import numpy as np

from mutualfund.sim.kernels.layout import DELAYS
from mutualfund.sim.kernels.packing import longest_delay
from mutualfund.sim.plan import Plan
from mutualfund.types import FloatArray, IntArray, frozen

MONTHS = 12
YEARS_TO_PAY = (MONTHS - 1 + DELAYS - 1) // MONTHS + 1
"""Fund years, the treatment year included, after which every claim has been paid."""


def due_by_year(triangle: IntArray) -> IntArray:
    """What falls due in the treatment year and in each year after it.

    Parameters
    ----------
    triangle
        (n_paths, 12, n_delays) minor units by treatment month and delay in months.

    Returns
    -------
    IntArray
        (n_paths, `YEARS_TO_PAY`) minor units; the rows add up to the triangle.

    >>> triangle = np.zeros((1, 12, 64), np.int64)
    >>> triangle[0, 11, 0], triangle[0, 11, 1] = 500, 70  # treated in the last month
    >>> due_by_year(triangle)[0, :2].tolist()
    [500, 70]
    """
    month, year = np.arange(MONTHS)[:, np.newaxis], np.arange(YEARS_TO_PAY)
    last_delay = np.minimum(MONTHS * (year + 1) - 1 - month, triangle.shape[2] - 1)
    paid_by = triangle.cumsum(axis=2)[:, month, last_delay].sum(axis=1)
    return np.asarray(np.diff(paid_by, axis=1, prepend=0))


def next_schedule(schedule: IntArray, due: IntArray) -> IntArray:
    """Last year's schedule one year on, with this treatment year's amounts added."""
    rolled = due.copy()
    rolled[:, :-1] += schedule[:, 1:]
    return rolled


def still_owed(delay_pmf: FloatArray) -> FloatArray:
    """P(D >= k + 1): the part of a month's claims still unpaid at the end of the k-th month after it.

    delay_pmf: (64,) chance of each delay in months. Its sum is the mean delay.
    """
    owed = np.zeros(DELAYS)
    for delay in range(DELAYS - 2, -1, -1):
        owed[delay] = owed[delay + 1] + delay_pmf[delay + 1]
    return owed


def opening_run_off(monthly_claims: FloatArray, delay_pmf: FloatArray) -> FloatArray:
    """Claims outstanding on the first day, by the fund year in which they are paid.

    A fund that has long incurred the same amount a month owes, for each line, that amount times the mean
    delay; of it the share P(D >= k + 1) / E[D] is paid in month k.

    Parameters
    ----------
    monthly_claims
        (n_lines,) expected fund claims a month before the first day.
    delay_pmf
        (n_lines, 64) chance of each delay.

    Returns
    -------
    FloatArray
        (`YEARS_TO_PAY`,) in the unit of `monthly_claims`; the sum is what is outstanding.

    >>> pmf = np.zeros((1, 64)); pmf[0, 2] = 1.0  # everything is paid after two months
    >>> opening_run_off(np.array([100.0]), pmf)[:2].tolist()
    [200.0, 0.0]
    """
    by_year = np.zeros(YEARS_TO_PAY)
    for claims, pmf in zip(monthly_claims, delay_pmf, strict=True):
        for month, owed in enumerate(still_owed(pmf)):
            by_year[month // MONTHS] += claims * owed
    return by_year


def scaled_run_off(by_year: FloatArray, total: float) -> FloatArray:
    """The pattern of `by_year` for a stated total; without a pattern all of it is paid in the first year."""
    expected = float(sum(by_year))
    if expected > 0.0:
        return np.asarray(frozen(by_year * (total / expected)))
    at_once = np.zeros(YEARS_TO_PAY)
    at_once[0] = total
    return np.asarray(frozen(at_once))


def spread(amount: IntArray, delay_pmf: FloatArray) -> IntArray:
    """A fund-level amount of a year, incurred evenly over its months and paid by the expected pattern.

    amount: (n_paths,) minor units. delay_pmf: (n_delays,). Returns (n_paths, 12, n_delays) whole minor units
    that add up to the amount: each cell is the difference of two rounded cumulative sums.
    """
    cumulative = np.cumsum(np.tile(delay_pmf, MONTHS)) / MONTHS
    cumulative[-1] = 1.0
    reached = np.rint(amount[:, np.newaxis] * cumulative).astype(np.int64)
    cells = np.diff(reached, axis=1, prepend=0)
    return cells.reshape(amount.size, MONTHS, delay_pmf.size)


def delays_used(plan: Plan) -> int:
    """How many delays can occur at all: the months of delay that the fund's books need to tell apart."""
    if any(line.lag_months > 0.0 for line in plan.fund_lines):
        return DELAYS
    return longest_delay(plan.tables.delay) + 1

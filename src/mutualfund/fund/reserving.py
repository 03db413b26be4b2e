"""Pay and reserve: two provisions side by side, the true one and the one the fund books.

Definitions 21 and 22.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mutualfund.fund.context import Fund
from mutualfund.fund.payments import MONTHS, due_by_year, next_schedule
from mutualfund.fund.state import BookedYear, FundState
from mutualfund.rules.booking import PaidTriangle
from mutualfund.types import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Provisions:
    """What the year paid and what it leaves to be paid, (n_paths,) currency unless said."""

    paid: FloatArray
    outstanding_true: FloatArray
    outstanding_booked: FloatArray
    schedule: IntArray  # (n_paths, YEARS_TO_PAY) minor units
    history: tuple[BookedYear, ...]


def pay_and_reserve(fund: Fund, state: FundState, treated: BookedYear, year: int) -> Provisions:
    """Pay what falls due, and set aside the rest: as it truly is, and as the fund estimates it.

    The provision account is the schedule of payments still to come, so it does not depend on the amounts
    incurred that the ledger states. Of claims from before the first day both provisions are the same stated
    amount.
    """
    schedule = next_schedule(state.schedule, due_by_year(treated.triangle))
    opening = fund.opening_owed(year)
    history = (*state.history, treated)[-fund.years_kept :]
    booking = fund.rules[year - 1].reserve.method()
    return Provisions(
        paid=schedule[:, 0] / fund.minor + fund.opening_paid(year),
        outstanding_true=schedule[:, 1:].sum(axis=1) / fund.minor + opening,
        outstanding_booked=booking.outstanding(paid_triangle(fund, history)) + opening,
        schedule=schedule,
        history=history,
    )


def paid_triangle(fund: Fund, history: tuple[BookedYear, ...]) -> PaidTriangle:
    """What the fund can see: payments by treatment month and delay, up to the end of the last year.

    Exposure and dues are known by year and spread evenly over its months.
    """
    paths, _, delays = history[0].triangle.shape
    months = MONTHS * len(history)
    paid = np.empty((paths, months, delays))
    for k, year in enumerate(
        history
    ):  # into place: a copy of all years would be a block's largest array
        np.divide(year.triangle, fund.minor, out=paid[:, MONTHS * k : MONTHS * (k + 1)])
    paid[:, np.add.outer(np.arange(months), np.arange(delays)) >= months] = 0.0
    return PaidTriangle(
        paid=paid,
        member_months=_by_month([year.member_months for year in history]),
        contributions_due=_by_month([year.contributions_due for year in history]),
        assumed_pattern=fund.expected.payment_pattern,
        expected_loss_ratio=fund.expected.believed_loss_ratio,
    )


def _by_month(yearly: list[FloatArray]) -> FloatArray:
    """Yearly amounts (n_paths,) spread over months, (n_paths, 12 x years)."""
    return np.repeat(np.stack(yearly, axis=1) / MONTHS, MONTHS, axis=1)

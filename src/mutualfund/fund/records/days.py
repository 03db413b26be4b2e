"""Calendar days of the records: the simulation knows months, a fund's books know days.

Days since 1970-01-01. The day of treatment keeps the order of a member's claims; other days within their
month are drawn for the records alone (docs/streams.md, "What only records need").
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np

from mutualfund.fund.records.path import PathClaims
from mutualfund.fund.records.treated import PART_BITS
from mutualfund.portfolio.days import month_number
from mutualfund.rng import Purpose, blocks
from mutualfund.sim.kernels.layout import MONTHS
from mutualfund.sim.plan import Plan
from mutualfund.types import BoolArray, IntArray

MOST_DAYS_TAKEN = 90
"""A payment made by mistake is taken back after 1 to 90 days, each equally likely."""


class ClaimDays(NamedTuple):
    """What the record of each claim adds to it, arrays (n,); days since 1970-01-01."""

    incurred: IntArray
    reported: IntArray
    paid: IntArray
    paid_twice: BoolArray  # by mistake, on the same day
    taken_back: IntArray  # the day on which the second payment is taken back, where there is one
    copied: BoolArray  # whether the row stands twice in the file


def claim_days(
    plan: Plan, path: int, claims: PathClaims, *, reversals: float, duplicates: float
) -> ClaimDays:
    """The days of every claim. reversals, duplicates: chances, 0 to 1."""
    start, drawn = plan.scenario.fund.start, claims.drawn
    month = MONTHS * (claims.year - 1) + drawn.month
    first, length = month_days(start, month)
    incurred = first + ((drawn.part * length) >> PART_BITS)
    day_word, report_word, mistake_word, last_word = _words(plan, path, claims).T
    first_paid, length = month_days(start, month + drawn.delay)
    earliest = np.where(drawn.delay == 0, incurred, first_paid)
    paid = earliest + _place(day_word, first_paid + length - earliest)
    return ClaimDays(
        incurred=incurred,
        reported=incurred + _place(report_word, paid - incurred + 1),
        paid=paid,
        paid_twice=mistake_word < reversals * 2.0**32,
        taken_back=paid + 1 + (((last_word >> 16) * MOST_DAYS_TAKEN) >> 16),
        copied=(last_word & 0xFFFF) < duplicates * 2.0**16,
    )


def birthdays(plan: Plan, slot: IntArray) -> IntArray:
    """A day of birth for each slot, on which the age of its first year is the one simulated."""
    low, high = plan.tables.member_stream[0].tolist()
    drawn = blocks((low, high), member=plan.tables.member_key[slot], purpose=Purpose.RECORD)
    word = drawn[:, 0].astype(np.int64)
    # ages are counted on the opening day of a year: born on one of the days that make it this age
    eldest = month_days(plan.scenario.fund.start, -MONTHS * (plan.tables.age[slot] + 1))[0] + 1
    youngest = month_days(plan.scenario.fund.start, -MONTHS * plan.tables.age[slot])[0]
    return np.asarray(eldest + _place(word, youngest - eldest + 1))


def month_days(start: date, month: IntArray) -> tuple[IntArray, IntArray]:
    """First day and length of each month, counted from the month of `start` (0)."""
    number = month_number(start) + np.asarray(month, np.int64)
    first, following = (
        each.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        for each in (number, number + 1)
    )
    return first, following - first


def _place(word: IntArray, length: IntArray) -> IntArray:
    """A uniform place among `length`, from words of 32 bits."""
    return (word * length) >> 32


def _words(plan: Plan, path: int, claims: PathClaims) -> IntArray:
    """The four words of each claim's record, (n, 4)."""
    words = np.zeros((claims.slot.size, 4), np.int64)
    key, drawn = plan.tables.member_key, claims.drawn
    for line, stream in enumerate(plan.tables.line_stream):
        low, high = stream.tolist()
        for year in range(1, len(plan.years) + 1):
            some = np.flatnonzero((drawn.line == line) & (claims.year == year))
            words[some] = blocks(
                (low, high),
                member=key[claims.slot[some]],
                path=path,
                year=year,
                purpose=Purpose.RECORD,
                index=drawn.number[some].astype(np.uint64),
            )
    return words

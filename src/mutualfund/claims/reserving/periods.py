"""Calendar periods: months counted from January 1970, and the month, quarter or year they lie in."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Literal

from mutualfund.errors import Fault, InputError, as_day, require_choice
from mutualfund.portfolio.days import EPOCH, month_number

Grain = Literal["month", "quarter", "year"]
MONTHS_IN: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}


def months_in(field: str, grain: str) -> int:
    """Months of a period of this grain.

    Raises
    ------
    InputError
        Where it is none of month, quarter and year.
    """
    require_choice(field, grain, MONTHS_IN, code="unknown_grain")
    return MONTHS_IN[grain]


def first_day(month: int) -> date:
    """The first day of a month counted from January 1970.

    >>> first_day(0)
    datetime.date(1970, 1, 1)
    """
    return date(EPOCH.year + month // 12, month % 12 + 1, 1)


def last_day(month: int) -> date:
    """The last day of a month counted from January 1970.

    >>> last_day(1)
    datetime.date(1970, 2, 28)
    """
    first = first_day(month)
    return first.replace(day=monthrange(first.year, first.month)[1])


def label(month: int, grain: Grain) -> str:
    """The period of this grain that holds a month, as people write it.

    >>> label(674, "month"), label(674, "quarter"), label(674, "year")
    ('2026-03', '2026Q1', '2026')
    """
    year, place = EPOCH.year + month // 12, month % 12
    if grain == "year":
        return str(year)
    return f"{year}Q{place // 3 + 1}" if grain == "quarter" else f"{year}-{place + 1:02d}"


def require_first_day(field: str, value: object, grain: Grain) -> date:
    """The day, which begins a period of this grain.

    Raises
    ------
    InputError
        Where it is no day, or does not begin a period.
    """
    day = as_day(field, value)
    if day.day != 1 or month_number(day) % MONTHS_IN[grain]:
        allowed = f"the first day of a {grain}"
        raise InputError([Fault(field, day.isoformat(), allowed, code="start")])
    return day


def require_last_day(field: str, value: object, grain: Grain) -> date:
    """The day, which ends a period of this grain.

    Raises
    ------
    InputError
        Where it is no day, or does not end a period.
    """
    day = as_day(field, value)
    if day != last_day(month_number(day)) or (month_number(day) + 1) % MONTHS_IN[grain]:
        allowed = f"the last day of a {grain}"
        raise InputError([Fault(field, day.isoformat(), allowed, code="end")])
    return day

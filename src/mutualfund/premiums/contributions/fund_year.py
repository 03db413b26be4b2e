"""The fund year that is asked about: by its number, or by a day that lies in it."""

from __future__ import annotations

from datetime import date

from mutualfund.errors import Fault, InputError, as_day, require_whole
from mutualfund.portfolio import Portfolio
from mutualfund.portfolio.members import require_portfolio
from mutualfund.premiums.contributions.standing import MONTHS

LAST_YEAR = 1000  # of a fund; its days are within those of the calendar


def fund_year(portfolio: Portfolio, at: int | date) -> int:
    """The number of a fund year, 1 the first, from the number itself or a day in it.

    Raises
    ------
    InputError
        Where the members are no `Portfolio`, the number is below 1, or the day is before the fund's first or
        that is not known.

    >>> fund_year(Portfolio.synthetic(3), 4)
    4
    """
    require_portfolio("portfolio", portfolio)
    if not isinstance(at, date):
        require_whole("at", at, minimum=1, maximum=LAST_YEAR, unit="fund year")
        return at
    day, start = as_day("at", at), portfolio.start  # a timestamp at midnight is a day too
    if start is None or day < start:
        first = "the fund's first day, which these members do not state"
        allowed = f"a day not before {start or first}"
        raise InputError([Fault("at", str(day), allowed, "Give a fund year.", "date")])
    return (MONTHS * (day.year - start.year) + day.month - start.month) // MONTHS + 1


def day_of(portfolio: Portfolio, at: int | date) -> date | None:
    """The day itself, or the opening of the fund year; None where the fund's first day is not known.

    >>> day_of(Portfolio.synthetic(3), date(2030, 5, 1))
    datetime.date(2030, 5, 1)
    """
    if isinstance(at, date):
        return as_day("at", at)
    start = portfolio.start
    return None if start is None else date(start.year + at - 1, start.month, 1)

"""The months of a study: their lengths, their working days, and the study years they belong to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from mutualfund.errors import Fault, InputError, as_day, listed
from mutualfund.portfolio.days import day_number
from mutualfund.types import Day, FloatArray, IntArray, frozen

MAX_MONTHS = 600
_WORKING_DAYS = 5
_WEEK = 7


@dataclass(frozen=True, slots=True)
class StudyPeriod:
    """Whole months from `first` to `last`, both days included.

    A study year is twelve months from the month of `first` on; the last one may be shorter.

    Parameters
    ----------
    first
        The first day of a month; here and below also as the text 2024-01-01.
    last
        The last day of a month, at most 600 months on.

    Raises
    ------
    InputError
        Where either is another day, or `last` does not follow `first`.

    >>> period = StudyPeriod(date(2024, 1, 1), date(2024, 3, 31))
    >>> period.days_in_month.tolist(), period.year_labels
    ([31, 29, 31], ('2024',))
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        for name in ("first", "last"):
            day = as_day(f"period.{name}", getattr(self, name))
            object.__setattr__(self, name, day)
        faults = []
        if self.first.day != 1:
            allowed = "the first day of a month"
            faults.append(Fault("period.first", self.first.isoformat(), allowed, code="period"))
        if (self.last + timedelta(days=1)).day != 1:
            allowed = "the last day of a month"
            faults.append(Fault("period.last", self.last.isoformat(), allowed, code="period"))
        if not faults and not 1 <= self.n_months <= MAX_MONTHS:
            allowed = f"1 to {MAX_MONTHS} months"
            faults.append(Fault("period", f"{self.n_months} months", allowed, code="period"))
        if faults:
            raise InputError(faults)

    @classmethod
    def of(cls, period: StudyPeriod | tuple[Day, Day]) -> StudyPeriod:
        """A period as it is, or from its first and last day.

        Raises
        ------
        InputError
            Where it is neither.

        >>> StudyPeriod.of(("2024-01-01", "2024-12-31")).n_months
        12
        """
        if isinstance(period, cls):
            return period
        if isinstance(period, tuple | list) and len(period) == 2:
            return cls(*(as_day("period", day) for day in period))
        got, allowed = f"a {type(period).__name__}", "a StudyPeriod, or its first and last day"
        raise InputError([Fault("period", got, allowed, code="type")])

    @property
    def n_months(self) -> int:
        """Months in the period."""
        years = self.last.year - self.first.year
        return 12 * years + self.last.month - self.first.month + 1

    @property
    def n_years(self) -> int:
        """Study years, the last one perhaps short."""
        return -(-self.n_months // 12)

    @property
    def edges(self) -> IntArray:
        """(n_months + 1,) first day of each month, in days since 1970-01-01, and of the month after."""
        start = np.datetime64(self.first.isoformat(), "M")
        months = start + np.arange(self.n_months + 1)
        return frozen(months.astype("datetime64[D]").astype(np.int64), np.int64)

    @property
    def days_in_month(self) -> IntArray:
        """(n_months,) calendar days of each month; a leap February has 29."""
        return np.diff(self.edges)

    @property
    def calendar_month(self) -> IntArray:
        """(n_months,) 0 for January to 11 for December."""
        return (self.first.month - 1 + np.arange(self.n_months)) % 12

    @property
    def year_of_month(self) -> IntArray:
        """(n_months,) study year of each month, from 0."""
        return np.arange(self.n_months) // 12

    @property
    def year_labels(self) -> tuple[str, ...]:
        """Study years by name: 2024, or 2024/25 where they do not open in January."""
        years = range(self.first.year, self.first.year + self.n_years)
        if self.first.month == 1:
            return tuple(str(year) for year in years)
        return tuple(f"{year}/{(year + 1) % 100:02d}" for year in years)

    @property
    def month_labels(self) -> tuple[str, ...]:
        """Months by name: 2024-01."""
        start = np.datetime64(self.first.isoformat(), "M")
        return tuple(str(start + month) for month in range(self.n_months))

    def month_of(self, days: IntArray) -> IntArray:
        """(n,) month of each day since 1970-01-01; -1 outside the period."""
        edges = self.edges
        month = np.searchsorted(edges, days, side="right") - 1
        return np.where((days < edges[0]) | (days >= edges[-1]), -1, month)

    def working_days(self, holidays: Iterable[Day] = ()) -> FloatArray:
        """(n_months,) Mondays to Fridays that are not in `holidays`.

        Raises
        ------
        InputError
            Where `holidays` is no list of dates.

        >>> StudyPeriod(date(2024, 1, 1), date(2024, 1, 31)).working_days([date(2024, 1, 1)]).tolist()
        [22.0]
        """
        remedy = "Of one day, write [date(2026, 12, 25)]."
        off = listed("holidays", holidays, "dates", remedy=remedy)
        days = np.arange(self.edges[0], self.edges[-1])
        # 1 January 1970 was a Thursday: day 4 is a Monday.
        at_work = (days - 4) % _WEEK < _WORKING_DAYS
        closed = [day_number(as_day("holidays", day)) for day in off]
        at_work &= ~np.isin(days, closed)
        month = self.month_of(days)
        worked = np.bincount(month, weights=at_work, minlength=self.n_months)
        return worked.astype(np.float64)

    def relative_working_days(self, holidays: Iterable[Day] = ()) -> FloatArray:
        """(n_months,) share of working days over five sevenths, its usual value.

        Raises
        ------
        InputError
            Where the holidays leave a month without a working day, or are no list of dates.
        """
        share = self.working_days(holidays) / self.days_in_month
        if (share == 0.0).any():
            got = f"no working day in {self.month_labels[int(np.argmin(share))]}"
            fault = Fault("holidays", got, "at least one working day a month", code="holidays")
            raise InputError([fault])
        return share * _WEEK / _WORKING_DAYS

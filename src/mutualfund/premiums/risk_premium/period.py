"""The year that is priced, and how far it lies from the prices that the assumptions state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mutualfund.errors import Fault, InputError, as_day

_NOT_STATED = date.min


@dataclass(frozen=True, slots=True)
class RatingPeriod:
    """Twelve months from `start`, priced with assumptions whose means are those of the year from `measured`.

    Both are firsts of a month. Costs are trended by the time between the two.

    Raises
    ------
    InputError
        Where one is not stated or no first day of a month; where `measured` is later than `start`: figures of
        a later date cannot have been known.

    >>> RatingPeriod(start=date(2028, 7, 1), measured=date(2027, 1, 1)).years_of_trend
    1.5
    """

    start: date = _NOT_STATED
    measured: date = _NOT_STATED

    def __post_init__(self) -> None:
        for name in ("start", "measured"):
            if getattr(self, name) is _NOT_STATED:
                allowed = "the first day of a month"
                remedy = f"State {name}: trend runs from measured to start."
                raise InputError([Fault(f"period.{name}", "nothing", allowed, remedy, "missing")])
            day = as_day(f"period.{name}", getattr(self, name))
            object.__setattr__(self, name, day)
            if day.day != 1:
                allowed = "the first day of a month"
                raise InputError([Fault(f"period.{name}", str(day), allowed, code="month_start")])
        if self.measured > self.start:
            raise InputError(
                [
                    Fault(
                        "period.measured",
                        str(self.measured),
                        f"no later than the rating year's start, {self.start}",
                        "Price with what was known, or move the rating year.",
                        "dated_after_use",
                    )
                ]
            )

    @property
    def years_of_trend(self) -> float:
        """Years between the two, in whole months."""
        months = (
            12 * (self.start.year - self.measured.year) + self.start.month - self.measured.month
        )
        return months / 12

    @property
    def year(self) -> int:
        """The year of the health states in force: 1 for the year measured."""
        return int(self.years_of_trend) + 1

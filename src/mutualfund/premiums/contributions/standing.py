"""What a contribution rule may know of each member in a fund year: age, age on joining, years of membership.

Years of membership are whole years completed at the opening of the fund year, to the day where the members
were read with days of joining; where only months are known, as if all had joined on the first. A member
whose day of joining is not known is long-standing: the age on joining is unknown too, and no rule that looks
at it raises or lowers what they pay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mutualfund.portfolio.days import day_number
from mutualfund.portfolio.members import (
    LONG_STANDING,
    UNKNOWN_AGE,
    Portfolio,
    require_portfolio,
)
from mutualfund.portfolio.reading import age_last_birthday
from mutualfund.schema import MAX_AGE
from mutualfund.types import BoolArray, IntArray

MONTHS = 12


class YearDay(NamedTuple):
    """A day that every year has.

    >>> YearDay.parse("07-01")
    YearDay(month=7, day=1)
    """

    month: int
    day: int

    @classmethod
    def parse(cls, text: str) -> YearDay:
        """The day written as MM-DD; ValueError for another text, and for 29 February."""
        if not re.fullmatch("[0-9]{2}-[0-9]{2}", text):
            raise ValueError(text)
        day = date.fromisoformat(f"2001-{text}")
        return cls(day.month, day.day)

    def last_before(self, days: IntArray) -> IntArray:
        """(n,) the last such day before each day. Days count from 1970-01-01.

        >>> YearDay(1, 1).last_before(np.array([1, 0])).tolist()
        [0, -365]
        """
        this_year = self._of_year((days - 1).astype("datetime64[D]").astype("datetime64[Y]"))
        earlier = self._of_year((days - 1).astype("datetime64[D]").astype("datetime64[Y]") - 1)
        return np.where(this_year < days, this_year, earlier)

    def _of_year(self, year: npt.NDArray[np.datetime64]) -> IntArray:
        month = year.astype("datetime64[M]") + (self.month - 1)
        return month.astype("datetime64[D]").astype(np.int64) + (self.day - 1)


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """The members of a portfolio at the opening of a fund year; every array is (n_members,).

    Parameters
    ----------
    portfolio : the members on the fund's first day.
    year : fund year, 1 is the first; nobody has left since.
    joiners : whether they are taken as newcomers of year 1 instead: as old as stated, joined in that year.

    Raises
    ------
    InputError
        Where the members are no `Portfolio`.

    >>> members = Portfolio.synthetic(3, age_mix="O")
    >>> Standing(members, year=4, joiners=True).years.tolist()
    [2, 2, 2]
    """

    portfolio: Portfolio
    year: int = 1
    joiners: bool = False

    def __post_init__(self) -> None:
        require_portfolio("portfolio", self.portfolio)

    @property
    def age(self) -> IntArray:
        """Age last birthday."""
        return np.minimum(self.portfolio.age + (self.year - 1), MAX_AGE)

    @property
    def known(self) -> BoolArray:
        """Whether the day of joining is known."""
        if self.joiners:
            return np.ones(len(self.portfolio), np.bool_)
        return np.asarray(self.portfolio.joined_month > LONG_STANDING)

    @property
    def entry_age(self) -> IntArray:
        """Age last birthday on joining; -1 where the day of joining is not known.

        Where the members were read without days of birth it is the lowest age that months of joining allow.
        """
        if self.joiners:
            return self.portfolio.age
        if self.portfolio.entry_age is not None:
            return self.portfolio.entry_age
        since = -(self.portfolio.joined_month // MONTHS)  # started years
        youngest = np.maximum(self.portfolio.age - since, 0)
        return np.where(self.known, youngest, UNKNOWN_AGE)

    def entry_age_before(self, day: YearDay) -> IntArray:
        """Age reached before the last such day of a year that came before joining; -1 as in `entry_age`.

        Who joins on that very day is counted a year earlier, and a birthday on it is still to come. Where the
        members were read without days of birth it is the lowest age that months of joining allow, but for a
        birthday on that day in a fund that starts on it. Newcomers are as old as stated.
        """
        members = self.portfolio
        if self.joiners:
            return members.age
        if members.birth_day is not None and members.joined_day is not None:
            known_joined = np.where(self.known, members.joined_day, members.birth_day)
            reached = age_last_birthday(members.birth_day, day.last_before(known_joined) - 1)
            return np.where(self.known, np.maximum(reached, 0), UNKNOWN_AGE)
        opening = 1 if members.start is None else members.start.month
        months = (
            opening + members.joined_month - day.month - 1
        ) % MONTHS + 1  # from that day to joining
        since = -((members.joined_month - months) // MONTHS)  # started years
        return np.where(self.known, np.maximum(members.age - since, 0), UNKNOWN_AGE)

    def born_by(self, day: date) -> BoolArray:
        """Whether each was, or where only ages are known may have been, born on or before a day.

        Nobody was where the members state neither days of birth nor a first day.
        """
        members, born = self.portfolio, np.asarray([day_number(day)])
        if members.birth_day is not None:
            return np.asarray(members.birth_day <= born)
        if members.start is None:
            return np.zeros(len(members), np.bool_)
        return np.asarray(members.age >= age_last_birthday(born, members.start))

    @property
    def years(self) -> IntArray:
        """Completed years of membership.

        A newcomer counts as having joined after the first month of year 1, so a year is complete in year 3.
        """
        if self.joiners:
            return np.full(len(self.portfolio), max(self.year - 2, 0))
        members = self.portfolio
        completed = -members.joined_month // MONTHS
        if members.joined_day is not None and members.start is not None:
            to_the_day = age_last_birthday(
                np.where(self.known, members.joined_day, 0), members.start
            )
            completed = np.where(self.known, to_the_day, completed)
        return completed + (self.year - 1)

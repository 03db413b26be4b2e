"""What a contribution rule may know of each member in a fund year: age, age on joining, years of membership.

Years of membership are whole years completed at the opening of the fund year. A member whose day of joining
is not known is long-standing: the age on joining is unknown too, and no rule that looks at it raises or
lowers what they pay.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mutualfund.portfolio.members import (
    LONG_STANDING,
    UNKNOWN_AGE,
    Portfolio,
    require_portfolio,
)
from mutualfund.schema import MAX_AGE
from mutualfund.types import BoolArray, IntArray

MONTHS = 12


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

    @property
    def years(self) -> IntArray:
        """Completed years of membership.

        A newcomer counts as having joined after the first month of year 1, so a year is complete in year 3.
        """
        if self.joiners:
            return np.full(len(self.portfolio), max(self.year - 2, 0))
        return -self.portfolio.joined_month // MONTHS + (self.year - 1)

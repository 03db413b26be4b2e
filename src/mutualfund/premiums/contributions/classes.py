"""Members who are alike in all that a rule may look at, so that it is worked out once for each kind.

A million members are a few thousand kinds by age, plan, group, age on joining and completed years. Kinds and
households are found once for a portfolio and kept for the next rule that a meeting wants to see.

Adults who share a mean are listed in layers: the oldest adult of every household, then the second of those
who have two, and so on, households of most adults first. Each layer is then added to the first households of
one array, a loop without a branch, where one household after the other would take four times as long.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mutualfund.portfolio import Portfolio
from mutualfund.premiums.contributions.standing import Standing
from mutualfund.types import FloatArray, IntArray

KEPT = 2  # portfolios
DAYS_KEPT = 4  # of them, with who is an adult

Rows = npt.NDArray[np.uint32]
"""Places in an array, half as wide as `IntArray`: a look-up waits for memory, not for the processor."""


class Alike(NamedTuple):
    """A number for every member, written once for those who have the same.

    It owns its values and changes them in place: asking for memory costs as much as filling it.
    """

    values: FloatArray  # (n_kinds,)
    place: Rows | None  # (n_members,) row of `values`; None where every member has their own

    def times(self, factor: float | FloatArray) -> Alike:
        """Multiplied by a number, or by one for each value."""
        np.multiply(self.values, factor, out=self.values)
        return self

    def rounded(self) -> Alike:
        """Rounded half up to whole numbers."""
        np.add(self.values, 0.5, out=self.values)
        np.floor(self.values, out=self.values)
        return self

    def each(self) -> FloatArray:
        """(n_members,) the numbers, one by one."""
        if self.place is None:
            return self.values
        from mutualfund.premiums.contributions.kernels import look_up

        out = np.empty(self.place.size)
        look_up(self.values, self.place, out)
        return out


class RatingClasses(NamedTuple):
    """One member of each kind, and every member's kind."""

    members: Portfolio
    kind: Rows  # (n_members,) row of `members`


class Households(NamedTuple):
    """The members who belong to a household, (n,), household by household, in each the oldest first.

    Of the same age, the first listed comes first.
    """

    order: IntArray  # (n,) row of the portfolio
    home: IntArray  # (n,) place of the household, 0 to n_households - 1
    age: IntArray  # (n,) on the fund's first day
    nth: IntArray  # (n,) how many of the household are older, or as old and listed before
    n: int  # households


class Sharing(NamedTuple):
    """The adults of households, who share a mean: layer by layer, households of most adults first."""

    kind: Rows  # (n_adults,) their kinds
    row: Rows  # (n_adults,) rows of the portfolio
    end: IntArray  # (n_layers,) where each layer ends
    adults: FloatArray  # (n_households with any,) adults in each
    by_row: Rows  # (n_members,) their row, or for an adult of a household n_members + its place
    by_kind: Rows  # (n_members,) their kind, or for an adult of a household n_kinds + its place

    def with_means(self, values: FloatArray, among: Rows) -> FloatArray:
        """(n + n_households with any,) values, and after them their mean over the adults of each household.

        values: (n,) of kinds or of members. among: whose the adults' are, `kind` or `row`.
        """
        from mutualfund.premiums.contributions.kernels import mean_of_layers

        out = np.empty(values.size + self.adults.size)
        out[: values.size] = values
        mean_of_layers(values, among, self.end, self.adults, out[values.size :])
        return out


@lru_cache(maxsize=KEPT)
def rating_classes(portfolio: Portfolio) -> RatingClasses:
    """The kinds of members in a portfolio.

    >>> len(rating_classes(Portfolio.synthetic(10_000)).members)
    95
    """
    standing = Standing(portfolio)
    group = np.zeros_like(portfolio.age) if portfolio.group_code is None else portfolio.group_code
    columns = (portfolio.age, portfolio.plan_code, group, standing.entry_age, standing.years)
    key = np.zeros(len(portfolio), np.int64)
    for column in columns:
        lowest = column.min()
        key = key * (int(column.max() - lowest) + 1) + (column - lowest)
    _, first, kind = np.unique(key, return_index=True, return_inverse=True)
    members = Portfolio(
        member_key=np.arange(first.size, dtype=np.uint64),
        age=portfolio.age[first],
        sex=portfolio.sex[first],
        joined_month=portfolio.joined_month[first],
        plan_names=portfolio.plan_names,
        plan_code=portfolio.plan_code[first],
        group_names=portfolio.group_names,
        group_code=None if portfolio.group_code is None else group[first],
        entry_age=standing.entry_age[first],
        start=portfolio.start,
    )
    return RatingClasses(members, kind.astype(np.uint32))


@lru_cache(maxsize=KEPT)
def households(portfolio: Portfolio) -> Households:
    """The households of a portfolio; none where it has no such column.

    >>> households(Portfolio.synthetic(5)).n
    0
    """
    code = portfolio.household_code
    code = np.full(len(portfolio), -1) if code is None else code
    order = np.lexsort((-portfolio.age, code))  # stable: ties keep the order of the members
    order = order[code[order] >= 0]
    _, first, home = np.unique(code[order], return_index=True, return_inverse=True)
    nth = np.arange(order.size) - first[home]
    return Households(order, home, portfolio.age[order], nth, first.size)


@lru_cache(maxsize=DAYS_KEPT)
def sharing(portfolio: Portfolio, adult_from: int) -> Sharing:
    """The adults of each household. adult_from: age on the fund's first day."""
    homes, classes = households(portfolio), rating_classes(portfolio)
    adult = homes.age >= adult_from  # the first of each household
    row, home, nth = homes.order[adult], homes.home[adult], homes.nth[adult]
    adults = np.bincount(home, minlength=homes.n)
    rank = np.empty(homes.n, np.int64)
    rank[np.argsort(-adults, kind="stable")] = np.arange(homes.n)
    in_layer = np.bincount(nth)
    end = np.cumsum(in_layer)
    layered = np.empty(row.size, np.uint32)
    layered[(end - in_layer)[nth] + rank[home]] = row
    by_row, by_kind = np.arange(len(portfolio), dtype=np.uint32), classes.kind.copy()
    by_row[row] = len(portfolio) + rank[home]
    by_kind[row] = len(classes.members) + rank[home]
    counts = np.sort(adults[adults > 0])[::-1].astype(np.float64)
    return Sharing(classes.kind[layered], layered, end, counts, by_row, by_kind)


@lru_cache(maxsize=DAYS_KEPT)
def children_in_turn(portfolio: Portfolio, adult_from: int) -> tuple[IntArray, IntArray]:
    """Rows of the children of households, first children before all second ones, and where each turn begins.

    adult_from: age on the fund's first day. The last beginning is where the children end.

    >>> [part.tolist() for part in children_in_turn(Portfolio.synthetic(5), 18)]
    [[], [0]]
    """
    homes = households(portfolio)
    child = homes.age < adult_from
    adults = np.bincount(homes.home[~child], minlength=homes.n)
    turn = homes.nth[child] - adults[homes.home[child]]
    begin = np.concatenate([[0], np.cumsum(np.bincount(turn))])
    return homes.order[child][np.argsort(turn, kind="stable")], begin

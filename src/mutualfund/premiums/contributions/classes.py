"""Members who are alike in all that a rule may look at, so that it is worked out once for each kind.

A million members are a few thousand kinds by what a rule looks at, such as age, region and completed years.
Kinds and households are found once for a portfolio and kept for the next rule that a meeting wants to see.

Adults who share a mean are listed in layers: the oldest adult of every household, then the second of those
who have two, and so on, households of most adults first. Each layer is then added to the first households of
one array, a loop without a branch, where one household after the other would take four times as long.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from mutualfund.portfolio import Portfolio
from mutualfund.premiums.contributions.standing import Standing, YearDay
from mutualfund.types import FloatArray, IntArray

KEPT = 2  # portfolios
DAYS_KEPT = 4  # of them, with who is an adult


class EntryAgeBefore(NamedTuple):
    """Age on joining, counted on the last such day of a year before it."""

    day: YearDay


class BornBy(NamedTuple):
    """Whether one was born on or before a day."""

    day: date


Looked = (
    Literal["age", "sex", "region", "plan", "group", "entry_age", "years"] | EntryAgeBefore | BornBy
)
"""What the price of a member's kind may depend on."""

Rows = npt.NDArray[np.uint32]
"""Places in an array, half as wide as `IntArray`: a look-up waits for memory, not for the processor."""


A_HAIR_ABOVE = 1.0 + 2.0**-48
"""What is a half is rounded up also where a product of a few floats lies just below it."""

HALF_WIDTH = 2.0**24
"""Below it a float of half the width still tells every whole number from the next."""


class Alike(NamedTuple):
    """A number for every member, written once for those who have the same."""

    values: FloatArray  # (n_kinds,) its own; of half the width after `in_whole`
    place: Rows | None  # (n_members,) row of `values`; None where every member has their own

    def times(self, factor: float | FloatArray) -> Alike:
        """Multiplied by a number, or by one for each value."""
        return Alike(np.multiply(self.values, factor, dtype=np.float64), self.place)

    def in_whole(self, parts: float) -> Alike:
        """Multiplied by a number and rounded half up to whole numbers.

        A product of decimals that is a half goes up, as long as the whole number and the decimals together
        have fewer than 14 digits. They are kept half as wide where that loses nothing: a look-up among many
        waits for their bytes.
        """
        from mutualfund.premiums.contributions.kernels import whole_numbers

        half, parts = np.empty(self.values.size, np.float32), parts * A_HAIR_ABOVE
        if whole_numbers(self.values, parts, HALF_WIDTH, half):
            return Alike(half, self.place)  # type: ignore[arg-type]
        return Alike(np.floor(self.values * parts + 0.5), self.place)

    def each(self, price: float = 1.0) -> FloatArray:
        """(n_members,) the numbers one by one, times a price."""
        if self.place is None:
            return self.times(price).values
        from mutualfund.premiums.contributions.kernels import look_up

        out = np.empty(self.place.size)
        look_up(self.values, self.place, price, out)
        return out


class RatingClasses(NamedTuple):
    """One member of each kind, and every member's kind."""

    looked_at: tuple[Looked, ...]  # in what members of a kind are alike
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
def _kinds_found(portfolio: Portfolio) -> dict[tuple[Looked, ...], RatingClasses]:  # noqa: ARG001
    """The kinds found of a portfolio so far, by what was looked at; kept as long as the portfolio is."""
    return {}


def rating_classes(portfolio: Portfolio, looked_at: tuple[Looked, ...]) -> RatingClasses:
    """The kinds of members in a portfolio by what a rule looks at; in all else a kind's members may differ.

    >>> len(rating_classes(Portfolio.synthetic(10_000), ("age", "sex")).members)
    190
    """
    found = _kinds_found(portfolio)
    if looked_at not in found:
        found[looked_at] = _rating_classes(portfolio, looked_at)
    return found[looked_at]


def _rating_classes(portfolio: Portfolio, looked_at: tuple[Looked, ...]) -> RatingClasses:
    key = np.zeros(len(portfolio), np.int64)
    for name in looked_at:
        column = codes_of(portfolio, name)
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
        region_names=portfolio.region_names,
        region_code=None if portfolio.region_code is None else portfolio.region_code[first],
        group_names=portfolio.group_names,
        group_code=None if portfolio.group_code is None else portfolio.group_code[first],
        entry_age=Standing(portfolio).entry_age[first],
        birth_day=None if portfolio.birth_day is None else portfolio.birth_day[first],
        joined_day=None if portfolio.joined_day is None else portfolio.joined_day[first],
        start=portfolio.start,
    )
    return RatingClasses(looked_at, members, kind.astype(np.uint32))


def codes_of(portfolio: Portfolio, name: Looked) -> IntArray:
    """(n_members,) whole numbers, the same for members alike in one of the things looked at.

    Of labels their codes, -1 for none; a single 0 where there is no such column.

    >>> codes_of(Portfolio.synthetic(3), "plan").tolist()
    [-1, -1, -1]
    """
    standing = Standing(portfolio)
    if isinstance(name, BornBy):
        return standing.born_by(name.day).astype(np.int64)
    if isinstance(name, EntryAgeBefore):
        return 2 * standing.entry_age_before(name.day) + standing.known
    if name in ("entry_age", "years"):
        return 2 * (standing.years if name == "years" else standing.entry_age) + standing.known
    stated = {
        "age": portfolio.age,
        "sex": portfolio.sex,
        "region": portfolio.region_code,
        "plan": portfolio.plan_code,
        "group": portfolio.group_code,
    }[name]
    return np.zeros(1, np.int64) if stated is None else np.asarray(stated, np.int64)


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
def sharing(portfolio: Portfolio, adult_from: int, looked_at: tuple[Looked, ...] = ()) -> Sharing:
    """The adults of each household. adult_from: age on the fund's first day. looked_at: what makes a kind."""
    homes, classes = households(portfolio), rating_classes(portfolio, looked_at)
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

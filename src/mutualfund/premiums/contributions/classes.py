"""Members who are alike in all that a rule may look at, so that it is worked out once for each kind.

A million members are a few thousand kinds by age, plan, group, age on joining and completed years. Kinds and
households are found once for a portfolio and kept for the next rule that a meeting wants to see.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from mutualfund.portfolio import Portfolio
from mutualfund.premiums.contributions.standing import Standing
from mutualfund.types import IntArray

KEPT = 2  # portfolios


class RatingClasses(NamedTuple):
    """One member of each kind, and every member's kind."""

    members: Portfolio
    kind: IntArray  # (n_members,) row of `members`


class Households(NamedTuple):
    """The members who belong to a household, (n,), household by household, in each the oldest first.

    Of the same age, the first listed comes first.
    """

    order: IntArray  # (n,) row of the portfolio
    home: IntArray  # (n,) household
    age: IntArray  # (n,) on the fund's first day
    first: IntArray  # (n_households,) where each begins
    size: IntArray  # (n_households,) persons


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
    return RatingClasses(members, kind.astype(np.int64))


@lru_cache(maxsize=KEPT)
def households(portfolio: Portfolio) -> Households:
    """The households of a portfolio; none where it has no such column.

    >>> households(Portfolio.synthetic(5)).size.tolist()
    []
    """
    code = portfolio.household_code
    code = np.full(len(portfolio), -1) if code is None else code
    order = np.lexsort((-portfolio.age, code))  # stable: ties keep the order of the members
    order = order[code[order] >= 0]
    home = code[order]
    _, first, size = np.unique(home, return_index=True, return_counts=True)
    return Households(order, home, portfolio.age[order], first, size)

"""The sides by which a tariff is looked at: age, income, family size, health state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from mutualfund.assumptions.bands import AgeBands
from mutualfund.portfolio import Portfolio
from mutualfund.premiums.contributions import Standing
from mutualfund.types import FloatArray, IntArray

AGE_BANDS = ("0-17", "18-34", "35-54", "55-64", "65+")
FIFTHS = ("poorest fifth", "second fifth", "middle fifth", "fourth fifth", "richest fifth")
FAMILIES = ("alone", "2 in the household", "3", "4", "5 or more")


class Side(NamedTuple):
    """One way to split the members."""

    name: str
    labels: tuple[str, ...]
    group: IntArray  # (n_members,) place in the labels


def sides_of(
    portfolio: Portfolio, age_bands: Sequence[str] = AGE_BANDS, year: int = 1
) -> Iterator[Side]:
    """Every side that the members' columns allow, all members together first.

    Ages are those at the opening of a fund year; income, household and health state are known as on the
    fund's first day only, and no contribution rule knows them otherwise.

    >>> [side.name for side in sides_of(Portfolio.synthetic(9))]
    ['all', 'age']
    """
    yield Side("all", ("all members",), np.zeros(len(portfolio), np.int64))
    bands = AgeBands.named("age_bands", age_bands)
    yield Side("age", bands.labels, bands.index_of(Standing(portfolio, year).age))
    if portfolio.income is not None:
        yield Side("income", FIFTHS, fifth_of(portfolio.income))
    if portfolio.household_code is not None:
        size = family_size(portfolio.household_code)
        yield Side("family", FAMILIES, np.minimum(size, len(FAMILIES)) - 1)
    if portfolio.health_state_code is not None:
        names, code = portfolio.health_state_names or (), portfolio.health_state_code
        yield Side("health", (*names, "not known"), np.where(code < 0, len(names), code))


def fifth_of(income: FloatArray) -> IntArray:
    """(n,) fifth of each one's income, 0 the poorest; equal incomes are never parted.

    >>> fifth_of(np.array([5.0, 1.0, 3.0, 2.0, 4.0])).tolist()
    [4, 0, 2, 1, 3]
    """
    edges = np.quantile(income, (0.2, 0.4, 0.6, 0.8), method="inverted_cdf")
    return np.searchsorted(edges, income, side="left").astype(np.int64)


def family_size(household: IntArray) -> IntArray:
    """(n,) persons in each one's household; 1 for those of none.

    >>> family_size(np.array([3, 3, -1, 0])).tolist()
    [2, 2, 1, 1]
    """
    sizes = np.bincount(np.maximum(household, 0), weights=household >= 0).astype(np.int64)
    return np.where(household >= 0, sizes[np.maximum(household, 0)], 1)


def mean_by(values: FloatArray, side: Side) -> FloatArray:
    """(n_labels,) mean of the members' values in each group; not a number where nobody is in it."""
    members = np.bincount(side.group, minlength=len(side.labels))
    total = np.bincount(side.group, values, minlength=len(side.labels))
    return np.where(members > 0, total / np.maximum(members, 1), np.nan)

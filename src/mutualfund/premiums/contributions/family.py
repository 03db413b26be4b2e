"""What a household changes: a cap on paying children, adults who share the mean of their loadings."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from mutualfund.assumptions.model import Flag, Whole
from mutualfund.premiums.contributions.adjustment import Adjustment
from mutualfund.premiums.contributions.standing import Standing
from mutualfund.types import FloatArray, IntArray


class FamilyAdjustment(Adjustment):
    """Only so many children of a household pay; its adults share the mean of what adjusts their dues.

    Households are those of the members table: they are not made anew when somebody leaves or dies. The oldest
    children are the ones who pay; of two of the same age, the first in the order of the members. When a child
    comes of age, the next one pays.

    Source for the mean of a couple's loadings and discounts: privatehealth.gov.au, Age-based Discount (2019).

    >>> FamilyAdjustment(paying_children=3).needs()
    ('household',)
    """

    kind: Literal["family"] = "family"
    child_age: Annotated[Whole, Field(ge=0, le=30)] = Field(
        default=18, description="age at which a member is no longer a child"
    )
    paying_children: Annotated[Whole, Field(ge=0, le=50)] | None = Field(
        default=None, description="how many children of a household pay; the younger ones are free"
    )
    average_adults: Flag = Field(
        default=False,
        description="whether a household's adults share the mean of the adjustments listed before",
    )

    def needs(self) -> tuple[str, ...]:
        """The household column."""
        return ("household",)

    def applied(self, factors: FloatArray, standing: Standing) -> FloatArray:
        """(n_members,) factors after the cap and the averaging."""
        household = standing.portfolio.household_code
        if household is None:
            return factors
        child = standing.age < self.child_age
        out = factors.copy()
        if self.average_adults:
            adults = np.flatnonzero(~child & (household >= 0))
            out[adults] = _means(factors[adults], household[adults])
        if self.paying_children is not None:
            children = np.flatnonzero(child & (household >= 0))
            place = _place_by_age(standing.portfolio.age[children], household[children])
            out[children[place >= self.paying_children]] = 0.0
        return out


def _means(values: FloatArray, household: IntArray) -> FloatArray:
    """(n,) mean of the values of each one's household."""
    counts = np.bincount(household)
    return np.asarray((np.bincount(household, values) / np.maximum(counts, 1))[household])


def _place_by_age(age: IntArray, household: IntArray) -> IntArray:
    """(n,) how many of one's household come before: the older ones, and of the same age the first listed."""
    order = np.lexsort((-age, household))  # stable: ties keep the order of the members
    sorted_household = household[order]
    first = np.searchsorted(sorted_household, sorted_household, side="left")
    place = np.empty(age.size, np.int64)
    place[order] = np.arange(age.size) - first
    return place

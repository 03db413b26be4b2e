"""What a household changes: a cap on paying children, adults who share the mean of their loadings."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mutualfund.assumptions.model import Flag, Whole
from mutualfund.errors import Fault, InputError
from mutualfund.premiums.contributions.adjustment import Adjustment
from mutualfund.premiums.contributions.classes import (
    Alike,
    Looked,
    RatingClasses,
    children_in_turn,
    sharing,
)
from mutualfund.premiums.contributions.standing import Standing
from mutualfund.types import FloatArray, IntArray

ADULT = 18
"""Age from which a member is an adult where neither the table nor the adjustment says so."""


class FamilyAdjustment(Adjustment):
    """Only so many children of a household pay; its adults share the mean of the adjustments before.

    Households are those of the members table: they are not made anew when somebody leaves or dies. The oldest
    children are the ones who pay; of two of the same age, the first in the order of the members. When a child
    comes of age, the next one pays.

    Source for the mean of a couple's loadings and discounts: privatehealth.gov.au, Age-based Discount (2019).

    >>> FamilyAdjustment(paying_children=3).needs()
    ('household',)
    """

    kind: Literal["family"] = "family"
    child_age: Annotated[Whole, Field(ge=0, le=30)] | None = Field(
        default=None,
        description="age at which a member is no longer a child; where absent the table's own child_age, "
        "or 18 where it has none",
    )
    paying_children: Annotated[Whole, Field(ge=0, le=50)] | None = Field(
        default=None, description="how many children of a household pay; the younger ones are free"
    )
    average_adults: Flag = Field(
        default=False,
        description="whether a household's adults share the mean of the adjustments listed before",
    )

    @model_validator(mode="after")
    def _moves_something(self) -> Self:
        if self.paying_children is None and not self.average_adults:
            allowed = "paying_children, average_adults or both"
            remedy = "State one of them, or leave the adjustment out: it would change nothing."
            raise InputError([Fault("paying_children", "neither term", allowed, remedy, "missing")])
        return self

    def beside(self, adult_age: int | None) -> FamilyAdjustment:
        """With the table's own age of an adult where none is stated here."""
        if self.child_age is not None or adult_age is None:
            return self
        return self.model_copy(update={"child_age": adult_age})

    def needs(self) -> tuple[str, ...]:
        """The household column."""
        return ("household",)

    @property
    def by_kind(self) -> bool:
        """Not where a factor depends on the other adults of the household."""
        return not self.average_adults

    @property
    def looks_at(self) -> tuple[Looked, ...]:
        """Nothing that a kind has: who is exempt is told member by member."""
        return ()

    def exempt(self, standing: Standing) -> IntArray:
        """(n_exempt,) the children beyond those who pay."""
        if self.paying_children is None:
            return super().exempt(standing)
        child, begin = children_in_turn(standing.portfolio, self._adult_from(standing))
        return child[begin[min(self.paying_children, begin.size - 1)] :]

    def applied(self, factors: FloatArray, standing: Standing) -> FloatArray:
        """(n_members,) factors, the adults' of a household their mean."""
        if not self.average_adults:
            return factors
        shared = sharing(standing.portfolio, self._adult_from(standing))
        return Alike(shared.with_means(factors, shared.row), shared.by_row).each()

    def applied_to_kinds(
        self, factors: FloatArray, kinds: RatingClasses, standing: Standing
    ) -> Alike:
        """The same for the factors of kinds: those of kinds and of households."""
        shared = sharing(standing.portfolio, self._adult_from(standing), kinds.looked_at)
        return Alike(shared.with_means(factors, shared.kind), shared.by_kind)

    def _adult_from(self, standing: Standing) -> int:
        """Age on the fund's first day from which one is an adult in the year of a standing."""
        adult = ADULT if self.child_age is None else self.child_age
        return adult - (standing.year - 1)

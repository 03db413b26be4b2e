"""What every adjustment of a contribution rule is: a change of what members owe, in the order of the list.

The rule's table says what each member owes. Adjustments raise or lower that one after the other, each by a
fraction of what the ones before have left, so a loading of 20 % and then a discount of 10 % make 1.2 x 0.9.
"""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from pydantic import Field

from mutualfund.assumptions.model import Input, Share
from mutualfund.errors import Fault
from mutualfund.portfolio import Portfolio
from mutualfund.premiums.contributions.classes import Alike, Looked, RatingClasses
from mutualfund.premiums.contributions.standing import Standing
from mutualfund.types import FloatArray, IntArray


class Adjustment(Input):
    """What the listed adjustments have in common."""

    def needs(self) -> tuple[str, ...]:
        """Columns of the members table without which it cannot be worked out."""
        return ()

    def faults(self, portfolio: Portfolio, at: str) -> list[Fault]:  # noqa: ARG002 - it charges anybody
        """Why it cannot be applied to these members, beside columns that are missing; `at`: its own place."""
        return []

    def beside(self, adult_age: int | None) -> Adjustment:  # noqa: ARG002 - most know no children
        """The adjustment as it applies beside a table that tells adults from an age on, or never."""
        return self

    @property
    def by_kind(self) -> bool:
        """Whether members alike in what it `looks_at` have the same factor, whoever lives with them."""
        return True

    @property
    @abstractmethod
    def looks_at(self) -> tuple[Looked, ...]:
        """All that a member's factor depends on, where it goes by kind."""

    def exempt(self, standing: Standing) -> IntArray:  # noqa: ARG002 - nobody
        """(n_exempt,) rows of the members who owe nothing, whatever the other adjustments say."""
        return np.zeros(0, np.int64)

    @abstractmethod
    def applied(self, factors: FloatArray, standing: Standing) -> FloatArray:
        """(n_members,) factors on what the table says, after this adjustment, given those before it."""

    def applied_to_kinds(
        self, factors: FloatArray, kinds: RatingClasses, standing: Standing
    ) -> Alike:
        """The same where those before it are known for each kind of members, (n_kinds,)."""
        before = Alike(factors, kinds.kind).each()
        return Alike(self.applied(before, standing), None)


class PartAdjustment(Adjustment):
    """A loading or discount on a part of the contribution, by member."""

    part: Share = Field(
        default=1.0,
        description="part of the contribution it applies to, such as the hospital cover's",
    )

    @abstractmethod
    def change(self, standing: Standing) -> FloatArray:
        """(n_members,) relative change of that part: above 0 a loading, below a discount."""

    def applied(self, factors: FloatArray, standing: Standing) -> FloatArray:
        """(n_members,) factors x (1 + part x change)."""
        return np.asarray(factors * (1.0 + self.part * self.change(standing)))

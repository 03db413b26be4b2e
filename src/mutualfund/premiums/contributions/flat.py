"""One price for all: the flat rate, and the community rate with its share for children."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from mutualfund.assumptions.model import Amount, Share
from mutualfund.premiums.contributions.cells import by_age, one_cell
from mutualfund.premiums.contributions.rule import Contribution
from mutualfund.schema import MAX_AGE
from mutualfund.types import FloatArray, IntArray


class FlatContribution(Contribution):
    """The same for everyone.

    >>> FlatContribution(monthly=35.0).prices().tolist()
    [35.0]
    """

    kind: Literal["flat"] = "flat"
    monthly: Amount = Field(description="monthly contribution of a member, fund currency")
    previous_monthly: Amount | None = Field(default=None, description="the same before fund.start")

    def cell_labels(self) -> tuple[str, ...]:
        """One cell."""
        return ("all",)

    def cell_table(self, plan_names: Sequence[str]) -> IntArray:
        """(121, n_plans + 1) zeros."""
        return one_cell(plan_names)

    def written(self) -> FloatArray:
        """(1,) monthly price, fund currency."""
        return np.asarray([self.monthly])

    def previously_written(self) -> FloatArray | None:
        """(1,) monthly price before the fund's start."""
        return None if self.previous_monthly is None else np.asarray([self.previous_monthly])


class CommunityContribution(Contribution):
    """One rate for all adults, a share of it for children.

    >>> CommunityContribution(monthly=50.0, child_share=0.4).prices().tolist()
    [20.0, 50.0]
    """

    kind: Literal["community"] = "community"
    monthly: Amount = Field(description="monthly contribution of an adult, fund currency")
    previous_monthly: Amount | None = Field(default=None, description="the same before fund.start")
    child_age: Annotated[int, Field(strict=True, ge=0, le=30)] = Field(
        default=18, description="age at which a member pays the adult rate"
    )
    child_share: Share = Field(default=1.0, description="share of the adult rate that a child pays")

    @property
    def adult_age(self) -> int:
        """`child_age`, for adjustments that tell children from adults too."""
        return self.child_age

    def cell_labels(self) -> tuple[str, ...]:
        """Child and adult."""
        return ("child", "adult")

    def cell_table(self, plan_names: Sequence[str]) -> IntArray:
        """(121, n_plans + 1) 0 below `child_age`, else 1."""
        return by_age((np.arange(MAX_AGE + 1) >= self.child_age).astype(np.int64), plan_names)

    def written(self) -> FloatArray:
        """(2,) monthly price of a child and of an adult, fund currency."""
        return self._rates(self.monthly)

    def previously_written(self) -> FloatArray | None:
        """(2,) the same before the fund's start."""
        return None if self.previous_monthly is None else self._rates(self.previous_monthly)

    def _rates(self, adult: float) -> FloatArray:
        return np.asarray([adult * self.child_share, adult])

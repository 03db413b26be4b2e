"""How the membership moves: joining, lapsing, dying, and answering to price."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, Strict

from mutualfund.assumptions.model import Change, Factor, Input, Share


class Membership(Input):
    """Yearly joins, lapse, mortality and the response of lapse to price.

    >>> Membership(lapse_per_year=0.03, price_response=0.4).lapse_prob(0.20, claim_trend=0.10)
    0.07
    """

    joins_per_year: Share = Field(
        default=0.0, description="joiners a year as a share of the opening members"
    )
    lapse_per_year: Share = Field(default=0.0, description="base chance to leave in a year")
    mortality: Annotated[str, Strict(), Field(min_length=1)] = Field(
        default="population",
        description='"population", "none", or a CSV file with columns age, sex, rate',
    )
    price_response: Factor = Field(
        default=0.0, description="extra lapse per point of rise above the reference"
    )
    price_reference: Change | None = Field(
        default=None,
        description="rise that members accept; default: claim trend weighted by expected claims",
    )

    def lapse_prob(self, price_change: float, claim_trend: float) -> float:
        """Chance to leave in a year after a relative change of tariff."""
        reference = claim_trend if self.price_reference is None else self.price_reference
        extra = self.price_response * max(0.0, price_change - reference)
        return min(1.0, max(0.0, self.lapse_per_year + extra))

"""The economy around the fund: investment return and general inflation."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mutualfund.assumptions.model import Change, Input, Share


class InvestmentReturn(Input):
    """One year's return R: 1 + R is lognormal, independent by year.

    >>> InvestmentReturn(mean=0.02, sd=0.03).sd
    0.03
    """

    mean: Change = Field(default=0.0, description="mean yearly return, a fraction")
    sd: Share = Field(
        default=0.0, description="standard deviation of the yearly return, a fraction"
    )


class Economy(Input):
    """Investment return and inflation.

    >>> Economy(inflation=0.02).inflation_factor(3)
    1.0404
    """

    investment_return: InvestmentReturn = Field(
        default_factory=InvestmentReturn, description="yearly return on the fund's assets"
    )
    inflation: Annotated[Change, Field(ge=-0.5)] = Field(
        default=0.0, description="general inflation, a fraction a year"
    )

    def inflation_factor(self, year: int) -> float:
        """Price level of fund year `year` relative to year 1."""
        factor = 1.0
        for _ in range(year - 1):
            factor *= 1.0 + self.inflation
        return factor

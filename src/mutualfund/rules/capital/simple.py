"""Capital by rule of thumb, and by charges that the user states."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from mutualfund.assumptions.model import Amount, Flag, Input, Number, Ratio, Share
from mutualfund.rules.capital.books import Books, require_books
from mutualfund.types import FloatArray


class ContributionShareCapital(Input):
    """A share of the year's contributions due, at least `minimum`.

    >>> rule = ContributionShareCapital(share=0.25)
    >>> rule.required(Books(contributions=[1000.0], claims=[800.0])).tolist()
    [250.0]
    """

    kind: Literal["share_of_contributions"] = "share_of_contributions"
    share: Ratio = Field(description="share of the year's contributions due")
    minimum: Amount = Field(default=0.0, description="least reserve required, fund currency")

    def required(self, books: Books) -> FloatArray:
        """(n_paths,) reserve required, fund currency."""
        require_books(books)
        return np.maximum(self.minimum, self.share * books.contributions)


class MonthsOfClaims(Input):
    """So many months of booked claims, net of reinsurance, and provider fees; where wished of expenses too.

    >>> rule = MonthsOfClaims(months=3)
    >>> rule.required(Books(contributions=[1000.0], claims=[800.0])).tolist()
    [200.0]
    """

    kind: Literal["months_of_claims"] = "months_of_claims"
    months: Annotated[Number, Field(gt=0.0, le=120.0)] = Field(
        description="months that the reserve must last"
    )
    with_expenses: Flag = Field(
        default=False, description="whether running costs count beside claims"
    )

    def required(self, books: Books) -> FloatArray:
        """(n_paths,) reserve required, fund currency."""
        require_books(books)
        outgoings = books.net_claims + (books.expenses if self.with_expenses else 0.0)
        return np.asarray(self.months * outgoings / 12.0)


class PrescribedAmount(Input):
    """Charges for insurance, assets, concentration and operations, less a benefit for aggregation.

    Prescribed amount = insurance risk + asset risk + asset concentration + operational risk - aggregation
    benefit (APRA, Prudential Standard HPS 110), with benefit = I + A - sqrt(I^2 + A^2 + 2 r I A). All charges
    are the user's own: read them in the standard, or in the board's own assessment.

    >>> rule = PrescribedAmount(claims_charge=0.1, outstanding_charge=0.2, assets_charge=0.05,
    ...     operational_charge=0.02, correlation=0.0)
    >>> rule.required(Books(contributions=[1000.0], claims=[800.0], outstanding=[100.0])).round(9).tolist()
    [120.0]
    """

    kind: Literal["prescribed_amount"] = "prescribed_amount"
    claims_charge: Ratio = Field(
        description="insurance risk of the year to come, share of net claims"
    )
    outstanding_charge: Ratio = Field(
        default=0.0, description="insurance risk of what is outstanding, share of it"
    )
    assets_charge: Share = Field(default=0.0, description="asset risk, share of the assets held")
    concentration: Amount = Field(
        default=0.0, description="charge for too much with one counterparty, fund currency"
    )
    operational_charge: Ratio = Field(
        default=0.0, description="operational risk, share of contributions due"
    )
    correlation: Share = Field(
        default=1.0, description="of insurance and asset risk; 1 leaves no aggregation benefit"
    )
    minimum: Amount = Field(default=0.0, description="least amount prescribed, fund currency")

    def required(self, books: Books) -> FloatArray:
        """(n_paths,) reserve required, fund currency."""
        require_books(books)
        outstanding = np.maximum(0.0, books.outstanding)
        insurance = self.claims_charge * books.net_claims + self.outstanding_charge * outstanding
        assets = self.assets_charge * np.maximum(0.0, books.assets)
        benefit = (
            insurance
            + assets
            - np.sqrt(insurance**2 + assets**2 + 2.0 * self.correlation * insurance * assets)
        )
        operational = self.operational_charge * books.contributions
        whole = insurance + assets + self.concentration + operational - benefit
        return np.maximum(self.minimum, whole)

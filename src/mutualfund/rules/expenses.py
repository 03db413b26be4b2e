"""What running the fund costs."""

from __future__ import annotations

from pydantic import Field

from mutualfund.assumptions.model import Amount, Flag, Input, Share
from mutualfund.rules.view import YearView
from mutualfund.types import FloatArray


class Expenses(Input):
    """Expenses of a year: a share of the dues, an amount per member-year (indexed), a fixed amount.

    >>> Expenses(share_of_contributions=0.08, per_member=6.0).per_member
    6.0
    """

    share_of_contributions: Share = Field(
        default=0.0, description="share of the year's contributions due"
    )
    per_member: Amount = Field(
        default=0.0,
        description="per member-year, indexed by inflation, in money of fund.start, also in an "
        "amendment",
    )
    fixed_per_year: Amount = Field(default=0.0, description="a year, fund currency")
    indexed: Flag = Field(
        default=False,
        description="whether fixed_per_year follows inflation too, from fund.start, also in an "
        "amendment",
    )

    def amount(self, view: YearView) -> FloatArray:
        """(n_paths,) expenses of the year."""
        fixed = self.fixed_per_year * (view.inflation_factor if self.indexed else 1.0)
        members = self.per_member * view.inflation_factor * (view.member_months / 12.0)
        return self.share_of_contributions * view.contributions_due + members + fixed

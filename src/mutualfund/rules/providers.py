"""Provider contracts: part of a line's cost moved to the provider against a fixed yearly fee."""

from __future__ import annotations

from pydantic import Field

from mutualfund.assumptions.model import Amount, Input, Share
from mutualfund.errors import numbers, one_number
from mutualfund.types import FloatArray


class Provider(Input):
    """A contract for one line: capitation (`share = 1`), salaried staff (such as `share = 0.7`).

    The provider bears `share` of the fund's part of each claim; the fund pays `per_member` a
    member-year, indexed by inflation, whatever the claims.

    >>> import numpy as np
    >>> Provider(share=1.0, per_member=120.0).fee(np.array([24.0]), 1.5)
    array([360.])
    """

    share: Share = Field(description="share of the fund's part of the line that the provider bears")
    per_member: Amount = Field(
        description="fixed fee a member-year, indexed by inflation, in money of fund.start, also "
        "in an amendment"
    )

    def fee(self, member_months: FloatArray, inflation_factor: float) -> FloatArray:
        """(n_paths,) fee of the year for (n_paths,) member-months."""
        one_number(
            "inflation_factor", inflation_factor, minimum=0.0, maximum=1e300, unit="1 = year 1"
        )
        return self.per_member * inflation_factor * (numbers("member_months", member_months) / 12.0)

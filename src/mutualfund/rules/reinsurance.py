"""Reinsurance: who else pays for the largest members and the worst years. Contracts apply in file order."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from mutualfund.assumptions.model import Amount, Input, Number, Ratio
from mutualfund.errors import Fault, InputError, numbers
from mutualfund.types import FloatArray

Loading = Annotated[Number, Field(ge=-1.0, le=10.0)]


class _Contract(Input):
    """How a contract is paid for: a loading on its expected recovery, or a stated amount a year."""

    premium_loading: Loading | None = Field(
        default=None, description="premium = (1 + loading) x expected recovery"
    )
    premium: Amount | None = Field(
        default=None, description="premium a year, fund currency, instead of a loading"
    )

    @model_validator(mode="after")
    def _one_price(self) -> Self:
        if (self.premium_loading is None) == (self.premium is None):
            got = "nothing" if self.premium is None else "both"
            allowed = "premium_loading or premium, one of them"
            raise InputError([Fault("premium", got, allowed, code="one_of")])
        return self

    def price(self, expected_recovery: FloatArray) -> FloatArray:
        """(n_paths,) premium of the year for (n_paths,) expected recoveries, fund currency."""
        expected = numbers("expected_recovery", expected_recovery)
        if self.premium_loading is None:
            return np.full_like(expected, self.premium or 0.0)
        return (1.0 + self.premium_loading) * expected


class ExcessOfLoss(_Contract):
    """Per member-year, over all lines, after cost sharing: the layer above the retention.

    >>> import numpy as np
    >>> contract = ExcessOfLoss(retention=15_000, limit=10_000, premium_loading=0.3)
    >>> contract.recovery(np.array([14_000.0, 18_000.0, 90_000.0])).tolist()
    [0.0, 3000.0, 10000.0]
    """

    kind: Literal["excess_of_loss"] = "excess_of_loss"
    retention: Amount = Field(description="what the fund keeps of a member's year, fund currency")
    limit: Annotated[Amount, Field(gt=0.0)] = Field(
        description="greatest recovery for a member's year"
    )

    def recovery(self, member_cost: FloatArray) -> FloatArray:
        """(n,) recovery for (n,) fund amounts of member-years."""
        above = np.maximum(0.0, numbers("member_cost", member_cost) - self.retention)
        return np.minimum(self.limit, above)


class StopLoss(_Contract):
    """On the fund's year: a band of net claims, both edges as shares of expected net claims.

    >>> import numpy as np
    >>> contract = StopLoss(attachment=1.15, limit=0.25, premium_loading=0.5)
    >>> contract.recovery(np.array([100.0, 120.0, 200.0]), np.array([100.0, 100.0, 100.0])).round(6).tolist()
    [0.0, 5.0, 25.0]
    """

    kind: Literal["stop_loss"] = "stop_loss"
    attachment: Ratio = Field(
        description="where the cover starts, as a share of expected net claims"
    )
    limit: Annotated[Ratio, Field(gt=0.0)] = Field(
        description="width of the band that is paid, as a share of expected net claims"
    )

    def recovery(self, net_claims: FloatArray, expected: FloatArray) -> FloatArray:
        """(n_paths,) recovery from the year's claims net of earlier recoveries and their expectation."""
        net, mean = numbers("net_claims", net_claims), numbers("expected", expected)
        above = np.maximum(0.0, net - self.attachment * mean)
        return np.minimum(self.limit * mean, above)


ReinsuranceSpec = Annotated[ExcessOfLoss | StopLoss, Field(discriminator="kind")]

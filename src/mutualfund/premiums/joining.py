"""What joining costs apart from dues: a fee that the fund keeps, a share that it pays back."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import Field

from mutualfund.assumptions.model import Amount, Input, Whole
from mutualfund.errors import require
from mutualfund.premiums.columns import column
from mutualfund.schema import MAX_AGE
from mutualfund.types import FloatArray


class Joining(Input):
    """An entry fee, and a withdrawable share paid in on joining and paid back on leaving or death.

    Whoever joins pays in a share, at any age, and owes the fee from `entry_fee_from_age` on. Every member in
    force holds one share, the opening members too: what they paid in is part of `fund.opening_reserve`.
    Shares bear losses but are nobody's surplus, so the waterfall leaves them out. A fund in run-off pays none
    back.

    >>> float(Joining(entry_fee=25.0, share=100.0).held(3.0))
    300.0
    """

    entry_fee: Amount = Field(default=0.0, description="paid once by each who joins, fund currency")
    entry_fee_from_age: Annotated[Whole, Field(ge=0, le=MAX_AGE)] = Field(
        default=0, description="age on joining from which the entry fee is owed"
    )
    share: Amount = Field(
        default=0.0, description="withdrawable share of each member, fund currency"
    )

    def owing(self, ages: npt.ArrayLike) -> float:
        """Share of those who join, of ages (n,) years, who owe the entry fee; 0 where nobody joins.

        >>> Joining(entry_fee=25.0, entry_fee_from_age=18).owing([40, 38, 11, 9])
        0.5
        """
        years = column("ages", ages, None, maximum=MAX_AGE, unit="years", show=False)
        return float((years >= self.entry_fee_from_age).mean()) if years.size else 0.0

    def held(self, members: FloatArray | float) -> FloatArray | float:
        """Shares that so many members hold, not below 0, fund currency."""
        require("members", members, minimum=0.0, maximum=1e12, unit="members")
        return self.share * np.asarray(members, np.float64)

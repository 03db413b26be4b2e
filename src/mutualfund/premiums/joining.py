"""What joining costs apart from dues: a fee that the fund keeps, a share that it pays back."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from mutualfund.assumptions.model import Amount, Input
from mutualfund.errors import require
from mutualfund.types import FloatArray


class Joining(Input):
    """An entry fee, and a withdrawable share paid in on joining and paid back on leaving or death.

    Whoever joins pays both, at any age. Every member in force holds one share, the opening members too: what
    they paid in is part of `fund.opening_reserve`. Shares bear losses but are nobody's surplus, so the
    waterfall leaves them out. A fund in run-off pays none back.

    >>> float(Joining(entry_fee=25.0, share=100.0).held(3.0))
    300.0
    """

    entry_fee: Amount = Field(default=0.0, description="paid once by each who joins, fund currency")
    share: Amount = Field(
        default=0.0, description="withdrawable share of each member, fund currency"
    )

    def held(self, members: FloatArray | float) -> FloatArray | float:
        """Shares that so many members hold, not below 0, fund currency."""
        require("members", members, minimum=0.0, maximum=1e12, unit="members")
        return self.share * np.asarray(members, np.float64)

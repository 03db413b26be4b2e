"""A high-cost pool: a share of every member's cost above a threshold, paid for by one rate on a base."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from mutualfund.assumptions.model import Amount, Input, Share
from mutualfund.errors import numbers, require
from mutualfund.premiums.columns import MOST, exposure, fund_names, ragged
from mutualfund.premiums.equalisation.transfers import CENTS, Transfers
from mutualfund.types import FloatArray


class HighCostPool(Input):
    """What one member costs above a threshold, shared by all funds in proportion to a base; zero-sum.

    Receipt of a fund = share x sum of (cost - threshold)+ over its members, each at most `limit` if there is
    one, - rate x its base, with rate = everything pooled / all of the base (contributions, or members).

    >>> pool = HighCostPool(threshold=100_000, share=0.6)
    >>> moved = pool.transfers(["A", "B"], base=[3e6, 1e6], costs=[[150_000.0], [250_000.0, 90_000.0]])
    >>> moved.rates["rate"], moved.amounts.tolist()
    (0.03, [-60000.0, 60000.0])
    """

    threshold: Amount = Field(description="cost of a member's year above which it is shared")
    share: Share = Field(description="share of the excess that the pool pays")
    limit: Annotated[Amount, Field(gt=0.0)] | None = Field(
        default=None, description="most that the pool pays for a member's year"
    )

    def pooled(self, costs: npt.ArrayLike) -> FloatArray:
        """(n,) what the pool pays for (n,) members' costs of a year, fund currency.

        Raises
        ------
        InputError
            For a cost that is no number or below zero, naming its place.
        """
        amounts = numbers("costs", costs)
        require("costs", amounts, minimum=0.0, maximum=MOST, unit="fund currency", show=False)
        over = np.maximum(0.0, amounts - self.threshold)
        paid = self.share * over
        return np.asarray(paid if self.limit is None else np.minimum(paid, self.limit))

    def transfers(
        self,
        funds: Sequence[str],
        *,
        base: npt.ArrayLike,
        costs: Sequence[Any],
        minor: int = CENTS,
    ) -> Transfers:
        """Settle one year.

        Parameters
        ----------
        funds : names, each once.
        base : (n_funds,) what the rate is charged on, more than 0.
        costs : for each fund its members' costs of the year, fund currency; those below the threshold may be
            left out.
        minor : minor units per currency unit.

        Returns
        -------
        Transfers with parts `pooled` and `charge`, and the rate `rate`.

        Raises
        ------
        InputError
            For a fund with nothing to charge, or a cost below zero, naming its place.
        """
        names = fund_names(funds)
        remedy = "Leave out a fund that has nothing to charge."
        charged = exposure("base", base, len(names), unit="base of the charge", remedy=remedy)
        large = ragged("costs", costs, len(names), unit="fund currency")
        pooled = np.array([float(self.pooled(amounts).sum()) for amounts in large])
        rate = float(pooled.sum() / charged.sum())
        parts = {"pooled": pooled, "charge": -rate * charged}
        return Transfers.between("high-cost pool", names, parts, rates={"rate": rate}, minor=minor)

"""A risk corridor: somebody outside shares what a fund's costs differ from its target. It is not zero-sum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from mutualfund.assumptions.model import Input, Ratio, Share
from mutualfund.errors import Fault, InputError, numbers
from mutualfund.premiums.columns import column, exposure, fund_names
from mutualfund.premiums.equalisation.transfers import CENTS, Transfers
from mutualfund.types import FloatArray


class CorridorBand(Input):
    """From a deviation of `above` on, `share` of it is paid, or owed, until the next band begins.

    >>> CorridorBand(above=0.03, share=0.5).share
    0.5
    """

    above: Ratio = Field(description="deviation from the target, as a share of it, where it begins")
    share: Share = Field(description="share of the deviation within the band")


class RiskCorridor(Input):
    """Gains and losses beyond a band around the target are shared with the sponsor of the corridor.

    By nature it is no transfer between funds: when all of them lose, all of them are to be paid. What the
    sponsor pays or takes stands in `Transfers.outside`, and `when_pool_pays` says what is left if it does
    not.

    >>> corridor = RiskCorridor(bands=[{"above": 0.03, "share": 0.5}, {"above": 0.08, "share": 0.8}])
    >>> corridor.payment([1100.0, 960.0, 1020.0], 1000.0).round(6).tolist()
    [41.0, -5.0, 0.0]
    """

    bands: Annotated[tuple[CorridorBand, ...], Field(min_length=1, max_length=20)] = Field(
        description="bands by the deviation at which they begin, the narrowest first"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        edges = [band.above for band in self.bands]
        for place in range(1, len(edges)):
            if edges[place] <= edges[place - 1]:
                allowed = f"more than the band before it, {edges[place - 1]:g}"
                at = f"bands[{place}].above"
                raise InputError([Fault(at, f"{edges[place]:g}", allowed, code="order")])
        return self

    def payment(self, costs: npt.ArrayLike, target: npt.ArrayLike) -> FloatArray:
        """What each fund receives (below zero: pays), fund currency.

        Parameters
        ----------
        costs : (n,) allowable costs, fund currency, not negative.
        target : (n,) or a number, what they were aimed at, more than 0.

        Returns
        -------
        (n,) fund currency; one number for one fund's costs and target.

        Raises
        ------
        InputError
            For an amount out of range, naming its place, or lengths that differ.
        """
        shape = max(numbers("costs", costs).shape, numbers("target", target).shape, key=len)
        n = max(np.size(costs), np.size(target))
        remedy = "Leave out a fund without contributions."
        goal = exposure("target", target, n, unit="fund currency", remedy=remedy)
        deviation = column("costs", costs, n, unit="fund currency") - goal
        size = np.abs(deviation)
        paid = np.zeros_like(size)
        ends = [band.above * goal for band in self.bands[1:]]
        for band, end in zip(self.bands, [*ends, size], strict=True):
            within = np.minimum(size, end) - band.above * goal
            paid = paid + band.share * np.maximum(0.0, within)
        return np.asarray(np.sign(deviation) * paid).reshape(shape)

    def transfers(
        self,
        funds: Sequence[str],
        *,
        costs: npt.ArrayLike,
        target: npt.ArrayLike,
        minor: int = CENTS,
    ) -> Transfers:
        """Settle one year, each fund by itself.

        Parameters
        ----------
        funds : names, each once.
        costs : (n_funds,) allowable costs, fund currency.
        target : (n_funds,) what they were aimed at, such as premiums less administration; more than 0.
        minor : minor units per currency unit.

        Returns
        -------
        Transfers with the part `corridor`; what the sponsor receives is `outside`.

        Raises
        ------
        InputError
            For a target of zero, naming the fund's place.
        """
        names = fund_names(funds)
        spent = column("costs", costs, len(names), unit="fund currency")
        parts = {"corridor": self.payment(spent, target)}
        return Transfers.with_outside("risk corridor", names, parts, minor=minor)

"""Governance: how late a meeting knows, how late its decision binds, and how far it may go."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from mutualfund.assumptions.model import Flag, Input, Share, Whole
from mutualfund.premiums.accounts import Accounts
from mutualfund.types import FloatArray

LagMonths = Annotated[Whole, Field(ge=0, le=60)]


class Governance(Input):
    """Lags and limits of decisions.

    A decision for year y sees the accounts up to year y - 1 - `accounts_lag_years`. Where they show
    a reserve below the floor and `restore_floor` stands, the wanted rise grows by the shortfall as a
    share of the contributions seen, less what earlier meetings have added since those accounts: the
    first rung of the deficit ladder, and one answer to one shortfall.

    >>> Governance(data_lag_months=6, effect_lag_months=6).accounts_lag_years
    1
    """

    data_lag_months: LagMonths = Field(
        default=0, description="months from a year's end to its accounts"
    )
    effect_lag_months: LagMonths = Field(
        default=0, description="months from a decision to its effect"
    )
    maximum_increase: Share | None = Field(
        default=None, description="greatest rise of the tariff in a year"
    )

    restore_floor: Flag = Field(
        default=True,
        description="whether a reserve last seen below the floor raises the tariff, by the shortfall "
        "as a share of the contributions then due, less what was added since",
    )

    @property
    def accounts_lag_years(self) -> int:
        """Whole years between the last year seen and the year before the one decided for."""
        return -(-(self.data_lag_months + self.effect_lag_months) // 12)

    def decide(
        self,
        wanted: FloatArray,
        seen: Accounts | None,
        floor: float,
        answered: FloatArray | float = 0.0,
    ) -> FloatArray:
        """(n_paths,) change of the tariff, from the one that the contribution rule wants.

        Parameters
        ----------
        wanted : (n_paths,) relative change.
        seen : the last accounts in sight, or None: then nothing is added.
        floor : floor of the reserve as a share of annual contributions.
        answered : (n_paths,) relative rise since the accounts seen that went beyond the wanted one.
        """
        decided = wanted
        if self.restore_floor and seen is not None:
            due = seen.contributions_due
            shortfall = np.maximum(0.0, floor * due - seen.reserve_close)
            needed = np.where(due > 0, shortfall / np.where(due > 0, due, 1.0), 0.0)
            decided = wanted + np.maximum(0.0, needed - answered)
        if self.maximum_increase is None:
            return decided
        return np.minimum(decided, self.maximum_increase)

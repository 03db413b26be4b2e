"""The transfer equation of the United States' individual and small-group markets.

Pope, Bachofer, Pearlman, Kautter, Hunter, Miller and Keenan, "Risk Transfer Formula for Individual and Small
Group Markets Under the Affordable Care Act", Medicare & Medicaid Research Review 4(3), 2014. Each state's
market is settled by itself, at that state's average premium: 45 CFR 153.310 to 153.320.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from pydantic import Field

from mutualfund.assumptions.model import Input, Share
from mutualfund.errors import require
from mutualfund.premiums.columns import exposure, fund_names
from mutualfund.premiums.equalisation.markets import each_market
from mutualfund.premiums.equalisation.transfers import CENTS, Transfers
from mutualfund.types import FloatArray

_NO_FACTOR = "A plan without that factor has 1."


class RiskScoreTransfer(Input):
    """Plans of higher risk are paid by plans of lower risk, at the market's average premium; zero-sum.

    Per member-month a plan receives P x (risk x demand x area / their average - value x rating x demand x
    area / their average), averages over the market by member-months: what its members' risk is worth, less
    what its own premium rating already asks for. P is the market's average premium, or the share of it that
    counts.

    >>> RiskScoreTransfer().transfers(["A", "B"], member_months=[600, 400], premium=500.0,
    ...     risk_score=[0.9, 1.15]).amounts.tolist()
    [-30000.0, 30000.0]
    """

    premium_share: Share = Field(
        default=1.0,
        description="share of the average premium that counts, such as 0.86 where administration is left out",
    )

    def transfers(
        self,
        funds: Sequence[str],
        *,
        member_months: npt.ArrayLike,
        premium: npt.ArrayLike,
        risk_score: npt.ArrayLike,
        actuarial_value: npt.ArrayLike = 1.0,
        rating: npt.ArrayLike = 1.0,
        induced_demand: npt.ArrayLike = 1.0,
        geographic_cost: npt.ArrayLike = 1.0,
        market: Sequence[str] | None = None,
        minor: int = CENTS,
    ) -> Transfers:
        """Settle one year, a row for each plan; several plans of a fund are added up.

        Parameters
        ----------
        funds : (n_plans,) whose plan it is.
        member_months : (n_plans,) billable member-months, more than 0.
        premium : (n_plans,) premium per member-month, fund currency; a number is every market's average.
        risk_score : (n_plans,) average risk score of the plan's members.
        actuarial_value : (n_plans,) share of allowed cost that the plan pays.
        rating : (n_plans,) average of what the plan may ask by age, allowable rating factor.
        induced_demand, geographic_cost : (n_plans,) factors.
        market : (n_plans,) the plan's state and market, each settled by itself; default: all are one.
        minor : minor units per currency unit.

        Returns
        -------
        Transfers with parts `risk` and `rating`, and the rate `average_premium`; with markets named, one for
        each, such as ``average_premium.NY``.

        Raises
        ------
        InputError
            For member-months, a score or a factor of zero, naming the plan's row, or not a market per plan.

        >>> RiskScoreTransfer().transfers(["A", "B", "B"], member_months=[6, 4, 9], premium=500.0,
        ...     risk_score=[0.9, 1.15, 2.0], market=["NY", "NY", "VT"]).amounts.tolist()
        [-300.0, 300.0]
        """
        plans = fund_names(funds, repeated=True)
        n = len(plans)
        left_out = "Leave out a plan without members."
        months = exposure("member_months", member_months, n, unit="member-months", remedy=left_out)
        scores = exposure("risk_score", risk_score, n, unit="score", remedy="Score the members.")
        value = exposure("actuarial_value", actuarial_value, n, unit="share", remedy=_NO_FACTOR)
        remedy = "For 70 % write 0.7."
        require("actuarial_value", value, minimum=0.0, maximum=1.0, unit="share", remedy=remedy)
        asked = exposure("rating", rating, n, unit="factor", remedy=_NO_FACTOR)
        demand = exposure("induced_demand", induced_demand, n, unit="factor", remedy=_NO_FACTOR)
        area = exposure("geographic_cost", geographic_cost, n, unit="factor", remedy=_NO_FACTOR)
        premiums = exposure("premium", premium, n, unit="currency", remedy="State what is asked.")
        risk, rated = scores * demand * area, value * asked * demand * area

        def settle(rows: list[int]) -> Transfers:
            here = months[rows]
            average = float((premiums[rows] * here).sum() / here.sum())
            counted = self.premium_share * average
            owners = [plans[row] for row in rows]
            names = tuple(dict.fromkeys(owners))
            parts = {
                "risk": _by_fund(counted * _relative(risk[rows], here), owners, names),
                "rating": -_by_fund(counted * _relative(rated[rows], here), owners, names),
            }
            rates = {"average_premium": average}
            return Transfers.between("risk score transfer", names, parts, rates=rates, minor=minor)

        return each_market(market, n, settle)


def _relative(factor: FloatArray, months: FloatArray) -> FloatArray:
    """(n_plans,) member-months weighted with the factor over its average."""
    average = (factor * months).sum() / months.sum()
    return np.asarray(months * (factor / average))


def _by_fund(amounts: FloatArray, plans: Sequence[str], names: Sequence[str]) -> FloatArray:
    place = [names.index(plan) for plan in plans]
    return np.asarray(np.bincount(place, weights=amounts, minlength=len(names)), dtype=np.float64)

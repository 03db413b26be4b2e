"""Who bears a year's cost, or one loss, in closed form: deductible, coinsurance, maxima and limits.

Two designs are priced from a severity's limited moments alone, so they work for every severity, spliced and
empirical ones included, and for the distribution of a year's total:

* `AnnualPlan`, a member's whole-year cost sharing: the member bears the cost up to the deductible, then a
  share of the rest, and in all no more than the out-of-pocket maximum; the fund bears the remainder, up to
  its annual limit.
* `LossCover`, a cover of one loss above a deductible up to a maximum payment (S. Klugman, H. Panjer,
  G. Willmot, *Loss Models*, 4th ed. (2012), chapter 8).

The simulation applies the same rule claim by claim, in integers. A copay acts on each claim and so is no part
of a plan for the year's cost; `rules.expected_sharing` prices the rulebook's whole design.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mutualfund.claims.layers import (
    CostLayer,
    LimitedMean,
    LimitedMoments,
    layer_mean,
    layer_second_moment,
    mean_of_layers,
    require_positive,
    second_moment_of_layers,
)
from mutualfund.claims.trend import TrendLeverage, trend_leverage
from mutualfund.errors import Fault, InputError, numbers, one_number, require
from mutualfund.types import FloatArray


@dataclass(frozen=True, slots=True)
class ExpectedSharing:
    """What member and fund expect to bear of a year's cost, in currency and probabilities.

    `actuarial_value` is the fund's share of the expected cost; NaN where no cost is expected. `sd_plan_pay`
    is NaN where the law of the cost has no `second_limited_moment`.

    >>> from mutualfund.claims import Exponential
    >>> plan = AnnualPlan(deductible=1000, coinsurance=0.0, out_of_pocket_maximum=1000)
    >>> expected = plan.expected(Exponential(mean=1000), p_zero=0.0)
    >>> round(expected.expected_plan_pay, 2), round(expected.actuarial_value, 4)
    (367.88, 0.3679)
    """

    expected_total: float
    expected_member_pay: float
    expected_plan_pay: float
    actuarial_value: float
    sd_plan_pay: float
    prob_member_hits_maximum: float
    prob_plan_pays: float


@dataclass(frozen=True, slots=True)
class ObservedSharing:
    """The same split applied to a sample of yearly costs; `sd_plan_pay` with divisor n - 1.

    >>> plan = AnnualPlan(deductible=150, coinsurance=0.25, out_of_pocket_maximum=600)
    >>> plan.observed([100, 550, 5000]).mean_member_pay
    316.6666666666667
    """

    mean_total: float
    mean_member_pay: float
    mean_plan_pay: float
    actuarial_value: float
    sd_plan_pay: float
    share_at_maximum: float
    share_plan_pays: float


@dataclass(frozen=True, slots=True)
class AnnualPlan:
    """A member's cost sharing over a year.

    deductible: currency, >= 0. coinsurance: the member's share above it, 0 to 1. out_of_pocket_maximum:
    currency, infinite for none; at least the deductible. annual_limit: the fund's greatest payment, currency,
    >= 0, infinite for none; its excess falls on the member outside the maximum (definition 15).

    >>> plan = AnnualPlan(deductible=150, coinsurance=0.25, out_of_pocket_maximum=600)
    >>> plan.member_pays([100, 550, 5000]).tolist()
    [100.0, 250.0, 600.0]
    >>> plan.cost_at_maximum
    1950.0
    >>> AnnualPlan(deductible=150, annual_limit=1000).fund_pays([100, 550, 5000]).tolist()
    [0.0, 400.0, 1000.0]
    """

    deductible: float = 0.0
    coinsurance: float = 0.0
    out_of_pocket_maximum: float = math.inf
    annual_limit: float = math.inf

    def __post_init__(self) -> None:
        one_number("plan.deductible", self.deductible, minimum=0.0, maximum=1e300, unit="currency")
        one_number(
            "plan.coinsurance",
            self.coinsurance,
            minimum=0.0,
            maximum=1.0,
            unit="share",
            remedy="For 20 % write 0.2.",
        )
        one_number(
            "plan.out_of_pocket_maximum",
            self.out_of_pocket_maximum,
            minimum=self.deductible,
            maximum=math.inf,
            unit="currency, at least the deductible",
        )
        one_number(
            "plan.annual_limit", self.annual_limit, minimum=0.0, maximum=math.inf, unit="currency"
        )

    @property
    def cost_at_maximum(self) -> float:
        """The yearly cost from which the member's cost sharing is at its maximum; infinite for never."""
        if self.out_of_pocket_maximum == self.deductible:
            return self.deductible
        if self.coinsurance == 0.0:
            return math.inf
        return self.deductible + (self.out_of_pocket_maximum - self.deductible) / self.coinsurance

    @property
    def fund_layers(self) -> tuple[CostLayer, ...]:
        """The layers of the yearly cost of which the fund bears a share, lowest first.

        >>> AnnualPlan(150, 0.25, 600, annual_limit=3000).fund_layers
        (CostLayer(start=150, end=1950.0, share=0.75), CostLayer(start=1950.0, end=3600.0, share=1.0))
        """
        turn, left, layers = self.cost_at_maximum, self.annual_limit, []
        above = ((self.deductible, turn, 1.0 - self.coinsurance), (turn, math.inf, 1.0))
        for start, end, share in above:
            if share > 0.0 and start < end:
                layer = CostLayer(start, min(end, start + left / share), share)
                layers.append(layer)
                left -= layer.most
        return tuple(layer for layer in layers if layer.start < layer.end)

    def member_pays(self, cost: npt.ArrayLike) -> FloatArray:
        """The member's part of each yearly cost (any shape, finite and >= 0)."""
        return numbers("cost", cost) - self.fund_pays(cost)

    def fund_pays(self, cost: npt.ArrayLike) -> FloatArray:
        """The fund's part of each yearly cost."""
        require("cost", cost, minimum=0.0, maximum=1e300, unit="currency", show=False)
        total = numbers("cost", cost)
        shared = np.minimum(total, self.deductible)
        shared = shared + self.coinsurance * np.maximum(total - self.deductible, 0.0)
        return np.minimum(total - np.minimum(shared, self.out_of_pocket_maximum), self.annual_limit)

    def expected(self, cost: LimitedMean, *, p_zero: float = 0.0) -> ExpectedSharing:
        """Price the plan where a year costs nothing with probability `p_zero`, else `cost`.

        cost: any severity, or the law of a year's total; it need only offer ``mean, sf, limited_mean``. The
        expectations are exact for that law.

        Raises
        ------
        InputError
            Where `p_zero` is not a probability, or the cost may be below zero.
        """
        one_number("plan.p_zero", p_zero, minimum=0.0, maximum=1.0, unit="probability")
        require_positive(cost)
        some = 1.0 - p_zero
        total = some * float(cost.mean)
        fund = some * mean_of_layers(cost, self.fund_layers)
        sd = math.nan
        if isinstance(cost, LimitedMoments):
            second = some * second_moment_of_layers(cost, self.fund_layers)
            sd = math.sqrt(max(second - fund**2, 0.0))
        return ExpectedSharing(
            expected_total=total,
            expected_member_pay=total - fund,
            expected_plan_pay=fund,
            actuarial_value=fund / total if total > 0.0 else math.nan,
            sd_plan_pay=sd,
            prob_member_hits_maximum=some * float(cost.sf(self._nearly_at_maximum)),
            prob_plan_pays=some * float(cost.sf(self._fund_starts)),
        )

    def loss_elimination(self, cost: LimitedMean) -> float:
        """The share of the expected cost that the deductible alone keeps from the fund, E[min(X, d)] / E[X].

        Klugman, Panjer and Willmot, *Loss Models*, 4th ed. (2012), section 8.3; NaN where there is no cost.

        >>> from mutualfund.claims import Exponential
        >>> round(AnnualPlan(deductible=500).loss_elimination(Exponential(mean=1000)), 6)
        0.393469
        """
        require_positive(cost)
        mean = float(cost.mean)
        return float(cost.limited_mean(self.deductible)) / mean if mean > 0.0 else math.nan

    def under_trend(self, cost: LimitedMean, trend: float) -> TrendLeverage:
        """How both parts grow when every cost grows by `trend` and the terms stand still.

        Parameters
        ----------
        cost
            As in `expected`, before the trend.
        trend
            Above -1, not 0: 0.05 is 5 %.

        Raises
        ------
        InputError
            Where the trend is out of range, or the plan is not expected to pay anything.

        >>> from mutualfund.claims import Exponential
        >>> grown = AnnualPlan(deductible=1000).under_trend(Exponential(mean=1000), 0.10)
        >>> round(grown.fund_growth, 4), round(grown.leverage, 2)
        (0.2047, 2.05)
        """
        return trend_leverage(cost, self.fund_layers, trend)

    def observed(self, costs: npt.ArrayLike) -> ObservedSharing:
        """Apply the plan to a sample of yearly costs (n,), one a person, zeros included.

        Raises
        ------
        InputError
            Where there are fewer than two costs, or one is negative or not a number.
        """
        cost = _sample(costs)
        member, fund = self.member_pays(cost), self.fund_pays(cost)
        total = float(cost.mean())
        return ObservedSharing(
            mean_total=total,
            mean_member_pay=float(member.mean()),
            mean_plan_pay=float(fund.mean()),
            actuarial_value=float(fund.mean()) / total if total > 0.0 else math.nan,
            sd_plan_pay=float(fund.std(ddof=1)),
            share_at_maximum=float(np.mean(cost > self._nearly_at_maximum)),
            share_plan_pays=float(np.mean(cost > self._fund_starts)),
        )

    @property
    def _fund_starts(self) -> float:
        """The yearly cost above which the fund pays something."""
        layers = self.fund_layers
        return layers[0].start if layers else math.inf

    @property
    def _nearly_at_maximum(self) -> float:
        """Just below `cost_at_maximum`: a cost of exactly that amount has reached the maximum."""
        return self.cost_at_maximum * (1.0 - 1e-12)


@dataclass(frozen=True, slots=True)
class LossCover:
    """A cover of each loss above a deductible, up to a maximum payment.

    deductible: currency, >= 0. maximum_payment: currency, > 0, infinite for none.

    >>> from mutualfund.claims import Exponential
    >>> cover = LossCover(deductible=100, maximum_payment=500)
    >>> round(cover.mean_per_loss(Exponential(mean=1000)), 3)
    356.026
    """

    deductible: float = 0.0
    maximum_payment: float = math.inf

    def __post_init__(self) -> None:
        one_number("cover.deductible", self.deductible, minimum=0.0, maximum=1e300, unit="currency")
        least = 5e-324
        one_number(
            "cover.maximum_payment",
            self.maximum_payment,
            minimum=least,
            maximum=math.inf,
            unit="currency",
        )

    @property
    def _end(self) -> float:
        return self.deductible + self.maximum_payment

    def mean_per_loss(self, severity: LimitedMoments) -> float:
        """Expected payment of a loss, whether or not it exceeds the deductible."""
        require_positive(severity)
        return layer_mean(severity, self.deductible, self._end)

    def variance_per_loss(self, severity: LimitedMoments) -> float:
        """Variance of the payment of a loss; infinite where it does not exist."""
        mean = self.mean_per_loss(severity)
        return layer_second_moment(severity, self.deductible, self._end) - mean**2

    def mean_per_payment(self, severity: LimitedMoments) -> float:
        """Expected payment of those losses that exceed the deductible; NaN where none does."""
        mean, chance = self.mean_per_loss(severity), float(severity.sf(self.deductible))
        return mean / chance if chance > 0.0 else math.nan

    def variance_per_payment(self, severity: LimitedMoments) -> float:
        """Variance of the payment of those losses that exceed the deductible; NaN where none does."""
        mean = self.mean_per_payment(severity)
        if math.isnan(mean):
            return math.nan
        second = layer_second_moment(severity, self.deductible, self._end)
        return second / float(severity.sf(self.deductible)) - mean**2


def _sample(costs: npt.ArrayLike) -> FloatArray:
    cost = numbers("costs", costs).ravel()
    if cost.size < 2:
        raise InputError([Fault("costs", f"{cost.size} values", "at least two", code="too_few")])
    require("costs", cost, minimum=0.0, maximum=1e300, unit="currency", show=False)
    return cost

"""Who bears a year's cost, or one loss, in closed form: deductible, coinsurance and out-of-pocket maximum.

Two designs are priced from a severity's limited moments alone, so they work for every severity, spliced and
empirical ones included:

* `AnnualPlan`, a member's whole-year cost sharing: the member bears the cost up to the deductible, then a
  share of the rest, and in all no more than the out-of-pocket maximum; the fund bears the remainder.
* `LossCover`, a cover of one loss above a deductible up to a maximum payment (S. Klugman, H. Panjer,
  G. Willmot, *Loss Models*, 4th ed. (2012), chapter 8).

The simulation applies the same rule claim by claim, in integers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from mutualfund.errors import Fault, InputError, require
from mutualfund.types import FloatArray


class LimitedMoments(Protocol):
    """What a severity must offer to be priced here; every `SeverityModel` does."""

    @property
    def mean(self) -> float: ...
    @property
    def variance(self) -> float: ...
    def sf(self, x: npt.ArrayLike) -> FloatArray: ...
    def limited_mean(self, d: npt.ArrayLike) -> FloatArray: ...
    def second_limited_moment(self, d: npt.ArrayLike) -> FloatArray: ...
    def stop_loss(self, d: npt.ArrayLike) -> FloatArray: ...


@dataclass(frozen=True, slots=True)
class ExpectedSharing:
    """What member and fund expect to bear of a year's cost, in currency and probabilities.

    `actuarial_value` is the fund's share of the expected cost; NaN where no cost is expected.

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
    currency, infinite for none; at least the deductible.

    >>> plan = AnnualPlan(deductible=150, coinsurance=0.25, out_of_pocket_maximum=600)
    >>> plan.member_pays([100, 550, 5000]).tolist()
    [100.0, 250.0, 600.0]
    >>> plan.cost_at_maximum
    1950.0
    """

    deductible: float = 0.0
    coinsurance: float = 0.0
    out_of_pocket_maximum: float = math.inf

    def __post_init__(self) -> None:
        require("plan.deductible", self.deductible, minimum=0.0, maximum=1e300, unit="currency")
        require(
            "plan.coinsurance",
            self.coinsurance,
            minimum=0.0,
            maximum=1.0,
            unit="share",
            remedy="For 20 % write 0.2.",
        )
        require(
            "plan.out_of_pocket_maximum",
            self.out_of_pocket_maximum,
            minimum=self.deductible,
            maximum=math.inf,
            unit="currency, at least the deductible",
        )

    @property
    def cost_at_maximum(self) -> float:
        """The yearly cost from which the member pays no more; infinite where that never happens."""
        if self.out_of_pocket_maximum == self.deductible:
            return self.deductible
        if self.coinsurance == 0.0:
            return math.inf
        return self.deductible + (self.out_of_pocket_maximum - self.deductible) / self.coinsurance

    def member_pays(self, cost: npt.ArrayLike) -> FloatArray:
        """The member's part of each yearly cost (any shape, >= 0)."""
        total = np.asarray(cost, dtype=np.float64)
        shared = np.minimum(total, self.deductible)
        shared = shared + self.coinsurance * np.maximum(total - self.deductible, 0.0)
        return np.minimum(shared, self.out_of_pocket_maximum)

    def fund_pays(self, cost: npt.ArrayLike) -> FloatArray:
        """The fund's part of each yearly cost."""
        return np.asarray(cost, dtype=np.float64) - self.member_pays(cost)

    def expected(self, severity: LimitedMoments, *, p_zero: float = 0.0) -> ExpectedSharing:
        """Price the plan where a year costs nothing with probability `p_zero`, else `severity`.

        Raises
        ------
        InputError
            Where `p_zero` is not a probability.
        """
        require("plan.p_zero", p_zero, minimum=0.0, maximum=1.0, unit="probability")
        some = 1.0 - p_zero
        total = some * severity.mean
        fund = some * self._mean_fund_pay(severity)
        second = some * self._second_moment_fund_pay(severity)
        return ExpectedSharing(
            expected_total=total,
            expected_member_pay=some * self._mean_member_pay(severity),
            expected_plan_pay=fund,
            actuarial_value=fund / total if total > 0.0 else math.nan,
            sd_plan_pay=math.sqrt(max(second - fund**2, 0.0)),
            prob_member_hits_maximum=some * float(severity.sf(self._nearly_at_maximum)),
            prob_plan_pays=some * float(severity.sf(self._fund_starts)),
        )

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
        return self.deductible if self.coinsurance < 1.0 else self.cost_at_maximum

    @property
    def _nearly_at_maximum(self) -> float:
        """Just below `cost_at_maximum`: a cost of exactly that amount has reached the maximum."""
        return self.cost_at_maximum * (1.0 - 1e-12)

    def _mean_member_pay(self, severity: LimitedMoments) -> float:
        deductible = float(severity.limited_mean(self.deductible))
        at_most = float(severity.limited_mean(self.cost_at_maximum))
        return deductible + self.coinsurance * (at_most - deductible)

    def _mean_fund_pay(self, severity: LimitedMoments) -> float:
        beyond = float(severity.stop_loss(self.cost_at_maximum))
        shared = float(severity.stop_loss(self.deductible)) - beyond
        return (1.0 - self.coinsurance) * shared + beyond

    def _second_moment_fund_pay(self, severity: LimitedMoments) -> float:
        """E[F^2] of F = (1 - c) x (the layer shared) + (all above the cost at the maximum)."""
        start, end, part = self.deductible, self.cost_at_maximum, 1.0 - self.coinsurance
        second = 0.0
        if part > 0.0 and end > start:
            second += part**2 * layer_second_moment(severity, start, end)
        if end < math.inf:
            beyond = float(severity.stop_loss(end))
            second += 2.0 * part * (end - start) * beyond
            second += layer_second_moment(severity, end, math.inf)
        return second


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
        require("cover.deductible", self.deductible, minimum=0.0, maximum=1e300, unit="currency")
        least = 5e-324
        require(
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
        above = float(severity.stop_loss(self.deductible))
        return above - float(severity.stop_loss(self._end))

    def variance_per_loss(self, severity: LimitedMoments) -> float:
        """Variance of the payment of a loss; infinite where it does not exist."""
        second = layer_second_moment(severity, self.deductible, self._end)
        return second - self.mean_per_loss(severity) ** 2

    def mean_per_payment(self, severity: LimitedMoments) -> float:
        """Expected payment of those losses that exceed the deductible; NaN where none does."""
        chance = float(severity.sf(self.deductible))
        return self.mean_per_loss(severity) / chance if chance > 0.0 else math.nan

    def variance_per_payment(self, severity: LimitedMoments) -> float:
        """Variance of the payment of those losses that exceed the deductible; NaN where none does."""
        chance = float(severity.sf(self.deductible))
        if chance == 0.0:
            return math.nan
        second = layer_second_moment(severity, self.deductible, self._end) / chance
        return second - self.mean_per_payment(severity) ** 2


def layer_second_moment(severity: LimitedMoments, start: float, end: float) -> float:
    """E[min(max(X - start, 0), end - start)^2]; infinite where it does not exist."""
    layer = float(severity.stop_loss(start)) - float(severity.stop_loss(end))
    below = float(severity.second_limited_moment(start))
    if end == math.inf:
        return severity.variance + severity.mean**2 - below - 2.0 * start * layer
    return float(severity.second_limited_moment(end)) - below - 2.0 * start * layer


def _sample(costs: npt.ArrayLike) -> FloatArray:
    cost = np.asarray(costs, dtype=np.float64).ravel()
    if cost.size < 2:
        raise InputError([Fault("costs", f"{cost.size} values", "at least two", code="too_few")])
    require("costs", cost, minimum=0.0, maximum=1e300, unit="currency", show=False)
    return cost

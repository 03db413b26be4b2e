"""Trend leverage: at fixed terms the fund's part grows faster than the cost, and a capped part slower."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mutualfund.claims.layers import CostLayer, LimitedMean, mean_of_layers
from mutualfund.errors import Fault, InputError, one_number


@dataclass(frozen=True, slots=True)
class TrendLeverage:
    """Expected payments before and after every cost has grown by `trend`, the terms unchanged; currency.

    Raises
    ------
    InputError
        Where the fund paid nothing before: nothing grows from there.

    >>> grown = TrendLeverage(0.05, fund_before=400, fund_after=430, member_before=600, member_after=620)
    >>> round(grown.fund_growth, 4), round(grown.leverage, 2)
    (0.075, 1.5)
    """

    trend: float
    fund_before: float
    fund_after: float
    member_before: float
    member_after: float

    def __post_init__(self) -> None:
        if not self.fund_before > 0.0:
            allowed = "benefits that are expected to pay something"
            raise InputError([Fault("fund_before", "nothing", allowed, code="never_pays")])

    @property
    def fund_growth(self) -> float:
        """Relative growth of the fund's part."""
        return self.fund_after / self.fund_before - 1.0

    @property
    def leverage(self) -> float:
        """Growth of the fund's part over the growth of the cost: 2 where it grows twice as fast."""
        return self.fund_growth / self.trend


def trend_leverage(cost: LimitedMean, layers: Sequence[CostLayer], trend: float) -> TrendLeverage:
    """The growth of a fund's share of `layers`: E[min((1 + t) X, d)] = (1 + t) E[min(X, d / (1 + t))].

    Klugman, Panjer and Willmot, *Loss Models*, 4th ed. (2012), section 8.3.

    Raises
    ------
    InputError
        Where the trend is no growth or decline, or nothing is expected to be paid.
    """
    require_trend(trend)
    before, after = mean_of_layers(cost, layers), mean_of_layers(cost, layers, 1.0 + trend)
    total = float(cost.mean)
    return TrendLeverage(trend, before, after, total - before, (1.0 + trend) * total - after)


def require_trend(trend: float) -> None:
    """Refuse what is no growth or decline of costs.

    Raises
    ------
    InputError
        With one fault.
    """
    one_number("trend", trend, minimum=-0.99, maximum=100.0, unit="growth of costs")
    if trend == 0.0:
        allowed = "a growth or a decline, such as 0.05"
        raise InputError([Fault("trend", "0", allowed, code="no_trend")])

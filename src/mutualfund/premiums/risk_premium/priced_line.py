"""A line as it is priced: its rates for each kind of member, and its costs at the rating year's prices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mutualfund.assumptions import Assumptions, Line
from mutualfund.assumptions.frailty import FrailtyLevels, line_frailty
from mutualfund.premiums.principles.losses import loss_of
from mutualfund.premiums.risk_premium.cover import LineCover, month_shares
from mutualfund.premiums.risk_premium.members import Groups
from mutualfund.premiums.risk_premium.period import RatingPeriod
from mutualfund.types import FloatArray

if TYPE_CHECKING:
    from mutualfund.portfolio import Portfolio


@dataclass(frozen=True, slots=True, eq=False)
class PricedLine:
    """A line at the rating year's prices.

    rates: (n_groups, n_states) multiples of its mean in a fully covered year. covered: (n_groups,) share of
    the year's claims that no wait keeps from cover. shared: the levels of the frailty that it shares, a
    single 1 where it has none of it.
    """

    line: Line
    cover: LineCover
    rates: FloatArray
    covered: FloatArray
    severity: Any
    shared: FrailtyLevels

    @property
    def factors(self) -> FloatArray:
        """(n_groups, n_states) multiples of its mean, covered claims only."""
        return np.asarray(self.rates * self.covered[:, None])

    @property
    def levels(self) -> tuple[FloatArray, FloatArray]:
        """The levels of the frailty that it shares, and the chance of each; (n_levels,)."""
        return self.shared.level, self.shared.chance

    @property
    def waits_served(self) -> PricedLine:
        """The same line for members who have served every wait."""
        return replace(self, covered=np.full(self.covered.shape, float(self.cover.covered)))

    def scaled(self, rate: float, cost: float) -> PricedLine:
        """The same line with another rate and another cost level, relative to this one."""
        severity = self.severity if cost == 1.0 else scaled_severity(self.severity, cost)
        return replace(self, rates=self.rates * rate, severity=severity)


def price_line(
    line: Line,
    cover: LineCover,
    assumptions: Assumptions,
    groups: Groups,
    opening: Portfolio,
    period: RatingPeriod | None,
) -> PricedLine:
    """The line over the groups: trend in its costs, waiting in what is covered."""
    years = 0.0 if period is None else period.years_of_trend
    trend = (1.0 + line.trend_per_year) ** years
    months = month_shares(line.seasonality, 1 if period is None else period.start.month)
    return PricedLine(
        line=line,
        cover=cover,
        rates=groups.factors(line, assumptions, opening),
        covered=cover.covered_shares(months, groups.since),
        severity=scaled_severity(line.severity, trend),
        shared=line_frailty(assumptions.frailty, line.name),
    )


def scaled_severity(severity: Any, factor: float) -> Any:
    """The severity with every amount multiplied; one of a user's own need not know how."""
    if factor == 1.0:
        return severity
    known = callable(getattr(severity, "scaled", None))
    return (severity if known else _OwnScaled(severity, 1.0)).scaled(factor)


@dataclass(frozen=True, slots=True)
class _OwnScaled:
    """A severity of one's own at another price level: all that it need have is `quantile`."""

    own: Any
    factor: float

    def quantile(self, p: FloatArray) -> FloatArray:
        return np.asarray(self.factor * self.own.quantile(p))

    def scaled(self, factor: float) -> _OwnScaled:
        return _OwnScaled(self.own, self.factor * factor)


def mean_cost(severity: Any) -> float:
    """Mean of one claim, as stated or by its quantiles."""
    return loss_of(severity).mean

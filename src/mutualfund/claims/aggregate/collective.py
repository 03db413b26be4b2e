"""One collective risk: how many claims, what each costs, and which part of each is covered.

Its moments are exact, without any grid: S. Klugman, H. Panjer, G. Willmot, *Loss Models*, 4th ed. (2012),
section 9.3 (cumulants of a compound distribution).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from mutualfund.claims.aggregate.amounts import amount_law, covered, third_moment
from mutualfund.claims.aggregate.counts import Count, Frequency, count_law, third_central_moment
from mutualfund.claims.laws import Law
from mutualfund.claims.severity import Normal
from mutualfund.errors import one_number, require


@dataclass(frozen=True, slots=True)
class Collective:
    """Independent claims of one severity, in a random number, with a cover of each claim.

    frequency: a claim count of this library, a whole number for a fixed count, or the weights of the counts
    0, 1, 2, ... severity: any severity, or an object with a law's questions; amounts in currency.
    deductible (>= 0) and limit (>= 0, infinite for none) apply to each claim, in currency; share (0 to 1) is
    the part of the layer that is covered. So a cover pays ``share x min(max(X - deductible, 0), limit)``.

    Raises
    ------
    InputError
        Where a term is out of its range, or frequency or severity is not one.

    >>> from mutualfund.claims import Lomax, Poisson
    >>> layer = Collective(Poisson(mean=40), Lomax(alpha=2.5, theta=20000), deductible=50000, limit=50000)
    >>> round(layer.mean, 2), round(layer.expected_payments, 6), round(layer.sd, 2)
    (45162.31, 1.74538, 41938.35)
    """

    frequency: Frequency
    severity: Any
    deductible: float = 0.0
    limit: float = math.inf
    share: float = 1.0
    count: Count = field(init=False, repr=False, compare=False)
    amount: Law = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        money = "currency a claim"
        one_number("aggregate.deductible", self.deductible, minimum=0.0, maximum=1e300, unit=money)
        one_number("aggregate.limit", self.limit, minimum=0.0, maximum=math.inf, unit=money)
        one_number("aggregate.share", self.share, minimum=0.0, maximum=1.0, unit="share")
        gross = amount_law(self.severity)
        share = self.share if self.limit > 0.0 else 0.0
        object.__setattr__(self, "count", count_law(self.frequency))
        object.__setattr__(self, "amount", covered(gross, self.deductible, self.limit, share))

    def __repr__(self) -> str:
        return f"Collective(mean={self.mean:.6g}, sd={self.sd:.6g})"

    @property
    def mean(self) -> float:
        """E[S], currency."""
        return self.count.mean * self.amount.mean if self.count.mean > 0.0 else 0.0

    @property
    def variance(self) -> float:
        """Var[S]; infinite where it does not exist."""
        if self.count.mean == 0.0:
            return 0.0
        return self.count.mean * self.amount.variance + self.count.variance * self.amount.mean**2

    @property
    def sd(self) -> float:
        """Standard deviation of S; infinite where it does not exist."""
        return math.sqrt(self.variance)

    @property
    def third_central_moment(self) -> float:
        """E[(S - E S)^3]; infinite where it does not exist, NaN where it is not known."""
        if self.count.mean == 0.0:
            return 0.0
        mean, variance = self.amount.mean, self.amount.variance
        raw = third_moment(self.amount)
        if math.isnan(raw):
            return math.nan
        if not (math.isfinite(raw) and math.isfinite(variance)):
            return math.inf
        own = raw - 3.0 * mean * variance - mean**3
        mixed = 3.0 * self.count.variance * mean * variance
        return self.count.mean * own + mixed + third_central_moment(self.count) * mean**3

    @property
    def skewness(self) -> float:
        """E[(S - E S)^3] / sd^3: infinite where the third moment is, NaN without a positive finite sd."""
        return skewness(self.variance, self.third_central_moment)

    @property
    def expected_payments(self) -> float:
        """Expected number of claims of which the cover pays something."""
        return self.count.mean * float(self.amount.sf(0.0))

    @property
    def uncovered_mean(self) -> float:
        """What is expected to stay with the other side of the cover, currency."""
        gross = amount_law(self.severity)
        return self.count.mean * (gross.mean - self.amount.mean)

    def normal_approximation(self) -> Normal:
        """The normal law with this mean and sd: quick, and wrong in the tail.

        >>> from mutualfund.claims import Poisson, uniform
        >>> pharmacy = Collective(Poisson(mean=25), uniform(5, 95))
        >>> round(float(pharmacy.normal_approximation().sf(2000)), 6)
        0.003883
        """
        return normal_of(self.mean, self.variance)


def skewness(variance: float, third: float) -> float:
    """Skewness from the central moments."""
    if variance == 0.0:
        return math.nan
    return third / variance**1.5 if math.isfinite(variance) else math.nan


def normal_of(mean: float, variance: float) -> Normal:
    """A normal severity with these moments.

    Raises
    ------
    InputError
        Where the variance is zero or infinite: then there is none.
    """
    unit = "currency squared, finite and positive"
    require("aggregate.variance", variance, minimum=5e-324, maximum=1e300, unit=unit)
    return Normal(mean=mean, sd=math.sqrt(variance))

"""The mathematics of a claim count: one frozen class per law, vectorised over whole counts k >= 0.

`at` gives the law of a member whose rate is a multiple of this one's. For each law that is also what remains
when every claim is kept independently with that probability (thinning), which is how partial cover works.
`logpmf_at` is the logarithm of the same for many members at once, each with a factor of their own: what a
likelihood is made of; minus infinity or not a number where there is no such law.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Protocol, Self, cast

import numpy as np

from mutualfund.types import FloatArray


class CountLaw(Protocol):
    """What every law of a claim count can say."""

    @property
    def mean(self) -> float: ...
    @property
    def variance(self) -> float: ...
    def pmf(self, k: FloatArray) -> FloatArray: ...
    def cdf(self, k: FloatArray) -> FloatArray: ...
    def sf(self, k: FloatArray) -> FloatArray: ...
    def logpmf_at(self, k: FloatArray, factor: FloatArray) -> FloatArray: ...
    def at(self, factor: float) -> Self: ...


@dataclass(frozen=True, slots=True)
class PoissonLaw:
    """Poisson with the given mean."""

    mean: float

    @property
    def variance(self) -> float:
        return self.mean

    def pmf(self, k: FloatArray) -> FloatArray:
        from scipy import special

        return np.exp(special.xlogy(k, self.mean) - self.mean - special.gammaln(k + 1.0))

    def cdf(self, k: FloatArray) -> FloatArray:
        from scipy import special

        return cast("FloatArray", special.gammaincc(k + 1.0, self.mean))

    def sf(self, k: FloatArray) -> FloatArray:
        from scipy import special

        return cast("FloatArray", special.gammainc(k + 1.0, self.mean))

    def logpmf_at(self, k: FloatArray, factor: FloatArray) -> FloatArray:
        from scipy import special

        rate = self.mean * factor
        return special.xlogy(k, rate) - rate - special.gammaln(k + 1.0)

    def at(self, factor: float) -> Self:
        return replace(self, mean=self.mean * factor)


@dataclass(frozen=True, slots=True)
class NegativeBinomialLaw:
    """A Poisson whose rate is gamma with shape `dispersion`: variance = mean + mean^2 / dispersion."""

    mean: float
    dispersion: float

    @property
    def variance(self) -> float:
        return self.mean + self.mean**2 / self.dispersion

    @property
    def _success(self) -> float:
        return self.dispersion / (self.dispersion + self.mean)

    def pmf(self, k: FloatArray) -> FloatArray:
        from scipy import special

        r = self.dispersion
        none = -r * math.log1p(self.mean / r)
        ways = np.where(k == 0.0, 0.0, -special.betaln(r, k + 1.0) - np.log(k + r))
        failures = special.xlogy(k, self.mean / (r + self.mean))
        return np.exp(np.asarray(none + ways + failures, dtype=np.float64))

    def cdf(self, k: FloatArray) -> FloatArray:
        from scipy import special

        return special.betainc(self.dispersion, k + 1.0, self._success)

    def sf(self, k: FloatArray) -> FloatArray:
        from scipy import special

        failure = self.mean / (self.dispersion + self.mean)
        return special.betainc(k + 1.0, self.dispersion, failure)

    def logpmf_at(self, k: FloatArray, factor: FloatArray) -> FloatArray:
        from scipy import special

        rate, r = self.mean * factor, self.dispersion
        ways = np.where(k == 0.0, 0.0, -special.betaln(r, k + 1.0) - np.log(k + r))
        # rate / (r + rate) of a large rate is so near to one that its logarithm would be rounding
        return -r * np.log1p(rate / r) + ways - special.xlog1py(k, r / rate)

    def at(self, factor: float) -> Self:
        return replace(self, mean=self.mean * factor)


@dataclass(frozen=True, slots=True)
class BinomialLaw:
    """At most `trials` claims, each with the same chance."""

    mean: float
    trials: int

    @property
    def _chance(self) -> float:
        return self.mean / self.trials

    @property
    def variance(self) -> float:
        return self.mean * (1.0 - self._chance)

    def pmf(self, k: FloatArray) -> FloatArray:
        from scipy import special

        inside = k <= self.trials
        count = np.where(inside, k, 0.0)
        rest = self.trials - count
        ways = -special.betaln(count + 1.0, rest + 1.0) - math.log1p(self.trials)
        ways = np.where((count == 0.0) | (rest == 0.0), 0.0, ways)
        logs = ways + special.xlogy(count, self._chance) + special.xlog1py(rest, -self._chance)
        return np.where(inside, np.exp(logs), 0.0)

    def cdf(self, k: FloatArray) -> FloatArray:
        from scipy import special

        inside = k < self.trials
        count = np.where(inside, k, 0.0)
        below = special.betainc(self.trials - count, count + 1.0, 1.0 - self._chance)
        return np.where(inside, below, 1.0)

    def sf(self, k: FloatArray) -> FloatArray:
        from scipy import special

        inside = k < self.trials
        count = np.where(inside, k, 0.0)
        above = special.betainc(count + 1.0, self.trials - count, self._chance)
        return np.where(inside, above, 0.0)

    def logpmf_at(self, k: FloatArray, factor: FloatArray) -> FloatArray:
        from scipy import special

        chance, rest = self._chance * factor, self.trials - k
        with np.errstate(invalid="ignore", divide="ignore"):
            ways = -special.betaln(k + 1.0, rest + 1.0) - math.log1p(self.trials)
            logs = ways + special.xlogy(k, chance) + special.xlog1py(rest, -chance)
        return np.where((rest >= 0.0) & (chance <= 1.0), logs, -np.inf)

    def at(self, factor: float) -> Self:
        if self.mean * factor > self.trials:
            raise ValueError(
                f"a rate of {self.mean * factor:g} needs more than {self.trials} trials"
            )
        return replace(self, mean=self.mean * factor)


@dataclass(frozen=True, slots=True)
class ZeroModifiedLaw:
    """`parent` with weight `weight` and no claim otherwise; the weight is fixed at full exposure.

    A weight above one takes chance away from zero; it stays possible while P(N = 0) is not negative.
    """

    parent: PoissonLaw | NegativeBinomialLaw | BinomialLaw
    weight: float

    @property
    def mean(self) -> float:
        return self.weight * self.parent.mean

    @property
    def variance(self) -> float:
        return self.weight * (self.parent.variance + self.parent.mean**2) - self.mean**2

    def pmf(self, k: FloatArray) -> FloatArray:
        none = 1.0 - self.weight * self.parent.sf(np.zeros(1))[0]
        return np.where(k == 0.0, none, self.weight * self.parent.pmf(k))

    def cdf(self, k: FloatArray) -> FloatArray:
        return 1.0 - self.weight * self.parent.sf(k)

    def sf(self, k: FloatArray) -> FloatArray:
        return self.weight * self.parent.sf(k)

    def logpmf_at(self, k: FloatArray, factor: FloatArray) -> FloatArray:
        with np.errstate(invalid="ignore", divide="ignore"):
            some = -np.expm1(self.parent.logpmf_at(np.zeros_like(k), factor))
            none = np.log1p(-self.weight * some)
            logs = math.log(self.weight) + self.parent.logpmf_at(k, factor)
        return np.where(k == 0.0, none, logs)

    def at(self, factor: float) -> Self:
        parent = self.parent.at(factor)
        if self.weight * float(parent.sf(np.zeros(1))[0]) > 1.0 + 1e-12:
            raise ValueError(f"a rate {factor:g} times as high leaves no chance for zero claims")
        return replace(self, parent=parent)

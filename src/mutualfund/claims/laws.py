"""The mathematics of a claim amount: one frozen class per law, every method vectorised.

A law is a law of a non-negative amount (the normal excepted) written in its native parameters, so nothing
here is optional or half given; `severity` holds what a user writes and turns it into one of these. All laws
share one shape (`Law`): both tails, both inverses, and the limited moments ``E[min(X, d)]`` and
``E[min(X, d)^2]`` from which layers, deductibles and their variances follow.

Upper-tail probabilities are never computed as one minus something: `isf` must hold to full precision at
probabilities near 2**-40, because that is where the simulation's tables end.

Formulas: S. Klugman, H. Panjer, G. Willmot, *Loss Models*, 4th ed. (2012), appendix A; the inverse
Gaussian's from integrating its density by parts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Protocol, Self, cast

import numpy as np
import numpy.typing as npt

from mutualfund.errors import numbers
from mutualfund.types import FloatArray

_HALF_LOG_2PI = math.log(2.0 * math.pi) / 2.0


class Law(Protocol):
    """What every law of a claim amount can say. Amounts in currency, probabilities 0 to 1, any shape."""

    @property
    def mean(self) -> float: ...
    @property
    def variance(self) -> float: ...
    def sf(self, x: npt.ArrayLike) -> FloatArray: ...
    def cdf(self, x: npt.ArrayLike) -> FloatArray: ...
    def quantile(self, p: npt.ArrayLike) -> FloatArray: ...
    def isf(self, q: npt.ArrayLike) -> FloatArray: ...
    def limited_mean(self, d: npt.ArrayLike) -> FloatArray: ...
    def second_limited_moment(self, d: npt.ArrayLike) -> FloatArray: ...
    def stop_loss(self, d: npt.ArrayLike) -> FloatArray: ...
    def scaled(self, factor: float) -> Self: ...


class SmoothLaw(Law, Protocol):
    """A law with a density, what a likelihood is made of: natural logarithms, of amounts above zero."""

    def logpdf(self, x: npt.ArrayLike) -> FloatArray: ...
    def logsf(self, x: npt.ArrayLike) -> FloatArray: ...


def amounts(x: npt.ArrayLike) -> FloatArray:
    """`x` as floats; a non-negative amount is never below zero, so nothing is lost by clipping there."""
    return np.maximum(numbers("amount", x), 0.0)


def log_amounts(x: npt.ArrayLike) -> FloatArray:
    """log x, without a warning at zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(np.asarray(x, dtype=np.float64))


def neg_log(q: npt.ArrayLike) -> FloatArray:
    """-log q, infinite at zero without a warning."""
    with np.errstate(divide="ignore"):
        return -np.log(np.asarray(q, dtype=np.float64))


def neg_log1m(p: npt.ArrayLike) -> FloatArray:
    """-log(1 - p), infinite at one without a warning."""
    with np.errstate(divide="ignore"):
        return -np.log1p(-np.asarray(p, dtype=np.float64))


def times(amount: FloatArray, probability: FloatArray) -> FloatArray:
    """amount x probability where an infinite amount meets probability zero: zero."""
    with np.errstate(invalid="ignore"):
        return np.where(probability == 0.0, 0.0, amount * probability)


@dataclass(frozen=True, slots=True)
class WeibullLaw:
    """S(x) = exp(-(x/theta)^tau); the exponential is tau = 1."""

    tau: float
    theta: float

    @property
    def mean(self) -> float:
        return self.theta * math.gamma(1.0 + 1.0 / self.tau)

    @property
    def variance(self) -> float:
        return self.theta**2 * math.gamma(1.0 + 2.0 / self.tau) - self.mean**2

    def _hazard(self, x: npt.ArrayLike) -> FloatArray:
        return (amounts(x) / self.theta) ** self.tau

    def sf(self, x: npt.ArrayLike) -> FloatArray:
        return np.exp(-self._hazard(x))

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        return -np.expm1(-self._hazard(x))

    def logsf(self, x: npt.ArrayLike) -> FloatArray:
        return -self._hazard(x)

    def logpdf(self, x: npt.ArrayLike) -> FloatArray:
        logs = log_amounts(x) - math.log(self.theta)
        with np.errstate(over="ignore"):
            hazard = np.exp(self.tau * logs)
        return math.log(self.tau / self.theta) + (self.tau - 1.0) * logs - hazard

    def quantile(self, p: npt.ArrayLike) -> FloatArray:
        return self.theta * neg_log1m(p) ** (1.0 / self.tau)

    def isf(self, q: npt.ArrayLike) -> FloatArray:
        return self.theta * np.maximum(neg_log(q), 0.0) ** (1.0 / self.tau)

    def limited_mean(self, d: npt.ArrayLike) -> FloatArray:
        return self._limited(d, 1)

    def second_limited_moment(self, d: npt.ArrayLike) -> FloatArray:
        return self._limited(d, 2)

    def _limited(self, d: npt.ArrayLike, order: int) -> FloatArray:
        from scipy import special

        shape = 1.0 + order / self.tau
        below = self.theta**order * math.gamma(shape) * special.gammainc(shape, self._hazard(d))
        return below + times(amounts(d) ** order, self.sf(d))

    def stop_loss(self, d: npt.ArrayLike) -> FloatArray:
        from scipy import special

        above = self.mean * special.gammaincc(1.0 + 1.0 / self.tau, self._hazard(d))
        return above - times(amounts(d), self.sf(d))

    def scaled(self, factor: float) -> Self:
        return replace(self, theta=self.theta * factor)


@dataclass(frozen=True, slots=True)
class GammaLaw:
    """Density proportional to x^(alpha-1) exp(-x/theta)."""

    alpha: float
    theta: float

    @property
    def mean(self) -> float:
        return self.alpha * self.theta

    @property
    def variance(self) -> float:
        return self.alpha * self.theta**2

    def sf(self, x: npt.ArrayLike) -> FloatArray:
        from scipy import special

        return cast("FloatArray", special.gammaincc(self.alpha, amounts(x) / self.theta))

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        from scipy import special

        return cast("FloatArray", special.gammainc(self.alpha, amounts(x) / self.theta))

    def logsf(self, x: npt.ArrayLike) -> FloatArray:
        return -neg_log(self.sf(x))

    def logpdf(self, x: npt.ArrayLike) -> FloatArray:
        normed = math.lgamma(self.alpha) + self.alpha * math.log(self.theta)
        return (self.alpha - 1.0) * log_amounts(x) - np.asarray(x) / self.theta - normed

    def quantile(self, p: npt.ArrayLike) -> FloatArray:
        from scipy import special

        chance = np.asarray(p, dtype=np.float64)
        return cast("FloatArray", self.theta * special.gammaincinv(self.alpha, chance))

    def isf(self, q: npt.ArrayLike) -> FloatArray:
        from scipy import special

        chance = np.asarray(q, dtype=np.float64)
        return cast("FloatArray", self.theta * special.gammainccinv(self.alpha, chance))

    def limited_mean(self, d: npt.ArrayLike) -> FloatArray:
        from scipy import special

        below = self.mean * special.gammainc(self.alpha + 1.0, amounts(d) / self.theta)
        return below + times(amounts(d), self.sf(d))

    def second_limited_moment(self, d: npt.ArrayLike) -> FloatArray:
        from scipy import special

        whole = self.alpha * (self.alpha + 1.0) * self.theta**2
        below = whole * special.gammainc(self.alpha + 2.0, amounts(d) / self.theta)
        return below + times(amounts(d) ** 2, self.sf(d))

    def stop_loss(self, d: npt.ArrayLike) -> FloatArray:
        from scipy import special

        above = self.mean * special.gammaincc(self.alpha + 1.0, amounts(d) / self.theta)
        return above - times(amounts(d), self.sf(d))

    def scaled(self, factor: float) -> Self:
        return replace(self, theta=self.theta * factor)


@dataclass(frozen=True, slots=True)
class LognormalLaw:
    """log X ~ Normal(mu, sigma^2)."""

    mu: float
    sigma: float

    @property
    def mean(self) -> float:
        return math.exp(self.mu + self.sigma**2 / 2.0)

    @property
    def variance(self) -> float:
        return self.mean**2 * math.expm1(self.sigma**2)

    def _score(self, x: npt.ArrayLike) -> FloatArray:
        return (-neg_log(amounts(x)) - self.mu) / self.sigma

    def sf(self, x: npt.ArrayLike) -> FloatArray:
        from scipy import special

        return special.ndtr(-self._score(x))

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        from scipy import special

        return special.ndtr(self._score(x))

    def logsf(self, x: npt.ArrayLike) -> FloatArray:
        from scipy import special

        return special.log_ndtr(-self._score(x))

    def logpdf(self, x: npt.ArrayLike) -> FloatArray:
        logs = log_amounts(x)
        scores = (logs - self.mu) / self.sigma
        return -logs - scores**2 / 2.0 - math.log(self.sigma) - _HALF_LOG_2PI

    def quantile(self, p: npt.ArrayLike) -> FloatArray:
        from scipy import special

        return np.exp(self.mu + self.sigma * special.ndtri(np.asarray(p, dtype=np.float64)))

    def isf(self, q: npt.ArrayLike) -> FloatArray:
        from scipy import special

        return np.exp(self.mu - self.sigma * special.ndtri(np.asarray(q, dtype=np.float64)))

    def limited_mean(self, d: npt.ArrayLike) -> FloatArray:
        return self._limited(d, 1)

    def second_limited_moment(self, d: npt.ArrayLike) -> FloatArray:
        return self._limited(d, 2)

    def _limited(self, d: npt.ArrayLike, order: int) -> FloatArray:
        from scipy import special

        whole = math.exp(order * self.mu + (order * self.sigma) ** 2 / 2.0)
        below = whole * special.ndtr(self._score(d) - order * self.sigma)
        return below + times(amounts(d) ** order, self.sf(d))

    def stop_loss(self, d: npt.ArrayLike) -> FloatArray:
        from scipy import special

        above = self.mean * special.ndtr(self.sigma - self._score(d))
        return above - times(amounts(d), self.sf(d))

    def scaled(self, factor: float) -> Self:
        return replace(self, mu=self.mu + math.log(factor))


@dataclass(frozen=True, slots=True)
class NormalLaw:
    """Normal(mean, sd^2): for amounts of the whole fund, where a negative value has a meaning."""

    mean: float
    sd: float

    @property
    def variance(self) -> float:
        return self.sd**2

    def _score(self, x: npt.ArrayLike) -> FloatArray:
        return (np.asarray(x, dtype=np.float64) - self.mean) / self.sd

    def _density_term(self, x: npt.ArrayLike) -> FloatArray:
        return self.sd * np.exp(-(self._score(x) ** 2) / 2.0) / math.sqrt(2.0 * math.pi)

    def sf(self, x: npt.ArrayLike) -> FloatArray:
        from scipy import special

        return special.ndtr(-self._score(x))

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        from scipy import special

        return special.ndtr(self._score(x))

    def logsf(self, x: npt.ArrayLike) -> FloatArray:
        from scipy import special

        return special.log_ndtr(-self._score(x))

    def logpdf(self, x: npt.ArrayLike) -> FloatArray:
        return -(self._score(x) ** 2) / 2.0 - math.log(self.sd) - _HALF_LOG_2PI

    def quantile(self, p: npt.ArrayLike) -> FloatArray:
        from scipy import special

        return self.mean + self.sd * special.ndtri(np.asarray(p, dtype=np.float64))

    def isf(self, q: npt.ArrayLike) -> FloatArray:
        from scipy import special

        return self.mean - self.sd * special.ndtri(np.asarray(q, dtype=np.float64))

    def limited_mean(self, d: npt.ArrayLike) -> FloatArray:
        below = self.mean * self.cdf(d) - self._density_term(d)
        return below + times(np.asarray(d, dtype=np.float64), self.sf(d))

    def second_limited_moment(self, d: npt.ArrayLike) -> FloatArray:
        amount = np.asarray(d, dtype=np.float64)
        density = times(amount + self.mean, self._density_term(d))
        below = (self.mean**2 + self.sd**2) * self.cdf(d) - density
        return below + times(amount**2, self.sf(d))

    def stop_loss(self, d: npt.ArrayLike) -> FloatArray:
        gap = self.mean - np.asarray(d, dtype=np.float64)
        return self._density_term(d) + times(gap, self.sf(d))

    def scaled(self, factor: float) -> Self:
        return replace(self, mean=self.mean * factor, sd=self.sd * factor)

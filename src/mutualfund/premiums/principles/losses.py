"""A loss, asked in the same way whether it is a distribution, a few values or simulated outcomes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from mutualfund.claims.laws_discrete import DiscreteLaw
from mutualfund.errors import HIDDEN, Fault, InputError, NotEnoughPathsError
from mutualfund.premiums.principles.distortions import Distortion
from mutualfund.premiums.principles.integration import (
    OCTAVES,
    DivergesError,
    mean_over,
    quantiles_of,
)
from mutualfund.premiums.principles.light_tails import exponential_limit
from mutualfund.premiums.principles.premium import Priced
from mutualfund.types import FloatArray

SUPPORT = 10
"""Outcomes that must carry a premium before a sample is said to support it."""


class Loss(Protocol):
    """What a principle may ask. Every answer carries its errors."""

    @property
    def mean(self) -> float: ...
    @property
    def variance(self) -> float: ...
    def moments(self, sd_weight: float, variance_weight: float) -> Priced:
        """mean + sd_weight x sd + variance_weight x variance."""
        ...

    def quantile(self, p: float) -> Priced: ...
    def distorted(self, distortion: Distortion) -> Priced: ...
    def exponential_limit(self) -> float:
        """Up to which rate exponential moments exist."""
        ...

    def log_moment(self, rate: float) -> Priced:
        """log E[exp(rate x X)] / rate."""
        ...

    def tilted_mean(self, rate: float) -> Priced:
        """E[X exp(rate x X)] / E[exp(rate x X)]."""
        ...


def loss_of(loss: Any) -> Loss:
    """A distribution, an array of simulated outcomes, or any object with `quantile`, as a `Loss`.

    Raises
    ------
    InputError
        For anything else, or outcomes that are not finite numbers.
    NotEnoughPathsError
        For fewer than ten outcomes.
    """
    if callable(getattr(loss, "quantile", None)) and not hasattr(loss, "__array__"):
        law = getattr(loss, "law", loss)
        if isinstance(law, DiscreteLaw):
            return Outcomes(law.values, law.share, sampled=False)
        return Distribution(loss)
    try:
        values = np.sort(np.asarray(loss, dtype=np.float64).ravel())
    except (TypeError, ValueError):
        allowed = "a distribution, an array of outcomes, or an object with quantile(p)"
        raise InputError([Fault("loss", f"a {type(loss).__name__}", allowed)]) from None
    if values.size == 0 or not np.isfinite(values).all():
        raise InputError([Fault("loss", HIDDEN, "finite numbers, one or more", code="outcomes")])
    if values.size < SUPPORT:
        raise _too_few(values.size)
    return Outcomes(values, np.full(values.size, 1.0 / values.size), sampled=True)


def _too_few(carried: float) -> NotEnoughPathsError:
    return NotEnoughPathsError(
        f"this premium rests on the weight of {carried:.1f} outcomes, fewer than {SUPPORT}. "
        "Use more outcomes or a milder parameter."
    )


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Values in rising order with their shares; sampled, and then with Monte Carlo errors, or exact."""

    values: FloatArray
    share: FloatArray
    sampled: bool

    @cached_property
    def mean(self) -> float:
        return float(self.values @ self.share)

    @cached_property
    def variance(self) -> float:
        """With divisor n - 1 where the values are a sample."""
        spread = float((self.values - self.mean) ** 2 @ self.share)
        n = self.values.size
        return spread * n / (n - 1) if self.sampled else spread

    def moments(self, sd_weight: float, variance_weight: float) -> Priced:
        sd, apart = math.sqrt(self.variance), self.values - self.mean
        value = self.mean + sd_weight * sd + variance_weight * self.variance
        slope = variance_weight + (sd_weight / (2.0 * sd) if sd > 0.0 else 0.0)
        return self._priced(value, apart + slope * (apart**2 - self.variance), self.share)

    def quantile(self, p: float) -> Priced:
        """The smallest value whose share of outcomes reaches p; its error one binomial step either side."""
        n = self.values.size
        if not self.sampled:
            return Priced(float(DiscreteLaw(self.values, self.share).quantile(p)))
        if n * min(p, 1.0 - p) < SUPPORT * (1.0 - 1e-9):
            raise _too_few(n * min(p, 1.0 - p))
        place = int(np.searchsorted(np.arange(1, n + 1) / n, p))
        step = math.sqrt(n * p * (1.0 - p))
        low, high = max(math.floor(place - step), 0), min(math.ceil(place + step), n - 1)
        return Priced(float(self.values[place]), float(self.values[high] - self.values[low]) / 2.0)

    def distorted(self, distortion: Distortion) -> Priced:
        """Sum of the values by the distorted shares; its error by the influence of each outcome."""
        above = np.maximum(1.0 - np.cumsum(self.share), 0.0)
        above[-1] = 0.0
        raised = distortion.raised(np.append(1.0, above))
        weight = raised[:-1] - raised[1:]
        value = float(weight @ self.values)
        gap = np.diff(self.values) * distortion.slope(above[:-1])
        mean_part = float(gap @ (1.0 - above[:-1]))
        still_below = np.append(np.cumsum(gap[::-1])[::-1], 0.0)
        return self._priced(value, mean_part - still_below, weight)

    def exponential_limit(self) -> float:
        return math.inf

    def log_moment(self, rate: float) -> Priced:
        weight, log_mean = self._tilt(rate)
        return self._priced(log_mean / rate, (weight / self.share - 1.0) / rate, weight)

    def tilted_mean(self, rate: float) -> Priced:
        weight, _ = self._tilt(rate)
        value = float(weight @ self.values)
        return self._priced(value, weight / self.share * (self.values - value), weight)

    def _tilt(self, rate: float) -> tuple[FloatArray, float]:
        """Shares in proportion to share x exp(rate x value), and the logarithm of their sum before."""
        highest = float(self.values[-1])
        weight = self.share * np.exp(rate * (self.values - highest))
        total = float(weight.sum())
        return weight / total, rate * highest + math.log(total)

    def _priced(self, value: float, influence: FloatArray, weight: FloatArray) -> Priced:
        """The value with the error of its influence function, once enough outcomes carry it."""
        if not self.sampled:
            return Priced(value)
        carried = float(weight.sum() ** 2 / (weight @ weight))
        if carried < SUPPORT * (1.0 - 1e-9):
            raise _too_few(carried)
        return Priced(value, float(influence.std(ddof=1)) / math.sqrt(influence.size))


@dataclass(frozen=True, eq=False)
class Distribution:
    """A law known by its quantiles; moments as it states them, else integrated."""

    source: Any

    @cached_property
    def mean(self) -> float:
        stated = getattr(self.source, "mean", None)
        if isinstance(stated, int | float):
            return float(stated)
        return mean_over(self._amounts).value

    @cached_property
    def variance(self) -> float:
        stated = getattr(self.source, "variance", None)
        if isinstance(stated, int | float):
            return float(stated)
        mean = self.mean
        try:
            return mean_over(lambda u, p: (self._amounts(u, p) - mean) ** 2).value
        except DivergesError:
            return math.inf

    @cached_property
    def _amounts(self) -> Any:
        return quantiles_of(self.source)

    def moments(self, sd_weight: float, variance_weight: float) -> Priced:
        sd = math.sqrt(max(self.variance, 0.0))
        return Priced(self.mean + sd_weight * sd + variance_weight * self.variance)

    def quantile(self, p: float) -> Priced:
        return Priced(float(self.source.quantile(np.array([p]))[0]))

    def distorted(self, distortion: Distortion) -> Priced:
        return mean_over(lambda v, d: self._amounts(*distortion.lowered(v, d)))

    def exponential_limit(self) -> float:
        return exponential_limit(self.source)

    def log_moment(self, rate: float) -> Priced:
        shift = self._largest_exponent(rate)
        found = mean_over(lambda u, p: np.exp(rate * self._amounts(u, p) - shift))
        relative = found.numerical_error / found.value
        return Priced((math.log(found.value) + shift) / rate, 0.0, relative / rate)

    def tilted_mean(self, rate: float) -> Priced:
        shift = self._largest_exponent(rate)

        def weight(u: FloatArray, p: FloatArray) -> FloatArray:
            return np.asarray(np.exp(rate * self._amounts(u, p) - shift))

        top = mean_over(lambda u, p: self._amounts(u, p) * weight(u, p))
        bottom = mean_over(weight)
        value = top.value / bottom.value
        error = (top.numerical_error + abs(value) * bottom.numerical_error) / bottom.value
        return Priced(value, 0.0, error)

    def _largest_exponent(self, rate: float) -> float:
        """The largest of rate x amount + log probability over octaves: nothing overflows beside it."""
        exponents = [rate * float(self._amounts(np.array([0.75]), np.array([0.25]))[0])]
        for octave in range(1, OCTAVES):
            chance = np.array([2.0**-octave])
            try:
                amount = float(self._amounts(chance, 1.0 - chance)[0])
            except InputError:
                break
            if not math.isfinite(amount):
                break
            exponents.append(rate * amount - octave * math.log(2.0))
            if exponents[-1] < max(exponents) - 60.0:
                break
        return max(exponents)

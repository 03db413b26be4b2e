"""Values with their shares: simulated outcomes, or the steps of a law."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mutualfund.claims.laws_discrete import DiscreteLaw
from mutualfund.errors import NotEnoughPathsError
from mutualfund.premiums.principles.distortions import Distortion
from mutualfund.premiums.principles.premium import Priced
from mutualfund.types import FloatArray

SUPPORT = 10
"""Outcomes that must carry a premium before a sample is said to support it."""


def too_few(carried: float) -> NotEnoughPathsError:
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
            raise too_few(n * min(p, 1.0 - p))
        place = int(np.searchsorted(np.arange(1, n + 1) / n, p))
        step = math.sqrt(n * p * (1.0 - p))
        low, high = max(math.floor(place - step), 0), min(math.ceil(place + step), n - 1)
        return Priced(float(self.values[place]), float(self.values[high] - self.values[low]) / 2.0)

    def distorted(self, distortion: Distortion) -> Priced:
        """Sum of the values by the distorted shares; its error by the influence of each outcome."""
        above = np.append(np.cumsum(self.share[:0:-1])[::-1], 0.0)
        raised = distortion.raised(np.append(1.0, above))
        weight = raised[:-1] - raised[1:]
        value = float(weight @ self.values)
        if not self.sampled:
            return Priced(value)
        gap = np.diff(self.values) * distortion.slope(above[:-1])
        mean_part = float(gap @ (1.0 - above[:-1]))
        still_below = np.append(np.cumsum(gap[::-1])[::-1], 0.0)
        return self._priced(value, mean_part - still_below, weight)

    def exponential_limit(self) -> float:
        return math.inf

    def log_moment(self, rate: float) -> Priced:
        weight, log_mean = self.tilted(rate)
        if not self.sampled:
            return Priced(log_mean / rate)
        return self._priced(log_mean / rate, (weight / self.share - 1.0) / rate, weight)

    def tilted_mean(self, rate: float) -> Priced:
        weight, _ = self.tilted(rate)
        value = float(weight @ self.values)
        if not self.sampled:
            return Priced(value)
        return self._priced(value, weight / self.share * (self.values - value), weight)

    def tilted(self, rate: float) -> tuple[FloatArray, float]:
        """Shares in proportion to share x exp(rate x value), and the logarithm of their sum before."""
        with np.errstate(divide="ignore"):
            exponent = rate * self.values + np.log(self.share)
        largest = float(exponent.max())
        weight = np.exp(exponent - largest)
        total = float(weight.sum())
        return weight / total, largest + math.log(total)

    def _priced(self, value: float, influence: FloatArray, weight: FloatArray) -> Priced:
        """The value with the error of its influence function, once enough outcomes carry it."""
        if not self.sampled:
            return Priced(value)
        carried = float(weight.sum() ** 2 / (weight @ weight))
        if carried < SUPPORT * (1.0 - 1e-9):
            raise too_few(carried)
        return Priced(value, float(influence.std(ddof=1)) / math.sqrt(influence.size))

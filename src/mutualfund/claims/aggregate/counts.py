"""What the compound needs of a claim count: its generating function, third moment and Panjer numbers.

Sources: S. Klugman, H. Panjer, G. Willmot, *Loss Models*, 4th ed. (2012), appendix B (generating functions),
tables 6.1 and 6.3 (the classes (a, b, 0) and (a, b, 1)).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mutualfund.claims.count_laws import (
    BinomialLaw,
    CountLaw,
    NegativeBinomialLaw,
    PoissonLaw,
    ZeroModifiedLaw,
)
from mutualfund.claims.frequency import FrequencyModel
from mutualfund.errors import Fault, InputError, numbers, require
from mutualfund.types import FloatArray, frozen

ComplexArray = npt.NDArray[np.complex128]
Frequency = FrequencyModel | int | Sequence[float] | FloatArray
"""A count as a user gives it: a frequency, a fixed number, or the weight of each count from zero."""


@dataclass(frozen=True, slots=True, eq=False)
class CountTableLaw:
    """Any count, by the chance of each number from zero on: shape (n,), summing to one."""

    chances: FloatArray

    @classmethod
    def of(cls, weights: npt.ArrayLike) -> CountTableLaw:
        """The law of these weights, brought to a sum of one.

        Raises
        ------
        InputError
            Where the weights are not one row of numbers >= 0 with a positive sum.
        """
        weight = numbers("aggregate.frequency", weights)
        require("aggregate.frequency", weight, minimum=0.0, maximum=1e300, unit="weight of a count")
        if weight.ndim != 1 or not weight.sum() > 0.0:
            got = f"shape {weight.shape}, sum {weight.sum():g}"
            allowed = "one row of weights with a positive sum, from the count 0 on"
            raise InputError([Fault("aggregate.frequency", got, allowed, code="weights")])
        return cls(np.asarray(frozen(weight / weight.sum()), np.float64))

    @property
    def mean(self) -> float:
        return float(np.arange(self.chances.size) @ self.chances)

    @property
    def variance(self) -> float:
        return self.central_moment(2)

    def central_moment(self, order: int) -> float:
        return float((np.arange(self.chances.size) - self.mean) ** order @ self.chances)

    def pmf(self, k: FloatArray) -> FloatArray:
        """P(N = k) at whole k >= 0."""
        inside = k < self.chances.size
        return np.where(inside, self.chances[np.where(inside, k, 0.0).astype(np.int64)], 0.0)


Count = CountLaw | CountTableLaw
"""The law of a count, of the library or a table."""

_NEGLIGIBLE = 1e-18
"""What is left of a sum of chances times powers may be left out from here on."""

_KNOWN = (PoissonLaw, NegativeBinomialLaw, BinomialLaw, ZeroModifiedLaw, CountTableLaw)


def count_law(frequency: Any) -> Count:
    """The law of a count as a user gives it.

    Raises
    ------
    InputError
        Where it is none of a frequency, a whole number >= 0, or a row of weights.
    """
    frequency = getattr(frequency, "distribution", frequency)  # a fit brings one
    if isinstance(frequency, FrequencyModel):
        return frequency.law
    if isinstance(frequency, _KNOWN):
        return frequency
    if isinstance(frequency, int | np.integer) and not isinstance(frequency, bool):
        require("aggregate.frequency", int(frequency), minimum=0, maximum=1e9, unit="claims")
        number = int(frequency)
        return BinomialLaw(float(number), number) if number else PoissonLaw(0.0)
    if isinstance(frequency, Sequence | np.ndarray) and not isinstance(frequency, str):
        return CountTableLaw.of(frequency)
    allowed = "a frequency such as Poisson(mean=3), a whole number, or the weight of each count"
    got = type(frequency).__name__
    raise InputError([Fault("aggregate.frequency", got, allowed, code="frequency")])


def generating(law: Count, z: ComplexArray) -> ComplexArray:
    """E[z^N] at complex `z` within the unit circle."""
    match law:
        case PoissonLaw():
            return np.exp(law.mean * (z - 1.0))
        case NegativeBinomialLaw():
            return np.exp(-law.dispersion * np.log1p(law.mean / law.dispersion * (1.0 - z)))
        case BinomialLaw():
            chance = law.mean / law.trials
            return np.asarray((1.0 - chance + chance * z) ** law.trials, np.complex128)
        case ZeroModifiedLaw():
            return 1.0 - law.weight + law.weight * generating(law.parent, z)
        case CountTableLaw():
            return _power_series(law.chances, z)
    raise TypeError(f"no generating function for {type(law).__name__}")


def _power_series(chances: FloatArray, z: ComplexArray) -> ComplexArray:
    """The sum of chances[k] z^k within the unit circle, to rounding: small z need few of many terms."""
    total, terms, left = np.empty(z.shape, np.complex128), 64, np.ones(z.shape, np.bool_)
    while left.any():
        enough = terms >= chances.size
        now = left if enough else left & (np.abs(z) <= _NEGLIGIBLE ** (1.0 / terms))
        total[now] = np.polyval(chances[:terms][::-1], z[now])
        left, terms = left & ~now, 4 * terms
    return total


def third_central_moment(law: Count) -> float:
    """E[(N - E N)^3]."""
    match law:
        case PoissonLaw():
            return law.mean
        case NegativeBinomialLaw():
            heads = law.mean / law.dispersion
            return law.mean * (1.0 + heads) * (1.0 + 2.0 * heads)
        case BinomialLaw():
            chance = law.mean / law.trials
            return law.mean * (1.0 - chance) * (1.0 - 2.0 * chance)
        case ZeroModifiedLaw():
            parent, mean = law.parent, law.parent.mean
            raw = third_central_moment(parent) + 3.0 * mean * parent.variance + mean**3
            return law.weight * raw - 3.0 * law.mean * law.variance - law.mean**3
        case CountTableLaw():
            return law.central_moment(3)
    raise TypeError(f"no third moment for {type(law).__name__}")


def largest_count(law: Count) -> float:
    """The most claims that can be; infinite where there is no end."""
    match law:
        case PoissonLaw() | NegativeBinomialLaw():
            return math.inf if law.mean > 0.0 else 0.0
        case BinomialLaw():
            return float(law.trials)
        case ZeroModifiedLaw():
            return largest_count(law.parent)
        case CountTableLaw():
            return float(np.flatnonzero(law.chances)[-1])
    return math.inf


class PanjerNumbers(NamedTuple):
    """P(N = n) = (a + b / n) P(N = n - 1) for n >= 2, with P(N = 1) = (a + b) P(parent = 0) x weight.

    `log_zero` is log P(parent = 0); `weight` is one for counts that are not modified at zero.
    """

    a: float
    b: float
    log_zero: float
    weight: float


def panjer_numbers(law: Count) -> PanjerNumbers:
    """The numbers of the recursion.

    Raises
    ------
    InputError
        Where the count has none: a table of counts, or a binomial that is certain.
    """
    match law:
        case PoissonLaw():
            return PanjerNumbers(0.0, law.mean, -law.mean, 1.0)
        case NegativeBinomialLaw():
            heads = law.mean / law.dispersion
            a = heads / (1.0 + heads)
            return PanjerNumbers(
                a, (law.dispersion - 1.0) * a, -law.dispersion * math.log1p(heads), 1.0
            )
        case BinomialLaw() if law.mean < law.trials:
            odds = law.mean / (law.trials - law.mean)
            log_zero = law.trials * math.log1p(-law.mean / law.trials)
            return PanjerNumbers(-odds, (law.trials + 1.0) * odds, log_zero, 1.0)
        case ZeroModifiedLaw():
            return panjer_numbers(law.parent)._replace(weight=law.weight)
    fault = Fault(
        "aggregate.method",
        "panjer",
        "a Poisson, negative binomial or binomial count, or one of them modified at zero",
        'For any other count write method="fft".',
        code="not_panjer",
    )
    raise InputError([fault])

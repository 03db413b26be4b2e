"""Mixtures of exponentials and Erlangs: the claims for which the chance of ruin is known exactly."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt

from mutualfund.claims.laws import GammaLaw, amounts
from mutualfund.errors import Fault, InputError, listed, one_number, require
from mutualfund.types import FloatArray


@dataclass(frozen=True, slots=True)
class ErlangMixture:
    """A claim that is, with each weight, the sum of `shape` exponentials of mean ``1 / rate``.

    weights: (n,) > 0, brought to a sum of one. shapes: (n,) whole numbers, 1 for an exponential. rates: (n,)
    > 0, a unit of currency. It answers a law's questions, so it is a severity for `aggregate` too.

    Raises
    ------
    InputError
        Where the three are not equally long, empty, or out of range.

    >>> claims = ErlangMixture([0.5, 0.5], [1, 1], [3.0, 7.0])
    >>> round(claims.mean, 6), round(float(claims.sf(0.5)), 6)
    (0.238095, 0.126664)
    """

    weights: Sequence[float]
    shapes: Sequence[int]
    rates: Sequence[float]
    terms: tuple[tuple[float, GammaLaw], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("weights", "shapes", "rates"):
            stated = listed(f"claims.{name}", getattr(self, name), "numbers")
            object.__setattr__(self, name, stated)
        sizes = {len(self.weights), len(self.shapes), len(self.rates)}
        if len(sizes) != 1 or not self.weights:
            got = f"{len(self.weights)} weights, {len(self.shapes)} shapes, {len(self.rates)} rates"
            raise InputError([Fault("claims.terms", got, "as many of each, at least one")])
        require("claims.weights", self.weights, minimum=5e-324, maximum=1e300, unit="weight")
        require(
            "claims.rates", self.rates, minimum=1e-300, maximum=1e300, unit="a unit of currency"
        )
        require("claims.shapes", self.shapes, minimum=1, maximum=1000, unit="exponentials")
        require(
            "claims.shapes",
            [abs(shape - round(shape)) for shape in self.shapes],
            minimum=0.0,
            maximum=0.0,
            unit="distance from a whole number",
        )
        total = math.fsum(self.weights)
        terms = tuple(
            (weight / total, GammaLaw(float(round(shape)), 1.0 / rate))
            for weight, shape, rate in zip(self.weights, self.shapes, self.rates, strict=True)
        )
        object.__setattr__(self, "terms", terms)

    def _mixed(self, value: Callable[[GammaLaw], FloatArray]) -> FloatArray:
        return np.asarray(sum(weight * value(law) for weight, law in self.terms), np.float64)

    @property
    def mean(self) -> float:
        """E[X]."""
        return math.fsum(weight * law.mean for weight, law in self.terms)

    @property
    def variance(self) -> float:
        """Var[X]."""
        second = math.fsum(weight * (law.variance + law.mean**2) for weight, law in self.terms)
        return second - self.mean**2

    def sf(self, x: npt.ArrayLike) -> FloatArray:
        """P(X > x)."""
        return self._mixed(lambda law: law.sf(x))

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        """P(X <= x)."""
        return self._mixed(lambda law: law.cdf(x))

    def limited_mean(self, d: npt.ArrayLike) -> FloatArray:
        """E[min(X, d)]."""
        return self._mixed(lambda law: law.limited_mean(d))

    def second_limited_moment(self, d: npt.ArrayLike) -> FloatArray:
        """E[min(X, d)^2]."""
        return self._mixed(lambda law: law.second_limited_moment(d))

    def stop_loss(self, d: npt.ArrayLike) -> FloatArray:
        """E[max(X - d, 0)]."""
        return self._mixed(lambda law: law.stop_loss(d))

    def isf(self, q: npt.ArrayLike) -> FloatArray:
        """Smallest amount exceeded with probability at most q, by bisection between the terms' own."""
        require("claims.isf.q", q, minimum=0.0, maximum=1.0, unit="probability")
        chance = np.asarray(q, dtype=np.float64)
        each = np.stack([law.isf(chance) for _, law in self.terms])
        low, high = each.min(axis=0), each.max(axis=0)
        for _ in range(200):
            middle = 0.5 * (low + high)
            if np.all((middle <= low) | (middle >= high) | ~np.isfinite(middle)):
                break
            over = self.sf(middle) > chance
            low, high = np.where(over, middle, low), np.where(over, high, middle)
        return np.asarray(high, np.float64)

    def quantile(self, p: npt.ArrayLike) -> FloatArray:
        """Smallest amount x with P(X <= x) >= p."""
        require("claims.quantile.p", p, minimum=0.0, maximum=1.0, unit="probability")
        return self.isf(1.0 - np.asarray(p, dtype=np.float64))

    def mgf_less_one(self, r: float) -> float:
        """E[exp(r X)] - 1, for r below the smallest rate."""
        return math.fsum(
            weight * math.expm1(-law.alpha * math.log1p(-r * law.theta))
            for weight, law in self.terms
        )

    def scaled(self, factor: float) -> Self:
        """The same with every amount multiplied by `factor` (> 0)."""
        one_number("claims.scaled.factor", factor, minimum=5e-324, maximum=1e300, unit="factor")
        rates = [rate / factor for rate in self.rates]
        return type(self)(self.weights, self.shapes, rates)

    def phases(self) -> tuple[FloatArray, FloatArray]:
        """Start chances (m,) and generator (m, m) of the phases that a claim runs through."""
        sizes = [round(law.alpha) for _, law in self.terms]
        start, generator = np.zeros(sum(sizes)), np.zeros((sum(sizes), sum(sizes)))
        first = 0
        for (weight, law), size in zip(self.terms, sizes, strict=True):
            rate = 1.0 / law.theta
            block = np.arange(first, first + size)
            start[first] = weight
            generator[block, block] = -rate
            generator[block[:-1], block[1:]] = rate
            first += size
        return start, generator


def whole_amounts(x: npt.ArrayLike) -> FloatArray:
    """Capitals as floats, refused where negative."""
    require("ruin.capital", x, minimum=0.0, maximum=1e300, unit="currency")
    return amounts(x)

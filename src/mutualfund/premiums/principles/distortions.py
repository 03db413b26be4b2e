"""Distortions: premiums that are the mean of the loss once its bad outcomes are made more likely.

A distortion maps each probability of exceedance u to a larger one, g(u); the premium is the integral of
g(S(x)), or the mean of the loss at the places g^-1(v) for v uniform. S. Wang, *Premium calculation by
transforming the layer premium density*, ASTIN Bulletin 26 (1996).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mutualfund.types import FloatArray


class Distortion(Protocol):
    """A concave map of the unit interval onto itself, its slope and its inverse."""

    def raised(self, u: FloatArray) -> FloatArray:
        """g(u)."""
        ...

    def slope(self, u: FloatArray) -> FloatArray:
        """g'(u) for u above 0."""
        ...

    def lowered(self, v: FloatArray, d: FloatArray) -> tuple[FloatArray, FloatArray]:
        """g^-1(v) and 1 - g^-1(v), given v and d = 1 - v, each to full precision."""
        ...


@dataclass(frozen=True, slots=True)
class TailDistortion:
    """g(u) = min(u / (1 - p), 1): the mean of the worst 1 - p."""

    probability: float

    def raised(self, u: FloatArray) -> FloatArray:
        return np.minimum(u / (1.0 - self.probability), 1.0)

    def slope(self, u: FloatArray) -> FloatArray:
        return np.where(u < 1.0 - self.probability, 1.0 / (1.0 - self.probability), 0.0)

    def lowered(self, v: FloatArray, d: FloatArray) -> tuple[FloatArray, FloatArray]:
        worst = 1.0 - self.probability
        return worst * v, self.probability + worst * d


@dataclass(frozen=True, slots=True)
class PowerDistortion:
    """g(u) = u^(1 / (1 + loading)): Wang's proportional hazards."""

    loading: float

    def raised(self, u: FloatArray) -> FloatArray:
        return np.asarray(u ** (1.0 / (1.0 + self.loading)))

    def slope(self, u: FloatArray) -> FloatArray:
        power = 1.0 / (1.0 + self.loading)
        return np.asarray(power * u ** (power - 1.0))

    def lowered(self, v: FloatArray, d: FloatArray) -> tuple[FloatArray, FloatArray]:
        log = np.where(v <= 0.5, np.log(v), np.log1p(-np.minimum(d, 0.5)))
        return np.exp((1.0 + self.loading) * log), -np.expm1((1.0 + self.loading) * log)


@dataclass(frozen=True, slots=True)
class NormalDistortion:
    """g(u) = Phi(Phi^-1(u) + shift): Wang's transform."""

    shift: float

    def raised(self, u: FloatArray) -> FloatArray:
        from scipy import special

        return np.asarray(special.ndtr(special.ndtri(u) + self.shift))

    def slope(self, u: FloatArray) -> FloatArray:
        from scipy import special

        return np.asarray(np.exp(-self.shift * special.ndtri(u) - 0.5 * self.shift**2))

    def lowered(self, v: FloatArray, d: FloatArray) -> tuple[FloatArray, FloatArray]:
        from scipy import special

        up, down = special.ndtri(v) - self.shift, special.ndtri(d) + self.shift
        # Each from the end that still tells it from 0 and from 1.
        return (
            np.where(v <= 0.5, special.ndtr(up), special.ndtr(-down)),
            np.where(v <= 0.5, special.ndtr(-up), special.ndtr(down)),
        )

"""Amounts that take finitely many values: an observed sample, or one fixed amount."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from mutualfund.types import FloatArray, frozen


@dataclass(frozen=True, slots=True, eq=False)
class DiscreteLaw:
    """Values in increasing order with their probabilities.

    values, share: (n_values,), the shares positive and summing to one.
    """

    values: FloatArray
    share: FloatArray

    @classmethod
    def of(cls, values: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> DiscreteLaw:
        """The law of a sample, equal values merged, weights brought to a sum of one."""
        amounts, place = np.unique(np.asarray(values, dtype=np.float64), return_inverse=True)
        given = np.ones(place.size) if weights is None else np.asarray(weights, dtype=np.float64)
        weight = np.bincount(place, weights=given)
        kept = weight > 0.0
        share = weight[kept] / weight.sum()
        return cls(values=np.asarray(frozen(amounts[kept]), np.float64), share=share)

    @property
    def mean(self) -> float:
        return float(self.values @ self.share)

    @property
    def variance(self) -> float:
        return float((self.values - self.mean) ** 2 @ self.share)

    def _above(self) -> FloatArray:
        """(n_values,) P(X > value), summed from the top so that the last is exactly zero."""
        return np.append(np.cumsum(self.share[:0:-1])[::-1], 0.0)

    def _place(self, x: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """How many values are at most `x`."""
        return np.searchsorted(self.values, np.asarray(x, dtype=np.float64), side="right")

    def sf(self, x: npt.ArrayLike) -> FloatArray:
        return np.append(1.0, self._above())[self._place(x)]

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        return 1.0 - self.sf(x)

    def quantile(self, p: npt.ArrayLike) -> FloatArray:
        """Smallest value whose distribution function reaches `p`."""
        return self.isf(1.0 - np.asarray(p, dtype=np.float64))

    def isf(self, q: npt.ArrayLike) -> FloatArray:
        """Smallest value exceeded with probability at most `q` (rounding of the sums forgiven)."""
        chance = np.asarray(q, dtype=np.float64)
        slack = 1e-12 * np.minimum(chance, 1.0) + 4e-16
        below = np.searchsorted(-self._above(), -(chance + slack), side="left")
        return self.values[np.minimum(below, self.values.size - 1)]

    def limited_mean(self, d: npt.ArrayLike) -> FloatArray:
        return self._limited(d, 1)

    def second_limited_moment(self, d: npt.ArrayLike) -> FloatArray:
        return self._limited(d, 2)

    def _limited(self, d: npt.ArrayLike, order: int) -> FloatArray:
        amount = np.asarray(d, dtype=np.float64)
        below = np.append(0.0, np.cumsum(self.values**order * self.share))
        place = self._place(amount)
        rest = self.sf(amount)
        with np.errstate(invalid="ignore"):
            return below[place] + np.where(rest == 0.0, 0.0, amount**order * rest)

    def stop_loss(self, d: npt.ArrayLike) -> FloatArray:
        amount = np.asarray(d, dtype=np.float64)
        above = np.append(np.cumsum((self.values * self.share)[::-1])[::-1], 0.0)
        rest = self.sf(amount)
        with np.errstate(invalid="ignore"):
            return above[self._place(amount)] - np.where(rest == 0.0, 0.0, amount * rest)

    def scaled(self, factor: float) -> Self:
        return type(self)(values=self.values * factor, share=self.share)

"""A body with another law's tail joined on (definition of a spliced severity).

The tail takes over above a point and keeps the body's probability of exceeding it, so the body says how often
a large claim happens and the tail how large it then is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from mutualfund.claims.laws import Law, times
from mutualfund.types import FloatArray


@dataclass(frozen=True, slots=True)
class ExceedingLaw:
    """A law conditioned on exceeding `above`: X given X > above."""

    law: Law
    above: float

    @property
    def _chance(self) -> float:
        return float(self.law.sf(self.above))

    @property
    def mean(self) -> float:
        return self.above + float(self.law.stop_loss(self.above)) / self._chance

    @property
    def variance(self) -> float:
        excess = self.law.variance + self.law.mean**2
        excess -= float(self.law.second_limited_moment(self.above))
        return excess / self._chance + self.above**2 - self.mean**2

    def sf(self, x: npt.ArrayLike) -> FloatArray:
        return self.law.sf(np.maximum(x, self.above)) / self._chance

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        inside = self.law.cdf(np.maximum(x, self.above)) - self.law.cdf(self.above)
        return inside / self._chance

    def quantile(self, p: npt.ArrayLike) -> FloatArray:
        return self.isf(1.0 - np.asarray(p, dtype=np.float64))

    def isf(self, q: npt.ArrayLike) -> FloatArray:
        beyond = self.law.isf(np.asarray(q, dtype=np.float64) * self._chance)
        return np.maximum(beyond, self.above)

    def limited_mean(self, d: npt.ArrayLike) -> FloatArray:
        amount = np.asarray(d, dtype=np.float64)
        top = np.maximum(amount, self.above)
        more = self.law.limited_mean(top) - self.law.limited_mean(self.above)
        return np.minimum(amount, self.above) + more / self._chance

    def second_limited_moment(self, d: npt.ArrayLike) -> FloatArray:
        amount = np.asarray(d, dtype=np.float64)
        top = np.maximum(amount, self.above)
        more = self.law.second_limited_moment(top) - self.law.second_limited_moment(self.above)
        return np.minimum(amount, self.above) ** 2 + more / self._chance

    def stop_loss(self, d: npt.ArrayLike) -> FloatArray:
        amount = np.asarray(d, dtype=np.float64)
        beyond = self.law.stop_loss(np.maximum(amount, self.above)) / self._chance
        return beyond + np.maximum(self.above - amount, 0.0)

    def scaled(self, factor: float) -> Self:
        return replace(self, law=self.law.scaled(factor), above=self.above * factor)


@dataclass(frozen=True, slots=True)
class SplicedLaw:
    """`body` up to `above`, then `tail` (a law of amounts above that point)."""

    body: Law
    tail: Law
    above: float

    @property
    def tail_chance(self) -> float:
        """P(X > above), the body's."""
        return float(self.body.sf(self.above))

    @property
    def mean(self) -> float:
        further = self.tail.mean - self.above
        return float(self.body.limited_mean(self.above)) + self.tail_chance * further

    @property
    def variance(self) -> float:
        second = self.tail.variance + self.tail.mean**2 - self.above**2
        second = float(self.body.second_limited_moment(self.above)) + self.tail_chance * second
        return second - self.mean**2

    def sf(self, x: npt.ArrayLike) -> FloatArray:
        amount = np.asarray(x, dtype=np.float64)
        beyond = self.tail_chance * self.tail.sf(np.maximum(amount, self.above))
        return np.where(amount <= self.above, self.body.sf(amount), beyond)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        amount = np.asarray(x, dtype=np.float64)
        return np.where(amount <= self.above, self.body.cdf(amount), 1.0 - self.sf(amount))

    def quantile(self, p: npt.ArrayLike) -> FloatArray:
        chance = np.asarray(p, dtype=np.float64)
        beyond = self._beyond(1.0 - chance)
        return np.where(1.0 - chance >= self.tail_chance, self.body.quantile(chance), beyond)

    def isf(self, q: npt.ArrayLike) -> FloatArray:
        chance = np.asarray(q, dtype=np.float64)
        return np.where(chance >= self.tail_chance, self.body.isf(chance), self._beyond(chance))

    def _beyond(self, chance: FloatArray) -> FloatArray:
        """Amount exceeded with probability `chance`, where that lies in the tail."""
        if self.tail_chance == 0.0:
            return np.full(chance.shape, self.above)
        return self.tail.isf(np.clip(chance / self.tail_chance, 0.0, 1.0))

    def limited_mean(self, d: npt.ArrayLike) -> FloatArray:
        amount = np.asarray(d, dtype=np.float64)
        more = self.tail.limited_mean(np.maximum(amount, self.above)) - self.above
        in_body = self.body.limited_mean(np.minimum(amount, self.above))
        return in_body + self.tail_chance * np.maximum(more, 0.0)

    def second_limited_moment(self, d: npt.ArrayLike) -> FloatArray:
        amount = np.asarray(d, dtype=np.float64)
        more = self.tail.second_limited_moment(np.maximum(amount, self.above)) - self.above**2
        in_body = self.body.second_limited_moment(np.minimum(amount, self.above))
        return in_body + times(np.maximum(more, 0.0), np.asarray(self.tail_chance))

    def stop_loss(self, d: npt.ArrayLike) -> FloatArray:
        amount = np.asarray(d, dtype=np.float64)
        beyond = self.tail_chance * self.tail.stop_loss(np.maximum(amount, self.above))
        below = np.minimum(amount, self.above)
        return beyond + self.body.stop_loss(below) - self.body.stop_loss(self.above)

    def scaled(self, factor: float) -> Self:
        body, tail = self.body.scaled(factor), self.tail.scaled(factor)
        return replace(self, body=body, tail=tail, above=self.above * factor)


_FARTHEST = 300.0
"""Largest logarithm of a body's scaling that is tried: beyond it the amounts leave the range of numbers."""


def splice_to_mean(body: Law, tail: Law, above: float, mean: float) -> SplicedLaw:
    """Scale `body`, shape kept, until body and tail together have `mean`.

    The overall mean rises from zero to the tail's own mean as the body grows, so there is one answer wherever
    `mean` lies below the tail's; elsewhere there is none.

    Raises
    ------
    ValueError
        Where the tail's mean does not exceed `mean`, or by too little to be told apart.
    """
    from scipy import optimize

    if not tail.mean > mean:
        raise ValueError(f"the mean {mean:g} must lie below the tail's own mean {tail.mean:g}")

    def gap(log_factor: float) -> float:
        return SplicedLaw(body.scaled(np.exp(log_factor)), tail, above).mean / mean - 1.0

    low, high = -1.0, 1.0
    while gap(low) > 0.0:
        low *= 2.0
    while gap(high) < 0.0:
        high *= 2.0
        if high > _FARTHEST:
            raise ValueError(f"the mean {mean:g} is too close to the tail's own mean {tail.mean:g}")
    root = optimize.brentq(gap, low, high, xtol=1e-15, rtol=1e-15, maxiter=500)
    return SplicedLaw(body.scaled(float(np.exp(root))), tail, above)

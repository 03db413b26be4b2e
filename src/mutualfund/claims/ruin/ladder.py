"""The Pollaczek-Khinchine formula on a lattice: ruin as a compound geometric sum of record losses.

P(ruin from u) = P(L > u), L the sum of a geometric number (chance of one more: lambda mean / c) of amounts
with the density S(x) / mean. S. Asmussen and H. Albrecher, *Ruin Probabilities*, 2nd ed. (2010), theorem
IV.2.1; bounds by rounding the amounts: F. Dufresne and H. Gerber, "Three methods to calculate the probability
of ruin", *ASTIN Bulletin* 19 (1989).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from mutualfund.claims.aggregate.amounts import tail_index
from mutualfund.claims.aggregate.cells import Rounding
from mutualfund.claims.aggregate.collective import Collective
from mutualfund.claims.aggregate.compound import (
    Frame,
    compound_law,
    rounded_law,
    severity_cells,
)
from mutualfund.claims.aggregate.lattice import LatticeLaw
from mutualfund.claims.frequency import NegativeBinomial
from mutualfund.claims.laws import Law, times
from mutualfund.types import FloatArray

_TILTING = 24.0
"""Leaves 4e-11 of what wraps around, which may be most of the law, and raises rounding to as much."""


@dataclass(frozen=True, slots=True)
class LadderLaw:
    """By how much a new record loss exceeds the last one: density S(x) / mean."""

    law: Law

    @property
    def mean(self) -> float:
        return (self.law.variance + self.law.mean**2) / (2.0 * self.law.mean)

    @property
    def variance(self) -> float:
        return math.inf

    @property
    def tail_index(self) -> float:
        return tail_index(self.law) - 1.0

    def sf(self, x: npt.ArrayLike) -> FloatArray:
        return np.minimum(self.law.stop_loss(x) / self.law.mean, 1.0)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        return self.law.limited_mean(x) / self.law.mean

    def isf(self, q: npt.ArrayLike) -> FloatArray:
        """Not needed on a lattice whose end is given."""
        return np.full(np.shape(q), math.inf)

    def quantile(self, p: npt.ArrayLike) -> FloatArray:
        return np.full(np.shape(p), math.inf)

    def limited_mean(self, d: npt.ArrayLike) -> FloatArray:
        amount = np.asarray(d, dtype=np.float64)
        inside = self.law.second_limited_moment(amount) / 2.0
        return (inside + times(amount, self.law.stop_loss(amount))) / self.law.mean

    def second_limited_moment(self, d: npt.ArrayLike) -> FloatArray:
        return np.full(np.shape(d), math.nan)

    def stop_loss(self, d: npt.ArrayLike) -> FloatArray:
        return np.maximum(self.mean - self.limited_mean(d), 0.0)

    def scaled(self, factor: float) -> Self:
        return type(self)(self.law.scaled(factor))


def record_losses(
    law: Law, again: float, largest: float, points: int, rounding: Rounding
) -> LatticeLaw:
    """The law of L up to `largest`, on about `points` points."""
    part = Collective(NegativeBinomial(mean=again / (1.0 - again), dispersion=1.0), LadderLaw(law))
    frame = Frame(largest / (points - 2.0), points, wrapped=_TILTING)
    masses = severity_cells([part], frame, rounding)
    if rounding == "mean":
        return compound_law([part], frame, masses).law
    return rounded_law([part], frame, masses)

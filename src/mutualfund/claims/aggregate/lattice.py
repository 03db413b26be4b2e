"""A law on equally spaced amounts, read as what it stands for: atoms where they are, density between them.

The masses of a mean-preserving lattice are those of hat functions, so at a lattice point half of the mass
without an atom lies above the point and half below. Read that way, distribution function and quantile are
right to the second order of the step, and at atoms exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from mutualfund.errors import Fault, InputError, numbers
from mutualfund.types import FloatArray

ROUNDING = 1e-13
"""Probability below which what is missing from a lattice is rounding, not a tail beyond it."""

NEGLIGIBLE = 1e-10
"""Probability beyond the lattice that is taken for none where an amount beyond it is asked about."""

_FORGIVEN = 4e-15
"""Rounding of the sums that a quantile forgives, so that F(x) = p finds x."""


@dataclass(frozen=True, eq=False)
class LatticeLaw:
    """Masses at ``start + k step``, k = 0, 1, ..., and the exact mean and variance of what they stand for.

    mass: (n,) probabilities; what they lack of one lies beyond the last point. atoms: (n,) the part of each
    mass that is a probability of that very amount. most: the largest amount that is possible. third: the
    exact third central moment, NaN where it is not known. tail_index: the order from which moments do not
    exist. exponential_limit: the rate from which exponential moments do not. farther: the same law on a
    coarser lattice, which says how what lies beyond this one is spread.
    """

    start: float
    step: float
    mass: FloatArray
    atoms: FloatArray
    mean: float
    variance: float
    most: float = math.inf
    third: float = math.nan
    tail_index: float = math.inf
    exponential_limit: float = math.inf
    farther: LatticeLaw | None = None
    above: FloatArray = field(init=False, repr=False)
    beyond: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        mass = np.array(self.mass)
        missing = 1.0 - float(mass.sum())
        beyond = missing if missing > ROUNDING else 0.0
        above = np.empty(mass.size)
        above[-1] = 0.0
        above[:-1] = np.cumsum(mass[:0:-1])[::-1]
        own = {"mass": mass, "atoms": np.array(self.atoms), "above": above + beyond}
        for name, value in own.items():
            value.flags.writeable = False
            object.__setattr__(self, name, value)
        object.__setattr__(self, "beyond", beyond)

    @property
    def size(self) -> int:
        """How many lattice points there are."""
        return self.mass.size

    @property
    def end(self) -> float:
        """The last lattice point."""
        return self.start + self.step * (self.size - 1)

    @property
    def reach(self) -> float:
        """The amount up to which the law can be asked."""
        return self.end if self.farther is None else self.farther.reach

    @property
    def unknown(self) -> float:
        """Probability of an amount beyond `reach`."""
        if self.farther is None:
            return self.beyond
        return self.farther.unknown * self._carried

    @cached_property
    def _carried(self) -> float:
        """P(S > end) here over what the coarser lattice says of it, which is a little off."""
        coarse = float(self.farther.sf(self.end)) if self.farther is not None else 1.0
        return float(self.survival[-1]) / coarse if coarse > 0.0 else 0.0

    @property
    def amounts(self) -> FloatArray:
        """(n,) the lattice points, currency."""
        return self.start + self.step * np.arange(self.size, dtype=np.float64)

    @cached_property
    def is_atomic(self) -> bool:
        """Whether every mass is an atom: the law is exactly this lattice."""
        return bool(np.all(self.mass - self.atoms <= 1e-15))

    @cached_property
    def survival(self) -> FloatArray:
        """(n,) P(S > point): half of a mass that is no atom lies above its point."""
        upper = self.above + 0.5 * np.maximum(self.mass - self.atoms, 0.0)
        if self.start == 0.0:  # nothing lies below zero, so all of the first mass lies above it
            upper[0] = self.above[0] + max(self.mass[0] - self.atoms[0], 0.0)
        upper[self.amounts >= self.most * (1.0 - 1e-12)] = 0.0
        return np.clip(np.minimum.accumulate(upper), 0.0, 1.0)

    @cached_property
    def _before(self) -> FloatArray:
        """(n,) P(S >= point)."""
        return self.survival + self.atoms

    @cached_property
    def _limited(self) -> FloatArray:
        """(n,) E[min(S, point)]."""
        cells = np.cumsum(self.above[:-1])
        return self.start + self.step * np.append(0.0, cells)

    @cached_property
    def _over(self) -> FloatArray:
        """(n,) E[max(S - point, 0)]."""
        last = max(self.mean - float(self._limited[-1]), 0.0) if self.beyond > 0.0 else 0.0
        cells = np.cumsum(self.above[-2::-1])[::-1]
        return last + self.step * np.append(cells, 0.0)

    def _place(self, x: npt.ArrayLike) -> tuple[npt.NDArray[np.int64], FloatArray]:
        """The lattice point at or below each amount, and how far into the cell above it lies, 0 to 1."""
        amount = np.minimum(np.asarray(x, dtype=np.float64), self.end)
        place = (amount - self.start) / self.step
        near = np.rint(place)
        place = np.where(np.abs(place - near) <= 1e-9 * np.maximum(1.0, np.abs(near)), near, place)
        inside = np.clip(place, 0.0, self.size - 1.0)
        point = np.minimum(np.floor(inside), self.size - 2.0 if self.size > 1 else 0.0)
        return point.astype(np.int64), inside - point

    def _require_within(self, x: npt.ArrayLike) -> FloatArray:
        amount = numbers("aggregate.amount", x)
        if np.any(np.isnan(amount)):
            raise InputError([Fault("aggregate.amount", "nan", "a number", code="range")])
        too_far = (amount > self.reach * (1.0 + 1e-12)) & (amount < math.inf)
        if self.unknown > NEGLIGIBLE and np.any(too_far):
            got = f"{float(np.max(amount[too_far])):g}"
            raise InputError([self._too_far(got, f"at most {self.reach:g}")])
        return amount

    def _or_farther(
        self, amount: FloatArray, inside: FloatArray, answer: Callable[[LatticeLaw], FloatArray]
    ) -> FloatArray:
        """`inside`, and of finite amounts beyond this lattice what the coarser one answers."""
        outside = (amount > self.end * (1.0 + 1e-12)) & (amount < math.inf)
        if self.farther is None or not np.any(outside):
            return inside
        return np.where(outside, answer(self.farther), inside)

    def _too_far(self, got: str, allowed: str) -> Fault:
        remedy = "Ask for a deeper grid: aggregate(..., grid=Grid(reach=..., points=...))."
        text = (
            f"{allowed}, which is exceeded with probability {self.unknown:.1e}: the grid ends there"
        )
        return Fault("aggregate.amount", got, text, remedy, code="beyond_grid")

    def sf(self, x: npt.ArrayLike) -> FloatArray:
        amount = self._require_within(x)
        point, part = self._place(amount)
        if self.size == 1:
            inside = np.full(amount.shape, self.survival[0])
        else:
            low, high = self.survival[point], self._before[point + 1]
            inside = np.where(part < 1.0, low + part * (high - low), self.survival[point + 1])
        inside = np.where(amount > self.end * (1.0 + 1e-12), 0.0, inside)
        inside = np.where(amount < self.start, 1.0, inside)
        return self._or_farther(amount, inside, lambda law: law.sf(amount) * self._carried)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        return 1.0 - self.sf(x)

    def isf(self, q: npt.ArrayLike) -> FloatArray:
        """Smallest amount exceeded with probability at most `q`."""
        chance = np.asarray(q, dtype=np.float64)
        outside = (chance + _FORGIVEN < float(self.survival[-1])) & (chance > 0.0)
        if np.any(outside):
            within = self.isf(np.where(outside, 1.0, chance))
            return np.where(outside, self._isf_beyond(np.where(outside, chance, 1.0)), within)
        point = np.searchsorted(-self.survival, -(chance + _FORGIVEN), side="left")
        point = np.minimum(point, self.size - 1)
        below = np.maximum(point - 1, 0)
        fall = self.survival[below] - self._before[point]
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.where(fall > 0.0, (self.survival[below] - chance) / fall, 1.0)
        inside = (point > 0) & (self._before[point] <= chance)
        steps = np.where(inside, below + np.clip(part, 0.0, 1.0), point)
        found = np.where(chance >= 1.0, self._least, self.start + self.step * steps)
        return np.where(chance == 0.0, self.most, found)

    def _isf_beyond(self, chance: FloatArray) -> FloatArray:
        """Amounts beyond the end, of probabilities above zero and less than that of the end, or one."""
        if self.farther is None:
            got = f"the amount exceeded with probability {float(np.min(chance)):g}"
            raise InputError([self._too_far(got, f"an amount up to {self.end:g}")])
        coarse = np.minimum(chance / self._carried, 1.0)
        return np.maximum(self.farther.isf(coarse), self.end)

    @property
    def _least(self) -> float:
        """The quantile of probability zero: what lies below a lattice that begins late is not on it."""
        return 0.0 if self.start >= 0.0 else -math.inf

    def quantile(self, p: npt.ArrayLike) -> FloatArray:
        return self.isf(1.0 - np.asarray(p, dtype=np.float64))

    def pmf(self, x: npt.ArrayLike) -> FloatArray:
        """P(S = x): zero where the law has a density and no atom."""
        amount = self._require_within(x)
        point, part = self._place(amount)
        point = np.where(part == 1.0, point + 1, point)
        on_lattice = (part == 0.0) | (part == 1.0)
        inside = (amount >= self.start) & (amount <= self.end * (1.0 + 1e-12))
        chance = self.atoms[np.minimum(point, self.size - 1)]
        return np.where(on_lattice & inside, chance, 0.0)

    def stop_loss(self, d: npt.ArrayLike) -> FloatArray:
        amount = self._require_within(d)
        over = self._between(amount, self._over) + np.maximum(self.start - amount, 0.0)
        over = np.where(amount > self.end * (1.0 + 1e-12), 0.0, over)
        return self._or_farther(amount, over, lambda law: self._over_beyond(law, amount))

    def _over_beyond(self, farther: LatticeLaw, amount: FloatArray) -> FloatArray:
        """The coarser lattice's stop loss, brought to this one's at its end."""
        scale = float(self._over[-1]) / float(farther.stop_loss(self.end))
        return scale * farther.stop_loss(amount)

    def limited_mean(self, d: npt.ArrayLike) -> FloatArray:
        amount = self._require_within(d)
        level = np.where(amount == math.inf, self.mean, -self._between(amount, -self._limited))
        level = level - np.maximum(self.start - amount, 0.0)
        return self._or_farther(
            amount, level, lambda law: self.mean - self._over_beyond(law, amount)
        )

    def _between(self, amount: FloatArray, levels: FloatArray) -> FloatArray:
        """A stop-loss function between its lattice values: a parabola where there is density."""
        point, part = self._place(amount)
        if self.size == 1:
            return np.full(amount.shape, levels[0])
        low, high = levels[point], levels[point + 1]
        dense = self.survival[point] - self._before[point + 1]
        bend = 0.5 * self.step * part * (1.0 - part) * np.maximum(dense, 0.0)
        return (1.0 - part) * low + part * high - bend

    def second_limited_moment(self, d: npt.ArrayLike) -> FloatArray:
        amount = self._require_within(d)
        whole = self.variance + self.mean**2
        points = self.amounts
        cells = np.append(0.0, np.cumsum(self.above[:-1] * np.diff(points**2)))
        point, part = self._place(amount)
        top = np.minimum(np.maximum(amount, self.start), self.end)
        rest = np.where(part > 0.0, self.above[point] * (top**2 - points[point] ** 2), 0.0)
        level = self.start**2 + cells[point] + rest
        level = np.where(amount < self.start, amount**2, level)
        level = np.where(amount == math.inf, whole, level)

        def beyond(law: LatticeLaw) -> FloatArray:
            more = law.second_limited_moment(amount) - law.second_limited_moment(self.end)
            return self.start**2 + float(cells[-1]) + more * self._carried

        return self._or_farther(amount, level, beyond)

    def atoms_and_chances(self) -> tuple[FloatArray, FloatArray]:
        """The amounts with a probability of their own, and those probabilities."""
        kept = self.atoms > 0.0
        return self.amounts[kept], self.atoms[kept]

    @property
    def largest(self) -> float:
        """The largest amount that is possible, as far as the lattice knows."""
        if self.farther is not None:
            return self.farther.largest
        return self.end if self.beyond == 0.0 else math.inf

    def layer_third_moment(self, deductible: float, limit: float) -> float:
        """E[min(max(S - deductible, 0), limit)^3]; NaN where it needs what lies beyond the lattice."""
        if self.beyond > 0.0 and self.end < deductible + limit < math.inf and self.farther:
            return self.farther.layer_third_moment(deductible, limit)
        if self.beyond > 0.0 and deductible + limit > self.end:
            return self._open_third_moment(deductible) if limit == math.inf else math.nan
        paid = np.minimum(np.maximum(self.amounts - deductible, 0.0), limit)
        return float(paid**3 @ self.mass) + (limit**3 * self.beyond if self.beyond else 0.0)

    def _open_third_moment(self, deductible: float) -> float:
        """E[max(S - deductible, 0)^3]: the exact moment of all amounts, less that of those below."""
        if not (math.isfinite(self.third) and math.isfinite(self.variance)):
            return self.third if deductible < self.end else math.nan
        over = self.mean - deductible
        below = np.minimum(self.amounts - deductible, 0.0)
        return self.third + 3.0 * over * self.variance + over**3 - float(below**3 @ self.mass)

    def scaled(self, factor: float) -> Self:
        return replace(
            self,
            start=self.start * factor,
            step=self.step * factor,
            mean=self.mean * factor,
            variance=self.variance * factor**2,
            most=self.most * factor,
            third=self.third * factor**3,
            exponential_limit=self.exponential_limit / factor,
            farther=None if self.farther is None else self.farther.scaled(factor),
        )

"""Losses on a lattice: counts, and the total costs that `claims.aggregate` finds.

They are sums over the lattice's points. What lies beyond a cost's last point is known by its probability and
its mean; its shape is taken to be a generalised Pareto, whose mean excess is a straight line in the threshold
(A. McNeil, R. Frey, P. Embrechts, *Quantitative Risk Management* (2015), section 5.2.2).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from mutualfund.claims.aggregate.amounts import CoveredLaw
from mutualfund.claims.aggregate.lattice import LatticeLaw
from mutualfund.claims.aggregate.light_tails import exponential_limit
from mutualfund.claims.aggregate.result import Aggregate
from mutualfund.claims.count_laws import CountLaw, NegativeBinomialLaw, ZeroModifiedLaw
from mutualfund.claims.frequency import FrequencyModel
from mutualfund.errors import Fault, InputError
from mutualfund.premiums.principles.distortions import Distortion, TailDistortion
from mutualfund.premiums.principles.integration import WORST, mean_over
from mutualfund.premiums.principles.outcomes import Outcomes
from mutualfund.premiums.principles.premium import Priced
from mutualfund.types import FloatArray

_LEFT_OUT = 1e-290
"""Chance of more claims than the points of a count reach."""

_MOST = 2**22


@dataclass(frozen=True, eq=False)
class Points(Outcomes):
    """Exact values up to a last one. `light_up_to`: the rate to which exponential moments exist.

    `cut`: whether there may be more beyond the last. `noise`: the share below which one is rounding.
    """

    light_up_to: float = math.inf
    cut: bool = True
    noise: float = 0.0

    def exponential_limit(self) -> float:
        return self.light_up_to

    def log_moment(self, rate: float) -> Priced:
        found = super().log_moment(rate)
        return Priced(found.value, 0.0, self._doubtful(rate) / rate)

    def tilted_mean(self, rate: float) -> Priced:
        found = super().tilted_mean(rate)
        apart = float(self.values[-1]) - found.value
        return Priced(found.value, 0.0, self._doubtful(rate) * apart)

    def _doubtful(self, rate: float) -> float:
        """The part of E[exp(rate X)] that rests on rounding, or so near the end that more may lie beyond."""
        weight, _ = self.tilted(rate)
        doubtful = self.share < self.noise
        if self.cut:
            doubtful[-1 - self.share.size // 10 :] = True
        part = float(weight[doubtful].sum())
        if part > WORST:
            got = f"a lattice whose last amounts carry {part:.0%} of the exponential moment"
            allowed = "one that reaches beyond what carries it"
            remedy = "Lower the parameter, or price the part up to a limit: cost.layer(0, limit)."
            raise InputError([Fault("loss", got, allowed, remedy, code="beyond_grid")])
        return part


def of_count(model: FrequencyModel) -> Points:
    """A claim count as a loss, in claims.

    Raises
    ------
    InputError
        Where so many claims are possible that their chances cannot be held.
    """
    number = _numbers(model.sf, 0.0)
    return Points(number, model.pmf(number), sampled=False, light_up_to=_count_limit(model.law))


def of_discrete(frozen: Any) -> Points:
    """A frozen discrete distribution of `scipy.stats`, whole number by whole number.

    Raises
    ------
    InputError
        Where it has no least number, or its chances cannot be held.
    """
    first = float(frozen.support()[0])
    if not math.isfinite(first):
        raise InputError([Fault("loss", "a count without a least", "a least number", code="count")])
    number = _numbers(frozen.sf, first)
    return Points(number, np.asarray(frozen.pmf(number), np.float64), sampled=False)


def _numbers(sf: Callable[[float], Any], first: float) -> FloatArray:
    """(n,) whole numbers from the first to one that is all but never exceeded."""
    size = 64
    while float(sf(first + size)) > _LEFT_OUT:
        size *= 2
        if size > _MOST:
            allowed = f"a count that all but never exceeds {_MOST:,}"
            raise InputError([Fault("loss", "a larger count", allowed, code="count")])
    return first + np.arange(size + 1, dtype=np.float64)


def _count_limit(law: CountLaw) -> float:
    """Beyond it E[exp(a N)] is infinite: the pole of the negative binomial's generating function."""
    match law:
        case ZeroModifiedLaw():
            return _count_limit(law.parent)
        case NegativeBinomialLaw() if law.mean > 0.0:
            return math.log1p(law.dispersion / law.mean)
    return math.inf


@dataclass(frozen=True, eq=False, kw_only=True)
class OnGrid(Points):
    """A year's total cost, or a layer of it, over the lattice it was found on."""

    cost: Aggregate

    @classmethod
    def of(cls, cost: Aggregate) -> OnGrid:
        law = lattice_of(cost)
        share = np.maximum(law.mass, 0.0)
        share[-1] += law.beyond
        covered = cost.law
        limited = isinstance(covered, CoveredLaw) and covered.deductible + covered.limit <= law.end
        return cls(
            paid(cost, law.amounts),
            share,
            sampled=False,
            light_up_to=exponential_limit(covered) or 0.0,
            cut=not (limited or law.most <= law.end * (1.0 + 1e-12)),
            noise=cost.error.rounding / law.size,
            cost=cost,
        )

    @property
    def mean(self) -> float:
        return self.cost.mean

    @property
    def variance(self) -> float:
        return self.cost.variance

    def quantile(self, p: float) -> Priced:
        return Priced(float(self.cost.quantile(p)))

    def distorted(self, distortion: Distortion) -> Priced:
        if isinstance(distortion, TailDistortion):
            return Priced(float(self.cost.tvar(distortion.probability)))
        inside = super().distorted(distortion).value
        if not self.cut or lattice_of(self.cost).beyond == 0.0:
            return Priced(inside)
        found, simple = (self._beyond(distortion, index) for index in (_tail_shape(self.cost), 0.0))
        error = found.numerical_error + abs(found.value - simple.value)
        return Priced(inside + found.value, 0.0, error)

    def _beyond(self, distortion: Distortion, shape: float) -> Priced:
        """What the excess over the last point adds, with its error."""
        law = lattice_of(self.cost)
        chance, end = law.beyond, law.end
        excess = float(law.stop_loss(end)) / chance
        weight = float(distortion.raised(np.array([chance]))[0])
        last = float(self.values[-1])

        def above(v: FloatArray, _: FloatArray) -> FloatArray:
            u = distortion.lowered(weight * v, 1.0 - weight * v)[0] / chance
            return paid(self.cost, end + _pareto(np.minimum(u, 1.0), excess, shape)) - last

        found = mean_over(above)
        return Priced(weight * found.value, 0.0, weight * found.numerical_error)


def _pareto(u: FloatArray, mean: float, shape: float) -> FloatArray:
    """What a generalised Pareto of this mean and shape exceeds with probability u."""
    if shape == 0.0:
        return -mean * np.log(u)
    return mean * (1.0 - shape) / shape * np.expm1(-shape * np.log(u))


def _tail_shape(cost: Aggregate) -> float:
    """One over the tail index, or where there is none the slope of the mean excess before the end."""
    law = lattice_of(cost)
    if law.tail_index < math.inf:
        return 1.0 / law.tail_index
    before = float(law.isf(min(100.0 * law.beyond, 0.5)))
    if before >= law.end:
        return 0.0
    early, late = (float(law.stop_loss(x)) / float(law.sf(x)) for x in (before, law.end))
    slope = max((late - early) / (law.end - before), 0.0)
    return slope / (1.0 + slope)


def lattice_of(cost: Aggregate) -> LatticeLaw:
    """The lattice below all layers."""
    law = cost.law
    while isinstance(law, CoveredLaw):
        law = cast("LatticeLaw | CoveredLaw", law.law)
    return law


def paid(cost: Aggregate, amount: FloatArray) -> FloatArray:
    """What the layers leave of amounts of the sum."""
    return _through(cost.law, amount)


def _through(law: LatticeLaw | CoveredLaw, amount: FloatArray) -> FloatArray:
    if isinstance(law, LatticeLaw):
        return amount
    below = _through(cast("LatticeLaw | CoveredLaw", law.law), amount)
    return law.share * np.minimum(np.maximum(below - law.deductible, 0.0), law.limit)

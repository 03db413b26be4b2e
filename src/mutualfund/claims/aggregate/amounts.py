"""What the compound needs of a claim amount beyond the questions of a `Law`: atoms, tail index, third moment.

An atom is an amount with a probability of its own. Atoms must lie on the lattice, or the distribution
function would be smeared around them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self, cast

import numpy as np
import numpy.typing as npt

from mutualfund.claims.laws import Law, NormalLaw, times
from mutualfund.claims.laws_discrete import DiscreteLaw
from mutualfund.claims.laws_heavy import BurrLaw, GeneralisedParetoLaw
from mutualfund.claims.laws_spliced import ExceedingLaw, SplicedLaw
from mutualfund.claims.layers import layer_second_moment
from mutualfund.claims.severity import SeverityModel
from mutualfund.errors import Fault, InputError
from mutualfund.types import FloatArray

_QUESTIONS = (
    *("mean", "variance", "sf", "isf"),
    *("limited_mean", "second_limited_moment", "stop_loss", "quantile"),
)


def amount_law(severity: Any) -> Law:
    """The law of a claim amount as a user gives it: a severity, or anything with a `Law`'s questions.

    Raises
    ------
    InputError
        Where it lacks one of them; the fault names which.
    """
    severity = getattr(severity, "distribution", severity)  # a fit brings one
    if isinstance(severity, SeverityModel):
        return severity.law
    law = getattr(severity, "amount_law", severity)  # a finished aggregate has one
    missing = [name for name in _QUESTIONS if not hasattr(law, name)]
    if missing or isinstance(law, type):
        allowed = "a severity such as Lognormal(mean=900, cv=2), or an object with " + ", ".join(
            _QUESTIONS
        )
        got = f"{type(severity).__name__} without {', '.join(missing)}"
        if isinstance(law, type):
            got = f"the class {law.__name__}, not one of its values"
        raise InputError([Fault("aggregate.severity", got, allowed, code="severity")])
    return cast("Law", law)


@dataclass(frozen=True, slots=True)
class CoveredLaw:
    """`share` of the part of an amount above `deductible`, at most `limit` before the share."""

    law: Law
    deductible: float
    limit: float
    share: float

    @property
    def _end(self) -> float:
        return self.deductible + self.limit

    def _gross(self, y: npt.ArrayLike) -> FloatArray:
        """The gross amount that leads to a payment of `y`, within the layer."""
        paid = np.maximum(np.asarray(y, dtype=np.float64), 0.0) / self.share
        return self.deductible + np.minimum(paid, self.limit)

    @property
    def mean(self) -> float:
        if self.limit < math.inf:
            return float(self.limited_mean(math.inf))
        return self.share * float(self.law.stop_loss(self.deductible))

    @property
    def variance(self) -> float:
        second = layer_second_moment(self.law, self.deductible, self._end)
        return max(self.share**2 * second - self.mean**2, 0.0)

    def sf(self, x: npt.ArrayLike) -> FloatArray:
        paid = np.asarray(x, dtype=np.float64)
        inside = np.where(paid < self.share * self.limit, self.law.sf(self._gross(paid)), 0.0)
        return np.where(paid < 0.0, 1.0, inside)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        return 1.0 - self.sf(x)

    def isf(self, q: npt.ArrayLike) -> FloatArray:
        above = np.maximum(self.law.isf(q) - self.deductible, 0.0)
        return self.share * np.minimum(above, self.limit)

    def quantile(self, p: npt.ArrayLike) -> FloatArray:
        above = np.maximum(self.law.quantile(p) - self.deductible, 0.0)
        return self.share * np.minimum(above, self.limit)

    def limited_mean(self, d: npt.ArrayLike) -> FloatArray:
        below = self.law.limited_mean(self._gross(d)) - self.law.limited_mean(self.deductible)
        return self.share * below + np.minimum(np.asarray(d, dtype=np.float64), 0.0)

    def second_limited_moment(self, d: npt.ArrayLike) -> FloatArray:
        law, start, end = self.law, self.deductible, self._gross(d)
        below = law.second_limited_moment(end) - law.second_limited_moment(start)
        layer = law.limited_mean(end) - law.limited_mean(start)
        return self.share**2 * (below - 2.0 * start * layer)

    def stop_loss(self, d: npt.ArrayLike) -> FloatArray:
        beyond = float(self.law.stop_loss(self._end)) if self.limit < math.inf else 0.0
        above = self.share * (self.law.stop_loss(self._gross(d)) - beyond)
        return above + np.maximum(-np.asarray(d, dtype=np.float64), 0.0)

    def scaled(self, factor: float) -> Self:
        scaled = self.law.scaled(factor)
        return type(self)(scaled, self.deductible * factor, self.limit * factor, self.share)


def covered(law: Law, deductible: float, limit: float, share: float) -> Law:
    """`share` x min(max(X - deductible, 0), limit), as simple a law as there is for it."""
    if deductible == 0.0 and limit == math.inf and share == 1.0:
        return law
    if share == 0.0:
        return DiscreteLaw.of([0.0])
    if isinstance(law, DiscreteLaw):
        paid = share * np.minimum(np.maximum(law.values - deductible, 0.0), limit)
        return DiscreteLaw.of(paid, law.share)
    return CoveredLaw(law, deductible, limit, share)


def atoms_of(law: Law) -> tuple[FloatArray, FloatArray]:
    """The amounts that have a probability of their own, increasing, and those probabilities."""
    match law:
        case DiscreteLaw():
            return law.values, law.share
        case CoveredLaw():
            return _covered_atoms(law)
        case SplicedLaw():
            values, chances = atoms_of(law.body)
            below = values <= law.above
            return values[below], chances[below]
    own = getattr(law, "atoms_and_chances", None)
    return own() if own is not None else (np.empty(0), np.empty(0))


def _covered_atoms(law: CoveredLaw) -> tuple[FloatArray, FloatArray]:
    """Atoms within the layer, all below it at zero, and all above it at the limit."""
    values, chances = atoms_of(law.law)
    end = law.deductible + law.limit
    inside = (values > law.deductible) & (values < end)
    points = [0.0, *(law.share * (values[inside] - law.deductible))]
    weights = [1.0 - float(law.law.sf(law.deductible)), *chances[inside]]
    if law.limit < math.inf:
        points.append(law.share * law.limit)
        weights.append(float(law.law.sf(end)) + float(chances[values == end].sum()))
    kept = np.array(weights) > 0.0
    return np.array(points)[kept], np.array(weights)[kept]


def is_signed(law: Law) -> bool:
    """Whether amounts below zero are possible."""
    return float(law.sf(-1e-300)) < 1.0


def largest_amount(law: Law) -> float:
    """The largest amount there is; infinite where there is no end."""
    match law:
        case DiscreteLaw():
            return float(law.values[-1])
        case CoveredLaw():
            largest = largest_amount(law.law)
            return law.share * min(max(largest - law.deductible, 0.0), law.limit)
        case GeneralisedParetoLaw() if law.xi < 0.0:
            return law.loc - law.beta / law.xi
    return float(getattr(law, "largest", math.inf))


def unknown_chance(law: Law) -> float:
    """Probability of the amounts beyond the end of a lattice that is not the whole law."""
    if isinstance(law, CoveredLaw):
        return unknown_chance(law.law) if known_end(law) < math.inf else 0.0
    return float(getattr(law, "unknown", 0.0))


def known_end(law: Law) -> float:
    """The amount up to which the law can be asked: a lattice's end, where there is something beyond it."""
    if isinstance(law, CoveredLaw):
        end = known_end(law.law)
        inside = law.deductible + law.limit <= end
        return math.inf if inside else law.share * (end - law.deductible)
    return float(getattr(law, "reach", math.inf)) if unknown_chance(law) > 0.0 else math.inf


def tail_index(law: Law) -> float:
    """The order from which moments do not exist: alpha where S(x) falls as x^-alpha, else infinite."""
    match law:
        case GeneralisedParetoLaw():
            return 1.0 / law.xi if law.xi > 0.0 else math.inf
        case BurrLaw():
            return law.alpha * law.gamma
        case SplicedLaw():
            return tail_index(law.tail)
        case ExceedingLaw():
            return tail_index(law.law)
        case CoveredLaw():
            return tail_index(law.law) if law.limit == math.inf else math.inf
    return float(getattr(law, "tail_index", math.inf))


def third_moment(law: Law) -> float:
    """E[X^3]; infinite where it does not exist, NaN for a law of one's own that states no `tail_index`."""
    match law:
        case DiscreteLaw():
            return float(law.values**3 @ law.share)
        case NormalLaw():
            return law.mean**3 + 3.0 * law.mean * law.variance
        case CoveredLaw():
            return law.share**3 * _layer_third_moment(law.law, law.deductible, law.limit)
    return _layer_third_moment(law, 0.0, math.inf)


def _layer_third_moment(law: Law, deductible: float, limit: float) -> float:
    """E[min(max(X - deductible, 0), limit)^3], infinite where it does not exist."""
    own = getattr(law, "layer_third_moment", None)
    if own is not None:
        return float(own(deductible, limit))
    own_kind = not type(law).__module__.startswith("mutualfund.")
    if limit == math.inf and own_kind and not hasattr(law, "tail_index"):
        return math.nan
    index = tail_index(law)
    if limit == math.inf and index <= 3.0:
        return math.inf
    return integrated_tail(law, deductible, limit, index)


_DECADES = 10.0 ** -np.arange(0.0, 301.0, 0.5)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)


def integrated_tail(law: Law, deductible: float, limit: float, index: float) -> float:
    """The integral of 3 y^2 S(deductible + y) over the layer, by Gauss-Legendre between quantiles."""
    breaks = [law.isf(_DECADES), law.quantile(_DECADES[2:40]), _joints(law)]
    edges = np.unique(np.concatenate(breaks)) - deductible
    edges = edges[np.isfinite(edges) & (edges > 0.0) & (edges < limit)]
    edges = np.concatenate([[0.0], edges, [limit] if limit < math.inf else []])
    width = np.diff(edges)
    y = edges[:-1, None] + width[:, None] * (_NODES + 1.0) / 2.0
    inside = times(3.0 * y**2, law.sf(deductible + y))
    total = float((inside @ _WEIGHTS / 2.0) @ width)
    if limit == math.inf and index < math.inf:  # what a power tail leaves beyond the last decade
        last = float(edges[-1])
        total += 3.0 * last**3 * float(law.sf(deductible + last)) / (index - 3.0)
    return total


def _joints(law: Law) -> FloatArray:
    """Where the density may jump, so that no quadrature panel crosses it."""
    match law:
        case SplicedLaw():
            return np.append(_joints(law.body), law.above)
        case GeneralisedParetoLaw():
            return np.array([law.loc])
    return atoms_of(law)[0]

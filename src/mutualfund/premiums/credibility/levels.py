"""Variance components of a tree of groups, from the bottom up: the mathematics of Buhlmann-Straub and Jewell.

A level is a set of nodes, each with a weight and a mean, whose variance about its parent's true mean is
``between + within / weight``. A tree of one level is Buhlmann-Straub; more levels are Jewell's hierarchy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from mutualfund.errors import MutualFundError
from mutualfund.types import FloatArray, IntArray

Estimator = Literal["unbiased", "iterative"]
_ROUNDS = 10_000
_TOLERANCE = 1e-13


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """Nodes of one level and what they hand to their parents.

    weights, means, parent, factors: (n_nodes,). within: the variance of a node's mean about the node's own
    truth, times its weight. between, raw: the variance among the nodes of a parent, used and as it came out.
    """

    weights: FloatArray
    means: FloatArray
    parent: IntArray
    within: float
    between: float
    raw: float
    factors: FloatArray
    truncated: int
    n_parents: int

    @property
    def parent_weights(self) -> FloatArray:
        """(n_parents,) sums of factors; of the nodes' own weights where the nodes do not differ."""
        return gathered(self._shares, self.parent, self.n_parents)

    @property
    def parent_means(self) -> FloatArray:
        """(n_parents,) means of the nodes, by factor or by weight in the same way."""
        total = gathered(self._shares * self.means, self.parent, self.n_parents)
        return np.asarray(total / self.parent_weights)

    @property
    def parent_within(self) -> float:
        """What `within` is to the level above."""
        return self.between if self.between > 0.0 else self.within

    @property
    def _shares(self) -> FloatArray:
        return self.factors if self.between > 0.0 else self.weights


def level_of(
    weights: FloatArray,
    means: FloatArray,
    within: float,
    parent: IntArray,
    n_parents: int,
    estimator: Estimator,
) -> Level:
    """Estimate the variance among the nodes of a level and their credibility factors.

    Parents with one node say nothing about it. Source: H. Buhlmann, A. Gisler, *A Course in Credibility
    Theory and its Applications* (2005), sections 4.8 and 6.6: the estimate of each parent, negative ones as
    zero, averaged; the iterative one is the pseudo-estimator of Bichsel and Straub (M. Goovaerts,
    W. Hoogstad, *Credibility Theory* (1987)).
    """
    by_parent = _unbiased(weights, means, within, parent, n_parents)
    raw = float(by_parent.mean())
    between = float(np.maximum(by_parent, 0.0).mean())
    if estimator == "iterative" and between > 0.0:
        between = _iterative(weights, means, within, parent, n_parents, between)
    factors = credibility(weights, within, between)
    truncated = int((by_parent < 0.0).sum())
    return Level(weights, means, parent, within, between, raw, factors, truncated, n_parents)


def credibility(weights: FloatArray, within: float, between: float) -> FloatArray:
    """(n,) w / (w + within / between), written so that neither variance may be in the way when it is 0."""
    if between <= 0.0:
        return np.zeros_like(weights)
    return np.asarray(weights * between / (weights * between + within))


def gathered(values: FloatArray, parent: IntArray, n_parents: int) -> FloatArray:
    """(n_parents,) sums of the nodes' values."""
    return np.asarray(np.bincount(parent, weights=values, minlength=n_parents), np.float64)


def _unbiased(
    weights: FloatArray, means: FloatArray, within: float, parent: IntArray, n_parents: int
) -> FloatArray:
    """The unbiased estimate of every parent that has two nodes or more."""
    total = gathered(weights, parent, n_parents)
    centre = gathered(weights * means, parent, n_parents) / total
    spread = gathered(weights * (means - centre[parent]) ** 2, parent, n_parents)
    count = np.bincount(parent, minlength=n_parents)
    scale = total - gathered(weights**2, parent, n_parents) / total
    several = count >= 2
    return np.asarray(((spread - (count - 1) * within)[several]) / scale[several])


def _iterative(
    weights: FloatArray,
    means: FloatArray,
    within: float,
    parent: IntArray,
    n_parents: int,
    start: float,
) -> float:
    """The fixed point of between = sum z (mean - parent's mean)^2 / (nodes - parents), from `start`."""
    between, freedom = start, weights.size - n_parents
    for _ in range(_ROUNDS):
        factors = credibility(weights, within, between)
        centre = gathered(factors * means, parent, n_parents)
        centre = centre / gathered(factors, parent, n_parents)
        found = float((factors * (means - centre[parent]) ** 2).sum()) / freedom
        if abs(found - between) <= _TOLERANCE * between:
            return found
        if found < start * 1e-12:  # it runs to zero: the nodes differ no more than chance explains
            return 0.0
        between = found
    raise MutualFundError("the iterative between-variance did not settle: use estimator 'unbiased'")

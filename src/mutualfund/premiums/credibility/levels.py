"""Variance components of a tree of groups, from the bottom up: the mathematics of Buhlmann-Straub and Jewell.

A level is a set of nodes, each with a weight and a mean, whose variance about its parent's true mean is
``between + within / weight``. A tree of one level is Buhlmann-Straub; more levels are Jewell's hierarchy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from mutualfund.types import FloatArray, IntArray

Estimator = Literal["unbiased", "iterative"]
SectorEstimator = Literal["ohlsson", "buhlmann_gisler", "iterative"]
_TOLERANCE = 1e-14


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """Nodes of one level and what they hand to their parents.

    weights, means, parent, factors: (n_nodes,). within: the variance of a node's mean about the node's own
    truth, times its weight. between, raw: the variance among the nodes of a parent, used and as it came out.
    truncated: parents whose own estimate was cut at 0 before it was averaged.
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
    estimator: Estimator | SectorEstimator,
) -> Level:
    """Estimate the variance among the nodes of a level and their credibility factors.

    Parents with one node say nothing about it. Ohlsson's, and the unbiased one of a single parent: what the
    nodes differ by beyond chance, pooled over the parents, and cut at zero once (E. Ohlsson, *Simplified
    estimation of structure parameters in hierarchical credibility*, ASTIN Colloquium (2005)). Buhlmann and
    Gisler's: the estimate of each parent, cut at zero, averaged (H. Buhlmann, A. Gisler, *A Course in
    Credibility Theory and its Applications* (2005), sections 4.8 and 6.6); too large on average, by much
    where parents have few nodes. The iterative one is the pseudo-estimator of Bichsel and Straub
    (M. Goovaerts, W. Hoogstad, *Credibility Theory* (1987)).
    """
    beyond, scale = _beyond_chance(weights, means, within, parent, n_parents)
    raw, truncated = float(beyond.sum() / scale.sum()), 0
    between = max(raw, 0.0)
    if estimator == "iterative":
        between = _iterative(weights, means, within, parent, n_parents)
    elif estimator == "buhlmann_gisler":
        by_parent = beyond / scale
        raw, truncated = float(by_parent.mean()), int((by_parent < 0.0).sum())
        between = float(np.maximum(by_parent, 0.0).mean())
    factors = credibility(weights, within, between)
    return Level(weights, means, parent, within, between, raw, factors, truncated, n_parents)


def credibility(weights: FloatArray, within: float, between: float) -> FloatArray:
    """(n,) w / (w + within / between), written so that neither variance may be in the way when it is 0."""
    if between <= 0.0:
        return np.zeros_like(weights)
    return np.asarray(weights * between / (weights * between + within))


def gathered(values: FloatArray, parent: IntArray, n_parents: int) -> FloatArray:
    """(n_parents,) sums of the nodes' values."""
    return np.asarray(np.bincount(parent, weights=values, minlength=n_parents), np.float64)


def _beyond_chance(
    weights: FloatArray, means: FloatArray, within: float, parent: IntArray, n_parents: int
) -> tuple[FloatArray, FloatArray]:
    """Of every parent with two nodes or more: squares beyond chance, and what a between of 1 adds to them.

    One over the other is the parent's unbiased estimate.
    """
    total = gathered(weights, parent, n_parents)
    centre = gathered(weights * means, parent, n_parents) / total
    spread = gathered(weights * (means - centre[parent]) ** 2, parent, n_parents)
    count = np.bincount(parent, minlength=n_parents)
    scale = total - gathered(weights**2, parent, n_parents) / total
    several = count >= 2
    return (spread - (count - 1) * within)[several], scale[several]


def _iterative(
    weights: FloatArray,
    means: FloatArray,
    within: float,
    parent: IntArray,
    n_parents: int,
) -> float:
    """The fixed point of between = sum z (mean - parent's mean)^2 / (nodes - parents) above 0; else 0.

    The sum over `between` falls as `between` grows, so the point lies between two bounds that are halved
    (R. Paule, J. Mandel, *Consensus values and weighting factors*, Journal of Research of the National Bureau
    of Standards 87 (1982)). Going from sum to sum would take for ever where it lies near 0.
    """
    freedom = weights.size - n_parents

    def spread(shares: FloatArray) -> float:
        """Of the means about those of their parents."""
        centre = gathered(shares * means, parent, n_parents) / gathered(shares, parent, n_parents)
        return float((shares * (means - centre[parent]) ** 2).sum()) / freedom

    if spread(weights) <= within:
        return 0.0  # the nodes differ no more than chance explains
    low, high = 0.0, spread(np.ones_like(weights))
    while high - low > _TOLERANCE * high:
        middle = 0.5 * (low + high)
        above = spread(credibility(weights, within, middle)) < middle
        low, high = (low, middle) if above else (middle, high)
    return high

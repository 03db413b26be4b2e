"""Means over a distribution known by its quantiles, to a stated error or not at all."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mutualfund.errors import InputError
from mutualfund.premiums.principles.premium import Priced
from mutualfund.types import FloatArray

Integrand = Callable[[FloatArray, FloatArray], FloatArray]
"""Value at the place that a share v of outcomes exceeds: given v and 1 - v, each to full precision."""

OCTAVES = 1000
WORST = 1e-4
"""Largest relative error that is returned; beyond it the integral counts as not found."""
_GOAL = 1e-11
_DEPTH = 26
_MOST_PANELS = 20_000
_ORDER = 10
_QUIET = 3
"""Octaves without weight after which a tail has died away."""


def _lobatto() -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of Lobatto's rule on -1 to 1.

    Its ends are nodes: a step beside the end of a panel is seen, which Gauss's rule would miss.
    """
    legendre = np.polynomial.legendre.Legendre.basis(_ORDER - 1)
    nodes = np.concatenate([[-1.0], np.sort(legendre.deriv().roots().real), [1.0]])
    return nodes, 2.0 / (_ORDER * (_ORDER - 1) * legendre(nodes) ** 2)


_NODES, _WEIGHTS = _lobatto()


class DivergesError(ArithmeticError):
    """The integral's tail does not die away as far as the loss can be asked."""


def quantiles_of(loss: Any) -> Integrand:
    """Amounts exceeded with probability `u`, `p` = 1 - u: each half of the law asked from its own end."""
    upper = getattr(loss, "isf", None)

    def amounts(u: FloatArray, p: FloatArray) -> FloatArray:
        high = u <= 0.5
        found = np.empty(u.shape)
        if high.any():
            found[high] = loss.quantile(1.0 - u[high]) if upper is None else upper(u[high])
        if not high.all():
            found[~high] = loss.quantile(p[~high])
        return found

    return amounts


def mean_over(integrand: Integrand) -> Priced:
    """The mean of `integrand` over v uniform on (0, 1), with its estimated error.

    Both ends are approached octave by octave, so that a tail is followed as deep as it matters; inside an
    octave Lobatto's rule is bisected where it has not settled, which finds most steps of a lattice as well;
    those between its points it may miss, so what is known to lie on a lattice is summed in `lattices`.

    Raises
    ------
    DivergesError
        Where the upper end does not die away, or the error stays above 1e-4 of the value.
    """
    upper, left_out = _octaves(lambda v: integrand(v, 1.0 - v), OCTAVES)
    lower, _ = _octaves(lambda d: integrand(1.0 - d, d), 60)
    high, high_error = _refined(lambda v: integrand(v, 1.0 - v), upper)
    low, low_error = _refined(lambda d: integrand(1.0 - d, d), lower)
    value, error = high + low + left_out, high_error + low_error + abs(left_out)
    if not error <= WORST * max(abs(value), 1e-300):
        raise DivergesError
    return Priced(value, numerical_error=error)


def _octaves(function: Callable[[FloatArray], FloatArray], most: int) -> tuple[int, float]:
    """How many octaves down from 1/2 matter or can be asked, and what lies beyond them.

    All are asked before any is left out, since a rare loss shows in the deep ones alone. Beyond the last that
    can be asked, contributions are taken to go on falling by the last ratio.
    """
    pieces = _pieces(function, most)
    matter = np.flatnonzero(np.abs(pieces) > 1e-17 * abs(float(pieces.sum())))
    if matter.size == 0:
        return 0, 0.0
    reached = int(matter[-1]) + 1
    if pieces.size - reached >= _QUIET:
        return reached, 0.0
    before, last = (float(piece) for piece in np.append([math.inf, math.inf], pieces)[-2:])
    return pieces.size, _beyond(before, last)


def _pieces(function: Callable[[FloatArray], FloatArray], most: int) -> FloatArray:
    """(n_octaves,) contribution of (2^-(k+2), 2^-(k+1)], k = 0, 1, ..., as far as they can be asked."""
    low = 2.0 ** -np.arange(2.0, most + 2.0)
    low = low[low > 0.0]
    places = low[:, None] * (1.5 + 0.5 * _NODES)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        try:
            values = function(places.ravel()).reshape(places.shape)
        except InputError:  # a lattice that ends before some probability
            values = _as_far_as_asked(function, places)
        pieces = np.asarray(values @ _WEIGHTS, np.float64)
        pieces = pieces * low[: pieces.size] / 2.0
    unknown = np.flatnonzero(~np.isfinite(pieces))
    return pieces[: unknown[0]] if unknown.size else pieces


def _as_far_as_asked(
    function: Callable[[FloatArray], FloatArray], places: FloatArray
) -> FloatArray:
    """(n_octaves, n_nodes) values before the first octave that is refused."""
    values = []
    for place in places:
        try:
            values.append(function(place))
        except InputError:
            break
    return np.array(values).reshape(-1, places.shape[1])


def _beyond(before: float, last: float) -> float:
    """The sum of a geometric tail that goes on as its last two terms did."""
    if last == 0.0:
        return 0.0
    ratio = last / before if before else math.inf
    if not 0.0 <= ratio < 1.0:
        raise DivergesError
    return last * ratio / (1.0 - ratio)


def _refined(function: Callable[[FloatArray], FloatArray], octaves: int) -> tuple[float, float]:
    """The integral over (2^-(octaves+1), 1/2] and its error, bisecting panels that have not settled."""
    ends = 2.0 ** -np.arange(1.0, octaves + 2.0)
    low, high = ends[1:], ends[:-1]
    coarse = _panels(function, low, high)
    done = error = 0.0
    for _ in range(_DEPTH):
        middle = 0.5 * (low + high)
        left, right = _panels(function, low, middle), _panels(function, middle, high)
        change = np.abs(left + right - coarse)
        goal = _GOAL * (abs(done) + float(np.abs(left + right).sum())) / max(low.size, 64)
        open_ = change > goal
        done += float((left + right)[~open_].sum())
        error += float(change[~open_].sum())
        if not open_.any():
            return done, error
        if 2 * int(open_.sum()) > _MOST_PANELS:
            break
        low, high = (np.concatenate(pair) for pair in _halves(low, middle, high, open_))
        coarse = np.concatenate([left[open_], right[open_]])
    return done + float((left + right)[open_].sum()), error + float(change[open_].sum())


def _halves(
    low: FloatArray, middle: FloatArray, high: FloatArray, kept: Any
) -> tuple[list[FloatArray], list[FloatArray]]:
    return [low[kept], middle[kept]], [middle[kept], high[kept]]


def _panels(
    function: Callable[[FloatArray], FloatArray], low: FloatArray, high: FloatArray
) -> FloatArray:
    """(n_panels,) Lobatto's rule on each panel."""
    half = 0.5 * (high - low)
    places = 0.5 * (low + high)[:, None] + half[:, None] * _NODES
    values = function(places.ravel()).reshape(places.shape)
    return np.asarray((values @ _WEIGHTS) * half)

"""The numerical side of maximum likelihood: slope, curvature, a last climb, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mutualfund.errors import MutualFundError
from mutualfund.types import FloatArray

LogLikelihood = Callable[[FloatArray], float]


class FitError(MutualFundError):
    """The likelihood of these data has no maximum, or none with a standard error, in this family.

    >>> from mutualfund.claims import fit_counts
    >>> try:
    ...     fit_counts("negative_binomial", [1, 1, 1, 1])
    ... except FitError:
    ...     print("less spread than a Poisson")
    less spread than a Poisson
    """


_STEPS = np.array([-2.0, -1.0, 1.0, 2.0])
_WEIGHTS = np.array([1.0, -8.0, 8.0, -1.0]) / 12.0


def derivatives(loglik: LogLikelihood, point: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Slope and curvature of the log-likelihood at `point`, by fourth-order differences."""
    width = 1e-3 * np.maximum(np.abs(point), 1e-3)
    axes = np.diag(width)

    def slope(at: FloatArray, axis: int) -> float:
        levels = np.array([loglik(at + step * axes[axis]) for step in _STEPS])
        return float(_WEIGHTS @ levels) / float(width[axis])

    n = point.size
    slopes = np.array([slope(point, axis) for axis in range(n)])
    curvature = np.empty((n, n))
    for row in range(n):
        moved = [[slope(point + step * axes[row], axis) for axis in range(n)] for step in _STEPS]
        curvature[row] = _WEIGHTS @ np.array(moved) / width[row]
    return slopes, (curvature + curvature.T) / 2.0


def falling_root(function: Callable[[float], float]) -> float:
    """Where a function of a positive number, falling from above zero to below it, crosses zero."""
    from scipy import optimize

    low, high = 1.0, 1.0
    while function(low) < 0.0 and low > 1e-12:
        low /= 4.0
    while function(high) > 0.0 and high < 1e12:
        high *= 4.0
    if function(low) < 0.0 or function(high) > 0.0:
        raise FitError("the likelihood has no maximum: the amounts hardly vary")
    return float(optimize.brentq(function, low, high, xtol=1e-300, rtol=1e-14, maxiter=500))


def climb(loglik: LogLikelihood, point: FloatArray) -> tuple[float, ...]:
    """A few Newton steps: the last digits that a general search leaves out."""
    for _ in range(3):
        slope, curvature = derivatives(loglik, point)
        step = np.linalg.solve(curvature, -slope)
        moved = point + step
        if np.all(moved > 0.0) and loglik(moved) >= loglik(point):
            point = moved
    return tuple(float(value) for value in point)

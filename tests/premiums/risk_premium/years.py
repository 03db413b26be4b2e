"""The exact distribution of a year's cost where every claim is exponential with one mean.

A mixture of Erlangs by the number of claims; SciPy's incomplete gamma, and nothing of the library.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import special


class ErlangYear:
    """S = X_1 + ... + X_N, the X exponential with mean `theta`, N of chances `weights`."""

    def __init__(self, weights: np.ndarray, theta: float) -> None:
        self.weights, self.theta = weights, theta
        self.n = np.arange(weights.size)
        self.mean = theta * float(weights @ self.n)
        second = theta**2 * float(weights @ (self.n * (self.n + 1)))
        self.variance = second - self.mean**2

    def sf(self, x: float) -> float:
        return float(self.weights[1:] @ special.gammaincc(self.n[1:], x / self.theta))

    def limited_mean(self, d: float) -> float:
        return self.mean - self.stop_loss(d)

    def stop_loss(self, d: float) -> float:
        if d == np.inf:
            return 0.0
        n, at = self.n[1:], d / self.theta
        above = n * self.theta * special.gammaincc(n + 1, at) - d * special.gammaincc(n, at)
        return float(self.weights[1:] @ above)

    def second_limited_moment(self, d: float) -> float:
        n, at = self.n[1:], d / self.theta
        below = n * (n + 1) * self.theta**2 * special.gammainc(n + 2, at)
        return float(self.weights[1:] @ (below + d**2 * special.gammaincc(n, at)))


def exponential_year(parts: Sequence[Any]) -> ErlangYear:
    """All parts together: counts convolved, since every claim has one law."""
    (theta,) = {round(part.severity.mean, 9) for part in parts}
    weights = np.ones(1)
    for part in parts:
        weights = np.convolve(weights, part.count_weights)
    return ErlangYear(weights, theta)

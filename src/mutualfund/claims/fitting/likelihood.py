"""How likely a law makes what was seen: one number, whatever hid a part of it.

A claim known exactly adds its log density, one known only to lie between two amounts the logarithm of the
chance of that, one at its limit the log survival there; and every claim above a deductible gives back the log
survival at it, because only those are in the data. Source: S. Klugman, H. Panjer, G. Willmot, *Loss Models*,
4th ed. (2012), section 13.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from mutualfund.claims.count_laws import CountLaw
from mutualfund.claims.fitting.counted import ObservedCounts
from mutualfund.claims.fitting.observed import Observed
from mutualfund.claims.laws import SmoothLaw
from mutualfund.types import BoolArray, FloatArray

AnyLaw = TypeVar("AnyLaw")


def merged(weights: FloatArray, *columns: FloatArray) -> tuple[FloatArray, ...]:
    """Equal rows of the columns as one with the sum of their weights: (weights, *columns)."""
    if not columns[0].size:
        return (weights, *columns)
    rows, place = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
    return np.bincount(place.ravel(), weights=weights), *np.ascontiguousarray(rows.T)


def weighted(weights: FloatArray, values: FloatArray) -> float:
    """Sum of weights x values, the same to the last bit however many threads a matrix product would take."""
    return float((weights * values).sum())


class SeverityLikelihood:
    """Log-likelihood of a law for amounts as they were seen, all constants included."""

    def __init__(self, seen: Observed) -> None:
        def rows(mask: BoolArray, *columns: FloatArray) -> tuple[FloatArray, ...]:
            used = mask & (seen.weights > 0.0)
            return merged(seen.weights[used], *(column[used] for column in columns))

        self._exact = rows(seen.exact, seen.low)
        self._beyond = rows(np.isinf(seen.high) & (seen.low > 0.0), seen.low)
        self._between = rows(~seen.exact & np.isfinite(seen.high), seen.low, seen.high)
        self._hidden = rows(seen.deductible > 0.0, seen.deductible)

    def __call__(self, law: SmoothLaw) -> float:
        with np.errstate(all="ignore"):
            total = 0.0
            if self._exact[0].size:
                total += weighted(self._exact[0], law.logpdf(self._exact[1]))
            if self._beyond[0].size:
                total += weighted(self._beyond[0], law.logsf(self._beyond[1]))
            if self._between[0].size:
                weight, low, high = self._between
                total += weighted(weight, np.log(chance_between(law, low, high)))
            if self._hidden[0].size:
                total -= weighted(self._hidden[0], law.logsf(self._hidden[1]))
        return total


def chance_between(law: SmoothLaw, low: FloatArray, high: FloatArray) -> FloatArray:
    """P(low < X <= high), from whichever tail keeps its digits."""
    upper = law.sf(low)
    return np.where(upper > 0.5, law.cdf(high) - law.cdf(low), upper - law.sf(high))


class CountLikelihood:
    """Log-likelihood of a count's law for members with their exposures, all constants included."""

    def __init__(self, seen: ObservedCounts) -> None:
        used = seen.weights > 0.0
        columns = (seen.counts[used], seen.factor[used])
        self._weight, self._count, self._factor = merged(seen.weights[used], *columns)

    def __call__(self, law: CountLaw) -> float:
        with np.errstate(all="ignore"):
            return weighted(self._weight, law.logpmf_at(self._count, self._factor))


def of_parameters(
    likelihood: Callable[[AnyLaw], float], law: Callable[..., AnyLaw]
) -> Callable[[FloatArray], float]:
    """The log-likelihood of a law's parameters, (p,); minus infinity where they make no law."""

    def loglik(values: FloatArray) -> float:
        try:
            return likelihood(law(*values.tolist()))
        except (OverflowError, ValueError, ZeroDivisionError):
            return -math.inf

    return loglik

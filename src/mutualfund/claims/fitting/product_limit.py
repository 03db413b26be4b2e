"""The survival of amounts without any family: the product-limit estimate.

Source: E. Kaplan, P. Meier, *Nonparametric estimation from incomplete observations*, JASA 53 (1958); for
deductibles, S. Klugman, H. Panjer, G. Willmot, *Loss Models*, 4th ed. (2012), section 12.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mutualfund.claims.fitting.observed import Observed
from mutualfund.errors import Fault, InputError
from mutualfund.types import FloatArray


@dataclass(frozen=True, slots=True)
class Steps:
    """Where the estimate steps down: amounts, increasing, with the survival before and after each.

    It is the survival of an amount known to exceed `start`, the smallest deductible.
    """

    amount: FloatArray  # (k,)
    before: FloatArray  # (k,) P(X >= amount)
    after: FloatArray  # (k,) P(X > amount)
    start: float


def product_limit(seen: Observed) -> Steps:
    """The product-limit estimate of the survival of ground-up amounts.

    Raises
    ------
    InputError
        Where amounts are known in groups only, or no claim is left at risk before the largest amount: the
        estimate is zero from there on and says nothing of larger amounts.
    """
    refuse_groups(seen)
    weight = seen.weights
    amount = np.unique(seen.low[seen.exact & (weight > 0.0)])
    ended = _sums(seen.low[seen.exact], weight[seen.exact], amount)
    entered = _below(seen.deductible, weight, amount)
    left = _below(seen.low, weight, amount)
    after = np.cumprod(1.0 - ended / (entered - left))
    if np.any(after[:-1] <= 0.0):
        allowed = "another claim at risk at every amount but the largest"
        remedy = "Leave out the few claims seen below the higher deductibles."
        raise InputError([Fault("amounts", "a claim alone", allowed, remedy, code="risk_set")])
    start = float(seen.deductible.min())
    return Steps(amount, np.concatenate([[1.0], after[:-1]]), np.maximum(after, 0.0), start)


def refuse_groups(seen: Observed) -> None:
    """Refuse data in which some amounts are known in groups only."""
    if np.any(~seen.exact & ~seen.at_limit):
        allowed = "amounts known one by one, or at least up to a limit"
        raise InputError([Fault("amounts", "amounts in groups", allowed, code="grouped")])


def _sums(values: FloatArray, weights: FloatArray, places: FloatArray) -> FloatArray:
    """Weight at each place."""
    place = np.searchsorted(places, values)
    total = np.bincount(place, weights=weights, minlength=places.size + 1)
    return np.asarray(total[: places.size], dtype=np.float64)


def _below(values: FloatArray, weights: FloatArray, places: FloatArray) -> FloatArray:
    """Weight strictly below each place."""
    order = np.argsort(values)
    total = np.concatenate([[0.0], np.cumsum(weights[order])])
    return total[np.searchsorted(values[order], places, side="left")]

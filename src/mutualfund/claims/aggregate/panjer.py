"""Panjer's recursion: the compound law on a lattice without any transform.

H. Panjer, "Recursive evaluation of a family of compound distributions", *ASTIN Bulletin* 12 (1981); counts
modified at zero by B. Sundt and W. Jewell, *ASTIN Bulletin* 12 (1981). It takes time in the square of the
number of points; it is here because it shares nothing with the transform, and so checks it.
"""

from __future__ import annotations

import math

import numpy as np

from mutualfund.claims.aggregate.counts import Count, generating, panjer_numbers
from mutualfund.errors import Fault, InputError
from mutualfund.types import FloatArray

_LOST = 1e-8
"""A probability this far out of range shows that digits were lost."""

_LARGE = 1e200
_LOG_LARGE = math.log(_LARGE)


def panjer(count: Count, severity: FloatArray, size: int) -> FloatArray:
    """(size,) masses of the compound of `count` claims with lattice masses `severity`.

    Raises
    ------
    InputError
        Where the count is not one that the recursion knows, or a binomial so likely that the recursion's
        terms of changing sign lose all their digits.
    """
    numbers = panjer_numbers(count)
    a, b = numbers.a, numbers.b
    nothing = float(severity[0])
    plain = _recursion(a, b, severity, size, numbers.log_zero, a * nothing)
    if not (float(plain.min()) > -_LOST and float(plain.sum()) < 1.0 + _LOST):
        allowed = "a count for which the recursion is stable; a likely binomial is not"
        remedy = 'Write method="fft".'
        raise InputError([Fault("aggregate.method", "panjer", allowed, remedy, code="unstable")])
    modified = numbers.weight * plain
    modified[0] = float(generating(count, np.array([complex(nothing)]))[0].real)
    return modified


def _recursion(
    a: float, b: float, severity: FloatArray, size: int, log_zero: float, at_zero: float
) -> FloatArray:
    """g_k = sum over j of (a + b j / k) f_j g_(k-j) / (1 - a f_0), from g_0 = P_N(f_0).

    The recursion is linear, so it starts from one and is scaled whenever it grows: the chance of no claim of
    a large fund is below the smallest number there is.
    """
    reach = severity.size
    weighted = np.arange(reach) * severity
    backwards = np.zeros(
        size
    )  # the law from its end, so that each sum runs over neighbours in memory
    backwards[-1] = 1.0
    log_scale = _log_start(a, b, float(severity[0]), log_zero)
    for k in range(1, size):
        many = min(k, reach - 1)
        seen = backwards[size - k : size - k + many]
        value = a * (severity[1 : many + 1] @ seen) + b / k * (weighted[1 : many + 1] @ seen)
        backwards[size - 1 - k] = value / (1.0 - at_zero)
        if abs(value) > _LARGE:
            backwards /= _LARGE
            log_scale += _LOG_LARGE
    return _scaled(backwards[::-1], log_scale)


def _log_start(a: float, b: float, nothing: float, log_zero: float) -> float:
    """log of the chance that all claims cost nothing, for a count of the class (a, b, 0)."""
    if a == 0.0:
        return log_zero + b * nothing
    return log_zero - (a + b) / a * math.log1p(-a * nothing)


def _scaled(law: FloatArray, log_scale: float) -> FloatArray:
    with np.errstate(divide="ignore"):
        size = np.exp(np.log(np.abs(law)) + log_scale)
    return np.asarray(np.sign(law) * size, np.float64)

"""The spread of link ratios, each age by itself.

The variance of a single link ratio F = C'/C is sigma^2 / C^a, with a = 1 for volume-weighted averages and
a = 0 for simple and medial ones, for which each average is the best one. Source: Mack, *The standard error of
chain ladder reserve estimates: recursive calculation and inclusion of a tail factor*, ASTIN 29 (1999).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from mutualfund.claims.reserving.checks import require_triangle
from mutualfund.claims.reserving.development import Pattern, without_rounding
from mutualfund.claims.reserving.triangle import Triangle
from mutualfund.errors import Fault, InputError, require_choice, require_kind
from mutualfund.types import BoolArray, FloatArray

LastSigma = Literal["mack", "log_linear"]
_PATTERN = "the pattern of this triangle, as LinkRatios().of(triangle) gives it"


@dataclass(frozen=True, slots=True, eq=False)
class LinkSpread:
    """(n_ages - 1,) variances of a single link ratio, and of the estimated one over its square."""

    sigma_squared: FloatArray
    estimate: FloatArray  # of the link ratio, over its square
    power: float

    @classmethod
    def of(cls, triangle: Triangle, pattern: Pattern, sigmas: FloatArray) -> LinkSpread:
        """What these variances of single links make of the average."""
        power = _power(pattern)
        before = np.where(pattern.used, triangle.cumulative[:, :-1], 0.0)
        of_ratio = sigmas * (pattern.weights**2 * before * (1.0 if power else before)).sum(axis=0)
        return cls(sigmas, of_ratio / pattern.link_ratios**2, power)


def sigma_squared(triangle: Triangle, pattern: Pattern, last: LastSigma = "mack") -> FloatArray:
    """(n_ages - 1,) variance of link ratios about their mean, times the amount before for volume averages.

    Measured on every link that could have been averaged: a ``medial`` average leaves out the highest and the
    lowest, but not their spread. Links that were excluded, or are older than the window, are in neither.

    Where an age has one link only: ``mack`` takes min(s2^2/s1, s1, s2) of the two nearest ages before it at
    which something was paid, if it was at this one (Mack 1993, who has no age without), and the least of all
    such ages where there are no two; ``log_linear`` a straight line through the logarithms of the others. An
    age without a payment has the variance 0 where it has two links, and is not on that line.

    Raises
    ------
    InputError
        Where fewer than two ages have two links, or none of those had a payment and a later age has; where
        the pattern is none, or that of another triangle.

    >>> from datetime import date
    >>> from mutualfund.claims.reserving import LinkRatios
    >>> rows = [[10.0, 20.0, 22.0, 22.0], [10.0, 30.0, 31.0, None], [12.0, 20.0, None, None]]
    >>> rows.append([9.0, None, None, None])
    >>> triangle = Triangle.from_array(rows, first_origin=date(2022, 1, 1))
    >>> sigma_squared(triangle, LinkRatios().of(triangle)).round(4).tolist()
    [5.1042, 0.0533, 0.0006]
    """
    require_last_sigma(last)
    _require_its_pattern(triangle, pattern)
    found, enough = _measured(triangle, pattern)
    if enough.sum() < min(2, found.size):
        got = f"{int(enough.sum())} age{'s' if enough.sum() != 1 else ''} with two links"
        raise _too_few(got, "two links each of at least two ages")
    filled = _filled(found, enough, _paid(found, pattern), last)
    if np.isnan(filled).any():
        got = "payments only at ages with one link"
        raise _too_few(got, "two links of an age at which something was paid")
    return filled


def _require_its_pattern(triangle: Triangle, pattern: Pattern) -> None:
    """Refuse what is no triangle, and what is no pattern of one of this shape."""
    require_triangle("triangle", triangle)
    require_kind("pattern", pattern, Pattern, _PATTERN)
    if pattern.eligible.shape != (triangle.n_origins, triangle.n_ages - 1):
        raise InputError([Fault("pattern", "that of another triangle", _PATTERN, code="shape")])


def _too_few(got: str, allowed: str) -> InputError:
    return InputError([Fault("triangle", got, allowed, "Use more origins.", "too_few_links")])


def sigma_squared_or_none(triangle: Triangle, pattern: Pattern) -> FloatArray:
    """`sigma_squared` by Mack's rule wherever it can be told; all NaN where of some age it cannot."""
    found, enough = _measured(triangle, pattern)
    filled = _filled(found, enough, _paid(found, pattern), "mack")
    unknown = not enough.any() or bool(np.isnan(filled).any())
    return np.full(found.size, np.nan) if unknown else filled


def _measured(triangle: Triangle, pattern: Pattern) -> tuple[FloatArray, BoolArray]:
    """(n_ages - 1,) mean square about the ratio, and which ages have the two links that it takes."""
    before, after = triangle.cumulative[:, :-1], triangle.cumulative[:, 1:]
    used = pattern.eligible & (before > 0.0)
    counts = used.sum(axis=0)
    safe = np.where(used, before, 1.0)
    growth = np.where(used, after - before, 0.0) / safe
    off = without_rounding(growth - (pattern.link_ratios - 1.0))
    weighed = safe if _power(pattern) else 1.0
    missed = np.where(used, weighed * off**2, 0.0).sum(axis=0)
    found = missed / np.maximum(counts - 1, 1)
    return found, np.asarray(counts >= 2)


def require_last_sigma(last: object) -> None:
    """Refuse what is no rule for the last age.

    Raises
    ------
    InputError
        With one fault.
    """
    require_choice("last_sigma", last, get_args(LastSigma), code="unknown")


def _power(pattern: Pattern) -> float:
    return 1.0 if pattern.average == "volume" else 0.0


def _paid(found: FloatArray, pattern: Pattern) -> BoolArray:
    """(n_ages - 1,) ages at which something was paid; payments taken back in full leave a spread."""
    return np.asarray((pattern.link_ratios != 1.0) | (found > 0.0))


def _filled(found: FloatArray, enough: BoolArray, paid: BoolArray, last: LastSigma) -> FloatArray:
    filled = found.copy()
    told = np.flatnonzero(enough & (found > 0.0))
    for age in np.flatnonzero(~enough):
        if last == "log_linear" and told.size >= 2:
            slope, level = np.polyfit(told.astype(np.float64), np.log(found[told]), 1)
            filled[age] = np.exp(level + slope * age)
        else:
            # The spread of an age without a payment is 0, and says nothing of one with payments.
            told_by = paid | (not paid[age])
            filled[age] = _next_to(filled[:age][told_by[:age]], found[enough & told_by])
    return filled


def _next_to(before: FloatArray, measured: FloatArray) -> float:
    """Mack's rule, from the ages before; where there are no two, the least of all that were measured."""
    if before.size < 2:
        return float(measured.min()) if measured.size else float("nan")
    one, two = before[-2:].tolist()
    return float(min(two**2 / one if one > 0.0 else 0.0, one, two))

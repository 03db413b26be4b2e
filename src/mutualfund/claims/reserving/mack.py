"""Mack's distribution-free error of the chain ladder, and Merz and Wuethrich's view of the next year alone.

The variance of a single link ratio F = C'/C is sigma^2 / C^a, with a = 1 for volume-weighted averages and
a = 0 for simple and medial ones, for which each average is the best one. Source: Mack, *The standard error of
chain ladder reserve estimates: recursive calculation and inclusion of a tail factor*, ASTIN 29 (1999).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from mutualfund.claims.reserving.checks import (
    require_amounts,
    require_none_below_zero,
    require_triangle,
    require_whole_periods,
)
from mutualfund.claims.reserving.development import (
    LinkRatios,
    Pattern,
    require_link_ratios,
    without_rounding,
)
from mutualfund.claims.reserving.next_payments import ExpectedPayments
from mutualfund.claims.reserving.reserve import Reserve
from mutualfund.claims.reserving.triangle import Triangle
from mutualfund.errors import Fault, InputError
from mutualfund.types import FloatArray, IntArray

LastSigma = Literal["mack", "log_linear"]


@dataclass(frozen=True, slots=True, eq=False)
class _Spread:
    """(n_ages - 1,) variances of a single link ratio, and of the estimated one over its square."""

    sigma_squared: FloatArray
    estimate: FloatArray  # of the link ratio, over its square
    power: float


def sigma_squared(triangle: Triangle, pattern: Pattern, last: LastSigma = "mack") -> FloatArray:
    """(n_ages - 1,) variance of link ratios about their mean, times the amount before for volume averages.

    Measured on every link that could have been averaged: a ``medial`` average leaves out the highest and the
    lowest, but not their spread. Links that were excluded, or are older than the window, are in neither.

    Where an age has one link only: ``mack`` takes min(s2^2/s1, s1, s2) of the two ages before (Mack 1993),
    ``log_linear`` a straight line through the logarithms of the others. An age without a payment has the
    variance 0, and is not on that line.

    Raises
    ------
    InputError
        Where fewer than two ages have two links.

    >>> from datetime import date
    >>> rows = [[10.0, 20.0, 22.0, 22.0], [10.0, 30.0, 31.0, None], [12.0, 20.0, None, None]]
    >>> rows.append([9.0, None, None, None])
    >>> triangle = Triangle.from_array(rows, first_origin=date(2022, 1, 1))
    >>> sigma_squared(triangle, LinkRatios().of(triangle)).round(4).tolist()
    [5.1042, 0.0533, 0.0006]
    """
    _require_last_sigma(last)
    before, after = triangle.cumulative[:, :-1], triangle.cumulative[:, 1:]
    used = pattern.eligible & (before > 0.0)
    counts = used.sum(axis=0)
    safe = np.where(used, before, 1.0)
    growth = np.where(used, after - before, 0.0) / safe
    off = without_rounding(growth - (pattern.link_ratios - 1.0))
    weighed = safe if _power(pattern) else 1.0
    missed = np.where(used, weighed * off**2, 0.0).sum(axis=0)
    found = missed / np.maximum(counts - 1, 1)
    enough = counts >= 2
    if enough.sum() < min(2, found.size):
        allowed = "two links each of at least two ages"
        got = f"{int(enough.sum())} age{'s' if enough.sum() != 1 else ''} with two links"
        raise InputError([Fault("triangle", got, allowed, "Use more origins.", "too_few_links")])
    return _filled(found, enough, last)


def _require_last_sigma(last: object) -> None:
    if last not in ("mack", "log_linear"):
        raise InputError([Fault("last_sigma", repr(last), "mack, log_linear", code="unknown")])


def _power(pattern: Pattern) -> float:
    return 1.0 if pattern.average == "volume" else 0.0


def _filled(found: FloatArray, enough: np.ndarray, last: LastSigma) -> FloatArray:
    filled = found.copy()
    told = np.flatnonzero(enough & (found > 0.0))
    for age in np.flatnonzero(~enough):
        if last == "log_linear" and told.size >= 2:
            slope, level = np.polyfit(told.astype(np.float64), np.log(found[told]), 1)
            filled[age] = np.exp(level + slope * age)
        elif age >= 2:
            one, two = filled[age - 2], filled[age - 1]
            filled[age] = min(two**2 / one if one > 0.0 else 0.0, one, two)
        else:
            filled[age] = filled[enough].min()
    return filled


def _spread(triangle: Triangle, pattern: Pattern, last: LastSigma) -> _Spread:
    sigmas, power = sigma_squared(triangle, pattern, last), _power(pattern)
    before = np.where(pattern.used, triangle.cumulative[:, :-1], 0.0)
    of_ratio = sigmas * (pattern.weights**2 * before * (1.0 if power else before)).sum(axis=0)
    return _Spread(sigmas, of_ratio / pattern.link_ratios**2, power)


@dataclass(frozen=True, slots=True, eq=False)
class MackPayments:
    """Mack's model of the payments until a later valuation: his recursion, stopped where that is.

    An origin's own variance is what each step adds, grown to then; the estimates of two origins share the
    link ratios that both still pass through. Source: Mack (1999) for an origin and the corollary of Mack,
    ASTIN 23 (1993), for the total, over fewer steps. A tail's payments come after the last age.
    """

    ultimate: FloatArray
    triangle: Triangle
    pattern: Pattern
    spread: _Spread

    def until(self, later: IntArray) -> ExpectedPayments:
        """Mean and error of the payments until each origin has reached this age."""
        ratios, growth, ages = self.pattern.link_ratios, self.pattern.growth, self.triangle.ages
        then = np.minimum(later, ratios.size)
        # (n_origins, n_ages) what an origin's amount is expected to be at each age from now on.
        amount = (self.triangle.latest * growth[ages])[:, None] / growth
        end = amount[np.arange(ages.size), then]
        step = np.arange(ratios.size)
        taken = (step >= ages[:, None]) & (step < then[:, None]) & (amount[:, :-1] > 0.0)
        divided = np.where(taken, amount[:, :-1], 1.0) if self.spread.power else 1.0
        added = np.where(taken, self.spread.sigma_squared / ratios**2 / divided, 0.0)
        shared = (taken * self.spread.estimate) @ taken.T
        return ExpectedPayments(
            mean=end - self.triangle.latest,
            process_variance=end**2 * added.sum(axis=1),
            parameter_covariance=np.outer(end, end) * shared,
        )


def _require_amounts_to_divide_by(triangle: Triangle) -> None:
    require_none_below_zero(triangle)
    require_amounts(triangle)


@dataclass(frozen=True, slots=True)
class Mack:
    """The chain ladder with Mack's standard errors, by origin and in total.

    last_sigma: what the last age's variance is where it has one link (`sigma_squared`). A tail's standard
    error counts as parameter error; its process error is not known and left out. A ``medial`` average has the
    variance of all its links over the number it kept, as if these had been chosen without looking: Mack has
    no such average, and this is on the safe side.

    >>> from datetime import date
    >>> rows = [[10.0, 20.0, 22.0, 22.0], [10.0, 30.0, 31.0, None], [12.0, 20.0, None, None]]
    >>> rows.append([9.0, None, None, None])
    >>> triangle = Triangle.from_array(rows, first_origin=date(2022, 1, 1))
    >>> round(Mack().fit(triangle).total_ibnr, 4)
    13.0688
    """

    link_ratios: LinkRatios = field(default_factory=LinkRatios)
    last_sigma: LastSigma = "mack"

    def __post_init__(self) -> None:
        require_link_ratios(self.link_ratios)
        _require_last_sigma(self.last_sigma)

    def fit(self, triangle: Triangle) -> Reserve:
        """The chain-ladder estimate with Mack's errors.

        Raises
        ------
        InputError
            Where an amount is below 0, all are 0, or too few ages have two links. What `LinkRatios.of`
            raises.
        """
        _require_amounts_to_divide_by(triangle)
        pattern = self.link_ratios.of(triangle)
        spread = _spread(triangle, pattern, self.last_sigma)
        ultimate = triangle.latest * pattern.growth[triangle.ages]
        model = MackPayments(ultimate, triangle, pattern, spread)
        whole = model.until(np.full(triangle.n_origins, triangle.n_ages - 1))
        grown = pattern.tail_factor**2
        covariance = grown * whole.parameter_covariance
        tail = pattern.tail_standard_error / pattern.tail_factor
        if tail > 0.0:
            covariance += tail**2 * np.outer(ultimate, ultimate)
        return Reserve(
            method="Mack",
            triangle=triangle,
            pattern=pattern,
            ultimate=ultimate,
            process_variance=grown * whole.process_variance,
            next_payments=model,
            parameter_covariance=covariance,
        )


@dataclass(frozen=True, slots=True)
class MerzWuethrich:
    """The chain ladder, with the error of its *next* estimate: what one more development period may bring.

    The standard errors are those of the claims development result over the next period, seen from now.
    Source: Merz and Wuethrich, *Modelling the claims development result for solvency purposes*, CAS E-Forum
    Fall 2008, in its linear approximation.

    >>> from datetime import date
    >>> rows = [[10.0, 20.0, 22.0, 22.0], [10.0, 30.0, 31.0, None], [12.0, 20.0, None, None]]
    >>> rows.append([9.0, None, None, None])
    >>> triangle = Triangle.from_array(rows, first_origin=date(2022, 1, 1))
    >>> whole, next_year = Mack().fit(triangle), MerzWuethrich().fit(triangle)
    >>> next_year.total_standard_error < whole.total_standard_error
    True
    """

    last_sigma: LastSigma = "mack"

    def __post_init__(self) -> None:
        _require_last_sigma(self.last_sigma)

    def fit(self, triangle: Triangle) -> Reserve:
        """The chain-ladder estimate with the errors of the next period.

        Raises
        ------
        InputError
            Where origin and development periods differ in length: then it is not one origin's turn at each
            age; where the last development period was not over. What `Mack.fit` raises.
        """
        require_triangle("triangle", triangle)
        if triangle.origin_grain != triangle.development_grain:
            got = f"{triangle.origin_grain}s of origin by {triangle.development_grain}s of development"
            raise InputError([Fault("triangle", got, "periods of one length", code="grains")])
        require_whole_periods(triangle)
        _require_amounts_to_divide_by(triangle)
        pattern = LinkRatios().of(triangle)
        spread = _spread(triangle, pattern, self.last_sigma)
        ages, ultimate = triangle.ages, triangle.latest * pattern.growth[triangle.ages]
        age = np.arange(pattern.link_ratios.size)
        its_turn = (
            age == ages[:, None]
        )  # (n_origins, n_ages - 1): the next link of this origin is this one
        next_before = np.where(its_turn, triangle.latest[:, None], 0.0).sum(axis=0)
        seen = np.where(pattern.used, triangle.cumulative[:, :-1], 0.0).sum(axis=0)
        credibility = next_before / np.where(next_before + seen > 0.0, next_before + seen, 1.0)
        turns = np.where(next_before > 0.0, next_before, 1.0)
        relative = spread.sigma_squared / pattern.link_ratios**2
        own, estimated = np.where(next_before > 0.0, relative / turns, 0.0), spread.estimate
        moves = ultimate[:, None] * np.where(its_turn, 1.0, (age > ages[:, None]) * credibility)
        fresh = np.where(its_turn, moves, 0.0) * np.sqrt(own)
        shared = moves * np.sqrt(own + estimated)
        covariance = shared @ shared.T
        process = (fresh**2).sum(axis=1)
        return Reserve(
            method="Merz-Wuethrich",
            horizon="next period",
            triangle=triangle,
            pattern=pattern,
            ultimate=ultimate,
            process_variance=process,
            parameter_covariance=covariance - np.diag(process),
        )

"""Mack's distribution-free error of the chain ladder, and Merz and Wuethrich's view of the next year alone.

Source: Mack, *The standard error of
chain ladder reserve estimates: recursive calculation and inclusion of a tail factor*, ASTIN 29 (1999).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mutualfund.claims.reserving.checks import (
    require_amounts,
    require_none_below_zero,
    require_triangle,
    require_whole_periods,
)
from mutualfund.claims.reserving.development import LinkRatios, Pattern, require_link_ratios
from mutualfund.claims.reserving.next_payments import ExpectedPayments
from mutualfund.claims.reserving.reserve import Reserve
from mutualfund.claims.reserving.spread import (
    LastSigma,
    LinkSpread,
    require_last_sigma,
    sigma_squared,
)
from mutualfund.claims.reserving.triangle import Triangle
from mutualfund.errors import Fault, InputError
from mutualfund.types import FloatArray, IntArray


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
    spread: LinkSpread

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
        require_last_sigma(self.last_sigma)

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
        spread = LinkSpread.of(triangle, pattern, sigma_squared(triangle, pattern, self.last_sigma))
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
        require_last_sigma(self.last_sigma)

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
        spread = LinkSpread.of(triangle, pattern, sigma_squared(triangle, pattern, self.last_sigma))
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

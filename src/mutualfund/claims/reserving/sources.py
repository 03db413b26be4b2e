"""Where an estimate's error comes from, for all methods that work on a pattern of over-dispersed payments.

Incremental payments are independent with mean m and variance phi x m (England and Verrall, *Stochastic claims
reserving in general insurance*, BAJ 8, 2002). Then the amounts to date and the link ratios are uncorrelated,
to first order: an amount C has variance phi x C, and a link ratio f has phi x f (f - 1) x sum of w^2 C over
the links used, w its weights and C the amounts that the pattern fits before the step (for simple and medial
averages the amounts observed, where an origin stands at nothing and the fit with it). Hence a method is its
formula and the derivative of it by these few numbers; the chain ladder's errors are then those of the
generalised linear model, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mutualfund.claims.reserving.development import Pattern, scaled
from mutualfund.claims.reserving.triangle import Triangle
from mutualfund.types import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """One triangle under one pattern: values by origin, and derivatives by everything uncertain.

    The uncertain numbers are, in this order: the n amounts to date, the link ratios, the tail factor, and one
    relative error of whatever prior the user states. A derivative has shape (n_origins, n_sources).
    """

    latest: FloatArray  # (n_origins,) amounts to date
    share: FloatArray  # (n_origins,) part of the ultimate known by now
    latest_slope: FloatArray  # (n_origins, n_sources)
    share_slope: FloatArray  # (n_origins, n_sources)
    variance: FloatArray  # (n_sources,) NaN where payments leave no degree of freedom
    dispersion: float

    @classmethod
    def of(cls, triangle: Triangle, pattern: Pattern, prior_cv: float = 0.0) -> Sources:
        """The sources of a triangle whose prior, where there is one, has this coefficient of variation."""
        n, steps, ages = triangle.n_origins, pattern.link_ratios.size, triangle.ages
        phi = dispersion(triangle, pattern)
        fitted = fitted_amounts(triangle, pattern)[:, :-1]
        if (
            pattern.average != "volume"
        ):  # these divide by single amounts: by none that is not above 0
            fitted = np.where(fitted > 0.0, fitted, triangle.cumulative[:, :-1])
        moves = np.abs(pattern.link_ratios * (pattern.link_ratios - 1.0))
        weights = scaled(pattern.used, fitted, pattern.average)
        moved = moves * (weights**2 * np.where(pattern.used, fitted, 0.0)).sum(axis=0)
        variance = np.concatenate(
            [
                _over_dispersed(phi, np.abs(triangle.latest)),
                _over_dispersed(phi, np.abs(moved)),
                [pattern.tail_standard_error**2, prior_cv**2],
            ]
        )
        return cls(
            latest=triangle.latest,
            share=pattern.share[ages],
            latest_slope=np.eye(n, n + steps + 2),
            share_slope=share_slope(pattern, ages),
            variance=variance,
            dispersion=phi,
        )

    def covariance(self, slope: FloatArray) -> FloatArray:
        """(n_origins, n_origins) covariance of amounts with this derivative, (n_origins, n_sources)."""
        # A source without a variance matters only where something depends on it.
        spread = np.where((slope != 0.0).any(axis=0), self.variance, 0.0)
        return np.asarray((slope * spread) @ slope.T)

    def process_variance(self, payments: FloatArray) -> FloatArray:
        """Variance of payments of this size, what is taken back included: over-dispersed as those before."""
        return _over_dispersed(self.dispersion, payments)


def _over_dispersed(dispersion: float, payments: FloatArray) -> FloatArray:
    """Variance of payments of this size; that of no payment is 0 also where the dispersion is not known."""
    return np.asarray(np.where(payments != 0.0, dispersion * payments, 0.0))


def share_slope(pattern: Pattern, ages: IntArray) -> FloatArray:
    """(n_origins, n_sources) derivative of the share known at one age of each origin, columns from 0."""
    n, steps = ages.size, pattern.link_ratios.size
    share = pattern.share[ages]
    slope = np.zeros((n, n + steps + 2))
    to_come = np.arange(steps) >= ages[:, None]
    slope[:, n : n + steps] = -share[:, None] * to_come / pattern.link_ratios
    slope[:, n + steps] = -share / pattern.tail_factor
    return slope


def fitted_amounts(triangle: Triangle, pattern: Pattern) -> FloatArray:
    """(n_origins, n_ages) cumulative amounts by the pattern, through each origin's amount to date."""
    share = pattern.share
    return np.asarray((triangle.latest / share[triangle.ages])[:, None] * share)


def dispersion(triangle: Triangle, pattern: Pattern) -> float:
    """Variance over mean of a payment: Pearson's chi-squared over its degrees of freedom; NaN without any.

    Summed over the eligible links: with all of them this is the sum over cells of
    (payment - fitted)^2 / fitted, and the degrees of freedom are cells less origins less ages plus one.
    Only origins and ages at which something is paid on balance count: where the fit is 0 the model has no
    payment, and a payment of 0 shows no spread.
    """
    before = triangle.cumulative[:, :-1]
    after = triangle.cumulative[:, 1:]
    ratios, fitted = pattern.link_ratios, np.abs(fitted_amounts(triangle, pattern)[:, :-1])
    scale = np.abs(ratios * (ratios - 1.0)) * fitted
    told = pattern.eligible & (scale > 0.0)
    freedom = int(np.maximum(told.sum(axis=0) - 1, 0).sum())
    if freedom == 0:
        return float("nan")
    missed = np.where(told, after - ratios * before, 0.0)
    return float((missed**2 / np.where(told, scale, 1.0)).sum() / freedom)

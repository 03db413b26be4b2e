"""The error of completion factors: each age has a spread of its own, as for Mack.

Months that are paid to date over their factor have Mack's error (ASTIN 29, 1999). The part to come of a month
with a prior has a variance in proportion to the prior, at each age its own (Mack, *The prediction error of
Bornhuetter/Ferguson*, ASTIN 38, 2008): of a step's payments, sigma^2 / (f (f - 1)) times their mean. For
over-dispersed payments of one dispersion that is this dispersion, and the two kinds of months agree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mutualfund.claims.reserving.development import Pattern
from mutualfund.claims.reserving.expected import Estimate
from mutualfund.claims.reserving.next_payments import ExpectedPayments
from mutualfund.claims.reserving.reserve import Reserve
from mutualfund.claims.reserving.sources import Sources, share_slope
from mutualfund.claims.reserving.spread import LinkSpread, sigma_squared_or_none
from mutualfund.claims.reserving.triangle import Triangle
from mutualfund.types import BoolArray, FloatArray, IntArray


def age_wise(triangle: Triangle, pattern: Pattern, prior_cv: float) -> tuple[Sources, FloatArray]:
    """The sources of error, and (n_ages - 1,) variance of a step's payments over the ultimate amount.

    The dispersion is the steps' mean over payments: what an amount to date varies by as part of a prior.
    """
    sigmas = sigma_squared_or_none(triangle, pattern)
    by_step = sigmas / (pattern.link_ratios * pattern.growth[:-1])
    moved = float(np.abs(np.diff(pattern.share)).sum())
    dispersion = float(by_step.sum()) / moved if moved > 0.0 else 0.0
    sources = Sources.of(triangle, pattern, prior_cv)
    n, variance = triangle.n_origins, sources.variance.copy()
    variance[:n] = dispersion * np.abs(triangle.latest)
    of_ratios = LinkSpread.of(triangle, pattern, sigmas).estimate * pattern.link_ratios**2
    variance[n : n + of_ratios.size] = of_ratios
    return replace(sources, variance=variance, dispersion=dispersion), by_step


@dataclass(frozen=True, slots=True, eq=False)
class AgeWisePayments:
    """Payments of months with and without a prior, until a later valuation or to the end.

    prior: what the part to come is a share of, which is the estimate itself for months without one. young:
    (n_origins,) months with one. by_step: (n_ages - 1,) as `age_wise` gives it.
    """

    ultimate: FloatArray
    prior: Estimate
    young: BoolArray
    triangle: Triangle
    pattern: Pattern
    sources: Sources
    by_step: FloatArray

    def until(self, later: IntArray) -> ExpectedPayments:
        """Until each month has reached this age; a tail's payments come after the last one."""
        then = np.minimum(later, self.by_step.size)
        return self._moved(then, self.pattern.share[then], share_slope(self.pattern, then))

    def to_the_end(self) -> ExpectedPayments:
        """All that is still to come; a tail's payments have the mean dispersion."""
        last = np.full(self.triangle.n_origins, self.by_step.size)
        whole = self._moved(last, np.ones(last.size), np.zeros_like(self.sources.share_slope))
        beyond = np.abs(self.prior.ultimate) * abs(1.0 - self.pattern.share[-1])
        return replace(
            whole, process_variance=whole.process_variance + self.sources.process_variance(beyond)
        )

    def _moved(self, then: IntArray, share: FloatArray, slope: FloatArray) -> ExpectedPayments:
        """Until the part known is `share`, (n_origins,) with this derivative by the sources."""
        ages, growth = self.triangle.ages, self.pattern.growth
        step = np.arange(self.by_step.size)
        taken = (step >= ages[:, None]) & (step < then[:, None])
        # Without a prior what comes early grows on with the month, as in Mack's recursion.
        grown = growth[:-1] * growth[1:] * share[:, None] ** 2
        grown = np.where(self.young[:, None], 1.0, grown)
        process = np.where(taken, self.by_step * grown, 0.0).sum(axis=1)
        moves = share - self.sources.share
        share_moves = slope - self.sources.share_slope
        slopes = moves[:, None] * self.prior.slope + self.prior.ultimate[:, None] * share_moves
        # Mack's error of a month is that from its amount to date on, which is known.
        own = slice(0, ages.size)
        slopes[:, own] = np.where(self.young[:, None], slopes[:, own], 0.0)
        size = np.abs(self.prior.ultimate)
        return ExpectedPayments(
            mean=self.prior.ultimate * moves,
            process_variance=np.where(size > 0.0, size * process, 0.0),
            parameter_covariance=self.sources.covariance(slopes),
        )

    def reserve(self) -> Reserve:
        """The estimate with its errors."""
        whole = self.to_the_end()
        return Reserve(
            method="completion factors",
            triangle=self.triangle,
            pattern=self.pattern,
            ultimate=self.ultimate,
            process_variance=whole.process_variance,
            parameter_covariance=whole.parameter_covariance,
            dispersion=self.sources.dispersion,
            next_payments=self,
        )

"""Monthly completion factors for health claims, with a cost per member-month for months too young to tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mutualfund.claims.reserving.agewise import AgeWisePayments, age_wise
from mutualfund.claims.reserving.checks import require_triangle
from mutualfund.claims.reserving.development import LinkRatios
from mutualfund.claims.reserving.expected import (
    Estimate,
    chain_ladder,
    exposure_of,
    stated_prior,
    with_prior,
)
from mutualfund.claims.reserving.formulas import trailing_pmpm
from mutualfund.claims.reserving.reserve import Reserve
from mutualfund.claims.reserving.sources import Sources
from mutualfund.claims.reserving.tail import ConstantTail
from mutualfund.claims.reserving.triangle import Triangle
from mutualfund.errors import Fault, InputError, numbers, one_number, require, require_whole
from mutualfund.types import FloatArray


@dataclass(frozen=True, slots=True)
class CompletionFactors:
    """Paid to date over the completion factor; for recent months a prior cost per member-month.

    The error is Mack's, each lag with a spread of its own, and for months with a prior what goes with it
    (Mack, *The prediction error of Bornhuetter/Ferguson*, ASTIN 38, 2008): one dispersion for all lags
    (`OverDispersedPoisson`) makes it too small where late claims are few. A backlog, a new payment system or
    a true change of cost in months that take the prior is not in it, nor is a size of claim that the triangle
    has not shown yet: for a fund of a few hundred members with rare large claims it is still too small.
    `Reserve.dispersion` is the lags' mean over payments.

    Parameters
    ----------
    window
        Latest treatment months whose growth counts at each lag; None for all.
    prior_months
        Youngest months, those with a lag below this number, for which the part not yet paid is
        (1 - completion factor) x prior x member-months.
    prior_pmpm
        That prior, currency per member-month; None to take it from the trailing months before them.
    prior_cv
        How sure the prior is: coefficient of variation, common to the months.
    trailing
        Months that a prior of one's own is taken from.
    seasonality
        Twelve factors of cost per member-month, January first (`seasonal_factors`); the prior is multiplied
        by them, and months are compared without them. None for none.
    tail
        Growth after the last lag.

    >>> from datetime import date
    >>> rows = [[50.0, 100.0], [60.0, 120.0], [30.0, None]]
    >>> triangle = Triangle.from_array(
    ...     rows, first_origin=date(2026, 1, 1), origin_grain="month", development_grain="month",
    ...     exposure=[10.0, 12.0, 11.0],
    ... )
    >>> CompletionFactors().fit(triangle).ibnr.tolist()
    [0.0, 0.0, 30.0]
    >>> CompletionFactors(prior_months=1).fit(triangle).ibnr.tolist()  # half of 11 x 10 a member-month
    [0.0, 0.0, 55.0]
    """

    window: int | None = None
    prior_months: int = 0
    prior_pmpm: float | None = None
    prior_cv: float = 0.0
    trailing: int = 12
    seasonality: tuple[float, ...] | None = None
    tail: float = 1.0

    def __post_init__(self) -> None:
        if self.window is not None:
            require_whole("window", self.window, minimum=1, maximum=1200, unit="months")
        require_whole("prior_months", self.prior_months, minimum=0, maximum=1200, unit="months")
        one_number("prior_cv", self.prior_cv, minimum=0.0, maximum=10.0, unit="of the prior")
        require_whole("trailing", self.trailing, minimum=1, maximum=1200, unit="months")
        ConstantTail(self.tail)
        if self.prior_pmpm is not None:
            one_number(
                "prior_pmpm", self.prior_pmpm, minimum=0.0, maximum=1e12, unit="a member-month"
            )
            if self.prior_months == 0:
                got, allowed = "a prior for no month", "prior_months of at least 1 with it"
                raise InputError([Fault("prior_pmpm", got, allowed, code="prior_without_months")])
        if self.seasonality is not None:
            factors = numbers("seasonality", self.seasonality)
            require("seasonality", factors, minimum=1e-3, maximum=1e3, unit="factor")
            if factors.shape != (12,):
                got = f"{factors.size} factors"
                raise InputError(
                    [Fault("seasonality", got, "twelve, January first", code="length")]
                )
            object.__setattr__(self, "seasonality", tuple(factors.tolist()))

    def fit(self, triangle: Triangle) -> Reserve:
        """The estimate by treatment month, with its error.

        Raises
        ------
        InputError
            Where origins or ages are not months, a prior is asked for and the triangle has no member-months,
            or no month is old enough to take the prior from. What `LinkRatios.of` raises.

        Where no lag has two links, or none that has them had a payment and another has, the errors are NaN.
        """
        require_triangle("triangle", triangle)
        if (triangle.origin_grain, triangle.development_grain) != ("month", "month"):
            got = f"origins of a {triangle.origin_grain}, ages of a {triangle.development_grain}"
            raise InputError([Fault("triangle", got, "treatment months", code="grains")])
        pattern = LinkRatios(latest=self.window, tail=self.tail).of(triangle)
        sources, by_step = age_wise(triangle, pattern, self.prior_cv)
        estimate = prior = chain_ladder(sources)
        young = triangle.ages < self.prior_months
        if young.any():
            prior = estimate.where(~young, self._prior(triangle, sources, estimate, ~young))
            estimate = estimate.where(~young, with_prior(sources, prior))
        return AgeWisePayments(
            estimate.ultimate, prior, young, triangle, pattern, sources, by_step
        ).reserve()

    def _prior(
        self, triangle: Triangle, sources: Sources, by_factors: Estimate, old: np.ndarray
    ) -> Estimate:
        """Expected cost of every month, were it as the prior says."""
        exposed = exposure_of(triangle)
        if self.seasonality is not None:
            exposed = exposed * np.array(self.seasonality)[triangle.origin_months % 12]
        if self.prior_pmpm is not None:
            return stated_prior(sources, self.prior_pmpm * exposed)
        pmpm, months = trailing_pmpm(by_factors.ultimate, exposed, old, self.trailing)
        if not months.any():
            got, remedy = "no month old enough", "State prior_pmpm, or lower prior_months."
            raise InputError([Fault("prior_months", got, "at least one", remedy, "no_old_month")])
        slope = np.outer(exposed / exposed[months].sum(), by_factors.slope[months].sum(axis=0))
        slope[:, -1] = pmpm * exposed
        return Estimate(pmpm * exposed, slope)


def seasonal_factors(pmpm: Sequence[float] | FloatArray, first_month: int) -> tuple[float, ...]:
    """Twelve factors, January first and 1 on average, from monthly costs per member-month.

    Each month is held against the mean of the year around it (a centred twelve-month average, so that trend
    drops out), and the ratios are averaged by calendar month.

    pmpm: (n,) complete months, at least 24, above 0. first_month: calendar month of the first, 1 to 12.

    Raises
    ------
    InputError
        Where there are fewer months or a cost is not above 0.

    >>> shape = [1.2, 0.8] + 10 * [1.0]
    >>> [round(x, 6) for x in seasonal_factors([100.0 * x for x in 3 * shape], first_month=1)][:3]
    [1.2, 0.8, 1.0]
    """
    cost = numbers("pmpm", pmpm)
    require_whole("first_month", first_month, minimum=1, maximum=12, unit="calendar month")
    require("pmpm", cost, minimum=1e-12, maximum=1e12, unit="currency a member-month")
    if cost.ndim != 1 or cost.size < 24:
        raise InputError([Fault("pmpm", f"{cost.size} months", "at least 24", code="too_few")])
    ends = np.full(13, 1.0 / 12.0)
    ends[[0, -1]] = 1.0 / 24.0
    ratios = cost[6:-6] / np.convolve(cost, ends, mode="valid")
    calendar = (np.arange(6, cost.size - 6) + first_month - 1) % 12
    means = np.array([ratios[calendar == month].mean() for month in range(12)])
    return tuple((means / means.mean()).tolist())

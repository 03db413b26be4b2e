"""Chain ladder, over-dispersed Poisson, Bornhuetter-Ferguson, Cape Cod, Benktander: a pattern and a prior.

Each is its formula and the formula's derivative by the sources of error (`sources.Sources`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from mutualfund.claims.reserving.checks import require_whole_periods
from mutualfund.claims.reserving.development import LinkRatios, Pattern, require_link_ratios
from mutualfund.claims.reserving.formulas import still_to_come
from mutualfund.claims.reserving.next_payments import ExpectedPayments
from mutualfund.claims.reserving.reserve import Reserve
from mutualfund.claims.reserving.sources import Sources, share_slope
from mutualfund.claims.reserving.triangle import Triangle
from mutualfund.errors import Fault, InputError, one_number, require_whole
from mutualfund.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """Ultimate amounts (n_origins,) and their derivative by the sources, (n_origins, n_sources).

    prior: the estimate that the part still to come is a share of; None where it is this one itself.
    """

    ultimate: FloatArray
    slope: FloatArray
    prior: Estimate | None = None

    def where(self, origins: BoolArray, otherwise: Estimate) -> Estimate:
        """This one for some origins, and another for the rest."""
        return Estimate(
            np.where(origins, self.ultimate, otherwise.ultimate),
            np.where(origins[:, None], self.slope, otherwise.slope),
        )

    def reserve(
        self, method: str, triangle: Triangle, pattern: Pattern, sources: Sources
    ) -> Reserve:
        """The estimate with its errors."""
        prior = self.prior or self
        travelled = pattern.travelled
        size = np.abs(prior.ultimate) * (travelled[-1] - travelled[triangle.ages])
        return Reserve(
            method=method,
            triangle=triangle,
            pattern=pattern,
            ultimate=self.ultimate,
            process_variance=sources.process_variance(size),
            parameter_covariance=sources.covariance(self.slope - sources.latest_slope),
            dispersion=sources.dispersion,
            next_payments=PoissonPayments(
                self.ultimate, prior.ultimate, prior.slope, triangle.ages, pattern, sources
            ),
        )


@dataclass(frozen=True, slots=True, eq=False)
class PoissonPayments:
    """Over-dispersed payments until a later valuation: of each origin's prior, the share known then less now.

    prior: (n_origins,) currency. prior_slope: (n_origins, n_sources). ages: (n_origins,) of now. A tail's
    payments come after the last age.
    """

    ultimate: FloatArray
    prior: FloatArray
    prior_slope: FloatArray
    ages: IntArray
    pattern: Pattern
    sources: Sources

    def until(self, later: IntArray) -> ExpectedPayments:
        """Mean and error, the latter to first order in the sources of error."""
        then = np.minimum(later, self.pattern.share.size - 1)
        moves = self.pattern.share[then] - self.sources.share
        share_moves = share_slope(self.pattern, then) - self.sources.share_slope
        travelled = self.pattern.travelled
        size = np.abs(self.prior) * (travelled[then] - travelled[self.ages])
        slope = moves[:, None] * self.prior_slope + self.prior[:, None] * share_moves
        return ExpectedPayments(
            mean=self.prior * moves,
            process_variance=self.sources.process_variance(size),
            parameter_covariance=self.sources.covariance(slope),
        )


def chain_ladder(sources: Sources) -> Estimate:
    """Amount to date over the part known."""
    ultimate = sources.latest / sources.share
    slope = sources.latest_slope - ultimate[:, None] * sources.share_slope
    return Estimate(ultimate, slope / sources.share[:, None])


def with_prior(sources: Sources, prior: Estimate, iterations: int = 1) -> Estimate:
    """The prior for the part not known yet, as often as asked."""
    for _ in range(iterations):
        slope = (
            sources.latest_slope
            - prior.ultimate[:, None] * sources.share_slope
            + (1.0 - sources.share)[:, None] * prior.slope
        )
        to_come = still_to_come(prior.ultimate, sources.latest, sources.share)
        prior = Estimate(sources.latest + to_come, slope, replace(prior, prior=None))
    return prior


def stated_prior(sources: Sources, prior: FloatArray) -> Estimate:
    """A prior that owes nothing to the triangle; its relative error is common to all origins."""
    slope = np.zeros_like(sources.latest_slope)
    slope[:, -1] = prior
    return Estimate(prior, slope)


def cape_cod_prior(sources: Sources, exposure: FloatArray, decay: float) -> Estimate:
    """Exposure times the ratio of amounts to date to the exposure that they stand for.

    An origin k periods away counts with weight decay^k (Gluck, *Balancing development and trend in loss
    reserve analysis*, PCAS 84, 1997); with decay 1 all origins share one ratio.
    """
    apart = np.abs(np.subtract.outer(np.arange(exposure.size), np.arange(exposure.size)))
    weight = decay**apart
    amounts, used_up = weight @ sources.latest, weight @ (exposure * sources.share)
    ratio = amounts / used_up
    by_amounts = weight @ sources.latest_slope
    by_share = weight @ (exposure[:, None] * sources.share_slope)
    slope = (by_amounts - ratio[:, None] * by_share) / used_up[:, None]
    return Estimate(exposure * ratio, exposure[:, None] * slope)


def exposure_of(triangle: Triangle) -> FloatArray:
    """The triangle's exposure.

    Raises
    ------
    InputError
        Where it has none.
    """
    if triangle.exposure is None:
        remedy = "Give it with triangle.with_exposure(...)."
        allowed = "contributions or member-months by origin"
        raise InputError([Fault("triangle.exposure", "nothing", allowed, remedy, "no_exposure")])
    return triangle.exposure


@dataclass(frozen=True, slots=True)
class ChainLadder:
    """Amount to date times the growth that other origins showed from this age on.

    Errors are those of the over-dispersed Poisson model with these link ratios; `Mack` has its own, and
    `OverDispersedPoisson` says when to prefer them.

    >>> from mutualfund.claims.reserving import Triangle
    >>> from datetime import date
    >>> rows = [[10.0, 20.0, 22.0], [10.0, 30.0, None], [12.0, None, None]]
    >>> triangle = Triangle.from_array(rows, first_origin=date(2023, 1, 1))
    >>> ChainLadder().fit(triangle).ultimate.round(6).tolist()
    [22.0, 33.0, 33.0]
    """

    link_ratios: LinkRatios = field(default_factory=LinkRatios)

    def __post_init__(self) -> None:
        require_link_ratios(self.link_ratios)

    def fit(self, triangle: Triangle) -> Reserve:
        """The chain-ladder estimate; raises what `LinkRatios.of` does."""
        pattern = self.link_ratios.of(triangle)
        sources = Sources.of(triangle, pattern)
        return chain_ladder(sources).reserve("chain ladder", triangle, pattern, sources)


@dataclass(frozen=True, slots=True)
class OverDispersedPoisson:
    """The generalised linear model with origin and age factors, whose estimate is the chain ladder.

    Payments are independent with variance in proportion to the mean, by one dispersion at all ages; an age
    without a payment pays nothing. The errors are those of the fitted model, closed (no iteration).

    Where claims are large and few at late ages, as health claims are, most late cells hold small payments or
    none: one dispersion for all cells is then too small for the early ages, which owe most, and so is the
    error (on generated claims of that kind its 95 % intervals hold about 90 % of outcomes, of a small fund
    with rare large claims 70 to 85 %). `Mack` and `CompletionFactors` measure each age by itself: prefer them
    there. This model is the better one where payments are many at every age, or ages have too few links for a
    spread of their own.

    Source: Renshaw and Verrall, *A stochastic model underlying the
    chain-ladder technique*, BAJ 4 (1998); England and Verrall, BAJ 8 (2002).

    >>> from mutualfund.claims.reserving import Triangle
    >>> from datetime import date
    >>> rows = [[10.0, 20.0, 22.0], [10.0, 30.0, None], [12.0, None, None]]
    >>> triangle = Triangle.from_array(rows, first_origin=date(2023, 1, 1))
    >>> round(OverDispersedPoisson().fit(triangle).total_ibnr, 6)
    24.0
    """

    def fit(self, triangle: Triangle) -> Reserve:
        """The fitted model.

        Raises
        ------
        InputError
            Where all payments of one age add up to less than 0: the model has no such age; where the last
            development period was not over. What `LinkRatios.of` raises.
        """
        require_whole_periods(triangle)
        pattern = LinkRatios().of(triangle)
        falling = np.flatnonzero(pattern.link_ratios < 1.0)
        if falling.size:
            got = f"payments of age {falling[0] + 2} that add up to less than 0"
            remedy = "Use Mack's method, which needs no such thing."
            raise InputError([Fault("triangle", got, "at least 0", remedy, "negative_age")])
        sources = Sources.of(triangle, pattern)
        return chain_ladder(sources).reserve("over-dispersed Poisson", triangle, pattern, sources)


@dataclass(frozen=True, slots=True)
class BornhuetterFerguson:
    """Exposure times an expected ratio, for the part not known yet.

    expected_ratio: cost per unit of the triangle's exposure, 0 to 1e6 (a loss ratio where the exposure is
    contributions). ratio_cv: how sure it is, as a coefficient of variation common to all origins. Source of
    the errors: Alai, Merz and Wuethrich, *Mean square error of prediction in the Bornhuetter-Ferguson claims
    reserving method*, Annals of Actuarial Science 4 (2009).

    >>> from mutualfund.claims.reserving import Triangle
    >>> from datetime import date
    >>> triangle = Triangle.from_array(
    ...     [[100.0, 200.0], [110.0, None]], first_origin=date(2024, 1, 1), exposure=[300.0, 400.0]
    ... )
    >>> BornhuetterFerguson(expected_ratio=0.6).fit(triangle).ibnr.tolist()
    [0.0, 120.0]
    """

    expected_ratio: float
    ratio_cv: float = 0.0
    link_ratios: LinkRatios = field(default_factory=LinkRatios)

    def __post_init__(self) -> None:
        _check_ratio(self)

    def fit(self, triangle: Triangle) -> Reserve:
        """The estimate; raises what `LinkRatios.of` does, and where the triangle has no exposure."""
        return _from_stated_ratio(self, "Bornhuetter-Ferguson", triangle, 1)


@dataclass(frozen=True, slots=True)
class Benktander:
    """Bornhuetter-Ferguson with its own result as the prior, so that the data speak as far as they go.

    expected_ratio, ratio_cv: as there. iterations: 2 is Benktander's; 1 is Bornhuetter-Ferguson, and many are
    the chain ladder.

    >>> from mutualfund.claims.reserving import Triangle
    >>> from datetime import date
    >>> triangle = Triangle.from_array(
    ...     [[100.0, 200.0], [110.0, None]], first_origin=date(2024, 1, 1), exposure=[300.0, 400.0]
    ... )
    >>> Benktander(expected_ratio=0.6).fit(triangle).ibnr.tolist()
    [0.0, 115.0]
    """

    expected_ratio: float
    ratio_cv: float = 0.0
    iterations: int = 2
    link_ratios: LinkRatios = field(default_factory=LinkRatios)

    def __post_init__(self) -> None:
        _check_ratio(self)
        require_whole("iterations", self.iterations, minimum=1, maximum=1000, unit="iterations")

    def fit(self, triangle: Triangle) -> Reserve:
        """The estimate; raises what `LinkRatios.of` does, and where the triangle has no exposure."""
        return _from_stated_ratio(self, "Benktander", triangle, self.iterations)


_BY_ORIGIN = "Multiply the exposure by what differs from origin to origin."


def _check_ratio(method: BornhuetterFerguson | Benktander) -> None:
    require_link_ratios(method.link_ratios)
    for name, most, unit in (("expected_ratio", 1e6, "of exposure"), ("ratio_cv", 10.0, "of it")):
        value, instead = getattr(method, name), _BY_ORIGIN
        number = one_number(name, value, minimum=0.0, maximum=most, unit=unit, instead=instead)
        object.__setattr__(method, name, number)


def _from_stated_ratio(
    method: BornhuetterFerguson | Benktander, name: str, triangle: Triangle, iterations: int
) -> Reserve:
    pattern = method.link_ratios.of(triangle)
    sources = Sources.of(triangle, pattern, method.ratio_cv)
    prior = stated_prior(sources, method.expected_ratio * exposure_of(triangle))
    return with_prior(sources, prior, iterations).reserve(name, triangle, pattern, sources)


@dataclass(frozen=True, slots=True)
class CapeCod:
    """Bornhuetter-Ferguson with the expected ratio that the triangle itself shows.

    decay: weight that an origin one period away has for this one's ratio, above 0 to 1. Source: Stanard,
    PCAS 72 (1985); with decay below 1, Gluck, PCAS 84 (1997).

    >>> from mutualfund.claims.reserving import Triangle
    >>> from datetime import date
    >>> triangle = Triangle.from_array(
    ...     [[100.0, 200.0], [110.0, None]], first_origin=date(2024, 1, 1), exposure=[300.0, 400.0]
    ... )
    >>> CapeCod().fit(triangle).ibnr.round(6).tolist()  # (200 + 110) / (300 + 200) x 400 x 0.5
    [0.0, 124.0]
    """

    decay: float = 1.0
    link_ratios: LinkRatios = field(default_factory=LinkRatios)

    def __post_init__(self) -> None:
        require_link_ratios(self.link_ratios)
        decay = one_number("decay", self.decay, minimum=1e-6, maximum=1.0, unit="weight")
        object.__setattr__(self, "decay", decay)

    def expected_ratios(self, triangle: Triangle) -> FloatArray:
        """(n_origins,) ratio of cost to exposure that the triangle shows; equal where decay is 1."""
        sources = Sources.of(triangle, self.link_ratios.of(triangle))
        exposure = exposure_of(triangle)
        return np.asarray(cape_cod_prior(sources, exposure, self.decay).ultimate / exposure)

    def fit(self, triangle: Triangle) -> Reserve:
        """The estimate; raises what `LinkRatios.of` does, and where the triangle has no exposure."""
        pattern = self.link_ratios.of(triangle)
        sources = Sources.of(triangle, pattern)
        prior = cape_cod_prior(sources, exposure_of(triangle), self.decay)
        return with_prior(sources, prior).reserve("Cape Cod", triangle, pattern, sources)

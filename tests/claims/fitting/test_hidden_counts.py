"""Counts with exposure, weights, known factors, extra zeros and a bounded number of claims.

Source of truth: closed forms (Poisson, binomial, the zero share, the Poisson without zeros), statsmodels'
zero-inflated regressions without covariates, `scipy.stats` chances, and definition 8.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from mutualfund.claims import (
    FitError,
    NegativeBinomial,
    ObservedCounts,
    compare_fits,
    conditional_dispersion,
    fit_counts,
    fit_severity,
    goodness_of_fit,
)
from mutualfund.errors import InputError


def test_a_poisson_rate_is_claims_over_exposure_with_the_error_of_their_root() -> None:
    fit = fit_counts(
        "poisson", [0, 2, 1, 0, 4], [0.5, 1.0, 0.25, 1.0, 2.0], weights=[3, 1, 2, 5, 1]
    )
    claims, years = 2 + 2 * 1 + 4, 1.5 + 1.0 + 0.5 + 5.0 + 2.0
    assert fit.parameters["mean"] == pytest.approx(claims / years, rel=1e-12)
    assert fit.standard_errors["mean"] == pytest.approx(math.sqrt(claims) / years, rel=1e-8)
    assert fit.n == 12
    assert fit.mean_cv == pytest.approx(1 / math.sqrt(claims), rel=1e-7)


def test_known_factors_average_to_one_over_the_exposure() -> None:
    """A member of twice the risk counts for two: the rate is that of the average member."""
    factors, years = np.array([1.0, 1.0, 4.0]), np.array([1.0, 0.5, 0.5])
    fit = fit_counts("poisson", [0, 1, 2], years, relativity=factors)
    average = (factors * years).sum() / years.sum()
    assert fit.parameters["mean"] == pytest.approx(3 / (years * factors / average).sum())
    assert fit.parameters["mean"] == pytest.approx(3 / 2.0)
    doubled = fit_counts("poisson", [0, 1, 2], years, relativity=7 * factors)
    assert doubled.loglik == pytest.approx(fit.loglik, rel=1e-12)


def test_weights_are_so_many_members() -> None:
    rng = np.random.default_rng(12)
    counts = rng.negative_binomial(0.9, 0.4, size=400)
    years = rng.choice([0.5, 1.0], size=400)
    rows, times = np.unique(np.column_stack([counts, years]), axis=0, return_counts=True)
    for kind in ("negative_binomial", "zero_modified_poisson"):
        one = fit_counts(kind, counts, years)  # type: ignore[arg-type]
        other = fit_counts(kind, rows[:, 0], rows[:, 1], weights=times)  # type: ignore[arg-type]
        assert other.loglik == pytest.approx(one.loglik, rel=1e-12)
        assert other.parameters == pytest.approx(dict(one.parameters), rel=1e-8)
        assert other.standard_errors == pytest.approx(dict(one.standard_errors), rel=1e-6)


def test_extra_zeros_are_those_of_statsmodels() -> None:
    from statsmodels.discrete.count_model import ZeroInflatedNegativeBinomialP, ZeroInflatedPoisson

    rng = np.random.default_rng(3)
    claims = rng.poisson(1.9, size=900) * (rng.random(900) < 0.6)
    one = np.ones((900, 1))
    theirs = ZeroInflatedPoisson(claims, one).fit(method="bfgs", disp=0, maxiter=500)
    fit = fit_counts("zero_modified_poisson", claims)
    never = 1 / (1 + math.exp(-theirs.params[0]))
    assert fit.loglik == pytest.approx(theirs.llf, abs=1e-6)
    assert fit.distribution.never == pytest.approx(never, rel=1e-4)  # type: ignore[union-attr]
    assert fit.parameters["base.mean"] == pytest.approx(math.exp(theirs.params[1]), rel=1e-4)
    # The likelihood falls into p0's part and that of a Poisson without zeros, whose information is known.
    # (statsmodels 0.14 says 7 % less; its second derivatives are not those of its own likelihood.)
    lam, some = fit.parameters["base.mean"], int((claims > 0).sum())
    information = claims.sum() / lam**2 - some * math.exp(-lam) / math.expm1(-lam) ** 2
    assert fit.standard_errors["base.mean"] == pytest.approx(1 / math.sqrt(information), rel=1e-6)
    assert fit.parameters["p0"] == pytest.approx((claims == 0).mean(), rel=1e-9)
    error = math.sqrt((claims == 0).mean() * (claims > 0).mean() / 900)
    assert fit.standard_errors["p0"] == pytest.approx(error, rel=1e-6)
    mixed = rng.negative_binomial(1.5, 1.5 / 4.0, size=3_000) * (rng.random(3_000) < 0.7)
    model = ZeroInflatedNegativeBinomialP(mixed, np.ones((3_000, 1)))
    theirs = model.fit(method="bfgs", disp=0, maxiter=1_000)
    wider = fit_counts("zero_modified_negative_binomial", mixed)
    assert wider.loglik == pytest.approx(theirs.llf, abs=1e-4)
    assert wider.parameters["base.dispersion"] == pytest.approx(1 / theirs.params[2], rel=5e-3)


def test_extra_zeros_under_partial_cover_are_defined_at_full_exposure() -> None:
    """Definition 12: half a year keeps half of the base's rate, and all of those who never claim."""
    rng = np.random.default_rng(8)
    years = rng.choice([0.25, 1.0], size=6_000)
    never = rng.random(6_000) < 0.3
    claims = rng.poisson(1.6 * years) * ~never
    fit = fit_counts("zero_modified_poisson", claims, years)
    p0 = 0.3 + 0.7 * math.exp(-1.6)
    assert abs(fit.parameters["p0"] - p0) < 5 * fit.standard_errors["p0"] < 0.1
    assert abs(fit.parameters["base.mean"] - 1.6) < 5 * fit.standard_errors["base.mean"] < 0.3
    chance = np.where(claims == 0, 0.0, -np.inf)
    p, lam = fit.parameters.values()
    weight = (1 - p) / -math.expm1(-lam)
    some = stats.poisson.logpmf(claims, lam * years) + math.log(weight)
    none = np.log(1 - weight * -np.expm1(-lam * years))
    assert fit.loglik == pytest.approx(float(np.where(chance == 0.0, none, some).sum()), rel=1e-12)


def test_a_binomial_is_claims_over_trials() -> None:
    counts, years = np.array([0, 2, 1, 3, 1, 0, 2]), np.array([1, 1, 0.5, 1, 1, 0.5, 1.0])
    fit = fit_counts("binomial", counts[years == 1], trials=4)
    whole = counts[years == 1]
    assert fit.parameters["mean"] == pytest.approx(whole.mean(), rel=1e-12)
    chance = whole.mean() / 4
    error = math.sqrt(4 * chance * (1 - chance) / whole.size)
    assert fit.standard_errors["mean"] == pytest.approx(error, rel=1e-7)
    part = fit_counts("binomial", counts, years, trials=4)
    mean = part.parameters["mean"]
    want = stats.binom.logpmf(counts, 4, mean / 4 * years).sum()
    assert part.loglik == pytest.approx(float(want), rel=1e-12)
    for move in (0.999, 1.001):
        assert stats.binom.logpmf(counts, 4, move * mean / 4 * years).sum() < want
    bounded = fit_counts("zero_modified_binomial", counts, trials=5)
    assert bounded.parameters["p0"] == pytest.approx(2 / 7, rel=1e-8)
    assert bounded.distribution.model_dump()["base"]["trials"] == 5


def test_the_dispersion_given_known_factors_is_recovered_and_the_marginal_one_is_not_it() -> None:
    """Definition 8, both ways: factors seen, and factors assumed. A dispersion off by 10 % would be seen."""
    rng = np.random.default_rng(5)
    factors = np.array([0.5, 1.0, 3.0])[rng.choice(3, p=[0.5, 0.3, 0.2], size=40_000)]
    counts = rng.poisson(0.9 * factors / 1.15 * rng.gamma(2.0, 0.5, size=factors.size))
    seen = fit_counts("negative_binomial", counts, relativity=factors)
    error = seen.standard_errors["dispersion"]
    assert abs(seen.parameters["dispersion"] - 2.0) < 5 * error < 0.4
    whole = fit_counts("negative_binomial", counts)
    assert whole.parameters["dispersion"] < 1.4
    given = conditional_dispersion(whole, relativity=[0.5, 1.0, 3.0], share=[0.5, 0.3, 0.2])
    # The states' mixture is no negative binomial, so what a fit of the whole leaves is only near.
    assert 1.5 < given.parameters["dispersion"] < 2.6
    assert given.mean == pytest.approx(whole.mean)


def test_the_conditional_dispersion_solves_definition_8_by_hand() -> None:
    """Shares 0.9 and 0.1 of relativities 0.5 and 5.5: mean 1, v = 0.9 x 0.25 + 0.1 x 20.25 = 2.25."""
    whole = fit_counts("negative_binomial", [0, 1, 3, 9], weights=[700, 150, 100, 50])
    given = conditional_dispersion(whole, [0.5, 5.5], [0.9, 0.1]) if _km(whole) < 0.4 else None
    assert given is not None
    k = given.parameters["dispersion"]
    assert (1 + 2.25) * (1 + 1 / k) - 1 == pytest.approx(1 / _km(whole), rel=1e-12)
    step = 1e-6
    other = 1 / ((1 + 1 / (_km(whole) + step)) / 3.25 - 1)
    slope = (other - k) / step
    assert given.standard_errors["dispersion"] == pytest.approx(
        slope * whole.standard_errors["dispersion"], rel=1e-4
    )
    assert isinstance(given.distribution, NegativeBinomial)
    with pytest.raises(FitError, match="vary as much as the counts"):
        conditional_dispersion(whole, [0.1, 9.1], [0.9, 0.1])
    with pytest.raises(InputError, match="a negative binomial of the whole"):
        conditional_dispersion(fit_counts("poisson", [0, 1]), [1.0])
    with pytest.raises(InputError, match="1 shares of 2 relativities"):
        conditional_dispersion(whole, [1.0, 2.0], [1.0])
    with pytest.raises(InputError, match="derived from another"):
        given.goodness_of_fit()


def _km(fit: Any) -> float:
    return float(fit.parameters["dispersion"])


@pytest.mark.parametrize(
    "call",
    [
        lambda: conditional_dispersion(1.0, 0.5),  # type: ignore[arg-type]
        lambda: goodness_of_fit("gamma"),  # type: ignore[arg-type]
        lambda: compare_fits([1.0]),  # type: ignore[list-item]
        lambda: compare_fits({"mine": None}),  # type: ignore[dict-item]
    ],
)
def test_what_is_no_fit_is_refused(call: Any) -> None:
    with pytest.raises(InputError, match="allowed: a Fit"):
        call()


def test_counts_that_determine_nothing_are_refused_with_a_way_out() -> None:
    # A top there is, at a dispersion of about 150, but one that a hundred times as much would hardly change.
    hardly = [368, 368, 184, 61, 15, 5]
    with pytest.raises(FitError, match=r"do not determine dispersion: .*fit kind poisson"):
        fit_counts("negative_binomial", range(6), weights=hardly)
    with pytest.raises(FitError, match="border 0: fit the base kind"):
        fit_counts("zero_modified_poisson", [1, 2, 1, 3])
    with pytest.raises(FitError, match="too few different counts"):
        fit_counts("zero_modified_negative_binomial", [0, 1, 0, 1, 1, 0, 0, 1])
    with pytest.raises(InputError, match="Write trials="):
        fit_counts("binomial", [0, 1, 3])
    with pytest.raises(InputError, match="at least the largest count"):
        fit_counts("binomial", [0, 1, 3], trials=2)
    with pytest.raises(InputError, match="nothing but with a binomial"):
        fit_counts("poisson", [0, 1, 3], trials=5)
    with pytest.raises(InputError, match="ObservedCounts holds it"):
        fit_counts("poisson", ObservedCounts([0, 1]), weights=[1, 2])
    with pytest.raises(InputError, match="relativity"):
        fit_counts("poisson", [0, 1], relativity=[0.0, 1.0])
    assert "3 claims of 4 members" in repr(ObservedCounts([0, 3], weights=[3, 1]))


def test_huge_counts_are_fitted_as_the_gamma_that_they_are_or_refused() -> None:
    """Of ten million claims a member nothing is left of the Poisson: the dispersion is a gamma's shape.

    Differences of a likelihood whose terms are a hundred million keep eight digits or so.
    """
    rng = np.random.default_rng(1)
    counts = np.floor(rng.gamma(2.0, 5e6, size=200))
    fit, twin = fit_counts("negative_binomial", counts), fit_severity("gamma", counts)
    assert fit.mean == pytest.approx(counts.mean(), rel=1e-7)
    assert fit.parameters["dispersion"] == pytest.approx(twin.parameters["alpha"], rel=1e-4)
    error = twin.standard_errors["alpha"]
    assert fit.standard_errors["dispersion"] == pytest.approx(error, rel=2e-3)
    with pytest.raises(InputError, match=r"whole numbers from 0 to 1e\+09"):
        fit_counts("negative_binomial", [0, 1, 10**300])


def test_the_mean_of_a_modified_count_carries_the_error_of_all_its_parameters() -> None:
    """Mean and error against the plain average, which is the maximum-likelihood mean at full exposure."""
    rng = np.random.default_rng(6)
    claims = rng.poisson(2.0, size=2_000) * (rng.random(2_000) < 0.5)
    fit = fit_counts("zero_modified_poisson", claims)
    assert fit.mean == pytest.approx(claims.mean(), rel=1e-9)
    assert fit.mean_error == pytest.approx(claims.std() / math.sqrt(2_000), rel=0.02)
    amounts = fit_severity("gamma", rng.gamma(2.0, 50.0, size=500))
    assert amounts.mean_error == pytest.approx(
        math.sqrt(amounts.parameters["alpha"]) * amounts.parameters["theta"] / math.sqrt(500),
        rel=1e-6,
    )

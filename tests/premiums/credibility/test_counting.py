"""Limited fluctuation and gamma-Poisson: credibility from claim counts.

Source of truth: Loss Data Analytics (OpenActTexts), examples 9.2.1 to 9.2.5 through `tests/published`; here
Bayes' rule by quadrature over SciPy's gamma, and a simulated aggregate.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from mutualfund.claims import FitError, NegativeBinomial, fit_counts
from mutualfund.errors import InputError
from mutualfund.premiums import FullCredibilityStandard, gamma_poisson, limited_fluctuation


def test_full_credibility_of_an_aggregate_keeps_its_promise() -> None:
    """A normal aggregate of the standard's claims lies within the tolerance with the stated probability."""
    standard = FullCredibilityStandard(0.95, 0.03, count_dispersion=1.4, severity_cv=2.2)
    cv = math.sqrt((1.4 + 2.2**2) / standard.claims)
    inside = stats.norm.cdf(0.03 / cv) - stats.norm.cdf(-0.03 / cv)
    assert inside == pytest.approx(0.95, rel=1e-12)


def test_the_error_of_a_partly_credible_premium_is_that_of_its_own_part() -> None:
    """Counts alone: Z x own varies as Z x own / sqrt(n) does; at full credibility nothing else is in it."""
    standard = FullCredibilityStandard(0.9, 0.05)
    fit = limited_fluctuation(
        [50.0, 80.0, 70.0], [400, 1600, 0], [60.0, 60.0, 66.0], standard=standard
    )
    z = math.sqrt(400 / standard.claims)
    assert fit.premiums[0] == pytest.approx(z * 50 + (1 - z) * 60, rel=1e-14)
    np.testing.assert_allclose(fit.standard_errors, [z * 50 / 20, 80 / 40, 0.0], rtol=1e-12)
    assert fit.premiums[2] == 66.0


@settings(deadline=None, max_examples=60)
@given(st.floats(0.5, 0.999), st.floats(0.01, 0.5), st.floats(0.0, 5.0), st.floats(0.0, 1e5))
def test_partial_credibility_lies_between_0_and_1_and_grows(
    p: float, k: float, cv: float, claims: float
) -> None:
    standard = FullCredibilityStandard(p, k, severity_cv=cv)
    less, more = standard.factors([claims, claims * 1.5])
    assert 0.0 <= less <= more <= 1.0


@pytest.mark.parametrize(
    "wrong",
    [{"probability": 90.0}, {"tolerance": 0.0}, {"severity_cv": -1.0}, {"count_dispersion": 0.0}],
)
def test_a_standard_outside_its_range_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match=f"standard.{next(iter(wrong))}"):
        FullCredibilityStandard(**wrong)


@pytest.mark.parametrize(
    ("own", "claims", "complement", "field"),
    [
        ([1.0, 2.0], [3.0], 1.0, "claims"),
        ([1.0, 2.0], [3.0, -1.0], 1.0, "claims[1]"),
        ([1.0, math.nan], [3.0, 1.0], 1.0, "own[1]"),
        ([1.0, 2.0], [3.0, 1.0], [1.0], "complement"),
    ],
)
def test_bad_groups_are_refused(
    own: object, claims: object, complement: object, field: str
) -> None:
    with pytest.raises(InputError) as caught:
        limited_fluctuation(own, claims, complement)  # type: ignore[arg-type]
    assert caught.value.faults[0].field == field


def test_the_posterior_is_bayes_rule_by_quadrature() -> None:
    prior = NegativeBinomial(mean=0.8, dispersion=1.7)
    fit = gamma_poisson([3, 0, 11], [2.5, 4.0, 6.0], prior=prior)
    law = stats.gamma(1.7, scale=0.8 / 1.7)
    for group, (count, years) in enumerate([(3, 2.5), (0, 4.0), (11, 6.0)]):

        def moment(power: int, n: int = count, w: float = years) -> float:
            def density(rate: float) -> float:
                return rate**power * stats.poisson.pmf(n, rate * w) * law.pdf(rate)

            return float(integrate.quad(density, 0.0, 30.0, epsrel=1e-11, limit=200)[0])

        mean = moment(1) / moment(0)
        sd = math.sqrt(moment(2) / moment(0) - mean**2)
        assert fit.premiums[group] == pytest.approx(mean, rel=1e-8)
        assert fit.standard_errors[group] == pytest.approx(sd, rel=1e-7)
        z = fit.factors[group]
        assert fit.premiums[group] == pytest.approx(z * fit.own[group] + (1 - z) * 0.8, rel=1e-13)


def test_the_prior_is_fitted_where_none_is_given() -> None:
    claims, exposure = [0, 1, 9, 2, 0, 7, 1, 0], [1.0, 2.0, 3.0, 2.0, 1.0, 2.0, 4.0, 1.5]
    fitted = fit_counts("negative_binomial", claims, exposure).parameters
    fit = gamma_poisson(claims, exposure)
    assert fit.structure["collective_premium"] == pytest.approx(fitted["mean"], rel=1e-12)
    assert fit.structure["gamma_shape"] == pytest.approx(fitted["dispersion"], rel=1e-12)
    assert fit.notes == ()


def test_counts_that_vary_no_more_than_chance_give_all_the_collective_rate() -> None:
    fit = gamma_poisson([2, 2, 3, 2], [1.0, 1.0, 1.5, 1.0])
    np.testing.assert_allclose(fit.premiums, 9 / 4.5)
    assert fit.factors.tolist() == [0.0] * 4
    np.testing.assert_allclose(fit.standard_errors, math.sqrt(2.0 / 4.5))
    assert "no more than a Poisson" in fit.notes[0]


@settings(deadline=None, max_examples=60)
@given(st.floats(0.01, 20.0), st.floats(0.05, 20.0), st.integers(0, 30), st.floats(0.01, 50.0))
def test_the_factor_of_a_rate_lies_between_0_and_1_and_grows_with_exposure(
    mean: float, dispersion: float, claims: int, years: float
) -> None:
    prior = NegativeBinomial(mean=mean, dispersion=dispersion)
    fit = gamma_poisson([claims, claims], [years, 2.0 * years], prior=prior)
    assert 0.0 <= fit.factors[0] < fit.factors[1] <= 1.0


@pytest.mark.parametrize(
    ("claims", "exposure", "field"),
    [
        ([1, 2], [1.0, 0.0], "exposure[1]"),
        ([1.5, 2], [1.0, 1.0], "claims[0]"),
        ([1, 2], [1.0], "exposure"),
    ],
)
def test_bad_counts_are_refused_with_their_place(
    claims: list[float], exposure: list[float], field: str
) -> None:
    with pytest.raises(InputError) as caught:
        gamma_poisson(claims, exposure)
    assert caught.value.faults[0].field == field


def test_no_claim_at_all_says_nothing_without_a_prior() -> None:
    with pytest.raises(FitError, match="no claim was seen"):
        gamma_poisson([0, 0], [1.0, 2.0])


@pytest.mark.parametrize(
    "refused",
    [
        lambda: limited_fluctuation(["MEMBER-1"], [10.0], 1.0),
        lambda: limited_fluctuation([1.0], ["MEMBER-1"], 1.0),
        lambda: gamma_poisson(["MEMBER-1"], [1.0]),
        lambda: FullCredibilityStandard().factors(["MEMBER-1"]),
    ],
)
def test_what_is_no_number_is_refused_without_being_shown(refused: Callable[[], object]) -> None:
    with pytest.raises(InputError, match=r"got \(value not shown\); allowed: numbers") as caught:
        refused()
    assert "MEMBER" not in str(caught.value)


def test_a_probability_too_small_for_a_standard_is_refused() -> None:
    """Half of 1 + 1e-17 is a half: no claims at all would be fully credible."""
    with pytest.raises(InputError, match=r"standard\.probability"):
        FullCredibilityStandard(probability=1e-17)

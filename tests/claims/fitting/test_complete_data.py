"""Maximum likelihood where nothing is hidden: SciPy, statsmodels and the theory of its errors.

Source of truth: SciPy's own optimiser, statsmodels' standard errors, and expected information where it has a
closed form. The published fits are cases of `tests/published`.
"""

from __future__ import annotations

import copy
import math
from typing import Any, cast

import numpy as np
import pytest
from scipy import special, stats

from mutualfund.claims import (
    AnnualPlan,
    FitError,
    Observed,
    ObservedCounts,
    fit_counts,
    fit_excess,
    fit_severity,
)
from mutualfund.errors import InputError

SAMPLES: list[tuple[str, Any, Any]] = [
    ("exponential", stats.expon(scale=300), lambda: _scipy(stats.expon)),
    ("gamma", stats.gamma(1.7, scale=90), lambda: _scipy(stats.gamma)),
    ("lognormal", stats.lognorm(1.3, scale=60), lambda: _scipy(stats.lognorm)),
    ("weibull", stats.weibull_min(0.8, scale=60), lambda: _scipy(stats.weibull_min)),
    ("lomax", stats.lomax(2.5, scale=200), lambda: _scipy(stats.lomax)),
    ("generalised_pareto", stats.genpareto(0.3, scale=60), lambda: _scipy(stats.genpareto)),
    ("burr", stats.burr12(1.6, 1.4, scale=90), lambda: _scipy(stats.burr12)),
    ("inverse_gaussian", stats.invgauss(1.0, scale=90), lambda: _scipy(stats.invgauss)),
]


def _scipy(family: Any) -> Any:
    """SciPy's own optimiser; its simplex is restarted where it stopped, for three parameters."""

    def fit(x: Any) -> Any:
        best = family.fit(x, floc=0)
        for _ in range(2):
            *shapes, _, scale = best
            best = family.fit(x, *shapes, floc=0, scale=scale)
        return best

    return fit


@pytest.mark.parametrize(("kind", "law", "fitter"), SAMPLES, ids=[row[0] for row in SAMPLES])
def test_severities_reach_scipys_likelihood(kind: Any, law: Any, fitter: Any) -> None:
    x = law.rvs(size=700, random_state=np.random.default_rng(7))
    fit = fit_severity(kind, x)
    best = fitter()(x)
    theirs = float(getattr(stats, law.dist.name).logpdf(x, *best).sum())
    assert fit.loglik >= theirs - 1e-9
    assert fit.loglik == pytest.approx(theirs, abs=1e-3)
    density = np.gradient(fit.distribution.cdf(np.array([99.9, 100.0, 100.1])), 0.1)[1]
    assert math.log(density) == pytest.approx(
        float(getattr(stats, law.dist.name).logpdf(100.0, *best)), abs=1e-3
    )


def test_standard_errors_are_those_of_closed_form_information() -> None:
    x = np.random.default_rng(3).gamma(1.7, 90, size=900)
    n = x.size
    lognormal = fit_severity("lognormal", x)
    sigma = lognormal.parameters["sigma"]
    assert lognormal.standard_errors["mu"] == pytest.approx(sigma / math.sqrt(n), rel=1e-6)
    assert lognormal.standard_errors["sigma"] == pytest.approx(sigma / math.sqrt(2 * n), rel=1e-6)
    gamma = fit_severity("gamma", x)
    alpha, theta = gamma.parameters["alpha"], gamma.parameters["theta"]
    trigamma = float(special.polygamma(1, alpha))
    information = n * np.array([[trigamma, 1 / theta], [1 / theta, alpha / theta**2]])
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    assert list(gamma.standard_errors.values()) == pytest.approx(errors.tolist(), rel=1e-6)
    exponential = fit_severity("exponential", x)
    assert exponential.standard_errors["mean"] == pytest.approx(x.mean() / math.sqrt(n), rel=1e-6)


def test_a_tails_standard_errors_are_near_the_expected_ones() -> None:
    """R. L. Smith (1987): n Var(xi) = (1 + xi)^2, n Var(beta) = 2 beta^2 (1 + xi)."""
    n = 40_000
    x = stats.genpareto(0.3, scale=500).rvs(size=n, random_state=np.random.default_rng(11))
    fit = fit_excess(x + 1_000.0, above=1_000.0)
    xi, beta = fit.parameters["xi"], fit.parameters["beta"]
    assert fit.standard_errors["xi"] == pytest.approx((1 + xi) / math.sqrt(n), rel=0.02)
    wanted = beta * math.sqrt(2 * (1 + xi) / n)
    assert fit.standard_errors["beta"] == pytest.approx(wanted, rel=0.02)
    assert abs(xi - 0.3) < 5 * fit.standard_errors["xi"]  # a 10 % error in xi would be seen here
    assert abs(beta - 500) < 5 * fit.standard_errors["beta"]
    best = stats.genpareto.fit(x, 0.3, floc=0, scale=500)
    assert fit.loglik >= float(stats.genpareto.logpdf(x, *best).sum()) - 1e-6


@pytest.mark.parametrize("xi", [-0.3, 0.0, 0.8])
def test_tails_of_every_shape_are_recovered(xi: float) -> None:
    """At 20,000 excesses the standard error of xi is about 0.01: a shape off by 0.05 would be seen."""
    law = stats.genpareto(xi, scale=50)
    x = law.rvs(size=20_000, random_state=np.random.default_rng(5))
    fit = fit_excess(x, above=0.0)
    assert abs(fit.parameters["xi"] - xi) < 5 * fit.standard_errors["xi"] < 0.07
    assert abs(fit.parameters["beta"] - 50) < 5 * fit.standard_errors["beta"]


def test_counts_have_statsmodels_errors() -> None:
    from statsmodels.discrete.discrete_model import NegativeBinomial

    rng = np.random.default_rng(17)
    years = rng.choice([0.25, 0.5, 1.0], size=1_500)
    counts = rng.poisson(1.4 * years * rng.gamma(0.8, 1 / 0.8, size=years.size))
    fit = fit_counts("negative_binomial", counts, years)
    model = NegativeBinomial(counts, np.ones((years.size, 1)), exposure=years)
    theirs = model.fit(disp=0, method="bfgs", maxiter=500)
    mean, k = math.exp(theirs.params[0]), 1 / theirs.params[1]
    assert fit.loglik == pytest.approx(theirs.llf, abs=1e-6)
    assert fit.parameters["mean"] == pytest.approx(mean, rel=1e-4)
    assert fit.parameters["dispersion"] == pytest.approx(k, rel=1e-3)
    assert fit.standard_errors["mean"] == pytest.approx(mean * theirs.bse[0], rel=1e-3)
    assert fit.standard_errors["dispersion"] == pytest.approx(k**2 * theirs.bse[1], rel=5e-3)
    poisson = fit_counts("poisson", counts, years)
    rate = counts.sum() / years.sum()
    assert poisson.parameters["mean"] == pytest.approx(rate, rel=1e-14)
    error = math.sqrt(counts.sum()) / years.sum()
    assert poisson.standard_errors["mean"] == pytest.approx(error, rel=1e-6)
    want = stats.poisson.logpmf(counts, rate * years).sum()
    assert poisson.loglik == pytest.approx(want, rel=1e-12)


def test_the_fitted_distribution_is_ready_to_use() -> None:
    fit = fit_severity("lognormal", [10.0, 20.0, 40.0, 80.0])
    assert fit.distribution.model_dump()["mu"] == fit.parameters["mu"]
    assert fit.converged
    assert fit.n == 4
    assert copy.deepcopy(fit) == fit
    with pytest.raises(TypeError):
        fit.parameters["mu"] = 0.0  # type: ignore[index]


def test_a_fit_in_other_money_is_the_same_fit() -> None:
    x = np.random.default_rng(2).lognormal(4, 1.2, size=400)
    for kind, scale in (("gamma", "theta"), ("weibull", "theta"), ("exponential", "mean")):
        one, other = fit_severity(kind, x), fit_severity(kind, 1e7 * x)  # type: ignore[arg-type]
        assert other.parameters[scale] == pytest.approx(1e7 * one.parameters[scale], rel=1e-9)
        assert other.standard_errors[scale] == pytest.approx(
            1e7 * one.standard_errors[scale], rel=1e-6
        )


def test_what_has_no_maximum_is_refused() -> None:
    for kind in ("gamma", "lognormal", "weibull"):
        with pytest.raises(FitError, match="all amounts are equal"):
            fit_severity(kind, [5.0, 5.0, 5.0])  # type: ignore[arg-type]
    with pytest.raises(FitError, match="no claim was seen"):
        fit_counts("poisson", [0, 0, 0])
    with pytest.raises(FitError, match="vary no more than a Poisson"):
        fit_counts("negative_binomial", [1, 2, 1, 2, 1, 2])
    with pytest.raises(FitError, match="has no top: start the tail at another point"):
        fit_excess(np.linspace(0.01, 1.0, 200), above=0.0)  # uniform: xi = -1
    with pytest.raises(FitError, match="has no mean"):
        fit_excess(stats.genpareto(1.8).ppf((np.arange(500) + 0.5) / 500), above=0.0)


def test_data_that_are_no_claims_are_refused_without_being_shown() -> None:
    with pytest.raises(InputError) as caught:
        fit_severity("gamma", [10.0, 0.0, 31.5, -77.25, math.nan])
    assert "rows 1, 3, 4" in str(caught.value)
    assert "77" not in str(caught.value)
    with pytest.raises(InputError, match="whole numbers"):
        fit_counts("poisson", [0.5, 1.0])
    with pytest.raises(InputError, match="never covered"):
        fit_counts("poisson", [0, 1], exposure=[0.0, 1.0])
    with pytest.raises(InputError, match="2 counts and 3 exposures"):
        fit_counts("poisson", [0, 1], exposure=[1.0, 1.0, 1.0])
    with pytest.raises(InputError, match="at least 10 amounts"):
        fit_excess([1.0, 2.0, 3.0], above=0.5)
    with pytest.raises(InputError, match="kind: got 'cauchy'"):
        fit_severity("cauchy", [1.0, 2.0])  # type: ignore[arg-type]
    with pytest.raises(InputError, match="kind: got 'geometric'"):
        fit_counts("geometric", [1, 2])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "call",
    [
        lambda: Observed([1.0, "SECRET-12"]),
        lambda: Observed([1.0, 2.0], limit=["SECRET-12", 5.0]),
        lambda: Observed.grouped([0, "SECRET-12"], [3]),
        lambda: ObservedCounts([1, "SECRET-12"]),
        lambda: ObservedCounts([1, 2], exposure=["SECRET-12", 1.0]),
        lambda: fit_excess([1.0, "SECRET-12"], above=0.5),
        lambda: AnnualPlan(deductible=5).observed([1.0, "SECRET-12"]),
    ],
)
def test_what_is_no_number_is_refused_and_not_shown(call: Any) -> None:
    with pytest.raises(InputError) as refused:
        call()
    assert refused.value.faults[0].code == "type"
    assert "SECRET" not in str(refused.value)
    assert refused.value.__context__ is None  # NumPy's own message would quote it


def test_trials_and_kinds_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match="a whole number"):
        fit_counts("binomial", [0, 1, 2], trials=cast("Any", 2.5))
    with pytest.raises(InputError, match="kind"):
        fit_severity(cast("Any", ["gamma"]), [1.0, 2.0, 3.0])

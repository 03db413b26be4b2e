"""Spliced fits, where a tail begins, what has no variance, and families side by side.

Source of truth: definition 10 (the likelihood of a spliced law by `scipy.stats`), closed forms of the Pareto
and of mean excesses, R. Davison and R. Smith (1990) on the stability of thresholds.
"""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest
from scipy import stats

from mutualfund.claims import (
    Covariance,
    FitError,
    Lognormal,
    Observed,
    compare_counts,
    compare_fits,
    compare_severities,
    fit_counts,
    fit_excess,
    fit_severity,
    fit_spliced,
    ground_up_counts,
    mean_excess,
    threshold_stability,
)
from mutualfund.errors import InputError


def admissions(n: int = 900, seed: int = 3) -> np.ndarray:
    """A lognormal body with a generalised Pareto tail (xi 0.45, beta 900) above 2,000."""
    rng = np.random.default_rng(seed)
    x = rng.lognormal(6.5, 1.0, size=n)
    tail = 2_000 + stats.genpareto(0.45, scale=900).rvs(size=n, random_state=rng)
    return np.where(x > 2_000, tail, x)


def test_a_spliced_fit_is_the_definitions_likelihood_at_its_top() -> None:
    x = admissions()
    fit = fit_spliced("lognormal", x, above=2_000.0)
    mu, sigma, xi, beta = fit.parameters.values()

    def loglik(mu: float, sigma: float, xi: float, beta: float) -> float:
        body = stats.lognorm(sigma, scale=math.exp(mu))
        low, high = x[x <= 2_000], x[x > 2_000]
        tail = stats.genpareto(xi, scale=beta).logpdf(high - 2_000).sum()
        return float(body.logpdf(low).sum() + high.size * body.logsf(2_000) + tail)

    assert fit.loglik == pytest.approx(loglik(mu, sigma, xi, beta), rel=1e-11)
    values = np.array([mu, sigma, xi, beta])
    errors = np.array(list(fit.standard_errors.values()))
    truth = np.array([6.5, 1.0, 0.45, 900.0])
    assert np.all(np.abs(values - truth) < 5 * errors)
    for axis in range(4):
        for move in (-0.05, 0.05):
            aside = values.copy()
            aside[axis] += move * errors[axis]
            assert loglik(*aside) < fit.loglik
    assert fit.covariance.between("mu", "tail.xi") == 0.0
    alone = fit_excess(x, 2_000.0)
    assert fit.standard_errors["tail.xi"] == alone.standard_errors["xi"]
    assert isinstance(fit.distribution, Lognormal)
    assert fit.distribution.model_dump()["tail"]["above"] == 2_000.0
    assert fit.goodness_of_fit(19).test("anderson_darling").p_value > 0.05
    round_ones = np.where((x > 1_500) & (x <= 2_000), 2_000.0, x)  # bills of exactly the point
    x, tied = round_ones, fit_spliced("lognormal", round_ones, above=2_000.0)
    assert tied.loglik == pytest.approx(loglik(*tied.parameters.values()), rel=1e-11)


@pytest.mark.parametrize(
    "body", ["gamma", "lognormal", "weibull", "lomax", "burr", "inverse_gaussian"]
)
def test_below_the_point_a_spliced_fit_is_its_bodys(body: Any) -> None:
    x = stats.burr12(1.1, 1.6, scale=600).rvs(size=1_500, random_state=np.random.default_rng(4))
    spliced = fit_spliced(body, x, above=2_000.0)
    alone = fit_severity(body, Observed(np.minimum(x, 2_000.0), limit=2_000.0))
    at = np.array([100.0, 700.0, 2_000.0])
    np.testing.assert_allclose(spliced.distribution.sf(at), alone.distribution.sf(at), rtol=1e-9)


def test_a_point_with_nothing_below_it_has_no_body() -> None:
    sizes = np.random.default_rng(1).gamma(2.0, 100.0, 400)
    point = float(np.sort(sizes)[9])
    for above, below in ((0.001, 0), (np.nextafter(point, 0.0), 9)):
        with pytest.raises(InputError, match=rf"above: got {below} amounts up to .* Raise the"):
            fit_spliced("gamma", sizes, above)
    assert fit_spliced("gamma", sizes, point).kind == "gamma"  # that of the point is the body's


def test_an_exponential_body_is_refused_for_its_mean_would_be_that_of_both() -> None:
    with pytest.raises(InputError, match="body: got 'exponential'; allowed: gamma"):
        fit_spliced("exponential", admissions(), above=2_000.0)  # type: ignore[arg-type]


@pytest.mark.parametrize("tail", ["pareto", "exponential", "weibull", "lognormal"])
def test_other_tails_are_fitted_to_what_exceeds_the_point(tail: Any) -> None:
    x = admissions(600, seed=5)
    fit = fit_spliced("gamma", x, above=1_000.0, tail=tail)
    high = x[x > 1_000.0]
    if tail == "pareto":
        alpha = high.size / np.log(high / 1_000.0).sum()
        assert fit.parameters["tail.alpha"] == pytest.approx(alpha, rel=1e-9)
    if tail == "exponential":
        assert fit.parameters["tail.mean"] == pytest.approx(high.mean() - 1_000.0, rel=1e-9)
    want = high.size / 600
    assert float(fit.distribution.sf(1_000.0)) == pytest.approx(want, rel=0.15)
    chance = float(fit.distribution.sf(2_500.0) / fit.distribution.sf(1_000.0))
    assert chance == pytest.approx((high > 2_500).mean(), abs=0.09)


def test_a_spliced_fit_sees_past_deductibles_and_limits() -> None:
    x = admissions(3_000, seed=7)
    seen = Observed(np.minimum(x, 20_000.0)[x > 200.0], 200.0, 20_000.0)
    fit = fit_spliced("lognormal", seen, above=2_000.0)
    for name, truth in (("mu", 6.5), ("sigma", 1.0), ("tail.xi", 0.45), ("tail.beta", 900.0)):
        assert abs(fit.parameters[name] - truth) < 5 * fit.standard_errors[name], name


def test_a_tail_without_a_variance_says_so_and_still_has_a_mean_with_an_error() -> None:
    """As the admissions of the RAND experiment, whose shape is about 0.5."""
    x = stats.genpareto(0.6, scale=100).ppf((np.arange(800) + 0.5) / 800)
    fit = fit_excess(x, above=0.0)
    assert fit.parameters["xi"] > 0.5
    assert fit.distribution.variance == math.inf
    with pytest.raises(FitError, match=r"has no variance \(xi = 0\.\d+.*limit the claim"):
        _ = fit.sd
    xi, beta = fit.parameters.values()
    slopes = np.array([beta / (1 - xi) ** 2, 1 / (1 - xi)])
    error = math.sqrt(slopes @ fit.covariance.matrix @ slopes)
    assert fit.mean_error == pytest.approx(error, rel=1e-6)
    lighter = fit_severity("exponential", [1.0, 2.0, 3.0])
    assert lighter.sd == pytest.approx(2.0)


def test_limits_and_deductibles_reach_the_excesses() -> None:
    """A claim with a deductible above the point enters there; one whose limit is not above it is silent."""
    seen = Observed([150.0, 400.0, 600.0, 90.0], [50, 50, 250, 50], [500, 400, 900, 90])
    excess = seen.excess_over(100.0)
    assert excess.low.tolist() == [50.0, 300.0, 500.0]
    assert excess.deductible.tolist() == [0.0, 0.0, 150.0]
    assert excess.limit.tolist() == [400.0, 300.0, 800.0]
    assert excess.at_limit.tolist() == [False, True, False]
    capped = Observed([150.0, 400.0, 90.0], 50.0, [500, 400, 900]).capped_at(300.0)
    assert capped.low.tolist() == [150.0, 300.0, 90.0]
    assert capped.at_limit.tolist() == [False, True, False]
    assert capped.limit.tolist() == [300.0, 300.0, 300.0]
    with pytest.raises(InputError, match="above every deductible"):
        seen.capped_at(100.0)
    with pytest.raises(InputError, match=r"amounts \(rows 2\)"):
        fit_excess([0.0, 5.0, math.nan, 7.0], above=1.0)
    few = Observed([30.0, 50.0, 80.0, 120.0, 130.0, 150.0], weights=[5, 6, 9, 4, 3, 3])
    assert fit_spliced("weibull", few, 100.0, tail="exponential").n == 30
    with pytest.raises(InputError, match="9 amounts above 100"):
        fit_excess(Observed([120.0, 130.0, 150.0], weights=[3, 3, 3]), above=100.0)


def test_mean_excesses_are_averages_with_their_errors() -> None:
    x = [10.0 * k for k in range(1, 31)]
    table = mean_excess(x, points=[100.0, 155.0]).set_index("above")
    over = np.array([value - 155 for value in x if value > 155])
    assert table.loc[155.0, "mean_excess"] == pytest.approx(over.mean())
    assert table.loc[155.0, "standard_error"] == pytest.approx(over.std() / math.sqrt(15))
    assert table.loc[155.0, "claims"] == 15
    many = mean_excess(np.random.default_rng(1).exponential(100.0, size=4_000))
    slack = 5 * many["standard_error"]
    assert len(many) > 10
    assert ((many["mean_excess"] - 100.0).abs() < slack).all()  # level, whatever the point
    with pytest.raises(InputError, match=r"amounts: got 3 amounts; allowed: more than 20.*points="):
        mean_excess([1.0, 2.0, 3.0])
    with pytest.raises(InputError, match="3 amounts above the largest deductible, 285;"):
        threshold_stability(Observed([*x[-2:], 300.0], deductible=[0.0, 285.0, 285.0]))
    heavy = mean_excess(
        Observed(x[:3], weights=[40, 30, 25])
    )  # rows of many claims are many claims
    assert heavy["claims"].tolist() == [55.0, 25.0]
    for points, words in (
        ([400.0], "0 amounts above 400"),
        ([-5.0], "0 or more"),
        ([], "no point"),
    ):
        with pytest.raises(InputError, match=words):
            mean_excess(x, points=points)
    with pytest.raises(InputError, match="past limits"):
        mean_excess(Observed([*x, 300.0], limit=300.0), points=[100.0])


def test_shape_and_modified_scale_stay_where_the_tail_begins() -> None:
    x = admissions(6_000, seed=2)
    table = threshold_stability(x, points=[2_000.0, 2_600.0, 3_500.0])
    for name, truth in (("xi", 0.45), ("modified_scale", 900.0 - 0.45 * 2_000.0)):
        assert ((table[name] - truth).abs() < 5 * table[f"{name}_error"]).all(), name
    row = table.iloc[1]
    fit = fit_excess(x, 2_600.0)
    assert row["modified_scale"] == pytest.approx(
        fit.parameters["beta"] - 2_600 * fit.parameters["xi"]
    )
    both = fit.covariance
    variance = both.between("beta", "beta") + 2_600**2 * both.between("xi", "xi")
    variance -= 2 * 2_600 * both.between("xi", "beta")
    assert row["modified_scale_error"] == pytest.approx(math.sqrt(variance), rel=1e-9)
    assert len(threshold_stability(x)) > 10
    uniform = threshold_stability(np.linspace(1.0, 100.0, 300), points=[10.0])
    assert math.isnan(uniform.loc[0, "xi"])
    assert "has no top" in uniform.loc[0, "refused"]


def test_families_side_by_side_are_ordered_and_none_is_dropped_without_a_word() -> None:
    x = np.random.default_rng(4).gamma(3.0, 100.0, size=500)
    compared = compare_severities(x)
    table = compared.to_pandas()
    assert compared.best.kind == table.index[0] == "gamma"
    assert set(table.index) == {*compared.fits, *compared.refused}
    assert "no heavier than an exponential" in table.loc["lomax", "refused"]
    fitted = table.drop(index=list(compared.refused))
    assert fitted["aic"].is_monotonic_increasing
    assert fitted["weight"].sum() == pytest.approx(1.0)
    gamma, weibull = fitted.loc["gamma"], fitted.loc["weibull"]
    assert weibull["weight"] / gamma["weight"] == pytest.approx(
        math.exp((gamma["aic"] - weibull["aic"]) / 2)
    )
    assert gamma["bic"] == pytest.approx(2 * math.log(500) - 2 * gamma["loglik"])
    assert gamma["mean"] == pytest.approx(x.mean(), rel=1e-6)
    with pytest.raises(FitError, match=r"lomax: .*no heavier"):
        compare_severities(x, kinds=["lomax"])
    with pytest.raises(InputError, match="at least one family"):
        compare_severities(x, kinds=[])
    heavy = stats.lomax(1.8, scale=100).rvs(size=800, random_state=np.random.default_rng(1))
    assert math.isinf(compare_severities(heavy, kinds=["lomax"]).to_pandas().loc["lomax", "sd"])
    counts = compare_counts([0, 1, 2, 3, 4, 7] * 30)
    assert "zero_modified_negative_binomial" in {*counts.fits, *counts.refused}


def test_fits_at_hand_are_compared_spliced_ones_too_where_their_data_are_the_same() -> None:
    x = admissions(500)
    seen = Observed(np.minimum(x[x > 200.0], 20_000.0), 200.0, 20_000.0)
    fits = [
        fit_severity("lognormal", seen),
        fit_spliced("lognormal", seen, 2_000.0),
        fit_spliced("weibull", seen, 2_000.0, tail="pareto"),
        fit_severity(
            "burr", Observed(seen.low[::-1], 200.0, 20_000.0)
        ),  # the same in another order
    ]
    table = compare_fits(fits).to_pandas()
    joined = "lognormal, generalised_pareto above 2000"
    assert set(table.index) == {"lognormal", joined, "weibull, pareto above 2000", "burr"}
    assert table["aic"].is_monotonic_increasing
    assert table.loc[joined, "parameters"] == 4
    assert table.loc[joined, "loglik"] == fits[1].loglik
    assert table.loc[joined, "tail_index"] == pytest.approx(1 / fits[1].parameters["tail.xi"])
    burr = fits[3].parameters
    assert table.loc["burr", "tail_index"] == pytest.approx(burr["alpha"] * burr["gamma"])
    assert math.isinf(table.loc["lognormal", "tail_index"])
    wanted = fits[1].goodness_of_fit(19).test("anderson_darling").p_value
    tested = compare_fits(fits[1:2]).to_pandas(replicates=19)
    assert tested.loc[joined, "anderson_darling"] == wanted
    k, n = 4, fits[1].n
    assert table.loc[joined, "aicc"] == fits[1].aic + 2 * k * (k + 1) / (n - k - 1)
    assert math.isinf(fit_severity("gamma", [10.0, 20.0, 40.0]).aicc)
    counts = [
        fit_counts("poisson", [0, 1, 2, 3]),
        fit_counts("poisson", [0, 1, 2, 3], weights=[2] * 4),
    ]
    for others, code in (
        ([fits[0], fit_excess(seen, 2_000.0)], "other_data"),
        ([fits[0], fit_severity("lognormal", x)], "other_data"),
        ([fits[0], counts[0]], "other_data"),
        (dict(zip("ab", counts, strict=True)), "other_data"),
        ([fits[0], fits[0]], "twice"),
        ([ground_up_counts(counts[0], fits[0])], "no_data"),
        ([], "no_fit"),
    ):
        with pytest.raises(InputError) as refused:
            compare_fits(others)
        assert refused.value.faults[0].code == code


def test_a_fit_survives_a_copy_and_a_process_and_names_its_parameters() -> None:
    fit = fit_spliced("weibull", admissions(500), above=1_500.0)
    assert copy.deepcopy(fit) == fit
    again = pickle.loads(pickle.dumps(fit))  # noqa: S301 - our own bytes
    assert again == fit
    assert again.goodness_of_fit(19) == fit.goodness_of_fit(19)
    assert again.profile_interval("tau", 0.5) == fit.profile_interval("tau", 0.5)
    table = fit.to_pandas()
    assert table.index.tolist() == ["tau", "theta", "tail.xi", "tail.beta"]
    low, high = fit.interval("tail.xi", 0.9)
    reach = stats.norm.ppf(0.95) * fit.standard_errors["tail.xi"]
    assert (low, high) == pytest.approx(
        (fit.parameters["tail.xi"] - reach, fit.parameters["tail.xi"] + reach)
    )
    low, high = fit.interval("theta")
    factor = math.exp(1.959964 * fit.standard_errors["theta"] / fit.parameters["theta"])
    assert high / fit.parameters["theta"] == pytest.approx(factor, rel=1e-6)
    assert low * factor == pytest.approx(fit.parameters["theta"], rel=1e-6)
    with pytest.raises(InputError, match="tau, theta"):
        fit.interval("alpha")
    assert isinstance(fit.covariance, Covariance)
    frame = fit.covariance.to_pandas()
    assert frame.loc["tau", "theta"] == fit.covariance.between("tau", "theta")
    chance = fit_counts("zero_modified_poisson", [0, 1, 2, 3], weights=[96, 2, 1, 1])
    low, high = chance.interval("p0", 0.999)
    assert 0.0 < low < 0.96 < high < 1.0
    with pytest.raises(InputError, match="below 1"):
        chance.interval("p0", 95)

"""Goodness of fit: the distances against SciPy and quadrature, the p-values against what they promise.

Source of truth: `scipy.stats.kstest`, the textbook sum of Anderson-Darling, quadrature of its integral under
a limit, `statsmodels`' product-limit estimate, `scipy.stats.chisquare`.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

from mutualfund.claims import Observed, ObservedCounts, fit_counts, fit_severity, goodness_of_fit
from mutualfund.claims.fitting.goodness import distances_from_uniform
from mutualfund.claims.fitting.product_limit import product_limit
from mutualfund.errors import InputError


def test_distances_of_chances_all_known_are_scipys_and_the_textbooks() -> None:
    u = np.random.default_rng(4).beta(1.3, 0.9, size=40)
    ks, ad = distances_from_uniform(1.0 - u, np.ones(40, bool), np.ones(40))
    assert ks == pytest.approx(stats.kstest(u, "uniform").statistic, rel=1e-12)
    x, i = np.sort(u), np.arange(1, 41)
    textbook = -40 - ((2 * i - 1) * (np.log(x) + np.log1p(-x[::-1]))).sum() / 40
    assert ad == pytest.approx(textbook, rel=1e-10)


def test_distances_under_limits_are_those_of_the_product_limit_estimate() -> None:
    from statsmodels.duration.survfunc import SurvfuncRight

    rng = np.random.default_rng(9)
    u, cut = rng.beta(1.2, 1.0, size=30), rng.choice([0.4, 0.9], size=30)
    known = u < cut
    chance = np.minimum(u, cut)
    ks, ad = distances_from_uniform(1.0 - chance, known, np.ones(30))
    theirs = SurvfuncRight(chance, known.astype(int))

    def estimate(at: float) -> float:
        before = np.flatnonzero(theirs.surv_times <= at)
        return 1.0 - (theirs.surv_prob[before[-1]] if before.size else 1.0)

    places = theirs.surv_times
    want = max(max(abs(estimate(p) - p), abs(estimate(p - 1e-12) - p)) for p in places)
    assert ks == pytest.approx(want, rel=1e-9)
    edges = [0.0, *np.unique(chance)]

    def weighted_gap(at: float, level: float) -> float:
        return (level - at) ** 2 / (at * (1 - at))

    parts = [integrate.quad(weighted_gap, a, b, args=(estimate(a),))[0] for a, b in pairwise(edges)]
    assert ad == pytest.approx(30 * sum(parts), rel=1e-6)


def test_the_product_limit_of_claims_above_deductibles_is_statsmodels() -> None:
    from statsmodels.duration.survfunc import SurvfuncRight

    rng = np.random.default_rng(2)
    x = rng.lognormal(5, 1, size=200)
    below, above = rng.choice([20.0, 60.0], size=200), rng.choice([300.0, 900.0], size=200)
    seen = x > below
    x, below, above = np.minimum(x, above)[seen], below[seen], above[seen]
    steps = product_limit(Observed(x, below, above))
    theirs = SurvfuncRight(x, (x < above).astype(int), entry=below)
    np.testing.assert_allclose(steps.amount, theirs.surv_times)
    np.testing.assert_allclose(steps.after, theirs.surv_prob, rtol=1e-12)
    np.testing.assert_allclose(steps.before[1:], theirs.surv_prob[:-1], rtol=1e-12)
    assert steps.start == below.min()


def censored(seed: int) -> Observed:
    x = np.random.default_rng(seed).exponential(250.0, size=120)
    x = x[x > 40.0]
    return Observed(np.minimum(x, 700.0), 40.0, 700.0)


def test_p_values_of_true_laws_are_spread_evenly_and_those_of_wrong_ones_are_small() -> None:
    """Thirty true fits: an even spread over 1/20 to 1 has mean 0.525 and standard error 0.053. P-values of a
    law known beforehand, without fitting again, average 0.85 here."""
    found = [
        fit_severity("exponential", censored(seed)).goodness_of_fit(19).test("anderson_darling")
        for seed in range(30)
    ]
    values = np.array([test.p_value for test in found])
    assert abs(values.mean() - 0.525) < 5 * 0.053
    assert (values < 0.4).sum() > 4
    wrong = fit_severity("exponential", np.random.default_rng(1).lognormal(5.0, 1.5, size=200))
    table = wrong.goodness_of_fit(39).to_pandas()
    assert table.loc["anderson_darling", "p_value"] == pytest.approx(1 / 40)
    assert table.loc["kolmogorov_smirnov", "p_value"] < 0.1


def test_the_same_seed_gives_the_same_p_value_and_weights_are_so_many_claims() -> None:
    fit = fit_severity("gamma", np.random.default_rng(7).gamma(2.0, 80.0, size=60))
    assert goodness_of_fit(fit, 19, seed=3) == goodness_of_fit(fit, 19, seed=3)
    assert goodness_of_fit(fit, 19).replicates == 19
    amounts = [10.0, 35.0, 70.0, 120.0]
    one = fit_severity("exponential", Observed(amounts, weights=[2, 1, 3, 1]))
    other = fit_severity("exponential", np.repeat(amounts, [2, 1, 3, 1]))
    for name in ("kolmogorov_smirnov", "anderson_darling"):
        ours, theirs = (goodness_of_fit(fit, 19).test(name) for fit in (one, other))
        assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-6)
        assert ours.p_value == theirs.p_value
    broken = fit_severity("exponential", Observed(amounts, weights=[2, 1.5, 3, 1]))
    with pytest.raises(InputError, match="not whole"):
        goodness_of_fit(broken)


def test_of_many_claims_the_samples_are_fewer_and_the_distances_compared_at_their_sizes() -> None:
    """45,000 claims: their largest gap, not brought to the samples' 5,000, would be three times too small,
    and the p-value of a true law one."""
    true = np.random.default_rng(8).exponential(250.0, size=45_000)
    found = fit_severity("exponential", true).goodness_of_fit(39)
    assert 0.05 < found.test("kolmogorov_smirnov").p_value < 0.9
    assert 0.05 < found.test("anderson_darling").p_value < 0.9
    rows = Observed(np.random.default_rng(5).weibull(0.95, 900), weights=np.full(900, 50))
    wrong = fit_severity("exponential", rows).goodness_of_fit(19)
    assert wrong.test("anderson_darling").p_value == pytest.approx(1 / 20)


def test_groups_are_tested_by_chi_square_with_a_degree_less_for_each_parameter() -> None:
    edges, counts = [0.0, 100.0, 200.0, 400.0, 900.0, math.inf], np.array([40, 26, 21, 11, 2])
    fit = fit_severity("exponential", Observed.grouped(edges, counts))
    chance = np.diff(stats.expon(scale=fit.mean).cdf(edges))
    want = 100 * chance
    assert want[4] < 5 < want[3]  # the last two are joined
    pooled = [*counts[:3], 13], [*want[:3], want[3] + want[4]]
    theirs = stats.chisquare(*pooled, ddof=1)
    ours = fit.goodness_of_fit().test("chi_square")
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-10)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    assert ours.degrees_of_freedom == 2
    with pytest.raises(InputError, match="at least 4 for 2 parameters"):
        fit_severity("gamma", Observed.grouped([0, 100, 300, 900], [30, 9, 1])).goodness_of_fit()


def test_counts_are_tested_by_chi_square_over_their_own_exposures() -> None:
    rng = np.random.default_rng(1)
    years = rng.choice([0.5, 1.0], size=800)
    counts = rng.poisson(1.2 * years)
    fit = fit_counts("poisson", ObservedCounts(counts, years))
    ours = fit.goodness_of_fit().test("chi_square")
    expected: Any = [stats.poisson.pmf(k, fit.mean * years).sum() for k in range(4)]
    expected.append(800 - sum(expected))
    seen = [*(int((counts == k).sum()) for k in range(4)), int((counts > 3).sum())]
    assert min(expected) >= 5
    assert ours.statistic == pytest.approx(stats.chisquare(seen, expected).statistic, rel=1e-8)
    assert ours.degrees_of_freedom == 3
    clustered = np.where(rng.random(800) < 0.3, 4, 0)
    bad = fit_counts("poisson", clustered).goodness_of_fit().test("chi_square")
    assert bad.p_value < 1e-10


def test_large_counts_share_cells() -> None:
    """Counts of three hundred, a cell of which expects less than one member; and one of a hundred million."""
    law = stats.nbinom(2.0, 2.0 / 302.0)
    counts = law.rvs(size=2_000, random_state=np.random.default_rng(6))
    fit = fit_counts("negative_binomial", counts)
    ours = fit.goodness_of_fit().test("chi_square")
    assert ours.degrees_of_freedom is not None and 60 < ours.degrees_of_freedom < 200
    assert 0.001 < ours.p_value < 0.999
    outlier = ObservedCounts([0, 1, 2, 3, 4, 10**8], weights=[500, 300, 130, 50, 19, 1])
    found = fit_counts("negative_binomial", outlier).goodness_of_fit().test("chi_square")
    assert found.p_value < 1e-10


def test_open_claims_have_no_bootstrap() -> None:
    """Each open claim is known up to where it stands, which no claim drawn from the fit would be."""
    rng = np.random.default_rng(4)
    whole, stands = rng.exponential(100.0, 300), rng.exponential(300.0, 300)
    still_open = stands < whole
    seen = Observed(np.minimum(whole, stands), limit=np.where(still_open, stands, math.inf))
    with pytest.raises(InputError) as refused:
        fit_severity("exponential", seen).goodness_of_fit(replicates=19)
    assert refused.value.faults[0].code == "open_claims"

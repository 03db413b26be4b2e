"""Intervals by the likelihood ratio: where they have a closed form, and against a likelihood of SciPy's.

Of 1,594 sets of 40 excesses of a generalised Pareto of xi 0.3, such intervals of 95 % held the truth in
94.4 %, those normal on xi in 89.5 %; of 500 sets of 300 amounts of a Burr under deductibles and limits they
held its scale in 94.2 %, those normal on its logarithm in 93.2 %.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import optimize, stats

from mutualfund.claims import (
    Observed,
    fit_counts,
    fit_excess,
    fit_severity,
    fit_spliced,
    ground_up_counts,
)
from mutualfund.errors import InputError

QUANTILE = float(stats.chi2.ppf(0.95, 1))
PARETO = stats.genpareto(0.3, scale=250.0)


def amounts(n: int = 60, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).lognormal(5.0, 1.2, n)


def test_the_parameters_of_a_lognormal_have_closed_profiles() -> None:
    """n log(s^2 + (m - mu)^2) for mu; 2 n log sigma + n s^2 / sigma^2 for sigma, whose mu stands still."""
    x = np.log(amounts())
    fit, n, m, s = fit_severity("lognormal", np.exp(x)), x.size, x.mean(), x.std()
    reach = s * math.sqrt(math.expm1(QUANTILE / n))
    assert fit.profile_interval("mu") == pytest.approx((m - reach, m + reach), rel=1e-8)
    for end in fit.profile_interval("sigma"):
        fall = 2 * n * math.log(end / s) + n * (s / end) ** 2 - n
        assert fall == pytest.approx(QUANTILE, rel=1e-6)
    low, high = fit.profile_interval("sigma", 0.5)
    assert fit.profile_interval("sigma")[0] < low < s < high < fit.profile_interval("sigma")[1]
    assert fit.profile_interval("sigma", 0.0) == pytest.approx((s, s))


def test_the_others_follow_also_where_amounts_are_hidden() -> None:
    """A Burr's scale from 200 claims above 60, each up to 900: by SciPy's law and Nelder-Mead."""
    rng = np.random.default_rng(4)
    x = stats.burr12(1.5, 1.8, scale=300.0).rvs(size=400, random_state=rng)
    x = np.minimum(x[x > 60.0][:200], 900.0)
    fit = fit_severity("burr", Observed(x, 60.0, 900.0))

    def loglik(alpha: float, theta: float, gamma: float) -> float:
        law = stats.burr12(gamma, alpha, scale=theta)
        full = x >= 900.0
        seen = law.logpdf(x[~full]).sum() + full.sum() * law.logsf(900.0)
        return float(seen - x.size * law.logsf(60.0))

    assert loglik(*fit.parameters.values()) == pytest.approx(fit.loglik)
    for end in fit.profile_interval("theta"):
        best = optimize.minimize(
            lambda logs, theta=end: -loglik(math.exp(logs[0]), theta, math.exp(logs[1])),
            np.log([1.8, 1.5]),
            method="Nelder-Mead",
            options={"xatol": 1e-8, "fatol": 1e-10, "maxfev": 400},
        )
        assert 2.0 * (fit.loglik + best.fun) == pytest.approx(QUANTILE, abs=1e-5)


def test_a_tails_shape_is_as_lopsided_as_its_likelihood() -> None:
    """From 40 excesses the upper end is the farther one, where the truth is missed by normal intervals."""
    excess = PARETO.rvs(size=40, random_state=np.random.default_rng(2))
    fit = fit_excess(excess, 1e-9)
    (low, high), xi = fit.profile_interval("xi"), fit.parameters["xi"]
    assert high - xi > 1.2 * (xi - low)

    def best(shape: float) -> float:
        """Over the scale, beyond which a bounded tail has no amount."""
        least = max(-shape, 0.0) * excess.max() * (1 + 1e-12)
        found = optimize.minimize_scalar(
            lambda log: -stats.genpareto(shape, scale=least + math.exp(log)).logpdf(excess).sum(),
            bounds=(math.log(1.0), math.log(2_000.0)),
            method="bounded",
            options={"xatol": 1e-10},
        )
        return -float(found.fun)

    for end in (low, high):
        assert 2.0 * (fit.loglik - best(end)) == pytest.approx(QUANTILE, abs=1e-5)


def test_a_tail_joined_on_has_the_interval_of_its_excesses() -> None:
    x = amounts(150)
    whole, alone = fit_spliced("gamma", x, above=200.0), fit_excess(x, above=200.0)
    assert whole.profile_interval("tail.xi") == pytest.approx(
        alone.profile_interval("xi"), rel=1e-6
    )


def test_where_the_data_set_no_bound_the_end_is_the_border() -> None:
    """Eleven members hardly vary more than a Poisson's: its dispersion is infinite, and not refuted."""
    counts = [0, 0, 1, 0, 2, 0, 0, 1, 3, 0, 0]
    fit = fit_counts("negative_binomial", counts)
    rate, poisson = np.mean(counts), stats.poisson
    assert 2.0 * (fit.loglik - poisson(rate).logpmf(counts).sum()) < QUANTILE
    low, high = fit.profile_interval("dispersion")
    assert 0.0 < low < fit.parameters["dispersion"] and high == math.inf


def test_what_has_no_likelihood_has_no_profile() -> None:
    counts = fit_counts("poisson", [0, 1, 2, 1])
    with pytest.raises(InputError, match="name: got 'k'; allowed: mean"):
        counts.profile_interval("k")
    seen = Observed([100.0 + 20.0 * k for k in range(1, 20)], deductible=100.0)
    derived = ground_up_counts(counts, fit_severity("exponential", seen))
    with pytest.raises(InputError, match="a fit that has its data"):
        derived.profile_interval("mean")

"""Chances of ruin: against closed forms, partial fractions, a slow simulation and each other."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from mutualfund import claims
from mutualfund.claims import ErlangMixture, SurplusProcess
from mutualfund.errors import InputError

LIGHT = {
    "fixed": claims.Fixed(amount=2.0),
    "two amounts": claims.Empirical(values=(1.0, 4.0), weights=(3, 1)),
    "gamma": claims.Gamma(alpha=1.5, theta=1.0),
    "inverse gaussian": claims.InverseGaussian(mean=1.5, cv=0.8),
    "weibull": claims.Weibull(tau=2.0, theta=1.0),
    "uniform": claims.uniform(0.0, 3.0),
    "spliced": claims.Lognormal(
        mean=1.0, cv=1.0, tail={"kind": "exponential", "above": 3.0, "mean": 1.5}
    ),
}
HEAVY = {
    "lomax": claims.Lomax(alpha=3.0, theta=2.0),
    "infinite variance": claims.Pareto(alpha=1.5, above=0.5),
    "lognormal": claims.Lognormal(mean=1.0, cv=2.0),
    "burr": claims.Burr(alpha=2.0, theta=1.0, gamma=1.5),
    "heavy weibull": claims.Weibull(tau=0.6, theta=1.0),
}
CAPITAL = np.array([0.0, 0.7, 3.0, 12.0])


def test_two_rates_are_two_exponential_terms() -> None:
    """Partial fractions by hand: claims half of rate 3, half of rate 7, rate 3, premium 1 (roots 1 and 6)."""
    process = SurplusProcess(3.0, ErlangMixture([0.5, 0.5], [1, 1], [3.0, 7.0]), premium_rate=1.0)
    by_hand = 24 / 35 * np.exp(-CAPITAL) + 1 / 35 * np.exp(-6 * CAPITAL)
    assert process.ruin(CAPITAL) == pytest.approx(by_hand, rel=1e-12)
    assert process.adjustment_coefficient == pytest.approx(1.0, rel=1e-12)
    assert process.is_exact and process.loading == pytest.approx(0.4)


@pytest.mark.parametrize("name", [*LIGHT, *HEAVY])
def test_bounds_hold_the_estimate_and_the_chance_at_zero_is_the_ratio_to_the_premium(
    name: str,
) -> None:
    process = SurplusProcess(1.0, {**LIGHT, **HEAVY}[name], loading=0.3)
    low, high = process.ruin_bounds(CAPITAL, points=2**12)
    ruin = process.ruin(CAPITAL, points=2**12)
    assert np.all(low - 1e-10 <= ruin) and np.all(ruin <= high + 1e-10)
    assert np.all(high[1:] - low[1:] < 0.03 * ruin[1:])
    assert ruin[0] == pytest.approx(1 / 1.3, rel=1e-12)
    assert np.all(np.diff(ruin) < 0.0)


def test_the_lattice_agrees_with_the_closed_form_and_its_bounds_close_as_it_is_refined() -> None:
    severity = ErlangMixture([2.0, 1.0], [1, 3], [1.0, 2.0])
    process = SurplusProcess(1.0, severity, loading=0.2)
    exact = process.ruin(CAPITAL)

    class Unknown:
        """The same law, its kind not recognised."""

        mean, variance = severity.mean, severity.variance
        sf, isf, quantile = severity.sf, severity.isf, severity.quantile
        limited_mean = severity.limited_mean
        second_limited_moment, stop_loss = severity.second_limited_moment, severity.stop_loss

    unknown = SurplusProcess(1.0, Unknown(), loading=0.2)
    assert not unknown.is_exact
    assert unknown.ruin(CAPITAL) == pytest.approx(exact, rel=1e-6)
    gaps = []
    for points in (2**10, 2**12):
        low, high = unknown.ruin_bounds(CAPITAL, points=points)
        assert np.all(low <= exact + 1e-10) and np.all(exact <= high + 1e-10)
        gaps.append((high - low)[1:])
    assert gaps[0] / gaps[1] == pytest.approx([4.0, 4.0, 4.0], rel=0.05)


@pytest.mark.parametrize("name", LIGHT)
def test_the_adjustment_coefficient_solves_its_equation_by_integration(name: str) -> None:
    """lambda x integral of exp(R x) S(x) = c, the integral by SciPy."""
    process = SurplusProcess(1.0, LIGHT[name], loading=0.3)
    rate = process.adjustment_coefficient
    assert rate > 0.0
    jumps = [1.0, 2.0, 3.0, 4.0]
    pieces = [0.0, *jumps, 12.0, 40.0, 250.0]
    total = sum(
        integrate.quad(lambda x: math.exp(rate * x) * float(LIGHT[name].sf(x)), a, b)[0]
        for a, b in itertools.pairwise(pieces)
    )
    assert total == pytest.approx(process._premium, rel=1e-6)
    assert np.all(process.ruin(CAPITAL, points=2**12) <= process.lundberg_bound(CAPITAL) + 1e-9)


@pytest.mark.parametrize("name", HEAVY)
def test_heavy_tails_have_no_adjustment_coefficient(name: str) -> None:
    process = SurplusProcess(1.0, HEAVY[name], loading=0.3)
    with pytest.raises(InputError, match="Lundberg's bound does not exist") as refused:
        process.lundberg_bound(1.0)
    assert refused.value.faults[0].code == "heavy_tail"
    assert process.severity.mean == process.mean_claim


def test_a_root_beyond_the_moments_and_a_premium_without_profit_are_refused() -> None:
    """The inverse Gaussian's moments end at shape / (2 mean^2), where E[exp(R X)] is still finite."""
    severity = claims.InverseGaussian(mu=1.0, shape=0.5)
    with pytest.raises(InputError) as refused:
        _ = SurplusProcess(1.0, severity, loading=5.0).adjustment_coefficient
    assert refused.value.faults[0].code == "no_root"
    poor = SurplusProcess(1.0, claims.Exponential(mean=1.0), loading=-0.1)
    with pytest.raises(InputError) as refused:
        _ = poor.adjustment_coefficient
    assert refused.value.faults[0].code == "no_profit"
    assert poor.ruin([0.0, 50.0]).tolist() == [1.0, 1.0]
    assert poor.ruin_bounds(50.0).low == poor.ruin_bounds(50.0).high == 1.0


@given(loading=st.floats(0.05, 2.0), capital=st.floats(0.0, 20.0), mean=st.floats(0.1, 50.0))
@settings(max_examples=15)
def test_ruin_within_a_time_rises_to_ruin_for_ever(
    loading: float, capital: float, mean: float
) -> None:
    process = SurplusProcess(2.0, claims.Exponential(mean=mean), loading=loading)
    times = (0.0, 0.1, 1.0, 10.0, 400.0)
    chances = [process.ruin_by(capital * mean, time) for time in times]
    assert chances[0] == 0.0
    assert all(a <= b + 1e-12 for a, b in itertools.pairwise(chances))
    ever = float(process.ruin(capital * mean))
    assert chances[-1] <= ever + 1e-12
    assert process.ruin_by(capital * mean, math.inf) == ever
    if loading > 0.5:
        assert chances[-1] == pytest.approx(ever, abs=1e-9)


@pytest.mark.parametrize("loading", [0.25, 0.0, -0.2])
def test_ruin_within_a_time_is_what_a_simulation_of_the_process_finds(loading: float) -> None:
    """4,000 paths of at most 60 claims: five standard errors are 0.04, a fifteenth of the chance."""
    generator = np.random.default_rng(11)
    mean, time, capital = 3.0, 10.0, 6.0
    premium = (1.0 + loading) * mean
    waits = generator.exponential(1.0, (4000, 60))
    costs = generator.exponential(mean, (4000, 60))
    when = np.cumsum(waits, axis=1)
    surplus = capital + premium * when - np.cumsum(costs, axis=1)
    assert when[:, -1].min() > time
    ruined = np.any((surplus < 0.0) & (when <= time), axis=1).mean()
    process = SurplusProcess(1.0, claims.Exponential(mean=mean), loading=loading)
    exact = process.ruin_by(capital, time)
    assert abs(ruined - exact) < 5 * math.sqrt(exact * (1 - exact) / 4000)


def test_ruin_within_a_moment_is_one_claim_above_the_capital() -> None:
    process = SurplusProcess(1.0, claims.Gamma(alpha=1.0, theta=2.0), premium_rate=3.0)
    assert process.ruin_by(5.0, 1e-6) == pytest.approx(1e-6 * math.exp(-2.5), rel=1e-5)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"claim_rate": 0.0, "loading": 0.1}, "ruin.claim_rate"),
        ({"claim_rate": 1.0}, "ruin.premium_rate"),
        ({"claim_rate": 1.0, "loading": 0.1, "premium_rate": 2.0}, "ruin.premium_rate"),
        ({"claim_rate": 1.0, "premium_rate": -2.0}, "ruin.premium_rate"),
        ({"claim_rate": 1.0, "loading": -1.5}, "ruin.loading"),
        (
            {"claim_rate": 1.0, "loading": 0.1, "severity": claims.Normal(mean=1.0, sd=1.0)},
            "ruin.severity",
        ),
        (
            {"claim_rate": 1.0, "loading": 0.1, "severity": claims.Fixed(amount=0)},
            "ruin.expected_claims",
        ),
    ],
)
def test_terms_that_make_no_process_are_refused(terms: dict[str, object], field: str) -> None:
    with pytest.raises(InputError) as refused:
        SurplusProcess(**{"severity": claims.Fixed(amount=1.0), **terms})
    assert refused.value.faults[0].field == field


def test_questions_out_of_range_are_refused() -> None:
    process = SurplusProcess(1.0, claims.Fixed(amount=1.0), loading=0.2)
    for call, field in (
        (lambda: process.ruin(-1.0), "ruin.capital"),
        (lambda: process.ruin(1.0, points=3), "ruin.points"),
        (lambda: process.ruin_by(1.0, 1.0), "ruin.severity"),
        (lambda: process.ruin_by(1.0, -1.0), "ruin.time"),
    ):
        with pytest.raises(InputError) as refused:
            call()
        assert refused.value.faults[0].field == field


def test_a_law_that_does_not_say_how_fast_it_falls_is_not_called_heavy() -> None:
    year = claims.aggregate(claims.Poisson(mean=3.0), claims.Exponential(mean=10.0))
    process = claims.SurplusProcess(claim_rate=1.0, severity=year, loading=0.2)
    with pytest.raises(InputError) as refused:
        _ = process.adjustment_coefficient
    assert refused.value.faults[0].code in ("decay_unknown", "no_root")

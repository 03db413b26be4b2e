"""Premiums of counts and of total costs that were found on a lattice.

Source of truth: closed forms of the compound Poisson (its generating function), sums over counts with SciPy's
laws, integrals of the distorted tail, the aggregates' own tail means, and a grid that reaches deeper.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from mutualfund.claims import (
    Exponential,
    Fixed,
    Grid,
    Lognormal,
    NegativeBinomial,
    Pareto,
    Poisson,
    ZeroModified,
    aggregate,
)
from mutualfund.claims.aggregate import Aggregate
from mutualfund.errors import InputError
from mutualfund.premiums import (
    EsscherPrinciple,
    ExponentialPrinciple,
    PercentilePrinciple,
    PremiumPrinciple,
    ProportionalHazardsPrinciple,
    StandardDeviationPrinciple,
    TailPrinciple,
    WangPrinciple,
)

LIGHT = aggregate(Poisson(mean=2), Exponential(mean=100))
HEAVY = aggregate(Poisson(mean=2), Lognormal(mu=3, sigma=1.5))
RARE = aggregate(Poisson(mean=0.001), Exponential(mean=100))
LAYER = LIGHT.layer(1000, 500)


@pytest.mark.parametrize("cost", [LIGHT, HEAVY, RARE, LAYER], ids=repr)
@pytest.mark.parametrize("p", [0.9, 0.95, 0.999])
def test_tail_means_and_percentiles_are_the_cost_s_own(cost: Aggregate, p: float) -> None:
    assert TailPrinciple(probability=p).premium(cost).premium == float(cost.tvar(p))
    percentile = PercentilePrinciple(probability=p).premium(cost).premium
    assert percentile == max(float(cost.quantile(p)), cost.mean)


def test_tail_means_of_rare_costs_are_the_mean_over_the_chance() -> None:
    """A year in a thousand costs anything, a layer in twenty: all of the mean lies in the tail."""
    assert TailPrinciple(probability=0.95).premium(RARE).premium == pytest.approx(2.0, rel=1e-9)
    found = TailPrinciple(probability=0.9).premium(LAYER).premium
    assert found == pytest.approx(10 * LAYER.mean, rel=1e-9)
    assert found == pytest.approx(6.09215, abs=5e-6)
    assert TailPrinciple(probability=0.95).premium(HEAVY).premium == pytest.approx(
        911.41, abs=0.005
    )


def above(x: float) -> float:
    """P(S > x) of Poisson(2) claims that are exponential with mean 100: a sum of gamma tails."""
    n = np.arange(1, 80)
    return float(stats.poisson(2).pmf(n) @ stats.gamma(n, scale=100).sf(x))


@pytest.mark.parametrize(
    ("rule", "g"),
    [
        (ProportionalHazardsPrinciple(loading=0.25), lambda s: s**0.8),
        (WangPrinciple(shift=0.3), lambda s: stats.norm.cdf(stats.norm.ppf(s) + 0.3)),
    ],
)
def test_distorted_premiums_are_the_integral_of_the_distorted_tail(
    rule: PremiumPrinciple, g: object
) -> None:
    def part(a: float, b: float) -> float:
        return float(integrate.quad(lambda x: g(above(x)), a, b, epsrel=1e-9)[0])  # type: ignore[operator]

    inside = part(1000, 1500)
    assert rule.premium(LAYER).premium == pytest.approx(inside, rel=1e-6)
    whole = part(0, 1000) + inside + part(1500, 6000)
    assert rule.premium(LIGHT).premium == pytest.approx(whole, rel=1e-6)
    assert rule.premium(LIGHT.quota_share(0.3)).premium == pytest.approx(0.3 * whole, rel=1e-6)


@pytest.mark.parametrize(
    ("rule", "most"),
    [(ProportionalHazardsPrinciple(loading=0.25), 1e-4), (WangPrinciple(shift=0.3), 1e-5)],
)
def test_what_lies_beyond_a_heavy_cost_s_grid_is_priced_within_the_stated_error(
    rule: PremiumPrinciple, most: float
) -> None:
    coarse = aggregate(
        Poisson(mean=2), Lognormal(mu=3, sigma=1.5), grid=Grid(points=2**15, reach=1e-4)
    )
    deep, shallow = rule.premium(HEAVY), rule.premium(coarse)
    assert deep.numerical_error < 2 * most * deep.premium
    assert abs(shallow.premium - deep.premium) < shallow.numerical_error + deep.numerical_error


def test_distorted_premiums_of_a_power_tail_exist_as_far_as_its_index_says() -> None:
    cost = aggregate(Poisson(mean=2), Pareto(alpha=1.5, above=10))
    with pytest.raises(InputError) as caught:
        ProportionalHazardsPrinciple(loading=0.5).premium(cost)
    assert caught.value.faults[0].code == "does_not_exist"
    assert ProportionalHazardsPrinciple(loading=0.05).premium(cost).loading > 0.0


@pytest.mark.parametrize("a", [0.0005, 0.002])
@pytest.mark.parametrize(
    ("cost", "claims", "moment"),
    [
        (LIGHT, 2.0, lambda a: 1 / (1 - 100 * a)),
        (RARE, 0.001, lambda a: 1 / (1 - 100 * a)),
        (aggregate(Poisson(mean=2), Fixed(amount=100)), 2.0, lambda a: math.exp(100 * a)),
    ],
)
def test_exponential_and_esscher_premiums_are_those_of_the_compound_poisson(
    cost: Aggregate, claims: float, moment: object, a: float
) -> None:
    """log E exp(a S) = claims x (M(a) - 1), and the Esscher premium is its slope."""
    found = ExponentialPrinciple(risk_aversion=a).premium(cost)
    assert found.premium == pytest.approx(claims * (moment(a) - 1) / a, rel=1e-5)  # type: ignore[operator]
    slope = claims * (moment(a + 1e-7) - moment(a - 1e-7)) / 2e-7  # type: ignore[operator]
    assert EsscherPrinciple(tilt=a).premium(cost).premium == pytest.approx(slope, rel=1e-4)


def test_exponential_premiums_are_refused_truly() -> None:
    """A heavy severity has none; a capped one has; an exponential one has below 1 / mean."""
    rule = ExponentialPrinciple(risk_aversion=0.0005)
    for heavy in (HEAVY, HEAVY.layer(100), HEAVY.quota_share(0.5)):
        with pytest.raises(InputError, match="heavier than every exponential"):
            rule.premium(heavy)
    assert rule.premium(HEAVY.layer(0, 5000)).loading > 0.0
    capped = aggregate(Poisson(mean=2), Lognormal(mu=3, sigma=1.5), limit=2000.0)
    assert rule.premium(capped).loading > 0.0
    with pytest.raises(InputError, match=r"below 0\.01, where"):
        ExponentialPrinciple(risk_aversion=0.01).premium(LIGHT)
    with pytest.raises(InputError, match=r"below 0\.02, where"):
        ExponentialPrinciple(risk_aversion=0.02).premium(LIGHT.quota_share(0.5))


def test_a_moment_that_rests_on_the_end_of_the_lattice_is_refused() -> None:
    """Of a negative binomial number of claims the limit is lower: 1 / (1 - 100 a) must stay below 1.25."""
    cost = aggregate(NegativeBinomial(mean=2, dispersion=0.5), Exponential(mean=100))
    found = ExponentialPrinciple(risk_aversion=0.001).premium(cost).premium
    wanted = -0.5 * math.log(1 - 4 * (1 / 0.9 - 1)) / 0.001
    assert found == pytest.approx(wanted, rel=1e-5)
    for a in (0.0021, 0.009):
        with pytest.raises(InputError, match="last amounts carry"):
            ExponentialPrinciple(risk_aversion=a).premium(cost)


def test_a_count_is_priced_in_claims() -> None:
    n = np.arange(1, 200)
    tail = stats.poisson(3).sf(n - 1)
    found = ProportionalHazardsPrinciple(loading=0.25).premium(Poisson(mean=3))
    assert found.premium == pytest.approx(float((tail**0.8).sum()), rel=1e-12)
    assert found.mean == pytest.approx(3.0, rel=1e-12)
    moment = ExponentialPrinciple(risk_aversion=0.4).premium(Poisson(mean=3)).premium
    assert moment == pytest.approx(3 * math.expm1(0.4) / 0.4, rel=1e-12)
    spread = StandardDeviationPrinciple(loading=1.0).premium(
        NegativeBinomial(mean=2, dispersion=0.5)
    )
    assert spread.premium == pytest.approx(2 + math.sqrt(10), rel=1e-9)


def test_exponential_moments_of_a_negative_binomial_end_at_its_pole() -> None:
    """exp(a) must stay below 1 + dispersion / mean = 1.25, whatever is done to its zero."""
    plain = NegativeBinomial(mean=2, dispersion=0.5)
    for count in (plain, ZeroModified(base=plain, p0=0.7)):
        with pytest.raises(InputError, match=r"below 0\.223144"):
            ExponentialPrinciple(risk_aversion=0.3).premium(count)
    wanted = -0.5 * math.log(1 - 4 * math.expm1(0.1)) / 0.1
    assert ExponentialPrinciple(risk_aversion=0.1).premium(plain).premium == pytest.approx(
        wanted, rel=1e-9
    )


def test_a_count_too_large_to_hold_is_refused() -> None:
    with pytest.raises(InputError, match="all but never exceeds"):
        TailPrinciple(probability=0.9).premium(Poisson(mean=1e8))

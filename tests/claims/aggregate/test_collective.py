"""Moments of one collective risk are exact: against quadrature, brute force and hand-worked cases."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from mutualfund import claims
from mutualfund.claims.aggregate.amounts import (
    amount_law,
    atoms_of,
    covered,
    is_signed,
    largest_amount,
    tail_index,
    third_moment,
)
from mutualfund.errors import InputError

PARETO_TAIL = {"kind": "pareto", "above": 4000.0, "alpha": 4.5}
SEVERITIES = {
    "exponential": (claims.Exponential(mean=300.0), stats.expon(scale=300)),
    "gamma": (claims.Gamma(alpha=0.7, theta=500.0), stats.gamma(0.7, scale=500)),
    "lognormal": (claims.Lognormal(mu=5.0, sigma=0.8), stats.lognorm(0.8, scale=math.exp(5))),
    "weibull": (claims.Weibull(tau=0.8, theta=200.0), stats.weibull_min(0.8, scale=200)),
    "lomax": (claims.Lomax(alpha=4.2, theta=900.0), stats.lomax(4.2, scale=900)),
    "pareto": (claims.Pareto(alpha=3.4, above=100.0), stats.pareto(3.4, scale=100)),
    "burr": (claims.Burr(alpha=2.5, theta=400.0, gamma=1.8), stats.burr12(1.8, 2.5, scale=400)),
    "inverse gaussian": (
        claims.InverseGaussian(mu=300.0, shape=200.0),
        stats.invgauss(1.5, scale=200.0),
    ),
    "normal": (claims.Normal(mean=50.0, sd=20.0), stats.norm(50, 20)),
    "uniform": (claims.uniform(20.0, 90.0), stats.uniform(20, 70)),
}


@pytest.mark.parametrize("name", SEVERITIES)
def test_third_moments_are_those_of_scipy(name: str) -> None:
    severity, law = SEVERITIES[name]
    assert third_moment(amount_law(severity)) == pytest.approx(law.moment(3), rel=1e-9)


@pytest.mark.parametrize("name", [name for name in SEVERITIES if name != "normal"])
def test_moments_of_a_layer_are_the_integrals_over_it(name: str) -> None:
    severity, law = SEVERITIES[name]
    layer = claims.Collective(1, severity, deductible=40.0, limit=700.0, share=0.8)

    def moment(order: int) -> float:
        inside = integrate.quad(
            lambda y: order * y ** (order - 1) * law.sf(40.0 + y),
            0.0,
            700.0,
            points=[50.0, 60.0],
            limit=200,
        )
        return 0.8**order * inside[0]

    variance = moment(2) - moment(1) ** 2
    third = moment(3) - 3 * moment(1) * variance - moment(1) ** 3
    assert layer.mean == pytest.approx(moment(1), rel=1e-8)
    assert layer.variance == pytest.approx(variance, rel=1e-7)
    assert layer.third_central_moment == pytest.approx(third, rel=1e-6)
    assert layer.expected_payments == pytest.approx(law.sf(40.0), rel=1e-12)
    assert layer.uncovered_mean == pytest.approx(severity.mean - moment(1), rel=1e-8)


def test_moments_of_a_sum_are_those_of_all_its_outcomes() -> None:
    """Up to two claims of 10 or 30: seven outcomes, counted by hand."""
    count, amounts, weights = [0.5, 0.3, 0.2], (10.0, 30.0), (0.6, 0.4)
    risk = claims.Collective(count, claims.Empirical(values=amounts, weights=weights))
    totals = np.array([0, 10, 30, 20, 40, 40, 60])
    chance = [0.5, 0.18, 0.12, 0.2 * 0.36, 0.2 * 0.24, 0.2 * 0.24, 0.2 * 0.16]
    mean = totals @ chance
    assert risk.mean == pytest.approx(mean, rel=1e-13)
    assert risk.variance == pytest.approx((totals - mean) ** 2 @ chance, rel=1e-13)
    assert risk.third_central_moment == pytest.approx((totals - mean) ** 3 @ chance, rel=1e-12)
    assert risk.skewness == pytest.approx(risk.third_central_moment / risk.sd**3, rel=1e-13)


def test_a_spliced_tail_has_its_own_third_moment() -> None:
    body = claims.Lognormal(mu=6.0, sigma=1.0, tail=PARETO_TAIL)
    law = stats.lognorm(1.0, scale=math.exp(6))
    below = integrate.quad(lambda x: 3 * x**2 * law.sf(x), 0, 4000, limit=200)[0]
    beyond = law.sf(4000) * 3 * 4000**3 / (4.5 - 3)
    assert third_moment(body.law) == pytest.approx(below + beyond, rel=1e-7)


def test_infinite_moments_are_said() -> None:
    heavy = claims.Collective(claims.Poisson(mean=3.0), claims.Pareto(alpha=1.8, above=10.0))
    assert heavy.mean == pytest.approx(3 * 10 * 1.8 / 0.8)
    assert heavy.variance == heavy.sd == heavy.third_central_moment == math.inf
    assert math.isnan(heavy.skewness)
    skewed = claims.Collective(claims.Poisson(mean=3.0), claims.Lomax(alpha=2.5, theta=10.0))
    assert math.isfinite(skewed.sd) and skewed.skewness == math.inf
    limited = claims.Collective(3, claims.Pareto(alpha=1.8, above=10.0), limit=1e4)
    assert math.isfinite(limited.skewness)
    with pytest.raises(InputError, match="finite and positive"):
        heavy.normal_approximation()


def test_tail_indices_follow_the_law_that_owns_the_tail() -> None:
    assert tail_index(amount_law(claims.Pareto(alpha=1.8, above=10.0))) == pytest.approx(1.8)
    burr = claims.Burr(alpha=2.0, theta=1.0, gamma=1.5)
    assert tail_index(amount_law(burr)) == 3.0
    spliced = claims.Gamma(mean=100.0, cv=1.0, tail={**PARETO_TAIL, "above": 500.0})
    assert tail_index(amount_law(spliced)) == pytest.approx(4.5)
    lomax_tail = {"kind": "lomax", "alpha": 3.0, "theta": 5.0, "above": 500.0}
    exceeding = claims.Gamma(mean=100.0, cv=1.0, tail=lomax_tail)
    assert tail_index(amount_law(exceeding)) == pytest.approx(3.0)
    assert tail_index(covered(amount_law(burr), 1.0, math.inf, 0.5)) == 3.0
    assert tail_index(covered(amount_law(burr), 1.0, 9.0, 0.5)) == math.inf


def test_atoms_of_a_layer_are_at_zero_at_the_limit_and_where_the_law_has_them() -> None:
    law = covered(amount_law(claims.Exponential(mean=100.0)), 50.0, 120.0, 0.5)
    points, chances = atoms_of(law)
    assert points.tolist() == [0.0, 60.0]
    assert chances == pytest.approx([1 - math.exp(-0.5), math.exp(-1.7)], rel=1e-12)
    body = claims.Empirical(
        values=(10.0, 90.0, 400.0),
        weights=(2, 1, 1),
        tail={"kind": "exponential", "mean": 50.0, "above": 200.0},
    )
    points, chances = atoms_of(covered(amount_law(body), 20.0, math.inf, 1.0))
    assert points.tolist() == [0.0, 70.0] and chances.tolist() == [0.5, 0.25]
    assert largest_amount(law) == 60.0
    assert largest_amount(amount_law(claims.uniform(20.0, 90.0))) == 90.0
    assert largest_amount(amount_law(claims.Exponential(mean=1.0))) == math.inf


def test_only_the_normal_goes_below_zero() -> None:
    assert [
        name for name, (severity, _) in SEVERITIES.items() if is_signed(amount_law(severity))
    ] == ["normal"]


def test_what_is_no_severity_is_refused_by_what_it_lacks() -> None:
    class OnlyQuantile:
        def quantile(self, p: float) -> float:
            return p

    with pytest.raises(InputError, match="without mean, variance, sf, isf, limited_mean"):
        claims.Collective(1, OnlyQuantile())


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"deductible": -1.0}, "aggregate.deductible"),
        ({"limit": -1.0}, "aggregate.limit"),
        ({"limit": math.nan}, "aggregate.limit"),
        ({"share": 1.2}, "aggregate.share"),
    ],
)
def test_terms_out_of_range_are_refused(terms: dict[str, float], field: str) -> None:
    with pytest.raises(InputError) as refused:
        claims.Collective(1, claims.Fixed(amount=5.0), **terms)
    assert refused.value.faults[0].field == field


def test_a_cover_of_nothing_pays_nothing() -> None:
    for terms in ({"limit": 0.0}, {"share": 0.0}, {"deductible": 1e9}):
        risk = claims.Collective(claims.Poisson(mean=2.0), claims.uniform(0, 9), **terms)
        assert risk.mean == risk.variance == 0.0 and math.isnan(risk.skewness)


def test_a_repr_shows_moments_and_no_amounts() -> None:
    secret = claims.Empirical(values=(12345.0, 54321.0))
    assert "12345" not in repr(claims.Collective(2, secret))
    assert "54321" not in repr(claims.aggregate(2, secret))


def test_a_uniform_needs_its_ends_in_order() -> None:
    with pytest.raises(InputError) as refused:
        claims.uniform(90.0, 20.0)
    assert refused.value.faults[0].field == "uniform.high"

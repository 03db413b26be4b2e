"""Cost sharing in closed form against quadrature, plain loops and its own identities.

Source of truth: the rule written out for one cost at a time, integrated over SciPy's densities.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from mutualfund.claims import (
    AnnualPlan,
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    Lognormal,
    LossCover,
    Pareto,
)
from mutualfund.errors import InputError

PLANS = [
    (150.0, 0.25, 600.0),
    (0.0, 0.25, 1_000.0),
    (150.0, 0.0, 150.0),
    (100.0, 1.0, 700.0),
    (100.0, 0.2, math.inf),
    (100.0, 0.0, math.inf),
    (100.0, 0.0, 500.0),
    (0.0, 0.0, 0.0),
    (0.0, 1.0, math.inf),
]


def member_part(cost: float, deductible: float, share: float, maximum: float) -> float:
    """The rule for one year's cost, word by word."""
    if cost <= deductible:
        return min(cost, maximum)
    return min(deductible + share * (cost - deductible), maximum)


@pytest.mark.parametrize("terms", PLANS, ids=str)
def test_each_cost_is_split_as_the_rule_says(terms: tuple[float, float, float]) -> None:
    costs = np.array([0.0, 60.0, 100.0, 150.0, 151.0, 600.0, 1_950.0, 1e6])
    plan = AnnualPlan(*terms)
    np.testing.assert_allclose(plan.member_pays(costs), [member_part(x, *terms) for x in costs])
    np.testing.assert_allclose(plan.member_pays(costs) + plan.fund_pays(costs), costs)


@pytest.mark.parametrize("terms", PLANS, ids=str)
def test_expectations_are_integrals_over_the_density(terms: tuple[float, float, float]) -> None:
    law, p_zero = stats.gamma(0.8, scale=700), 0.3
    found = AnnualPlan(*terms).expected(Gamma(alpha=0.8, theta=700), p_zero=p_zero)
    kinks = [x for x in (terms[0], AnnualPlan(*terms).cost_at_maximum) if 0 < x < 1e5]

    def mean(value: Any) -> float:
        """By substitution x = t^2, which tames the density's pole at zero."""
        ends = [0.0, *(math.sqrt(x) for x in sorted(set(kinks))), 250.0]
        pieces = [
            integrate.quad(lambda t: value(t * t) * law.pdf(t * t) * 2 * t, a, b, epsrel=1e-11)[0]
            for a, b in itertools.pairwise(ends)
        ]
        return (1 - p_zero) * sum(pieces)

    member = mean(lambda x: member_part(x, *terms))
    fund = mean(lambda x: x - member_part(x, *terms))
    second = mean(lambda x: (x - member_part(x, *terms)) ** 2)
    assert found.expected_member_pay == pytest.approx(member, rel=1e-8, abs=1e-9)
    assert found.expected_plan_pay == pytest.approx(fund, rel=1e-8, abs=1e-9)
    sd = math.sqrt(max(second - fund**2, 0.0))
    assert found.sd_plan_pay == pytest.approx(sd, rel=1e-7, abs=1e-4)
    assert found.expected_total == pytest.approx(0.7 * 560, rel=1e-12)
    assert found.actuarial_value == pytest.approx(fund / (0.7 * 560), rel=1e-8, abs=1e-9)


@pytest.mark.parametrize("terms", PLANS, ids=str)
def test_a_sample_and_its_empirical_severity_agree(terms: tuple[float, float, float]) -> None:
    costs = [0.0, 60.0, 100.0, 150.0, 600.0, 700.0, 1_950.0, 9_000.0, 60.0]
    seen = AnnualPlan(*terms).observed(costs)
    priced = AnnualPlan(*terms).expected(Empirical(values=tuple(costs)))
    assert seen.mean_member_pay == pytest.approx(priced.expected_member_pay, rel=1e-12)
    assert seen.mean_plan_pay == pytest.approx(priced.expected_plan_pay, rel=1e-12)
    assert seen.mean_total == pytest.approx(priced.expected_total, rel=1e-12)
    assert seen.actuarial_value == pytest.approx(priced.actuarial_value, rel=1e-12)
    assert seen.share_at_maximum == pytest.approx(priced.prob_member_hits_maximum, abs=1e-12)
    assert seen.share_plan_pays == pytest.approx(priced.prob_plan_pays, abs=1e-12)
    assert seen.sd_plan_pay == pytest.approx(
        priced.sd_plan_pay * math.sqrt(9 / 8), rel=1e-9, abs=1e-6
    )


def test_a_cost_of_exactly_the_turning_point_is_at_the_maximum() -> None:
    plan = AnnualPlan(150, 0.25, 600)
    assert plan.observed([1_950.0, 1_949.99]).share_at_maximum == 0.5
    assert plan.expected(Fixed(amount=1_950)).prob_member_hits_maximum == 1.0


def test_an_infinite_variance_of_cost_is_one_of_the_funds_payment() -> None:
    heavy = Pareto(alpha=1.8, above=100)
    assert AnnualPlan(150, 0.25, 600).expected(heavy).sd_plan_pay == math.inf
    assert math.isfinite(AnnualPlan(0, 1, math.inf).expected(heavy).sd_plan_pay)
    assert LossCover(deductible=200).variance_per_loss(heavy) == math.inf
    assert math.isfinite(LossCover(deductible=200, maximum_payment=900).variance_per_loss(heavy))


def test_where_no_cost_is_expected_no_actuarial_value_is_given() -> None:
    assert math.isnan(AnnualPlan().expected(Exponential(mean=5), p_zero=1.0).actuarial_value)
    assert math.isnan(AnnualPlan().observed([0.0, 0.0]).actuarial_value)


@pytest.mark.parametrize("deductible", [0.0, 100.0, 2_000.0])
@pytest.mark.parametrize("maximum", [500.0, math.inf])
def test_a_cover_of_one_loss_is_the_integral_of_its_payment(
    deductible: float, maximum: float
) -> None:
    law, cover = stats.expon(scale=1000), LossCover(deductible, maximum)
    severity = Exponential(mean=1000)

    def moment(order: int) -> float:
        def value(x: float) -> float:
            return float(min(max(x - deductible, 0.0), maximum) ** order * law.pdf(x))

        ends = sorted({0.0, deductible, min(deductible + maximum, 4e4), 4e4})
        pairs = itertools.pairwise(ends)
        return sum(integrate.quad(value, a, b, epsrel=1e-11, limit=200)[0] for a, b in pairs)

    chance = law.sf(deductible)
    assert cover.mean_per_loss(severity) == pytest.approx(moment(1), rel=1e-8)
    assert cover.variance_per_loss(severity) == pytest.approx(moment(2) - moment(1) ** 2, rel=1e-7)
    assert cover.mean_per_payment(severity) == pytest.approx(moment(1) / chance, rel=1e-8)
    per_payment = moment(2) / chance - (moment(1) / chance) ** 2
    assert cover.variance_per_payment(severity) == pytest.approx(per_payment, rel=1e-7)


def test_a_cover_that_never_pays_has_no_payment_to_average() -> None:
    cover = LossCover(deductible=100)
    assert math.isnan(cover.mean_per_payment(Fixed(amount=100)))
    assert math.isnan(cover.variance_per_payment(Fixed(amount=100)))
    assert cover.mean_per_loss(Fixed(amount=100)) == 0.0


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ((-1.0, 0.2, 500.0), r"plan\.deductible: got -1"),
        ((100.0, 20.0, 500.0), r"plan\.coinsurance: got 20; .* For 20 % write 0\.2"),
        ((100.0, 0.2, 50.0), r"plan\.out_of_pocket_maximum: got 50; allowed: 100 to inf"),
        ((math.nan, 0.2, 500.0), r"plan\.deductible"),
    ],
)
def test_terms_that_make_no_sense_are_refused(
    terms: tuple[float, float, float], reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        AnnualPlan(*terms)


def test_costs_are_refused_without_being_shown() -> None:
    with pytest.raises(InputError) as caught:
        AnnualPlan().observed([5.0, -77.25])
    assert "costs[1]" in str(caught.value)
    assert "77" not in str(caught.value)
    with pytest.raises(InputError, match="at least two"):
        AnnualPlan().observed([5.0])
    with pytest.raises(InputError, match="maximum_payment: got 0"):
        LossCover(100, 0)


AMOUNTS = st.floats(0, 1e5)


@given(AMOUNTS, AMOUNTS, st.floats(0, 1), AMOUNTS, AMOUNTS)
def test_a_higher_deductible_never_raises_what_the_fund_pays(
    cost: float, deductible: float, share: float, more: float, room: float
) -> None:
    maximum = deductible + more + room
    low = AnnualPlan(deductible, share, maximum)
    high = AnnualPlan(deductible + more, share, maximum)
    assert float(high.fund_pays(cost)) <= float(low.fund_pays(cost)) + 1e-9
    assert 0.0 <= float(low.member_pays(cost)) <= cost


@given(
    st.floats(10, 1e4), st.floats(0.2, 5), st.floats(0, 1e4), st.floats(0, 1e4), st.floats(1, 1e4)
)
def test_a_higher_deductible_never_raises_the_expected_payment(
    mean: float, cv: float, deductible: float, more: float, maximum: float
) -> None:
    severity = Lognormal(mean=mean, cv=cv)
    low = LossCover(deductible, maximum).mean_per_loss(severity)
    high = LossCover(deductible + more, maximum).mean_per_loss(severity)
    assert high <= low + 1e-9 * mean
    plans = [AnnualPlan(d, 0.2, 3e4).expected(severity) for d in (deductible, deductible + more)]
    assert plans[1].expected_plan_pay <= plans[0].expected_plan_pay + 1e-9 * mean
    whole = plans[0].expected_member_pay + plans[0].expected_plan_pay
    assert whole == pytest.approx(plans[0].expected_total, rel=1e-10)

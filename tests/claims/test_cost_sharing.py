"""Cost sharing in closed form against quadrature, plain loops and its own identities.

Source of truth: the rule written out for one cost at a time, integrated over SciPy's densities.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from mutualfund.claims import (
    AnnualPlan,
    Empirical,
    Exponential,
    Fixed,
    Gamma,
    Lognormal,
    Lomax,
    LossCover,
    Normal,
    Pareto,
    fit_severity,
    plan_with_actuarial_value,
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
        ((100.0, 0.2, 50.0), r"plan\.out_of_pocket_maximum: got 50; allowed: .*100 or more"),
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


LIMITED = [(150.0, 0.25, 600.0, 1_000.0), (100.0, 0.2, math.inf, 400.0), (0.0, 1.0, 50.0, 80.0)]


@pytest.mark.parametrize("terms", LIMITED, ids=str)
def test_what_exceeds_the_annual_limit_falls_on_the_member(
    terms: tuple[float, float, float, float],
) -> None:
    """Quadrature over the density; the limit is outside the out-of-pocket maximum."""
    plan, law = AnnualPlan(*terms), stats.gamma(2.0, scale=700)
    found = plan.expected(Gamma(alpha=2.0, theta=700))

    def fund(cost: float) -> float:
        return min(cost - member_part(cost, *terms[:3]), terms[3])

    kinks = sorted({x for layer in plan.fund_layers for x in layer[:2] if 0 < x < 1e4})

    def moment(order: int) -> float:
        pieces = itertools.pairwise([0.0, *kinks, 40_000.0])
        return sum(
            integrate.quad(lambda x: fund(x) ** order * law.pdf(x), *ends, epsrel=1e-11)[0]
            for ends in pieces
        )

    first, second = moment(1), moment(2)
    assert found.expected_plan_pay == pytest.approx(first, rel=1e-8)
    assert found.sd_plan_pay == pytest.approx(math.sqrt(second - first**2), rel=1e-7)
    assert found.expected_member_pay == pytest.approx(1400 - first, rel=1e-8)
    costs = [0.0, 60.0, 151.0, 600.0, 1_950.0, 1e6]
    np.testing.assert_allclose(plan.fund_pays(costs), [fund(x) for x in costs])


def test_a_plan_that_pays_nothing_expects_to_pay_nothing() -> None:
    plan = AnnualPlan(annual_limit=0.0)
    found = plan.expected(Exponential(mean=1000))
    assert (found.expected_plan_pay, found.prob_plan_pays, found.sd_plan_pay) == (0.0, 0.0, 0.0)
    with pytest.raises(InputError, match="expected to pay"):
        plan.under_trend(Exponential(mean=1000), 0.05)


def test_loss_elimination_is_one_minus_the_stop_loss_ratio() -> None:
    """Klugman, Panjer and Willmot, section 8.3: of an exponential, 1 - exp(-d / mean)."""
    plan = AnnualPlan(deductible=250)
    found = plan.loss_elimination(Exponential(mean=1000))
    assert found == pytest.approx(-math.expm1(-0.25), rel=1e-12)
    lomax = Lomax(alpha=3, theta=2000)
    stopped = float(lomax.stop_loss(250)) / lomax.mean
    assert plan.loss_elimination(lomax) == pytest.approx(1.0 - stopped, rel=1e-12)


def test_trend_leverage_of_the_textbook_s_health_policy() -> None:
    """Loss Data Analytics, example 3.4.5: 356.026 a loss before, 361.659 after 5 % trend (printed)."""
    grown = AnnualPlan(deductible=100, annual_limit=500).under_trend(Exponential(mean=1000), 0.05)
    assert grown.fund_before == pytest.approx(356.025782, abs=1e-6)
    assert grown.fund_after == pytest.approx(361.660237, abs=1e-6)
    # the upper limit holds the fund's growth below the trend, and the member bears the rest
    assert grown.leverage == pytest.approx((361.660237 / 356.025782 - 1) / 0.05, rel=1e-4)
    assert grown.leverage < 1.0
    assert grown.member_after + grown.fund_after == pytest.approx(1.05 * 1000)


@pytest.mark.parametrize("terms", PLANS, ids=str)
@pytest.mark.parametrize("severity", [Lognormal(mean=900, cv=2), Empirical(values=[5, 150, 4e3])])
def test_trend_is_what_a_trended_severity_gives(
    terms: tuple[float, float, float], severity: Any
) -> None:
    plan = AnnualPlan(*terms)
    after = plan.expected(severity.trended(0.12)).expected_plan_pay
    if after == pytest.approx(0.0, abs=1e-12):
        return
    assert plan.under_trend(severity, 0.12).fund_after == pytest.approx(after, rel=1e-10)


@given(
    share=st.floats(0.0, 1.0),
    change=st.sampled_from(["deductible", "coinsurance", "out_of_pocket_maximum"]),
    plan=st.sampled_from([AnnualPlan(*terms) for terms in PLANS]),
    severity=st.sampled_from(
        [
            Lognormal(mean=900, cv=2),
            Empirical(values=[0, 5, 150, 900, 4e3]),
            Lomax(alpha=1.5, theta=90),
        ]
    ),
)
@settings(deadline=None, max_examples=60)
def test_the_plan_found_has_the_value_wanted(
    share: float, change: Any, plan: AnnualPlan, severity: Any
) -> None:
    """Round trip anywhere in what the term can reach, and one step outside it a refusal."""
    least, most = reach(plan, change, severity)
    wanted = least + share * (most - least)
    if change == "deductible" and plan.out_of_pocket_maximum == math.inf and wanted < 1e-6:
        return  # a deductible beyond every cost is no number
    found = plan_with_actuarial_value(wanted, severity, change=change, plan=plan)
    assert found.expected(severity).actuarial_value == pytest.approx(wanted, abs=1e-9)
    assert dataclasses.replace(found, **{change: getattr(plan, change)}) == plan
    for outside in (least - 1e-6, most + 1e-6):
        if 0.0 <= outside <= 1.0:
            with pytest.raises(InputError, match="can reach here"):
                plan_with_actuarial_value(outside, severity, change=change, plan=plan)


def reach(plan: AnnualPlan, change: str, severity: Any) -> tuple[float, float]:
    """The actuarial values at both ends of a term's range."""
    ends = {
        "deductible": (0.0, min(plan.out_of_pocket_maximum, 1e140)),
        "coinsurance": (0.0, 1.0),
        "out_of_pocket_maximum": (plan.deductible, math.inf),
    }[change]
    most, least = (
        dataclasses.replace(plan, **{change: end}).expected(severity).actuarial_value
        for end in ends
    )
    return least, most


def test_an_actuarial_value_needs_a_cost_and_a_known_term() -> None:
    with pytest.raises(InputError, match="a mean above 0"):
        plan_with_actuarial_value(0.5, Empirical(values=[0.0]))
    with pytest.raises(InputError, match="out_of_pocket_maximum"):
        plan_with_actuarial_value(0.5, Exponential(mean=1), change=cast("Any", "copay"))
    with pytest.raises(InputError, match="0 to 1"):
        plan_with_actuarial_value(60, Exponential(mean=1))
    with pytest.raises(InputError, match="a growth or a decline"):
        AnnualPlan().under_trend(Exponential(mean=1), 0.0)


def test_a_cost_that_may_be_below_zero_is_refused() -> None:
    signed = Normal(mean=100, sd=500)
    for question in (
        lambda: AnnualPlan(deductible=50).expected(signed),
        lambda: AnnualPlan(deductible=50).loss_elimination(signed),
        lambda: LossCover(deductible=50).mean_per_loss(signed),
        lambda: plan_with_actuarial_value(0.6, signed),
    ):
        with pytest.raises(InputError) as refused:
            question()
        assert refused.value.faults[0].code == "signed"


def test_what_is_no_law_is_refused_with_the_way_out() -> None:
    fit = fit_severity("exponential", [10.0, 20.0, 40.0, 90.0])
    with pytest.raises(InputError, match=r"pass fit\.distribution"):
        AnnualPlan(deductible=50).expected(cast("Any", fit))


def test_an_actuarial_value_of_nothing_is_refused_where_the_cost_has_no_end() -> None:
    with pytest.raises(InputError) as refused:
        plan_with_actuarial_value(0.0, Lomax(alpha=1.1, theta=1000.0))
    assert refused.value.faults[0].code == "unreachable"

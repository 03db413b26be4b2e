"""A year's cost sharing in closed form.

Sources of truth: definition 15 written out claim by claim over every outcome of small lattice laws, textbook
figures, re-computation with grown claims, and the simulation.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

import numpy as np
import pytest

from mutualfund import simulate
from mutualfund.claims import (
    AnnualPlan,
    Binomial,
    Collective,
    Empirical,
    Exponential,
    Gamma,
    Grid,
    Lognormal,
    Poisson,
    plan_with_actuarial_value,
    total,
)
from mutualfund.errors import InputError
from mutualfund.rules import (
    Benefits,
    LineYear,
    benefits_under_trend,
    benefits_with_actuarial_value,
    expected_sharing,
)
from mutualfund.rules.expected_sharing import CoveredClaims
from mutualfund.scenario import Scenario

HOSPITAL = LineYear(Binomial(mean=1.2, trials=2), Empirical(values=[100, 400, 900]))
DRUGS = LineYear(Binomial(mean=0.9, trials=3), Empirical(values=[20, 50]))
COSTS = {"hospital": HOSPITAL, "drugs": DRUGS}


def years_of(line: LineYear, growth: float = 1.0) -> list[tuple[float, list[float]]]:
    """Every year that a lattice line can bring: its chance, and its claims in their order."""
    law = line.severity.law
    count: Any = line.frequency
    found = []
    for n in range(count.trials + 1):
        for claims in itertools.product(range(law.values.size), repeat=n):
            chance = float(count.pmf(n)) * math.prod(law.share[k] for k in claims)
            found.append((chance, [growth * float(law.values[k]) for k in claims]))
    return found


def brute_force(
    benefits: Benefits,
    costs: Mapping[str, LineYear],
    *,
    growth: float = 1.0,
    provider: Mapping[str, float] | None = None,
) -> dict[str, float]:
    """Definition 15, claim by claim, over every outcome; lines in the order given, last claims first."""
    sums = dict.fromkeys(("total", "external", "member", "provider", "fund"), 0.0)
    for outcome in itertools.product(*(years_of(line, growth) for line in costs.values())):
        chance = math.prod(each[0] for each in outcome)
        claims = [
            (name, amount)
            for name, (_, amounts) in zip(costs, outcome, strict=True)
            for amount in reversed(amounts)
        ]
        for part, value in one_year(benefits, claims, provider or {}).items():
            sums[part] += chance * value
    return sums


def one_year(
    benefits: Benefits, claims: Sequence[tuple[str, float]], provider: Mapping[str, float]
) -> dict[str, float]:
    most = math.inf if benefits.out_of_pocket_maximum is None else benefits.out_of_pocket_maximum
    whole = math.inf if benefits.annual_limit is None else benefits.annual_limit
    used = out_of_pocket = covered_all = 0.0
    on_line: dict[str, float] = {}
    sums = dict.fromkeys(("total", "external", "member", "provider", "fund"), 0.0)
    for name, billed in claims:
        line = benefits.line(name)
        sums["total"] += billed
        if not line.covered:
            sums["member"] += billed
            continue
        external = line.external_share * billed
        own = billed - external
        copay = min(own, line.copay)
        deductible = 0.0
        if line.deductible_applies:
            deductible = min(own - copay, max(benefits.deductible - used, 0.0))
        member = copay + deductible + line.coinsurance * (own - copay - deductible)
        member = min(member, most - out_of_pocket)
        limit = math.inf if line.annual_limit is None else line.annual_limit
        room = min(limit - on_line.get(name, 0.0), whole - covered_all)
        covered = min(own - member, room)
        used += deductible
        out_of_pocket += member
        on_line[name] = on_line.get(name, 0.0) + covered
        covered_all += covered
        share = provider.get(name, 0.0) * covered
        sums["external"] += external
        sums["member"] += own - covered
        sums["provider"] += share
        sums["fund"] += covered - share
    return sums


DESIGNS: list[dict[str, Any]] = [
    {},
    {"deductible": 150},
    {"deductible": 150, "hospital": {"coinsurance": 0.2}, "drugs": {"coinsurance": 0.2}},
    {"hospital": {"coinsurance": 0.2, "annual_limit": 700}, "drugs": {"copay": 15}},
    {"deductible": 150, "drugs": {"deductible_applies": False, "copay": 30, "coinsurance": 0.5}},
    {"deductible": 60, "hospital": {"copay": 80}, "drugs": {"copay": 10}},
    {
        "deductible": 150,
        "out_of_pocket_maximum": 260,
        "hospital": {"coinsurance": 0.3},
        "drugs": {"coinsurance": 0.3, "external_share": 0.4},
    },
    {"deductible": 300, "out_of_pocket_maximum": 200, "annual_limit": 1100},
    {
        "annual_limit": 500,
        "hospital": {"copay": 120},
        "drugs": {"external_share": 0.5, "copay": 12},
    },
    {"out_of_pocket_maximum": 100, "drugs": {"covered": False}, "hospital": {"coinsurance": 0.6}},
    {
        "deductible": 90,
        "drugs": {"deductible_applies": False},
        "hospital": {"coinsurance": 0.1, "annual_limit": 400, "copay": 25},
    },
    {"hospital": {"external_share": 1.0}},
]


@pytest.mark.parametrize("terms", DESIGNS, ids=str)
def test_each_part_is_its_mean_over_every_outcome(terms: dict[str, Any]) -> None:
    benefits = Benefits(**terms)
    found = expected_sharing(benefits, COSTS).whole
    for part, value in brute_force(benefits, COSTS).items():
        assert getattr(found, part) == pytest.approx(value, rel=1e-10, abs=1e-10), part
    assert found.member + found.external + found.provider + found.fund == pytest.approx(found.total)


@pytest.mark.parametrize("terms", DESIGNS, ids=str)
def test_so_it_is_when_every_claim_has_grown(terms: dict[str, Any]) -> None:
    benefits = Benefits(**terms)
    found = expected_sharing(benefits, COSTS, trend=0.35).whole
    for part, value in brute_force(benefits, COSTS, growth=1.35).items():
        assert getattr(found, part) == pytest.approx(value, rel=1e-10, abs=1e-10), part


def test_a_provider_bears_its_share_of_the_fund_s_part() -> None:
    benefits = Benefits(deductible=150, drugs={"deductible_applies": False, "coinsurance": 0.25})
    provider = {"drugs": 0.3}
    found = expected_sharing(benefits, COSTS, provider_shares=provider).whole
    for part, value in brute_force(benefits, COSTS, provider=provider).items():
        assert getattr(found, part) == pytest.approx(value, rel=1e-10), part


def test_lines_that_share_an_amount_are_known_together_and_the_others_alone() -> None:
    benefits = Benefits(deductible=150, drugs={"deductible_applies": False})
    split = expected_sharing(benefits, COSTS)
    assert [group.lines for group in split.groups] == [("hospital",), ("drugs",)]
    both = expected_sharing(Benefits(deductible=150), COSTS)
    assert [group.lines for group in both.groups] == [("hospital", "drugs")]


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"out_of_pocket_maximum": 300, "drugs": {"copay": 5}}, "benefits.drugs.copay"),
        ({"deductible": 90, "drugs": {"coinsurance": 0.1}}, "benefits.hospital+drugs"),
        ({"annual_limit": 900, "drugs": {"annual_limit": 40}}, "benefits.drugs.annual_limit"),
        (
            {"deductible": 9, "annual_limit": 900, "drugs": {"deductible_applies": False}},
            "benefits.hospital+drugs",
        ),
    ],
    ids=str,
)
def test_what_does_not_act_on_one_total_is_refused_by_its_name(
    terms: dict[str, Any], field: str
) -> None:
    with pytest.raises(InputError) as refused:
        expected_sharing(Benefits(**terms), COSTS)
    assert {(fault.field, fault.code) for fault in refused.value.faults} == {
        (field, "no_closed_form")
    }


def test_what_a_cost_cannot_answer_is_refused() -> None:
    with pytest.raises(InputError, match="not given by claims"):
        expected_sharing(Benefits(care={"copay": 5}), {"care": Exponential(mean=100)})
    with pytest.raises(InputError, match="without variance, isf"):
        expected_sharing(Benefits(deductible=5), COSTS | {"care": OnlyLimitedMean()})
    with pytest.raises(InputError, match="provider_shares"):
        expected_sharing(Benefits(), COSTS, provider_shares={"drugs": 1.2})


def by_listing(parts: Sequence[CoveredClaims]) -> Empirical:
    """The law of the sum of independent lattice parts, by listing every outcome."""
    values, weights = np.zeros(1), np.ones(1)
    for part in parts:
        years = years_of(LineYear(part.frequency, part.severity))
        sums = [
            part.share * sum(max(x - part.deductible, 0.0) for x in claims) for _, claims in years
        ]
        chances = [chance for chance, _ in years]
        values = np.add.outer(values, sums).ravel()
        weights = np.multiply.outer(weights, chances).ravel()
    return Empirical(values=values.tolist(), weights=weights.tolist())


def test_a_law_of_one_s_own_takes_the_place_of_the_library_s() -> None:
    """By listing every outcome it is the same to the last digits; one without the second part is not."""
    benefits = Benefits(deductible=60, hospital={"copay": 80}, drugs={"copay": 10})
    usual = expected_sharing(benefits, COSTS).whole
    listed = expected_sharing(benefits, COSTS, total=by_listing).whole
    assert listed.fund == pytest.approx(usual.fund, rel=1e-12)
    less = expected_sharing(benefits, COSTS, total=lambda parts: by_listing(parts[:1])).whole
    assert less.fund < 0.99 * usual.fund


def test_a_limit_beyond_the_finest_grid_is_priced_as_by_one_that_reaches_it() -> None:
    """A tail without third moment; the truth lies between no limit and one of half a million."""
    tail = {"kind": "pareto", "above": 29_000, "alpha": 2.2}
    costs = {"care": LineYear(Poisson(mean=0.1), Lognormal(mean=2900, cv=1.8, tail=tail))}
    limited = [Benefits(deductible=500, annual_limit=limit) for limit in (5e5, 1e6, None)]

    def deeper(parts: Sequence[CoveredClaims]) -> Any:
        return total([Collective(*part) for part in parts], Grid(reach=1e-9))

    least, found, most = (
        expected_sharing(benefits, costs, total=deeper).whole.fund for benefits in limited
    )
    assert least < found < most < 1.002 * least
    for benefits, fund in zip(limited, (least, found, most), strict=True):
        assert expected_sharing(benefits, costs).whole.fund == pytest.approx(fund, rel=1e-5)


class OnlyLimitedMean:
    """A yearly cost that can answer no more than the closed form may ask."""

    mean = 1000.0

    def sf(self, x: Any) -> Any:
        return np.exp(-np.asarray(x) / self.mean)

    def limited_mean(self, d: Any) -> Any:
        return self.mean * -np.expm1(-np.asarray(d) / self.mean)


def test_a_yearly_law_needs_a_mean_a_survival_function_and_a_limited_mean_only() -> None:
    terms = {"deductible": 300, "out_of_pocket_maximum": 900, "annual_limit": 4000}
    care = {"care": {"coinsurance": 0.25, "external_share": 0.2}}
    costs = [expected_sharing(Benefits(**terms, **care), {"care": x}).whole.fund
             for x in (OnlyLimitedMean(), Exponential(mean=1000))]  # fmt: skip
    assert costs[0] == pytest.approx(costs[1], rel=1e-12)
    plan = AnnualPlan(300, 0.25, 900, 4000)
    assert plan.expected(Exponential(mean=800)).expected_plan_pay == pytest.approx(
        costs[1], rel=1e-12
    )


@pytest.mark.parametrize("change", ["deductible", "coinsurance", "out_of_pocket_maximum"])
@pytest.mark.parametrize("value", [0.75, 0.9])
def test_the_term_found_gives_the_value_wanted(change: Any, value: float) -> None:
    """Round trip, on lines that share a deductible, coinsurance and maximum."""
    terms = {"coinsurance": 0.3}
    benefits = Benefits(deductible=40, out_of_pocket_maximum=500, hospital=terms, drugs=terms)
    if change == "deductible":
        benefits = Benefits(out_of_pocket_maximum=500)
    found = benefits_with_actuarial_value(value, benefits, COSTS, change=change)
    whole = expected_sharing(found, COSTS).whole
    assert whole.actuarial_value == pytest.approx(value, abs=1e-10)
    brute = brute_force(found, COSTS)
    assert brute["fund"] / brute["total"] == pytest.approx(value, abs=1e-10)
    assert found != benefits


def test_what_no_term_can_give_is_refused_with_what_it_can() -> None:
    benefits, copay = Benefits(out_of_pocket_maximum=200), cast("Any", "copay")
    least = benefits_and_value(Benefits(deductible=200, out_of_pocket_maximum=200))
    with pytest.raises(InputError) as refused:
        benefits_with_actuarial_value(0.5, benefits, COSTS)
    fault = refused.value.faults[0]
    assert (fault.code, fault.field) == ("unreachable", "actuarial_value")
    assert fault.allowed.startswith(f"{least:.6g} to 1,")
    with pytest.raises(InputError, match="allowed: deductible, coinsurance"):
        benefits_with_actuarial_value(0.5, benefits, COSTS, change=copay)


@pytest.mark.parametrize("beside", [0.0, 1e-13, -1e-13])
def test_the_least_value_comes_from_the_least_deductible_that_gives_it(beside: float) -> None:
    """Beyond the out-of-pocket maximum a deductible changes nothing: the answer is the maximum itself."""
    costs = {"care": Exponential(mean=1000)}
    least = math.exp(-0.8)
    found = benefits_with_actuarial_value(
        least + beside, Benefits(out_of_pocket_maximum=800), costs
    )
    assert found.deductible == pytest.approx(800.0, rel=1e-9)


def test_the_value_without_a_maximum_asks_for_none() -> None:
    """A quarter of a cost without an end is never at a maximum; so it is for a plan."""
    cost = Exponential(mean=1000)
    benefits = Benefits(deductible=500, care={"coinsurance": 0.25})
    least = 0.75 * math.exp(-0.5)
    found = benefits_with_actuarial_value(
        least, benefits, {"care": cost}, change="out_of_pocket_maximum"
    )
    assert found == benefits
    plan = AnnualPlan(deductible=500, coinsurance=0.25)
    assert plan == plan_with_actuarial_value(least, cost, change="out_of_pocket_maximum", plan=plan)
    with pytest.raises(InputError, match="what an out-of-pocket maximum can reach here"):
        benefits_with_actuarial_value(0.1, benefits, {"care": cost}, change="out_of_pocket_maximum")


def benefits_and_value(benefits: Benefits) -> float:
    return expected_sharing(benefits, COSTS).whole.actuarial_value


def test_trend_leverage_is_growth_over_growth() -> None:
    benefits = Benefits(deductible=150, hospital={"copay": 60})
    before, after = (brute_force(benefits, COSTS, growth=x) for x in (1.0, 1.06))
    grown = benefits_under_trend(benefits, COSTS, 0.06)
    assert grown.fund_growth == pytest.approx(after["fund"] / before["fund"] - 1, rel=1e-9)
    assert grown.leverage == pytest.approx((after["fund"] / before["fund"] - 1) / 0.06, rel=1e-9)
    assert grown.member_after == pytest.approx(after["member"], rel=1e-10)
    assert grown.leverage > 1.2


def fund_of(terms: dict[str, Any], severity: dict[str, Any]) -> Scenario:
    line = {"name": "care", "frequency": {"kind": "poisson", "mean": 1.5}, "severity": severity}
    return Scenario.from_dict(
        {
            "fund": {
                "name": "One line",
                "currency": "EUR",
                "start": date(2027, 1, 1),
                "opening_reserve": 0.0,
            },
            "settings": {"paths": 400, "years": 1, "seed": 11},
            "members": {"synthetic": {"n": 1000}, "mortality": "none"},
            "assumptions": {"lines": [line]},
            "rules": {"contributions": {"kind": "flat", "monthly": 1.0}, "benefits": terms},
        }
    )


@pytest.mark.parametrize(
    "terms",
    [
        {"deductible": 200, "out_of_pocket_maximum": 500, "care": {"coinsurance": 0.2}},
        {"deductible": 100, "care": {"copay": 25, "annual_limit": 2000}},
    ],
    ids=str,
)
def test_the_simulation_splits_the_cost_as_the_closed_form_says(terms: dict[str, Any]) -> None:
    """At 400,000 member-years five standard errors are under 2 % of either part."""
    severity = {"kind": "gamma", "mean": 300.0, "cv": 1.5}
    run = simulate(fund_of(terms, severity))
    care = LineYear(Poisson(mean=1.5), Gamma(mean=300, cv=1.5))
    split = expected_sharing(Benefits(**terms), {"care": care}).whole
    for measure, expected in (("claims_incurred", split.fund), ("member_paid", split.member)):
        found = run.measure(measure)[:, 0] / 1000
        error = found.std(ddof=1) / math.sqrt(found.size)
        assert error < 0.004 * expected
        assert abs(found.mean() - expected) < 5 * error


def test_the_deductible_found_for_a_lognormal_year_is_read_off_its_limited_mean() -> None:
    cost = Lognormal(mean=2000, cv=2.5)
    found = benefits_with_actuarial_value(0.8, Benefits(), {"care": cost})
    assert float(cost.limited_mean(found.deductible)) == pytest.approx(0.2 * 2000, rel=1e-10)


@pytest.mark.parametrize(
    ("costs", "shares", "field", "code"),
    [
        (COSTS, {"drgus": 0.5}, "provider_shares.drgus", "unknown_line"),
        ({"hospital": HOSPITAL, "drgus": DRUGS}, {}, "costs.drugs", "missing_cost"),
    ],
)
def test_misspelt_lines_are_refused(
    costs: dict[str, LineYear], shares: dict[str, float], field: str, code: str
) -> None:
    benefits = Benefits(deductible=50, drugs={"coinsurance": 0.0}, hospital={"coinsurance": 0.0})
    with pytest.raises(InputError) as refused:
        expected_sharing(benefits, costs, provider_shares=shares)
    assert (refused.value.faults[0].field, refused.value.faults[0].code) == (field, code)


def test_a_line_year_of_what_is_no_law_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        LineYear(cast("Any", 3), Exponential(mean=50))
    assert refused.value.faults[0].field == "line_year.frequency"

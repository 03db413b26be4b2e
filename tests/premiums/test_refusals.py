"""What cannot be used is refused in the house's words, with the field and the way out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mutualfund.assumptions import Assumptions
from mutualfund.claims import AnnualPlan, Exponential, Poisson
from mutualfund.errors import InputError
from mutualfund.portfolio import Portfolio
from mutualfund.premiums import (
    AgeBandContribution,
    AgeDiscount,
    AgePoolTable,
    Arrears,
    FamilyAdjustment,
    FlatContribution,
    HighCostPool,
    IncomeContribution,
    Joining,
    LineCover,
    Loading,
    RatingFactor,
    RatingPeriod,
    RiskCorridor,
    RiskScores,
    Subsidy,
    TailPrinciple,
    TierContribution,
    Transfers,
    balance,
    cross_subsidies,
    gamma_poisson,
    gini,
    hachemeister,
    hierarchical,
    lift,
    limited_fluctuation,
    members_part,
    one_way,
    premium_build_up,
    risk_premiums,
    settled_late,
    who_pays,
)
from mutualfund.premiums.tariff import (
    GLM,
    Formula,
    FrequencySeverity,
    RateTable,
    expected_over_observed,
    fit_glm,
)
from mutualfund.rules import (
    Benefits,
    Calls,
    Equalisation,
    ExcessOfLoss,
    LineYear,
    Provider,
    Rulebook,
    StopLoss,
    benefits_with_actuarial_value,
    capital,
    expected_sharing,
    rated_benefits,
    sampled_sharing,
)
from premiums.people import people

NAN = float("nan")
MEMBERS = people(age=[20, 40, 70])
FLAT = FlatContribution(monthly=5.0)
CORRIDOR = RiskCorridor(bands=[{"above": 0.03, "share": 0.5}])
POOL = HighCostPool(threshold=10.0, share=0.5)
TAIL = TailPrinciple(probability=0.9)
MOVED = Transfers.between("pool", ["A", "B"], {"net": [10.0, -10.0]})
AGE_POOL = AgePoolTable(
    valid_from=date(2025, 4, 1),
    source="made up",
    pooled_share={"0-64": 0.0, "65+": 0.5},
    high_cost_threshold=50_000,
    high_cost_share=0.8,
)
INCOME = IncomeContribution(rate=0.1)
VISITS = Assumptions(
    lines=[
        {
            "name": "gp",
            "frequency": {"kind": "poisson", "mean": 2.0},
            "severity": {"kind": "fixed", "amount": 30.0},
        }
    ]
)
COSTS = {"gp": LineYear(Poisson(mean=2.0), Exponential(mean=50.0))}
LAYER = ExcessOfLoss(retention=10.0, limit=5.0, premium_loading=0.1)
BAND = StopLoss(attachment=1.1, limit=0.2, premium_loading=0.1)
FRAME = pd.DataFrame({"n": [1, 0, 2], "age": [20, 30, 40]})
LINES = [[1.0, 2.0, 3.0, 4.5], [2.0, 3.0, 4.0, 5.0], [5.0, 6.0, 7.0, 8.0]]
EVEN = np.ones((3, 4))


def books(**amounts: Any) -> capital.Books:
    return capital.Books(**({"contributions": [1.0], "claims": [1.0]} | amounts))


def pair(share: float, payers: str = "ab") -> list[Subsidy]:
    return [Subsidy(payer=payer, share=share) for payer in payers]


def volumes(**other: Any) -> Any:
    given = {"premium_volume": [1.0], "reserve_volume": [1.0], "premium_sd": [0.1]} | other
    return capital.premium_and_reserve_risk(**given, reserve_sd=[0.1])


REFUSED: Mapping[str, tuple[str, Callable[[], Any]]] = {
    # numbers that are none, below zero, or zero where something is divided by them
    "books, NaN": (r"contributions\[0\]", lambda: books(contributions=[NAN])),
    "books, NaN claims": (r"claims\[1\]", lambda: books(claims=[1.0, NAN])),
    "books, negative": (r"contributions\[0\]: got -5", lambda: books(contributions=[-5.0])),
    "corridor, NaN": (r"costs\[1\]", lambda: CORRIDOR.payment([1.0, NAN], 1.0)),
    "corridor, zero": (r"target\[1\]: got 0", lambda: CORRIDOR.payment([1.0, 5.0], [2.0, 0.0])),
    "corridor, negative": (r"target\[1\]", lambda: CORRIDOR.payment([1.0, 5.0], [2.0, -3.0])),
    "corridor, lengths": ("costs: got an array", lambda: CORRIDOR.payment([1.0, 5.0], [1, 2.0, 3])),
    "pool, negative": (r"costs\[1\]: got \(value not", lambda: POOL.pooled([5.0, -5.0])),
    "pool, NaN": (r"costs\[0\]", lambda: POOL.pooled([NAN])),
    "pool, text": ("costs: got", lambda: POOL.pooled([-5, "a"])),
    "income, NaN": (r"income\[1\]: got \(value not", lambda: INCOME.dues([5.0, NAN])),
    "income, negative": (r"income\[0\]", lambda: INCOME.dues([-5.0])),
    "income, text": ("income: got", lambda: INCOME.dues(["x"])),  # type: ignore[list-item]
    "groups, NaN ages": (r"by\[1\]", lambda: cross_subsidies([1, 2], [1, 2], [3, NAN], [5])),
    "groups, NaN cost": (r"cost\[0\]", lambda: cross_subsidies([NAN, 2], [1, 2], [3, 4], [5])),
    "groups, text": ("dues: got", lambda: cross_subsidies([1, 2], ["a", 2], [3, 4], [5])),
    "groups, NaN cuts": ("cuts", lambda: cross_subsidies([1, 2], [1, 2], [3, 4], [NAN])),
    "capital, text": ("cat: got", lambda: capital.health_capital(1, 2, "x")),
    "capital, figures as text": ("nslt: got", lambda: capital.health_capital(1, "2", 3)),
    "volumes, text": ("premium_volume: got", lambda: volumes(premium_volume=["a"])),
    "arrears, text": ("paid: got", lambda: Arrears(late=0.1).account(np.ones((1, 1)), [["x"]])),  # type: ignore[arg-type]
    "page, text": ("pure_premium: got", lambda: premium_build_up("12", currency="EUR")),  # type: ignore[arg-type]
    # shares that do not add up
    "subsidies": ("subsidies: got shares of 1.4", lambda: members_part(np.ones(1), pair(0.7))),
    "one payer": ("subsidies: got a, a", lambda: members_part(np.ones(1), pair(0.2, "aa"))),
    # the wrong kind of thing
    "cover": ("covers.gp: got a AnnualPlan.* Write LineCover", lambda: risk_premiums(
        VISITS, MEMBERS, {"gp": AnnualPlan(deductible=10.0)})),  # type: ignore[dict-item]
    "day": ("period.start: got '2028'", lambda: RatingPeriod("2028", date(2027, 1, 1))),  # type: ignore[arg-type]
    "months": ("months_since_joining: got a str", lambda: risk_premiums(
        VISITS, MEMBERS, months_since_joining="x")),  # type: ignore[arg-type]
    "formula": ("formula: got a list", lambda: fit_glm(FRAME, ["n", "age"], "poisson")),  # type: ignore[arg-type]
    "formulas": ("formula: got a NoneType", lambda: FrequencySeverity.fit(FRAME, "n ~ 1", None)),  # type: ignore[arg-type]
    "standard": ("standard: got a int", lambda: limited_fluctuation([1], [1], 1, standard=1082)),  # type: ignore[arg-type]
    "prior": ("prior: got a str", lambda: gamma_poisson([1], [1], prior="x")),  # type: ignore[arg-type]
    "no rule": ("after: got a NoneType", lambda: who_pays(FLAT, None, MEMBERS, currency="EUR")),  # type: ignore[arg-type]
    "no rule to balance": ("rule: got a float", lambda: balance(5.0, MEMBERS, 10.0, currency="EUR")),  # type: ignore[type-var]
    "design": ("design: got", lambda: hachemeister(LINES, EVEN, design="x", at=[1])),  # type: ignore[arg-type]
    "at": ("at: got", lambda: hachemeister(LINES, EVEN, at="y")),  # type: ignore[arg-type]
    # a class, a frame or nothing in the place of an object
    "a rule's class": ("after: got the class Flat", lambda: who_pays(
        FLAT, FlatContribution, MEMBERS, currency="EUR")),
    "a class to balance": ("rule: got the class Flat", lambda: balance(
        FlatContribution, MEMBERS, 9.0, currency="EUR")),
    "a frame of members": ("portfolio: got a DataFrame; .*from_frame", lambda: FLAT.monthly_dues(FRAME)),
    "no members": ("portfolio: got a NoneType", lambda: FLAT.units(None)),
    "no members to price": ("portfolio: got a NoneType", lambda: risk_premiums(VISITS, None)),
    "members measured": ("measured_on: got a list", lambda: risk_premiums(
        VISITS, MEMBERS, measured_on=[])),
    "assumptions": ("assumptions: got a dict", lambda: risk_premiums({}, MEMBERS)),
    "year": ("at: got a NoneType", lambda: FLAT.monthly_dues(MEMBERS, None)),
    "not a year": ("at: got nan; allowed: a whole number", lambda: FLAT.monthly_dues(MEMBERS, NAN)),
    "raise": ("factor: got", lambda: FLAT.scaled("1.1")),
    "loadings": (r"loadings\[0\]: got a str", lambda: premium_build_up(75.0, ["10 %"], currency="EUR")),
    "one loading": ("loadings: got a float", lambda: premium_build_up(75.0, 0.1, currency="EUR")),
    "one subsidy": (r"subsidies\[0\]: got a tuple", lambda: members_part(np.ones(1), pair(0.2)[0])),
    "principle": ("principle: got the class Tail", lambda: Loading.from_principle(
        TailPrinciple, [1.0] * 20, 10.0)),
    "provisional": (r"provisional\[0\]: got a float", lambda: settled_late(
        [MOVED], provisional=[0.5], delay=1)),
    "other transfers": ("other: got a float", lambda: MOVED.plus(5.0)),
    "paying funds": ("shares: got a float", lambda: MOVED.when_funds_pay(0.5)),
    "pool's parts": ("parts: got a list", lambda: Transfers.between("pool", ["A", "B"], [1.0, -1.0])),
    "one fund": ("funds: got a str; allowed: a list", lambda: CORRIDOR.transfers(
        "AB", costs=[1.0, 2.0], target=1.0)),
    "no results": ("results: got a NoneType", lambda: RiskScores.from_results(None)),
    "results in a list": ("results: got a list.*from_columns", lambda: RiskScores.from_results([0.8])),
    "one score": ("risk_score: got a float", lambda: RiskScores.from_columns(["a"], 0.8)),
    "labels": ("labels: got a int", lambda: gamma_poisson([1], [1], labels=5)),
    "sectors": ("sectors: got a NoneType", lambda: hierarchical(LINES, EVEN, None)),
    "levels": ("by: got a NoneType", lambda: one_way(None, actual=[1.0], expected=[1.0])),
    "model": ("model: got the class GLM", lambda: RateTable.by_age(GLM, FRAME, ["0+"], currency="EUR")),
    "exposure": ("formula: got a int", lambda: expected_over_observed(
        fit_glm(FRAME, "n ~ 1", "poisson"), FRAME, "n", weights=5)),
    "a frame of levels": ("by: got a DataFrame", lambda: one_way(FRAME, actual=[1], expected=[1])),
    "base": ("base: got a NoneType.*Leave it out", lambda: fit_glm(
        FRAME, "n ~ age", "poisson", base=None)),
    "no members to compress for": ("portfolio: got a NoneType", lambda: AgeBandContribution(
        monthly={"0+": 5.0}).compressed(3.0, None)),
    # the wrong kind of thing where the library itself would hand over the right one
    "plans' names": (r"plan_names: got a int; allowed: a list of names", lambda: FLAT.cell_table(3)),
    "a plan's name": (r"plan_names\[0\]: got a float", lambda: AgeBandContribution(
        monthly={"0+": 5.0}).cell_table([NAN])),
    "one plan's name": (r"plan_names: got a str", lambda: TierContribution(
        monthly={"basic": 5.0}).cell_table("basic")),
    "paths": (r"n_paths: got a str; allowed: a whole number", lambda: FLAT.increase(None, 2, "x", 0.0)),
    "no paths": (r"n_paths: got 0; ", lambda: FLAT.increase(None, 2, 0, 0.0)),
    "accounts": ("seen: got a dict; allowed: Accounts", lambda: FLAT.increase({}, 2, 1, 0.0)),
    "a year decided for": ("year: got a NoneType", lambda: FLAT.increase(None, None, 1, 0.0)),
    "claim trend": ("trend: got", lambda: FLAT.increase(None, 2, 1, "x")),
    "members at fault": ("portfolio: got a str", lambda: FLAT.faults("x")),
    "members' units": ("portfolio: got a NoneType", lambda: INCOME.counted(None)),
    "a total as text": ("required: got", lambda: FLAT.reaching("x", np.ones(3), MEMBERS, 1)),
    "a total of incomes": ("required: got", lambda: INCOME.reaching(
        None, np.ones(2), people(age=[20, 40], income=[10.0, 20.0]), 1)),
    "dues as text": ("owed: got", lambda: FLAT.reaching(9.0, ["x"], MEMBERS, 1)),
    "months covered": (r"months: got an array of shape \(2,\)", lambda: LineCover().covered_shares(
        [0.5, 0.5], [0])),
    "no months covered": ("months: got", lambda: LineCover().covered_shares(None, [0])),
    "months of membership": (r"since\[1\]: got", lambda: LineCover().covered_shares(
        np.full(12, 1 / 12), [3, NAN])),
    "shares held": ("members: got", lambda: Joining(share=9.0).held("x")),
    "nobody's shares": ("members: got nan", lambda: Joining(share=9.0).held(NAN)),
    "rates of a pool": ("rates: got a int; allowed: a mapping", lambda: Transfers.between(
        "pool", ["A"], {"net": [0.0]}, rates=3)),
    "rates of a sponsor": ("rates: got a str", lambda: Transfers.with_outside(
        "corridor", ["A"], {"net": [0.0]}, rates="x")),
    "a file of scores": ("path: got a NoneType", lambda: RiskScores.read(None)),
    "a column of scores": ("score: got a int", lambda: RiskScores.read("scores.csv", score=3)),
    "sectors, ragged": ("sectors", lambda: hierarchical(LINES, EVEN, [[1.0, [2.0]], 3])),
    "a formula's text": ("formula: got a NoneType", lambda: Formula.parse(None)),
    "books": ("books: got a float; allowed: Books", lambda: capital.MonthsOfClaims(months=3).required(5.0)),
    "books by share": ("books: got a dict", lambda: capital.ContributionShareCapital(share=1.0).required({})),
    "books of charges": ("books: got a NoneType", lambda: capital.PrescribedAmount(
        claims_charge=0.1).required(None)),
    "books under Solvency II": ("books: got a str", lambda: capital.SolvencyNslt(
        segment="medical_expense").required("x")),
    "books underwritten": ("books: got a list", lambda: capital.HealthRbc(
        tiers=[{"factor": 0.1}]).underwriting([])),
    "books at risk": ("books: got a list", lambda: capital.HealthRbc(tiers=[{"factor": 0.1}]).required([])),
    "charges": ("assets: got", lambda: capital.risk_based_capital(assets="x")),
    "a level of nothing": ("rbc: got", lambda: capital.action_level(1.0, None)),
    "a level without capital": ("capital: got", lambda: capital.action_level("x", 1.0)),
    "persons, ragged": ("affected: got", lambda: capital.accident_risk([1, [2]], [0.1], [[1.0]])),
    "events, ragged": ("event_ratio: got", lambda: capital.accident_risk([1], [0.1, [2]], [[1.0]])),
    "insured, ragged": ("insured: got", lambda: capital.pandemic_risk([1, [2]], 1.0)),
    "illness, ragged": ("cost: got", lambda: capital.pandemic_risk(1, [1, [2]])),
    "no line": ("line: got a list", lambda: Benefits().line(["gp"])),
    "no plan": ("plan: got a list", lambda: Rulebook().benefits_of(["basic"])),
    "reinsured members": ("member_cost: got", lambda: LAYER.recovery("x")),
    "reinsured expectation": ("expected_recovery: got", lambda: LAYER.price(None)),
    "reinsured year": ("net_claims: got", lambda: BAND.recovery("x", [1.0])),
    "reinsured expected year": ("expected: got", lambda: BAND.recovery([1.0], None)),
    "fees": ("member_months: got", lambda: Provider(share=1.0, per_member=9.0).fee("x", 1.0)),
    "inflated fees": ("inflation_factor: got", lambda: Provider(share=1.0, per_member=9.0).fee([12.0], None)),
    "calls": ("levied: got", lambda: Calls(maximum=0.1).collected(None)),
    "a pool's final figure": ("final: got", lambda: Equalisation().provisional("x", 1.0)),
    "a pool's estimate": ("estimate: got", lambda: Equalisation().provisional(1.0, None)),
    "terms of no table": ("benefits: got a dict", lambda: expected_sharing({}, COSTS)),
    "a cost of no line": ("costs: got a LineYear", lambda: expected_sharing(Benefits(), COSTS["gp"])),
    "one provider": ("provider_shares: got a float", lambda: expected_sharing(
        Benefits(), COSTS, provider_shares=0.5)),
    "terms not drawn": ("benefits: got a NoneType", lambda: sampled_sharing(None, COSTS)),
    "costs not drawn": ("costs: got a list", lambda: sampled_sharing(Benefits(), [3.0])),
    "providers not drawn": ("provider_shares: got a str", lambda: sampled_sharing(
        Benefits(), COSTS, provider_shares="x")),
    "terms to change": ("benefits: got a str", lambda: benefits_with_actuarial_value(0.6, "x", COSTS)),
    "costs to share": ("costs: got a int", lambda: benefits_with_actuarial_value(0.6, Benefits(), 3)),
    "a change of two": ("change: got a list", lambda: benefits_with_actuarial_value(
        0.6, Benefits(), COSTS, change=["deductible"])),
    # a wrong shape
    "income, a table": (r"income: got an array of shape \(1, 2\)", lambda: INCOME.dues([[5.0, 6.0]])),
    "groups, a table": (r"cost: got an array", lambda: cross_subsidies([[1]], [[1]], [[3]], [5])),
    "groups, one cut": ("cuts: got 5.0; .*in a list", lambda: cross_subsidies([1], [1], [3], 5)),
    "amounts, a table": ("amounts: got an array", lambda: gini([[1.0, 2.0], [3.0, 4.0]])),
    "amounts, text": ("amounts: got", lambda: gini(["a"])),
    "pooled, lengths": ("benefits: got an array of shape", lambda: AGE_POOL.pooled([40, 70, 8], [1, 2])),
    "by band, a table": ("ages: got an array of shape", lambda: AGE_POOL.by_band([[40]], [[1.0]])),
    "ages on joining": ("entry_age: got", lambda: AgeDiscount.australian().discount(["x"])),
    "lift, a table": ("expected: got an array", lambda: lift(actual=[[1.0]], expected=[[1.0]])),
    "no currency": ("currency: got 'euro'", lambda: balance(FLAT, MEMBERS, 9.0, currency="euro")),
    "nor to compare in": ("currency: got 100", lambda: who_pays(FLAT, FLAT, MEMBERS, currency=100)),
    "no cents": ("minor: got 0; allowed: 1", lambda: CORRIDOR.transfers(
        ["A"], costs=[1.0], target=[1.0], minor=0)),
    # a loss that is not one loss
    "two laws": (r"loss: got medians of shape \(2,\)", lambda: TAIL.premium(stats.norm([1, 2], 1))),
    "two counts": (r"loss: got medians of shape \(2,\)", lambda: TAIL.premium(stats.poisson([1, 2]))),
    "a table of outcomes": (r"loss: got an array of shape \(4, 5\); .*one column, or .*ravel", lambda:
        TAIL.premium(np.ones((4, 5)))),
    "a frame of outcomes": (r"loss: got an array of shape \(3, 2\)", lambda: TAIL.premium(FRAME)),
    "law's class": ("loss: got the class Exp", lambda: TAIL.premium(Exponential)),
    "complex": ("loss: got a ndarray", lambda: TAIL.premium(np.ones(20) * 1j)),
    # names
    "no sex": (r"factors\.W: got an unknown sex", lambda: RatingFactor(by="sex", factors={"W": 1.0})),
    "a number for a label": (r"factors\.1: got a name that is no text", lambda: RatingFactor(
        by="group", factors={1: 1.0})),
    "no day measured": ("measured: got nothing; .*State measured", lambda: RatingPeriod(
        date(2028, 7, 1))),
    # what is stated elsewhere, or in a list
    "a fee among the dues": (r"entry_fee: .*Write entry_fee under \[rules\.joining\]", lambda:
        FlatContribution(monthly=5.0, entry_fee=25.0)),
    "a fee as a kind": (r"^contributions\.kind: .*Write entry_fee under \[rules\.joining\]", lambda:
        Rulebook(contributions={"kind": "entry_fee", "monthly": 25.0})),
    "an adjustment as a kind": (r"^contributions\.kind: .*under \[\[rules\.contributions\.adj", lambda:
        Rulebook(contributions={"kind": "family", "paying_children": 3})),
    "a law's name": (r"kind: .*Write kind = \"entry_age_loading\"", lambda: FlatContribution(
        monthly=5.0, adjustments=[{"kind": "lifetime_health_cover"}])),
    "one adjustment": ("^adjustments: got a FamilyAdjustment; allowed: a list. Put it in", lambda:
        FlatContribution(monthly=5.0, adjustments=FamilyAdjustment(paying_children=3))),
    # what does not fit
    "paid to others": ("paid: got A, C; allowed: A, B", lambda: MOVED.true_up(
        MOVED, Transfers.between("pool", ["A", "C"], {"net": [1.0, -1.0]}))),
    "terms of no rulebook": ("rules: got a str", lambda: rated_benefits("x", VISITS)),
    "terms of no plan": ("plan: got a list", lambda: rated_benefits(Rulebook(), VISITS, plan=["x"])),
    "no month": (r"owed: got \(2, 0\); allowed: .*a month or more", lambda: Arrears(
        late=0.1, collected=0.5, delay_months=2).account(np.zeros((2, 0)), np.zeros((2, 0)))),
    # ranges in words
    "below nought": (r"amounts\[0\]: .*; allowed: a finite number, 0 or more \(", lambda: gini([-1, 2])),
    # bands that leave a gap
    "bands in numbers": ("age_bands: got a int", lambda: who_pays(
        FLAT, FLAT, MEMBERS, age_bands=(17, 99), currency="EUR")),
    "bands of sides": ("age_bands: got no band for age 18", lambda: who_pays(
        FLAT, FLAT, MEMBERS, age_bands=("0-17", "20+"), currency="EUR")),
    "bands of cells": ("age_bands: got no band for age 18", lambda: risk_premiums(
        VISITS, MEMBERS, age_bands=("0-17", "20+"))),
}  # fmt: skip


@pytest.mark.parametrize(("said", "call"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_with_the_field(said: str, call: Callable[[], Any]) -> None:
    with pytest.raises(InputError, match=said):
        call()


def test_a_dated_table_is_not_used_for_members_without_a_first_day() -> None:
    dated, members = (
        FLAT.model_copy(update={"valid_from": date(2099, 1, 1)}),
        Portfolio.synthetic(5),
    )
    with pytest.raises(InputError, match=r"portfolio\.start: got nothing; .*valid_from"):
        dated.monthly_dues(members)
    assert FLAT.monthly_dues(members).tolist() == [5.0] * 5


def test_subsidies_of_the_whole_leave_nothing() -> None:
    tenths = [Subsidy(payer=str(place), share=0.1) for place in range(10)]
    assert members_part(np.array([30.0]), tenths).tolist() == pytest.approx([0.0], abs=1e-12)
    assert (members_part(np.array([30.0]), pair(0.5)) >= 0.0).all()

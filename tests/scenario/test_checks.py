"""What must hold between the parts of a scenario, and between a scenario and its members."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from mutualfund.errors import Fault, InputError
from mutualfund.portfolio import Portfolio
from mutualfund.scenario import Scenario

Tables = dict[str, Any]
PEOPLE = Portfolio.synthetic(60, seed=3)


def faults_of(tables: Tables, portfolio: Portfolio = PEOPLE) -> dict[str, Fault]:
    with pytest.raises(InputError) as refused:
        Scenario.from_dict(tables, portfolio=portfolio)
    return {fault.field: fault for fault in refused.value.faults}


def test_the_example_holds_together(tables: Tables) -> None:
    assert Scenario.from_dict(tables, portfolio=PEOPLE).portfolio is PEOPLE


def test_every_line_named_anywhere_must_exist(tables: Tables) -> None:
    tables["rules"]["benefits"]["dentl"] = {"copay": 1.0}
    tables["rules"]["plans"] = {"basic": {"hospitals": {"copay": 1.0}}}
    tables["rules"]["providers"] = {"denta": {"share": 1.0, "per_member": 9.0}}
    tables["assumptions"]["shocks"][0]["frequency_factor"] = {"hopsital": 1.6}
    tables["assumptions"]["health_states"]["relativity"] = {"hospitl": [1.0, 2.0, 3.0]}
    tables["assumptions"]["frailty"] = {"cv": 0.5, "lines": ["dental", "hospitall"]}
    found = faults_of(tables, PEOPLE.with_plans({"basic": 1.0}, seed=1))
    assert {field: fault.remedy for field, fault in found.items()} == {
        "rules.benefits.dentl": "Did you mean 'dental'?",
        "rules.plans.basic.hospitals": "Did you mean 'hospital'?",
        "rules.providers.denta": "Did you mean 'dental'?",
        "assumptions.shocks.bad winter.frequency_factor.hopsital": "Did you mean 'hospital'?",
        "assumptions.health_states.relativity.hospitl": "Did you mean 'hospital'?",
        "assumptions.frailty.lines[1]": "Did you mean 'hospital'?",
    }


def test_a_fund_level_line_has_no_terms_no_shock_and_no_frailty(tables: Tables) -> None:
    whole = {"name": "all", "level": "fund", "severity": {"kind": "fixed", "amount": 5.0}}
    tables["assumptions"]["lines"].append(whole)
    tables["rules"]["benefits"]["all"] = {"copay": 1.0}
    tables["assumptions"]["shocks"][0]["frequency_factor"]["all"] = 2.0
    tables["assumptions"]["frailty"] = {"cv": 0.5, "lines": ["all"]}
    assert set(faults_of(tables)) == {
        "rules.benefits.all",
        "assumptions.shocks.bad winter.frequency_factor.all",
        "assumptions.frailty.lines[0]",
    }


def test_a_line_may_not_be_called_like_a_key_of_benefits(tables: Tables) -> None:
    tables["assumptions"]["lines"][1]["name"] = "deductible"
    del tables["rules"]["benefits"]["dental"]
    assert set(faults_of(tables)) == {"assumptions.lines.deductible.name"}


def test_the_stated_rise_must_respect_the_maximum(tables: Tables) -> None:
    tables["rules"]["contributions"]["increase_per_year"] = 0.11
    fault = faults_of(tables)["rules.contributions.increase_per_year"]
    assert (fault.got, fault.allowed) == ("0.11", "at most governance.maximum_increase, 0.1")


def test_states_that_nobody_healthy_enough_to_claim_are_refused(tables: Tables) -> None:
    tables["assumptions"]["health_states"]["relativity"] = [0.0, 0.0, 0.0]
    assert "assumptions.health_states.relativity" in faults_of(tables)


@pytest.mark.parametrize(
    ("rule", "value", "day", "at"),
    [
        ("benefits.deductible", 200.0, date(2028, 7, 1), None),
        ("benefits.dental.copay", 30.0, date(2028, 2, 1), None),
        ("contributions.increase_per_year", 0.05, date(2029, 1, 1), None),
        ("contributions.increase_per_year", 0.05, date(2029, 4, 1), "effective"),
        ("contributions.increase_per_year", 0.2, date(2029, 1, 1), "value"),
        ("benefits.deductable", 200.0, date(2028, 7, 1), "rule"),
        ("benefits.deductible", -200.0, date(2028, 7, 1), "value"),
        ("benefits.dentl.copay", 30.0, date(2028, 7, 1), "rule"),
        ("benefits.deductible", 200.0, date(2028, 7, 15), "effective"),
    ],
)
def test_an_amendment_needs_a_rule_an_allowed_value_and_an_allowed_day(
    rule: str, value: float, day: date, at: str | None, tables: Tables
) -> None:
    tables["rules"]["amendments"] = [{"effective": day, "rule": rule, "value": value}]
    if at is None:
        assert Scenario.from_dict(tables, portfolio=PEOPLE).rules.amendments[0].effective == day
    else:
        assert set(faults_of(tables)) == {f"rules.amendments[0].{at}"}


def test_a_tier_tariff_needs_a_plan_and_a_price_for_every_member(tables: Tables) -> None:
    tables["rules"]["contributions"] = {"kind": "tier", "monthly": {"basic": 20.0, "ful": 50.0}}
    people = PEOPLE.with_plans({"basic": 0.5, "full": 0.2}, seed=1)
    with pytest.raises(InputError) as refused:
        Scenario.from_dict(tables, portfolio=people)
    assert [(fault.field, fault.got) for fault in refused.value.faults] == [
        ("rules.contributions.monthly.ful", "'ful'"),
        ("members.plan", "plans without a price: 1 (names not shown)"),
        ("members.plan", f"no plan in {int((people.plan_code < 0).sum())} rows"),
    ]


def test_a_plan_with_rules_but_without_members_is_refused(tables: Tables) -> None:
    tables["rules"]["plans"] = {"basc": {"deductible": 5.0}}
    people = PEOPLE.with_plans({"basic": 1.0}, seed=1)
    assert faults_of(tables, people)["rules.plans.basc"].code == "unknown_plan"


def test_income_dues_need_the_members_income(tables: Tables) -> None:
    tables["rules"]["contributions"] = {"kind": "income", "rate": 0.06}
    assert set(faults_of(tables)) == {"members.income"}
    earning = replace(PEOPLE, income=np.full(len(PEOPLE), 24_000.0))
    assert Scenario.from_dict(tables, portfolio=earning).rules.contributions.rate == 0.06


def test_members_states_must_be_those_of_the_assumptions_and_are_not_shown(tables: Tables) -> None:
    codes = np.zeros(len(PEOPLE), dtype=np.int64)
    odd = replace(PEOPLE, health_state_names=("canary",), health_state_code=codes)
    found = faults_of(tables, odd)
    assert set(found) == {"members.health_state"}
    assert "canary" not in str(found["members.health_state"])
    del tables["assumptions"]["health_states"]
    assert set(faults_of(tables, odd)) == {"assumptions.health_states"}


def test_members_read_for_another_first_day_are_refused(tables: Tables) -> None:
    other = replace(PEOPLE, start=date(2026, 1, 1))
    assert set(faults_of(tables, other)) == {"fund.start"}

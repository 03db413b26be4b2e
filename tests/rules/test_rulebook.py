"""Benefit tables, amendments and rules of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pytest

from mutualfund.errors import InputError
from mutualfund.rules import (
    Amendment,
    Benefits,
    CashFlowRule,
    LineBenefit,
    PaidTriangle,
    Reserve,
    Rulebook,
    YearView,
)
from mutualfund.types import FloatArray
from rules.views import year_view

FLAT = {"kind": "flat", "monthly": 35.0}


def test_line_tables_stand_beside_the_yearly_terms_in_a_file() -> None:
    in_file = Benefits.model_validate({"deductible": 100, "hospital": {"copay": 5.0}})
    in_python = Benefits(deductible=100, lines={"hospital": LineBenefit(copay=5.0)})
    assert in_file == in_python
    assert in_file.model_dump(exclude_unset=True) == {"deductible": 100, "hospital": {"copay": 5.0}}


def test_a_line_without_terms_is_covered_in_full() -> None:
    terms = Benefits(hospital={"copay": 5.0}).line("dental")
    assert (terms.covered, terms.copay, terms.coinsurance, terms.annual_limit) == (True, 0, 0, None)


def test_a_number_beside_the_yearly_terms_is_an_unknown_key_not_a_line() -> None:
    with pytest.raises(InputError) as refused:
        Benefits(deductable=100)
    assert refused.value.faults[0].remedy == "Did you mean 'deductible'?"


def test_a_member_with_a_plan_has_that_plans_whole_table() -> None:
    rules = Rulebook(benefits={"deductible": 100}, plans={"free": {"hospital": {"copay": 1.0}}})
    assert rules.benefits_of("free").deductible == 0
    assert rules.benefits_of("other").deductible == 100
    assert rules.benefits_of(None).deductible == 100
    assert list(rules.benefit_tables) == ["benefits", "plans.free"]


def test_tables_cannot_be_changed_after_the_fact() -> None:
    rules = Rulebook(plans={"free": {"deductible": 1.0}})
    with pytest.raises(TypeError, match="frozen"):
        rules.plans["other"] = Benefits()  # type: ignore[index]
    with pytest.raises(InputError):
        Rulebook(benefits={"deductible": -1.0})


AMENDED = Rulebook(
    contributions=FLAT,
    benefits={"deductible": 100, "hospital": {"copay": 10.0}},
    amendments=[
        {"effective": date(2029, 1, 1), "rule": "benefits.deductible", "value": 300.0},
        {"effective": date(2028, 1, 1), "rule": "benefits.deductible", "value": 200.0},
        {"effective": date(2028, 7, 1), "rule": "benefits.dental.copay", "value": 25.0},
        {"effective": date(2028, 1, 1), "rule": "contributions.monthly", "value": 40.0},
        {"effective": date(2028, 1, 1), "rule": "contributions.monthly", "value": 42.0},
    ],
)


@pytest.mark.parametrize(
    ("day", "deductible", "dental", "monthly"),
    [
        (date(2027, 12, 31), 100.0, 0.0, 35.0),
        (date(2028, 1, 1), 200.0, 0.0, 42.0),
        (date(2028, 7, 1), 200.0, 25.0, 42.0),
        (date(2029, 3, 1), 300.0, 25.0, 42.0),
    ],
)
def test_amendments_apply_from_their_day_on_by_date_then_by_the_file(
    day: date, deductible: float, dental: float, monthly: float
) -> None:
    rules = AMENDED.in_force(day)
    assert rules.benefits.deductible == deductible
    assert rules.benefits.line("dental").copay == dental
    assert rules.benefits.line("hospital").copay == 10.0
    assert rules.contributions.prices().tolist() == [monthly]


def test_an_amendment_may_replace_a_whole_rule() -> None:
    rules = Rulebook(
        contributions=FLAT,
        amendments=[
            {
                "effective": date(2028, 1, 1),
                "rule": "contributions",
                "value": {"kind": "community", "monthly": 50.0, "child_share": 0.5},
            }
        ],
    )
    assert rules.in_force(date(2028, 1, 1)).contributions.prices().tolist() == [25.0, 50.0]


def test_an_amendment_without_a_value_removes_an_optional_one() -> None:
    change = Amendment(effective=date(2028, 1, 1), rule="benefits.out_of_pocket_maximum")
    rules = Rulebook(benefits={"out_of_pocket_maximum": 2_000.0}, amendments=[change])
    assert rules.in_force(date(2027, 1, 1)).benefits.out_of_pocket_maximum == 2_000.0
    assert rules.in_force(date(2028, 1, 1)).benefits.out_of_pocket_maximum is None


def test_a_rulebook_without_due_amendments_is_itself() -> None:
    assert AMENDED.in_force(date(2027, 1, 1)) is AMENDED


@dataclass(frozen=True)
class SponsorGrant:
    """A sponsor pays half of what the members owe."""

    share: float
    name: str = "sponsor_grant"
    sign: Literal[1, -1] = 1

    def amount(self, view: YearView) -> FloatArray:
        return self.share * view.contributions_due


def test_a_cash_flow_rule_of_ones_own_needs_no_more_than_name_sign_and_amount() -> None:
    rules = Rulebook(contributions=FLAT, extra=(SponsorGrant(0.5),))
    assert isinstance(rules.extra[0], CashFlowRule)
    view = year_view(contributions_due=[100.0, 300.0])
    assert rules.extra[0].amount(view).tolist() == [50.0, 150.0]
    assert rules.in_force(date(2030, 1, 1)).extra == rules.extra


def test_something_that_is_no_cash_flow_rule_is_refused() -> None:
    with pytest.raises(InputError, match="extra"):
        Rulebook(extra=({"name": "grant"},))


@dataclass(frozen=True)
class NothingBooked:
    """A fund that books nothing."""

    def outstanding(self, triangle: PaidTriangle) -> FloatArray:
        return np.zeros(triangle.paid.shape[0])


def test_a_booking_method_of_ones_own_is_any_object_that_says_what_is_outstanding() -> None:
    own = NothingBooked()
    assert Reserve(booking=own).method() is own

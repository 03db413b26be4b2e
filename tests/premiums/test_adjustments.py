"""What all adjustments have in common, and groups. Source of truth: the arithmetic in the comments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mutualfund.errors import InputError
from mutualfund.portfolio import Portfolio
from mutualfund.premiums import (
    AgeBandContribution,
    AgeDiscount,
    EarlyEntryDiscount,
    EntryAgeLoading,
    FamilyAdjustment,
    FlatContribution,
    GroupExperience,
    IncomeContribution,
    RatingFactor,
    Standing,
)
from mutualfund.rules import Rulebook
from premiums.people import people

LHC = EntryAgeLoading(from_age=30, per_year=0.02, maximum=0.7, removed_after=10)
DISCOUNT = AgeDiscount.australian()


def test_a_group_pays_by_its_experience_as_far_as_it_is_believed() -> None:
    group = GroupExperience(
        experience={"mill": 1.4, "school": 0.5, "port": 4.0},
        credibility=0.6,
        floor=0.8,
        ceiling=1.5,
    )
    members = people(age=[30] * 5, group=["school", "mill", "", "office", "port"])
    # 1 + 0.6 x (0.5 - 1) = 0.7, at least 0.8; 1.24; the table; the table; 2.8, at most 1.5
    rule = FlatContribution(monthly=50.0, adjustments=[group])
    assert rule.monthly_dues(members).tolist() == pytest.approx([40.0, 62.0, 50.0, 50.0, 75.0])


SIZE = 150


DRAWN = np.random.Generator(np.random.PCG64(8))


VARIED = people(
    age=DRAWN.integers(0, 60, SIZE).tolist(),
    months=[None if m < 30 else int(m) for m in DRAWN.integers(0, 300, SIZE)],
    entry_age=DRAWN.integers(-1, 60, SIZE).tolist(),
    household=DRAWN.integers(-1, 40, SIZE).tolist(),
    group=DRAWN.choice(["mill", "port", ""], SIZE).tolist(),
    region=DRAWN.choice(["coast", "hills"], SIZE).tolist(),
    plan=DRAWN.choice(["basic", "full"], SIZE).tolist(),
)


@pytest.mark.parametrize(
    "adjustment",
    [
        LHC,
        DISCOUNT,
        EarlyEntryDiscount(before_age=40, per_year=0.01, maximum=0.3),
        GroupExperience(experience={"mill": 1.4}, credibility=0.5),
        FamilyAdjustment(paying_children=1),
        RatingFactor(by="sex", factors={"F": 30.000001, "M": 1.1}),  # units of eight digits
        RatingFactor(by="region", factors={"coast": 0.9, "hills": 1.1}),
        RatingFactor(by="plan", factors={"basic": 0.9, "full": 1.1}),
        RatingFactor(by="group", factors={"mill": 0.9, "port": 1.1}),
    ],
    ids=lambda one: f"{one.kind} {getattr(one, 'by', '')}",
)
def test_members_of_a_kind_owe_what_each_owes_by_himself(adjustment: Any) -> None:
    """A kind is what an adjustment says it looks at: were that too little, somebody would owe another's."""
    with_group = people_with_a_group_each() if getattr(adjustment, "by", "") == "group" else VARIED
    rule = FlatContribution(monthly=10.0, adjustments=[adjustment])
    for year in (1, 4, 12):
        standing = Standing(with_group, year)
        alone = adjustment.applied(np.ones(SIZE), standing)
        alone[adjustment.exempt(standing)] = 0.0
        np.testing.assert_allclose(rule.factors(standing), alone, rtol=1e-15)
        dues = rule.monthly_dues(with_group, year)
        np.testing.assert_allclose(dues, 10.0 * alone, rtol=0.0, atol=6e-6)


def people_with_a_group_each() -> Portfolio:
    return replace(VARIED, group_code=np.arange(SIZE) % 2)


def test_adjustments_apply_in_the_order_of_the_list() -> None:
    members = people(
        age=[40, 20], months=[0, 0], entry_age=[40, 20], household=[3, 3], group=["mill", "mill"]
    )
    mean = FamilyAdjustment(average_adults=True)
    mill = GroupExperience(experience={"mill": 1.5}, credibility=1.0)
    before = FlatContribution(monthly=100.0, adjustments=[mean, LHC, mill])
    after = FlatContribution(monthly=100.0, adjustments=[LHC, mean, mill])
    assert before.monthly_dues(members).tolist() == pytest.approx([180.0, 150.0])
    assert after.monthly_dues(members).tolist() == pytest.approx([165.0, 165.0])


def test_a_rule_without_adjustments_and_one_that_adjusts_nothing_are_the_same() -> None:
    members = people(age=[40, 70], months=[None, None], income=[24_000.0, 9_000.0])
    for rule in (
        FlatContribution(monthly=33.33),
        AgeBandContribution(monthly={"0-64": 30.1, "65+": 60.7}),
        IncomeContribution(rate=0.05, minimum=40.0),
    ):
        adjusted = type(rule)(
            **{name: getattr(rule, name) for name in rule.model_fields_set}, adjustments=[LHC]
        )
        assert adjusted.monthly_dues(members) == pytest.approx(
            rule.monthly_dues(members), rel=1e-15
        )


def test_income_related_dues_are_adjusted_to_the_hundredth() -> None:
    members = people(age=[37, 37], months=[0, 0], entry_age=[37, 37], income=[24_001.0, 9_000.0])
    rule = IncomeContribution(rate=0.06, adjustments=[LHC])
    # 120.005 -> 12 001 hundredths x 1.14 = 13 681.14 -> 13 681; 45.00 x 1.14 = 51.30
    assert rule.units(members).tolist() == [13_681, 5_130]
    assert rule.monthly_dues(members).tolist() == pytest.approx([136.81, 51.30])


@pytest.mark.parametrize(
    ("adjustment", "field", "code"),
    [
        ({"kind": "age_discount", "by_entry_age": {"0-25": 0.1, "27+": 0.0}}, "by_entry_age", "age_bands"),
        ({"kind": "age_discount", "by_entry_age": {"0-25": 0.1, "25+": 0.0}}, "by_entry_age", "age_bands"),
        (
            {"kind": "entry_age_loading", "from_age": 30, "per_year": 2.0, "maximum": 70},
            "maximum",
            "range",
        ),
        (
            {
                "kind": "entry_age_loading",
                "from_age": 30,
                "per_year": 0.02,
                "maximum": 0.7,
                "removed_after": 0,
            },
            "removed_after",
            "range",
        ),
        (
            {
                "kind": "entry_age_loading",
                "from_age": 30,
                "per_year": 0.02,
                "maximum": 0.7,
                "age_on": "02-29",
            },
            "age_on",
            "invalid",
        ),
        ({"kind": "family"}, "paying_children", "missing"),
        ({"kind": "early_entry", "before_age": 40, "per_year": 0.1, "maximum": 1.2}, "maximum", "range"),
        ({"kind": "rating_factor", "by": "sex", "factors": {"W": 2.0}}, "factors.W", "unknown_choice"),
        ({"kind": "rating_factor", "by": "region", "factors": {}}, "factors", "length"),
        ({"kind": "rating_factor", "by": "age", "factors": {"a": 1.0}}, "by", "unknown_word"),
        ({"kind": "rating_factor", "by": "sex", "factors": {"F": 1.1}}, "by", "duplicate_name"),
        (
            {"kind": "group_experience", "experience": {"a": 1.2}, "credibility": 1.5},
            "credibility",
            "range",
        ),
        (
            {
                "kind": "group_experience",
                "experience": {"a": 1.2},
                "credibility": 0.5,
                "ceiling": 0.9,
            },
            "ceiling",
            "range",
        ),
    ],
)  # fmt: skip
def test_an_impossible_adjustment_is_refused_where_it_stands(
    adjustment: dict[str, Any], field: str, code: str
) -> None:
    by_sex = {"kind": "rating_factor", "by": "sex", "factors": {"F": 0.9, "M": 1.1}}
    table = {"kind": "flat", "monthly": 30.0, "adjustments": [by_sex, adjustment]}
    with pytest.raises(InputError) as refused:
        Rulebook(contributions=table)
    (fault,) = refused.value.faults
    assert (fault.field, fault.code) == (f"contributions.adjustments[1].{field}", code)


@pytest.mark.parametrize(
    ("adjustment", "column"),
    [
        (FamilyAdjustment(paying_children=2), "household"),
        (GroupExperience(experience={"mill": 1.2}, credibility=0.5), "group"),
        (RatingFactor(by="region", factors={"coast": 1.2}), "region"),
    ],
)
def test_members_without_the_column_are_refused(adjustment: Any, column: str) -> None:
    rule = FlatContribution(monthly=30.0, adjustments=[adjustment])
    with pytest.raises(InputError, match=rf"members\.{column}: got nothing"):
        rule.monthly_dues(people(age=[40]))

"""Loadings, discounts, families and groups. Source of truth: the arithmetic in the comments, slow twins."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualfund.errors import InputError
from mutualfund.portfolio import Portfolio
from mutualfund.premiums import (
    AgeBandContribution,
    AgeDiscount,
    CommunityContribution,
    EarlyEntryDiscount,
    EntryAgeLoading,
    FamilyAdjustment,
    FlatContribution,
    GroupExperience,
    IncomeContribution,
    RatingFactor,
    Standing,
    TierContribution,
)
from mutualfund.rules import Rulebook
from premiums.people import people

LHC = EntryAgeLoading(from_age=30, per_year=0.02, maximum=0.7, removed_after=10)
DISCOUNT = AgeDiscount.australian()


def test_the_australian_loading_counts_years_above_thirty_and_ends_after_ten_years() -> None:
    members = people(
        age=[40, 55, 55, 85, 30, 60],
        months=[36, 119, 120, 12, 0, None],
        entry_age=[37, 45, 45, 84, 30, -1],
    )
    # 2 % x 7; 2 % x 15 in the tenth year, none after it; 108 % capped; 0; joined nobody knows when
    assert LHC.change(Standing(members)).tolist() == pytest.approx([0.14, 0.30, 0.0, 0.7, 0, 0])
    # A year later the second has completed ten years.
    assert LHC.change(Standing(members, 2)).tolist() == pytest.approx([0.14, 0.0, 0.0, 0.7, 0, 0])


def test_the_australian_loading_counts_years_above_thirty_in_dues() -> None:
    """Two members alike but for the age on joining, which months alone leave open by one."""
    members = people(age=[40, 40, 40], months=[30, 30, None], entry_age=[37, 38, -1])
    rule = FlatContribution(monthly=100.0, adjustments=[LHC])
    assert rule.monthly_dues(members).tolist() == pytest.approx([114.0, 116.0, 100.0])


def test_only_the_hospital_part_is_loaded() -> None:
    members = people(age=[40, 31], months=[36, 6], entry_age=[37, 31])
    loading = EntryAgeLoading(part=0.6, from_age=30, per_year=0.02, maximum=0.7)
    rule = FlatContribution(monthly=200.0, adjustments=[loading])
    # 200 x (1 + 0.6 x 0.14) and 200 x (1 + 0.6 x 0.02)
    assert rule.monthly_dues(members).tolist() == pytest.approx([216.8, 202.4], rel=1e-14)


def test_the_australian_discount_is_kept_until_41_and_falls_by_two_points_a_year() -> None:
    """privatehealth.gov.au and caretocompare.com.au: 10 % becomes 8 % at 41, and so on down to nothing."""
    ages = [25, 40, 41, 43, 45, 46]
    members = people(age=ages, months=[0] * 6, entry_age=[25] * 6)
    change = DISCOUNT.change(Standing(members))
    assert change.tolist() == pytest.approx([-0.10, -0.10, -0.08, -0.04, 0.0, 0.0])
    others = people(age=[26, 27, 28, 29, 30], months=[0] * 5, entry_age=[26, 27, 28, 29, 30])
    assert DISCOUNT.change(Standing(others)).tolist() == pytest.approx(
        [-0.08, -0.06, -0.04, -0.02, 0]
    )


def test_who_joined_as_a_child_has_the_discount_from_the_youngest_age_of_the_table() -> None:
    members = people(age=[12, 17, 30], months=[24, 24, 216], entry_age=[10, 15, 12])
    assert DISCOUNT.change(Standing(members)).tolist() == [0.0, 0.0, -0.10]
    assert DISCOUNT.change(Standing(members, 2)).tolist() == [0.0, -0.10, -0.10]


def test_nobody_has_a_discount_whose_day_of_joining_is_unknown() -> None:
    members = people(age=[30, 30], months=[None, 24])
    assert DISCOUNT.change(Standing(members)).tolist() == pytest.approx(
        [0.0, -0.04]
    )  # entered at 28
    early = EarlyEntryDiscount(before_age=40, per_year=0.01, maximum=0.2)
    assert early.change(Standing(members)).tolist() == pytest.approx([0.0, -0.12])


def test_an_early_entry_discount_lasts() -> None:
    early = EarlyEntryDiscount(before_age=35, per_year=0.015, maximum=0.12)
    members = people(age=[70, 40, 36], months=[600, 240, 12], entry_age=[20, 33, 35])
    # 15 years would be 22.5 %, capped; 2 x 1.5 %; none
    assert early.change(Standing(members)).tolist() == pytest.approx([-0.12, -0.03, 0.0])
    assert early.change(Standing(members, 9)).tolist() == pytest.approx([-0.12, -0.03, 0.0])


def test_without_days_of_birth_the_entry_age_is_the_lowest_that_months_allow() -> None:
    # 18 months ago one was 38 or 39; 24 months ago exactly 38; a baby cannot have been less than nought
    members = people(age=[40, 40, 0, 50], months=[18, 24, 5, 0])
    assert Standing(members).entry_age.tolist() == [38, 38, 0, 50]


def test_newcomers_join_at_their_age_and_complete_a_year_in_the_third_fund_year() -> None:
    members = people(age=[50, 33], months=[400, None], entry_age=[17, -1])
    for year, years in ((1, 0), (2, 0), (3, 1), (11, 9), (12, 10)):
        newcomers = Standing(members, year, joiners=True)
        assert newcomers.entry_age.tolist() == [50, 33]
        assert newcomers.years.tolist() == [years, years]
        assert newcomers.age.tolist() == [49 + year, 32 + year]
    assert LHC.change(Standing(members, 11, joiners=True)).tolist() == pytest.approx([0.4, 0.06])
    assert LHC.change(Standing(members, 12, joiners=True)).tolist() == [0.0, 0.0]


def test_a_couple_pays_the_mean_of_its_loadings_and_discounts() -> None:
    """Westfund help page: 36 and 35 make 11 %. privatehealth.gov.au: 10 % and 6 % make 8 %."""
    members = people(
        age=[36, 35, 25, 27, 50],
        months=[0] * 5,
        entry_age=[36, 35, 25, 27, 50],
        household=[7, 7, 8, 8, -1],
    )
    rule = FlatContribution(
        monthly=2500.0, adjustments=[LHC, DISCOUNT, FamilyAdjustment(average_adults=True)]
    )
    assert rule.monthly_dues(members).tolist() == pytest.approx(
        [2775.0, 2775.0, 2300.0, 2300.0, 3500.0], rel=1e-14
    )


def test_only_so_many_children_pay_and_the_next_one_when_one_comes_of_age() -> None:
    # Household 1: 17, 12, 9 and 9; household 2: one child; a child of no household
    members = people(age=[9, 44, 12, 17, 9, 3, 41, 5], household=[1, 1, 1, 1, 1, 2, 2, -1])
    rule = CommunityContribution(
        monthly=60.0, child_share=0.5, adjustments=[FamilyAdjustment(paying_children=2)]
    )
    assert rule.monthly_dues(members).tolist() == [0.0, 60.0, 30.0, 30.0, 0.0, 30.0, 60.0, 30.0]
    # A year later the oldest pays as an adult, and of the two aged ten the first listed has moved up.
    assert rule.monthly_dues(members, 2).tolist() == [
        30.0, 60.0, 30.0, 60.0, 0.0, 30.0, 60.0, 30.0
    ]  # fmt: skip


def test_a_cap_on_children_goes_by_the_tables_own_age_of_adults() -> None:
    """Children until 21: of those of 20, 19 and 18 one pays; a table without children has them until 18."""
    members = people(age=[45, 20, 19, 18], household=[1, 1, 1, 1])
    cap = FamilyAdjustment(paying_children=1)
    rule = CommunityContribution(monthly=50.0, child_share=0.5, child_age=21, adjustments=[cap])
    assert rule.monthly_dues(members).tolist() == [50.0, 25.0, 0.0, 0.0]
    assert rule.monthly_dues(members, 3).tolist() == [50.0, 50.0, 50.0, 25.0]
    flat = FlatContribution(monthly=50.0, adjustments=[cap])
    assert flat.monthly_dues(members).tolist() == [50.0] * 4
    with pytest.raises(InputError) as refused:
        CommunityContribution(
            monthly=50.0,
            child_age=21,
            adjustments=[LHC, FamilyAdjustment(paying_children=1, child_age=18)],
        )
    (fault,) = refused.value.faults
    assert (fault.field, fault.got) == ("adjustments[1].child_age", "18")
    assert fault.allowed == "the table's own child_age, 21"


def test_children_take_no_part_in_the_adults_mean() -> None:
    members = people(
        age=[17, 40, 32], months=[0, 0, 0], entry_age=[17, 40, 32], household=[1, 1, 1]
    )
    rule = FlatContribution(monthly=100.0, adjustments=[LHC, FamilyAdjustment(average_adults=True)])
    assert rule.monthly_dues(members).tolist() == pytest.approx([100.0, 112.0, 112.0])


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


def test_rating_factors_multiply_the_table_by_the_labels_of_a_member() -> None:
    """Women and men in turn: 30 x 0.9 x 1.2, 55 x 1.1 x 1, 55 x 0.9 x 1; year 7 is no different."""
    by_sex = RatingFactor(by="sex", factors={"F": 0.9, "M": 1.1})
    by_region = RatingFactor(by="region", factors={"St. Gall": 1.2, "hills": 1.0, "unused": 3.0})
    members = people(
        age=[30, 30, 71], region=["St. Gall", "hills", "hills"], plan=["basic", "full", "full"]
    )
    table = {"basic": 30.0, "full": 55.0}
    wanted = [32.4, 60.5, 49.5]
    for adjustments in ([by_sex, by_region], [by_region, by_sex]):
        rule = TierContribution(monthly=table, adjustments=adjustments)
        assert rule.monthly_dues(members).tolist() == pytest.approx(wanted, rel=1e-14)
        assert rule.monthly_dues(members, 7).tolist() == pytest.approx(wanted, rel=1e-14)
    by_plan = RatingFactor(by="plan", factors={"basic": 1.5, "full": 2.0})
    rule = FlatContribution(monthly=10.0, adjustments=[by_plan])
    assert rule.monthly_dues(members).tolist() == pytest.approx([15.0, 20.0, 20.0])


def test_a_member_whose_label_has_no_factor_is_refused_and_not_shown() -> None:
    members = people(age=[30, 40, 50, 60], region=["coast", "secret", "secret", ""])
    rule = FlatContribution(
        monthly=30.0, adjustments=[RatingFactor(by="region", factors={"coast": 1.2, "x": 1.0})]
    )
    with pytest.raises(InputError) as refused:
        rule.monthly_dues(members)
    (fault,) = refused.value.faults
    assert (fault.field, fault.got) == ("members.region", "no factor in 3 rows")
    assert fault.allowed == "one of coast, x"
    assert "secret" not in str(refused.value)


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


Entry = st.tuples(st.integers(0, 100), st.integers(0, 600), st.integers(0, 3))


@given(
    members=st.lists(Entry, min_size=1, max_size=12),
    year=st.integers(1, 15),
    per_year=st.floats(0.0, 0.2),
    maximum=st.floats(0.0, 1.5),
    removed=st.none() | st.integers(1, 20),
    part=st.floats(0.0, 1.0),
)
def test_a_loading_follows_its_slow_twin_and_never_exceeds_its_cap(
    members: list[tuple[int, int, int]],
    year: int,
    per_year: float,
    maximum: float,
    removed: int | None,
    part: float,
) -> None:
    ages, months, extra = (list(column) for column in zip(*members, strict=True))
    entry = [max(age - m // 12 - (e > 1), 0) for age, m, e in zip(ages, months, extra, strict=True)]
    rule = EntryAgeLoading(
        from_age=30, per_year=per_year, maximum=maximum, removed_after=removed, part=part
    )
    portfolio = people(age=ages, months=months, entry_age=entry)
    got = FlatContribution(monthly=100.0, adjustments=[rule]).monthly_dues(portfolio, year)
    for dues, age_on_joining, since in zip(got, entry, months, strict=True):
        loading = min(maximum, per_year * max(0, age_on_joining - 30))
        if removed is not None and math.floor((since + 12 * (year - 1)) / 12) >= removed:
            loading = 0.0
        assert dues == pytest.approx(100.0 * (1.0 + part * loading), abs=1e-4)
        assert dues <= 100.0 * (1.0 + maximum) + 1e-4


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(-1, 3)), min_size=1, max_size=15),
    st.integers(0, 3),
    st.integers(1, 8),
)
def test_the_cap_on_children_follows_its_slow_twin(
    members: list[tuple[int, int]], paying: int, year: int
) -> None:
    ages, homes = [age for age, _ in members], [home for _, home in members]
    rule = FlatContribution(monthly=10.0, adjustments=[FamilyAdjustment(paying_children=paying)])
    got = rule.monthly_dues(people(age=ages, household=homes), year)
    for i, (age, home) in enumerate(members):
        older = sum(
            1
            for j, (other, other_home) in enumerate(members)
            if other_home == home and other + year <= 18 and (-other, j) < (-age, i)
        )
        free = home >= 0 and age + year <= 18 and older >= paying
        assert got[i] == (0.0 if free else pytest.approx(10.0))


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(-1, 3)), min_size=1, max_size=15),
    st.integers(1, 8),
    st.sampled_from(["kinds", "members", "newcomers"]),
)
def test_the_adults_mean_follows_its_slow_twin(
    members: list[tuple[int, int]], year: int, how: str
) -> None:
    """By kinds of members, after another mean (member by member), and for newcomers."""
    ages, homes = [age for age, _ in members], [home for _, home in members]
    portfolio = people(age=ages, months=[0] * len(ages), entry_age=ages, household=homes)
    mean = FamilyAdjustment(average_adults=True)
    loading = EntryAgeLoading(from_age=20, per_year=0.013, maximum=0.4)
    listed = [mean, loading, mean] if how == "members" else [loading, mean]
    rule = FlatContribution(monthly=10.0, adjustments=listed)
    got = rule.factors(Standing(portfolio, year, joiners=how == "newcomers"))
    own = [1.0 + min(0.013 * max(age - 20, 0), 0.4) for age in ages]
    for i, (age, home) in enumerate(members):
        sharing = [
            loaded
            for loaded, (other, other_home) in zip(own, members, strict=True)
            if other_home == home >= 0 and other + year > 18
        ]
        shares = home >= 0 and age + year > 18
        assert got[i] == pytest.approx(sum(sharing) / len(sharing) if shares else own[i])
    if how != "newcomers":
        np.testing.assert_allclose(rule.monthly_dues(portfolio, year), 10.0 * got, atol=6e-6)


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
    before = {"kind": "family", "average_adults": True}
    table = {"kind": "flat", "monthly": 30.0, "adjustments": [before, adjustment]}
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


def test_the_age_on_joining_is_read_to_the_day() -> None:
    import pandas as pd

    frame = pd.DataFrame(
        {
            "member_id": ["a", "b", "c"],
            "sex": ["F", "M", "F"],
            "birth_date": [date(1990, 6, 15)] * 3,
            "joined": [date(2025, 6, 14), date(2025, 6, 15), None],
        }
    )
    portfolio = Portfolio.from_frame(frame, start=date(2027, 1, 1))
    by_month = dict(zip(portfolio.joined_month.tolist(), portfolio.entry_age.tolist(), strict=True))
    assert sorted(portfolio.entry_age.tolist()) == [-1, 34, 35]
    assert by_month[-100_000] == -1
    assert LHC.change(Standing(portfolio)).tolist().count(0.0) == 1
    np.testing.assert_allclose(np.sort(LHC.change(Standing(portfolio))), [0.0, 0.08, 0.10])

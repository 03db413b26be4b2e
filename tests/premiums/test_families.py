"""Families: children who pay nothing, adults who pay their mean. Source of truth: help pages, slow twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualfund.errors import InputError
from mutualfund.premiums import (
    AgeDiscount,
    CommunityContribution,
    EntryAgeLoading,
    FamilyAdjustment,
    FlatContribution,
    Standing,
)
from premiums.people import people

LHC = EntryAgeLoading(from_age=30, per_year=0.02, maximum=0.7, removed_after=10)
DISCOUNT = AgeDiscount.australian()


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

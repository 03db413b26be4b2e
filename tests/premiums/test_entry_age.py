"""Loadings and discounts by age on joining, and how that age is known.

Source of truth: the arithmetic in the comments, the published Australian rules, a slow twin.
"""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualfund.portfolio import Portfolio
from mutualfund.premiums import (
    AgeDiscount,
    EarlyEntryDiscount,
    EntryAgeLoading,
    FlatContribution,
    Standing,
)
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

"""Exposure is exact: by hand for unequal members, and against counting every single day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.experience.village import (
    BORN,
    CHECKS,
    YEAR,
    claims_table,
    cover_table,
    members_table,
    months_of,
    study_of,
)
from mutualfund.claims import ClaimChecks
from mutualfund.claims.experience import ExperienceStudy, StudyPeriod
from mutualfund.errors import InputError
from mutualfund.portfolio import Portfolio

FIRST = date(2023, 11, 1)


@pytest.mark.parametrize(
    ("spells", "by_days", "by_months"),
    [
        pytest.param([("a", "2024-01-01", "2024-12-31")], 12.0, 12.0, id="the whole year"),
        pytest.param([("a", "2024-04-10", "2024-04-30")], 21 / 30, 0.0, id="joins mid-month"),
        pytest.param([("a", "2023-06-01", "2024-03-10")], 2 + 10 / 31, 3.0, id="dies on 10 March"),
        pytest.param([("a", "2024-02-29", "2024-02-29")], 1 / 29, 0.0, id="only the leap day"),
        pytest.param([("a", "2024-02-01", "2024-02-28")], 28 / 29, 1.0, id="all but the leap day"),
        pytest.param(
            [("a", "2024-01-01", "2024-01-20"), ("a", "2024-01-11", "2024-01-31")],
            1.0,
            1.0,
            id="two spells that overlap",
        ),
        pytest.param(
            [("a", "2024-05-01", "2024-05-10"), ("a", "2024-05-22", "2024-05-31")],
            20 / 31,
            1.0,
            id="away for eleven days",
        ),
        pytest.param(
            [("a", "2024-01-01", "2024-01-31"), ("b", "2024-01-16", "2024-06-30")],
            1 + 16 / 31 + 5,
            6.0,
            id="two members",
        ),
        pytest.param([("a", "2020-01-01", "2023-12-31")], 0.0, 0.0, id="left before"),
    ],
)
def test_member_months_by_hand(spells, by_days, by_months):
    for rule, months in (("days", by_days), ("months", by_months)):
        found = months_of(study_of(spells, exposure=rule))
        assert found.get((), 0.0) == pytest.approx(months, abs=1e-12)


def test_a_plain_february_has_28_days():
    period = (date(2023, 1, 1), date(2023, 12, 31))
    study = study_of([("a", "2023-02-15", "2023-02-28")], period=period)
    assert months_of(study) == {(): pytest.approx(14 / 28)}


offsets = st.integers(-40, 480)
spells_of_some = st.lists(
    st.tuples(st.sampled_from("abc"), offsets, st.integers(0, 300)), min_size=1, max_size=8
)


def written(spells):
    """Spells given as (member, first day from FIRST, length)."""
    return [
        (who, str(FIRST + timedelta(days=first)), str(FIRST + timedelta(days=first + length)))
        for who, first, length in spells
    ]


@settings(max_examples=15)
@given(spells_of_some)
def test_counting_every_day_one_by_one_gives_the_same(spells):
    period = (FIRST, date(2025, 1, 31))
    study = study_of(written(spells), period=period)
    covered = {
        (who, FIRST + timedelta(days=day))
        for who, first, length in spells
        for day in range(first, first + length + 1)
    }
    expected = {}
    for _, day in sorted(covered):
        if FIRST <= day <= period[1]:
            month = f"{day.year}-{day.month:02d}"
            after = date(day.year + day.month // 12, day.month % 12 + 1, 1)
            length = (after - day.replace(day=1)).days
            expected[(month,)] = expected.get((month,), 0.0) + 1 / length
    assert months_of(study, "month") == pytest.approx(expected, abs=1e-9)


@settings(max_examples=10)
@given(spells_of_some, st.integers(0, 300))
def test_splitting_a_spell_changes_nothing(spells, cut):
    who, first, length = spells[0]
    cut %= length + 1
    parts = [
        (who, first, cut),
        *([(who, first + cut + 1, length - cut - 1)] if cut < length else []),
    ]
    period = (FIRST, date(2025, 1, 31))
    for rule in ("days", "months"):
        whole, split = (
            study_of(written(some), period=period, exposure=rule).exposure("month")
            for some in (spells, [*spells[1:], *parts])
        )
        assert whole.labels == split.labels
        np.testing.assert_array_equal(whole["member_months"], split["member_months"])


def test_overlapping_spells_are_refused_where_they_are_an_error():
    spells = [("a", "2024-01-01", "2024-02-01"), ("a", "2024-02-01", "2024-03-01")]
    with pytest.raises(InputError, match="do not overlap"):
        study_of(spells, overlap="refuse")


def test_age_is_that_at_the_opening_of_each_study_year_and_a_newborn_is_nought():
    spells = [("old", "2023-07-01", "2025-06-30"), ("baby", "2024-01-10", "2025-06-30")]
    members = {"old": ("1958-12-31", "M"), "baby": ("2024-01-10", "F")}
    study = study_of(spells, members=members, period=(date(2023, 7, 1), date(2025, 6, 30)))
    months = months_of(study, ("age_band", "year"))
    assert months == {
        ("0-17", "2023/24"): pytest.approx(5 + 22 / 31),
        ("0-17", "2024/25"): 12.0,
        ("45-64", "2023/24"): 12.0,  # 64 on 1 July 2023
        ("65+", "2024/25"): 12.0,
    }


def test_a_portfolio_counts_ages_on_the_day_the_study_years_open():
    frame = pa.table({"member_id": ["a"], "age": [19], "sex": ["F"]})
    spells = [("a", "2024-01-01", "2024-12-31")]

    def study(start):
        portfolio = Portfolio.from_frame(frame, start=start)
        tables = (portfolio, cover_table(spells), claims_table([]))
        return ExperienceStudy.from_tables(*tables, period=YEAR, checks=CHECKS)

    assert months_of(study(date(2024, 1, 1)), "age_band") == {("18-44",): 12.0}
    assert months_of(study(date(2026, 1, 1)), "age_band") == {("0-17",): 12.0}
    with pytest.raises(InputError, match="shift the period"):
        study(date(2024, 4, 1))


@pytest.mark.parametrize(
    "period",
    [
        (date(2024, 1, 2), date(2024, 12, 31)),
        (date(2024, 1, 1), date(2024, 12, 30)),
        (date(2024, 3, 1), date(2024, 2, 29)),
        (date(1900, 1, 1), date(2024, 12, 31)),
        ("2024-01-01", "2024-12-32"),
        ("1 January 2024", "2024-12-31"),
        (datetime(2024, 1, 1, 12), datetime(2024, 12, 31)),
        (date(2024, 1, 1),),
        None,
        2024,
    ],
)
def test_a_period_is_whole_months(period):
    with pytest.raises(InputError, match="period"):
        study_of([("a", "2024-01-01", "2024-12-31")], period=period)


def test_a_period_may_be_written_as_texts_or_midnights():
    whole = StudyPeriod(*YEAR)
    assert StudyPeriod.of(("2024-01-01", "2024-12-31")) == whole
    assert StudyPeriod("2024-01-01", datetime(2024, 12, 31)) == whole
    assert (
        study_of([("a", "2024-01-01", "2024-12-31")], period=("2024-01-01", "2024-12-31")).period
        == whole
    )


@pytest.mark.parametrize("bands", [(), (1, 18), (0, 18, 18), (0, 121)])
def test_age_bands_start_at_nought_and_rise(bands):
    with pytest.raises(InputError, match="ascending first ages"):
        study_of([("a", "2024-01-01", "2024-12-31")], age_bands=bands)


def test_working_days_of_2024():
    """Counted on a calendar: January 2024 opens on a Monday and has 23 Mondays to Fridays."""
    period = StudyPeriod(*YEAR)
    assert period.working_days().tolist() == [23, 21, 21, 22, 23, 20, 23, 22, 21, 23, 21, 22]
    assert (
        period.working_days([date(2024, 1, 1), date(2024, 1, 6)])[0] == 22
    )  # the 6th is a Saturday


def test_members_without_a_row_are_refused_and_not_named():
    with pytest.raises(InputError) as caught:
        ExperienceStudy.from_tables(
            members_table({"a": (BORN, "F")}),
            cover_table(
                [("a", "2024-01-01", "2024-12-31"), ("canary", "2024-01-01", "2024-02-01")]
            ),
            claims_table([]),
            period=YEAR,
            checks=CHECKS,
        )
    assert caught.value.faults[0].code == "unknown_member"
    assert "canary" not in str(caught.value)


def test_a_day_is_read_in_one_way_everywhere():
    """As the text 2024-01-01 and as a midnight, wherever a day is asked for; a time of day says no day."""
    period = StudyPeriod("2024-01-01", "2024-01-31")
    days = ["2024-01-01", datetime(2024, 1, 2), date(2024, 1, 3)]
    assert period.working_days(days).tolist() == [20.0]
    for day in days:
        assert ClaimChecks(as_of=day).as_of == date(2024, 1, 1 + days.index(day))
    noon = datetime(2024, 1, 1, 12)
    for read in (lambda: ClaimChecks(as_of=noon), lambda: period.working_days([noon])):
        with pytest.raises(InputError, match=r"got datetime.*; allowed: a day, as date"):
            read()

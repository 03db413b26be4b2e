"""Loadings by age on joining, to the day. Source of truth: the Act and HICA's examples, days in comments."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from mutualfund.errors import InputError
from mutualfund.portfolio import Portfolio
from mutualfund.portfolio.keys import member_keys
from mutualfund.premiums import EntryAgeLoading, FlatContribution, Standing
from mutualfund.premiums.contributions.standing import YearDay
from premiums.people import START, people

LHC = EntryAgeLoading.lifetime_health_cover()


def to_the_day(*days: tuple[date, date | None], start: date = START) -> Portfolio:
    """Members by days of birth and of joining, in the order given."""
    born, joined = zip(*days, strict=True)
    names = [f"m{place}" for place in range(len(days))]
    frame = {"member_id": names, "sex": ["F"] * len(days), "birth_date": born, "joined": joined}
    found = Portfolio.from_frame(pd.DataFrame(frame), start=start)
    place = np.argsort(np.argsort(member_keys(names)))
    columns = ("age", "joined_month", "entry_age", "birth_day", "joined_day")
    return replace(found, **{name: getattr(found, name)[place] for name in columns})


@pytest.mark.parametrize(
    ("born", "joined", "percent"),
    [
        (date(1973, 6, 7), date(2004, 6, 20), 0),  # HICA's Paul, aged 30 on the 1 July before
        (date(1965, 3, 6), date(2004, 6, 10), 16),  # HICA's Kate, aged 38
        (date(1986, 12, 1), date(2027, 3, 1), 18),  # 40 on joining, 39 on 1 July 2026
        (
            date(1995, 8, 1),
            date(2027, 3, 1),
            0,
        ),  # the first 1 July after the 31st birthday is to come
        (date(1995, 12, 1), date(2027, 7, 1), 0),  # covered on that base day
        (date(1995, 12, 1), date(2027, 7, 2), 2),
        (
            date(1995, 7, 1),
            date(2027, 6, 30),
            0,
        ),  # a birthday on 1 July: the base day is a year later
        (
            date(1995, 7, 1),
            date(2027, 7, 2),
            2,
        ),  # and one 1 July has passed since the 31st birthday
        (date(1934, 7, 1), date(2027, 3, 1), 0),
        (date(1934, 7, 2), date(2027, 3, 1), 70),
    ],
)
def test_lifetime_health_cover_counts_age_on_the_first_of_july_before_joining(
    born: date, joined: date, percent: int
) -> None:
    """Private Health Insurance Act 2007 (Cth), s 34-1; HICA, Key elements of Lifetime Health Cover."""
    members = to_the_day((born, joined), start=joined.replace(day=1) + timedelta(days=31))
    rule = FlatContribution(monthly=100.0, adjustments=[LHC])
    assert rule.monthly_dues(members).tolist() == pytest.approx([100.0 + percent])


def test_with_months_alone_age_on_a_day_of_the_year_is_the_lowest_they_allow() -> None:
    # Opening 1 January 2027. Joined in that month, in September 2026, on 1 July 2026: counted on 1 July
    # 2026, 2026 and 2025. Without a year of birth, 92 may have been born by 1 July 1934.
    members = people(age=[40, 40, 40, 92, 91, 0, 40], months=[0, 4, 6, 0, 0, 1, None])
    assert Standing(members).entry_age_before(YearDay(7, 1)).tolist() == [39, 39, 38, 91, 90, 0, -1]
    assert LHC.change(Standing(members)).tolist() == pytest.approx([0.18, 0.18, 0.16, 0, 0.7, 0, 0])
    rule = FlatContribution(monthly=100.0, adjustments=[LHC])
    with pytest.raises(InputError, match=r"portfolio\.start: got nothing"):
        rule.monthly_dues(replace(members, start=None))
    assert len(rule.monthly_dues(Portfolio.synthetic(3))) == 3  # nobody's joining is known


def test_the_ten_years_are_complete_to_the_day() -> None:
    """Definition: completed years. 31 January 2017 to 1 January 2027 is 9 of them; months alone say 10."""
    born = date(1960, 5, 5)
    days = [date(2017, 1, 1), date(2017, 1, 2), date(2017, 1, 31), date(2016, 2, 29), None]
    standing = Standing(to_the_day(*((born, day) for day in days)))
    assert standing.years.tolist()[:-1] == [10, 9, 9, 10]
    assert LHC.change(standing).tolist() == pytest.approx([0.0, 0.52, 0.52, 0.0, 0.0])
    later = Standing(standing.portfolio, 2)
    assert later.years.tolist()[:-1] == [11, 10, 10, 11]
    assert not LHC.change(later).any()


def test_only_the_hospital_part_is_loaded_by_the_ready_made_rule() -> None:
    members = to_the_day((date(1985, 9, 1), date(2024, 1, 1)), (date(1995, 3, 1), date(2026, 7, 2)))
    rule = FlatContribution(
        monthly=200.0, adjustments=[EntryAgeLoading.lifetime_health_cover(hospital_part=0.6)]
    )
    # aged 37 and 31 on the 1 July before: 200 x (1 + 0.6 x 0.14) and 200 x (1 + 0.6 x 0.02)
    assert rule.monthly_dues(members).tolist() == pytest.approx([216.8, 202.4], rel=1e-14)


def test_members_of_a_kind_owe_what_each_owes_by_himself_where_days_count() -> None:
    """A kind is what the loading says it looks at: were that too little, somebody would owe another's."""
    rng = np.random.Generator(np.random.PCG64(8))
    size, opening = 300, START.toordinal() - date(1970, 1, 1).toordinal()
    born = opening - rng.integers(9_000, 36_000, size)
    joined = opening - rng.integers(0, 9_000, size)
    born[:2] = np.array(["1934-07-01", "1934-07-02"], "datetime64[D]").astype(int)  # free and not
    joined[:2] = opening - 1_000
    members = replace(
        people(age=((opening - born) // 365.25).astype(int).tolist(), months=[12] * size),
        birth_day=born,
        joined_day=joined,
    )
    rule = FlatContribution(monthly=10.0, adjustments=[LHC])
    for year in (1, 4):
        alone = LHC.applied(np.ones(size), Standing(members, year))
        np.testing.assert_allclose(rule.factors(Standing(members, year)), alone, rtol=1e-15)

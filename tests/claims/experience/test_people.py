"""Large claims, concentration and persistence: by hand, against brute force, and where nothing persists."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from claims.experience.village import study_of
from mutualfund.claims.experience import people
from mutualfund.errors import InputError

PERIOD = (date(2023, 1, 1), date(2024, 12, 31))
SPELLS = [(who, "2023-01-01", "2024-12-31") for who in "abcd"]
COSTS = {"a": (900.0, 50.0), "b": (100.0, 850.0), "c": (0.0, 100.0), "d": (0.0, 0.0)}
CLAIMS = [
    (who, "drugs", f"{2023 + year}-05-05", amount)
    for who, amounts in COSTS.items()
    for year, amount in enumerate(amounts)
    if amount
]


@pytest.fixture(scope="module")
def study():
    return study_of(SPELLS, CLAIMS, period=PERIOD)


def test_pooling_by_hand(study):
    """At 200: 2023 keeps 200 + 100 and pools 700; 2024 keeps 50 + 200 + 100 and pools 650."""
    table = study.pooled(at=200.0)
    assert table["amount_below"].tolist() == [300.0, 350.0]
    assert table["amount_above"].tolist() == [700.0, 650.0]
    assert table["members_above"].tolist() == [1.0, 1.0]
    assert table["pmpm_below"].tolist() == pytest.approx([300 / 48, 350 / 48])
    # All were covered for 12 months: the error of a mean of four.
    below = np.array([200.0, 100.0, 0.0, 0.0]) / 12
    assert table["pmpm_below_error"][0] == pytest.approx(below.std(ddof=1) / 2)


@given(st.floats(0.0, 2000.0))
@settings(max_examples=10)
def test_the_two_sides_of_a_pooling_point_are_the_whole(study, at):
    table = study.pooled(at)
    np.testing.assert_allclose(table["amount_below"] + table["amount_above"], table["amount"])
    np.testing.assert_allclose(table["amount"], study.pmpm("year")["amount"])


def test_a_pooling_point_beyond_every_member_pools_nothing(study):
    assert study.pooled(at=1e6)["amount_above"].tolist() == [0.0, 0.0]


def test_concentration_by_hand(study):
    """2023: 900 of 1,000 on one of four; a tenth of four members is 0.4 of the dearest."""
    table = study.concentration()
    shares = {
        (year, top): share
        for year, top, share in zip(
            table.labels["year"], table.labels["members"], table["cost_share"], strict=True
        )
    }
    assert shares["2023", "top 10 %"] == pytest.approx(0.36)
    assert shares["2023", "top 50 %"] == pytest.approx(1.0)
    assert shares["2024", "top 50 %"] == pytest.approx(0.95)


def test_where_all_cost_the_same_every_share_is_that_of_the_members():
    np.testing.assert_allclose(
        people.lorenz(np.full(7, 3.0), np.linspace(0, 1, 11)), np.linspace(0, 1, 11)
    )


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=30), st.integers(0, 30))
def test_whole_members_carry_the_sum_of_the_dearest(costs, top):
    top = min(top, len(costs))
    expected = sum(sorted(costs, reverse=True)[:top]) / sum(costs) if sum(costs) else np.nan
    found = people.lorenz(np.array(costs, float), np.array([top / len(costs)]))
    np.testing.assert_allclose(found, expected)


def test_persistence_by_hand(study):
    """Cut in the middle: a and b are dear in 2023, b and c in 2024 (100 and 850 against 50 and 0)."""
    table = study.persistence(classes=(0.5, 0.5))
    assert table.labels["class"][0] == "0-50 %"
    assert table["share"].tolist() == [0.5, 0.5, 0.5, 0.5]
    assert table["persons"].tolist() == [1.0, 1.0, 1.0, 1.0]
    # A mean of two, one of which moved: sqrt(2 / 1 x 2 x 0.25) / 2
    assert table["standard_error"].tolist() == pytest.approx([0.5] * 4)


def test_equal_costs_are_never_torn_apart():
    """Three of four cost nothing: they are one class, though it is cut at a half."""
    cents = np.array([[0.0, 0.0], [0.0, 0.0], [0.0, 10.0], [5.0, 0.0]])
    years = people.MemberYears(cents, np.full((4, 2), 12.0), 100, ("1", "2"))
    assert people.classes_of(years, (0.5, 0.5), 12.0).code.tolist() == [
        [0, 0],
        [0, 0],
        [0, 1],
        [1, 0],
    ]


def test_only_members_with_enough_cover_in_both_years_take_part():
    """One joins a month late, one leaves half-way: of five, three stay; with eleven months, four."""
    spells = [*SPELLS[:3], ("d", "2023-02-01", "2024-12-31"), ("e", "2023-01-01", "2024-06-30")]
    study = study_of(spells, CLAIMS, period=PERIOD)
    for months, members in ((12.0, 3), (11.0, 4), (6.0, 5)):
        table = study.persistence(classes=(0.5, 0.5), minimum_months=months)
        assert table["persons"].sum() == members
        assert table["share"].sum() == pytest.approx(2.0)  # each class ends somewhere


def years_of(cents):
    return people.MemberYears(cents, np.full(cents.shape, 12.0), 100, ("1", "2"))


def test_costs_that_have_nothing_to_do_with_last_years_do_not_persist():
    """20,000 members: each class spreads over the classes by their widths, within five errors.

    A share wrong by two hundredths of a class of half the members would be seen.
    """
    cents = np.random.default_rng(3).lognormal(5, 1.5, (20_000, 2))
    classes = people.classes_of(years_of(cents), people.CLASS_SHARES, 12.0)
    table = people.persistence(classes)
    share, error = (table[name].reshape(6, 6) for name in ("share", "standard_error"))
    np.testing.assert_allclose(share.sum(axis=1), 1.0)
    assert (np.abs(share - people.CLASS_SHARES) < 5 * error).all()


def test_who_costs_the_same_every_year_stays():
    cost = np.arange(1.0, 101.0)
    classes = people.classes_of(years_of(np.stack([cost, cost], axis=1)), (0.5, 0.3, 0.2), 12.0)
    table = people.persistence(classes)
    np.testing.assert_array_equal(table["share"].reshape(3, 3), np.eye(3))
    # that all of 50, 30 and 20 stayed, and none of them went, is sure to within a Jeffreys posterior
    posterior = [[stats.beta(0.5, n + 0.5).std()] * 3 for n in (50, 30, 20)]
    np.testing.assert_allclose(table["standard_error"].reshape(3, 3), posterior)


@pytest.mark.parametrize("last", [date(2023, 12, 31), date(2024, 1, 31), date(2024, 11, 30)])
def test_a_year_that_is_not_whole_has_no_year_after(last):
    """Of 13 to 23 months nobody has twelve in both years: the table was empty. Of 18 they may have six."""
    with pytest.raises(InputError, match=r"1 in a period of \d\d months.*two study years of 12"):
        study_of(SPELLS, [], period=(PERIOD[0], last)).persistence()
    joined = [(SPELLS[0][0], "2023-02-01", "2024-12-31")]
    with pytest.raises(InputError, match="nobody with enough months in two study years running"):
        study_of(joined, [], period=PERIOD).persistence()
    short = study_of(SPELLS, CLAIMS, period=(PERIOD[0], date(2024, 6, 30)))
    assert short.persistence(classes=(0.5, 0.5), minimum_months=6.0)["persons"].sum() == 4


def test_who_left_is_in_no_class_of_the_year_after_however_few_months_are_asked_for():
    spells = [*SPELLS[:3], ("d", "2023-01-01", "2023-12-31")]
    table = study_of(spells, CLAIMS, period=PERIOD).persistence(
        classes=(0.5, 0.5), minimum_months=0.0
    )
    assert table["persons"].sum() == 3


def test_costs_of_days_that_are_no_month_are_pooled_too():
    """Whole months: who was there from 2 to 30 May has none, and cost 850 all the same."""
    spells = [("a", "2023-05-01", "2023-05-30"), ("b", "2024-05-02", "2024-05-30")]
    table = study_of(spells, CLAIMS[:1] + CLAIMS[3:4], period=PERIOD, exposure="months").pooled(200)
    assert table.labels["year"] == ("2023", "2024")
    assert table["member_months"].tolist() == [1.0, 0.0]
    assert table["amount"].tolist() == [900.0, 850.0]
    assert table["amount_below"].tolist() == [200.0, 200.0]
    assert table["persons"].tolist() == [1.0, 1.0]

"""Who pays more and who less: hand-worked groups, suppression, and a null."""

from __future__ import annotations

from datetime import date

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualfund.errors import InputError
from mutualfund.portfolio import Portfolio
from mutualfund.premiums import (
    AgeBandContribution,
    FlatContribution,
    IncomeContribution,
    balance,
    cross_subsidies,
    who_pays,
)
from mutualfund.premiums.sides import fifth_of
from premiums.people import people

MEMBERS = people(
    age=[5, 20, 36, 64, 70, 80],
    household=[4, 4, 4, -1, 9, 9],
    income=[0.0, 12_000.0, 60_000.0, 24_000.0, 9_000.0, 30_000.0],
    state=["well", "well", "ill", "", "ill", "well"],
)
FLAT = FlatContribution(monthly=30.0)
BY_AGE = AgeBandContribution(monthly={"0-17": 10.0, "18-64": 30.0, "65+": 55.0})


def rows_of(side: str) -> list[list[object]]:
    table = who_pays(
        FLAT, BY_AGE, MEMBERS, age_bands=("0-17", "18-64", "65+"), currency="EUR"
    ).table()
    rows = table[table["side"] == side].drop(columns=["side", "relative_change"])
    return [list(row) for row in rows.itertuples(index=False)]


def test_groups_by_age_and_all_together() -> None:
    # members, before, after, change, more, less, same
    assert rows_of("all") == [["all members", 6, 30.0, 35.0, 5.0, 2, 1, 3]]
    assert rows_of("age") == [
        ["0-17", 1, 30.0, 10.0, -20.0, 0, 1, 0],
        ["18-64", 3, 30.0, 30.0, 0.0, 0, 0, 3],
        ["65+", 2, 30.0, 55.0, 25.0, 2, 0, 0],
    ]


def test_members_are_grouped_and_charged_by_their_age_in_the_year_that_is_asked_about() -> None:
    """In year 5 they are 9, 24, 40, 68, 74 and 84: the one of 64 counts and pays as 65+ under both rules."""
    cheaper = AgeBandContribution(monthly={"0-17": 20.0, "18-64": 25.0, "65+": 40.0})
    bands = ("0-17", "18-64", "65+")
    for at in (5, date(2031, 12, 31)):
        found = who_pays(cheaper, BY_AGE, MEMBERS, at=at, age_bands=bands, currency="EUR").table()
        ages = found[found["side"] == "age"].drop(columns=["side", "relative_change"])
        assert [list(row) for row in ages.itertuples(index=False)] == [
            ["0-17", 1, 20.0, 10.0, -10.0, 0, 1, 0],
            ["18-64", 2, 25.0, 30.0, 5.0, 2, 0, 0],
            ["65+", 3, 40.0, 55.0, 15.0, 3, 0, 0],
        ]


@pytest.mark.parametrize(
    ("currency", "change", "more"),
    [("EUR", 0.006, 1), ("EUR", 0.004, 0), ("XOF", 0.4, 0), ("XOF", 0.6, 1), ("KWD", 0.001, 1)],
)
def test_half_the_least_money_that_can_be_asked_is_no_change(
    currency: str, change: float, more: int
) -> None:
    dearer, one = FlatContribution(monthly=30.0 + change), people(age=[40])
    for before, after, counts in (
        (FLAT, dearer, [more, 0, 1 - more]),
        (dearer, FLAT, [0, more, 1 - more]),
    ):
        row = who_pays(before, after, one, currency=currency).table().iloc[0]
        assert row[["more", "less", "same"]].tolist() == counts


def test_groups_by_family_size_and_health_state() -> None:
    # the household of three: 10, 30, 30; the couple: 55 each; one alone; nobody in the larger ones
    found = {str(row[0]): row[1:] for row in rows_of("family")}
    assert found["alone"] == [1, 30.0, 30.0, 0.0, 0, 0, 1]
    assert found["2 in the household"] == [2, 30.0, 55.0, 25.0, 2, 0, 0]
    assert found["3"] == pytest.approx([3, 30.0, 70 / 3, -20 / 3, 0, 1, 2])
    assert found["4"][0] == 0
    assert np.isnan(float(str(found["4"][1])))
    health = {str(row[0]): row[1:] for row in rows_of("health")}
    assert health["well"] == pytest.approx([3, 30.0, 95 / 3, 5 / 3, 1, 1, 1])
    assert health["ill"] == pytest.approx([2, 30.0, 42.5, 12.5, 1, 0, 1])
    assert health["not known"][0] == 1


def test_income_fifths_part_no_equals() -> None:
    # n = 6: cuts at the 2nd, 3rd, 4th and 5th income
    assert fifth_of(np.array([0.0, 9.0, 12.0, 24.0, 30.0, 60.0])).tolist() == [0, 0, 1, 2, 3, 4]
    assert fifth_of(np.array([5.0] * 9 + [7.0])).tolist() == [0] * 9 + [4]
    by_income = who_pays(FLAT, IncomeContribution(rate=0.012), MEMBERS, currency="EUR").table()
    fifths = by_income[by_income["side"] == "income"]
    assert fifths["members"].tolist() == [2, 1, 1, 1, 1]
    # 0 and 9 000 a year owe 0 and 9 a month; 12 000 owe 12, 24 000 24, 30 000 30, 60 000 60
    assert fifths["after"].tolist() == pytest.approx([4.5, 12.0, 24.0, 30.0, 60.0])
    assert fifths["same"].tolist() == [0, 0, 0, 1, 0]


def test_a_rule_against_itself_moves_nobody() -> None:
    table = who_pays(BY_AGE, BY_AGE, MEMBERS, currency="EUR").table()
    assert (table["change"].dropna() == 0.0).all()
    assert (table["same"] == table["members"]).all()


def test_a_balanced_rule_only_shifts() -> None:
    members = Portfolio.synthetic(1000)
    total = 12 * BY_AGE.monthly_dues(members).sum()
    flat = balance(FLAT, members, total, currency="EUR").rule
    table = who_pays(BY_AGE, flat, members, currency="EUR").table()
    assert table.loc[0, "change"] == pytest.approx(0.0, abs=1e-9)
    ages = table[table["side"] == "age"]
    assert (ages["members"] * ages["change"]).sum() == pytest.approx(0.0, abs=1e-6)
    assert ages["change"].iloc[0] > 0 > ages["change"].iloc[-1]


def test_small_groups_are_hidden_with_what_would_give_them_away() -> None:
    members = people(age=[5] * 60 + [40] * 4 + [70] * 50)
    bands = ("0-17", "18-64", "65+")
    table = who_pays(FLAT, BY_AGE, members, age_bands=bands, currency="EUR").table(suppressed=True)
    ages = table[table["side"] == "age"].set_index("group")
    assert np.isnan(ages.loc["18-64", ["members", "same", "before", "after", "change"]]).all()
    shown = ages.loc[ages["members"].notna(), "members"].tolist()
    assert shown == [50]  # one more group went, or 114 less the others would tell it
    assert ages["before"].notna().sum() == 1


@given(
    ages=st.lists(st.integers(0, 2), min_size=1, max_size=80),
    seed=st.integers(0, 1000),
)
def test_shown_means_and_that_of_all_tell_nothing_of_ten_persons_or_fewer(
    ages: list[int], seed: int
) -> None:
    income = np.random.Generator(np.random.PCG64(seed)).choice([0.0, 30e3, 60e3], len(ages))
    members = people(age=[(5, 40, 70)[age] for age in ages], income=income.tolist())
    bands = ("0-17", "18-64", "65+")
    found = who_pays(FLAT, IncomeContribution(rate=0.012), members, age_bands=bands, currency="EUR")
    table = found.table(suppressed=True)
    rows = table[table["side"] == "age"]
    assert (rows["after"].notna() <= rows["members"].notna()).all()
    hidden = found.sides[1].counts.sum(axis=1)[rows["after"].isna().to_numpy()].sum()
    assert hidden == 0 or hidden > 10 or len(ages) <= 10


def test_nothing_of_a_tiny_fund_is_shown() -> None:
    table = who_pays(FLAT, BY_AGE, MEMBERS, currency="EUR").table(suppressed=True)
    assert table[["members", "before", "after", "more", "less", "same"]].isna().all(axis=None)


def test_the_repr_tells_no_member() -> None:
    found = who_pays(FLAT, BY_AGE, MEMBERS, currency="EUR")
    assert repr(found) == "Who pays: 6 members by all, age, income, family, health"
    assert repr(found.sides[1]) == "age: 5 groups"


# ---- who is carried by whom ---------------------------------------------------------------------------

COST = [20.0, 40.0, 0.0, 100.0, 240.0]
PAID = [30.0, 60.0, 90.0, 180.0, 240.0]
AGES = [10.0, 34.0, 35.0, 64.0, 65.0]


def test_what_one_group_receives_the_others_give_also_where_dues_are_loaded() -> None:
    """Hand-worked: 600 paid for 400, so that two thirds of a contribution are for cost.

    The two below 35 cost 60 and pay 60 to it; the two up to 64 cost 100 and pay 180; the one of 65 costs 240
    and pays 160. A member of 35 counts from 35 on, one of 65 from 65 on.
    """
    found = cross_subsidies(COST, PAID, AGES, [35, 65])
    assert found.members.tolist() == [2, 2, 1]
    assert found.mean_cost.tolist() == [30.0, 50.0, 240.0]
    assert found.mean_dues.tolist() == [45.0, 135.0, 240.0]
    assert found.dues_to_cost == 1.5
    assert found.received.tolist() == [0.0, -40.0, 80.0]
    assert found.relativity.tolist() == [0.375, 0.625, 3.0]
    # a loading that all bear in proportion makes nobody a giver
    twice = cross_subsidies(COST, [2.0 * paid for paid in PAID], AGES, [35, 65])
    assert twice.received.tolist() == found.received.tolist()
    assert repr(found) == (
        "Cross-subsidies of 5 members in 3 groups, contributions 1.5 times the cost"
    )


def test_cross_subsidies_add_up_to_nothing_over_all_members() -> None:
    rng = np.random.Generator(np.random.PCG64(2))
    cost, age, dues = rng.gamma(0.5, 100.0, 400), rng.uniform(0, 90, 400), rng.uniform(1, 9, 400)
    found = cross_subsidies(cost, dues, age, [18, 35, 65])
    assert (found.members * found.received).sum() == pytest.approx(0.0, abs=1e-8)
    assert found.labels == ("below 18", "18 to below 35", "35 to below 65", "65 and more")


def test_small_groups_that_are_carried_are_hidden_with_one_more() -> None:
    """60, 4 and 50 members: hidden are the 4, and the first of the others, or 114 less 50 would tell them."""
    age = [5.0] * 60 + [40.0] * 4 + [70.0] * 50
    found = cross_subsidies(age, [30.0] * 114, age, [18, 65])
    hidden = found.table(suppressed=True)
    assert hidden["members"].tolist()[2] == 50.0
    assert hidden.iloc[:2].drop(columns="group").isna().all(axis=None)
    assert hidden.loc[2, "received"] == found.received[2]
    assert found.table()["members"].tolist() == [60, 4, 50]


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (([1.0], [1.0, 2.0], [1.0], [3.0]), r"dues: got an array of shape \(2,\); allowed: 1 num"),
        (([1.0, 1], [1.0, 2], [1.0], [3.0]), r"by: got an array of shape \(1,\); allowed: 2 num"),
        (([1.0], [1.0], [1.0], [3.0, 3.0]), r"cuts: got \[3.0, 3.0\]; allowed: rising"),
        (([1.0], [1.0], [1.0], [3.0, np.inf]), "cuts: got .*; allowed: rising"),
        (([1.0], [0.0], [1.0], [3.0]), "dues: got nothing"),
        (([0.0], [1.0], [1.0], [3.0]), "cost: got nothing"),
    ],
)
def test_groups_that_cannot_be_compared_are_refused(
    arguments: tuple[list[float], ...], refusal: str
) -> None:
    with pytest.raises(InputError, match=refusal):
        cross_subsidies(*arguments)


# ---- pictures ------------------------------------------------------------------------------------------


def test_pictures_show_the_table_s_own_numbers_and_leave_out_who_is_not_there() -> None:
    """The household of three: 30 and 70 / 3; the couple: 30 and 55; one alone: 30 and 30."""
    plot = who_pays(FLAT, BY_AGE, MEMBERS, currency="EUR").plot
    ax = plot.contributions(side="family")
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "alone", "2 in the household", "3",
    ]  # fmt: skip
    after = [line.get_xdata()[0] for line in ax.lines[2::3]]
    assert after == pytest.approx([30.0, 55.0, 70 / 3])
    assert ax.get_xlim()[1] > 55.0
    # of the six members one pays less, three the same and two more
    widths = [bar.get_width() for bar in plot.more_and_less(side="all").patches]
    assert widths == pytest.approx([100 / 6, 50.0, 100 / 3])
    received = cross_subsidies(COST, PAID, AGES, [35, 65]).plot.received()
    assert [bar.get_width() for bar in received.patches] == [0.0, -40.0, 80.0]
    plt.close("all")
    with pytest.raises(InputError, match="side: got 'sex'; allowed: all, age, income, family, hea"):
        plot.contributions(side="sex")


def test_pictures_hide_what_the_table_hides() -> None:
    members = people(age=[5] * 60 + [40] * 4 + [70] * 50)
    found = who_pays(FLAT, BY_AGE, members, age_bands=("0-17", "18-64", "65+"), currency="EUR")
    for ax in (
        found.plot.contributions(suppressed=True),
        found.plot.more_and_less(suppressed=True),
        cross_subsidies(members.age, 30.0, members.age, [18, 65]).plot.received(suppressed=True),
    ):
        assert [text.get_text() for text in ax.texts].count("not shown") == 2
    plt.close("all")

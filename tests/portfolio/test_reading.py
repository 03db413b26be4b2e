"""Members' tables become portfolios, or every fault of them at once."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualfund.errors import InputError, MutualFundWarning
from mutualfund.portfolio import LONG_STANDING, Portfolio
from mutualfund.portfolio import reading as reading_module
from mutualfund.portfolio.reading import age_last_birthday

START = date(2027, 4, 1)
EPOCH = date(1970, 1, 1)


def full_table(n):
    rng = np.random.default_rng(3)
    days = [date.fromordinal(int(day)) for day in rng.integers(706_000, 735_000, n)]
    return pa.table(
        {
            "member_id": [f"m{row}" for row in range(n)],
            "birth_date": days,
            "sex": rng.choice(["F", "M", "X"], n),
            "joined": [date(2026, 1 + row % 12, 5) if row % 3 else None for row in range(n)],
            "household": [f"h{row // 3}" for row in range(n)],
            "plan": [("plus", "basic", None)[row % 3] for row in range(n)],
            "income": rng.uniform(0, 90_000, n),
            "region": rng.choice(["north", "south"], n),
            "health_state": rng.choice(["well", "chronic"], n),
            "group": rng.choice(["harbour", "office"], n),
            "consent": rng.choice([True, False], n),
        }
    )


@given(st.permutations(range(30)))
def test_shuffled_rows_give_the_same_portfolio(order):
    table = full_table(30)
    shuffled = table.take(order)
    first = Portfolio.from_frame(table, start=START)
    second = Portfolio.from_frame(shuffled, start=START)
    assert first.digest() == second.digest()


def test_every_column_lands_where_it_belongs():
    table = full_table(30)
    portfolio = Portfolio.from_frame(table, start=START)
    for row in table.to_pylist():
        place = int(np.argmin(np.abs(portfolio.income - row["income"])))
        assert portfolio.region_names[portfolio.region_code[place]] == row["region"]
        assert portfolio.group_names[portfolio.group_code[place]] == row["group"]
        state = portfolio.health_state_names[portfolio.health_state_code[place]]
        assert state == row["health_state"]
        plan = portfolio.plan_code[place]
        assert (portfolio.plan_names[plan] if plan >= 0 else None) == row["plan"]
        joined = row["joined"]
        month = LONG_STANDING
        if joined is not None:
            month = (joined.year - START.year) * 12 + joined.month - START.month
        assert portfolio.joined_month[place] == month
    assert len(set(portfolio.household_code.tolist())) == 10


@given(st.dates(date(1907, 1, 1), date(2027, 4, 1)), st.dates(date(2027, 4, 1), date(2030, 1, 1)))
def test_age_is_counted_by_birthdays(born, on):
    def birthday_in(year):
        try:
            return born.replace(year=year)
        except ValueError:
            return date(year, 3, 1)

    expected = on.year - born.year - (birthday_in(on.year) > on)
    assert age_last_birthday(np.array([(born - EPOCH).days]), on).tolist() == [expected]


def test_all_faults_come_at_once():
    table = pa.table(
        {
            "member_id": ["a", "a", "b", "", None],
            "age": [40, 41, -1, 130, 30],
            "sex": ["F", "M", "female", "F", None],
            "joined": ["2026-13-01", "2028-01-01", "2026-01-01", None, None],
            "income": [float("nan"), 1.0, -5.0, 2.0, 3.0],
            "helth_state": ["well"] * 5,
        }
    )
    with pytest.raises(InputError) as caught:
        Portfolio.from_frame(table, start=START)
    found = {(fault.field, fault.code) for fault in caught.value.faults}
    assert found == {
        ("frame: column 6", "unknown_column"),
        ("frame: member_id", "missing_value"),
        ("frame: member_id", "duplicate_id"),
        ("frame: age", "range"),
        ("frame: joined", "not_a_day"),
        ("frame: joined", "future_date"),
        ("frame: sex", "missing_value"),
        ("frame: sex", "unknown_label"),
        ("frame: income", "range"),
    }
    assert "Did you mean health_state?" in str(caught.value)


def test_an_unknown_heading_is_named_only_where_it_cannot_be_a_members_data():
    cells = {"member_id": ["a"], "age": ["abc"], "sex": ["F"]}
    for name, told in (
        ("smoker", True),
        ("größe", True),
        ("icd10_code", True),
        ("Jansen 1980", False),
        ("A-12", False),
        ("a12", False),
    ):
        with pytest.raises(InputError) as caught:
            Portfolio.from_frame(pa.table(cells | {name: ["x"]}), start=START)
        assert (name in str(caught.value)) == told
        assert "Write a whole number in digits." in str(caught.value)
    with pytest.raises(InputError) as caught:
        Portfolio.from_frame(pa.table({"sex": ["F"], "Jansen": ["x"]}), start=START)
    assert "Jansen" not in str(caught.value)


def test_a_missing_column_does_not_hide_other_faults():
    with pytest.raises(InputError) as caught:
        Portfolio.from_frame(pa.table({"age": [200], "sex": ["F"]}), start=START)
    assert [fault.code for fault in caught.value.faults] == ["missing_column", "range"]


def test_only_the_first_five_rows_are_named():
    table = pa.table({"member_id": list("abcdefgh"), "age": [-1] * 8, "sex": ["F"] * 8})
    with pytest.raises(
        InputError, match=r"\(value not shown\) in 8 rows \(data rows 1, 2, 3, 4, 5, \.\.\.\)"
    ):
        Portfolio.from_frame(table, start=START)


@pytest.mark.parametrize("columns", [{}, {"age": [30], "birth_date": [date(1990, 1, 1)]}])
def test_exactly_one_of_age_and_birth_date_is_needed(columns):
    with pytest.raises(InputError) as caught:
        Portfolio.from_frame(pa.table({"member_id": ["a"], "sex": ["F"], **columns}), start=START)
    assert [fault.code for fault in caught.value.faults] == ["age_or_birth_date"]


def test_two_identifiers_with_one_digest_are_refused(monkeypatch):
    monkeypatch.setattr(
        reading_module, "member_keys", lambda texts: np.full(len(list(texts)), 9, np.uint64)
    )
    with pytest.raises(InputError) as caught:
        Portfolio.from_frame(
            pa.table({"member_id": ["a", "b"], "age": [1, 2], "sex": ["F", "M"]}), start=START
        )
    assert [fault.code for fault in caught.value.faults] == ["key_collision"]


def test_a_very_old_member_is_kept_with_a_warning():
    with pytest.warns(MutualFundWarning, match="age above 105"):
        portfolio = Portfolio.from_frame(
            pa.table({"member_id": ["a"], "age": [110], "sex": ["F"]}), start=START
        )
    assert portfolio.age.tolist() == [110]


def test_an_object_that_is_no_frame_is_refused():
    with pytest.raises(InputError) as caught:
        Portfolio.from_frame([1, 2], start=START)
    assert caught.value.faults[0].code == "not_a_frame"


def test_quality_counts_what_is_filled():
    quality = dict(Portfolio.from_frame(full_table(300), start=START).quality().rows)
    assert quality["members"] == 300
    assert quality["with a date of joining"] == 200
    assert quality["with a plan"] == 200
    assert quality["with an income"] == 300
    bands = [count for what, count in quality.items() if what.startswith("age")]
    assert abs(sum(bands) - 300) <= 2 * len(bands)  # each rounded to 5


def test_quality_hides_a_count_of_few_members_and_what_would_give_it_away():
    """One member of 41 is X, one is over 65, one has no plan: none of them may be counted on a screen."""
    ages, sexes = [30] * 20 + [50] * 20 + [70], ["F"] * 20 + ["M"] * 20 + ["X"]
    columns = {"member_id": [f"m{row}" for row in range(41)], "age": ages, "sex": sexes}
    plans = [*["basic"] * 40, None]
    portfolio = Portfolio.from_frame(pa.table({**columns, "plan": plans}), start=START)
    quality = dict(portfolio.quality().rows)
    assert quality["members"] == 41
    for partition in (["sex F", "sex M", "sex X"], ["age 19-44", "age 45-64", "age 65+"]):
        hidden = [what for what in partition if quality[what] is None]
        assert partition[-1] in hidden and len(hidden) >= 2
    assert quality["with a plan"] is None
    assert quality["age 0-18"] == 0
    for shown in (str(portfolio.quality()), portfolio._repr_html_(), repr(portfolio.quality())):
        assert not any(f"{sign}1{end}" in shown for sign in (" ", ">") for end in ("<", "\n", ")"))

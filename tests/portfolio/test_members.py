"""A portfolio is the same whatever the frame and the order of its rows."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from mutualfund.errors import InputError
from mutualfund.portfolio import LONG_STANDING, Portfolio

START = date(2027, 1, 1)
COLUMNS = {
    "member_id": ["007", "8", "A-12"],
    "birth_date": [date(1987, 1, 1), date(1987, 1, 2), date(2004, 2, 29)],
    "sex": ["F", "M", "X"],
    "joined": [date(2026, 12, 15), None, date(2027, 1, 1)],
    "plan": ["basic", None, "plus"],
    "income": [30_000.0, 41_000.5, 0.0],
}


def test_pandas_polars_and_arrow_give_the_same_portfolio():
    table = pa.table(COLUMNS)
    digests = {
        Portfolio.from_frame(frame, start=START).digest()
        for frame in (table, table.to_pandas(), pl.DataFrame(COLUMNS), pl.LazyFrame(COLUMNS))
    }
    assert len(digests) == 1


def test_ages_and_months_of_joining_are_counted_to_the_start():
    portfolio = Portfolio.from_frame(pa.table(COLUMNS), start=START)
    by_income = np.argsort(portfolio.income)
    assert portfolio.age[by_income].tolist() == [22, 40, 39]
    assert portfolio.joined_month[by_income].tolist() == [0, -1, LONG_STANDING]
    assert portfolio.sex[by_income].tolist() == [2, 0, 1]
    assert [portfolio.plan_names[code] for code in portfolio.plan_code[by_income][:2]] == [
        "plus",
        "basic",
    ]
    assert portfolio.plan_code[by_income][2] == -1


def test_a_portfolio_cannot_be_changed():
    portfolio = Portfolio.synthetic(10)
    with pytest.raises(ValueError, match="read-only"):
        portfolio.age[0] = 50
    with pytest.raises(AttributeError):
        portfolio.age = np.zeros(10)


def test_two_rows_of_one_member_are_refused():
    frame = pa.table({"member_id": ["a", "a", "b"], "age": [1, 2, 3], "sex": ["F", "F", "M"]})
    with pytest.raises(InputError) as caught:
        Portfolio.from_frame(frame, start=START)
    assert [fault.code for fault in caught.value.faults] == ["duplicate_id"]


@pytest.mark.parametrize("age_mix", ["Y", "N", "O"])
def test_synthetic_members_have_the_stated_age_shares(age_mix):
    shares = {"Y": (45, 40, 12, 3), "N": (22, 36, 26, 16), "O": (15, 28, 30, 27)}[age_mix]
    portfolio = Portfolio.synthetic(100, age_mix=age_mix)
    bands = np.digitize(portfolio.age, [19, 45, 65])
    assert np.bincount(bands).tolist() == list(shares)
    assert np.bincount(portfolio.sex).tolist() == [50, 50]

"""Dated rows into cells, worked by hand; what does not fit is refused by its place.

Sources of truth: the arithmetic in the comments; the same payments at another grain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.reserving.triangles import unequal
from mutualfund.claims.reserving import (
    LinkRatios,
    MerzWuethrich,
    OverDispersedPoisson,
    Triangle,
)
from mutualfund.errors import InputError

NAN = float("nan")
ROWS = {
    "loss": ["2023-11-20", "2023-12-31", "2024-01-01", "2023-02-10", "2024-02-29"],
    "day": ["2023-12-05", "2024-02-01", "2024-01-15", "2024-03-31", "2024-03-01"],
    "sum": [100.0, 50.0, 7.0, 20.0, -3.0],
}
NAMES: dict[str, Any] = {"origin": "loss", "valuation": "day", "amount": "sum"}


def of(rows: dict[str, list[Any]], **more: Any) -> Triangle:
    return Triangle.from_frame(pa.table(rows), **(NAMES | {"cumulative": False} | more))


def cells(triangle: Triangle) -> list[list[float]]:
    return triangle.cumulative.tolist()


def test_quarters_by_quarters_with_real_zeros_and_a_payment_taken_back() -> None:
    # Origins 2023Q1 to 2024Q1. 2023Q1: 20 in 2024Q1, its fifth quarter. Q2 and Q3: nothing, known to be
    # nothing. Q4: 100 in its first quarter, 50 in the next. 2024Q1: 7 - 3.
    found = of(ROWS, origin_grain="quarter", development_grain="quarter")
    assert found.origins == ("2023Q1", "2023Q2", "2023Q3", "2023Q4", "2024Q1")
    assert np.array_equal(
        found.cumulative,
        [
            [0, 0, 0, 0, 20],
            [0, 0, 0, 0, NAN],
            [0, 0, 0, NAN, NAN],
            [100, 150, NAN, NAN, NAN],
            [4, NAN, NAN, NAN, NAN],
        ],
        equal_nan=True,
    )
    assert found.valuation == date(2024, 3, 31)


def test_years_by_quarters_count_age_from_the_start_of_the_year() -> None:
    # 2023: nothing in Q1 to Q3, 100 in Q4, and 70 in the first quarter of 2024. 2024 is not over: keep.
    found = of(ROWS, origin_grain="year", development_grain="quarter", partial="keep")
    assert np.array_equal(
        found.cumulative, [[0, 0, 0, 100, 170], [4, NAN, NAN, NAN, NAN]], equal_nan=True
    )
    assert found.open_origin
    assert not of(ROWS, development_grain="quarter", partial="drop").open_origin


def test_months_by_years_count_calendar_years_after_that_of_the_loss() -> None:
    found = of(ROWS, origin_grain="month", development_grain="year")
    assert (
        found.n_origins == 23
    )  # February 2023 to December 2024: the last row's year is taken as over
    by_origin = dict(zip(found.origins, cells(found), strict=True))
    assert by_origin["2023-02"] == [0, 20]
    assert by_origin["2023-11"] == [100, 100]
    assert by_origin["2023-12"] == [0, 50]
    assert by_origin["2024-02"][0] == -3


def test_a_valuation_within_a_period_is_refused_unless_one_says_what_to_do() -> None:
    quarters = {"origin_grain": "quarter", "development_grain": "quarter"}
    with pytest.raises(InputError, match="as_of: got 2024-02-15"):
        of(ROWS, as_of=date(2024, 2, 15), **quarters)
    dropped = of(ROWS, as_of=date(2024, 2, 15), partial="drop", **quarters)
    assert dropped.valuation == date(2023, 12, 31)
    assert dropped.latest.tolist() == [
        100
    ]  # no other payment by then, so the first origin is 2023Q4
    kept = of(ROWS, as_of=date(2024, 2, 15), partial="keep", **quarters)
    assert kept.latest.tolist() == [150, 7]
    assert kept.notes[-1][1] == 2  # the two rows of March
    assert (
        kept.unseen_days == 14 + 31
    )  # from the 16th of February of a leap year to the end of March
    assert dict(kept.notes)["days of the last development period not seen yet"] == 45
    assert "45 days of it not seen yet" in repr(kept)
    assert kept.earlier(1).unseen_days == dropped.unseen_days == 0


def test_a_half_seen_diagonal_teaches_no_growth_but_where_nothing_else_does() -> None:
    """By hand: 30 / 20 and 24 / 20 are links to periods that are over, 22 / 20 is one to a half-seen one.

    From age 2 to 3 there is that of the half-seen diagonal alone, so it stays.
    """
    rows = [[20.0, 30, 33, 36], [20, 24, 30, NAN], [20, 22, NAN, NAN], [7, NAN, NAN, NAN]]
    whole = Triangle.from_array(rows, first_origin=date(2021, 1, 1))
    half = replace(whole, unseen_days=184)
    for average in ("volume", "simple"):
        chosen = LinkRatios(average=average)
        assert chosen.of(half).link_ratios == pytest.approx([54 / 40, 33 / 30, 36 / 33])
    assert LinkRatios(latest=1).of(half).link_ratios[0] == pytest.approx(24 / 20)
    assert LinkRatios().of(whole).link_ratios[0] == pytest.approx(76 / 60)
    for method in (OverDispersedPoisson(), MerzWuethrich()):
        with pytest.raises(InputError, match="184 days of it not seen yet"):
            method.fit(half)
    # Of two ages known of each origin, the older ones' last link lies behind: it was seen whole.
    tall = replace(
        Triangle.from_array(
            [[10.0, 20.0], [10.0, 30.0], [10.0, 11.0], [9.0, NAN]], first_origin=date(2021, 1, 1)
        ),
        unseen_days=184,
    )
    assert LinkRatios().of(tall).link_ratios == pytest.approx([50 / 20])


def test_an_unfinished_origin_is_refused_dropped_or_kept() -> None:
    with pytest.raises(InputError, match="2024, which is not over by 2024-03-31"):
        of(ROWS, development_grain="quarter")
    dropped = of(ROWS, development_grain="quarter", partial="drop")
    assert dropped.origins == ("2023",)
    assert cells(dropped) == [[0, 0, 0, 100, 170]]


def test_totals_to_date_are_taken_as_they_stand() -> None:
    days = [(2022, 2022, 10.0), (2022, 2023, 15.0), (2023, 2023, 8.0)]
    rows = {
        "loss": [f"{origin}-07-01" for origin, _, _ in days],
        "day": [f"{year}-12-31" for _, year, _ in days],
        "sum": [amount for _, _, amount in days],
    }
    assert np.array_equal(
        of(rows, cumulative=True).cumulative, [[10, 15], [8, NAN]], equal_nan=True
    )


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_any_frame_gives_the_same_triangle(make: Callable[[Any], Any]) -> None:
    frame = make(ROWS | {"loss": [date.fromisoformat(day) for day in ROWS["loss"]]})
    grains: dict[str, Any] = {"origin_grain": "month", "development_grain": "month"}
    found = Triangle.from_frame(frame, cumulative=False, **NAMES, **grains)
    assert np.array_equal(found.cumulative, of(ROWS, **grains).cumulative, equal_nan=True)


payments = st.lists(
    st.tuples(st.integers(0, 700), st.integers(0, 500), st.integers(-50, 1000)),
    min_size=1,
    max_size=30,
)


@settings(max_examples=8)
@given(rows=payments, order=st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_the_grain_changes_what_was_paid(
    rows: list[tuple[int, int, int]], order: Any
) -> None:
    def triangle(rows: list[tuple[int, int, int]], grain: str) -> Triangle:
        base = np.datetime64("2021-01-01")
        loss = [str(base + a) for a, _, _ in rows]
        day = [str(base + a + b) for a, b, _ in rows]
        table = {"loss": loss, "day": day, "sum": [float(x) for _, _, x in rows]}
        end = {"as_of": date(2024, 12, 31), "origin_grain": grain, "development_grain": grain}
        return of(table, **end)

    shuffled = list(rows)
    order.shuffle(shuffled)
    months, again = triangle(rows, "month"), triangle(shuffled, "month")
    assert np.array_equal(months.cumulative, again.cumulative, equal_nan=True)
    for grain in ("quarter", "year"):
        assert triangle(rows, grain).latest.sum() == months.latest.sum() == sum(x for *_, x in rows)


def test_an_earlier_valuation_is_the_triangle_as_it_was() -> None:
    end = {"origin_grain": "quarter", "development_grain": "quarter"}
    now, then = of(ROWS, **end), of(ROWS, as_of=date(2023, 12, 31), **end)
    before = now.earlier(1)
    assert before.valuation == then.valuation
    # Seen then, nothing had been paid on 2023Q1 yet, so that triangle begins with 2023Q4.
    assert before.cumulative[-1, 0] == then.cumulative[0, 0] == 100
    assert before.latest.tolist() == [0, 0, 0, 100]
    assert unequal().earlier(2).exposure.tolist() == [10, 12, 11, 13]
    assert unequal().earlier(2).n_ages == 4


def test_an_earlier_valuation_notes_what_was_to_be_seen_then() -> None:
    rows = [[5.0, 6.0, 4.0], [3.0, 4.0, NAN], [2.0, NAN, NAN]]
    now = Triangle.from_array(rows, first_origin=date(2024, 1, 1))
    assert now.notes == (("amounts that fall", 1),)
    assert now.earlier(1).notes == ()
    assert now.earlier(0).notes == now.notes
    with pytest.raises(InputError, match="periods: got"):
        now.earlier(0.5)  # type: ignore[arg-type]


GOOD: dict[str, list[Any]] = {
    "loss": 2 * ["2024-01-01"],
    "day": 2 * ["2024-02-01"],
    "sum": [1.0, 2.0],
}
BAD = [
    ({"loss": ["2024-01-01"], "day": ["2023-12-31"], "sum": [1.0]}, {}, "dates_out_of_order"),
    ({"loss": ["2024-01-01", None], "day": 2 * ["2024-02-01"], "sum": [1.0, 2.0]}, {}, "no_date"),
    ({"loss": ["2024-13-02"], "day": ["2024-02-01"], "sum": [1.0]}, {}, "no_date"),
    ({"loss": [20240101], "day": ["2024-02-01"], "sum": [1.0]}, {}, "type"),
    ({"loss": ["2024-01-01"], "day": ["2024-02-01"], "sum": [NAN]}, {}, "not_a_number"),
    ({"loss": ["2024-01-01"], "day": ["2024-02-01"], "sum": ["1,5"]}, {}, "not_a_number"),
    ({"loss": ["2024-01-01"], "day": ["2024-02-01"]}, {}, "missing_column"),
    (
        {
            "loss": 2 * ["2024-01-01"],
            "day": 2 * ["2024-02-01"],
            "sum": [1.0, 2.0],
            "c": ["EUR", "USD"],
        },
        {"currency": "c"},
        "mixed_currency",
    ),
    (
        {"loss": ["2024-01-01"], "day": ["2024-02-01"], "sum": [1.0], "c": [None]},
        {"currency": "c"},
        "no_currency",
    ),
    (
        {"loss": 2 * ["2024-01-01"], "day": 2 * ["2024-02-01"], "sum": [1.0, 2.0]},
        {"cumulative": True},
        "duplicate_cell",
    ),
    (
        {
            "loss": ["2023-01-01", "2024-01-01"],
            "day": ["2023-02-01", "2024-02-01"],
            "sum": [1.0, 2.0],
        },
        {"cumulative": True},
        "missing_cell",
    ),
    (
        {"loss": ["2024-01-01"], "day": ["2024-02-01"], "sum": [1.0]},
        {"origin_grain": "week"},
        "unknown_grain",
    ),
    (
        {"loss": ["2024-01-01"], "day": ["2024-02-01"], "sum": [1.0]},
        {"partial": "guess"},
        "unknown",
    ),
    (
        {"loss": ["2024-01-01"], "day": ["2024-02-01"], "sum": [1.0], "c": ["1,5"]},
        {"currency": "c"},
        "no_currency",
    ),
    ({"loss": [], "day": [], "sum": []}, {}, "empty"),
    (
        {"loss": ["2024-01-01"], "day": ["2024-02-01"], "sum": [1.0]},
        {"as_of": date(2020, 12, 31)},
        "empty",
    ),
]


@pytest.mark.parametrize(("rows", "more", "code"), BAD)
def test_what_is_no_triangle_is_refused(
    rows: dict[str, list[Any]], more: dict[str, Any], code: str
) -> None:
    with pytest.raises(InputError) as caught:
        of(rows, **more)
    assert code in {fault.code for fault in caught.value.faults}
    assert "1,5" not in str(caught.value)  # never a value of a row


def test_one_currency_is_kept() -> None:
    rows = {"loss": ["2024-01-01"], "day": ["2024-02-01"], "sum": [1.0], "c": ["EUR"]}
    assert of(rows, currency="c").currency == "EUR"


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([[1.0, 2.0], [1.0, 3.0], [NAN, 4.0]], "ragged"),  # a hole before a number
        ([[1.0, NAN], [1.0, 2.0]], "ragged"),  # the older origin is known less far
        ([[1.0, 2.0, 3.0, 4.0], [1.0, 2.0, NAN, NAN], [1.0, 2.0, NAN, NAN]], "ragged"),
        ([[1.0, 2.0], [NAN, NAN]], "after_valuation"),
        ([[]], "shape"),
    ],
)
def test_a_ragged_table_is_refused(rows: list[list[float]], code: str) -> None:
    with pytest.raises(InputError) as caught:
        Triangle.from_array(rows, first_origin=date(2024, 1, 1))
    assert [fault.code for fault in caught.value.faults] == [code]


def test_amounts_may_fall_and_it_is_noted() -> None:
    found = Triangle.from_array([[5.0, 4.0], [3.0, NAN]], first_origin=date(2024, 1, 1))
    assert found.notes == (("amounts that fall", 1),)


def test_an_origin_period_without_an_amount_is_noted() -> None:
    """A year written wrongly opens years in which nothing happened."""
    rows = {"loss": ["2019-01-01", "2024-01-01"], "day": 2 * ["2024-02-01"], "sum": [1.0, 2.0]}
    assert of(rows).notes == (("origin periods without an amount", 4),)


@pytest.mark.parametrize(
    ("loss", "day", "more", "place"),
    [
        ("1900-01-01", "2024-02-01", {}, "loss: got (value not shown) in 1 row (data row 2)"),
        ("2024-01-01", "9999-12-31", {}, "day: got (value not shown) in 1 row (data row 2)"),
        ("2024-01-01", "2024-02-01", {"as_of": date(2999, 12, 31)}, "as_of: got 2999-12-31"),
    ],
    ids=["long ago", "far ahead", "the valuation date itself"],
)
def test_a_stray_date_is_named_by_its_row_before_it_makes_a_huge_triangle(
    loss: str, day: str, more: dict[str, Any], place: str
) -> None:
    rows = {
        "loss": ["2024-01-01", loss, "2024-03-01"],
        "day": ["2024-02-01", day, "2024-03-31"],
        "sum": [1.0, 2.0, 3.0],
    }
    with pytest.raises(InputError) as caught:
        of(rows, origin_grain="month", development_grain="month", **more)
    assert str(caught.value).startswith(place)
    assert "1,200 months" in str(caught.value) and "1900" not in str(caught.value)


def test_a_hundred_years_of_months_are_a_triangle() -> None:
    rows = {"loss": ["1924-01-01"], "day": ["2023-12-31"], "sum": [1.0]}
    found = of(rows, origin_grain="month", development_grain="month")
    assert (found.n_origins, found.n_ages) == (1200, 1200)


@pytest.mark.parametrize(
    "day",
    [
        datetime(2023, 12, 31),
        pd.Timestamp("2023-12-31"),
        np.datetime64("2023-12-31"),
        "2023-12-31",
    ],
    ids=lambda day: type(day).__name__,
)
def test_a_day_may_be_written_as_dates_are(day: Any) -> None:
    grains = {"origin_grain": "quarter", "development_grain": "quarter"}
    found = of(ROWS, as_of=day, **grains)
    assert found.valuation == date(2023, 12, 31) and type(found.valuation) is date
    first = Triangle.from_array(
        [[1.0, 2.0], [1.0, NAN]], first_origin=pd.Timestamp("2024-01-01")
    ).first_origin
    assert type(first) is date and first == date(2024, 1, 1)


@pytest.mark.parametrize(
    "day",
    [
        datetime(2023, 12, 31, 15),
        datetime(2023, 12, 31, tzinfo=UTC),
        pd.NaT,
        np.datetime64("NaT"),
        "31.12.2023",
        "20231231",
        "2023-13-01",
        20231231,
    ],
    ids=str,
)
def test_what_is_no_day_is_refused_as_one(day: Any) -> None:
    with pytest.raises(InputError) as caught:
        of(ROWS, as_of=day)
    with pytest.raises(InputError) as other:
        Triangle.from_array([[1.0, 2.0], [1.0, NAN]], first_origin=day)
    for error, field in ((caught, "as_of"), (other, "first_origin")):
        assert [fault.field for fault in error.value.faults] == [field]
        assert "date(2026, 12, 31)" in str(error.value)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"currency": "euro"}, "currency"),
        ({"currency": "eur"}, "currency"),
        ({"first_origin": date(2024, 2, 1)}, "first_origin"),
        ({"valuation": date(2025, 12, 30)}, "valuation"),
        ({"unseen_days": 365}, "unseen_days"),
        ({"unseen_days": 1.5}, "unseen_days"),
    ],
)
def test_a_triangle_is_valid_from_birth(changed: dict[str, Any], field: str) -> None:
    good = Triangle.from_array([[5.0, 4.0], [3.0, NAN]], first_origin=date(2024, 1, 1))
    with pytest.raises(InputError) as caught:
        replace(good, **changed)
    assert [fault.field for fault in caught.value.faults] == [field]


@pytest.mark.parametrize("exposure", [[1.0], [1.0, 0.0], [1.0, NAN]])
def test_exposure_is_one_positive_number_an_origin(exposure: list[float]) -> None:
    with pytest.raises(InputError, match="exposure"):
        Triangle.from_array(
            [[5.0, 4.0], [3.0, NAN]], first_origin=date(2024, 1, 1), exposure=exposure
        )


def test_the_callers_array_stays_theirs() -> None:
    mine = np.array([[5.0, 4.0], [3.0, NAN]])
    found = Triangle.from_array(mine, first_origin=date(2024, 1, 1))
    mine[0, 0] = 99.0
    assert found.cumulative[0, 0] == 5.0
    assert not found.cumulative.flags.writeable


@pytest.mark.parametrize("payments", [(0.1, 0.2, -0.3), (120.1, 33.3, -153.4), (0.3, -0.1, -0.2)])
def test_payments_that_are_taken_back_leave_a_real_zero(payments: tuple[float, ...]) -> None:
    """None of these sums is zero in binary."""
    rows = [("2021-03-01", "2021-06-01", amount) for amount in payments]
    rows += [("2021-03-01", "2022-06-01", 40.0), ("2022-03-01", "2022-06-01", 100.0)]
    frame = pd.DataFrame(rows, columns=["incurred", "paid", "amount"])
    frame = frame.assign(**{name: pd.to_datetime(frame[name]) for name in ("incurred", "paid")})
    triangle = Triangle.from_frame(
        frame,
        origin="incurred",
        valuation="paid",
        amount="amount",
        cumulative=False,
        origin_grain="year",
        development_grain="year",
    )
    assert triangle.cumulative[0].tolist() == [0.0, pytest.approx(40.0)]


@pytest.mark.parametrize("rows", [[[1.0, 2.0], [1.0]], [[1.0, "member-canary-77"], [1.0, None]]])
def test_what_is_no_table_of_numbers_is_refused_without_being_shown(
    rows: list[list[object]],
) -> None:
    with pytest.raises(InputError, match="cumulative: got") as refused:
        Triangle.from_array(rows, first_origin=date(2024, 1, 1))  # type: ignore[arg-type]
    assert "canary" not in str(refused.value)


def test_periods_of_pandas_are_refused_with_the_way_to_days() -> None:
    years = pd.Series(["2023", "2024"], dtype="period[Y]")
    frame = pd.DataFrame({"loss": years, "day": years, "sum": [1.0, 2.0]})
    with pytest.raises(InputError, match=r"loss: .* take \.dt\.to_timestamp\(\)"):
        Triangle.from_frame(frame, origin="loss", valuation="day", amount="sum", cumulative=False)

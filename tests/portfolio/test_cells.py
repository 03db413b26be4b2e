"""Cells are read strictly: what cannot be read is marked, never repaired. The oracle is plain Python."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualfund.portfolio import cells

EPOCH = date(1970, 1, 1)


@given(st.lists(st.dates(), min_size=1))
def test_iso_text_and_date_columns_give_the_same_days(days):
    expected = [(day - EPOCH).days for day in days]
    from_text = cells.as_days(pa.array([day.isoformat() for day in days]))
    assert from_text.values.tolist() == expected
    assert cells.as_days(pa.array(days)).values.tolist() == expected


@pytest.mark.parametrize(
    "text",
    ["2026-13-02", "2026-02-30", "02/03/2026", "20260203", "2026-W05-1", "2026-2-3", "٢٠٢٦-01-01"],
)
def test_no_other_way_of_writing_a_day_is_read(text):
    read = cells.as_days(pa.array([text, "2026-02-03"]))
    assert read.unreadable.tolist() == [True, False]


def test_a_timestamp_is_a_day_only_at_midnight():
    stamps = [datetime(2026, 1, 2), datetime(2026, 1, 2, 13), None]
    for unit in ("s", "ms", "us", "ns"):
        read = cells.as_days(pa.array(stamps, pa.timestamp(unit)))
        assert read.values[0] == (date(2026, 1, 2) - EPOCH).days
        assert read.unreadable.tolist() == [False, True, False]
        assert read.missing.tolist() == [False, False, True]


def test_numbers_and_booleans_are_not_days():
    for values in ([20260101], [True], [1.5]):
        with pytest.raises(cells.WrongTypeError):
            cells.as_days(pa.array(values))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_a_number_written_as_text_is_the_same_number(numbers):
    read = cells.as_numbers(pa.array([repr(number) for number in numbers]))
    np.testing.assert_array_equal(read.values, numbers)
    assert not read.unreadable.any()


@pytest.mark.parametrize(
    "text", ["1,5", "1 000", "1_000", "nan", "inf", "-Infinity", "0x1F", "12 EUR"]
)
def test_text_that_is_no_plain_number_is_unreadable(text):
    read = cells.as_numbers(pa.array([text, "7"]))
    assert read.unreadable.tolist() == [True, False]
    assert read.values[1] == 7


def test_a_decimal_comma_is_recognised_for_the_hint():
    read = cells.as_numbers(pa.array(["1,5", "1.234,50", "-3,0", "a,b"]))
    assert read.decimal_comma.tolist() == [True, True, True, False]


def test_labels_are_coded_in_alphabetical_order_whatever_the_order_of_rows():
    codes, names = cells.as_labels(pa.array(["b", None, "a", " ", "b"]))
    assert names == ("a", "b")
    assert codes.tolist() == [1, -1, 0, -1, 1]


def test_identifiers_that_were_read_as_numbers_are_not_taken_for_text():
    with pytest.raises(cells.WrongTypeError):
        cells.as_text(pa.array([7, 8]))


def test_flags_are_true_or_false_and_nothing_else():
    values, unreadable = cells.as_flags(pa.array(["true", "0", None, "yes"]))
    assert values.tolist() == [True, False, False, False]
    assert unreadable.tolist() == [False, False, False, True]


def test_a_long_text_is_found_in_plain_and_in_dictionary_columns():
    texts = ["short", "x" * 300, None, "y"]
    plain = pa.array(texts)
    for values in (plain, plain.dictionary_encode()):
        assert cells.longer_than(values, 256).tolist() == [False, True, False, False]

"""The registry says everything once, and its small helpers follow their published sources."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualfund.schema import COLUMNS, column, csv_safe, minor_units


@pytest.mark.parametrize("table", sorted(COLUMNS))
def test_every_column_has_a_meaning_and_numbers_have_a_range_and_a_unit(table):
    names = [spec.name for spec in COLUMNS[table]]
    assert len(set(names)) == len(names)
    for spec in COLUMNS[table]:
        assert spec.meaning.endswith(".")
        bounded = spec.minimum is not None and spec.maximum is not None and bool(spec.unit)
        assert bounded == (spec.kind in ("integer", "number"))
        assert spec.allowed


def test_a_name_means_the_same_kind_of_thing_in_every_table():
    kinds = {}
    for specs in COLUMNS.values():
        for spec in specs:
            assert kinds.setdefault(spec.name, spec.kind) == spec.kind


def test_an_unregistered_column_is_a_key_error():
    with pytest.raises(KeyError):
        column("members", "favourite_colour")


@pytest.mark.parametrize(
    ("currency", "minor"),
    [("EUR", 100), ("USD", 100), ("JPY", 1), ("XOF", 1), ("KRW", 1), ("BHD", 1000), ("TND", 1000)],
)
def test_minor_units_follow_iso_4217(currency, minor):
    assert minor_units(currency) == minor


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(start):
    assert csv_safe(start + "1+1") == "'" + start + "1+1"


@given(st.text())
def test_a_guarded_cell_never_starts_a_formula_and_loses_nothing(text):
    guarded = csv_safe(text)
    assert guarded.removeprefix("'") == text.removeprefix("'") or guarded == text
    stream = io.StringIO()
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerow([guarded])
    assert stream.getvalue()[1] not in "=+-@\t\r"

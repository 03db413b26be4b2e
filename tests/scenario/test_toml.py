"""TOML out, and back in through the standard library's parser."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualfund.scenario.toml import dumps

scalars = (
    st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.dates()
)
keys = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3)
)


@given(table=st.dictionaries(keys, values, max_size=4))
def test_what_is_written_reads_back_equal(table: dict[str, Any]) -> None:
    assert tomllib.loads(dumps(table)) == table


def test_values_of_none_are_left_out() -> None:
    assert tomllib.loads(dumps({"a": None, "b": {"c": None, "d": 1}})) == {"b": {"d": 1}}


def test_dates_stay_dates_and_whole_numbers_stay_whole() -> None:
    text = dumps({"start": date(2027, 1, 1), "paths": 20_000, "rate": 1.0})
    assert text == "start = 2027-01-01\npaths = 20000\nrate = 1.0\n"


def test_what_toml_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="a complex"):
        dumps({"z": 1j})

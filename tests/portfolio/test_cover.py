"""Cover counts each day once. Sets of days are the oracle."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualfund.errors import InputError
from mutualfund.portfolio.cover import CoverSpells
from mutualfund.rng import member_key

FIRST = date(2026, 1, 1)
EPOCH = date(1970, 1, 1)

spells = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 60), st.integers(0, 20)), max_size=12
)


def frame(rows):
    return pa.table(
        {
            "member_id": pa.array([who for who, _, _ in rows], pa.string()),
            "cover_start": pa.array(
                [FIRST + timedelta(start) for _, start, _ in rows], pa.date32()
            ),
            "cover_end": pa.array(
                [FIRST + timedelta(start + length) for _, start, length in rows], pa.date32()
            ),
        }
    )


def days_of(rows):
    return {(who, day) for who, start, length in rows for day in range(start, start + length + 1)}


@given(spells)
def test_merged_spells_cover_each_day_once(rows):
    merged = CoverSpells.from_frame(frame(rows), overlap="merge")
    assert merged.days_covered(FIRST, FIRST + timedelta(200)) == len(days_of(rows))
    days = np.array([(FIRST - EPOCH).days + day for day in range(-3, 90)])
    for who in "abcd":
        keys = np.full(len(days), member_key(who), np.uint64)
        expected = [(who, day) in days_of(rows) for day in range(-3, 90)]
        assert merged.covers(keys, days).tolist() == expected


@given(spells)
def test_overlap_is_refused_exactly_where_a_day_is_covered_twice(rows):
    twice = sum(length + 1 for _, _, length in rows) > len(days_of(rows))
    if twice:
        with pytest.raises(InputError) as caught:
            CoverSpells.from_frame(frame(rows))
        assert [fault.code for fault in caught.value.faults] == ["overlap"]
    else:
        CoverSpells.from_frame(frame(rows))


def test_days_are_counted_inside_the_asked_period_only():
    cover = CoverSpells.from_frame(frame([("a", 0, 30), ("b", 20, 5)]))
    assert cover.days_covered(FIRST + timedelta(25), FIRST + timedelta(40)) == 6 + 1


def test_a_spell_that_ends_before_it_starts_is_refused():
    with pytest.raises(InputError) as caught:
        CoverSpells.from_frame(frame([("a", 5, -2)]))
    assert [fault.code for fault in caught.value.faults] == ["end_before_start"]


def test_periods_of_pandas_are_refused_with_the_way_to_days():
    months = pd.Series(["2024-01", "2024-02"], dtype="period[M]")
    table = pd.DataFrame({"member_id": ["a", "b"], "cover_start": months, "cover_end": months})
    with pytest.raises(InputError, match=r"cover_start: .* take \.dt\.to_timestamp\(\)"):
        CoverSpells.from_frame(table)

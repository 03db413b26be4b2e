"""A table read in turns: rows count on, a fault is one fault, and nothing is blamed twice."""

from __future__ import annotations

import pyarrow as pa
import pytest

from mutualfund.errors import InputError
from mutualfund.portfolio.table import TableReader


def turns(*ages):
    """The faults of a members table whose ages come in several turns, each column read twice."""
    reader = None
    for some in ages:
        columns = {"member_id": pa.array(["m"] * len(some)), "age": pa.array(some)}
        if reader is None:
            reader = TableReader("members", {**columns, "sex": pa.array([])}, source="members")
        else:
            reader.turn(columns)
        reader.numbers("age")
        reader.numbers("age")
    with pytest.raises(InputError) as caught:
        reader.raise_faults()
    return [str(fault) for fault in caught.value.faults]


def test_rows_are_counted_over_all_turns_and_the_first_five_shown():
    assert turns([1, 2], [130, 3], [4, 140, -1]) == turns([1, 2, 130, 3, 4, 140, -1])
    (fault,) = turns([1, 2], [130, 3], [4, 140, -1])
    assert "in 3 rows (data rows 3, 6, 7)" in fault
    (many,) = turns([130] * 4, [130] * 4)
    assert "in 8 rows (data rows 1, 2, 3, 4, 5, ...)" in many

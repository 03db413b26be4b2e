"""Small counts stay hidden from a reader who knows the method, the other cells and the true total."""

from __future__ import annotations

import itertools
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualfund.errors import InputError
from mutualfund.portfolio.privacy import new_key, pseudonym, suppress_small_cells


def tables(shape, most):
    """Every table of this shape with at most `most` persons."""
    cells = int(np.prod(shape))
    for counts in itertools.product(range(most + 1), repeat=cells):
        if sum(counts) <= most:
            yield np.array(counts).reshape(shape)


def published(table, **options):
    safe = suppress_small_cells(table, **options)
    totals = (safe.row_totals, safe.column_totals, safe.total)
    return safe.text(), str(totals), int(table.sum())


@pytest.mark.parametrize(
    ("shape", "most", "options"),
    [
        ((1, 3), 22, {"largest": 3, "rounding": 1}),
        ((2, 2), 14, {"largest": 2, "rounding": 1}),
        ((1, 3), 36, {"largest": 10, "rounding": 5}),
        ((1, 4), 16, {"largest": 3, "rounding": 5}),
    ],
)
def test_no_differencing_attack_finds_a_hidden_count(shape, most, options):
    """All tables that publish alike and have the same known total: no hidden cell is equal in all."""
    alike = defaultdict(list)
    for table in tables(shape, most):
        alike[published(table, **options)].append(table)
    for (text, _, _), candidates in alike.items():
        hidden = np.array(text) == "*"
        spread = np.ptp(np.array(candidates), axis=0)
        assert (spread[hidden] > 0).all(), (text, candidates)


@given(st.lists(st.lists(st.integers(0, 60), min_size=3, max_size=3), min_size=1, max_size=4))
def test_counts_of_one_to_ten_never_show_and_the_rest_is_rounded(table):
    counts = np.array(table)
    safe = suppress_small_cells(counts)
    assert np.isnan(safe.cells[(counts >= 1) & (counts <= 10)]).all()
    shown = ~np.isnan(safe.cells)
    assert (safe.cells[shown] % 5 == 0).all()
    assert (np.abs(safe.cells - counts)[shown] <= 2).all()
    np.testing.assert_array_equal(np.isnan(safe.row_totals), ~shown.all(axis=1))
    np.testing.assert_array_equal(np.isnan(safe.column_totals), ~shown.all(axis=0))
    assert np.isnan(safe.total) == (not shown.all())


def test_a_table_without_small_cells_shows_everything():
    assert suppress_small_cells([[11, 0], [23, 48]]).text() == (("10", "0"), ("25", "50"))


def test_bounds_are_configurable():
    assert suppress_small_cells([8, 9, 300, 40], largest=7, rounding=1).text() == (
        ("8", "9", "300", "40"),
    )


def test_impossible_counts_are_refused():
    with pytest.raises(InputError):
        suppress_small_cells([[-1]])


def test_pseudonyms_differ_by_key_and_person_and_repeat_under_one_key():
    first, second = bytes(range(32)), bytes(range(1, 33))
    names = {pseudonym(who, key) for who in ("007", "7", "8") for key in (first, second)}
    assert len(names) == 6
    assert pseudonym("007", first) in names


def test_a_short_key_is_refused():
    with pytest.raises(InputError):
        pseudonym("007", b"short")


def test_a_key_is_made_outside_the_run_folder_once(tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    path = tmp_path / "key"
    key = new_key(path, run_folder=run)
    assert path.read_bytes() == key
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(InputError, match="new file"):
        new_key(path, run_folder=run)
    with pytest.raises(InputError, match="outside the run folder"):
        new_key(run / "sub" / ".." / "key", run_folder=run)

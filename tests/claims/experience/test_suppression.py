"""Small cells are hidden, and nobody gets them back by subtraction."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.experience.village import study_of
from mutualfund.claims.experience.tables import table_of


def table(counts):
    """A table of persons by as many keys as `counts` has axes, with twice the persons as its amount."""
    counts = np.asarray(counts)
    labels = [
        (f"key{axis}", [f"{code}" for code in range(n)]) for axis, n in enumerate(counts.shape)
    ]
    flat = counts.ravel()
    return table_of("persons", labels, flat > 0, flat, {"amount": 2.0 * flat})


def hidden_of(counts):
    """(shape) which cells are hidden."""
    found = table(counts).suppressed()
    hidden = np.zeros(np.size(counts), dtype=bool)
    hidden[found.place] = found.hidden
    return hidden.reshape(np.shape(counts))


def test_small_cells_lose_their_numbers_and_the_others_are_rounded():
    shown = table([[3, 40, 61], [50, 33, 4], [8, 100, 200]]).suppressed()
    assert np.isnan(shown["amount"][shown.hidden]).all()
    assert np.isnan(shown["persons"][shown.hidden]).all()
    assert shown["persons"][~shown.hidden].tolist() == [35.0, 200.0]
    assert shown["amount"][~shown.hidden].tolist() == [66.0, 400.0]
    assert shown.labels["key0"][0] == "0"  # a hidden row keeps its labels


def test_nothing_small_hides_nothing():
    whole = table([[30, 40], [50, 60]])
    assert not whole.suppressed().hidden.any()
    np.testing.assert_array_equal(whole.suppressed()["amount"], whole["amount"])


def solvable(counts, hidden):
    """Small cells that follow from the shown cells and every total over one key: a difference attack.

    Plain elimination by the attacker: whatever stands alone in a total is known, again and again; then linear
    algebra on what is left, in exact ranks.
    """
    counts = np.asarray(counts)
    cells = list(zip(*np.nonzero(hidden), strict=True))
    equations = []
    for axis in range(counts.ndim):
        others = [range(n) for place, n in enumerate(counts.shape) if place != axis]
        for fixed in product(*others):
            line = [*fixed[:axis], slice(None), *fixed[axis:]]
            total = np.zeros(counts.shape)
            total[tuple(line)] = 1
            row = [total[cell] for cell in cells]
            if any(row):
                equations.append(row)
    matrix = np.array(equations)
    rank = np.linalg.matrix_rank(matrix)
    return [
        cell
        for place, cell in enumerate(cells)
        if np.linalg.matrix_rank(np.vstack([matrix, np.eye(len(cells))[place]])) == rank
    ]


@given(
    st.integers(2, 4).flatmap(
        lambda rows: st.integers(2, 4).flatmap(
            lambda columns: st.lists(
                st.lists(st.sampled_from([2, 7, 15, 40, 90]), min_size=columns, max_size=columns),
                min_size=rows,
                max_size=rows,
            )
        )
    )
)
@settings(max_examples=25)
def test_no_small_count_follows_from_the_totals(counts):
    counts = np.array(counts)
    hidden = hidden_of(counts)
    small = counts <= 10
    assert hidden[small].all()
    if not hidden.all():
        told = solvable(counts, hidden)
        assert not [cell for cell in told if small[cell]]


def test_one_small_cell_would_follow_from_its_row_so_three_more_go():
    counts = np.full((3, 3), 50)
    counts[1, 1] = 4
    hidden = hidden_of(counts)
    assert hidden[1, 1]
    assert hidden.sum() >= 4
    assert not solvable(counts, hidden)


def test_three_keys_are_guarded_over_each():
    counts = np.full((2, 3, 2), 40)
    counts[0, 0, 0] = counts[1, 2, 1] = 3
    told = solvable(counts, hidden_of(counts))
    assert not [cell for cell in told if counts[cell] <= 10]


def test_the_whole_minus_what_is_shown_does_not_give_one_group_away():
    """Few are old: were only they hidden, the grand total less what is shown would be their cost."""
    spells, claims, members = [], [], {}
    for place in range(100):
        who = f"m{place}"
        members[who] = ("1950-01-01" if place < 5 else "1990-01-01", "F" if place % 2 else "M")
        spells.append((who, "2024-01-01", "2024-12-31"))
        claims.append((who, "drugs", "2024-02-01", float(place)))
    study = study_of(spells, claims, members)
    shown = study.pmpm(("age_band", "sex")).suppressed()
    assert shown.hidden.sum() >= 2
    left = study.pmpm()["amount"][0] - np.nansum(shown["amount"])
    for amount in study.pmpm(("age_band", "sex"))["amount"][shown.hidden]:
        assert left != pytest.approx(amount)


def test_one_claimant_among_many_members_is_hidden_too():
    """Two hundred members in four cells; one of them alone went to hospital, and her cost is hers."""
    spells = [(f"m{place}", "2024-01-01", "2024-12-31") for place in range(200)]
    members = {who: ("1990-01-01", "FM"[place % 2]) for place, (who, *_) in enumerate(spells)}
    claims = [(who, "drugs", "2024-02-01", 10.0) for who in members]
    claims.append(("m6", "hospital", "2024-03-01", 7654.0))
    study = study_of(spells, claims, members)
    by = ("line", "sex")
    shown = study.pmpm(by).suppressed()
    row = list(zip(shown.labels["line"], shown.labels["sex"], strict=True)).index(("hospital", "F"))
    assert shown.hidden[row]
    assert 7654.0 not in shown["amount"]
    assert not study.exposure("sex").suppressed().hidden.any()
    assert study.pooled(5000.0).suppressed().hidden.all()


def test_a_repr_shows_no_number():
    assert repr(table([[3, 40]])) == "persons by key0, key1: 2 rows"

"""The example run of the documentation: a fund whose books add up, so that examples mean what they say."""

from __future__ import annotations

import numpy as np
import pytest

from mutualfund.results import DIMENSIONS, LINE_MEASURES, MEASURES, check_identities, example_run


@pytest.mark.parametrize("n_paths", [1, 3, 20, 45])
def test_the_books_of_the_example_add_up(n_paths: int) -> None:
    """Source of truth: the identities of the ledger."""
    run = example_run(n_paths)
    assert run.n_paths == n_paths
    assert check_identities(run.ledger) < 1e-6
    assert tuple(run.ledger) == tuple(MEASURES)


def test_its_lines_are_its_ledger_cut_by_line() -> None:
    run = example_run()
    assert tuple(run.lines) == tuple(LINE_MEASURES) == tuple(DIMENSIONS["line"].measures)
    for name in set(run.lines) & set(run.ledger):
        assert np.array_equal(run.lines[name].sum(axis=2), run.measure(name))


def test_nothing_in_it_is_drawn_at_random() -> None:
    assert example_run().digest() == example_run().digest()
    assert example_run(40).mean("result").estimate == example_run(20).mean("result").estimate

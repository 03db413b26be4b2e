"""When claims are paid, against sums done cell by cell (definition 21)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualfund.fund.payments import (
    YEARS_TO_PAY,
    due_by_year,
    next_schedule,
    opening_run_off,
    scaled_run_off,
    spread,
    still_owed,
)
from mutualfund.sim.tables import delay_probabilities


def cell_by_cell(triangle: np.ndarray) -> np.ndarray:
    due = np.zeros((triangle.shape[0], YEARS_TO_PAY), np.int64)
    for path, month, delay in np.ndindex(*triangle.shape):
        due[path, (month + delay) // 12] += triangle[path, month, delay]
    return due


@pytest.mark.parametrize("n_delays", [1, 2, 13, 64])
def test_due_by_year_puts_every_cell_into_its_payment_year(n_delays: int) -> None:
    triangle = np.arange(2 * 12 * n_delays).reshape(2, 12, n_delays) ** 2 % 1013
    np.testing.assert_array_equal(due_by_year(triangle), cell_by_cell(triangle))


def test_schedule_moves_one_year_and_adds_the_new_treatments() -> None:
    schedule = np.array([[5, 7, 11, 0, 0, 0, 13]])
    due = np.array([[100, 200, 0, 0, 0, 0, 300]])
    assert next_schedule(schedule, due).tolist() == [[107, 211, 0, 0, 0, 13, 300]]


def test_still_owed_sums_to_the_mean_delay() -> None:
    chances = delay_probabilities(1.5)
    assert sum(still_owed(chances)) == pytest.approx(sum(np.arange(64) * chances), rel=1e-12)
    assert sum(still_owed(chances)) == pytest.approx(1.5, rel=1e-9)


def test_opening_run_off_is_monthly_claims_times_mean_delay() -> None:
    delays = np.array([delay_probabilities(1.5), delay_probabilities(0.5)])
    by_year = opening_run_off(np.array([1000.0, 300.0]), delays)
    assert sum(by_year) == pytest.approx(1000 * 1.5 + 300 * 0.5, rel=1e-9)
    # Geometric with mean 1.5: P(D >= k + 1) = 0.6^(k + 1), so 12 months leave 0.6^12 of it.
    left = 1500 * 0.6**12 + 150 * (1 / 3) ** 12
    assert sum(by_year[1:]) == pytest.approx(left, rel=1e-9)


def test_stated_outstanding_keeps_the_pattern_or_is_paid_at_once() -> None:
    pattern = np.array([30.0, 10.0, *np.zeros(YEARS_TO_PAY - 2)])
    assert scaled_run_off(pattern, 8.0)[:2].tolist() == [6.0, 2.0]
    assert scaled_run_off(0.0 * pattern, 8.0)[:2].tolist() == [8.0, 0.0]


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=4), st.floats(0.0, 5.0))
def test_spread_loses_no_minor_unit(amounts: list[int], lag: float) -> None:
    cells = spread(np.array(amounts), delay_probabilities(lag))
    assert cells.sum(axis=(1, 2)).tolist() == amounts
    months = cells.sum(axis=2)
    even = np.array(amounts)[:, np.newaxis] / 12
    assert (np.abs(months - even) <= 1 + 1e-9 * np.abs(even)).all()

"""What a meeting sees and how far it may go. Source of truth: the arithmetic in the comments."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualfund.rules import Accounts, Governance


def accounts(due: list[float], reserve: list[float]) -> Accounts:
    ones = np.ones(len(due))
    return Accounts(
        year=1,
        contributions_due=np.array(due),
        claims_incurred=0 * ones,
        member_months=ones,
        reserve_close=np.array(reserve),
        tariff_level=ones,
        tariff_now=ones,
    )


@pytest.mark.parametrize(
    ("data", "effect", "years"),
    [(0, 0, 0), (1, 0, 1), (6, 6, 1), (6, 7, 2), (12, 12, 2), (12, 13, 3)],
)
def test_lags_count_in_whole_years_rounded_up(data: int, effect: int, years: int) -> None:
    assert Governance(data_lag_months=data, effect_lag_months=effect).accounts_lag_years == years


def test_the_rise_grows_by_the_shortfall_to_the_floor_within_its_maximum() -> None:
    seen = accounts(due=[1_000.0, 1_000.0, 2_000.0, 500.0], reserve=[100.0, 70.0, -400.0, 0.0])
    wanted = np.array([0.04, 0.04, 0.04, -0.02])
    # floors 100, 100, 200, 50; shortfalls 0, 30, 600, 50; over dues 0, 0.03, 0.30, 0.10
    free = Governance().decide(wanted, seen, floor=0.10)
    capped = Governance(maximum_increase=0.075).decide(wanted, seen, floor=0.10)
    assert free == pytest.approx([0.04, 0.07, 0.34, 0.08])
    assert capped == pytest.approx([0.04, 0.07, 0.075, 0.075])


def test_without_accounts_the_wanted_rise_stands() -> None:
    wanted = np.array([0.04, 0.2])
    assert Governance().decide(wanted, None, floor=0.5).tolist() == [0.04, 0.2]
    assert Governance(maximum_increase=0.1).decide(wanted, None, 0.5).tolist() == [0.04, 0.1]


def test_a_reserve_above_the_floor_changes_nothing() -> None:
    wanted = np.array([0.04])
    decided = Governance().decide(wanted, accounts([1_000.0], [100.0]), floor=0.10)
    assert decided.tolist() == [0.04]


def test_a_year_without_contributions_asks_for_no_rise() -> None:
    decided = Governance().decide(np.array([0.01]), accounts([0.0], [-5.0]), floor=0.10)
    assert decided.tolist() == [0.01]


@given(reserve=st.floats(-1e6, 1e6), worse=st.floats(0, 1e6), most=st.floats(0.0, 1.0))
def test_a_lower_reserve_never_means_a_lower_rise(
    reserve: float, worse: float, most: float
) -> None:
    rule, wanted = Governance(maximum_increase=most), np.array([0.02, 0.02])
    seen = accounts([1_000.0, 1_000.0], [reserve, reserve - worse])
    higher, lower = rule.decide(wanted, seen, floor=0.2)
    assert higher <= lower <= most or lower == pytest.approx(0.02)

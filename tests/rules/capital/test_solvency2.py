"""Solvency II, health not similar to life.

Source of truth: the formulas of Delegated Regulation 2015/35 as a matrix product, limits worked by hand,
and the published cases (`tests/published`).
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualfund.errors import InputError
from mutualfund.rules import (
    Books,
    SolvencyNslt,
    health_capital,
    nslt_capital,
    premium_and_reserve_risk,
)

volumes = st.lists(st.floats(0, 1e9), min_size=4, max_size=4)
shares = st.lists(st.floats(0, 1), min_size=4, max_size=4)


def as_a_matrix(
    vp: list[float], vr: list[float], sp: list[float], sr: list[float], div: list[float]
) -> float:
    """3 sqrt(x' R x), x = sigma_s V_s; nothing of the library."""
    x = []
    for p, r, a, b, d in zip(vp, vr, sp, sr, div, strict=True):
        variance = (a * p) ** 2 + a * b * p * r + (b * r) ** 2
        size = p + r
        x.append(variance**0.5 / size * size * (0.75 + 0.25 * d) if size else 0.0)
    correlation = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    return float(3 * np.sqrt(np.array(x) @ correlation @ np.array(x)))


@given(volumes, volumes, shares, shares, shares)
def test_any_segments_equal_the_matrix_formula(
    vp: list[float], vr: list[float], sp: list[float], sr: list[float], div: list[float]
) -> None:
    risk = premium_and_reserve_risk(vp, vr, premium_sd=sp, reserve_sd=sr, diversification=div)
    wanted = as_a_matrix(vp, vr, sp, sr, div)
    assert float(risk.capital) == pytest.approx(wanted, rel=1e-12, abs=1e-300)
    assert float(3 * risk.sigma * risk.volume) == pytest.approx(wanted, rel=1e-12, abs=1e-300)


def test_one_segment_without_reserves_is_three_standard_deviations_of_its_premiums() -> None:
    risk = premium_and_reserve_risk([200.0], [0.0], premium_sd=[0.05], reserve_sd=[0.057])
    assert float(risk.capital) == pytest.approx(30.0, rel=1e-14)


def test_a_fund_without_volume_needs_nothing() -> None:
    risk = premium_and_reserve_risk([0.0, 0.0], [0.0, 0.0], premium_sd=0.1, reserve_sd=0.1)
    assert (float(risk.sigma), float(risk.capital)) == (0.0, 0.0)
    assert risk.sigma_by_segment.tolist() == [0.0, 0.0]


def test_paths_are_computed_side_by_side() -> None:
    vp, vr = [[60.0, 25.0], [100.0, 0.0]], [[9.0, 30.0], [15.0, 0.0]]
    both = premium_and_reserve_risk(vp, vr, premium_sd=[0.05, 0.085], reserve_sd=[0.057, 0.14])
    alone = [
        premium_and_reserve_risk(p, r, premium_sd=[0.05, 0.085], reserve_sd=[0.057, 0.14]).capital
        for p, r in zip(vp, vr, strict=True)
    ]
    assert both.capital.tolist() == [float(one) for one in alone]


def test_the_health_module_adds_with_its_own_correlations() -> None:
    correlation = np.array([[1.0, 0.5, 0.25], [0.5, 1.0, 0.25], [0.25, 0.25, 1.0]])
    x = np.array([3.0, 7.0, 2.0])
    assert float(health_capital(*x)) == pytest.approx(float(np.sqrt(x @ correlation @ x)))
    assert float(nslt_capital(5.0, 12.0)) == 13.0


def test_from_the_books_net_of_reinsurance_growing_and_with_lapse() -> None:
    books = Books(
        contributions=[110.0, 1_100.0],
        claims=[80.0, 800.0],
        outstanding=[27.0, 8.0],
        recoverable=[12.0, 11.0],
        reinsurance_premium=[10.0, 100.0],
    )
    rule = SolvencyNslt(growth=0.2, future_premiums=0.1, profit_in_reserves=0.05, ratio=1.5)
    # Premiums 1.2 + 0.1 of 100 and 1000; outstanding 15, and where reinsurers owe more than all, none.
    first = 3 * ((0.05 * 130) ** 2 + 0.05 * 0.057 * 130 * 15 + (0.057 * 15) ** 2) ** 0.5
    lapse = 0.4 * 0.05 * 110.0
    wanted = [1.5 * (first**2 + lapse**2) ** 0.5, 1.5 * ((0.15 * 1_300) ** 2 + 22.0**2) ** 0.5]
    np.testing.assert_allclose(rule.required(books), wanted, rtol=1e-13)


def test_a_shrinking_fund_is_still_measured_by_last_years_premiums() -> None:
    books = Books(contributions=[100.0], claims=[80.0])
    assert SolvencyNslt(growth=-0.3).required(books) == pytest.approx([15.0])


def test_the_segment_and_stated_deviations_and_the_floor_count() -> None:
    books = Books(contributions=[100.0], claims=[80.0])
    assert SolvencyNslt(segment="income_protection").required(books) == pytest.approx([25.5])
    assert SolvencyNslt(premium_sd=0.02).required(books) == pytest.approx([6.0])
    assert SolvencyNslt(minimum=40.0, ratio=2.0).required(books).tolist() == [80.0]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"premium_volume": [1.0, -1.0]}, r"premium_volume\[1\]: got -1"),
        ({"premium_sd": [5.0, 0.1]}, r"premium_sd\[0\]: got 5; allowed: 0 to 1"),
        ({"diversification": [1.0, 1.1]}, r"diversification\[1\]: got 1\.1"),
        ({"correlation": 2.0}, "correlation: got 2"),
        ({"reserve_volume": [1.0, 2.0, 3.0]}, "segments: got shapes .* one number per segment"),
    ],
)
def test_what_is_no_volume_or_deviation_is_refused(
    changed: dict[str, object], message: str
) -> None:
    figures: dict[str, object] = {
        "premium_volume": [1.0, 2.0],
        "reserve_volume": [1.0, 2.0],
        "premium_sd": [0.1, 0.1],
        "reserve_sd": [0.1, 0.1],
    }
    with pytest.raises(InputError, match=message):
        premium_and_reserve_risk(**{**figures, **changed})  # type: ignore[arg-type]

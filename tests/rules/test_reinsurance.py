"""Excess of loss and stop-loss, worked by hand on unequal members and years.

Source of truth: the arithmetic in the comments.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualfund.errors import InputError
from mutualfund.rules import ExcessOfLoss, StopLoss


def test_excess_of_loss_pays_the_layer_above_the_retention() -> None:
    contract = ExcessOfLoss(retention=15_000, limit=10_000, premium_loading=0.3)
    cost = np.array([0.0, 15_000.0, 15_000.01, 20_000.0, 25_000.0, 400_000.0])
    assert contract.recovery(cost) == pytest.approx([0.0, 0.0, 0.01, 5_000.0, 10_000.0, 10_000.0])


def test_stop_loss_pays_the_band_from_attachment_on() -> None:
    contract = StopLoss(attachment=1.15, limit=0.25, premium_loading=0.5)
    net = np.array([1_100.0, 1_150.0, 1_200.0, 2_600.0, 1_400.0])
    expected = np.array([1_000.0, 1_000.0, 1_000.0, 2_000.0, 500.0])
    # attachment points 1150, 1150, 1150, 2300, 575; limits 250, 250, 250, 500, 125
    assert contract.recovery(net, expected) == pytest.approx([0.0, 0.0, 50.0, 300.0, 125.0])


def test_the_premium_is_loaded_expected_recovery_or_the_stated_amount() -> None:
    expected = np.array([100.0, 250.0])
    loaded = StopLoss(attachment=1.0, limit=1.0, premium_loading=0.5)
    stated = ExcessOfLoss(retention=0.0, limit=1.0, premium=77.0)
    assert loaded.price(expected).tolist() == [150.0, 375.0]
    assert stated.price(expected).tolist() == [77.0, 77.0]


def test_a_contract_out_of_reach_recovers_exactly_nothing() -> None:
    high = StopLoss(attachment=10.0, limit=1.0, premium=0.0)
    assert high.recovery(np.array([900.0]), np.array([100.0])).tolist() == [0.0]
    far = ExcessOfLoss(retention=1e12, limit=1.0, premium=0.0)
    assert far.recovery(np.array([1e9])).tolist() == [0.0]


@given(
    cost=st.floats(0, 1e9),
    more=st.floats(0, 1e9),
    retention=st.floats(0, 1e7),
    limit=st.floats(1.0, 1e7),
)
def test_recovery_grows_with_cost_but_never_faster_and_stays_in_its_limit(
    cost: float, more: float, retention: float, limit: float
) -> None:
    contract = ExcessOfLoss(retention=retention, limit=limit, premium=0.0)
    low, high = contract.recovery(np.array([cost, cost + more]))
    assert 0.0 <= low <= high <= limit
    assert high - low <= more + 1e-6 * max(1.0, cost + more)


@pytest.mark.parametrize("price", [{}, {"premium": 1.0, "premium_loading": 0.1}])
def test_a_contract_has_exactly_one_price(price: dict[str, float]) -> None:
    with pytest.raises(InputError, match="premium_loading or premium, one of them"):
        StopLoss(attachment=1.0, limit=0.5, **price)

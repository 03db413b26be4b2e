"""The waterfall and the supplementary call, worked by hand on unequal paths.

Source of truth: the arithmetic in the comments.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualfund.errors import InputError
from mutualfund.rules import Calls, Surplus
from rules.views import year_view

amounts = st.floats(-1e9, 1e9)
shares = st.floats(0.0, 1.0)


def test_each_part_is_a_share_of_the_smaller_of_result_and_room_above_target() -> None:
    view = year_view(
        result=[800.0, 800.0, -50.0, 300.0],
        reserve=[3_000.0, 2_700.0, 5_000.0, 2_400.0],
        target=[2_500.0, 1_000.0, 1_000.0, 2_500.0],
    )
    # room above target: 500, 1700, 4000, -100; result: 800, 800, -50, 300; base: 500, 800, 0, 0
    parts = Surplus(statutory_reserve=0.10, prevention_fund=0.05, refund=0.50).distribute(view)
    assert parts.statutory == pytest.approx([50.0, 80.0, 0.0, 0.0])
    assert parts.allocations == pytest.approx([25.0, 40.0, 0.0, 0.0])
    assert parts.refunds == pytest.approx([250.0, 400.0, 0.0, 0.0])


def test_a_waterfall_without_shares_distributes_exactly_nothing() -> None:
    view = year_view(result=[800.0], reserve=[3_000.0], target=[100.0])
    assert [float(part.sum()) for part in Surplus().distribute(view)] == [0.0, 0.0, 0.0]


@given(result=amounts, reserve=amounts, target=st.floats(0, 1e9), refund=shares, rest=shares)
def test_no_more_than_the_years_result_nor_below_target_is_ever_given_away(
    result: float, reserve: float, target: float, refund: float, rest: float
) -> None:
    prevention = (1.0 - refund) * rest
    view = year_view(result=[result], reserve=[reserve], target=[target])
    parts = Surplus(refund=refund, prevention_fund=prevention).distribute(view)
    given_away = float((parts.refunds + parts.allocations)[0])
    assert 0.0 <= given_away <= max(0.0, result) * (1 + 1e-12)
    if given_away > 0:
        assert reserve - given_away >= target - 1e-6 * max(1.0, abs(reserve), target)


def test_shares_of_the_surplus_above_one_are_refused() -> None:
    with pytest.raises(InputError, match=r"a sum of 1\.1; allowed: .* at most 1"):
        Surplus(statutory_reserve=0.3, prevention_fund=0.3, refund=0.5)


def test_a_call_fills_the_shortfall_after_non_payment_up_to_the_maximum() -> None:
    view = year_view(
        contributions_due=[1_000.0, 1_000.0, 2_000.0, 1_000.0],
        floor=[100.0, 100.0, 200.0, 100.0],
        reserve=[10.0, -400.0, 200.0, 99.1],
    )
    calls = Calls(maximum=0.20, collection_rate=0.90)
    # shortfalls 90, 500, 0, 0.9; over 0.9: 100, 555.6, 0, 1; at most 200, 200, 400, 200
    levied = calls.levy(view)
    assert levied == pytest.approx([100.0, 200.0, 0.0, 1.0])
    assert calls.collected(levied) == pytest.approx([90.0, 180.0, 0.0, 0.9])


def test_a_rulebook_without_calls_levies_exactly_nothing() -> None:
    view = year_view(contributions_due=[1_000.0], floor=[100.0], reserve=[-1e6])
    assert Calls().levy(view).tolist() == [0.0]


@given(
    reserve=amounts,
    floor=st.floats(0, 1e9),
    due=st.floats(0, 1e9),
    maximum=st.floats(0, 2),
    rate=st.floats(0.05, 1.0),
)
def test_a_call_never_lifts_the_reserve_above_the_floor_nor_exceeds_its_maximum(
    reserve: float, floor: float, due: float, maximum: float, rate: float
) -> None:
    calls = Calls(maximum=maximum, collection_rate=rate)
    view = year_view(reserve=[reserve], floor=[floor], contributions_due=[due])
    levied = calls.levy(view)
    assert 0.0 <= levied[0] <= maximum * due
    collected = float(calls.collected(levied)[0])
    assert collected <= max(0.0, floor - reserve) * (1 + 1e-9)


def test_paths_do_not_see_each_other() -> None:
    together = year_view(result=[500.0, 900.0], reserve=[900.0, 950.0], target=[100.0, 700.0])
    parts = Surplus(refund=0.4).distribute(together)
    alone = [
        Surplus(refund=0.4).distribute(year_view(result=[r], reserve=[v], target=[t])).refunds[0]
        for r, v, t in ((500.0, 900.0, 100.0), (900.0, 950.0, 700.0))
    ]
    assert np.array_equal(parts.refunds, alone)

"""Default, delay and error of an estimate. Source of truth: arithmetic in the comments, in whole cents."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutualfund.errors import InputError
from mutualfund.premiums import Transfers, settled_late

THREE = ["A", "B", "C"]


def pool(*amounts: float) -> Transfers:
    return Transfers.between("pool", THREE[: len(amounts)], {"net": amounts})


def test_a_fund_that_does_not_pay_is_missed_by_those_who_receive_in_proportion() -> None:
    # A owes 100.00 and pays 60 %; 40.00 of 100.01 are missing, from B 75.01 and C 25.00.
    moved = pool(-100.01, 75.01, 25.0).when_funds_pay({"A": 0.6})
    # A pays round(6000.6) = 60.01; B 7501 x 6001/10001 = 4500.9..., C 2500 x 6001/10001 = 1500.09...
    assert moved.net.tolist() == [-6001, 4501, 1500]
    assert moved.outside == 0
    assert moved.parts["unpaid"].tolist() == [40.0, -30.0, -10.0]


def test_a_pool_that_pays_a_share_keeps_what_was_paid_in() -> None:
    moved = pool(-100.0, 75.0, 25.0).when_pool_pays(0.126)
    assert moved.net.tolist() == [-10000, 945, 315]
    assert moved.outside == 8740


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2),
    st.fixed_dictionaries({name: st.floats(0, 1) for name in THREE}),
    st.floats(0, 1),
)
def test_whoever_does_not_pay_every_cent_is_accounted_for(
    amounts: list[float], paid: dict[str, float], pool_pays: float
) -> None:
    whole = pool(*amounts, -sum(amounts))
    after = whole.when_funds_pay(paid)
    assert int(after.net.sum()) == after.outside == 0
    assert np.all(np.abs(after.net) <= np.abs(whole.net))
    defaulted = after.when_pool_pays(pool_pays)
    assert int(defaulted.net.sum()) + defaulted.outside == 0
    assert defaulted.outside >= 0
    total = sum(defaulted.parts.values())
    np.testing.assert_allclose(total, defaulted.amounts, atol=0.011)


def test_nobody_in_default_changes_nothing() -> None:
    whole = pool(-100.01, 75.01, 25.0)
    assert whole.when_funds_pay({"A": 1.0}).net.tolist() == whole.net.tolist()
    assert whole.when_pool_pays(1.0).net.tolist() == whole.net.tolist()


def test_an_estimate_is_put_right_when_the_final_figures_come() -> None:
    final = [pool(-10.0, 4.0, 6.0), pool(-20.0, 15.0, 5.0)]
    guess = [pool(-8.0, 4.5, 3.5), pool(-22.0, 15.0, 7.0)]
    paid = settled_late(final, provisional=guess, delay=2)
    assert [now.amounts.tolist() for now in paid] == [
        [-8.0, 4.5, 3.5],
        [-22.0, 15.0, 7.0],
        [-2.0, -0.5, 2.5],
        [2.0, 0.0, -2.0],
    ]
    assert all(now.outside == 0 and int(now.net.sum()) == 0 for now in paid)
    assert sum(now.net for now in paid).tolist() == sum(now.net for now in final).tolist()


def test_without_an_estimate_everything_comes_late_and_a_default_hits_the_period_of_payment() -> (
    None
):
    paid = settled_late([pool(-10.0, 4.0, 6.0)], delay=1, pool_pays=[0.0, 0.5])
    assert [now.amounts.tolist() for now in paid] == [[0.0, 0.0, 0.0], [-10.0, 2.0, 3.0]]
    assert [now.outside for now in paid] == [0, 500]


def test_a_table_shows_the_parts_and_what_is_paid() -> None:
    moved = Transfers.between("pool", ["A", "B"], {"claims": [60.0, 20.0], "levy": [-40.0, -40.0]})
    table = moved.table()
    assert list(table.columns) == ["claims", "levy", "net"]
    assert table.loc["B"].tolist() == [20.0, -40.0, -20.0]


def test_arrays_cannot_be_changed_afterwards() -> None:
    given_parts = np.array([1.0, -1.0])
    moved = Transfers.between("pool", ["A", "B"], {"net": given_parts})
    given_parts[0] = 5.0
    assert moved.parts["net"].tolist() == [1.0, -1.0]
    with pytest.raises(ValueError, match="read-only"):
        moved.net[0] = 3
    with pytest.raises(TypeError, match="frozen"):
        moved.parts["net"] = given_parts  # type: ignore[index]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Transfers.between("p", ["A", "A"], {}), r"funds\[1\]: got 'A'; .* each fund once"),
        (lambda: Transfers.between("p", [], {}), "funds: got nothing; allowed: one fund or more"),
        (lambda: Transfers.between("p", THREE, {"net": [1.0]}), "3 numbers, one per row"),
        (lambda: pool(1.0, -1.0).of("Z"), r"fund: got 'Z'; allowed: A, B"),
        (lambda: pool(1.0, -1.0).plus(pool(0.0, 1.0, -1.0)), "transfers between A, B in 1/100"),
        (lambda: pool(1.0, -1.0).when_pool_pays(12.6), r"share: got 12\.6; allowed: 0 to 1"),
        (lambda: pool(1.0, -1.0).when_funds_pay({"B": -0.1}), r"shares\.B: got -0\.1"),
        (lambda: settled_late([], delay=1), "final: got nothing"),
        (lambda: settled_late([pool(1.0, -1.0)], delay=0.5), "delay: got 0.5; allowed: a whole"),  # type: ignore[arg-type]
        (
            lambda: Transfers.with_outside("p", ["A"], {"net": [np.inf]}),
            r"net\[0\]: got inf; allowed: -4\.5036e\+13 to",
        ),
        (
            lambda: settled_late([pool(1.0, -1.0)], provisional=[], delay=1),
            "provisional: got 0 periods; allowed: 1",
        ),
    ],
)
def test_what_cannot_be_settled_is_refused_by_name(call: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()  # type: ignore[operator]


def test_parts_that_do_not_sum_to_what_was_brought_are_refused() -> None:
    """A cent a fund is rounding; ten units of which nobody knows are not spread over the funds."""
    assert Transfers.between("pool", THREE, {"net": [10.004, -5.0, -4.999]}).net.sum() == 0
    with pytest.raises(InputError, match=r"parts: got a sum of 10\.00; allowed: 0\.00.*brought"):
        Transfers.between("pool", THREE, {"net": [15.0, -2.0, -3.0]})
    with pytest.raises(InputError, match=r"a sum of -10\.00; allowed: 5\.00"):
        Transfers.between("pool", THREE, {"net": [-5.0, -2.0, -3.0]}, brought=5.0)


def test_two_schemes_together_are_named_so_and_keep_no_rate_of_one() -> None:
    levy = Transfers.between("levy", THREE, {"net": [1.0, -1.0, 0.0]}, rates={"per_member": 3.0})
    both = levy.plus(pool(2.0, -2.0, 0.0))
    assert (both.scheme, dict(both.rates)) == ("levy, pool", {})
    twice = levy.plus(levy)
    assert (twice.scheme, dict(twice.rates)) == ("levy", {"per_member": 3.0})


def test_the_sponsor_of_a_corridor_bears_what_a_fund_does_not_pay() -> None:
    """A owes 100 and pays half; B is owed 40 by the sponsor, who stands between them and pays it."""
    moved = Transfers.with_outside("corridor", ["A", "B"], {"payment": [-100.0, 40.0]})
    short = moved.when_funds_pay({"A": 0.5})
    assert short.amounts.tolist() == [-50.0, 40.0]
    assert (moved.outside, short.outside) == (6000, 1000)

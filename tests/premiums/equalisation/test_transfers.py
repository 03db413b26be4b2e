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


def test_of_an_estimate_half_paid_only_the_half_is_given_back() -> None:
    """A pool that pays half, an estimate too high for A and B. Lost: of the final 4 and 6, B 2 and C 3; and 3
    of the 6 that A paid too much and the pool owes it back."""
    final, guess = pool(-10.0, 4.0, 6.0), pool(-16.0, 10.0, 6.0)
    first, late = settled_late([final], provisional=[guess], delay=1, pool_pays=0.5)
    assert (first.amounts.tolist(), first.outside) == ([-16.0, 5.0, 3.0], 800)
    # B had 5 of 10 and is due half of 4: it gives 3 back. C's estimate was right: nothing revives.
    assert (late.amounts.tolist(), late.outside) == ([3.0, -3.0, 0.0], 0)
    assert first.plus(late).parts["unpaid"].tolist() == [-3.0, -2.0, -3.0]


@pytest.mark.parametrize("guess", [None, 4.0, 10.0, 20.0, 40.0])
def test_what_a_default_leaves_does_not_depend_on_the_estimate(guess: float | None) -> None:
    provisional = None if guess is None else [pool(guess, -guess)]
    paid = settled_late([pool(10.0, -10.0)], provisional=provisional, delay=1, pool_pays=0.5)
    assert sum(now.of("A") for now in paid) == 5.0


amount = st.integers(-(10**7), 10**7)


def ends_with(final: float, estimate: float, now: float, late: float) -> float:
    """What one fund has in the end, case by case; `now` and `late` are the shares that the pool pays."""
    if estimate < 0.0:
        return final if final < estimate else estimate + late * (final - estimate)
    if final > estimate:
        return now * estimate + late * (final - estimate)
    return now * final if final > 0.0 else final


@settings(deadline=None, max_examples=60)
@given(st.lists(amount, min_size=4, max_size=4), st.floats(0, 1), st.floats(0, 1))
def test_estimate_and_default_together_leave_what_the_cases_say(
    drawn: list[int], now: float, late: float
) -> None:
    final, guess = (
        [a / 100, b / 100, -(a + b) / 100] for a, b in zip(drawn[:2], drawn[2:], strict=True)
    )
    paid = settled_late([pool(*final)], provisional=[pool(*guess)], delay=1, pool_pays=[now, late])
    wanted = [ends_with(f, g, now, late) for f, g in zip(final, guess, strict=True)]
    whole = paid[0].plus(paid[1])
    np.testing.assert_allclose(whole.amounts, wanted, atol=0.03)
    np.testing.assert_allclose(whole.parts["unpaid"], whole.amounts - final, atol=1e-6)
    assert all(int(part.net.sum()) + part.outside == 0 for part in paid)
    assert whole.outside >= 0


def test_a_fund_that_paid_a_share_of_its_estimate_is_due_that_share_of_the_final_figure() -> None:
    """A pays 60 of 100, so B has 45 of 75 and C 15 of 25; final 50, 30 and 20, of which 60 % is moved."""
    guess, final = pool(-100.0, 75.0, 25.0), pool(-50.0, 30.0, 20.0)
    late = final.true_up(guess, guess.when_funds_pay({"A": 0.6}))
    assert late.amounts.tolist() == [30.0, -27.0, -3.0]


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
        (
            lambda: pool(1.0, -1.0).plus(Transfers.between("p", ["A"], {}, minor=1)),
            "other: got transfers in 1/1; allowed: transfers in 1/100",
        ),
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


def test_money_brought_into_a_pool_stays_what_it_was_when_a_fund_does_not_pay() -> None:
    """One euro from outside: B is owed 61 and gets the euro, whoever brought it owes no more than that."""
    moved = Transfers.between("pool", ["A", "B"], {"net": [-60.0, 61.0]}, brought=1.0)
    short = moved.when_funds_pay({"A": 0.0})
    assert (short.amounts.tolist(), short.outside) == ([0.0, 1.0], -100)
    # What is missing is the same without the euro.
    assert pool(-60.0, 60.0).when_funds_pay({"A": 0.0}).of("B") == 0.0


def test_who_outside_is_paid_by_the_pool_misses_its_part_of_a_default() -> None:
    """A pays 50 of 100, of which B was to have 40 and others 60."""
    moved = Transfers.between("pool", ["A", "B"], {"net": [-100.0, 40.0]}, brought=-60.0)
    short = moved.when_funds_pay({"A": 0.5})
    assert (short.amounts.tolist(), short.outside) == ([-50.0, 20.0], 3000)


def test_a_pool_and_a_corridor_together_keep_apart_who_owes_whom() -> None:
    """A owes the pool 100 and has 40 from the sponsor; B has 100 from the pool and owes the sponsor 10."""
    corridor = Transfers.with_outside("corridor", ["A", "B"], {"payment": [40.0, -10.0]})
    both = pool(-100.0, 100.0).plus(corridor)
    assert both.amounts.tolist() == [-60.0, 90.0]
    short = both.when_funds_pay({"A": 0.5, "B": 0.2})
    assert (short.amounts.tolist(), short.outside) == ([-10.0, 48.0], -3800)
    # Half of 100 from the pool and half of 40 from the sponsor; what is owed is not set off.
    assert both.when_pool_pays(0.5).amounts.tolist() == [-80.0, 40.0]


def test_a_fund_that_one_settlement_does_not_know_moves_nothing_in_it() -> None:
    later = Transfers.between("pool", ["C", "A"], {"levy": [4.0, -4.0]})
    whole = pool(10.0, -10.0).plus(later)
    assert (whole.funds, whole.amounts.tolist()) == (("A", "B", "C"), [6.0, -10.0, 4.0])
    assert whole.parts["levy"].tolist() == [-4.0, 0.0, 4.0]
    # B had left when the figures became final: it gives back what the estimate gave it.
    left = later.true_up(pool(-10.0, 10.0))
    assert [left.of(fund) for fund in "ABC"] == [6.0, -10.0, 4.0]

"""Dues by income between bounds. Source of truth: exact fractions, arithmetic in the comments, bisection."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutualfund.errors import InputError
from mutualfund.premiums import (
    EarlyEntryDiscount,
    GroupExperience,
    IncomeContribution,
    balance,
)
from premiums.people import people

BOUNDED = IncomeContribution(rate=0.05, minimum=20.0, maximum=300.0)
TABLE = people(age=[30, 40, 50, 60], income=[0.0, 24_000.0, 36_000.0, 500_000.0])


@settings(max_examples=40)
@given(
    incomes=st.lists(st.integers(0, 20_000_000), min_size=1, max_size=30),
    rate=st.sampled_from([0.075, 0.0125, 0.0731, 0.06, 0.073125, 1.0]),
    minimum=st.sampled_from([0.0, 10.005, 31.0]),
)
def test_dues_are_rounded_half_up_as_exact_fractions(
    incomes: list[int], rate: float, minimum: float
) -> None:
    """Definition 16. Incomes in cents; a half of a cent comes up often at 7.5 %."""
    rule = IncomeContribution(rate=rate, minimum=minimum)
    got = rule.counted(people(age=[30] * len(incomes), income=[cents / 100 for cents in incomes]))
    lowest = (100 * Fraction(str(minimum)) + Fraction(1, 2)).__floor__()
    for owed, cents in zip(got.tolist(), incomes, strict=True):
        exact = Fraction(str(rate)) * cents / 12 + Fraction(1, 2)
        assert owed == max(exact.__floor__(), lowest)


def test_every_half_of_a_cent_goes_up() -> None:
    """7.5 % of 20,012 a year is 125.075 a month; and 5 % and 15 % on whole cents, decimals beyond floats."""
    incomes = np.arange(20_000, 60_001)
    rule = IncomeContribution(rate=0.075)
    got = rule.monthly_dues(people(age=[30] * incomes.size, income=incomes.tolist()))
    exact = (7_500 * incomes + 6_000) // 12_000  # in whole numbers
    np.testing.assert_array_equal(np.round(got * 100), exact)
    assert got[12] == 125.08
    assert rule.dues(incomes.tolist()).tolist() == got.tolist()
    # 0.50 x 1.15 = 0.575 and 1.15 x 1.1 x 1.00 = 1.265, of which the float products lie below
    mill = GroupExperience(experience={"mill": 1.15}, credibility=1.0)
    port = GroupExperience(experience={"mill": 1.1}, credibility=1.0)
    members = people(age=[30], income=[12.0], group=["mill"])
    one = IncomeContribution(rate=0.5, adjustments=[mill])
    both = IncomeContribution(rate=1.0, adjustments=[mill, port])
    assert one.units(members).tolist() == [58]
    assert both.units(members).tolist() == [127]


def test_a_level_moves_the_rate_and_leaves_the_bounds() -> None:
    """5 % x 1.5 = 7.5 %: 0, 150, 225, 3,125 a month, between 20 and 300; a level on all of them beside it."""
    assert BOUNDED.monthly_dues(TABLE).tolist() == [20.0, 100.0, 150.0, 300.0]
    assert BOUNDED.scaled(1.5).monthly_dues(TABLE).tolist() == [20.0, 150.0, 225.0, 300.0]
    everything = IncomeContribution(rate=0.05, minimum=20.0, maximum=300.0, moves="all")
    assert everything.scaled(1.5).monthly_dues(TABLE).tolist() == [30.0, 150.0, 225.0, 450.0]
    before = IncomeContribution(rate=0.05, previous_rate=0.06, level=1.5)
    assert before.prices().tolist() == [0.01]
    assert before.previous_prices() == pytest.approx([0.01 * 6 / 7.5])


def test_balancing_moves_the_rate_between_bounds_that_stay() -> None:
    """8,640 a year: 240 and 3,600 at the bounds leave 4,800 of 60,000, which is 8 %."""
    done = balance(BOUNDED, TABLE, 8_640.0, currency="EUR")
    assert done.factor == pytest.approx(1.6, rel=1e-14)
    assert done.yearly.tolist() == [24_000, 192_000, 288_000, 360_000]
    assert done.rule.monthly_dues(TABLE).tolist() == [20.0, 160.0, 240.0, 300.0]
    assert (done.rule.minimum, done.rule.maximum) == (20.0, 300.0)
    odd = balance(
        BOUNDED, TABLE, 8_640.01, currency="EUR"
    )  # the cent goes to one who is not at a bound
    assert odd.yearly.sum() == 864_001
    assert odd.yearly[[0, 3]].tolist() == [24_000, 360_000]


def test_totals_that_the_bounds_rule_out_are_refused_with_what_is_within_reach() -> None:
    # 4 x 240 at least; 240 + 3 x 3,600 at most
    for total in (959.0, 11_041.0):
        with pytest.raises(InputError) as refused:
            balance(BOUNDED, TABLE, total, currency="EUR")
        (fault,) = refused.value.faults
        assert (fault.field, fault.code) == ("required_total", "range")
        assert fault.allowed.startswith("960.00 to 11,040.00,")
        assert 'moves = "all"' in fault.remedy
    assert balance(BOUNDED, TABLE, 960.0, currency="EUR").yearly.tolist() == [24_000] * 4
    assert balance(BOUNDED, TABLE, 11_040.0, currency="EUR").yearly.tolist() == [
        24_000,
        *[360_000] * 3,
    ]
    whole = IncomeContribution(rate=0.05)
    assert balance(whole, TABLE, 560_000.0, currency="EUR").rule.level == pytest.approx(20.0)
    with pytest.raises(InputError, match=r"0\.00 to 560,000\.00"):
        balance(whole, TABLE, 560_001.0, currency="EUR")
    with pytest.raises(InputError, match="level: got 21; allowed: at most 20"):
        IncomeContribution(rate=0.05, level=21.0)


@settings(max_examples=40)
@given(
    members=st.lists(
        st.tuples(st.integers(0, 90), st.integers(0, 90_000)), min_size=1, max_size=12
    ).filter(lambda listed: any(income for _, income in listed)),
    minimum=st.sampled_from([0.0, 7.77, 40.0]),
    maximum=st.none() | st.sampled_from([40.0, 155.55]),
    part=st.floats(0.0, 1.0),
)
def test_the_rate_for_a_total_follows_bisection(
    members: list[tuple[int, int]], minimum: float, maximum: float | None, part: float
) -> None:
    """Monotone in the rate: halving the interval sixty times is an independent way to the same dues."""
    ages, incomes = (list(column) for column in zip(*members, strict=True))
    early = EarlyEntryDiscount(before_age=60, per_year=0.01, maximum=0.4)
    rule = IncomeContribution(rate=0.03, minimum=minimum, maximum=maximum, adjustments=[early])
    portfolio = people(age=ages, months=[0] * len(ages), entry_age=ages, income=incomes)
    times = 1.0 - np.minimum(0.01 * np.maximum(60 - np.array(ages), 0), 0.4)

    def owed(rate: float) -> Any:
        high = np.inf if maximum is None else 12 * maximum
        return np.clip(np.array(incomes) * rate, 12 * minimum, high) * times

    least, most = owed(0.0).sum(), owed(1.0).sum()
    total = max(round(least + part * (most - least), 2), 0.01)
    if not least <= total <= most or not rule.monthly_dues(portfolio).any():
        return
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if owed(middle).sum() < total else (low, middle)
    done = balance(rule, portfolio, total, currency="EUR")
    assert done.yearly.sum() == round(100 * total)
    assert (np.abs(done.yearly - 100 * owed(high)) < 1.0 + 1e-6).all()


def test_the_totals_named_as_within_reach_are() -> None:
    """The greatest rounded down and the least rounded up: 4,847,645.2158 is not 4,847,645.22."""
    rule = IncomeContribution(rate=0.05, minimum=20.005, maximum=300.0)
    members = people(age=[30, 40], income=[777.7777, 3_333.3333])
    with pytest.raises(InputError) as refused:
        balance(rule, members, 9e9, currency="EUR")
    least, most = refused.value.faults[0].allowed.split(",  which")[0].split(" to ")
    for total in (least, most.split(", which")[0]):
        named = float(total.replace(",", ""))
        assert balance(rule, members, named, currency="EUR").total == pytest.approx(named, abs=1e-9)

"""Money that is charged in whole units keeps the total and the greatest ratio between age bands, both."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutualfund.errors import InputError
from mutualfund.premiums import AgeBandContribution, EntryAgeLoading, FamilyAdjustment, balance
from mutualfund.premiums.cents_in_ratio import shared_out_in_ratio
from premiums.people import people

BY_AGE = AgeBandContribution(monthly={"0-39": 1.0, "40+": 3.0}, maximum_ratio=3.0)


def test_dear_members_are_rounded_down_and_cheap_ones_up_where_the_ratio_binds() -> None:
    """Hand-worked: 3 x 1 + 4 x 3 = 15 parts of 100.06 are 667.07 and 2001.2 cents.

    Each rounded by itself leaves one cent, which would go to a dear member: 2002 is more than 3 x 667.
    """
    done = balance(BY_AGE, people(age=[20, 30, 70, 50, 3, 60, 80]), 100.06, currency="EUR")
    assert sorted(done.yearly.tolist()) == [667, 667, 668, 2001, 2001, 2001, 2001]


@pytest.mark.parametrize("cents", range(120_000, 120_010))
def test_who_owes_nothing_is_billed_nothing(cents: int) -> None:
    """Children beyond the first are exempt; the ratio binds, so cents have to be moved."""
    ages = [40, 41, 10, 11, 12, 50]
    members = people(age=ages, household=[1] * 5 + [2])
    rule = AgeBandContribution(
        monthly={"0-17": 10.0, "18-44": 30.0, "45+": 30.0},
        maximum_ratio=3.0,
        adjustments=[FamilyAdjustment(paying_children=1)],
    )
    yearly = balance(rule, members, cents / 100, currency="EUR").yearly
    assert yearly[rule.monthly_dues(members) == 0.0].tolist() == [0, 0]
    assert int(yearly.sum()) == cents


@settings(deadline=None, max_examples=60)
@given(
    ages=st.lists(st.sampled_from([3, 25, 45, 60, 75]), min_size=1, max_size=30),
    middle=st.floats(1.0, 2.5),
    ratio=st.sampled_from([1.5, 2.5, 3.0]),
    cents=st.integers(5_000, 400_000),
)
def test_the_ratio_is_never_exceeded_in_what_is_charged(
    ages: list[int], middle: float, ratio: float, cents: int
) -> None:
    prices = {"0-17": 5.0, "18-39": 10.0, "40-64": 10.0 * min(middle, ratio), "65+": 10.0 * ratio}
    rule = AgeBandContribution(monthly=prices, maximum_ratio=ratio, ratio_from_age=18)
    members = people(age=ages)
    done = balance(rule, members, cents / 100, currency="EUR")
    assert int(done.yearly.sum()) == cents
    owed = done.rule.monthly_dues(members)
    adult = members.age >= 18
    for charged in (done.yearly[adult], owed[adult]):
        if charged.size:
            assert charged.max() <= ratio * charged.min() * (1.0 + 1e-12)
    assert (np.abs(done.yearly - 1200.0 * owed) <= 1.0 + ratio).all()


def test_a_loading_beside_the_bands_is_no_part_of_the_ratio() -> None:
    loading = EntryAgeLoading(from_age=30, per_year=0.02, maximum=0.7)
    rule = BY_AGE.model_copy(update={"adjustments": (loading,)})
    members = people(age=[20, 33, 70, 70, 39], entry_age=[20, 30, 41, 69, 35], months=[0] * 5)
    for cents in range(9_000, 9_012):
        done = balance(rule, members, cents / 100, currency="EUR")
        assert int(done.yearly.sum()) == cents
        assert (np.abs(done.yearly - 1200.0 * done.rule.monthly_dues(members)) < 4.0).all()
        price = done.yearly / np.array([1.0, 1.0, 1.22, 1.7, 1.1])
        assert price.max() <= 3.0 * price.min() * (1.0 + 1e-12)


@pytest.mark.parametrize("ratio", [1.5, 2.0, 3.0])
def test_what_is_refused_has_no_whole_units_and_the_rest_is_found(ratio: float) -> None:
    """Every split of a few cents over two cheap and two dear members, tried one by one."""
    times = np.ones(4)
    for total in range(1, 20):
        shares = np.array([1.0, 1.0, ratio, ratio]) * total / (2.0 + 2.0 * ratio)
        exists = any(
            sum(split) == total and max(split) <= ratio * min(split)
            for split in product(range(total + 1), repeat=4)
        )
        if exists:
            found = shared_out_in_ratio(shares, total, times, ratio)
            assert found.sum() == total
            assert found.max() <= ratio * found.min()
        else:
            with pytest.raises(InputError, match=r"required_total: got .* maximum_ratio"):
                shared_out_in_ratio(shares, total, times, ratio)

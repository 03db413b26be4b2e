"""Rounding that loses no cent. Source of truth: the largest-remainder method, spelt out in the tests."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualfund.errors import InputError
from mutualfund.premiums.cents import prorated, settled

money = st.floats(-1e9, 1e9)
balanced = st.lists(money, min_size=2, max_size=30).map(lambda xs: [*xs, -sum(xs)])


def named(n: int) -> list[str]:
    return [f"fund {place:02d}" for place in range(n)]


def test_the_missing_cents_go_to_those_that_lost_most() -> None:
    # In cents 10.4, 20.9, 5.8, -37.1: rounded down 10, 20, 5, -38, so three are missing.
    exact = np.array([0.104, 0.209, 0.058, -0.371])
    units = settled("net", exact, ["A", "B", "C", "D"], minor=100, total=0)
    assert units.tolist() == [10, 21, 6, -37]


@given(balanced)
def test_amounts_that_sum_to_nothing_do_so_to_the_cent_each_within_one_of_its_own(
    amounts: list[float],
) -> None:
    exact = np.array(amounts)
    units = settled("net", exact, named(exact.size), minor=100, total=0)
    assert sum(units.tolist()) == 0
    assert np.all(np.abs(units - exact * 100) <= 1.0 + 1e-5)


@given(balanced, st.randoms())
def test_the_order_of_the_funds_decides_nothing(amounts: list[float], order: object) -> None:
    names, exact = named(len(amounts)), np.array(amounts)
    places = list(range(len(names)))
    order.shuffle(places)  # type: ignore[attr-defined]
    units = settled("net", exact, names, minor=100, total=0)
    other = settled("net", exact[places], [names[p] for p in places], minor=100, total=0)
    assert units[places].tolist() == other.tolist()


@given(st.lists(st.integers(0, 10**14), min_size=1, max_size=12), st.integers(0, 10**15))
def test_shares_of_a_total_add_up_and_keep_the_quota(weights: list[int], total: int) -> None:
    shares = prorated(np.array(weights), named(len(weights)), total=total).tolist()
    assert sum(shares) == (total if sum(weights) else 0)
    for share, weight in zip(shares, weights, strict=True):
        quota = Fraction(weight * total, sum(weights)) if sum(weights) else Fraction(0)
        assert abs(share - quota) < 1


def test_amounts_without_cents_are_refused() -> None:
    with pytest.raises(InputError, match=r"net\[1\]: got 1e\+15"):
        settled("net", np.array([-1e10, 1e15]), ["A", "B"], minor=100, total=0)
    with pytest.raises(InputError, match=r"net\[0\]: got nan"):
        settled("net", np.array([np.nan, 1.0]), ["A", "B"], minor=100, total=0)

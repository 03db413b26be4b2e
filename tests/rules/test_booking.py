"""Booked outstanding claims, worked by hand on unequal paths and against a twin in plain loops.

Sources of truth: the arithmetic in the comments; `slow_completion` below, written from the rule's words.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mutualfund.claims import reserving
from mutualfund.rules import (
    Benktander,
    Booking,
    BornhuetterFerguson,
    CapeCod,
    ChainLadder,
    Completion,
    FromTriangle,
    PaidTriangle,
    Reserve,
    ShareOfContributions,
)
from mutualfund.types import FloatArray

PATTERN = np.array([0.3, 0.8, 1.0])
NOISE = 1e9  # in cells the fund cannot have seen yet


def triangle(
    paid: FloatArray,
    member_months: FloatArray,
    contributions_due: FloatArray | None = None,
    pattern: FloatArray = PATTERN,
    loss_ratio: float = 1.0,
) -> PaidTriangle:
    due = np.zeros_like(member_months) if contributions_due is None else contributions_due
    return PaidTriangle(paid, member_months, due, pattern, loss_ratio)


YOUNG = triangle(
    paid=np.array(
        [
            [[30, 50, 20], [60, 100, 40], [24, 40, NOISE], [9, NOISE, NOISE]],
            [[20, 10, 10], [10, 15, 5], [6, 10, NOISE], [50, NOISE, NOISE]],
        ]
    ),
    member_months=np.array([[10.0, 20.0, 8.0, 12.0], [10.0, 10.0, 10.0, 10.0]]),
    contributions_due=np.array([[100.0, 250.0, 90.0, 110.0], [40.0, 40.0, 40.0, 50.0]]),
    loss_ratio=0.9,
)


def test_completion_with_few_months_uses_the_assumed_pattern() -> None:
    # Shares paid by now: 1, 1, 0.8, 0.3; the last month is too young for its own factor.
    # Path 1: ultimates 100, 200, 64/0.8 = 80 over 38 member-months: 10 each; last month 12 x 10 = 120.
    #         Outstanding 0 + 0 + 16 + (120 - 9) = 127.
    # Path 2: ultimates 40, 30, 16/0.8 = 20 over 30 member-months: 3 each; last month 30, below the 50 paid.
    #         Outstanding 0 + 0 + 4 + 0 = 4.
    assert Completion().outstanding(YOUNG) == pytest.approx([127.0, 4.0])


def test_bornhuetter_ferguson_expects_the_loss_ratio_of_what_is_not_yet_paid() -> None:
    # Path 1: 0.9 x (90 x 0.2 + 110 x 0.7) = 85.5; path 2: 0.9 x (40 x 0.2 + 50 x 0.7) = 38.7
    assert BornhuetterFerguson().outstanding(YOUNG) == pytest.approx([85.5, 38.7])


def test_the_chain_ladder_takes_every_month_over_its_own_share() -> None:
    # Path 1: 64/0.8 - 64 + 9/0.3 - 9 = 16 + 21; path 2: 16/0.8 - 16 + 50/0.3 - 50 = 4 + 350/3.
    assert ChainLadder().outstanding(YOUNG) == pytest.approx([37.0, 4.0 + 350.0 / 3.0])


def test_benktander_goes_a_second_round() -> None:
    # Path 1, first round 16.2 and 69.3: then 0.2 x (64 + 16.2) + 0.7 x (9 + 69.3) = 16.04 + 54.81.
    # Path 2, first round 7.2 and 31.5: then 0.2 x (16 + 7.2) + 0.7 x (50 + 31.5) = 4.64 + 57.05.
    assert Benktander().outstanding(YOUNG) == pytest.approx([70.85, 61.69])


def test_cape_cod_takes_the_loss_ratio_that_payments_show() -> None:
    # Path 1: paid 373 for 100 + 250 + 0.8 x 90 + 0.3 x 110 = 455 of dues; 18 + 77 = 95 are not paid for.
    # Path 2: paid 136 for 40 + 40 + 0.8 x 40 + 0.3 x 50 = 127; 8 + 35 = 43 are not.
    assert CapeCod().outstanding(YOUNG) == pytest.approx([373 / 455 * 95, 136 / 127 * 43])


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("chain_ladder", ChainLadder()),
        ("benktander", Benktander()),
        ("cape_cod", CapeCod()),
        ("bornhuetter_ferguson", BornhuetterFerguson()),
    ],
)
def test_a_rulebook_names_its_method(name: str, method: Booking) -> None:
    assert Reserve(booking=name).method() == method


def long_and_uneven() -> PaidTriangle:
    """30 months that show all three delays, unequal amounts; a second path with nothing paid."""
    rng = np.random.default_rng(4)
    paid = rng.gamma(20.0, 5.0, (2, 30, 3)) * np.array([0.5, 0.3, 0.2])
    paid[1] = 0.0
    due = 60.0 + np.arange(60.0).reshape(2, 30)
    return triangle(paid, np.ones((2, 30)), due)


def test_a_reserving_method_books_what_it_says_of_each_path() -> None:
    from datetime import date

    books = long_and_uneven()
    known = np.add.outer(np.arange(30), np.arange(3)) < 30
    alone = reserving.Triangle.from_array(
        np.where(known, books.paid[0].cumsum(axis=1), np.nan),
        first_origin=date(2020, 1, 1),
        origin_grain="month",
        development_grain="month",
        exposure=books.contributions_due[0],
    )
    for method in (reserving.Mack(), reserving.CapeCod(), reserving.BornhuetterFerguson(0.4)):
        booked = FromTriangle(method).outstanding(books)
        assert booked[0] == pytest.approx(method.fit(alone).total_ibnr)


def test_what_a_method_refuses_is_booked_by_completion() -> None:
    seen = triangle(
        YOUNG.paid[:, :2], YOUNG.member_months[:, :2]
    )  # two months: no variance for Mack
    assert FromTriangle(reserving.Mack()).outstanding(seen).tolist() == (
        Completion().outstanding(seen).tolist()
    )


@pytest.mark.parametrize(
    "method",
    [reserving.ChainLadder(), reserving.BornhuetterFerguson(1.0), reserving.CapeCod()],
    ids=str,
)
@pytest.mark.parametrize("pattern", [PATTERN, np.array([0.0, 0.0, 1.0])], ids=str)
def test_until_a_month_shows_every_delay_a_fund_books_by_completion(
    method: reserving.ReservingMethod, pattern: FloatArray
) -> None:
    """A prior is a cost to the end: growing it as assumed would count what no month has shown twice."""
    paid = np.array([[[30.0, 50.0, NOISE], [40.0, NOISE, NOISE]]])
    seen = triangle(paid, np.ones((1, 2)), np.full((1, 2), 100.0), pattern)
    booked = FromTriangle(method).outstanding(seen)
    np.testing.assert_array_equal(booked, Completion().outstanding(seen))


def test_completion_factors_have_their_prior_by_member() -> None:
    """Ten members in each of 30 months at a prior of 100 a month; contributions are another number."""
    paid = np.tile(700.0 * np.array([0.3, 0.5, 0.2]), (1, 30, 1))
    seen = triangle(paid, np.full((1, 30), 10.0), np.full((1, 30), 1100.0))
    method = reserving.CompletionFactors(prior_months=1, prior_pmpm=100.0)
    # seven tenths of the last month's prior of 1,000; of the one before a fifth of 700
    assert FromTriangle(method).outstanding(seen) == pytest.approx([700.0 + 140.0])


def test_share_of_contributions_looks_at_the_last_twelve_months_only() -> None:
    months = np.arange(1.0, 15.0)[None, :] * np.array([[1.0], [3.0]])
    seen = triangle(np.zeros((2, 14, 3)), np.ones((2, 14)), months)
    # months 3 to 14 sum to 102
    assert ShareOfContributions(0.125).outstanding(seen) == pytest.approx([12.75, 38.25])


@pytest.mark.parametrize(
    "method",
    [
        Completion(),
        ChainLadder(),
        BornhuetterFerguson(),
        Benktander(),
        CapeCod(),
        ShareOfContributions(0.1),
        FromTriangle(reserving.Mack()),
    ],
    ids=str,
)
def test_a_fund_without_claims_and_contributions_books_exactly_nothing(method: Booking) -> None:
    seen = triangle(np.zeros((2, 30, 3)), np.ones((2, 30)))
    assert method.outstanding(seen).tolist() == [0.0, 0.0]


def test_a_steady_pattern_is_booked_exactly_whatever_was_assumed() -> None:
    truth = np.array([0.5, 0.3, 0.2])
    cost = np.linspace(50.0, 170.0, 40)
    paid = (cost[:, None] * truth)[None, :, :]
    seen = triangle(paid, cost[None, :] / 7.0, pattern=np.array([0.9, 0.95, 1.0]))
    # not yet paid: half of the last month, a fifth of the one before
    owed = 0.5 * cost[-1] + 0.2 * cost[-2]
    assert Completion().outstanding(seen) == pytest.approx([owed], rel=1e-12)


def test_before_24_months_show_a_step_the_assumed_growth_is_used_for_it() -> None:
    truth = np.array([0.5, 0.3, 0.2])
    paid = np.tile(100.0 * truth, (1, 25, 1))
    seen = triangle(paid, np.ones((1, 25)), pattern=np.array([0.5, 0.75, 1.0]))
    # 24 months show delay 1 (own growth 0.8/0.5), 23 show delay 2 (assumed growth 1/0.75).
    # Last month 50 x 1.6 x 4/3 - 50, the one before 80 x 4/3 - 80
    owed = 50 * 1.6 * 4 / 3 - 50 + 80 * 4 / 3 - 80
    assert Completion().outstanding(seen) == pytest.approx([owed], rel=1e-12)


def slow_completion(paid: FloatArray, members: FloatArray, pattern: FloatArray) -> float:
    """One path in plain loops: factors over 24 months, young months by trailing cost per member."""
    months, delays = paid.shape
    seen = [[paid[t, d] if t + d < months else None for d in range(delays)] for t in range(months)]

    def so_far(t: int, d: int) -> float:
        return sum(x for x in seen[t][: d + 1] if x is not None)

    growth = []
    for d in range(delays - 1):
        showing = [t for t in range(months) if t + d + 1 < months]
        last = showing[-24:]
        before = sum(so_far(t, d) for t in last)
        after = sum(so_far(t, d + 1) for t in last)
        own = len(showing) >= 24 and before > 0
        growth.append(after / before if own else pattern[d + 1] / pattern[d])
    share = []
    for t in range(months):
        age = min(months - 1 - t, delays - 1)
        to_end = 1.0
        for factor in growth[age:]:
            to_end *= factor
        share.append(1.0 / to_end)
    complete = [t for t in range(months) if share[t] >= 0.4][-12:]
    ultimate = {t: so_far(t, delays - 1) / share[t] for t in range(months)}
    months_counted = sum(members[t] for t in complete)
    pmpm = sum(ultimate[t] for t in complete) / months_counted if months_counted else None
    owed = 0.0
    for t in range(months):
        paid_now = so_far(t, delays - 1)
        if share[t] < 0.4 and pmpm is not None:
            owed += max(0.0, pmpm * members[t] - paid_now)
        else:
            owed += ultimate[t] - paid_now
    return owed


@given(
    paid=arrays(np.float64, (2, 28, 4), elements=st.floats(0, 1e6).map(lambda x: round(x, 2))),
    members=arrays(np.float64, (2, 28), elements=st.floats(1, 1e4)),
    first=st.floats(0.05, 0.9),
)
def test_completion_equals_its_slow_twin_on_any_triangle(
    paid: FloatArray, members: FloatArray, first: float
) -> None:
    pattern = np.array([first, first + (1 - first) * 0.5, first + (1 - first) * 0.9, 1.0])
    booked = Completion().outstanding(triangle(paid, members, pattern=pattern))
    slow = [slow_completion(paid[path], members[path], pattern) for path in range(2)]
    assert booked == pytest.approx(slow, rel=1e-9, abs=1e-3)


@given(cell=st.tuples(st.integers(0, 27), st.integers(0, 3)), value=st.floats(0, 1e9))
def test_what_is_paid_after_the_last_month_cannot_be_seen(
    cell: tuple[int, int], value: float
) -> None:
    month, delay = cell
    paid = np.ones((1, 28, 4))
    pattern = np.array([0.25, 0.5, 0.75, 1.0])
    before = Completion().outstanding(triangle(paid, np.ones((1, 28)), pattern=pattern))
    if month + delay <= 27:
        month, delay = 27, 1 + delay % 3
    changed = paid.copy()
    changed[0, month, delay] = value
    after = Completion().outstanding(triangle(changed, np.ones((1, 28)), pattern=pattern))
    assert np.array_equal(before, after)


def test_paths_do_not_see_each_other() -> None:
    alone = [
        Completion().outstanding(
            triangle(YOUNG.paid[path : path + 1], YOUNG.member_months[path : path + 1])
        )[0]
        for path in range(2)
    ]
    assert Completion().outstanding(YOUNG).tolist() == alone

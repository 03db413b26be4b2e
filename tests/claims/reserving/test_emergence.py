"""Actual against expected, and back-tests, by hand and by what they must be.

Sources of truth: the arithmetic in the comments; the methods fitted to the shorter triangle themselves;
Mack's recursion in plain loops, and triangles made by his law.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from claims.reserving.triangles import poisson_rectangles, printed, seen, unequal
from mutualfund.claims.reserving import (
    BornhuetterFerguson,
    CapeCod,
    ChainLadder,
    LinkRatios,
    Mack,
    MerzWuethrich,
    OverDispersedPoisson,
    Triangle,
    actual_against_expected,
    back_test,
    sigma_squared,
)
from mutualfund.errors import InputError
from mutualfund.types import FloatArray, IntArray

NOW = Triangle.from_array(
    [[10, 20, 22, 23], [10, 30, 36, None], [12, 20, None, None], [9, None, None, None]],
    first_origin=date(2020, 1, 1),
    exposure=[30.0, 40.0, 50.0, 60.0],
)


def test_what_was_expected_of_the_next_year_by_hand() -> None:
    """A year ago: ratios (20 + 30) / (10 + 10) = 2.5 and 22 / 20 = 1.1; nothing more of 2020."""
    found = actual_against_expected(ChainLadder().fit(NOW.earlier(1)), NOW)
    assert found.expected == pytest.approx([0, 30 * 0.1, 12 * 1.5])
    assert found.actual.tolist() == [1, 6, 8]
    assert found.difference == pytest.approx([1, 3, -10])
    assert found.new_origins == 9
    assert found.summary().loc["total", "difference"] == pytest.approx(-6)


def test_a_prior_expects_its_own_part() -> None:
    """Shares 1/2.75, 1/1.1, 1: of 50 x 0.8 = 40, 2022 pays the step from 36.4 to 90.9 %."""
    found = actual_against_expected(BornhuetterFerguson(0.8).fit(NOW.earlier(1)), NOW)
    assert found.expected == pytest.approx([0, 40 * 0.8 * (1 - 1 / 1.1), 40 * (1 / 1.1 - 1 / 2.75)])


@pytest.mark.parametrize("periods", [1, 2, 4])
def test_the_error_of_part_of_the_run_off_is_smaller_than_that_of_all(periods: int) -> None:
    now = printed("taylor_ashe")
    then = OverDispersedPoisson().fit(now.earlier(periods))
    found = actual_against_expected(then, now)
    assert 0.0 < found.total_standard_error < then.total_standard_error
    assert (found.standard_error <= then.standard_error + 1e-9).all()


def test_scores_are_standard_where_the_model_is_true() -> None:
    """200 triangles by the law that the error supposes: mean 0 and standard deviation 1 within 5 errors."""
    rng = np.random.default_rng(5)
    means = np.linspace(9e4, 13e4, 9)[:, None] * np.array(
        [0.3, 0.25, 0.18, 0.12, 0.08, 0.04, 0.02, 0.008, 0.002]
    )
    score = []
    for whole in poisson_rectangles(rng, 200, means, dispersion=300.0):
        triangle = Triangle.from_array(seen(whole), first_origin=date(2017, 1, 1))
        score.append(
            actual_against_expected(ChainLadder().fit(triangle.earlier(1)), triangle).score
        )
    assert abs(np.mean(score)) < 5 / np.sqrt(200)
    assert 0.75 < np.std(score) < 1.25


def quarters_by_years() -> Triangle:
    """The quarters of six years at yearly ages, so that four origins at a time share the next link ratio."""
    rng = np.random.default_rng(8)
    growth = 1.0 + np.array([0.9, 0.4, 0.2, 0.1, 0.05]) * rng.uniform(0.8, 1.2, (24, 5))
    first = rng.uniform(50.0, 150.0, (24, 1))
    whole = np.hstack([first, first * growth.cumprod(axis=1)])
    known = np.arange(24)[:, None] // 4 + np.arange(6) < 6
    return Triangle.from_array(
        np.where(known, whole, np.nan), first_origin=date(2018, 1, 1), origin_grain="quarter"
    )


def slow_mack_until(triangle: Triangle, later: IntArray) -> tuple[FloatArray, FloatArray]:
    """Process variance by Mack's recursion; covariance of the means by moving each link ratio by itself."""
    amounts, means, steps = triangle.cumulative, [], triangle.n_ages - 1
    ratio, ratio_variance = [], []
    sigmas = sigma_squared(triangle, LinkRatios().of(triangle))
    for step in range(steps):
        rows = [row for row in range(triangle.n_origins) if triangle.ages[row] > step]
        volume = sum(amounts[row, step] for row in rows)
        ratio.append(sum(amounts[row, step + 1] for row in rows) / volume)
        ratio_variance.append(sigmas[step] / volume)
    for moved in [None, *range(steps)]:
        ratios = [f * (1.0 + 1e-6) if step == moved else f for step, f in enumerate(ratio)]
        paths = zip(triangle.latest, triangle.ages, later, strict=True)
        means.append([now * np.prod(ratios[age:then]) for now, age, then in paths])
    slope = (np.array(means[1:]) - means[0]) / (1e-6 * np.array(ratio)[:, None])
    process = []
    for amount, age, then in zip(triangle.latest, triangle.ages, later, strict=True):
        variance = 0.0
        for step in range(age, min(then, steps)):
            variance = variance * ratio[step] ** 2 + amount * sigmas[step]
            amount *= ratio[step]
        process.append(variance)
    return np.array(process), slope.T @ (np.array(ratio_variance)[:, None] * slope)


@pytest.mark.parametrize(
    ("now", "periods"),
    [(printed("taylor_ashe"), 1), (printed("taylor_ashe"), 3), (quarters_by_years(), 1)],
    ids=["one year", "three years", "four origins share a link ratio"],
)
def test_macks_error_of_what_comes_next_is_his_recursion_stopped_there(
    now: Triangle, periods: int
) -> None:
    reserve = Mack().fit(now.earlier(periods))
    found = actual_against_expected(reserve, now)
    rows = reserve.triangle.n_origins
    process, covariance = slow_mack_until(reserve.triangle, now.ages[:rows])
    assert found.standard_error == pytest.approx(np.sqrt(process + np.diag(covariance)), rel=1e-5)
    total = np.sqrt(process.sum() + covariance.sum())
    assert found.total_standard_error == pytest.approx(total, rel=1e-5)
    assert (periods, now.origin_grain) == (1, "year") or covariance.sum() > 1.5 * np.trace(
        covariance
    )


@pytest.mark.parametrize("periods", [1, 3])
def test_macks_scores_are_standard_where_his_model_is_true(periods: int) -> None:
    """Squared differences of 250 triangles by his law and the squared errors stated, their means within 45 %.

    Five standard errors of a mean of 250 squares are that; a year's share of the error to the end is more
    than twice too large in squares.
    """
    rng = np.random.default_rng(77)
    ratios, sigmas = [2.0, 1.4, 1.2, 1.1, 1.05, 1.02], [9.0, 6.0, 4.0, 3.0, 2.0, 1.0]
    squares = []
    for _ in range(250):
        whole = [rng.uniform(800.0, 1200.0, 9)]
        for ratio, sigma in zip(ratios, sigmas, strict=True):
            noise = sigma * np.sqrt(whole[-1]) * rng.standard_normal(9)
            whole.append(ratio * whole[-1] + noise)
        now = Triangle.from_array(seen(np.array(whole).T), first_origin=date(2017, 1, 1))
        found = actual_against_expected(Mack().fit(now.earlier(periods)), now)
        squares.append((found.total_difference**2, found.total_standard_error**2))
    actual, stated = np.mean(squares, axis=0)
    assert 0.55 < actual / stated < 1.45


def test_triangles_that_do_not_follow_each_other_are_refused() -> None:
    reserve = ChainLadder().fit(NOW)
    with pytest.raises(InputError, match=r"later\.valuation"):
        actual_against_expected(reserve, NOW)
    with pytest.raises(InputError, match="origins"):
        actual_against_expected(reserve, NOW.earlier(1))
    moved = replace(printed("raa"), currency="EUR")
    with pytest.raises(InputError) as caught:
        actual_against_expected(reserve, moved)
    assert {fault.field for fault in caught.value.faults} >= {
        "later.first_origin",
        "later.currency",
    }


def monthly_later() -> Triangle:
    rows = [[5.0, 6.0], [4.0, None]]
    return Triangle.from_array(
        rows, first_origin=date(2020, 1, 1), origin_grain="month", development_grain="month"
    )


@pytest.mark.parametrize(
    ("later", "said"),
    [
        # The oldest origin at its second age is less than what it was at its third.
        (
            replace(NOW, cumulative=NOW.cumulative[:, :2]),
            "later: got 2 ages; allowed: at least the 3",
        ),
        (replace(NOW, currency="EUR"), "later.currency: got EUR; allowed: none stated, as before"),
        (monthly_later(), "later.development_grain: got month; allowed: year, as before"),
        (replace(NOW, unseen_days=90), "later: got valued at 2023-12-31, 90 days of it not seen"),
    ],
    ids=["fewer ages", "a currency", "months", "half-seen"],
)
def test_a_later_triangle_of_another_kind_is_refused(later: Triangle, said: str) -> None:
    reserve = ChainLadder().fit(NOW.earlier(1))
    with pytest.raises(InputError) as caught:
        actual_against_expected(reserve, later)
    assert said in str(caught.value)


def test_so_is_an_estimate_from_a_half_seen_period() -> None:
    half = ChainLadder().fit(replace(NOW.earlier(1), unseen_days=90))
    with pytest.raises(InputError, match="90 days of it not seen yet"):
        actual_against_expected(half, NOW)


def test_a_back_test_is_actual_against_expected_of_each_shorter_triangle() -> None:
    triangle = unequal()
    methods = {"chain": ChainLadder(), "cape cod": CapeCod(), "mack": Mack()}
    found = back_test(triangle, methods, hide=3)
    for (name, hidden), test in found.tests.items():
        again = actual_against_expected(methods[name].fit(triangle.earlier(hidden)), triangle)
        assert test.total_expected == again.total_expected
        assert test.total_actual == again.total_actual
    assert set(found.refused) == {("mack", 3)}  # three origins are too few for its variances
    assert "two links" in found.refused["mack", 3]


def test_the_summary_adds_up_the_tests() -> None:
    found = back_test(unequal(), {"chain": ChainLadder(), "bf": BornhuetterFerguson(95.0)}, hide=2)
    table, rows = found.summary(), found.details()
    chain = [found.tests["chain", hidden] for hidden in (1, 2)]
    actual = sum(test.total_actual for test in chain)
    assert table.loc["chain", "error"] == pytest.approx(
        sum(test.total_expected - test.total_actual for test in chain) / actual
    )
    assert table.loc["chain", "absolute error"] == pytest.approx(
        sum(np.abs(test.difference).sum() for test in chain) / actual
    )
    assert table.loc["chain", "root mean square"] == pytest.approx(
        np.sqrt(np.mean([test.score**2 for test in chain]))
    )
    assert table["absolute error"].is_monotonic_increasing
    assert rows.loc[("bf", 2), "predicted"] == found.tests["bf", 2].total_expected


@pytest.mark.parametrize("hide", [0, 9, 1.5])
def test_at_least_two_origins_are_left(hide: int) -> None:
    with pytest.raises(InputError, match="hide"):
        back_test(printed("raa"), {"chain": ChainLadder()}, hide=hide)


def test_a_method_of_ones_own_takes_part() -> None:
    class Doubled:
        def fit(self, triangle: Triangle):
            reserve = ChainLadder().fit(triangle)
            return replace(reserve, ultimate=2.0 * reserve.ultimate - triangle.latest)

    found = back_test(NOW, {"own": Doubled(), "chain": ChainLadder()})
    own = found.tests["own", 1]
    assert own.total_expected == pytest.approx(2.0 * found.tests["chain", 1].total_expected)
    # The chain ladder's error is not that of an estimate which is no longer its own.
    assert np.isnan(own.total_standard_error) and "states no error" in own.no_error
    assert np.isfinite(found.tests["chain", 1].score) and not found.tests["chain", 1].no_error
    for none in ({}, [ChainLadder()], {"chain": ChainLadder}, {"own": 3}):
        with pytest.raises(InputError, match="methods"):
            back_test(NOW, none)  # type: ignore[arg-type]
    for call in (
        lambda: back_test(NOW.to_pandas(), {"chain": ChainLadder()}),
        lambda: actual_against_expected(ChainLadder().fit(NOW), NOW.to_pandas()),
        lambda: actual_against_expected(NOW, NOW),
    ):
        with pytest.raises(InputError, match=r"got a (DataFrame|Triangle); allowed"):
            call()


def test_a_one_year_error_is_not_taken_for_one_of_payments() -> None:
    found = back_test(printed("taylor_ashe"), {"one year": MerzWuethrich(), "chain": ChainLadder()})
    one, other = found.tests["one year", 1], found.tests["chain", 1]
    np.testing.assert_allclose(one.expected, other.expected, rtol=1e-12)
    assert np.isnan(one.score) and np.isfinite(other.score)
    assert np.isnan(found.summary().loc["one year", "root mean square"])
    assert "not of payments" in one.no_error


def test_two_origins_leave_no_error_and_it_is_said() -> None:
    found = actual_against_expected(ChainLadder().fit(NOW.earlier(2)), NOW)
    assert found.expected == pytest.approx([0, 10.0])
    assert np.isnan(found.standard_error[1]) and "no degree of freedom" in found.no_error


def test_a_pattern_that_goes_beyond_one_and_comes_back_still_moves_amounts() -> None:
    """Ratios 2, 1.25 and 0.8 by hand: 100 doubles to 200, 25 of growth for what stands at 100 of 125."""
    rows = [[50.0, 100.0, 125.0, 100.0], [60.0, 120.0, 150.0, None], [50.0, 100.0, None, None]]
    then = Triangle.from_array([*rows, [40.0, None, None, None]], first_origin=date(2020, 1, 1))
    reserve = ChainLadder().fit(then)
    assert reserve.ibnr[2] == pytest.approx(0.0, abs=1e-9)
    assert reserve.expected_by(then.ages + 1)[:3].tolist() == pytest.approx([0.0, -30.0, 25.0])

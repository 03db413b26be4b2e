"""Mack's errors, and Merz and Wuethrich's of the next year.

Sources of truth: Mack, ASTIN Bulletin 23 (1993), on the Taylor-Ashe triangle; the triangle and results of
Merz and Wuethrich, CAS E-Forum Fall 2008, as R's ChainLadder prints them; Mack's recursion in plain loops.
"""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest

from claims.reserving.triangles import printed, unequal
from mutualfund.claims.reserving import (
    Bootstrap,
    LinkRatios,
    Mack,
    MerzWuethrich,
    Triangle,
    sigma_squared,
)
from mutualfund.errors import InputError

MERZ_WUETHRICH = [
    [2202584, 3210449, 3468122, 3545070, 3621627, 3644636, 3669012, 3674511, 3678633],
    [2350650, 3553023, 3783846, 3840067, 3865187, 3878744, 3898281, 3902425],
    [2321885, 3424190, 3700876, 3798198, 3854755, 3878993, 3898825],
    [2171487, 3165274, 3395841, 3466453, 3515703, 3548422],
    [2140328, 3157079, 3399262, 3500520, 3585812],
    [2290664, 3338197, 3550332, 3641036],
    [2148216, 3219775, 3428335],
    [2143728, 3158581],
    [2144738],
]


def merz_wuethrich() -> Triangle:
    rows = [row + (9 - len(row)) * [float("nan")] for row in MERZ_WUETHRICH]
    return Triangle.from_array(rows, first_origin=date(2001, 1, 1))


def test_the_table_that_mack_printed() -> None:
    """Reserves in thousands, standard errors in per cent of them; 18,681 and 13 % in total."""
    reserve = Mack().fit(printed("taylor_ashe"))
    thousands = [95, 470, 710, 985, 1419, 2178, 3920, 4279, 4626]
    assert (reserve.ibnr[1:] / 1000).round().tolist() == thousands
    shares = [80, 26, 19, 27, 29, 26, 22, 23, 29]
    assert (100 * reserve.standard_error[1:] / reserve.ibnr[1:]).round().tolist() == shares
    assert round(reserve.total_ibnr / 1000) == 18_681
    assert round(100 * reserve.total_standard_error / reserve.total_ibnr) == 13


def test_the_table_that_merz_and_wuethrich_printed() -> None:
    one_year = [
        0,
        566.1744,
        1486.5603,
        3923.0986,
        9722.8598,
        28442.6216,
        20954.2870,
        28119.3180,
        53320.8210,
    ]
    run_off = [
        0,
        566.1744,
        1563.8075,
        4157.2733,
        10536.4380,
        30319.4638,
        35967.0384,
        45090.1821,
        69552.3397,
    ]
    next_year, whole = MerzWuethrich().fit(merz_wuethrich()), Mack().fit(merz_wuethrich())
    assert next_year.standard_error == pytest.approx(one_year, rel=1e-7, abs=1e-4)
    assert whole.standard_error == pytest.approx(run_off, rel=1e-7, abs=1e-4)
    assert next_year.total_standard_error == pytest.approx(81080.5468, rel=1e-8)
    assert whole.total_standard_error == pytest.approx(108401.3875, rel=1e-8)
    assert whole.total_ibnr == pytest.approx(2237826.107, rel=1e-8)
    # An error that looks one period ahead is called that wherever it is shown.
    assert "standard error of the next period 81,081" in repr(next_year)
    named = next_year.summary()["standard error of the next period"]
    assert named["total"] == pytest.approx(81080.5468, rel=1e-8)
    assert "standard error" in whole.summary() and "next period" not in repr(whole)


def slow_mack(triangle: Triangle, choice: LinkRatios) -> tuple[list[float], float]:
    """Mack (1999): the recursion by origin, and the total after his 1993 corollary, in plain loops."""
    amounts, pattern = triangle.cumulative, choice.of(triangle)
    ratios, alpha = pattern.link_ratios, 1.0 if choice.average == "volume" else 0.0
    sigmas = sigma_squared(triangle, pattern)
    ratio_variance = []
    for step, used in enumerate(pattern.used.T):
        weight = sum(amounts[row, step] ** alpha for row in np.flatnonzero(used))
        ratio_variance.append(sigmas[step] / weight)
    errors, total = [], 0.0
    ultimates = triangle.latest * pattern.growth[triangle.ages]
    for row, age in enumerate(triangle.ages):
        amount, process, parameter = amounts[row, age], 0.0, 0.0
        for step in range(age, ratios.size):
            process = process * ratios[step] ** 2 + amount ** (2 - alpha) * sigmas[step]
            parameter = parameter * ratios[step] ** 2 + amount**2 * ratio_variance[step]
            amount *= ratios[step]
        errors.append(math.sqrt(process + parameter))
        shared = sum(ratio_variance[step] / ratios[step] ** 2 for step in range(age, ratios.size))
        total += process + parameter + 2 * ultimates[row] * ultimates[row + 1 :].sum() * shared
    return errors, math.sqrt(total)


@pytest.mark.parametrize(
    "choice",
    [
        LinkRatios(),
        LinkRatios(average="simple"),
        LinkRatios(latest=3),
        LinkRatios(average="medial"),
    ],
    ids=str,
)
@pytest.mark.parametrize("triangle", [printed("taylor_ashe"), unequal()], ids=["square", "tall"])
def test_the_closed_errors_are_those_of_the_recursion(
    triangle: Triangle, choice: LinkRatios
) -> None:
    """The parameter term of the recursion has no cross product, so that it comes out as in 1993.

    The corollary's sum for two origins runs over the steps of the younger one that both need; the older
    origin's age begins it.
    """
    reserve = Mack(choice).fit(triangle)
    errors, total = slow_mack(triangle, choice)
    assert reserve.standard_error == pytest.approx(errors, rel=1e-10, abs=1e-9)
    assert reserve.total_standard_error == pytest.approx(total, rel=1e-10)


def test_the_variance_of_an_age_with_one_link_by_hand() -> None:
    """Two ages with two links and more: the third is min(s1^2/s0, s0, s1), or on their straight line."""
    triangle = Triangle.from_array(
        [[10, 30, 33, 33], [20, 30, 36, None], [10, 20, None, None], [40, None, None, None]],
        first_origin=date(2020, 1, 1),
    )
    first = (10 * (3 - 2) ** 2 + 20 * (1.5 - 2) ** 2 + 10 * (2 - 2) ** 2) / 2
    second = (30 * (1.1 - 1.15) ** 2 + 30 * (1.2 - 1.15) ** 2) / 1
    pattern = LinkRatios().of(triangle)
    assert sigma_squared(triangle, pattern) == pytest.approx([first, second, second**2 / first])
    on_the_line = sigma_squared(triangle, pattern, "log_linear")
    assert on_the_line[2] == pytest.approx(second**2 / first)  # of two points the line is the same
    four = sigma_squared(printed("raa"), LinkRatios().of(printed("raa")), "log_linear")
    slope, level = np.polyfit(np.arange(8.0), np.log(four[:8]), 1)
    assert four[8] == pytest.approx(np.exp(level + 8 * slope))


def test_a_medial_average_does_not_hide_the_spread_of_what_it_leaves_out() -> None:
    """Ratios 3, 1.5 and 2, of which only 2 is averaged: (1 + 1/4 + 0) / 2 is their variance about it.

    An excluded link is out of both, for its user says that it tells nothing.
    """
    triangle = Triangle.from_array(
        [[10, 30, 33, 33], [20, 30, 36, None], [10, 20, None, None], [40, None, None, None]],
        first_origin=date(2020, 1, 1),
    )
    pattern = LinkRatios(average="medial").of(triangle)
    assert pattern.links.tolist() == [1, 2, 1]
    assert sigma_squared(triangle, pattern)[0] == pytest.approx((1 + 0.25) / 2)
    without = LinkRatios(average="simple", exclude=(("2020", 1),)).of(triangle)
    assert sigma_squared(triangle, without)[0] == pytest.approx(2 * 0.25**2)
    medial, simple = (
        Mack(LinkRatios(average=kind)).fit(printed("raa")).total_standard_error
        for kind in ("medial", "simple")
    )
    assert medial > 0.4 * simple  # a trimmed spread gave a seventh of it


@pytest.mark.parametrize("method", [Mack(), MerzWuethrich(), Bootstrap(replicates=10)])
def test_a_triangle_without_an_amount_is_called_that(
    method: Mack | MerzWuethrich | Bootstrap,
) -> None:
    nothing = Triangle.from_array(
        [3 * [0.0], [0.0, 0.0, None], [0.0, None, None]], first_origin=date(2020, 1, 1)
    )
    with pytest.raises(InputError, match="no amount other than 0"):
        method.fit(nothing)


def test_the_next_year_by_brute_force() -> None:
    """Each next link moved alone by its own error, the triangle refitted: the same to first order."""
    triangle = printed("taylor_ashe")
    pattern, now = LinkRatios().of(triangle), Mack().fit(triangle)
    sigmas = sigma_squared(triangle, pattern)
    total = 0.0
    for step, ratio in enumerate(pattern.link_ratios):
        before = triangle.latest[triangle.ages == step][0]
        seen = triangle.cumulative[pattern.used[:, step], step].sum()
        spread = math.sqrt(sigmas[step] * (1 / before + 1 / seen))
        ultimates = []
        for sign in (1, -1):
            links = pattern.link_ratios.copy()
            links[step] = ratio + sign * 1e-5 * spread
            moved = np.full((10, 11), np.nan)
            moved[:, :10] = triangle.cumulative
            for row, age in enumerate(triangle.ages[1:], start=1):
                moved[row, age + 1] = triangle.latest[row] * links[age]
            later = Triangle.from_array(moved[:, :10], first_origin=triangle.first_origin)
            ultimates.append(Mack().fit(later).ultimate.sum())
        total += ((ultimates[0] - ultimates[1]) / 2e-5) ** 2
    found = MerzWuethrich().fit(triangle)
    assert found.total_standard_error == pytest.approx(math.sqrt(total), rel=1e-6)
    assert found.total_ibnr == now.total_ibnr


@pytest.mark.parametrize("method", [Mack, MerzWuethrich])
def test_a_rule_for_the_last_age_is_one_of_two(method: type) -> None:
    with pytest.raises(InputError, match="last_sigma: got 'line'; allowed: mack, log_linear"):
        method(last_sigma="line")


@pytest.mark.parametrize("method", [Mack(), MerzWuethrich()])
@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([[5.0, 6.0], [4.0, None]], "two links"),
        ([[5.0, 6.0, 6.5], [4.0, 4.4, None], [3.0, None, None]], "two links"),
        ([[5.0, -6.0, 6.5], [4.0, 4.4, None], [3.0, None, None]], "amount below 0"),
    ],
)
def test_too_little_or_negative_data_are_refused(
    method: Mack | MerzWuethrich, rows: list[list[float | None]], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        method.fit(Triangle.from_array(rows, first_origin=date(2020, 1, 1)))


def test_the_next_year_needs_periods_of_one_length() -> None:
    yearly = Triangle.from_array(
        [[1.0, 2.0, 2.5, 3.0, 3.1], [1.0] + 4 * [None]],
        first_origin=date(2020, 1, 1),
        development_grain="quarter",
    )
    with pytest.raises(InputError, match="periods of one length"):
        MerzWuethrich().fit(yearly)

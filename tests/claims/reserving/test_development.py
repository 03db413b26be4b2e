"""Link ratios by hand, tails against their own curve.

Sources of truth: the arithmetic in the comments; `numpy.polyfit` on the printed formula.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from claims.reserving.triangles import printed, unequal
from mutualfund.claims.reserving import (
    ChainLadder,
    ConstantTail,
    DecayTail,
    LinkRatios,
    Mack,
    Triangle,
)
from mutualfund.errors import InputError

NAN = float("nan")
FOUR = Triangle.from_array(
    [[10, 30, 33, 33], [20, 30, 36, NAN], [10, 20, NAN, NAN], [40, NAN, NAN, NAN]],
    first_origin=date(2020, 1, 1),
)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (LinkRatios(), [80 / 40, 69 / 60, 1.0]),
        (LinkRatios(average="simple"), [(3 + 1.5 + 2) / 3, (1.1 + 1.2) / 2, 1.0]),
        (LinkRatios(average="medial"), [2.0, (1.1 + 1.2) / 2, 1.0]),  # 3 and 1.5 left out of three
        (LinkRatios(latest=2), [50 / 30, 69 / 60, 1.0]),
        (LinkRatios(average="simple", latest=1), [2.0, 1.2, 1.0]),
        (LinkRatios(exclude=(("2020", 1),)), [50 / 30, 69 / 60, 1.0]),
        (LinkRatios(exclude=(("2021", 2), ("2022", 1))), [60 / 30, 1.1, 1.0]),
    ],
)
def test_averages_windows_and_exclusions(choice: LinkRatios, expected: list[float]) -> None:
    assert choice.of(FOUR).link_ratios == pytest.approx(expected, rel=1e-12)


def test_the_latest_links_are_counted_before_exclusions_are_made_good() -> None:
    """An excluded link does not count as one of the latest: the next older one takes its place."""
    found = LinkRatios(latest=2, exclude=(("2022", 1),)).of(FOUR)
    assert found.link_ratios[0] == pytest.approx(60 / 30)


def test_growth_and_share_include_the_tail() -> None:
    found = LinkRatios(tail=1.1).of(FOUR)
    assert found.growth == pytest.approx([2 * 1.15 * 1.1, 1.15 * 1.1, 1.1, 1.1])
    assert found.share == pytest.approx(1 / found.growth)
    assert ChainLadder(LinkRatios(tail=1.1)).fit(FOUR).ultimate[0] == pytest.approx(36.3)


@pytest.mark.parametrize("exponential", [True, False])
def test_a_tail_goes_on_along_the_curve_that_made_the_ratios(exponential: bool) -> None:
    step = np.arange(1.0, 200.0)
    excess = 0.8 * 0.6**step if exponential else 0.8 * step**-2.5
    factor, _ = DecayTail(exponential=exponential, periods=150).factor(1.0 + excess[:9])
    assert factor == pytest.approx(np.prod(1.0 + excess[9:159]), rel=1e-10)


def test_the_tails_that_chainladder_prints() -> None:
    """Both curves through nine ratios, as documented for `TailCurve` of chainladder 0.10.1."""
    ratios = np.array(
        [2.026309, 1.559087, 1.320123, 1.184491, 1.107264, 1.074001, 1.046207, 1.032158, 1.023925]
    )
    power, by_share = (DecayTail(exponential=which).factor(ratios)[0] for which in (False, True))
    assert power == pytest.approx(1.027083 * 1.325559, rel=2e-6)
    assert by_share == pytest.approx(1.012067 * 1.020099, rel=2e-6)


def test_a_tail_may_begin_later_and_skips_ratios_below_one() -> None:
    ratios = np.array([9.0, 1.4, 0.99, 1.1, 1.05])
    slope, level = np.polyfit([2.0, 4.0, 5.0], np.log([0.4, 0.1, 0.05]), 1)
    expected = np.prod(1.0 + np.exp(level + slope * np.arange(6.0, 9.0)))
    assert DecayTail(from_age=2, periods=3).factor(ratios)[0] == pytest.approx(expected)


@pytest.mark.parametrize("ratios", [[1.5, 1.0, 1.0], [1.1, 1.2, 1.3]])
def test_a_curve_that_does_not_fall_gives_no_tail(ratios: list[float]) -> None:
    with pytest.raises(InputError, match="tail"):
        DecayTail().factor(np.array(ratios))


def test_a_tail_adds_its_error() -> None:
    sure = Mack(LinkRatios(tail=1.05)).fit(printed("raa"))
    unsure = Mack(LinkRatios(tail=ConstantTail(1.05, standard_error=0.02))).fit(printed("raa"))
    added = unsure.parameter_error**2 - sure.parameter_error**2
    assert np.sqrt(added) == pytest.approx(sure.ultimate * 0.02 / 1.05)


TINY = date(2020, 1, 1)


@pytest.mark.parametrize(
    ("rows", "choice", "code"),
    [
        ([[1.0, 2.0]], LinkRatios(), "single_origin"),
        ([[0.0, 2.0], [0.0, NAN]], LinkRatios(), "nothing_before"),
        ([[3.0, 0.0], [2.0, NAN]], LinkRatios(), "nothing_left"),
        ([[3.0, -1.0], [2.0, NAN]], LinkRatios(average="simple"), "nothing_left"),
        ([[5.0, 6.0], [4.0, NAN]], LinkRatios(exclude=(("2020", 1),)), "no_link"),
        ([[5.0, 6.0], [4.0, NAN]], LinkRatios(exclude=(("2021", 1),)), "no_such_link"),
        ([[5.0, 6.0], [4.0, NAN]], LinkRatios(exclude=(("1999", 1),)), "no_such_link"),
    ],
)
def test_what_has_no_link_ratio_is_refused(
    rows: list[list[float]], choice: LinkRatios, code: str
) -> None:
    with pytest.raises(InputError) as caught:
        choice.of(Triangle.from_array(rows, first_origin=TINY))
    assert [fault.code for fault in caught.value.faults] == [code]


@pytest.mark.parametrize(
    "bad",
    [
        {"average": "mode"},
        {"latest": 0},
        {"latest": 2.5},
        {"tail": 0.0},
        {"tail": NAN},
        {"tail": "long"},
        {"tail": DecayTail},
        {"exclude": ("1982", 1)},
        {"exclude": (("1982", "one"),)},
        {"exclude": (("1982", 1.5),)},
    ],
)
def test_a_choice_that_is_none_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        LinkRatios(**bad)
    assert [fault.field for fault in caught.value.faults] == list(bad)


@pytest.mark.parametrize("bad", [{"from_age": 1.5}, {"periods": 2.5}])
def test_a_tail_counts_whole_ages(bad: dict[str, object]) -> None:
    with pytest.raises(InputError, match="a whole number"):
        DecayTail(**bad)


def test_ages_without_any_payment_have_the_ratio_one() -> None:
    empty = Triangle.from_array(
        [[0.0, 0.0, 5.0], [0.0, 0.0, NAN], [0.0, NAN, NAN]], first_origin=TINY
    )
    with pytest.raises(InputError, match="nothing above 0 at age 2"):
        ChainLadder().fit(empty)
    nothing = Triangle.from_array([[0.0, 0.0], [0.0, NAN]], first_origin=TINY)
    assert ChainLadder().fit(nothing).ultimate.tolist() == [0.0, 0.0]
    late = Triangle.from_array(
        [[4.0, 4.0, 5.0], [3.0, 3.0, NAN], [2.0, NAN, NAN]], first_origin=TINY
    )
    assert ChainLadder().fit(late).ultimate == pytest.approx([5.0, 3.75, 2.5])


def test_scaling_money_scales_the_reserve_and_nothing_else() -> None:
    one, many = unequal(), unequal()
    larger = Triangle.from_array(many.cumulative * 1000.0, first_origin=many.first_origin)
    small, large = ChainLadder().fit(one), ChainLadder().fit(larger)
    assert large.ibnr == pytest.approx(1000.0 * small.ibnr)
    assert large.standard_error == pytest.approx(1000.0 * small.standard_error)
    assert large.pattern.link_ratios == pytest.approx(small.pattern.link_ratios)

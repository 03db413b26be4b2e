"""Pictures show the numbers of what they are pictures of. Truth: the arrays; the pictures were looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import matplotlib.pyplot as plt
import pytest
from matplotlib.axes import Axes

from claims.reserving.triangles import printed, unequal
from mutualfund.claims.reserving import (
    Bootstrap,
    ChainLadder,
    Mack,
    actual_against_expected,
    back_test,
)


@pytest.fixture(autouse=True)
def _no_figure_is_left() -> Iterator[None]:
    yield
    plt.close("all")


def bootstrapped() -> Any:
    return Bootstrap(replicates=2500, seed=1).fit(printed("taylor_ashe"))


PICTURES: dict[str, Callable[[], Any]] = {
    "development": lambda: unequal().plot.development,
    "ibnr": lambda: Mack().fit(printed("raa")).plot.ibnr,
    "ultimate": lambda: ChainLadder().fit(unequal()).plot.ultimate,
    "completion": lambda: ChainLadder().fit(unequal()).plot.completion,
    "distribution": lambda: bootstrapped().plot.distribution,
    "payments": lambda: bootstrapped().plot.payments,
    "bootstrap's ibnr": lambda: bootstrapped().plot.ibnr,
    "difference": lambda: (
        actual_against_expected(ChainLadder().fit(unequal().earlier(1)), unequal()).plot.difference
    ),
    "errors where nothing came": lambda: (
        (
            back_test(
                replace(unequal(), cumulative=0.0 * unequal().cumulative), {"a": ChainLadder()}
            )
        ).plot.errors
    ),
    "errors": lambda: back_test(unequal(), {"a": ChainLadder(), "b": Mack()}, hide=2).plot.errors,
}


@pytest.mark.parametrize("name", PICTURES)
def test_each_picture_draws_on_the_axes_it_is_given_and_has_a_title(name: str) -> None:
    draw = PICTURES[name]()
    _, ax = plt.subplots()
    assert draw(ax=ax) is ax
    assert ax.get_title(loc="left")
    own = draw()
    assert isinstance(own, Axes) and own is not ax
    own.figure.canvas.draw()


def test_bars_are_what_is_still_to_come() -> None:
    reserve = Mack().fit(printed("taylor_ashe"))
    ax = reserve.plot.ibnr()
    heights = [bar.get_height() for bar in ax.patches]
    assert heights == pytest.approx(reserve.ibnr / 1e6)
    assert ax.get_xticklabels()[0].get_text() == "2010"


def test_the_distribution_marks_the_estimate_and_one_in_200() -> None:
    found = bootstrapped()
    ax = found.plot.distribution()
    marks = [line.get_xdata()[0] for line in ax.lines]
    assert marks == pytest.approx([found.total_ibnr / 1e6, found.quantile(0.995) / 1e6])


def test_the_back_test_has_a_line_a_method() -> None:
    found = back_test(unequal(), {"a": ChainLadder(), "b": Mack()}, hide=2)
    ax = found.plot.errors()
    lines = [
        line.get_ydata()
        for line in ax.lines
        if len(line.get_ydata()) == 2 and line.get_marker() == "o"
    ]
    expected = [
        -100 * found.tests["a", h].total_difference / found.tests["a", h].total_actual
        for h in (1, 2)
    ]
    assert list(lines[0]) == pytest.approx(expected)

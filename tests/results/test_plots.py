"""Pictures show the run's own numbers. Truth: the arrays; the pictures themselves were looked at."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from mutualfund import plot_style as style
from mutualfund.errors import InputError
from mutualfund.results import FundRun, Marginal
from mutualfund.results.summary import futures_of_100

NAMES = ("reserve", "ruin", "contributions", "cashflow", "futures", "lines")


def words(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


@pytest.mark.parametrize("name", NAMES)
def test_each_picture_returns_axes_with_a_title(run: FundRun, name: str) -> None:
    ax = getattr(run.plot, name)()
    assert isinstance(ax, Axes)
    assert ax.get_title(loc="left")


@pytest.mark.parametrize("name", NAMES)
def test_each_picture_draws_on_the_axes_it_is_given(run: FundRun, name: str) -> None:
    _, ax = plt.subplots()
    assert getattr(run.plot, name)(ax=ax) is ax
    assert len(plt.get_fignums()) == 1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("n_paths", "n_years"), [(1, 1), (30, 1), (300, 25)])
def test_each_picture_stands_any_size_of_run(
    run_of: Callable[..., FundRun], name: str, n_paths: int, n_years: int
) -> None:
    ax = getattr(run_of(n_paths=n_paths, n_years=n_years).plot, name)()
    ax.figure.canvas.draw()


def test_the_reserve_fan_shows_median_safety_line_and_zero(run: FundRun) -> None:
    ax = run.plot.reserve()
    median, safety, zero = ax.lines
    levels = [run.quantile("reserve_close", 0.5, year) for year in range(1, 11)]
    assert median.get_ydata()[1:] == pytest.approx(np.array(levels) / 1e6)
    dues = run.measure("contributions_due").mean(axis=0)
    assert safety.get_ydata() == pytest.approx(0.1 * dues / 1e6)
    assert set(np.asarray(zero.get_ydata())) == {0.0}
    assert {"safety line", "empty", "median", "9 of 10"} <= set(words(ax))
    assert "million EUR" in " ".join(words(ax))


def test_a_fan_has_only_bands_that_its_paths_support(run_of: Callable[..., FundRun]) -> None:
    assert len(run_of(n_paths=1_000).plot.reserve().collections) == 3
    assert len(run_of(n_paths=999).plot.reserve().collections) == 2
    few = run_of(n_paths=39).plot.reserve()
    assert len(few.collections) == 0
    assert len(few.lines) == 39 + 3


def test_claims_by_line_need_lines(run: FundRun) -> None:
    with pytest.raises(InputError, match=r"settings\.keep"):
        FundRun(None, run.ledger, {}, run.manifest).plot.lines()


def test_a_line_name_with_dollar_signs_is_drawn_as_written(run: FundRun) -> None:
    facts = run.facts.to_dict() | {"line_names": ["$\\frac", "dental $$ 2"]}
    lines = {"line": Marginal(("$\\frac", "dental $$ 2"), run.lines)}
    ax = FundRun(None, run.ledger, lines, {"facts": facts}).plot.lines()
    ax.figure.canvas.draw()
    assert "$\\frac" in words(ax)


def test_the_ruin_picture_counts_paths(run: FundRun) -> None:
    ax = run.plot.ruin()
    shares = [100 * row.estimate for row in run.ruin_by_year()]
    assert ax.lines[0].get_ydata() == pytest.approx(shares)
    count = int(run.ruined[:, -1].sum())
    assert any(text.startswith(f"{count} of 2,000 futures") for text in words(ax))


def test_the_chance_of_ruin_is_said_in_words(run_of: Callable[..., FundRun]) -> None:
    run = run_of(n_paths=300, n_years=1)
    assert "none of 300 futures" in words(run.plot.ruin())
    for count, rate in ((3, "1 in 100"), (30, "1 in 10"), (240, "80 in 100")):
        flags = (np.arange(300) < count).astype(float)[:, None]
        told = FundRun(None, dict(run.ledger) | {"insolvent": flags}, {}, run.manifest)
        assert f"{count} of 300 futures: about {rate}" in words(told.plot.ruin())


def test_cash_flow_bars_are_the_means_of_first_and_last_year(run: FundRun) -> None:
    ax = run.plot.cashflow()
    labels = [label.get_text() for label in ax.get_yticklabels()]
    place = labels.index("claims paid")
    widths = [container.patches[place].get_width() for container in ax.containers]
    means = run.measure("claims_paid").mean(axis=0)[[0, -1]] / 1e6
    assert widths == pytest.approx(list(means))
    assert "contributions due" not in labels
    assert {"money in", "money out"} <= set(words(ax))


@pytest.mark.parametrize("n_paths", [1, 19, 20])
def test_the_median_is_drawn_where_the_run_gives_one(
    run_of: Callable[..., FundRun], n_paths: int
) -> None:
    """Source of truth: `FundRun.quantile`, which refuses the median of fewer than twenty paths."""
    run = run_of(n_paths=n_paths, n_years=3)
    assert ("median" in words(run.plot.reserve())) == (n_paths == 20)
    assert len(run.plot.contributions().lines) == 1 + n_paths + (n_paths == 20)


def test_one_hundred_futures_are_shown(run: FundRun) -> None:
    counts = futures_of_100(run)
    signs = [scatter.get_offsets().shape[0] for scatter in run.plot.futures().collections]
    assert signs[:3] == counts.tolist()
    assert counts.sum() == 100
    empty = run.ruined[:, -1].mean()
    assert abs(counts[2] - 100 * empty) < 1


@given(empty=st.integers(0, 37), below=st.integers(0, 37))
def test_any_split_of_paths_makes_one_hundred_futures(
    run_of: Callable[..., FundRun], empty: int, below: int
) -> None:
    run = run_of(n_paths=74, n_years=1)
    insolvent = (np.arange(74) < empty).astype(float)[:, None]
    low = (np.arange(74) >= 74 - below)[:, None]
    ledger = dict(run.ledger) | {
        "insolvent": insolvent,
        "reserve_close": np.where(low, -1.0, 1e9),
    }
    counts = futures_of_100(FundRun(None, ledger, {}, run.manifest))
    exact = 100 * np.array([74 - empty - below, below, empty]) / 74
    assert counts.sum() == 100
    assert (np.abs(counts - exact) < 1).all()


def test_colours_are_told_apart_by_colour_blind_readers() -> None:
    okabe_ito = {
        "#000000", "#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7"
    }  # fmt: skip
    assert {to_hex(colour) for colour in style.CYCLE} <= okabe_ito
    assert len(set(style.CYCLE)) == len(style.CYCLE)


@pytest.mark.parametrize(
    ("largest", "unit"),
    [(9_999.0, "EUR"), (2e4, "thousand EUR"), (2.4e6, "million EUR"), (3e9, "billion EUR")],
)
def test_money_is_scaled_to_thousands_millions_or_billions(largest: float, unit: str) -> None:
    assert style.money_scale(largest, "EUR")[1] == unit


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=12))
def test_labels_are_moved_apart_in_their_order(places: list[float]) -> None:
    moved = style.spread(places, 2.0)
    order = np.argsort(places, kind="stable")
    assert (np.diff(moved[order]) >= 2.0 - 1e-6).all()


def test_matplotlib_loads_only_when_a_picture_is_asked_for() -> None:
    code = (
        "import sys, mutualfund.results as r\n"
        "heavy = {'pandas', 'matplotlib', 'numba', 'scipy.stats', 'polars'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

"""The three charts of the page, each with a title and the sentence that tells it to those who cannot see."""

from __future__ import annotations

import numpy as np

from mutualfund.report import charts, few, words
from mutualfund.report.board import Board, Flow
from mutualfund.report.svg import Chart, draw
from mutualfund.results.estimates import Estimate
from mutualfund.types import FloatArray


def known(estimate: Estimate) -> float:
    """The error of an estimate; zero where a single path says nothing about it."""
    return estimate.standard_error if np.isfinite(estimate.standard_error) else 0.0


def money_of(estimate: Estimate, currency: str) -> str:
    """An estimate in words, rounded to its own error."""
    return words.money(estimate.estimate, known(estimate), currency)


def fan_chart(board: Board) -> Chart:
    """The reserve at each year's end, with the safety line."""
    curves = {level: np.r_[board.opening, values] for level, values in board.quantiles.items()}
    line = None if board.line is None else np.r_[board.line[0], board.line]
    fan = charts.Fan(
        labels=("start", *board.years),
        singles=np.insert(board.singles, 0, board.opening, axis=1),
        middle=curves.get(0.5),
        inner=_band(curves, 0.25, 0.75),
        outer=_band(curves, 0.05, 0.95),
        line=line,
        currency=board.currency,
        ends=tuple(
            (end.estimate, _short(end, board.currency))
            for end in (board.low, board.middle, board.high)
            if end is not None
        ),
    )
    return draw(
        "fan", "The reserve at the end of each year", _tell_fan(board), charts.paint_fan(fan)
    )


def _band(
    curves: dict[float, FloatArray], low: float, high: float
) -> tuple[FloatArray, FloatArray] | None:
    return (curves[low], curves[high]) if low in curves and high in curves else None


def _tell_fan(board: Board) -> str:
    text = f"The reserve starts at {words.money(board.opening, 0.0, board.currency)}."
    if board.middle is None:
        text += f" {few.each_line_is_a_future(board.n_paths)}"
    else:
        end = money_of(board.middle, board.currency)
        text += f" In the middle future it is {end} {words.after_years(board.n_years)}."
    if board.low is not None and board.high is not None:
        low, high = (money_of(end, board.currency) for end in (board.low, board.high))
        text += f" Nine in ten futures end between {low} and {high}."
    if board.line is not None:
        first, last = (words.money(float(board.line[at]), 0.0, board.currency) for at in (0, -1))
        text += f" The safety line goes from {first} to {last}."
    return text


def chances(board: Board) -> tuple[Estimate, ...]:
    """The chance the board asks about, year by year."""
    return board.below_by_year or board.empty_by_year


def dots_chart(board: Board) -> Chart:
    """The chance by year, each with its likely range."""
    rows = chances(board)
    dots = charts.Dots(
        labels=board.years,
        value=np.array([row.estimate for row in rows]),
        low=np.array([row.low for row in rows]),
        high=np.array([row.high for row in rows]),
    )
    return draw("chance", chance_title(board), _tell_dots(board), charts.paint_dots(dots), 0.8)


def chance_title(board: Board) -> str:
    """What the chart of chances shows."""
    if board.below_by_year:
        even = ", even after extra payments" if board.rescued else ""
        return f"Chance that the reserve is below the safety line at the end of the year{even}"
    return "Chance that the money has run out by the end of the year"


def no_chance(board: Board) -> str:
    """What is said instead of a picture where every chance in it is zero."""
    what = (
        "was the reserve below the safety line" if board.below_by_year else "did the money run out"
    )
    even = ", even after extra payments," if board.below_by_year and board.rescued else ""
    worst = max(chances(board), key=lambda row: row.high)
    likely = words.likely_range(0.0, 0.0, worst.high)
    return (
        f"In none of the {words.futures(board.n_paths)} {what}{even} at the end of any year. With "
        f"endlessly many futures the chance in each year would most likely be {likely}."
    )


def _tell_dots(board: Board) -> str:
    rows = chances(board)
    first, worst = rows[0], max(rows, key=lambda row: row.estimate)
    assert worst.year is not None
    text = f"The chance is {words.percent(first.estimate)} in {board.years[0]}"
    if worst is first:
        return f"{text} and never higher."
    return (
        f"{text} and highest in {board.years[worst.year - 1]}, at {words.percent(worst.estimate)}."
    )


def bars_chart(board: Board) -> Chart:
    """Mean money in and out in the first and the last year."""
    flows = board.flows
    bars = charts.Bars(
        names=tuple(flow.label for flow in flows),
        into=tuple(flow.into for flow in flows),
        first=np.array([flow.first.estimate for flow in flows]),
        last=np.array([flow.last.estimate for flow in flows]),
        first_text=tuple(_short(flow.first, board.currency) for flow in flows),
        last_text=tuple(_short(flow.last, board.currency) for flow in flows),
        one_year=board.n_years == 1,
    )
    years = board.years[0] if board.n_years == 1 else f"{board.years[0]} and {board.years[-1]}"
    height = 0.2 + 0.125 * len(flows)
    return draw(
        "money", f"Money in and out in {years}", _tell_bars(board), charts.paint_bars(bars), height
    )


def _short(estimate: Estimate, currency: str) -> str:
    return words.compact(estimate.estimate, known(estimate), currency)


def _tell_bars(board: Board) -> str:
    def largest(into: bool) -> Flow | None:
        mine = [flow for flow in board.flows if flow.into == into]
        return max(mine, key=lambda flow: flow.last.estimate, default=None)

    parts = []
    for flow, way in ((largest(True), "in"), (largest(False), "out")):
        if flow is not None:
            amount = money_of(flow.last, board.currency)
            parts.append(f"Most money goes {way} as {flow.label}: {amount} in {board.years[-1]}.")
    return " ".join(parts)

"""What the pictures of the report show: the reserve fan, the chance by year, money in and out.

Each `paint_...` takes plain numbers and returns what `svg.draw` calls on the axes of either format.
Nothing is said by colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mutualfund.report.svg import (
    BLUE,
    GREY,
    INK,
    PALE,
    PALER,
    PEACH,
    VERMILLION,
    Paint,
    Size,
)
from mutualfund.report.words import MINUS, SCALES, currency_sign
from mutualfund.types import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class Fan:
    """What the reserve fan shows; arrays (n_years + 1,), currency, the start first.

    `middle`, `inner` (half) and `outer` (nine in ten) are None where the futures are too few; `singles`,
    (n, n_years + 1), are futures drawn one by one; `line` is the safety line; `ends` are amounts to write out
    at the end, with their texts.
    """

    labels: tuple[str, ...]
    singles: FloatArray
    middle: FloatArray | None
    inner: tuple[FloatArray, FloatArray] | None
    outer: tuple[FloatArray, FloatArray] | None
    line: FloatArray | None
    currency: str
    ends: tuple[tuple[float, str], ...]


def paint_fan(fan: Fan) -> Paint:
    """The reserve over the years: bands and middle, or one line a future, and the safety line."""
    lines = [values for values in (fan.middle, fan.line) if values is not None]
    drawn = [*fan.singles, *lines, *(fan.inner or ()), *(fan.outer or ())]
    unit, name = scale_of(drawn)

    def paint(ax: Axes, size: Size) -> None:
        x = np.arange(len(fan.labels))
        if fan.outer is not None:
            ax.fill_between(x, fan.outer[0] / unit, fan.outer[1] / unit, color=PALER, linewidth=0)
        if fan.inner is not None:
            ax.fill_between(x, fan.inner[0] / unit, fan.inner[1] / unit, color=PALE, linewidth=0)
        if fan.middle is not None:
            ax.plot(x, fan.middle / unit, color=BLUE, linewidth=2.4)
        ax.plot(x, fan.singles.T / unit, color=BLUE, linewidth=1.2)
        if fan.line is not None:
            ax.plot(x, fan.line / unit, color=VERMILLION, linewidth=2, dashes=(5, 3))
        lowest = min(float(values.min()) for values in drawn)
        if lowest < 0.0:
            ax.axhline(0.0, color=INK, linewidth=1)
        else:
            ax.set_ylim(bottom=0.0)
        money_axis(ax, "y", name, fan.currency)
        year_axis(ax, fan.labels, size)
        ax.margins(x=0.02)
        if not size.narrow:
            _write_ends(ax, fan, unit)

    return paint


def _write_ends(ax: Axes, fan: Fan, unit: float) -> None:
    """The amounts at the right end, beside the last year, kept from touching each other."""
    bottom, top = ax.get_ylim()
    room = 0.075 * (top - bottom)
    last = -np.inf
    for value, text in sorted(fan.ends):
        height = max(value / unit, last + room)
        ax.annotate(
            text,
            (len(fan.labels) - 1, height),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            annotation_clip=False,
        )
        last = height


@dataclass(frozen=True, slots=True)
class Dots:
    """A probability for each year with its interval: (n_years,) each."""

    labels: tuple[str, ...]
    value: FloatArray
    low: FloatArray
    high: FloatArray


def paint_dots(dots: Dots) -> Paint:
    """A dot for each year's chance and a bar for its likely range."""

    def paint(ax: Axes, size: Size) -> None:
        x = np.arange(dots.value.size)
        ax.vlines(x, dots.low, dots.high, color=PALE, linewidth=7 if size.narrow else 9)
        ax.plot(x, dots.value, "o", color=BLUE, markersize=7)
        top = max(0.01, 1.15 * float(dots.high.max()))
        ax.set_ylim(-0.02 * top, min(top, 1.02))
        ax.yaxis.set_major_formatter(lambda share, _: f"{round(100 * share, 6):g} %")
        year_axis(ax, dots.labels, size)
        ax.set_xlim(-0.6, dots.value.size - 0.4)

    return paint


@dataclass(frozen=True, slots=True)
class Bars:
    """Mean yearly amounts in two years, with their labels ready: (n_flows,) each, currency."""

    names: tuple[str, ...]
    into: tuple[bool, ...]
    first: FloatArray
    last: FloatArray
    first_text: tuple[str, ...]
    last_text: tuple[str, ...]
    one_year: bool


def paint_bars(bars: Bars) -> Paint:
    """Money in above, money out below; the first year pale, the last year full."""

    def paint(ax: Axes, size: Size) -> None:
        place, heads = bar_places(bars.into)
        both = not bars.one_year
        for into, dark, pale in ((True, BLUE, PALE), (False, VERMILLION, PEACH)):
            mine = np.array(bars.into) == into
            ax.barh(place[mine], bars.first[mine], 0.36, color=pale)
            if both:
                ax.barh(place[mine] + 0.4, bars.last[mine], 0.36, color=dark)
        for where, first, last, text, other in zip(
            place, bars.first, bars.last, bars.first_text, bars.last_text, strict=True
        ):
            note: Any = {
                "xytext": (4, 0),
                "textcoords": "offset points",
                "va": "center",
                "fontsize": 11,
            }
            ax.annotate(text, (max(first, 0.0), where), **note)
            if both:
                ax.annotate(other, (max(last, 0.0), where + 0.4), **note)
        for where, into in heads:
            ax.annotate(
                "Money in" if into else "Money out",
                (0, where),
                xycoords=("axes fraction", "data"),
                weight="bold",
                va="center",
            )
        ax.set_yticks(
            place + 0.2 * both, [wrap(name, 16 if size.narrow else 30) for name in bars.names]
        )
        ax.set_ylim(float(place[-1]) + 0.9, -0.9)
        ax.set_xlim(min(0.0, float(min(bars.first.min(), bars.last.min()))), _room(bars, size))
        ax.grid(visible=False)
        ax.xaxis.set_visible(False)
        ax.spines["bottom"].set_visible(False)
        ax.tick_params(axis="y", colors=INK)

    return paint


def _room(bars: Bars, size: Size) -> float:
    """Right end of the bar axis: the longest bar and room for its label."""
    return float(max(bars.first.max(), bars.last.max(), 1.0)) * (1.75 if size.narrow else 1.2)


def bar_places(into: Sequence[bool]) -> tuple[FloatArray, list[tuple[float, bool]]]:
    """Where each pair of bars stands, and where the two headings do."""
    place, heads, at = [], [], 0.0
    for index, flag in enumerate(into):
        if index == 0 or flag != into[index - 1]:
            at += 0.35 if index else 0.0
            heads.append((at - 0.2, flag))
            at += 0.65
        place.append(at)
        at += 1.15
    return np.array(place), heads


def wrap(text: str, width: int) -> str:
    """Break a label into lines of about `width` letters."""
    import textwrap

    return "\n".join(textwrap.wrap(text, width))


def scale_of(values: Sequence[FloatArray]) -> tuple[float, str]:
    """The unit an axis is written in, and its name.

    >>> scale_of([np.array([2.5e6, -1.0])])
    (1000000.0, 'million')
    """
    largest = max(float(np.abs(array).max()) for array in values)
    for scale, name in (*SCALES, (1e3, "thousand")):
        if largest >= scale:
            return scale, name
    return 1.0, ""


def money_axis(ax: Axes, which: str, name: str, currency: str) -> None:
    """Say the unit once, above the axis, and keep the ticks bare."""
    unit = f"{currency_sign(currency)} {name}".replace("\u00a0", "").strip()
    ax.set_title(unit, loc="left", fontsize=11.5, color=GREY, pad=8)
    axis = ax.yaxis if which == "y" else ax.xaxis
    axis.set_major_formatter(lambda value, _: f"{value:,.10g}".replace("-", MINUS))


def year_axis(ax: Axes, labels: Sequence[str], size: Size) -> None:
    """Years along the bottom, thinned where they would touch."""
    longest = max(len(label) for label in labels)
    room = (38 if size.narrow else 84) // (longest + 2)
    step = -(-len(labels) // max(1, room))
    # The last year always keeps its label: it is the one the verdict speaks of.
    shown = list(range(len(labels) - 1, -1, -step))[::-1]
    ax.set_xticks(shown, [labels[index] for index in shown])
    ax.tick_params(axis="x", length=3)

"""How every picture looks: colours that colour-blind readers tell apart, words beside the lines.

Colours are those of Okabe and Ito, "Color Universal Design" (2008). The size suits a phone: drawn
about 400 points wide with 10-point words, so nothing shrinks much on a 375-pixel screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from mutualfund.types import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLACK, GREY = "#000000", "#6B6B6B"
BLUE, SKY = "#0072B2", "#56B4E9"
ORANGE, VERMILLION = "#E69F00", "#D55E00"
GREEN, PURPLE = "#009E73", "#CC79A7"
CYCLE = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK)

SIZE = (5.6, 3.9)
"""Inches, width and height."""

STYLE: Mapping[Any, Any] = MappingProxyType(
    {
        "font.size": 10.0,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": GREY,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        "grid.color": "#E3E3E3",
        "grid.linewidth": 0.8,
        "xtick.color": GREY,
        "ytick.color": GREY,
        "xtick.labelcolor": BLACK,
        "ytick.labelcolor": BLACK,
        "axes.unicode_minus": True,
        "figure.dpi": 110.0,
        "savefig.dpi": 160.0,
        "svg.hashsalt": "mutualfund",
    }
)

_SCALES = ((1e9, "billion"), (1e6, "million"), (1e3, "thousand"))


def ink(colour: str) -> str:
    """The colour darkened for words: a line may be pale, letters on white may not.

    >>> ink("#E69F00")
    '#8a5f00'
    """
    parts = [round(0.6 * int(colour[place : place + 2], 16)) for place in (1, 3, 5)]
    return "#" + "".join(f"{part:02x}" for part in parts)


def new_axes(ax: Axes | None, size: tuple[float, float] = SIZE) -> Axes:
    """`ax` itself, or the axes of a new figure in the house style."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    with plt.rc_context(dict(STYLE)):
        return plt.subplots(figsize=size, layout="constrained")[1]


def title(ax: Axes, text: str, below: str = "") -> None:
    """A bold title over the left edge of the picture and, in grey, what its numbers are."""
    ax.set_title(text, loc="left", fontsize=11.5, fontweight="bold", pad=24.0 if below else 10.0)
    if below:
        ax.annotate(
            below,
            (0.0, 1.0),
            xytext=(0, 8),
            xycoords="axes fraction",
            textcoords="offset points",
            color=GREY,
            fontsize=9.5,
            va="bottom",
        )


def money_scale(largest: float, currency: str) -> tuple[float, str]:
    """Divisor and unit for amounts up to `largest`: ``(1e6, "million EUR")``.

    >>> money_scale(2_400_000.0, "EUR")
    (1000000.0, 'million EUR')
    """
    for divisor, word in _SCALES:
        # Axes of 2.4 thousand read worse than 2,400: below ten thousand, full units.
        if largest >= divisor * (10 if word == "thousand" else 1):
            return divisor, f"{word} {currency}"
    return 1.0, currency


def short(value: float) -> str:
    """An amount already divided by its scale, to about three figures.

    >>> short(2.4), short(1234.0), short(0.0)
    ('2.40', '1,234', '0')
    """
    size = abs(value)
    if size < 0.005:
        return "0"
    decimals = 0 if size >= 100 else 1 if size >= 10 else 2
    return f"{value:,.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def money_axis(axis: Any) -> None:
    """Thousands separators and true minus signs on a money axis."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value)))


def _tick(value: float) -> str:
    return f"{round(value, 6):,.6g}".replace("-", "\N{MINUS SIGN}")


def spread(places: Sequence[float], gap: float) -> FloatArray:
    """Move label places apart until neighbours are at least `gap` away, keeping their order.

    >>> spread([1.0, 1.1, 5.0], 1.0).tolist()
    [0.55, 1.55, 5.0]
    """
    order = np.argsort(places, kind="stable")
    wanted = np.asarray(places, dtype=np.float64)[order] - gap * np.arange(len(places))
    # The nearest increasing sequence (pool adjacent violators) keeps every label near its line.
    pools: list[list[float]] = []
    for place in wanted:
        pools.append([float(place), 1.0])
        while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
            value, weight = pools.pop()
            total = pools[-1][1] + weight
            pools[-1] = [(pools[-1][0] * pools[-1][1] + value * weight) / total, total]
    moved = np.concatenate([np.full(int(weight), value) for value, weight in pools])
    result = np.empty(len(places))
    result[order] = moved + gap * np.arange(len(places))
    return result


def label_ends(
    ax: Axes, x: float, places: Sequence[float], texts: Sequence[str], colours: Sequence[str]
) -> None:
    """Write each text just right of `x` at its height, moved apart so that none overlaps."""
    low, high = ax.get_ylim()
    heights = spread(places, 0.062 * (high - low))
    for height, text, colour in zip(heights, texts, colours, strict=True):
        ax.annotate(
            text,
            (x, height),
            xytext=(5, 0),
            textcoords="offset points",
            color=ink(colour),
            va="center",
            ha="left",
            fontsize=9,
            annotation_clip=False,
            parse_math=False,  # a dollar sign in a line's name is a dollar sign
        )

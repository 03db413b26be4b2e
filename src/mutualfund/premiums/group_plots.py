"""Pictures of groups of members: who pays more under another rule, and who is carried by whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mutualfund import plot_style as style
from mutualfund.errors import Fault, InputError
from mutualfund.types import BoolArray

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from mutualfund.premiums.cross_subsidy import CrossSubsidies
    from mutualfund.premiums.who_pays import WhoPays

HIDDEN = "not shown"
MORE, LESS, SAME = style.VERMILLION, style.BLUE, "#C9C9C9"


@dataclass(frozen=True, slots=True)
class WhoPaysPlots:
    """The pictures of one comparison, as ``found.plot``.

    Each takes `side`, the one of ``found.sides`` that is shown, and `suppressed`, which hides small groups as
    the table does.
    """

    found: WhoPays

    def contributions(
        self, ax: Axes | None = None, *, side: str = "age", suppressed: bool = False
    ) -> Axes:
        """Mean contribution a month of each group, before and after.

        >>> from mutualfund.portfolio import Portfolio
        >>> from mutualfund.premiums import FlatContribution
        >>> from mutualfund.premiums.who_pays import who_pays
        >>> flat, members = FlatContribution(monthly=30.0), Portfolio.synthetic(9)
        >>> found = who_pays(flat, flat.scaled(1.1), members, currency="EUR")
        >>> found.plot.contributions().get_title(loc="left")
        'Contribution before and after, by age'
        """
        rows = self._rows(side, suppressed)
        before, after = rows["before"].to_numpy(), rows["after"].to_numpy()
        ax = _rows_of(ax, rows["group"].tolist())
        for place, (old, new) in enumerate(zip(before, after, strict=True)):
            colour = style.GREY if old == new else MORE if new > old else LESS
            ax.plot([old, new], [place, place], color=colour, linewidth=2.4, alpha=0.5)
            ax.plot([old], [place], "o", color=style.BLACK, fillstyle="none", markersize=7)
            ax.plot([new], [place], "o", color=colour, markersize=7)
        hidden = np.isnan(after)
        _say_hidden(ax, hidden)
        ax.set_xlim(0.0, 1.06 * max(1e-9, *before[~hidden], *after[~hidden]))
        style.money_axis(ax.xaxis)
        unit = f"{self.found.currency} a month, mean of the group; hollow: before, full: after"
        style.title(ax, f"Contribution before and after, by {side}", unit)
        return ax

    def more_and_less(
        self, ax: Axes | None = None, *, side: str = "age", suppressed: bool = False
    ) -> Axes:
        """Share of each group that pays more, less and the same.

        >>> from mutualfund.portfolio import Portfolio
        >>> from mutualfund.premiums import FlatContribution
        >>> from mutualfund.premiums.who_pays import who_pays
        >>> flat, members = FlatContribution(monthly=30.0), Portfolio.synthetic(9)
        >>> found = who_pays(flat, flat.scaled(1.1), members, currency="EUR")
        >>> found.plot.more_and_less().get_title(loc="left")
        'Who pays more and who less, by age'
        """
        rows = self._rows(side, suppressed)
        counts = rows[["less", "same", "more"]].to_numpy(np.float64)
        share = 100.0 * counts / counts.sum(axis=1, keepdims=True)
        ax = _rows_of(ax, rows["group"].tolist())
        left = np.zeros(len(rows))
        for column, colour in enumerate((LESS, SAME, MORE)):
            ax.barh(np.arange(len(rows)), share[:, column], left=left, height=0.62, color=colour)
            left = left + share[:, column]
        _say_hidden(ax, np.isnan(left))
        ax.set_xlim(0.0, 100.0)
        _words_above(ax, (0.0, "less", LESS), (0.5, "the same", style.GREY), (1.0, "more", MORE))
        ax.set_xlabel("of 100 members of the group")
        style.title(ax, f"Who pays more and who less, by {side}", " ")
        return ax

    def _rows(self, side: str, suppressed: bool) -> pd.DataFrame:
        """The groups of one side that have members."""
        names = [each.side.name for each in self.found.sides]
        if side not in names:
            remedy = "A side is there where the members have its column."
            raise InputError(
                [Fault("side", repr(side), ", ".join(names), remedy, "unknown_choice")]
            )
        table = self.found.table(suppressed=suppressed)
        return table[(table["side"] == side) & (table["members"] != 0)]


@dataclass(frozen=True, slots=True)
class CrossSubsidyPlots:
    """The pictures of one comparison of cost and contribution, as ``found.plot``."""

    found: CrossSubsidies

    def received(self, ax: Axes | None = None, *, suppressed: bool = False) -> Axes:
        """What a member of each group receives from the others, or gives to them.

        >>> from mutualfund.premiums import cross_subsidies
        >>> found = cross_subsidies([10.0, 90.0, 50.0], [50.0, 50.0, 50.0], [20, 70, 40], [65])
        >>> found.plot.received().get_title(loc="left")
        'Who is carried by whom'
        """
        rows = self.found.table(suppressed=suppressed)
        rows = rows[rows["members"] != 0]
        values = rows["received"].to_numpy(np.float64)
        ax = _rows_of(ax, rows["group"].tolist())
        colours = [style.ORANGE if value > 0 else style.BLUE for value in values]
        ax.barh(np.arange(values.size), values, height=0.62, color=colours)
        ax.axvline(0.0, color=style.BLACK, linewidth=1.4)
        _say_hidden(ax, np.isnan(values))
        style.money_axis(ax.xaxis)
        carries, carried = "carries the others", "is carried by the others"
        _words_above(ax, (0.0, carries, style.BLUE), (1.0, carried, style.ORANGE))
        ax.set_xlabel("cost less contribution to cost, a member")
        style.title(ax, "Who is carried by whom", " ")
        return ax


def _rows_of(ax: Axes | None, groups: Sequence[str]) -> Axes:
    """Axes with a row a group, the first on top, and room for all."""
    ax = style.new_axes(ax, (5.6, 1.5 + 0.38 * len(groups)))
    ax.set_yticks(np.arange(len(groups)), list(groups), parse_math=False)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(groups) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    return ax


def _words_above(ax: Axes, *words: tuple[float, str, str]) -> None:
    """What the colours mean, each word over its part of the picture: place from 0 to 1, text, colour."""
    for place, text, colour in words:
        ax.annotate(
            text,
            (place, 1.0),
            xytext=(0, 3),
            xycoords="axes fraction",
            textcoords="offset points",
            color=style.ink(colour),
            fontweight="bold",
            ha={0.0: "left", 1.0: "right"}.get(place, "center"),
            va="bottom",
        )


def _say_hidden(ax: Axes, hidden: BoolArray) -> None:
    """Words in the rows of the groups that are not shown."""
    for place in np.flatnonzero(hidden):
        ax.annotate(
            HIDDEN,
            (0.02, place),
            xycoords=("axes fraction", "data"),
            color=style.GREY,
            fontsize=9,
            va="center",
        )

"""Pictures of a run. Each takes an optional matplotlib `ax` and returns the Axes it drew on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mutualfund import plot_style as style
from mutualfund.results.risk import SUPPORT
from mutualfund.results.summary import futures_of_100
from mutualfund.types import FloatArray, IntArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mutualfund.results.measures import Measure
    from mutualfund.results.run import FundRun

BANDS = (
    (0.01, "98 of 100"),
    (0.05, "9 of 10"),
    (0.25, "half"),
)
"""Lower level of each band of a fan, and how many futures lie inside it."""


@dataclass(frozen=True, slots=True)
class Plots:
    """The pictures of one run, as ``run.plot``."""

    run: FundRun

    def reserve(self, ax: Axes | None = None) -> Axes:
        """Fan of the booked reserve at each year's end, with the safety line and the zero line.

        >>> from mutualfund.results import example_run
        >>> example_run().plot.reserve().get_title(loc="left")
        'Reserve at the end of each year'
        """
        run = self.run
        opening = run.measure("reserve_open")[:, :1]
        values = np.hstack([opening, run.measure("reserve_close")])
        scale, unit = style.money_scale(_largest(values), run.facts.currency)
        ax = style.new_axes(ax)
        _fan(ax, np.arange(run.n_years + 1), values / scale, style.BLUE)
        floors = np.array(run.facts.floors) * run.measure("contributions_due").mean(axis=0)
        years = np.arange(1, run.n_years + 1)
        if floors.any():
            ax.plot(years, floors / scale, color=style.VERMILLION, linestyle=(0, (5, 2)), lw=1.8)
            _note(ax, years[0], floors[0] / scale, "safety line", style.VERMILLION, above=True)
        ax.axhline(0.0, color=style.BLACK, linewidth=1.4)
        _note(ax, 0.0, 0.0, "empty", style.BLACK, above=False)
        style.title(ax, "Reserve at the end of each year", f"{unit}; {_shaded(run)}")
        self._year_ticks(ax, opening=True)
        style.money_axis(ax.yaxis)
        return ax

    def ruin(self, ax: Axes | None = None) -> Axes:
        """Chance of having run empty by each year, with Wilson's 95 % interval.

        >>> from mutualfund.results import example_run
        >>> example_run().plot.ruin().get_title(loc="left")
        'The fund has run empty'
        """
        rows = self.run.ruin_by_year().rows
        years = np.array([row.year for row in rows])
        share = 100.0 * np.array([row.estimate for row in rows])
        low, high = (
            100.0 * np.array([getattr(row, side) for row in rows]) for side in ("low", "high")
        )
        ax = style.new_axes(ax)
        ax.fill_between(years, low, high, color=style.VERMILLION, alpha=0.22, linewidth=0)
        ax.plot(years, share, color=style.VERMILLION, marker="o", markersize=4.5, lw=2)
        ax.set_ylim(0.0, min(1.25 * max(float(high.max()), 0.1), 118.0))
        text = _chance_words(int(self.run.ruined[:, -1].sum()), self.run.n_paths)
        ax.text(0.03, 0.94, text, transform=ax.transAxes, va="top", color=style.BLACK)
        below = "of 100 futures, up to the end of each year; shaded: 95 % interval"
        style.title(ax, "The fund has run empty", below)
        self._year_ticks(ax)
        style.money_axis(ax.yaxis)
        return ax

    def contributions(self, ax: Axes | None = None) -> Axes:
        """Fan of what a member pays in a month on average, and what the fund pays for claims.

        Amounts are divided by the mean of the members at the year's start and end, and by 12.

        >>> from mutualfund.results import example_run
        >>> example_run().plot.contributions().get_title(loc="left")
        'Contribution per member and month'
        """
        run = self.run
        heads = 0.5 * (run.measure("members_start") + run.measure("members_end"))
        member_months = 12.0 * np.maximum(heads, 1.0)
        dues = run.measure("contributions_due") / member_months
        claims = run.measure("claims_incurred") / member_months
        scale, unit = style.money_scale(_largest(dues), run.facts.currency)
        ax = style.new_axes(ax)
        years = np.arange(1, run.n_years + 1)
        claims_mean = claims.mean(axis=0) / scale
        ax.plot(years, claims_mean, color=style.VERMILLION, linestyle=(0, (5, 2)), lw=1.8)
        extra = (claims_mean[-1], "claims (mean)", style.VERMILLION)
        _fan(ax, years, dues / scale, style.GREEN, middle="contribution", extra=extra)
        style.title(ax, "Contribution per member and month", f"{unit}; {_shaded(run)}")
        self._year_ticks(ax)
        style.money_axis(ax.yaxis)
        return ax

    def cashflow(self, ax: Axes | None = None) -> Axes:
        """Mean money in and money out, in the first and the last year.

        >>> from mutualfund.results import example_run
        >>> example_run().plot.cashflow().get_title(loc="left")
        'Money in and out'
        """
        run = self.run
        flows = [m for m in run.registry.values() if m.sign and m.kind == "flow"]
        means = {m: run.measure(m.name).mean(axis=0)[[0, -1]] for m in flows}
        used = sorted(
            (m for m in flows if means[m].any()), key=lambda m: (-m.sign, -np.abs(means[m]).max())
        )
        values = np.array([means[m] for m in used]).reshape(-1, 2)
        scale, unit = style.money_scale(_largest(values), run.facts.currency)
        ax = style.new_axes(ax, (5.6, 1.4 + 0.46 * len(used)))
        _flow_bars(ax, used, values / scale, self._ends())
        style.title(ax, "Money in and out", f"{unit} a year, mean of all futures")
        return ax

    def futures(self, ax: Axes | None = None) -> Axes:
        """One hundred futures as signs: safe, once below the safety line, run empty.

        >>> from mutualfund.results import example_run
        >>> example_run().plot.futures().get_title(loc="left")
        '100 futures of the fund over 2 years'
        """
        run = self.run
        counts = futures_of_100(run)
        ax = style.new_axes(ax, (5.6, 3.6))
        kinds = np.repeat(np.arange(3), counts)
        signs = (("o", style.SKY), ("^", style.ORANGE), ("X", style.BLACK))
        for kind, (marker, colour) in enumerate(signs):
            place = np.flatnonzero(kinds == kind)
            row, column = -(place // 10), place % 10
            ax.scatter(column, row, marker=marker, s=105, color=colour, linewidths=0)
        words = ("stay safe", "fall below\nthe safety line", "run empty")
        for kind, (marker, colour) in enumerate(signs):
            height = -1.2 - 2.9 * kind
            ax.scatter([11.0], [height], marker=marker, s=105, color=colour, linewidths=0)
            ax.text(11.7, height, f"{counts[kind]} {words[kind]}", va="center", ha="left")
        ax.set(xlim=(-0.7, 17.0), ylim=(-9.7, 0.7), aspect="equal")
        ax.set_axis_off()
        style.title(ax, f"100 futures of the fund over {run.n_years} years")
        return ax

    def lines(self, ax: Axes | None = None) -> Axes:
        """Mean claims of each year by line, the fund's part.

        >>> from mutualfund.results import example_run
        >>> example_run().plot.lines().get_title(loc="left")
        'Claims by line'
        """
        run = self.run
        means = run.marginal("line").measures["claims_incurred"].mean(axis=0)
        scale, unit = style.money_scale(_largest(means), run.facts.currency)
        means = means / scale
        ax = style.new_axes(ax)
        years = np.arange(1, run.n_years + 1)
        names = run.facts.line_names
        colours = [style.CYCLE[index % len(style.CYCLE)] for index in range(len(names))]
        for index, colour in enumerate(colours):
            dash = "solid" if index < len(style.CYCLE) else (0, (4, 2))
            ax.plot(years, means[:, index], color=colour, marker="o", ms=3.5, lw=2, ls=dash)
        ax.set_ylim(0.0, 1.08 * max(float(means.max()), 1e-9))
        style.label_ends(ax, years[-1], list(means[-1]), list(names), colours)
        style.title(ax, "Claims by line", f"{unit} a year, mean of all futures")
        self._year_ticks(ax)
        style.money_axis(ax.yaxis)
        return ax

    def _year_ticks(self, ax: Axes, *, opening: bool = False) -> None:
        """Calendar years below the axis, the last one always; the fund's opening as "start"."""
        last = self.run.n_years
        step = int(np.ceil((last + opening) / 6))
        shown = [year for year in range(last, 0, -step) if not opening or year >= step]
        shown += [0] if opening else []
        ax.set_xticks(shown, [self._year_label(year) for year in shown])
        ax.set_xlim((0 if opening else 1) - 0.25, last + 0.25)

    def _year_label(self, year: int) -> str:
        if year == 0:
            return "start"
        first = self.run.facts.year_of(year)
        opens_in_january = self.run.facts.start[5:7] == "01"
        return str(first) if opens_in_january else f"{first}/{(first + 1) % 100:02d}"

    def _ends(self) -> tuple[str, str]:
        return self._year_label(1), self._year_label(self.run.n_years)


def _fan(
    ax: Axes,
    x: IntArray,
    values: FloatArray,
    colour: str,
    *,
    middle: str = "median",
    extra: tuple[float, str, str] | None = None,
) -> None:
    """Shaded bands and the median of `values` (n_paths, x.size); single paths where too few.

    A band is drawn only where ten paths lie beyond each of its edges, the median only from twenty paths on.
    """
    n_paths = values.shape[0]
    bands = [(p, words) for p, words in BANDS if p * n_paths >= SUPPORT - 1e-6]
    labels: list[tuple[float, str, str]] = [] if extra is None else [extra]
    for depth, (p, words) in enumerate(bands):
        low, high = np.quantile(values, [p, 1.0 - p], axis=0, method="inverted_cdf")
        ax.fill_between(x, low, high, color=colour, alpha=0.16 + 0.06 * depth, linewidth=0)
        if high[-1] - low[-1] > 0.02 * np.ptp(values):
            labels.append((float(high[-1]), words, style.GREY))
    if not bands:
        ax.plot(x, values.T, color=colour, alpha=0.35, linewidth=0.9)
    if 0.5 * n_paths >= SUPPORT:
        median = np.quantile(values, 0.5, axis=0, method="inverted_cdf")
        ax.plot(x, median, color=colour, linewidth=2.4)
        labels.append((float(median[-1]), middle, colour))
    if not labels:
        return
    places, texts, colours = zip(*labels, strict=True)
    style.label_ends(ax, x[-1] + 0.2, places, texts, colours)


def _note(ax: Axes, x: float, y: float, text: str, colour: str, *, above: bool) -> None:
    """A word beside a line, at its left end."""
    ax.annotate(
        text,
        (x, y),
        xytext=(2, 4 if above else -4),
        textcoords="offset points",
        color=style.ink(colour),
        va="bottom" if above else "top",
        fontsize=9,
    )


def _flow_bars(ax: Axes, flows: list[Measure], values: FloatArray, ends: tuple[str, str]) -> None:
    """Two bars a flow: the first year pale, the last year full; money in blue, money out orange."""
    # A row of its own for each heading: what comes in, what goes out.
    rows = np.arange(len(flows)) + np.array([0.8 * (flow.sign < 0) for flow in flows])
    for sign, words, colour in ((1, "money in", style.BLUE), (-1, "money out", style.ORANGE)):
        first = next((rows[k] for k, flow in enumerate(flows) if flow.sign == sign), None)
        if first is not None:
            ax.annotate(
                words,
                (0.0, first - 0.72),
                xytext=(4, 0),
                textcoords="offset points",
                color=style.ink(colour),
                fontweight="bold",
                va="center",
            )
    for column, shift, alpha in ((0, -0.2, 0.45), (1, 0.2, 1.0)):
        colours = [style.BLUE if flow.sign > 0 else style.ORANGE for flow in flows]
        ax.barh(rows + shift, values[:, column], height=0.36, color=colours, alpha=alpha)
        for index, value in enumerate(values[:, column]):
            year = f" in {ends[column]}" if index == 0 else ""
            ax.annotate(
                style.short(value) + year,
                (max(value, 0.0), rows[index] + shift),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=8.5,
            )
    ax.axvline(0.0, color=style.BLACK, linewidth=1.0)
    ax.set_yticks(rows, [flow.label for flow in flows])
    ax.tick_params(axis="y", length=0)
    ax.grid(visible=False)
    ax.set_xlim(min(0.0, 1.1 * float(values.min())), 1.25 * float(values.max()))
    ax.set_ylim((rows[-1] if rows.size else 0.0) + 0.6, -1.1)
    ax.set_xticks([])
    ax.spines[["left", "bottom", "top", "right"]].set_visible(False)


def _chance_words(count: int, n_paths: int) -> str:
    if count == 0:
        return f"none of {n_paths:,} futures"
    often = count > 0.1 * n_paths
    rate = f"{100 * count / n_paths:.0f} in 100" if often else f"1 in {n_paths / count:,.0f}"
    return f"{count:,} of {n_paths:,} futures: about {rate}"


def _shaded(run: FundRun) -> str:
    """What the shading (or the single lines) of a fan stand for."""
    narrowest = BANDS[-1][0]
    drawn = narrowest * run.n_paths >= SUPPORT
    return "shaded: how many futures lie inside" if drawn else "each line is one future"


def _largest(values: FloatArray) -> float:
    return float(np.abs(values).max())

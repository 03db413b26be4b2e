"""Pictures of triangles and reserves. Each takes an optional matplotlib `ax` and returns its Axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mutualfund import plot_style as style
from mutualfund.types import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mutualfund.claims.reserving.backtest import BackTest
    from mutualfund.claims.reserving.bootstrap import BootstrapReserve
    from mutualfund.claims.reserving.emergence import Emergence
    from mutualfund.claims.reserving.reserve import Reserve
    from mutualfund.claims.reserving.triangle import Triangle

LETTERS = 32  # that the names of origins below an axis may take together
AGES_NAMED = 12


@dataclass(frozen=True, slots=True)
class TrianglePlots:
    """The pictures of one triangle, as ``triangle.plot``."""

    triangle: Triangle

    def development(self, ax: Axes | None = None) -> Axes:
        """Amount to date by age, one line an origin, the younger the darker."""
        triangle = self.triangle
        scale, unit = style.money_scale(_largest(triangle.latest), triangle.currency)
        ax = style.new_axes(ax)
        ages = np.arange(1, triangle.n_ages + 1)
        for row, values in enumerate(triangle.cumulative):
            depth = 0.25 + 0.75 * (row + 1) / triangle.n_origins
            last = triangle.ages[row]
            ax.plot(ages, values / scale, color=style.BLUE, alpha=depth, linewidth=1.6)
            ax.plot(ages[last], values[last] / scale, "o", color=style.BLUE, alpha=depth, ms=3.5)
        style.title(
            ax, "Amounts as they grew", _joined(unit, "one line an origin, the youngest darkest")
        )
        ax.set_xlabel(f"age in {triangle.development_grain}s")
        ax.set_ylim(bottom=min(0.0, float(np.nanmin(triangle.cumulative)) / scale))
        style.money_axis(ax.yaxis)
        _whole_ages(ax, triangle.n_ages)
        return ax


@dataclass(frozen=True, slots=True)
class ReservePlots:
    """The pictures of one reserve, as ``reserve.plot``."""

    reserve: Reserve

    def ibnr(self, ax: Axes | None = None) -> Axes:
        """What is still to come by origin, with one standard error each way."""
        reserve = self.reserve
        scale, unit = style.money_scale(_largest(reserve.ibnr), reserve.triangle.currency)
        ax = style.new_axes(ax)
        place = np.arange(reserve.ibnr.size)
        ax.bar(place, reserve.ibnr / scale, color=style.SKY)
        error = np.where(np.isfinite(reserve.standard_error), reserve.standard_error, 0.0)
        ax.errorbar(
            place, reserve.ibnr / scale, error / scale, fmt="none", ecolor=style.BLACK, capsize=2.5
        )
        below = _joined(unit, f"{reserve.method}; bars: one standard error{reserve.ahead}")
        style.title(ax, "Still to come", below)
        _origin_names(ax, reserve.triangle.origins)
        style.money_axis(ax.yaxis)
        return ax

    def ultimate(self, ax: Axes | None = None) -> Axes:
        """Amount to date and what is still to come, by origin."""
        reserve = self.reserve
        scale, unit = style.money_scale(_largest(reserve.ultimate), reserve.triangle.currency)
        ax = style.new_axes(ax)
        place = np.arange(reserve.ultimate.size)
        ax.bar(place, reserve.triangle.latest / scale, color=style.BLUE, label="to date")
        ax.bar(
            place,
            reserve.ibnr / scale,
            bottom=reserve.triangle.latest / scale,
            color=style.ORANGE,
            label="still to come",
        )
        ax.legend(frameon=False, ncols=2, loc="upper left", bbox_to_anchor=(0.0, 1.02))
        ax.set_ylim(top=1.16 * ax.get_ylim()[1])
        style.title(ax, "Ultimate amounts", _joined(unit, reserve.method))
        _origin_names(ax, reserve.triangle.origins)
        style.money_axis(ax.yaxis)
        return ax

    def completion(self, ax: Axes | None = None) -> Axes:
        """Share of the ultimate known by age: the pattern, and each origin under its own ultimate."""
        reserve, triangle = self.reserve, self.reserve.triangle
        ax = style.new_axes(ax)
        ages = np.arange(1, triangle.n_ages + 1)
        for values, ultimate in zip(triangle.cumulative, reserve.ultimate, strict=True):
            if ultimate > 0.0:
                ax.plot(
                    ages, 100.0 * values / ultimate, color=style.GREY, alpha=0.35, linewidth=0.9
                )
        share = 100.0 * reserve.pattern.share
        ax.plot(ages, share, color=style.VERMILLION, marker="o", markersize=4, linewidth=2.2)
        style.title(
            ax, "Share known by age", f"% of the ultimate; grey: each origin; {reserve.method}"
        )
        ax.set_xlabel(f"age in {triangle.development_grain}s")
        ax.set_ylim(bottom=0.0)
        _whole_ages(ax, triangle.n_ages)
        return ax


@dataclass(frozen=True, slots=True)
class BootstrapPlots(ReservePlots):
    """The pictures of one bootstrap, as ``reserve.plot``: those of any reserve, and its distribution."""

    reserve: BootstrapReserve

    def distribution(self, ax: Axes | None = None) -> Axes:
        """How often the total came out at each size, with the estimate and the level of 1 in 200."""
        reserve = self.reserve
        totals = reserve.totals
        scale, unit = style.money_scale(_largest(totals), reserve.triangle.currency)
        ax = style.new_axes(ax)
        ax.hist(totals / scale, bins=60, color=style.SKY, linewidth=0)
        top = 1.18 * ax.get_ylim()[1]
        ax.set_ylim(0.0, top)
        marks = [(reserve.total_ibnr, "estimate", style.BLUE)]
        if 0.005 * totals.size >= 10:
            marks.append((reserve.quantile(0.995), "1 in 200", style.VERMILLION))
        for value, words, colour in marks:
            ax.axvline(value / scale, color=colour, linewidth=1.8)
            ax.annotate(
                f"{words}\n{style.short(value / scale)}",
                (value / scale, top),
                xytext=(4, -4),
                textcoords="offset points",
                va="top",
                color=style.ink(colour),
                fontsize=9,
            )
        style.title(
            ax, "What may still come in total", _joined(unit, f"{totals.size:,} replicates")
        )
        ax.set_yticks([])
        style.money_axis(ax.xaxis)
        return ax

    def payments(self, ax: Axes | None = None) -> Axes:
        """Payments by coming period: the middle and nine in ten of the replicates."""
        reserve = self.reserve
        values = reserve.payments
        scale, unit = style.money_scale(_largest(values), reserve.triangle.currency)
        ax = style.new_axes(ax)
        period = np.arange(1, values.shape[1] + 1)
        if values.size:
            low, middle, high = np.quantile(values / scale, [0.05, 0.5, 0.95], axis=0)
            ax.fill_between(period, low, high, color=style.GREEN, alpha=0.22, linewidth=0)
            ax.plot(period, middle, color=style.GREEN, marker="o", markersize=4, linewidth=2)
        style.title(ax, "When it will be paid", _joined(unit, "median; shaded: nine in ten"))
        ax.set_xlabel(f"{reserve.triangle.development_grain}s from now")
        style.money_axis(ax.yaxis)
        _whole_ages(ax, values.shape[1])
        return ax


@dataclass(frozen=True, slots=True)
class EmergencePlots:
    """The picture of what came between two valuations, as ``emergence.plot``."""

    emergence: Emergence

    def difference(self, ax: Axes | None = None) -> Axes:
        """Actual less expected by origin, over two standard errors each way."""
        found = self.emergence
        largest = max(_largest(found.difference), 2.0 * _largest(found.standard_error))
        scale, unit = style.money_scale(largest, found.reserve.triangle.currency)
        ax = style.new_axes(ax)
        place, error = np.arange(found.actual.size), 2.0 * found.standard_error / scale
        ax.bar(place, 2.0 * error, bottom=-error, color=style.SKY, alpha=0.45, width=0.8)
        ax.plot(place, found.difference / scale, "o", color=style.BLACK, markersize=5)
        ax.use_sticky_edges = False  # the widest bar keeps clear of the frame
        ax.axhline(0.0, color=style.BLACK, linewidth=1.0)
        below = _joined(unit, f"{found.reserve.method}; shaded: two standard errors")
        style.title(ax, "Actual less expected", below)
        _origin_names(ax, found.reserve.triangle.origins)
        style.money_axis(ax.yaxis)
        return ax


@dataclass(frozen=True, slots=True)
class BackTestPlots:
    """The picture of a back-test, as ``tests.plot``."""

    test: BackTest

    def errors(self, ax: Axes | None = None) -> Axes:
        """Error of the predicted total by hidden periods, one line a method."""
        ax = style.new_axes(ax)
        names = list(dict.fromkeys(name for name, _ in self.test.tests))
        ends: list[tuple[float, str, str]] = []
        for index, name in enumerate(names):
            found = {hidden: t for (who, hidden), t in self.test.tests.items() if who == name}
            share = [
                -100.0 * t.total_difference / (t.total_actual or np.nan) for t in found.values()
            ]
            colour = style.CYCLE[index % len(style.CYCLE)]
            ax.plot(list(found), share, color=colour, marker="o", markersize=4, linewidth=2)
            ends.append((share[-1], name, colour))
        ax.axhline(0.0, color=style.BLACK, linewidth=1.0)
        if ends:
            places, words, colours = zip(*ends, strict=True)
            style.label_ends(ax, ax.get_xlim()[1], places, words, colours)
        style.title(ax, "Predicted less actual", "% of what came, by periods hidden")
        ax.set_xlabel("periods hidden")
        _whole_ages(ax, max((hidden for _, hidden in self.test.tests), default=1))
        return ax


def _largest(values: FloatArray) -> float:
    finite = values[np.isfinite(values)]
    return float(np.abs(finite).max()) if finite.size else 0.0


def _joined(unit: str, more: str) -> str:
    return "; ".join(part for part in (unit.strip(), more) if part)


def _origin_names(ax: Axes, origins: tuple[str, ...]) -> None:
    """Names of some origins below the axis, the youngest always."""
    step = -(-len(origins) // max(1, LETTERS // len(origins[-1])))
    shown = np.arange(len(origins) - 1, -1, -step)
    ax.set_xticks(shown, [origins[place] for place in shown])
    ax.grid(visible=False, axis="x")


def _whole_ages(ax: Axes, n: int) -> None:
    ax.set_xticks(np.arange(1, n + 1, max(1, -(-n // AGES_NAMED))))

"""Pictures of an aggregate distribution. Each takes an optional matplotlib `ax` and returns the Axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mutualfund import plot_style as style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mutualfund.claims.aggregate.result import Aggregate


@dataclass(frozen=True, slots=True)
class AggregatePlots:
    """The pictures of one distribution, as ``cost.plot``."""

    cost: Aggregate

    def exceedance(self, ax: Axes | None = None) -> Axes:
        """P(S > x) on a logarithmic scale, down to where the grid ends or one in a million.

        >>> from mutualfund.claims import Exponential, Poisson, aggregate
        >>> aggregate(Poisson(mean=10), Exponential(mean=1000)).plot.exceedance().get_yscale()
        'log'
        """
        lowest = max(1e-6, 1.01 * self.cost.error.beyond)
        points = np.linspace(0.0, float(self.cost.isf(lowest)), 400)
        chance = self.cost.sf(points)
        ax = style.new_axes(ax)
        shown = chance > 0.0
        ax.plot(points[shown], chance[shown], color=style.BLUE, lw=2)
        ax.set_yscale("log")
        style.title(
            ax, "Chance of a dearer year", "probability that the year costs more than the amount"
        )
        style.money_axis(ax.xaxis)
        return ax

    def density(self, ax: Axes | None = None) -> Axes:
        """Where the year's cost lies: the probability of each of a hundred equal intervals.

        >>> from mutualfund.claims import Exponential, Poisson, aggregate
        >>> aggregate(Poisson(mean=10), Exponential(mean=1000)).plot.density().get_title(loc="left")
        "The year's cost"
        """
        start, end = (
            float(self.cost.isf(0.9999)),
            float(self.cost.isf(max(1e-3, self.cost.error.beyond))),
        )
        edges = np.linspace(start, end, 101) if end > start else np.array([start - 1.0, start])
        chance = -np.diff(self.cost.sf(edges))
        ax = style.new_axes(ax)
        ax.stairs(chance, edges, color=style.BLUE, fill=True, alpha=0.45)
        ax.axvline(self.cost.mean, color=style.VERMILLION, linestyle=(0, (5, 2)), lw=1.8)
        style.title(ax, "The year's cost", "probability of each interval; dashed: the mean")
        style.money_axis(ax.xaxis)
        return ax

"""Pictures of data and of fits. Each takes an optional matplotlib `ax` and returns the Axes it drew on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mutualfund import plot_style as style
from mutualfund.claims.fitting.fit import Fit
from mutualfund.claims.fitting.observed import Observed
from mutualfund.claims.fitting.product_limit import product_limit
from mutualfund.claims.fitting.tails import mean_excess, threshold_stability
from mutualfund.claims.severity import SeverityModel
from mutualfund.errors import Fault, InputError
from mutualfund.types import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SURE = 1.959963984540054  # standard errors to either side of a 95 % interval


@dataclass(frozen=True, slots=True)
class ObservedPlots:
    """The pictures of claim amounts, as ``observed.plot``."""

    seen: Observed

    def mean_excess(self, points: npt.ArrayLike | None = None, ax: Axes | None = None) -> Axes:
        """What claims exceed each point by, with 95 % intervals: rising and straight for a Pareto tail.

        >>> seen = Observed([100 * (1 - (k + 0.5) / 200) ** -0.4 for k in range(200)])
        >>> seen.plot.mean_excess().get_title(loc="left")
        'Mean excess over a point'
        """
        table = mean_excess(self.seen, points)
        at, mean = table["above"].to_numpy(), table["mean_excess"].to_numpy()
        ax = style.new_axes(ax)
        _band(ax, at, mean, table["standard_error"].to_numpy(), style.BLUE)
        ax.set_ylim(bottom=0.0)
        ax.set_xlabel("claims above this amount")
        style.title(ax, "Mean excess over a point", "currency; shaded: 95 % interval")
        return ax

    def threshold_stability(
        self, points: npt.ArrayLike | None = None, ax: Axes | None = None
    ) -> Axes:
        """The tail's shape fitted above each point, with 95 % intervals: level from where the tail begins.

        The variance does not exist where the shape is 0.5 or more, which a line marks.

        >>> seen = Observed([100 * (1 - (k + 0.5) / 200) ** -0.4 for k in range(200)])
        >>> seen.plot.threshold_stability([120, 150, 200]).get_title(loc="left")
        'Shape of the tail above a point'
        """
        table = threshold_stability(self.seen, points)
        table = table[table["refused"] == ""]
        ax = style.new_axes(ax)
        at, xi, error = (table[name].to_numpy() for name in ("above", "xi", "xi_error"))
        _band(ax, at, xi, error, style.BLUE)
        ax.axhline(0.5, color=style.VERMILLION, linestyle=(0, (5, 2)), lw=1.8)
        ax.annotate(
            "no variance from here up",
            (0.98, 0.5),
            xycoords=("axes fraction", "data"),
            xytext=(0, 4),
            textcoords="offset points",
            ha="right",
            color=style.ink(style.VERMILLION),
            fontsize=9,
        )
        ax.set_xlabel("tail fitted above this amount")
        style.title(ax, "Shape of the tail above a point", "xi; shaded: 95 % interval")
        return ax


@dataclass(frozen=True, slots=True)
class FitPlots:
    """The pictures of a severity's fit, as ``fit.plot``."""

    fit: Fit

    def _seen(self) -> tuple[SeverityModel, Observed]:
        if isinstance(self.fit.distribution, SeverityModel) and isinstance(self.fit.data, Observed):
            return self.fit.distribution, self.fit.data
        got = f"a fit of kind {self.fit.kind}"
        raise InputError([Fault("fit", got, "a severity fitted to amounts", code="no_picture")])

    @property
    def _name(self) -> str:
        tail = getattr(self.fit.distribution, "tail", None)
        return self.fit.kind if tail is None else f"{self.fit.kind} with a tail"

    def quantiles(self, ax: Axes | None = None) -> Axes:
        """Q-Q: each amount against the fitted law's at the same chance; on the line where the law is right.

        >>> from mutualfund.claims import fit_severity
        >>> fit = fit_severity("lognormal", [10.0, 20.0, 40.0, 80.0, 90.0])
        >>> fit.plot.quantiles().get_title(loc="left")
        'Claims against the fitted lognormal'
        """
        law, seen = self._seen()
        steps = product_limit(seen)
        chance = (steps.before + steps.after) / 2.0 * float(law.sf(steps.start))
        expected = law.isf(chance)
        ax = style.new_axes(ax)
        ends = [float(min(expected.min(), steps.amount.min())), float(steps.amount.max())]
        ends[1] = max(ends[1], float(expected.max()))
        ax.plot(ends, ends, color=style.BLACK, linewidth=1.4)
        ax.scatter(expected, steps.amount, s=14, color=style.BLUE, alpha=0.6, linewidths=0)
        ax.set(xscale="log", yscale="log", xlabel=f"fitted {self._name}", ylabel="claims seen")
        style.title(ax, f"Claims against the fitted {self._name}", "currency, at the same chance")
        return ax

    def survival(self, ax: Axes | None = None) -> Axes:
        """Chance that a claim exceeds an amount: as seen (product-limit) and as fitted, on logarithms.

        >>> from mutualfund.claims import fit_severity
        >>> fit = fit_severity("lognormal", [10.0, 20.0, 40.0, 80.0, 90.0])
        >>> fit.plot.survival().get_title(loc="left")
        'Chance that a claim exceeds an amount'
        """
        law, seen = self._seen()
        steps = product_limit(seen)
        ax = style.new_axes(ax)
        shown = steps.after > 0.0
        amount, after = steps.amount[shown], steps.after[shown]
        ax.step(amount, after, where="post", color=style.BLUE, linewidth=1.6)
        grid = np.geomspace(steps.amount[0], steps.amount[-1], 200)
        fitted = law.sf(grid) / law.sf(steps.start)
        ax.plot(grid, fitted, color=style.VERMILLION, linewidth=1.8)
        ax.set(xscale="log", yscale="log", xlabel="amount")
        ends = [("seen", float(after[-1]), style.BLUE)]
        ends.append((self._name, float(fitted[-1]), style.VERMILLION))
        lower, upper = sorted(ends, key=lambda end: end[1])
        for (word, height, colour), side in ((lower, "top"), (upper, "bottom")):
            ax.annotate(
                word,
                (float(grid[-1]), height),
                xytext=(5, 0),
                textcoords="offset points",
                color=style.ink(colour),
                va=side,
                fontsize=9,
                annotation_clip=False,
            )
        below = "given that it exceeds the smallest deductible" if steps.start > 0.0 else ""
        style.title(ax, "Chance that a claim exceeds an amount", below)
        return ax


def _band(ax: Axes, at: FloatArray, value: FloatArray, error: FloatArray, colour: str) -> None:
    low, high = value - _SURE * error, value + _SURE * error
    ax.fill_between(at, low, high, color=colour, alpha=0.22, linewidth=0)
    ax.plot(at, value, color=colour, marker="o", markersize=3.5, lw=2)

"""Pictures of a credibility fit. Each takes an optional matplotlib `ax` and returns the Axes it drew on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mutualfund import plot_style as style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mutualfund.premiums.credibility.result import CredibilityFit

MOST_NAMED = 30
"""Beyond so many groups, names on the axis would be unreadable."""


@dataclass(frozen=True, slots=True)
class CredibilityPlots:
    """The pictures of one fit, as ``fit.plot``."""

    fit: CredibilityFit

    def premiums(self, ax: Axes | None = None) -> Axes:
        """Own experience, complement and the premium between them, with two standard errors either side.

        >>> from mutualfund.premiums import buhlmann
        >>> buhlmann([[0, 1, 0], [2, 1, 2]]).plot.premiums().get_title(loc="left")
        'Between own experience and the collective'
        """
        fit, ax = self.fit, style.new_axes(ax)
        place = np.arange(len(fit.labels))
        ax.vlines(place, fit.own, fit.complement, color=style.SKY, linewidth=1.4, zorder=1)
        ax.scatter(place, fit.complement, marker="_", s=120, color=style.GREY, label="complement")
        ax.scatter(place, fit.own, s=34, color=style.SKY, label="own experience")
        ax.errorbar(
            place,
            fit.premiums,
            yerr=2.0 * fit.standard_errors,
            fmt="D",
            markersize=5,
            color=style.BLUE,
            capsize=3,
            label="credibility premium, two standard errors",
        )
        style.title(ax, "Between own experience and the collective", fit.method)
        self._name_groups(ax)
        style.money_axis(ax.yaxis)
        ax.legend(frameon=False, fontsize=9)
        return ax

    def factors(self, ax: Axes | None = None) -> Axes:
        """Credibility factor of each group against its exposure.

        >>> from mutualfund.premiums import buhlmann
        >>> buhlmann([[0, 1, 0], [2, 1, 2]]).plot.factors().get_ylabel()
        'credibility factor'
        """
        fit, ax = self.fit, style.new_axes(ax)
        ax.scatter(fit.exposure, fit.factors, s=34, color=style.BLUE)
        ax.set_ylim(-0.03, 1.03)
        style.money_axis(ax.xaxis)
        ax.set_xlabel("exposure")
        ax.set_ylabel("credibility factor")
        style.title(ax, "How much own experience counts", fit.method)
        return ax

    def _name_groups(self, ax: Axes) -> None:
        names = self.fit.labels
        if len(names) <= MOST_NAMED:
            ax.set_xticks(np.arange(len(names)), names, rotation=0 if len(names) <= 8 else 90)
        else:
            ax.set_xlabel(f"{len(names):,} groups, in their order")

"""Pictures of a study. Each takes an optional matplotlib `ax` and returns the Axes it drew on.

They show groups of members, never one: still, a picture of few members is as telling as its table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mutualfund import plot_style as style
from mutualfund.claims.experience import people
from mutualfund.claims.experience.keys import MONTH_NAMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mutualfund.claims.experience.monthly import RateName
    from mutualfund.claims.experience.study import ExperienceStudy
    from mutualfund.claims.experience.trend import Trend


@dataclass(frozen=True, slots=True)
class StudyPlots:
    """The pictures of one study, as ``study.plot``."""

    study: ExperienceStudy

    def trend(
        self,
        rate: RateName = "pmpm",
        *,
        line: str | None = None,
        fitted: Trend | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """The monthly rate as dots, and the fitted trend with season and working days through them.

        >>> from mutualfund.claims.experience import example_study
        >>> study = example_study()
        >>> fitted = study.trend(seasonal=False, working_days="none")
        >>> study.plot.trend(fitted=fitted).get_title(loc="left")
        'Cost per member and month'
        """
        found = self.study.trend(rate, line=line) if fitted is None else fitted
        ax = style.new_axes(ax)
        at = np.arange(len(found.months))
        ax.plot(at, found.observed, "o", color=style.GREY, markersize=3.5)
        ax.plot(at, found.fitted, color=style.BLUE, lw=2)
        years = at[:: max(12, 12 * (len(at) // 72))]
        ax.set_xticks(years, [found.months[month] for month in years])
        ax.set_ylim(0.0, 1.15 * float(np.nanmax([found.observed, found.fitted])))
        words = {
            "pmpm": "Cost per member and month",
            "frequency": "Claims per member and month",
            "cost_per_claim": "Cost per claim",
        }
        unit = "claims" if found.rate == "frequency" else self.study.currency
        growth = f"{100 * found.per_year:+.1f} % a year (±{100 * found.standard_error:.1f})"
        style.title(ax, words[found.rate], f"{unit}; line: the fit, {growth}")
        style.money_axis(ax.yaxis)
        return ax

    def seasonality(self, rate: RateName = "pmpm", *, ax: Axes | None = None) -> Axes:
        """Factors of the calendar months as bars, with two standard errors each way."""
        found = self.study.trend(rate, working_days="none")
        ax = style.new_axes(ax)
        at = np.arange(12)
        ax.bar(at, found.season, color=style.SKY, yerr=2.0 * found.season_error, ecolor=style.GREY)
        ax.axhline(1.0, color=style.BLACK, lw=1.0)
        ax.set_xticks(at, [name[:3] for name in MONTH_NAMES])
        style.title(ax, "Season", "each month over the mean month; bars: two standard errors")
        return ax

    def concentration(self, ax: Axes | None = None) -> Axes:
        """Share of cost borne by the dearest members, year by year.

        >>> from mutualfund.claims.experience import example_study
        >>> example_study().plot.concentration().get_title(loc="left")
        'Who costs what'
        """
        share = np.linspace(0.01, 1.0, 100)
        table = self.study.concentration(share.tolist())
        years = np.array(table.labels["year"])
        ax = style.new_axes(ax)
        for place, year in enumerate(dict.fromkeys(table.labels["year"])):
            colour = style.CYCLE[place % len(style.CYCLE)]
            curve = np.append(0.0, 100.0 * table["cost_share"][years == year])
            ax.plot(np.append(0.0, 100.0 * share), curve, color=colour, lw=2, label=year)
        ax.plot([0.0, 100.0], [0.0, 100.0], color=style.GREY, lw=1.0, ls=(0, (5, 2)))
        ax.set(xlim=(0.0, 100.0), ylim=(0.0, 100.0), xlabel="% of members, the dearest first")
        ax.legend(frameon=False, loc="lower right")
        style.title(ax, "Who costs what", "% of cost; dashed: everybody the same")
        return ax

    def persistence(self, ax: Axes | None = None) -> Axes:
        """Where each cost class is the year after, as squares with their shares."""
        table = self.study.persistence()
        labels = people.class_labels(people.CLASS_SHARES)
        n = len(labels)
        flat = np.zeros(n * n)
        flat[table.place] = table["share"]
        share = flat.reshape(n, n)
        ax = style.new_axes(ax, (5.6, 5.0))
        ax.imshow(share, cmap="Blues", vmin=0.0, vmax=1.0)
        for row, column in np.ndindex(n, n):
            ink = "white" if share[row, column] > 0.5 else style.BLACK
            text = f"{100 * share[row, column]:.0f}"
            ax.text(column, row, text, ha="center", va="center", color=ink, fontsize=9)
        ax.set_xticks(np.arange(n), labels, fontsize=8)
        ax.set_yticks(np.arange(n), labels, fontsize=8)
        ax.set(xlabel="class the year after, cheapest first", ylabel="class this year")
        ax.grid(visible=False)
        style.title(ax, "Who stays dear", "% of each class's members")
        return ax

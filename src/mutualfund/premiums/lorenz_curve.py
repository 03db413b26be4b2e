"""Lorenz curves: how unequally something is spread, and how well a rating tells the dear from the cheap.

Sorted by themselves, costs give the Gini index. Sorted by a rating, they give the concentration index, and
for a tariff the ordered Lorenz curve of Frees, Meyers and Cummings, "Summarizing Insurance Scores Using a
Gini Index", Journal of the American Statistical Association 106 (2011).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mutualfund import plot_style as style
from mutualfund.errors import Fault, InputError, numbers, require
from mutualfund.premiums.columns import column, exposure
from mutualfund.types import FloatArray, frozen

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class Lorenz:
    """A Lorenz curve from (0, 0) to (1, 1); one step for each distinct rating.

    Parameters
    ----------
    base : (n_steps + 1,) cumulative share of the base, such as exposure or contributions.
    amount : (n_steps + 1,) cumulative share of what is spread.

    >>> lorenz([0.0, 0.0, 50.0, 150.0, 800.0])
    Lorenz curve with index 0.7000
    """

    base: FloatArray
    amount: FloatArray

    def __repr__(self) -> str:
        return f"Lorenz curve with index {self.index:.4f}"

    @property
    def index(self) -> float:
        """Twice the area between the diagonal and the curve: Gini or concentration index, -1 to 1."""
        heights = self.amount[1:] + self.amount[:-1]
        return float(1.0 - (np.diff(self.base) * heights).sum())

    @property
    def gini(self) -> float:
        """The index, which is the Gini index where rows were sorted by the amount itself.

        Sorted by another rating it is the concentration index of the amount, for a tariff also called its
        Gini (Frees, Meyers and Cummings, 2011).

        >>> round(lorenz([0.0, 0.0, 50.0, 150.0, 800.0]).gini, 12)
        0.7
        """
        return self.index

    @property
    def plot(self) -> LorenzPlots:
        """Pictures of the curve."""
        return LorenzPlots(self)


@dataclass(frozen=True, slots=True)
class LorenzPlots:
    """The pictures of one curve, as ``curve.plot``."""

    curve: Lorenz

    def curve_and_diagonal(self, ax: Axes | None = None) -> Axes:
        """The curve, and the diagonal on which nothing is told apart.

        >>> lorenz([1.0, 3.0]).plot.curve_and_diagonal().get_title(loc="left")
        'Lorenz curve'
        """
        ax = style.new_axes(ax)
        ax.plot([0.0, 1.0], [0.0, 1.0], color=style.GREY, linewidth=1.2)
        ax.plot(self.curve.base, self.curve.amount, color=style.BLUE, linewidth=1.8)
        ax.set_xlabel("share of the base")
        ax.set_ylabel("share of the amount")
        style.title(ax, "Lorenz curve", f"index {self.curve.index:.3f}")
        return ax


def lorenz(
    amount: npt.ArrayLike,
    *,
    rating: npt.ArrayLike | None = None,
    base: npt.ArrayLike = 1.0,
) -> Lorenz:
    """The Lorenz curve of an amount over rows sorted by a rating, the lowest first.

    Rows of equal rating make one step, so the order of rows decides nothing.

    Parameters
    ----------
    amount : (n,) what is spread: cost, visits, contributions; not negative, more than 0 in all.
    rating : (n,) what the rows are sorted by: the expected cost of a tariff, income; the amount per unit of
        the base unless given.
    base : (n,) weight of each row, more than 0: exposure, or today's contribution, to see what a new tariff
        tells apart that today's does not.

    Raises
    ------
    InputError
        For columns of different lengths, an amount below zero, or a base of zero.

    >>> lorenz([10.0, 60.0, 30.0], rating=[1.0, 3.0, 2.0], base=[1.0, 1.0, 2.0]).amount.tolist()
    [0.0, 0.1, 0.4, 1.0]
    """
    spread = np.atleast_1d(numbers("amount", amount))
    require("amount", spread, minimum=0.0, maximum=1e15, unit="amount", show=False)
    if not spread.sum() > 0.0:
        raise InputError([Fault("amount", "0 in all", "more than 0", code="range")])
    n, remedy = spread.size, "Leave out rows without exposure."
    weight = exposure("base", base, n, unit="base", remedy=remedy, show=False)
    if rating is None:
        return sorted_curve(spread, weight, spread / weight)
    limits = {"minimum": -1e300, "maximum": 1e300}
    return sorted_curve(
        spread, weight, column("rating", rating, n, **limits, unit="number", show=False)
    )


def sorted_curve(amount: FloatArray, base: FloatArray, rating: FloatArray) -> Lorenz:
    """The curve of checked columns, (n,) each: the lowest rating first, rows of equal rating one step."""
    _, step = np.unique(rating, return_inverse=True)
    return Lorenz(*(_cumulated(values, np.asarray(step).ravel()) for values in (base, amount)))


def _cumulated(values: FloatArray, step: npt.NDArray[Any]) -> FloatArray:
    """Cumulative shares over steps, from 0 to 1."""
    sums = np.cumsum(np.bincount(step, weights=values))
    return frozen(np.concatenate([[0.0], sums / sums[-1]]))

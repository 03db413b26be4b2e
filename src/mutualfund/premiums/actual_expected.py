"""How well a tariff fits what came: actual against expected by level, and by group of equal exposure.

Both look at sums, never at single members; the lift table is the one of Goldburd, Khare and Tevet,
*Generalized Linear Models for Insurance Rating* (Casualty Actuarial Society), section 7.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mutualfund import plot_style as style
from mutualfund.errors import Fault, InputError, listed, numbers, require_whole
from mutualfund.premiums.columns import MOST, column
from mutualfund.premiums.columns import exposure as above_zero
from mutualfund.types import FloatArray, frozen

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class ActualExpected:
    """Actual against expected cost by level; arrays (n_levels,).

    `ratio` is actual over expected, not a number where nothing was expected; `standard_error` is that of the
    ratio, from the spread of a level's rows about ratio x expected (W. Cochran, *Sampling Techniques* (1977),
    section 6.4), and not a number where it has one row.

    >>> seen = one_way(["a", "a", "b"], actual=[1.0, 3.0, 6.0], expected=[2.0, 2.0, 4.0])
    >>> seen.levels, seen.ratio.tolist(), seen.total
    (('a', 'b'), [1.0, 1.5], 1.25)
    """

    levels: tuple[str, ...]
    exposure: FloatArray
    actual: FloatArray
    expected: FloatArray
    standard_error: FloatArray

    def __repr__(self) -> str:
        return f"ActualExpected of {len(self.levels)} levels, {self.total:.4f} in all"

    @property
    def ratio(self) -> FloatArray:
        """(n_levels,) actual over expected."""
        return _over(self.actual, self.expected)

    @property
    def total(self) -> float:
        """Actual over expected over all levels: 1 for a tariff in balance."""
        return float(self.actual.sum() / self.expected.sum())

    def table(self) -> pd.DataFrame:
        """One row a level."""
        import pandas as pd

        return pd.DataFrame(
            {
                "exposure": self.exposure,
                "actual": self.actual,
                "expected": self.expected,
                "ratio": self.ratio,
                "standard_error": self.standard_error,
            },
            index=pd.Index(self.levels, name="level"),
        )

    @property
    def plot(self) -> ActualExpectedPlots:
        """Pictures of the comparison."""
        return ActualExpectedPlots(self)


@dataclass(frozen=True, slots=True)
class ActualExpectedPlots:
    """The pictures of one comparison, as ``seen.plot``."""

    seen: ActualExpected

    def ratio(self, ax: Axes | None = None) -> Axes:
        """Actual over expected by level, with two standard errors.

        >>> seen = one_way(["a", "b"], actual=[1.0, 6.0], expected=[2.0, 4.0])
        >>> seen.plot.ratio().get_title(loc="left")
        'Actual over expected'
        """
        seen = self.seen
        ax = style.new_axes(ax)
        places = np.arange(len(seen.levels))
        ax.errorbar(
            places,
            seen.ratio,
            yerr=2.0 * seen.standard_error,
            fmt="o",
            color=style.BLUE,
            capsize=3.0,
        )
        ax.axhline(1.0, color=style.BLACK, linewidth=1.4)
        ax.set_xticks(places, seen.levels)
        style.title(ax, "Actual over expected", "with two standard errors")
        return ax


def one_way(
    by: Sequence[Any],
    *,
    actual: npt.ArrayLike,
    expected: npt.ArrayLike,
    exposure: npt.ArrayLike = 1.0,
) -> ActualExpected:
    """Actual against expected by the levels of one column.

    Parameters
    ----------
    by : (n,) level of each row: a column of a frame. Levels are listed in order of their names, numbers by
        size.
    actual, expected : (n,) cost of each row, fund currency (or counts).
    exposure : (n,) member-years, more than 0.

    Raises
    ------
    InputError
        For columns of different lengths, an exposure of zero, or nothing expected at all.

    >>> one_way([40, 9, 40], actual=[3.0, 1.0, 1.0], expected=[2.0, 2.0, 2.0]).table()["ratio"].to_dict()
    {'9': 0.5, '40': 1.0}
    """
    levels, place = _levels(by)
    return _summed(levels, place, place.size, actual, expected, exposure)


def _levels(by: Sequence[Any]) -> tuple[tuple[str, ...], npt.NDArray[Any]]:
    """The levels in order, and (n,) the place of each row's own."""
    given = listed(
        "by", by, "the level of each row"
    )  # looked at one by one: beside text NumPy would write NaN as a word
    if any(isinstance(level, list | tuple | np.ndarray) for level in given):
        raise InputError([Fault("by", "a table", "one level for each row", code="length")])
    missing = [row for row, level in enumerate(given) if level is None or level != level]
    if missing:
        remedy = "Name it, such as 'unknown', or leave the row out."
        raise InputError([Fault(f"by[{missing[0]}]", "nothing", "a level", remedy, "missing")])
    if len({isinstance(level, str) for level in given}) > 1:
        allowed = "labels of one kind: all text, or all numbers"
        raise InputError([Fault("by", "labels of several kinds", allowed, code="type")])
    known, place = np.unique(np.asarray(given), return_inverse=True)
    return tuple(str(level) for level in known), np.asarray(place).ravel()


def lift(
    *,
    actual: npt.ArrayLike,
    expected: npt.ArrayLike,
    exposure: npt.ArrayLike = 1.0,
    groups: int = 10,
) -> ActualExpected:
    """Actual against expected in groups of about equal exposure, from the lowest expected rate upward.

    Rows of equal expected rate stay together, so the order of rows decides nothing; groups may then be fewer.

    Parameters
    ----------
    actual, expected : (n,) cost of each row, fund currency.
    exposure : (n,) member-years, more than 0.
    groups : how many, 2 to 100.

    Raises
    ------
    InputError
        For columns of different lengths or an exposure of zero.

    >>> lift(actual=[9.0, 1.0, 5.0, 2.0], expected=[8.0, 1.0, 4.0, 2.0], groups=2).ratio.tolist()
    [1.0, 1.1666666666666667]
    """
    require_whole("groups", groups, minimum=2, maximum=100, unit="groups")
    believed = column("expected", expected, None, unit="fund currency", show=False)
    years = _member_years(exposure, believed.size)
    _, block = np.unique(believed / years, return_inverse=True)
    in_block = np.bincount(np.asarray(block).ravel(), weights=years)
    middle = np.cumsum(in_block) - in_block / 2.0
    wanted = np.minimum((groups * middle / years.sum()).astype(np.int64), groups - 1)
    used, group = np.unique(wanted, return_inverse=True)
    levels = tuple(str(place + 1) for place in range(used.size))
    return _summed(levels, np.asarray(group)[block].ravel(), believed.size, actual, believed, years)


def _member_years(exposure: npt.ArrayLike, n: int) -> FloatArray:
    remedy = "Leave out rows without exposure."
    return above_zero("exposure", exposure, n, unit="member-years", remedy=remedy, show=False)


def _summed(
    levels: tuple[str, ...],
    place: npt.NDArray[Any],
    n: int,
    actual: npt.ArrayLike,
    expected: npt.ArrayLike,
    exposure: npt.ArrayLike,
) -> ActualExpected:
    """Sums by level of checked columns."""
    came, believed = (
        column(
            name,
            np.atleast_1d(numbers(name, values)),
            n,
            minimum=least,
            unit="fund currency",
            show=False,
        )
        for name, values, least in (("actual", actual, -MOST), ("expected", expected, 0.0))
    )
    if not believed.sum() > 0.0:
        raise InputError([Fault("expected", "0 in all", "more than 0", code="range")])
    years = _member_years(exposure, n)

    def by_level(values: FloatArray) -> FloatArray:
        return np.bincount(place, weights=values, minlength=len(levels)).astype(np.float64)

    ratio = _over(by_level(came), by_level(believed))
    rows = by_level(np.ones(n))
    apart = by_level((came - np.nan_to_num(ratio)[place] * believed) ** 2)
    spread = np.where(rows > 1.0, rows / np.maximum(rows - 1.0, 1.0) * apart, np.nan)
    error = _over(np.sqrt(spread), by_level(believed))
    sums = (by_level(years), by_level(came), by_level(believed), error)
    return ActualExpected(levels, *(frozen(values) for values in sums))


def _over(amount: FloatArray, base: FloatArray) -> FloatArray:
    known = base > 0.0
    return np.asarray(np.where(known, amount / np.where(known, base, 1.0), np.nan))

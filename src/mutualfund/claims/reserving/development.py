"""How amounts grow from age to age: the selection of link ratios, and the pattern that it gives.

Each link ratio is a weighted sum of amounts one age later, with weights that make the same sum of the amounts
before equal 1. Everything about its error follows from these weights.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from numbers import Real
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from mutualfund.claims.reserving.checks import require_triangle
from mutualfund.claims.reserving.formulas import growth_to_end
from mutualfund.claims.reserving.tail import ConstantTail, Tail
from mutualfund.claims.reserving.triangle import Triangle
from mutualfund.errors import Fault, InputError, require_choice, require_kind, require_whole
from mutualfund.types import BoolArray, FloatArray, IntArray, frozen

if TYPE_CHECKING:
    import pandas as pd

Average = Literal["volume", "simple", "medial"]
ROUNDING = 1e-12  # a cent in ten thousand million of currency is more


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pattern:
    """Selected link ratios of one triangle, and what they were made of.

    Parameters
    ----------
    link_ratios
        (n_ages - 1,) growth from each age to the next.
    weights
        (n_origins, n_ages - 1) per currency: a ratio is the sum of weight x amount at the next age.
    used
        (n_origins, n_ages - 1) links that were averaged.
    eligible
        (n_origins, n_ages - 1) those, and the highest and lowest that a ``medial`` average trims: what the
        spread about a ratio is measured on.
    tail_factor, tail_standard_error
        Growth after the last age.

    >>> from datetime import date
    >>> triangle = Triangle.from_array([[1.0, 2.0], [1.0, None]], first_origin=date(2024, 1, 1))
    >>> LinkRatios().of(triangle).share.tolist()
    [0.5, 1.0]
    """

    link_ratios: FloatArray
    weights: FloatArray
    used: BoolArray
    eligible: BoolArray
    average: Average
    tail_factor: float = 1.0
    tail_standard_error: float = 0.0

    def __post_init__(self) -> None:
        for name in ("link_ratios", "weights"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        for name in ("used", "eligible"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.bool_))

    @property
    def links(self) -> IntArray:
        """(n_ages - 1,) how many links each ratio was averaged from."""
        return np.asarray(self.used.sum(axis=0), dtype=np.int64)

    @property
    def growth(self) -> FloatArray:
        """(n_ages,) growth from each age to the end, the tail included."""
        return growth_to_end(self.link_ratios, self.tail_factor)

    @property
    def share(self) -> FloatArray:
        """(n_ages,) part of the ultimate known at each age: the completion factors."""
        return np.asarray(1.0 / self.growth)

    @property
    def travelled(self) -> FloatArray:
        """(n_ages + 1,) how far the share known has moved by each age and in the end, up and down alike."""
        moves = np.abs(np.diff(np.append(self.share, 1.0)))
        return np.concatenate([[0.0], np.cumsum(moves)])

    def to_pandas(self) -> pd.DataFrame:
        """Link ratio, growth to the end and share known, by age (from 1).

        >>> from datetime import date
        >>> triangle = Triangle.from_array([[1.0, 2.0], [1.0, None]], first_origin=date(2024, 1, 1))
        >>> LinkRatios().of(triangle).to_pandas()["share known"].tolist()
        [0.5, 1.0]
        """
        import pandas as pd

        return pd.DataFrame(
            {
                "link ratio": np.append(self.link_ratios, self.tail_factor),
                "links": np.append(self.links, 0),
                "growth to end": self.growth,
                "share known": self.share,
            },
            index=pd.Index(np.arange(1, self.growth.size + 1), name="age"),
        )


@dataclass(frozen=True, slots=True)
class LinkRatios:
    """How link ratios are chosen.

    Links to a development period that has not been seen whole are left out (`Triangle.unseen_days`), but
    where an age has no other.

    Parameters
    ----------
    average
        ``volume``: amounts at the next age over amounts before. ``simple``: the mean of the single ratios.
        ``medial``: the mean without the highest and the lowest, where there are at least three.
    latest
        Links of each age that count, newest first; None for all.
    exclude
        (origin, age) pairs of links to leave out, such as ``("1982", 1)`` for the step from age 1 to 2.
    tail
        Growth after the last age: a number, or one of the tails.

    >>> from datetime import date
    >>> rows = [[10.0, 20.0, 22.0], [10.0, 30.0, None], [12.0, None, None]]
    >>> triangle = Triangle.from_array(rows, first_origin=date(2023, 1, 1))
    >>> LinkRatios(latest=1).of(triangle).link_ratios.tolist()
    [3.0, 1.1]
    """

    average: Average = "volume"
    latest: int | None = None
    exclude: tuple[tuple[str, int], ...] = ()
    tail: Tail | float = field(default=1.0)

    def __post_init__(self) -> None:
        require_choice("average", self.average, get_args(Average), code="unknown_average")
        if self.latest is not None:
            require_whole("latest", self.latest, minimum=1, maximum=10_000, unit="links")
        if isinstance(self.tail, Real):
            object.__setattr__(self, "tail", ConstantTail(float(self.tail)))
        require_kind("tail", self.tail, Tail, "a number, as 1.02, or a tail, as DecayTail()")
        object.__setattr__(self, "exclude", _pairs(self.exclude))

    def of(self, triangle: Triangle) -> Pattern:
        """The pattern that this selection gives for a triangle.

        Raises
        ------
        InputError
            Where it is no triangle, there is one origin only, an excluded link does not exist, no link of an
            age is left, amounts of an age add up to 0 or less, or something is paid after an age up to which
            no origin had paid anything. An age whose payments are all 0, or add up to 0, has the ratio 1.
        """
        require_triangle("triangle", triangle)
        if triangle.n_origins < 2:
            allowed = "at least two: one origin cannot show how claims develop"
            raise InputError([Fault("triangle", "a single origin", allowed, code="single_origin")])
        before, after = triangle.cumulative[:, :-1], triangle.cumulative[:, 1:]
        known = self._eligible(triangle)
        eligible = known if self.average == "volume" else known & (before > 0.0)
        used = _without_extremes(before, after, eligible) if self.average == "medial" else eligible
        shares = scaled(used, before, self.average)
        empty = np.asarray(~(shares > 0.0).any(axis=0))
        if empty.any():
            _require_nothing_paid(triangle, before, after, known, empty)
        # By what was paid, and not by the amounts: an age without a payment then has 1, to the last digit.
        growth = (shares * np.where(used, after - before, 0.0)).sum(axis=0)
        ratios = 1.0 + without_rounding(growth)
        _require_positive(ratios)
        assert isinstance(self.tail, Tail)
        factor, error = self.tail.factor(ratios)
        return Pattern(ratios, shares, used, eligible, self.average, factor, error)

    def _eligible(self, triangle: Triangle) -> BoolArray:
        """(n_origins, n_ages - 1) links between two known amounts that are neither too old nor excluded."""
        used = triangle.known[:, 1:].copy()
        places = {name: row for row, name in enumerate(triangle.origins)}
        for origin, age in self.exclude:
            row = places.get(origin, -1)
            if row < 0 or not 1 <= age < triangle.n_ages or not triangle.known[row, age]:
                got, allowed = f"origin {origin}, age {age}", "a link of the triangle, age from 1"
                raise InputError([Fault("exclude", got, allowed, code="no_such_link")])
            used[row, age - 1] = False
        if triangle.unseen_days:
            whole = used & ~_to_the_last_period(triangle)
            used = np.where(whole.any(axis=0), whole, used)
        if self.latest is not None:
            used &= used[::-1].cumsum(axis=0)[::-1] <= self.latest
        bare = np.flatnonzero(~used.any(axis=0))
        if bare.size:
            got = f"no link from age {bare[0] + 1} to {bare[0] + 2}"
            raise InputError([Fault("exclude", got, "at least one link an age", code="no_link")])
        return used


def require_link_ratios(link_ratios: object) -> None:
    """Refuse what is no selection of link ratios.

    Raises
    ------
    InputError
        With one fault.
    """
    allowed = 'a selection, as LinkRatios(average="simple")'
    require_kind("link_ratios", link_ratios, LinkRatios, allowed)


def _pairs(exclude: Iterable[tuple[object, int]]) -> tuple[tuple[str, int], ...]:
    """The links to leave out as (origin, age)."""
    try:
        pairs = tuple((str(origin), age) for origin, age in exclude)
    except (TypeError, ValueError):
        allowed = 'pairs of an origin and an age, as (("1982", 1),)'
        fault = Fault("exclude", f"{exclude!r:.40}", allowed, code="type")
        raise InputError([fault]) from None
    for _, age in pairs:
        require_whole("exclude", age, minimum=1, maximum=10_000, unit="age, from 1")
    return pairs


def _to_the_last_period(triangle: Triangle) -> BoolArray:
    """(n_origins, n_ages - 1) links whose later amount is one of the last development period."""
    return np.asarray(triangle.known[:, 1:] & ~triangle.known_before[:, 1:])


def _require_positive(ratios: FloatArray) -> None:
    """Amounts that come to nothing have no share known before."""
    bad = np.flatnonzero(ratios <= ROUNDING)
    if bad.size:
        got = f"amounts at age {bad[0] + 2} that come to 0 or less"
        remedy = "Leave out what was paid back, or use longer periods."
        raise InputError([Fault("triangle", got, "above 0", remedy, "nothing_left")])


def _without_extremes(before: FloatArray, after: FloatArray, eligible: BoolArray) -> BoolArray:
    """The links without the highest and lowest ratio of each age that has three or more."""
    kept = eligible.copy()
    for column in np.flatnonzero(kept.sum(axis=0) >= 3):
        rows = np.flatnonzero(kept[:, column])
        order = rows[np.argsort(after[rows, column] / before[rows, column], kind="stable")]
        kept[order[[0, -1]], column] = False
    return kept


def scaled(used: BoolArray, before: FloatArray, average: Average) -> FloatArray:
    """(n_origins, n_ages - 1) weights on amounts; all nought where nothing was paid before the step."""
    if average == "volume":
        total = np.where(used, before, 0.0).sum(axis=0)
        return np.asarray(
            np.where(used & (total > 0.0), 1.0 / np.where(total > 0.0, total, 1.0), 0.0)
        )
    count = np.maximum(used.sum(axis=0), 1)
    return np.asarray(np.where(used, 1.0 / (count * np.where(used, before, 1.0)), 0.0))


def without_rounding(growth: FloatArray) -> FloatArray:
    """Growth as a share of an amount, 0 where it is no more than the rounding of sums of money.

    >>> without_rounding(np.array([0.5, 2e-16])).tolist()
    [0.5, 0.0]
    """
    return np.asarray(np.where(np.abs(growth) > ROUNDING, growth, 0.0))


def _require_nothing_paid(
    triangle: Triangle, before: FloatArray, after: FloatArray, used: BoolArray, empty: BoolArray
) -> None:
    """Empty ages have no payment before or after, and the ratio 1; anything else has no ratio."""
    paid = np.where(used, np.abs(before) + np.abs(after), 0.0).sum(axis=0)
    bad = np.flatnonzero(empty & (paid > 0.0))
    if bad.size:
        age = bad[0] + 1
        got = f"nothing above 0 at age {age} and something at age {age + 1}"
        remedy = f"Use longer development periods than {triangle.development_grain}s."
        allowed = "amounts that add up to more than 0 at the age before"
        raise InputError([Fault("triangle", got, allowed, remedy, "nothing_before")])

"""Claim amounts as a fund sees them: above a deductible, up to a limit, one by one or in groups.

Every claim is kept as what is known of its *ground-up* amount, the whole cost before any deductible: that it
equals `low` (then `high` is the same), or that it lies from `low` up to `high`, which is infinite for a claim
that reached its limit. A claim of `deductible` or less is never reported at all.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
import numpy.typing as npt

from mutualfund.errors import HIDDEN, Fault, InputError, numbers, require_choice
from mutualfund.types import BoolArray, FloatArray, frozen

if TYPE_CHECKING:
    from mutualfund.claims.fitting.plots import ObservedPlots

_AT_LIMIT = 1e-9
"""An amount this close to its limit, relatively, has reached it: sums of cents seldom end in the same bit."""


@dataclass(frozen=True, slots=True, eq=False, repr=False, init=False)
class Observed:
    """Claim amounts with what hides a part of them from the fund.

    Parameters
    ----------
    amounts : (n,) currency, above 0 and finite.
    deductible : number or (n,), currency, 0 or more. Claims of this ground-up amount or less were never
        reported, neither here nor as a zero (left truncation).
    limit : number or (n,), currency: the ground-up amount up to which a claim is known. One that reaches it
        is only known to be at least as large (right censoring). A claim still open is one whose limit is what
        it has cost so far.
    weights : (n,) how many such claims each row stands for, 0 or more; one each where left out.
    reported : "ground_up" where an amount is the claim's whole cost; "paid" where it is what was paid above
        the deductible, so that the whole cost is amount + deductible. `limit` is ground-up in both cases: the
        largest payment is limit - deductible.

    Raises
    ------
    InputError
        Where an amount is not positive, not above its deductible or beyond its limit, or lengths differ.

    Source: S. Klugman, H. Panjer, G. Willmot, *Loss Models*, 4th ed. (2012), section 13.2.

    >>> seen = Observed([300.0, 900.0, 1000.0], deductible=100.0, limit=1000.0)
    >>> seen
    Observed(3 claims: 2 known exactly, 1 at the limit, all above a deductible)
    >>> paid = Observed([200.0, 800.0, 900.0], deductible=100.0, limit=1000.0, reported="paid")
    >>> bool((paid.low == seen.low).all())
    True
    """

    low: FloatArray  # (n,) ground-up, currency
    high: FloatArray  # (n,) as low where the amount is known
    deductible: FloatArray  # (n,)
    limit: FloatArray  # (n,)
    weights: FloatArray  # (n,)

    def __init__(
        self,
        amounts: npt.ArrayLike,
        deductible: npt.ArrayLike = 0.0,
        limit: npt.ArrayLike = math.inf,
        weights: npt.ArrayLike | None = None,
        *,
        reported: Literal["ground_up", "paid"] = "ground_up",
    ) -> None:
        seen = numbers("amounts", amounts).ravel()
        below, above = _each(deductible, "deductible", seen), _each(limit, "limit", seen)
        weight = _each(1.0 if weights is None else weights, "weights", seen)
        _check_amounts(seen)
        require_choice("reported", reported, ("ground_up", "paid"), code="reported")
        whole = seen + below if reported == "paid" else seen
        _check_terms(whole, below, above, weight)
        capped = whole >= above * (1.0 - _AT_LIMIT)
        low = np.where(capped, above, whole)
        self._fill(low, np.where(capped, math.inf, low), below, above, weight)

    def _fill(self, *columns: FloatArray) -> None:
        for name, column in zip(
            ("low", "high", "deductible", "limit", "weights"), columns, strict=True
        ):
            object.__setattr__(self, name, frozen(column))

    @classmethod
    def of_columns(cls, *columns: FloatArray) -> Self:
        """The claims of these five columns, each (n,), which the caller knows to be right."""
        made = cls.__new__(cls)
        made._fill(*columns)
        return made

    @classmethod
    def grouped(cls, edges: npt.ArrayLike, counts: npt.ArrayLike) -> Self:
        """Claims of which only the number in each group of amounts is known.

        edges: (k + 1,) currency, increasing from 0 or more; the last may be infinite. A first edge above 0 is
        a deductible: smaller claims were not seen. counts: (k,) claims from one edge up to the next, 0 or
        more.

        Raises
        ------
        InputError
            Where edges do not increase, counts are negative or their number does not fit.

        >>> Observed.grouped([0, 100, 500, float("inf")], [20, 9, 3]).n
        32.0
        """
        ends, number = numbers("edges", edges).ravel(), numbers("counts", counts).ravel()
        _check_groups(ends, number)
        low, high = ends[:-1], ends[1:]
        above = np.full(low.size, math.inf)
        return cls.of_columns(low, high, np.full(low.size, ends[0]), above, number)

    @property
    def n(self) -> float:
        """Claims seen: the sum of the weights."""
        return float(self.weights.sum())

    @property
    def exact(self) -> BoolArray:
        """(n,) whether the amount is known."""
        return np.equal(self.low, self.high)

    @property
    def at_limit(self) -> BoolArray:
        """(n,) whether the claim reached its limit."""
        return np.isinf(self.high) & np.isfinite(self.limit)

    def excess_over(self, point: float) -> Self:
        """What is known of the parts above `point` of the claims that exceed it.

        point: currency, 0 or more. Claims whose limit is not above `point` are left out, whether they reached
        it or not: nothing is known of their parts above it.

        Raises
        ------
        InputError
            Where a group of amounts has `point` inside it: of its claims some may exceed it and some not.

        >>> Observed([50.0, 120.0, 400.0]).excess_over(100.0).low.tolist()
        [20.0, 300.0]
        """
        straddles = (self.low < point) & (point < self.high) & ~self.at_limit
        if np.any(straddles):
            allowed = "an edge of the groups"
            raise InputError([Fault("above", f"{point:g}", allowed, code="inside_a_group")])
        kept = (np.where(self.exact, self.low > point, self.low >= point)) & (self.limit > point)
        below = np.maximum(self.deductible[kept], point) - point
        columns = (self.low[kept] - point, self.high[kept] - point)
        return self.of_columns(*columns, below, self.limit[kept] - point, self.weights[kept])

    def shifted(self, amount: float) -> Self:
        """Every amount, deductible and limit larger by `amount`, currency.

        >>> Observed([20.0, 300.0], deductible=0.0).shifted(100.0).deductible.tolist()
        [100.0, 100.0]
        """
        columns = (self.low, self.high, self.deductible, self.limit)
        return self.of_columns(*(column + amount for column in columns), self.weights)

    def capped_at(self, point: float) -> Self:
        """The same claims with every amount above `point` known only to be at least that.

        point: currency, above every deductible. An amount of exactly `point` stays known.

        >>> Observed([50.0, 120.0, 400.0]).capped_at(100.0)
        Observed(3 claims: 1 known exactly, 2 at the limit)
        """
        if np.any(self.deductible >= point):
            raise InputError(
                [Fault("above", f"{point:g}", "above every deductible", code="too_low")]
            )
        beyond = np.where(self.exact, self.low > point, self.low >= point)
        low = np.where(beyond, point, self.low)
        high = np.where(beyond, math.inf, self.high)
        if np.any((low < point) & (high > point) & ~self.at_limit):
            allowed = "an edge of the groups"
            raise InputError([Fault("above", f"{point:g}", allowed, code="inside_a_group")])
        return self.of_columns(
            low, high, self.deductible, np.minimum(self.limit, point), self.weights
        )

    @property
    def plot(self) -> ObservedPlots:
        """Pictures of the data: `mean_excess` and `threshold_stability`."""
        from mutualfund.claims.fitting.plots import ObservedPlots

        return ObservedPlots(self)

    def __repr__(self) -> str:
        def number(rows: BoolArray) -> str:
            return f"{float(self.weights[rows].sum()):g}"

        grouped = ~self.exact & ~self.at_limit
        parts = [f"{number(self.exact)} known exactly"] if np.any(self.exact) else []
        parts += [f"{number(self.at_limit)} at the limit"] if np.any(self.at_limit) else []
        parts += [f"{number(grouped)} in groups"] if np.any(grouped) else []
        parts += ["all above a deductible"] if np.all(self.deductible > 0.0) else []
        return f"Observed({self.n:g} claims: {', '.join(parts)})"


def observed(amounts: npt.ArrayLike | Observed) -> Observed:
    """`amounts` as they are, or plain amounts as claims known exactly."""
    return amounts if isinstance(amounts, Observed) else Observed(amounts)


def rows_fault(
    field: str, bad: npt.NDArray[np.intp], allowed: str, remedy: str, code: str
) -> Fault:
    """A fault that names the first rows of a column, and none of their values."""
    rows = ", ".join(str(row) for row in bad[:5])
    return Fault(f"{field} (rows {rows})", HIDDEN, allowed, remedy, code)


def _each(value: npt.ArrayLike, field: str, amounts: FloatArray) -> FloatArray:
    """One number a claim."""
    column = numbers(field, value)
    if column.ndim and column.size != amounts.size:
        got = f"{column.size} values for {amounts.size} amounts"
        raise InputError([Fault(field, got, "one number, or one a claim", code="length")])
    return np.broadcast_to(column.ravel() if column.ndim else column, amounts.shape)


def _check_amounts(amounts: FloatArray) -> None:
    if amounts.size < 2:
        raise InputError([Fault("amounts", f"{amounts.size} amounts", "at least two", code="few")])
    bad = np.flatnonzero(~((amounts > 0.0) & (amounts < math.inf)))
    if bad.size:
        remedy = "Leave zeros to the frequency; reversals belong to the claim they reverse."
        fault = rows_fault("amounts", bad, "above 0 and finite", remedy, "not_positive")
        raise InputError([fault])


def _check_terms(
    whole: FloatArray, deductible: FloatArray, limit: FloatArray, weights: FloatArray
) -> None:
    """Refuse what no fund with these terms can have seen."""
    found: list[Fault] = []

    def refuse(field: str, bad: BoolArray, allowed: str, remedy: str, code: str) -> None:
        if np.any(bad):
            found.append(rows_fault(field, np.flatnonzero(bad), allowed, remedy, code))

    refuse("deductible", ~((deductible >= 0.0) & (deductible < math.inf)), "0 or more", "", "range")
    refuse("limit", ~(limit > deductible), "above the deductible", "", "range")
    refuse("weights", ~((weights >= 0.0) & (weights < math.inf)), "0 or more", "", "range")
    remedy = 'Where amounts are what was paid above it, write reported="paid".'
    refuse("amounts", whole <= deductible, "above the deductible", remedy, "not_reported")
    remedy = "Cut amounts at the limit, or leave it out where they are known beyond it."
    beyond = whole > limit * (1.0 + _AT_LIMIT)
    refuse("amounts", beyond, "at most the limit", remedy, "beyond_limit")
    if found:
        raise InputError(found)
    if not np.any(weights > 0.0):
        raise InputError([Fault("weights", "all 0", "at least one above 0", code="no_claims")])


def _check_groups(edges: FloatArray, counts: FloatArray) -> None:
    checks: list[tuple[Callable[[], bool], Fault]] = [
        (
            lambda: counts.size > 0 and edges.size == counts.size + 1,
            Fault("edges", f"{edges.size} edges", f"{counts.size + 1}, one more than counts"),
        ),
        (
            lambda: bool(edges[0] >= 0.0 and np.all(np.diff(edges) > 0.0)),
            Fault("edges", "edges that do not increase", "0 or more, increasing"),
        ),
        (
            lambda: bool(np.all((counts >= 0.0) & (counts < math.inf)) and counts.sum() > 0.0),
            Fault("counts", HIDDEN, "0 or more, with a sum above 0"),
        ),
    ]
    for holds, fault in checks:  # each is asked only where those before it hold
        if not holds():
            raise InputError([fault])

"""Sums over members, cell by cell, and the rates with standard errors that they give.

A member's claims come in bunches, so claims are no independent draws; members are. The variance of a rate
R = sum(x) / sum(e) is therefore that of a ratio of sums over members,

    Var(R) = n / (n - 1) x sum((x_i - R e_i)^2) / (sum e_i)^2,

with x_i the member's cost or claims and e_i the member's exposure in the cell. Source: W. G. Cochran,
Sampling Techniques (3rd ed., 1977), section 6.3; for counts it is what a negative binomial's dispersion would
have to explain, without its shape. Few members say little of their spread, and two who claimed alike none:
below `FEW` of them the error of a count is at least that of a Poisson, R / sqrt(sum x). Where no claim was
seen the sums say nothing of the error, and the upper limit of a count is that of a Poisson, exactly:
-ln((1 - level) / 2) / e, or 3.69 claims at 95 % (F. Garwood, Biometrika 28 (1936) 437).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mutualfund.claims.experience.exposure import Cover
from mutualfund.claims.experience.keys import LINE, Key
from mutualfund.claims.experience.ledger import Ledger
from mutualfund.errors import Fault, InputError
from mutualfund.types import BoolArray, FloatArray, IntArray

Counted = Literal["claims", "cents"]
CHUNK = 1 << 14
"""Members looked at together; the same for every source, so that sums are taken in the same order."""

MAX_CELLS = 2_000_000
FEW = 30
"""Members from which on their own spread alone is the error of a count."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Source:
    """Where the sums of a study come from: exposure and claims of `n_members` members, chunk by chunk."""

    cover: Cover
    ledger: Ledger
    n_members: int

    def chunks(self) -> Iterator[tuple[int, int]]:
        """First member and the one after the last, of each chunk."""
        for first in range(0, self.n_members, CHUNK):
            yield first, min(first + CHUNK, self.n_members)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Moments:
    """Sums over members by cell: arrays (n_cells,), cells in the order of the labels.

    `persons` members with exposure, `claimants` those with x above nought; `total`, `exposure` sums of x and
    e; `xx`, `xe`, `ee` of their products.
    """

    persons: IntArray
    claimants: IntArray
    total: FloatArray
    exposure: FloatArray
    xx: FloatArray
    xe: FloatArray
    ee: FloatArray

    @property
    def seen(self) -> BoolArray:
        """(n_cells,) cells with members covered or claims."""
        seen: BoolArray = (self.persons > 0) | (self.total != 0.0)
        return seen

    @property
    def rate(self) -> FloatArray:
        """(n_cells,) x over e; NaN without exposure."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.exposure > 0.0, self.total / self.exposure, np.nan)

    @property
    def standard_error(self) -> FloatArray:
        """(n_cells,) of the rate, by members; NaN where fewer than two members or no claim were seen."""
        rate, n = self.rate, self.persons.astype(np.float64)
        squares = np.maximum(self.xx - 2.0 * rate * self.xe + rate**2 * self.ee, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = n / (n - 1.0) * squares / self.exposure**2
        return np.where((n > 1.0) & (self.total > 0.0), np.sqrt(variance), np.nan)

    @property
    def count_error(self) -> FloatArray:
        """(n_cells,) `standard_error` of a rate of claims: with few members at least that of a Poisson."""
        with np.errstate(divide="ignore", invalid="ignore"):
            poisson = np.where(self.persons < FEW, self.rate / np.sqrt(self.total), 0.0)
        return np.maximum(self.standard_error, poisson)

    def interval(self, level: float, error: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(n_cells,) ends of the interval: symmetric in the logarithm, Student's t on members - 1.

        On the logarithm the lower end stays above zero, and coverage is better where rates are skewed.
        """
        from scipy import special

        rate = self.rate
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            t = special.stdtrit(np.maximum(self.persons - 1, 1), 0.5 + level / 2.0)
            spread = np.exp(t * error / rate)
            return rate / spread, rate * spread


def moments(
    source: Source,
    by: tuple[str, ...],
    keys: dict[str, Key],
    counted: Counted,
    per: Expected | Literal["months", "claims"] = "months",
) -> Moments:
    """Sums by cell of `by`.

    `per` is what the exposure is: member-months; what was expected, member-months times the rate of each; or
    claims.

    Raises
    ------
    InputError
        Where the keys have more than `MAX_CELLS` combinations.
    """
    plain = tuple(keys[name] for name in by if name != LINE)
    n_lines = len(source.ledger.lines) if LINE in by else 1
    shape = tuple(len(key.labels) for key in plain)
    n_cells = int(np.prod(shape, dtype=np.int64))
    if n_cells * n_lines > MAX_CELLS:
        got, allowed = f"{n_cells * n_lines:,} cells", f"keys with at most {MAX_CELLS:,} cells"
        raise InputError([Fault("by", got, allowed, "Split by fewer keys.", "too_many_cells")])
    sums = np.zeros((7, n_cells, n_lines))
    for first, last in source.chunks():
        sums += _of_chunk(source, (first, last), plain, (n_cells, n_lines), counted, per)
    return _in_order(sums, by, shape, n_lines)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Expected:
    """Expected cost or claims of a member-month by cell of some keys and by line: (n_cells, n_lines)."""

    keys: tuple[Key, ...]
    rate: FloatArray

    def weights(self, months: FloatArray, members: tuple[int, int], n_lines: int) -> FloatArray:
        """(n_members, n_months, n_lines) what was expected; n_lines is 1 where lines are taken together."""
        rate = self.rate if n_lines > 1 else self.rate.sum(axis=1, keepdims=True)
        cells = cells_of(self.keys, members, months.shape)
        weights: FloatArray = months[:, :, None] * rate[cells]
        return weights


def cells_of(keys: Sequence[Key], members: tuple[int, int], shape: tuple[int, ...]) -> IntArray:
    """(n_members, n_months) cell of each member-month, the last key running fastest."""
    cell = np.zeros((1, 1), dtype=np.int64)
    for key in keys:
        cell = cell * len(key.labels) + key.codes(*members)
    return np.broadcast_to(cell, shape)


def _of_chunk(
    source: Source,
    members: tuple[int, int],
    keys: tuple[Key, ...],
    size: tuple[int, int],
    counted: Counted,
    per: Expected | Literal["months", "claims"],
) -> FloatArray:
    """(7, n_cells, n_lines) sums of one chunk of members, as the fields of `Moments` name them.

    A pair is a member in a cell; x and e are (n_pairs, n_lines).
    """
    n_cells, n_lines = size
    months = source.cover.months(*members)
    rows = source.ledger.source.between(*members)
    line = rows.line if n_lines > 1 else np.zeros_like(rows.line)
    cell = cells_of(keys, members, months.shape)
    pair_of_month = np.arange(len(months))[:, None] * n_cells + cell
    pair_of_row = pair_of_month[rows.member - members[0], rows.month]
    covered = months > 0.0
    both = np.concatenate([pair_of_month[covered], pair_of_row])
    pairs, place = np.unique(both, return_inverse=True)
    at_month, at_row = place[: int(covered.sum())], place[int(covered.sum()) :]

    def of_rows(values: IntArray) -> FloatArray:
        cells = at_row * n_lines + line
        size = len(pairs) * n_lines
        spread = np.bincount(cells, weights=values, minlength=size).astype(np.float64)
        return spread.reshape(len(pairs), n_lines)

    def of_months(weights: FloatArray) -> FloatArray:
        columns = [
            np.bincount(at_month, weights=weights[covered, column], minlength=len(pairs))
            for column in range(weights.shape[2])
        ]
        return np.broadcast_to(np.stack(columns, axis=1), (len(pairs), n_lines))

    x = of_rows(getattr(rows, counted))
    if per == "claims":
        e = of_rows(rows.claims)
        persons = (e > 0.0).astype(np.float64)
    else:
        weights = months[:, :, None] if per == "months" else per.weights(months, members, n_lines)
        e = of_months(weights)
        persons = (of_months(np.ones((*months.shape, 1))) > 0.0).astype(np.float64)
    return _by_cell(
        pairs % n_cells, (persons, (x > 0.0).astype(np.float64), x, e, x * x, x * e, e * e), n_cells
    )


def _by_cell(cell: IntArray, values: Sequence[FloatArray], n_cells: int) -> FloatArray:
    """Each of `values` (n_pairs, n_lines) summed by cell: (len(values), n_cells, n_lines)."""
    sums = np.zeros((len(values), n_cells, values[0].shape[1]))
    for place, value in enumerate(values):
        for line in range(value.shape[1]):
            sums[place, :, line] = np.bincount(cell, weights=value[:, line], minlength=n_cells)
    return sums


def _in_order(
    sums: FloatArray, by: tuple[str, ...], shape: tuple[int, ...], n_lines: int
) -> Moments:
    """The sums with the line where `by` has it, flattened in the order of the keys."""
    whole = sums.reshape(7, *shape, n_lines)
    if LINE in by:
        whole = np.moveaxis(whole, -1, 1 + by.index(LINE))
    persons, claimants, *rest = whole.reshape(7, -1)
    return Moments(persons.astype(np.int64), claimants.astype(np.int64), *rest)

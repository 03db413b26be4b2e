"""Claim lines brought down to what a study needs: by member, month and line, net of reversals.

A claim is one line of the file with what is left after its reversals; where nothing is left it is no claim
and no cost. It counts in the month of treatment of the payment, also where the reversal names another day.
Amounts are whole minor units (cents), so that no sum depends on the order of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from mutualfund.claims.experience.calendar import StudyPeriod
from mutualfund.claims.record_checks import CENT
from mutualfund.claims.records import ClaimRecords
from mutualfund.errors import Fault, InputError
from mutualfund.portfolio.days import month_numbers
from mutualfund.schema import minor_units
from mutualfund.types import BoolArray, FloatArray, IntArray, UIntArray, frozen

Measure = Literal["amount", "allowed"]
SAMPLE = 100_000
"""Claims of a line that are kept one by one, about, for fitting their sizes."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Rows:
    """Sums by member, month and line, in this order; arrays (n,), months within the period.

    `claims` counts claims of which something was left, `cents` their cost in minor units.
    """

    member: IntArray
    month: IntArray
    line: IntArray
    claims: IntArray
    cents: IntArray


class RowSource(Protocol):
    """Where the rows lie: in memory, or in a file beside it."""

    def between(self, first: int, last: int) -> Rows:
        """The rows of members `first` to `last`, the end left out."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RowsInMemory:
    """Rows held as arrays, sorted by member."""

    rows: Rows

    def between(self, first: int, last: int) -> Rows:
        """The rows of members `first` to `last`, the end left out."""
        begin, end = np.searchsorted(self.rows.member, [first, last])
        columns = ("member", "month", "line", "claims", "cents")
        return Rows(*(getattr(self.rows, name)[begin:end] for name in columns))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Delays:
    """Claims and cost by line, month of treatment and whole months until payment, in this order.

    Arrays (n,), one place for each that has a claim; `cents` in minor units.
    """

    line: IntArray
    month: IntArray
    lag: IntArray
    claims: IntArray
    cents: IntArray


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sizes:
    """Claims of one line, one by one: cost in currency and month of treatment, (n,) each.

    Where a line has more than `SAMPLE` claims, those whose key falls below a bound: a key is a digest of the
    claim's identifier, so which ones are kept has nothing to do with their size or place in the file.
    """

    amount: FloatArray
    month: IntArray


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Ledger:
    """The claims of a study.

    `units` is minor units in a unit of `currency`; `notes` counts what was left out.
    """

    lines: tuple[str, ...]
    currency: str
    units: int
    source: RowSource
    delays: Delays
    sizes: tuple[Sizes, ...]
    notes: tuple[tuple[str, int], ...]


def in_cents(amount: FloatArray, units: int) -> IntArray:
    """(n,) whole minor units, a fraction rounded half up; a reversal as the payment it takes back.

    >>> in_cents(np.array([0.125, 1.005, -1.005]), 100).tolist()
    [13, 101, -101]
    """
    cents = np.floor(np.abs(amount) * units + (0.5 + CENT))
    return (np.sign(amount) * cents).astype(np.int64)


def key_bound(claims: int) -> int:
    """The largest claim key of a line's sample: about `SAMPLE` of `claims` uniform keys lie below it."""
    whole = 2**64 - 1
    return whole if claims <= SAMPLE else whole * SAMPLE // claims


def ledger_of(
    records: ClaimRecords,
    member_key: UIntArray,
    period: StudyPeriod,
    measure: Measure,
    lines: Sequence[str] = (),
) -> Ledger:
    """The ledger of claim lines in memory; `member_key` (n_members,) ascending, holding all of theirs.

    `lines` are there even where nobody claimed on them.

    Raises
    ------
    InputError
        Where `measure` is a column the lines do not have.
    """
    units = minor_units(records.currency)
    values = getattr(records, measure)
    if values is None:
        raise no_measure(measure)
    cents = in_cents(values, units)
    back = records.reverses >= 0
    np.add.at(cents, records.reverses[back], cents[back])
    month = period.month_of(records.incurred)
    kept = ~back & (month >= 0) & (cents > 0)
    member = np.searchsorted(member_key, records.member_key[kept]).astype(np.int64)
    names = tuple(sorted({*lines, *records.line_names}))
    recode = np.array([names.index(name) for name in records.line_names], dtype=np.int64)
    month, line, cents = month[kept], recode[records.line_code[kept]], cents[kept]
    n_lines, n_months = len(names), period.n_months
    lag = month_numbers(records.paid[kept]) - month_numbers(records.incurred[kept])
    key = records.claim_key[kept]
    return Ledger(
        lines=names,
        currency=records.currency,
        units=units,
        source=RowsInMemory(_summed(member, month, line, cents, (n_months, n_lines))),
        delays=_delays(line, month, lag, cents, n_months),
        sizes=tuple(_sizes(line == code, key, cents / units, month) for code in range(n_lines)),
        notes=notes_of(records.notes, int(kept.sum()), int((~back).sum())),
    )


def no_measure(measure: str) -> InputError:
    """The error of a study of a column that is not in the claim lines."""
    remedy = f'Add the column {measure}, or study measure="amount".'
    return InputError([Fault("measure", measure, "a column of the claim lines", remedy, "measure")])


def notes_of(
    read: tuple[tuple[str, int], ...], counted: int, payments: int
) -> tuple[tuple[str, int], ...]:
    """What a reader of the study should know of the lines, each with its number."""
    left = ("payments outside the period, reversed whole or of nothing", payments - counted)
    return (*read, ("claims counted", counted), left)


def _summed(
    member: IntArray, month: IntArray, line: IntArray, cents: IntArray, shape: tuple[int, int]
) -> Rows:
    """One row for each member, month and line that has a claim."""
    n_months, n_lines = shape
    cell = (member * n_months + month) * max(n_lines, 1) + line
    order = np.argsort(cell, kind="stable")
    cell = cell[order]
    starts = np.flatnonzero(np.diff(cell, prepend=-1))
    sums = np.add.reduceat(cents[order], starts) if starts.size else cents
    counts = np.diff(np.append(starts, cell.size))
    at = cell[starts]
    columns = (at // (n_lines * n_months), at // n_lines % n_months, at % n_lines, counts, sums)
    return Rows(*(frozen(values, np.int64) for values in columns))


def _delays(
    line: IntArray, month: IntArray, lag: IntArray, cents: IntArray, n_months: int
) -> Delays:
    n_lags = int(lag.max(initial=0)) + 1
    cells, place, claims = np.unique(
        (line * n_months + month) * n_lags + lag, return_inverse=True, return_counts=True
    )
    sums = np.zeros(len(cells), dtype=np.int64)
    np.add.at(sums, place, cents)
    return Delays(
        cells // (n_months * n_lags), cells // n_lags % n_months, cells % n_lags, claims, sums
    )


def _sizes(own: BoolArray, key: UIntArray, amount: FloatArray, month: IntArray) -> Sizes:
    own = own & (key <= np.uint64(key_bound(int(own.sum()))))
    order = np.argsort(key[own], kind="stable")
    return Sizes(amount[own][order], month[own][order])

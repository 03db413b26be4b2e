"""Claim lines as they were paid: read strictly, matched with their reversals, held against cover and totals.

One row is one line of a claim. A reversal takes back an earlier payment: it carries that payment's
`claim_id`, or has the same member, line, day of treatment and amount. Whatever is wrong is reported at once,
by column and row, never by value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mutualfund.claims.record_checks import ClaimChecks as ClaimChecks
from mutualfund.claims.record_checks import ControlTotals as ControlTotals
from mutualfund.claims.record_checks import (
    Movements,
    check_control,
    check_dates,
    check_members,
    matched_payments,
    read_currency,
    require_checks,
)
from mutualfund.portfolio.files import columns_of_csv, columns_of_parquet
from mutualfund.portfolio.keys import member_keys
from mutualfund.portfolio.table import TableReader, all_repeats, later_repeats
from mutualfund.schema import MAX_BYTES
from mutualfund.types import BoolArray, FloatArray, IntArray, UIntArray, frozen

_DTYPES: dict[str, npt.DTypeLike] = {
    "claim_key": np.uint64,
    "member_key": np.uint64,
    "line_code": np.int64,
    "incurred": np.int64,
    "paid": np.int64,
    "amount": np.float64,
    "reverses": np.int64,
    "reported": np.int64,
    "allowed": np.float64,
    "member_paid": np.float64,
    "provider_code": np.int64,
}

# What is allowed, the way out and the code of the faults that show only between rows.
SECOND_PAYMENT = (
    "one payment for each claim_id",
    "Give each line of a claim an identifier of its own.",
    "duplicate_id",
)
EXACT_COPY = ("one payment for each claim_id", "Remove the exact copies.", "duplicate_row")
UNMATCHED = (
    "an earlier payment of the same claim, at least as large",
    "Add the payment.",
    "unmatched_reversal",
)


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class ClaimRecords:
    """Claim lines sorted by claim, each reversal after its payment; arrays (n,), read-only.

    Parameters
    ----------
    claim_key, member_key
        64-bit digests of the identifiers; those of members equal `Portfolio.member_key`.
    line_names, line_code
        Service lines in alphabetical order, and codes into them.
    incurred, paid, reported
        Days since 1970-01-01; `reported` may be None or hold NOT_A_DAY where empty.
    amount, allowed, member_paid
        Currency; negative in reversals only. The last two may be None.
    reverses
        Row of the payment that a reversal takes back; -1 for payments.
    provider_names, provider_code
        Who treated, or empty and None; -1 = not known.
    currency
        Three capital letters.
    notes
        Counts of what the reader noticed, for a data review.

    >>> import pyarrow as pa
    >>> from datetime import date
    >>> day = date(2026, 3, 1)
    >>> frame = pa.table(
    ...     {
    ...         "claim_id": ["c1", "c2"],
    ...         "member_id": ["007", "007"],
    ...         "line": ["dental", "drugs"],
    ...         "incurred": [day, day],
    ...         "paid": [day, day],
    ...         "amount": [120.0, 15.5],
    ...     }
    ... )
    >>> ClaimRecords.from_frame(frame, ClaimChecks(as_of=date(2026, 12, 31), currency="EUR"))
    ClaimRecords: 2 lines in EUR
    """

    claim_key: UIntArray
    member_key: UIntArray
    line_names: tuple[str, ...]
    line_code: IntArray
    incurred: IntArray
    paid: IntArray
    amount: FloatArray
    reverses: IntArray
    currency: str
    reported: IntArray | None = None
    allowed: FloatArray | None = None
    member_paid: FloatArray | None = None
    provider_names: tuple[str, ...] = ()
    provider_code: IntArray | None = None
    notes: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        for name, dtype in _DTYPES.items():
            values = getattr(self, name)
            if values is not None:
                object.__setattr__(self, name, frozen(values, dtype))

    @classmethod
    def from_frame(cls, frame: Any, checks: ClaimChecks) -> ClaimRecords:
        """The claim lines in a pandas, polars or Arrow table with the columns of `schema.CLAIMS`.

        Raises
        ------
        InputError
            With every fault of the table. A table without a row is valid: nobody claimed.
        """
        from mutualfund.portfolio.frames import columns_of_frame

        return _records(columns_of_frame(frame), checks, "frame")

    @classmethod
    def read_csv(
        cls,
        path: str | PathLike[str],
        checks: ClaimChecks,
        *,
        delimiter: str = ",",
        decimal: str = ".",
        encoding: str = "utf-8",
        max_bytes: int = MAX_BYTES,
    ) -> ClaimRecords:
        """The claim lines in a CSV file; the options are those of `Portfolio.read_csv`."""
        columns = columns_of_csv(
            path,
            "claims",
            delimiter=delimiter,
            decimal=decimal,
            encoding=encoding,
            max_bytes=max_bytes,
        )
        return _records(columns, checks, Path(path).name)

    @classmethod
    def read_parquet(
        cls, path: str | PathLike[str], checks: ClaimChecks, *, max_bytes: int = MAX_BYTES
    ) -> ClaimRecords:
        """The claim lines in a Parquet file."""
        columns = columns_of_parquet(path, "claims", max_bytes=max_bytes)
        return _records(columns, checks, Path(path).name)

    def __len__(self) -> int:
        return len(self.claim_key)

    def __repr__(self) -> str:
        return f"ClaimRecords: {len(self):,} lines in {self.currency}"

    def net(self) -> ClaimRecords:
        """Payments after their reversals; what was taken back whole is left out.

        The member's part and the recognised charge shrink with their own reversals.
        """
        back = self.reverses >= 0
        remaining = {
            name: _after_reversals(values, self.reverses)
            for name in ("amount", "allowed", "member_paid")
            if (values := getattr(self, name)) is not None
        }
        keep = ~back & ~(
            np.isin(np.arange(len(self)), self.reverses) & (remaining["amount"] < 1e-6)
        )
        kept = {
            name: remaining.get(name, getattr(self, name))[keep]
            for name in _DTYPES
            if getattr(self, name) is not None
        }
        return replace(self, **kept)

    def by_line(self) -> dict[str, tuple[int, float]]:
        """Number of payments, and currency paid net of reversals, by service line."""
        n_lines = len(self.line_names)
        payments = np.bincount(self.line_code[self.reverses < 0], minlength=n_lines)
        amounts = np.bincount(self.line_code, weights=self.amount, minlength=n_lines)
        return {
            name: (int(payments[code]), float(amounts[code]))
            for code, name in enumerate(self.line_names)
        }


def _after_reversals(values: FloatArray, reverses: IntArray) -> FloatArray:
    left = values.copy()
    back = reverses >= 0
    np.add.at(left, reverses[back], values[back])
    return left


def _records(
    columns: Mapping[str, pa.Array | pa.ChunkedArray], checks: ClaimChecks, source: str
) -> ClaimRecords:
    """Read every column, note every fault, refuse or sort."""
    require_checks(checks)
    reader = TableReader("claims", columns, source=source)
    read = read_lines(reader, checks)
    rows, amounts, days, is_reversal = read.rows, read.amounts, read.days, read.rows.is_reversal
    _note_repeats(reader, is_reversal)
    reverses = matched_payments(rows)
    reader.note_rows("kind", is_reversal & (reverses < 0), *UNMATCHED)
    currency = read_currency(reader, checks)
    providers = reader.labels("provider") if "provider" in reader else None
    reader.raise_faults()
    if checks.control is not None:
        check_control(source, checks.control, len(rows.amount), math.fsum(rows.amount))
    order = np.lexsort((rows.amount, rows.paid, is_reversal, rows.claim_key))
    return ClaimRecords(
        claim_key=rows.claim_key[order],
        member_key=rows.member_key[order],
        line_names=read.line_names,
        line_code=rows.line_code[order],
        incurred=rows.incurred[order],
        paid=rows.paid[order],
        amount=rows.amount[order],
        reverses=_in_new_order(reverses, order),
        currency=currency,
        reported=days["reported"][order] if "reported" in reader else None,
        allowed=amounts["allowed"][order] if "allowed" in reader else None,
        member_paid=amounts["member_paid"][order] if "member_paid" in reader else None,
        provider_names=() if providers is None else providers[1],
        provider_code=None if providers is None else providers[0][order],
        notes=(("reversals", int(is_reversal.sum())), ("lines mapped", read.mapped)),
    )


@dataclass(frozen=True, slots=True)
class ReadLines:
    """Rows of claim lines that were read and held against dates, cover and members, not yet matched.

    `days` and `amounts` hold an array (n_rows,) by column; `mapped` rows count under another line's name.
    """

    rows: Movements
    line_names: tuple[str, ...]
    days: dict[str, IntArray]
    amounts: dict[str, FloatArray]
    mapped: int


def read_lines(reader: TableReader, checks: ClaimChecks) -> ReadLines:
    """The rows before a reader, with every fault noted there that a row shows by itself."""
    days = {name: reader.days(name) for name in ("incurred", "paid", "reported")}
    check_dates(reader, days, checks.as_of)
    line_code, line_names, mapped = _lines(reader, checks)
    is_reversal = _is_reversal(reader)
    amounts = {
        name: _signed(reader, name, is_reversal) for name in ("amount", "allowed", "member_paid")
    }
    member_key = _keys(reader, "member_id")
    check_members(reader, checks, member_key, days["incurred"])
    rows = Movements(
        claim_key=_keys(reader, "claim_id"),
        member_key=member_key,
        line_code=line_code,
        incurred=days["incurred"],
        paid=days["paid"],
        amount=amounts["amount"],
        is_reversal=is_reversal,
    )
    return ReadLines(rows, line_names, days, amounts, mapped)


def _in_new_order(reverses: IntArray, order: IntArray) -> IntArray:
    """Row numbers after sorting: the old row `order[k]` stands at k."""
    place = np.empty(len(order) + 1, dtype=np.int64)
    place[order], place[-1] = np.arange(len(order)), -1
    moved: IntArray = place[reverses[order]]
    return moved


def _lines(reader: TableReader, checks: ClaimChecks) -> tuple[IntArray, tuple[str, ...], int]:
    """(n,) line codes, their names, and how many lines were mapped because their code is not known."""
    codes, names = reader.labels("line")
    if checks.lines is None:
        return codes, names, 0
    strange = np.array([name not in checks.lines for name in names] + [False])[codes]
    if checks.map_unknown is None:
        allowed = ", ".join(checks.lines)
        remedy = 'Name the line in the assumptions, or read with map_unknown="other".'
        reader.note_rows("line", strange, allowed, remedy, "unknown_line")
        return codes, names, 0
    final = [name if name in checks.lines else checks.map_unknown for name in names]
    kept = tuple(sorted(set(final)))
    recode = np.array([kept.index(name) for name in final] + [-1])
    return recode[codes], kept, int(strange.sum())


def _is_reversal(reader: TableReader) -> BoolArray:
    if "kind" not in reader:
        return np.zeros(reader.n_rows, dtype=np.bool_)
    codes, names = reader.labels("kind")
    is_reversal: BoolArray = np.array([name == "reversal" for name in names] + [False])[codes]
    return is_reversal


def _signed(reader: TableReader, name: str, is_reversal: BoolArray) -> FloatArray:
    """Payments at least nought, reversals at most."""
    values = reader.numbers(name)
    remedy = 'A payment taken back is a row of its own with kind "reversal".'
    negative = ~is_reversal & (values < 0)
    reader.note_rows(name, negative, "at least 0 in a payment", remedy, "negative_amount")
    positive = is_reversal & (values > 0)
    allowed = "at most 0 in a reversal"
    reader.note_rows(name, positive, allowed, "Write it with a minus.", "positive_reversal")
    return values


def _keys(reader: TableReader, name: str) -> UIntArray:
    """(n,) keys of the identifiers in a column; each distinct one is digested once."""
    encoded = pc.dictionary_encode(pc.fill_null(reader.text(name), ""))
    keys = member_keys(encoded.dictionary.to_pylist())
    of_rows: UIntArray = keys[encoded.indices.to_numpy(zero_copy_only=False)]
    return of_rows


def _note_repeats(reader: TableReader, is_reversal: BoolArray) -> None:
    """A second payment under one claim_id is refused, an exact copy of a row counted apart."""
    if "claim_id" not in reader:
        return
    encoded = pc.dictionary_encode(pc.fill_null(reader.text("claim_id"), ""))
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    copy = reader.copies(all_repeats(codes))
    fresh = ~is_reversal & ~copy
    again = np.zeros(reader.n_rows, dtype=np.bool_)
    again[fresh] = later_repeats(codes[fresh])
    blank = np.array([not text.strip() for text in encoded.dictionary.to_pylist()] + [True])
    reader.note_rows("claim_id", again & ~blank[codes], *SECOND_PAYMENT)
    reader.note_rows("row", copy, *EXACT_COPY)

"""One input table on its way in: every column checked, every fault kept, no value ever repeated.

A `TableReader` holds the columns of a file or frame. Each method reads one column as the registry describes
it and notes what is wrong; `raise_faults` then refuses the table with all faults at once. A fault names the
table, the column, the number of rows and the first five of them (data rows, counted from 1), so that the
owner finds the place and nobody else learns what stood there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mutualfund.errors import HIDDEN, Fault, InputError
from mutualfund.portfolio import cells
from mutualfund.portfolio.days import NOT_A_DAY
from mutualfund.portfolio.files import IN_A_SCENARIO
from mutualfund.schema import COLUMNS
from mutualfund.schema import column as registered
from mutualfund.types import BoolArray, FloatArray, IntArray, UIntArray

SHOWN_ROWS = 5
MAX_TEXT_BYTES = 256
HEADINGS_TO_BE_SURE = 2
_PLAIN_WORDS = re.compile(r"[^\W\d_](?:[^\W\d]|[ -]){0,39}|[a-z]{3}[a-z0-9_]{0,37}")
"""Words of letters, or a name as programs write them, such as icd10; no digits beside spaces or capitals."""


def rows_in_words(bad: BoolArray) -> str:
    """How many rows are wrong and where, never what stood there.

    >>> rows_in_words(np.array([False, True, True]))
    '(value not shown) in 2 rows (data rows 2, 3)'
    """
    rows = np.flatnonzero(bad) + 1
    return counted_rows(rows.size, rows[:SHOWN_ROWS].tolist())


def counted_rows(count: int, first: list[int]) -> str:
    """`count` rows of which `first` are the first, in words.

    >>> counted_rows(1, [7])
    '(value not shown) in 1 row (data row 7)'
    """
    s = "s" if count > 1 else ""
    shown = ", ".join(str(row) for row in first)
    more = ", ..." if count > len(first) else ""
    return f"{HIDDEN} in {count} row{s} (data row{s} {shown}{more})"


def heading_faults(table: str, names: list[str], source: str) -> list[Fault]:
    """Required columns that are missing and headings that the registry does not know.

    An unknown heading is repeated only beside headings that are known and where it is plain words: in a
    file without a heading row it is a member's data.
    """
    specs = COLUMNS[table]
    missing = [spec.name for spec in specs if spec.required and spec.name not in names]
    faults = [
        Fault(
            f"{source}: {name}", "no such column", f"a column {name}", "Add it.", "missing_column"
        )
        for name in missing
    ]
    known = [spec.name for spec in specs]
    is_heading_row = sum(name in known for name in names) >= HEADINGS_TO_BE_SURE
    for place, name in enumerate(names, start=1):
        if name not in known:
            close = get_close_matches(name, known, n=1, cutoff=0.7)
            hint = f"Did you mean {close[0]}? " if close else ""
            faults.append(
                Fault(
                    f"{source}: column {place}",
                    f"the heading {name!r}, which is not known"
                    if is_heading_row and _PLAIN_WORDS.fullmatch(name)
                    else "a heading that is not known",
                    ", ".join(known),
                    f"{hint}Rename the column or leave it out.",
                    "unknown_column",
                )
            )
    return faults


class TableReader:
    """The columns of one input table, read strictly.

    A required column that is missing is noted once, at birth; asked for, it gives harmless stand-ins, so that
    the other columns' faults are found in the same pass.

    Parameters
    ----------
    table
        The registry's name of the table: ``"members"``, ``"claims"`` or ``"cover"``.
    columns
        Arrow arrays of equal length by column name.
    source
        What the errors call it: a file's name or ``"frame"``.

    >>> reader = TableReader("members", {"member_id": pa.array(["007"])}, source="frame")
    >>> reader.text("member_id").to_pylist()
    ['007']
    """

    def __init__(
        self, table: str, columns: Mapping[str, pa.ChunkedArray | pa.Array], *, source: str
    ) -> None:
        self.table = table
        self.source = source
        self.before = self.n_rows = 0
        self._last_noted: dict[Fault, int] = {}
        self._noted: dict[Fault, tuple[int, list[int]] | None] = dict.fromkeys(
            heading_faults(table, list(columns), source)
        )
        self.turn(columns)

    def turn(self, columns: Mapping[str, pa.ChunkedArray | pa.Array]) -> None:
        """Go on with the next rows of the same table; what was noted stays, and rows count on."""
        self.before += self.n_rows
        self.columns = {name: cells.plain(values) for name, values in columns.items()}
        self.n_rows = len(next(iter(self.columns.values()))) if self.columns else 0
        self._check_lengths()

    @property
    def faults(self) -> list[Fault]:
        """Everything noted so far."""
        return [
            fault if rows is None else replace(fault, got=counted_rows(*rows))
            for fault, rows in self._noted.items()
        ]

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def _check_lengths(self) -> None:
        """A text longer than any identifier is refused before it is copied row by row.

        Raises
        ------
        InputError
            At once: reading on could take all memory.
        """
        for name, values in self.columns.items():
            if cells.is_text(values.type):
                long = cells.longer_than(values, MAX_TEXT_BYTES)
                allowed, remedy = f"at most {MAX_TEXT_BYTES} bytes", "Shorten the text."
                place = list(self.columns).index(name) + 1
                self.note_rows(f"column {place}", long, allowed, remedy, "too_long")
                if long.any():
                    self.raise_faults()

    def note(self, column: str, got: str, allowed: str, remedy: str, code: str) -> None:
        """Keep one fault of `column`; a column read twice is blamed once."""
        self._noted.setdefault(Fault(f"{self.source}: {column}", got, allowed, remedy, code))

    def note_rows(self, column: str, bad: BoolArray, allowed: str, remedy: str, code: str) -> None:
        """Keep one fault for the rows where `bad` (n_rows,) is true; where none is, no fault."""
        rows = np.flatnonzero(bad) + 1
        self.note_found(column, rows.size, rows[:SHOWN_ROWS].tolist(), allowed, remedy, code)

    def note_found(
        self, column: str, count: int, first: list[int], allowed: str, remedy: str, code: str
    ) -> None:
        """Keep one fault for `count` rows of this turn, of which `first` are the first, counted from 1."""
        if not count:
            return
        fault = Fault(f"{self.source}: {column}", HIDDEN, allowed, remedy, code)
        last = self._last_noted.get(fault)
        if last == self.before:  # a column read twice is blamed once
            return
        self._last_noted[fault] = self.before
        known, shown = self._noted.get(fault) or (0, [])
        shown = [*shown, *(row + self.before for row in first)][:SHOWN_ROWS]
        self._noted[fault] = (known + count, shown)

    def raise_faults(self) -> None:
        """Refuse the table with every fault found.

        Raises
        ------
        InputError
            Where there is at least one fault.
        """
        if self._noted:
            raise InputError(self.faults)

    def _note_type(self, name: str, remedy: str) -> None:
        spec = registered(self.table, name)
        self.note(name, "a column of another type", f"{spec.kind}: {spec.allowed}", remedy, "type")

    def _note_missing(self, name: str, missing: BoolArray) -> None:
        spec = registered(self.table, name)
        remedy = "Fill every row." if spec.required else "Fill every row or leave the column out."
        self.note_rows(name, missing, spec.allowed, remedy, "missing_value")

    def text(self, name: str) -> pa.Array:
        """An identifier column, (n_rows,) Arrow strings; missing and blank cells are refused."""
        if name not in self:
            return pa.array([""] * self.n_rows, pa.large_string())
        try:
            values = cells.as_identifiers(self.columns[name])
        except cells.WrongTypeError:
            remedy = (
                "Convert it to text or whole numbers where it is made: 007 read as a number is 7."
            )
            self._note_type(name, remedy)
            return pa.array([""] * self.n_rows, pa.large_string())
        blank = pc.equal(pc.utf8_trim_whitespace(pc.fill_null(values, "")), "")
        self._note_missing(name, cells.mask(blank))
        return values

    def labels(self, name: str) -> tuple[IntArray, tuple[str, ...]]:
        """A label column as (n_rows,) codes into its names in alphabetical order; -1 where empty."""
        if name not in self:
            return np.full(self.n_rows, -1), ()
        spec = registered(self.table, name)
        try:
            codes, names = cells.as_labels(self.columns[name])
        except cells.WrongTypeError:
            self._note_type(name, "Convert it to text.")
            return np.full(self.n_rows, -1), ()
        if spec.required:
            self._note_missing(name, codes < 0)
        if spec.choices:
            strange = [code for code, label in enumerate(names) if label not in spec.choices]
            self.note_rows(
                name, np.isin(codes, strange), spec.allowed, "Write it exactly so.", "unknown_label"
            )
        return codes, names

    def numbers(self, name: str) -> FloatArray:
        """A number column, (n_rows,) in the registered range; refused cells are noted."""
        if name not in self:
            return np.zeros(self.n_rows)
        spec = registered(self.table, name)
        try:
            read = cells.as_numbers(self.columns[name])
        except cells.WrongTypeError:
            self._note_type(name, "Convert it to numbers.")
            return np.zeros(self.n_rows)
        self._note_missing(name, read.missing)
        self._note_unreadable(name, read)
        low = -np.inf if spec.minimum is None else spec.minimum
        high = np.inf if spec.maximum is None else spec.maximum
        outside = ~((read.values >= low) & (read.values <= high)) & ~read.missing & ~read.unreadable
        self.note_rows(name, outside, spec.allowed, "Correct or remove these rows.", "range")
        return read.values

    def _note_unreadable(self, name: str, read: cells.Numbers) -> None:
        allowed = registered(self.table, name).allowed
        comma = f'Write a decimal point, or read the file with decimal="," ({IN_A_SCENARIO}).'
        self.note_rows(name, read.decimal_comma, allowed, comma, "decimal_comma")
        other = read.unreadable & ~read.decimal_comma
        whole = registered(self.table, name).kind == "integer"
        remedy = (
            "Write a whole number in digits." if whole else "Write digits with a decimal point."
        )
        self.note_rows(name, other, allowed, remedy, "not_a_number")

    def integers(self, name: str) -> IntArray:
        """A column of whole numbers, (n_rows,); 0 where a cell was refused."""
        values = self.numbers(name)
        with np.errstate(invalid="ignore"):
            broken = np.isfinite(values) & (values != np.floor(values))
        allowed = registered(self.table, name).allowed
        self.note_rows(name, broken, allowed, "Write a whole number.", "not_whole")
        return np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0).astype(np.int64)

    def days(self, name: str, *, filled: bool = False) -> IntArray:
        """A date column as (n_rows,) days since 1970-01-01; NOT_A_DAY where a cell was refused or empty.

        With `filled` an empty cell is refused even where the column is optional.
        """
        if name not in self:
            return np.full(self.n_rows, NOT_A_DAY)
        spec = registered(self.table, name)
        try:
            read = cells.as_days(self.columns[name])
        except cells.WrongTypeError:
            remedy = f"Convert it to dates; no format is guessed. {cells.PERIODS}"
            self._note_type(name, remedy)
            return np.full(self.n_rows, NOT_A_DAY)
        if spec.required or filled:
            self._note_missing(name, read.missing)
        remedy = "Write existing days as YYYY-MM-DD, without a time; no format is guessed."
        self.note_rows(name, read.unreadable, spec.allowed, remedy, "not_a_day")
        return read.values

    def flags(self, name: str) -> BoolArray:
        """A column of true or false, (n_rows,); empty counts as false."""
        try:
            values, unreadable = cells.as_flags(self.columns[name])
        except cells.WrongTypeError:
            self._note_type(name, "Convert it to booleans.")
            return np.zeros(self.n_rows, dtype=np.bool_)
        self.note_rows(name, unreadable, "true or false", "Write true or false.", "not_a_flag")
        return values

    def copies(self, among: BoolArray) -> BoolArray:
        """(n_rows,) which rows repeat an earlier row in every column, looking only `among` some rows."""
        rows = np.flatnonzero(among)
        whole = np.zeros(rows.size, dtype=np.int64)
        for values in self.columns.values():
            taken = values.take(pa.array(rows))
            if pa.types.is_dictionary(taken.type):
                taken = taken.dictionary_decode()
            codes = pc.dictionary_encode(taken, null_encoding="encode").indices
            pairs = whole * (rows.size + 1) + codes.to_numpy(zero_copy_only=False)
            whole = np.unique(pairs, return_inverse=True)[1].astype(np.int64)
        copy = np.zeros(self.n_rows, dtype=np.bool_)
        copy[rows] = later_repeats(whole)
        return copy


def later_repeats(values: IntArray | UIntArray) -> BoolArray:
    """(n,) true at every value that stood earlier in the array already.

    >>> later_repeats(np.array([4, 7, 4])).tolist()
    [False, False, True]
    """
    _, first = np.unique(values, return_index=True)
    repeat = np.ones(len(values), dtype=np.bool_)
    repeat[first] = False
    return repeat


def all_repeats(values: IntArray | UIntArray) -> BoolArray:
    """(n,) true at every value that stands in the array more than once.

    >>> all_repeats(np.array([4, 7, 4])).tolist()
    [True, False, True]
    """
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    repeated: BoolArray = counts[inverse] > 1
    return repeated

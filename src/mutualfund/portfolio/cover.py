"""When members were covered: spells from a first to a last day, both covered, each day counted once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mutualfund.errors import require_choice
from mutualfund.portfolio.days import NOT_A_DAY, day_number
from mutualfund.portfolio.keys import member_keys
from mutualfund.portfolio.table import TableReader
from mutualfund.types import BoolArray, IntArray, UIntArray, frozen

Overlap = Literal["refuse", "merge"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CoverSpells:
    """Spells of cover that do not overlap, sorted by member and first day; arrays (n_spells,).

    Parameters
    ----------
    member_key
        Key of the member covered.
    first_day, last_day
        Days since 1970-01-01, both covered.

    >>> import pyarrow as pa
    >>> from datetime import date
    >>> frame = pa.table(
    ...     {"member_id": ["007"], "cover_start": [date(2026, 1, 1)], "cover_end": [date(2026, 1, 31)]}
    ... )
    >>> CoverSpells.from_frame(frame).days_covered(date(2026, 1, 15), date(2026, 12, 31))
    17
    """

    member_key: UIntArray
    first_day: IntArray
    last_day: IntArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "member_key", frozen(self.member_key, np.uint64))
        object.__setattr__(self, "first_day", frozen(self.first_day, np.int64))
        object.__setattr__(self, "last_day", frozen(self.last_day, np.int64))

    @classmethod
    def from_frame(cls, frame: Any, *, overlap: Overlap = "refuse") -> CoverSpells:
        """The spells in a table with the columns of `schema.COVER`.

        Parameters
        ----------
        frame
            A pandas, polars or Arrow table, one row per spell.
        overlap
            ``"refuse"``, or ``"merge"`` to count a day that two spells of a member cover once.

        Raises
        ------
        InputError
            With every fault of the table, spells that end before they start among them.
        """
        from mutualfund.portfolio.frames import columns_of_frame

        return spells_from_columns(columns_of_frame(frame), source="frame", overlap=overlap)

    def __len__(self) -> int:
        return len(self.member_key)

    def __repr__(self) -> str:
        return f"CoverSpells: {len(self):,} spells of {len(np.unique(self.member_key)):,} members"

    def days_covered(self, first: date, last: date) -> int:
        """Member-days of cover from `first` to `last`, both counted; divided by 365.25, member-years."""
        start = np.maximum(self.first_day, day_number(first))
        end = np.minimum(self.last_day, day_number(last))
        return int(np.maximum(end - start + 1, 0).sum())

    def covers(self, member_key: UIntArray, day: IntArray) -> BoolArray:
        """(n,) whether each member was covered on the day given for it; both arguments (n,).

        Spells are sorted, so the last one that starts on or before the day decides.
        """
        _, members = np.unique(np.concatenate([self.member_key, member_key]), return_inverse=True)
        own, asked = members[: len(self)], members[len(self) :]
        span = np.int64(1) << 32  # more days than the calendar of any file
        place = np.searchsorted(own * span + self.first_day, asked * span + day, side="right") - 1
        if not len(self):
            return np.zeros(len(day), dtype=np.bool_)
        found: BoolArray = (place >= 0) & (own[place] == asked) & (day <= self.last_day[place])
        return found


def spells_from_columns(
    columns: Mapping[str, pa.Array | pa.ChunkedArray], *, source: str, overlap: Overlap
) -> CoverSpells:
    """The spells in Arrow columns named as in `schema.COVER`.

    Raises
    ------
    InputError
        With every fault of the table.
    """
    require_choice("overlap", overlap, get_args(Overlap))
    reader = TableReader("cover", columns, source=source)
    encoded = pc.dictionary_encode(pc.fill_null(reader.text("member_id"), ""))
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    first, last = reader.days("cover_start"), reader.days("cover_end")
    known = (first != NOT_A_DAY) & (last != NOT_A_DAY)
    reader.note_rows(
        "cover_end",
        known & (last < first),
        "not before cover_start",
        "Correct one of the two.",
        "end_before_start",
    )
    first, last = np.where(known, first, 0), np.where(known, last, 0)
    order = np.lexsort((last, first, codes))
    codes, first, last = codes[order], first[order], last[order]
    begins = _begins(codes, first, last)
    if overlap == "refuse":
        overlapping = np.zeros(reader.n_rows, dtype=np.bool_)
        overlapping[order[~begins]] = True
        remedy = 'Correct the spells, or read them with overlap="merge".'
        allowed = "spells of a member that do not overlap"
        reader.note_rows("cover_start", overlapping & known, allowed, remedy, "overlap")
    reader.raise_faults()
    keys = member_keys(encoded.dictionary.to_pylist())
    return _merged(keys[codes], first, last, begins)


def _running_last(codes: IntArray, last: IntArray) -> IntArray:
    """(n,) latest last day of this member's spells so far; rows sorted by member, then first day."""
    low, high = (int(last.min()), int(last.max())) if last.size else (0, 0)
    step = (
        high - low + 1
    )  # lifts each member above the one before, so one running maximum serves all
    running: IntArray = np.maximum.accumulate(last - low + codes * step) - codes * step + low
    return running


def _begins(codes: IntArray, first: IntArray, last: IntArray) -> BoolArray:
    """(n,) whether a spell starts after every earlier spell of its member has ended."""
    begins = np.ones(len(codes), dtype=np.bool_)
    reached = _running_last(codes, last)
    begins[1:] = (codes[1:] != codes[:-1]) | (first[1:] > reached[:-1])
    return begins


def _merged(keys: UIntArray, first: IntArray, last: IntArray, begins: BoolArray) -> CoverSpells:
    starts = np.flatnonzero(begins)
    ends = np.maximum.reduceat(last, starts) if starts.size else last
    order = np.lexsort((first[starts], keys[starts]))
    return CoverSpells(keys[starts][order], first[starts][order], ends[order])

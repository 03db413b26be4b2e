"""What may leave the house about small groups and single people.

`suppress_small_cells` makes a table of counts fit to be shown: counts of 1 to 10 persons become ``*``, the
others are rounded to 5, and every total that would let a reader work out a hidden count is hidden with it.
`pseudonym` replaces an identifier by a keyed digest. It is still personal data: who holds the key, or can
guess the person, can find the row again.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mutualfund.errors import Fault, InputError, one_number, require
from mutualfund.types import BoolArray, FloatArray, IntArray

HIDDEN_CELL = "*"
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class SafeCounts:
    """Counts fit to be shown; NaN stands for a hidden one, nought for nobody.

    `cells` is (n_rows, n_columns); `row_totals` (n_rows,), `column_totals` (n_columns,) and `total` are
    of true counts, rounded, and hidden wherever a hidden cell takes part.

    >>> safe = suppress_small_cells([[120, 44], [33, 61]])
    >>> safe.column_totals.tolist(), safe.total
    ([155.0, 105.0], 260.0)
    """

    cells: FloatArray
    row_totals: FloatArray
    column_totals: FloatArray
    total: float

    def text(self) -> tuple[tuple[str, ...], ...]:
        """The cells as they are printed.

        >>> suppress_small_cells([[3, 40, 17]]).text()
        (('*', '*', '15'),)
        """
        return tuple(
            tuple(HIDDEN_CELL if np.isnan(cell) else f"{cell:.0f}" for cell in row)
            for row in self.cells
        )


def suppress_small_cells(
    counts: npt.ArrayLike, *, smallest: int = 1, largest: int = 10, rounding: int = 5
) -> SafeCounts:
    """A table of counts of persons with small cells, and what would give them away, hidden.

    Counts from `smallest` to `largest` are hidden. So that the number of all persons, which is public, does
    not give a hidden count away by subtraction, more cells follow in the order of the table, until the
    hidden ones can be shared out in more than one way. A total is hidden when any cell in it is.
    Everything else is rounded half-up to a multiple of `rounding`.

    Parameters
    ----------
    counts
        (n_rows, n_columns) or (n_columns,) whole numbers of persons, at least 0.
    smallest, largest
        The counts that are hidden: 1 to 10 unless said otherwise; NHS England (2023) hides 1 to 7.
    rounding
        1 for none.

    Raises
    ------
    InputError
        Where a count is negative or a bound is out of range.

    >>> suppress_small_cells([[120, 4], [33, 61]]).row_totals.tolist()
    [nan, 95.0]
    >>> suppress_small_cells([[120, 44], [33, 61]]).row_totals.tolist()
    [165.0, 95.0]
    """
    table = np.atleast_2d(np.asarray(counts, dtype=np.int64))
    require("counts", table, minimum=0, maximum=2**53, unit="persons", show=False)
    one_number("largest", largest, minimum=1, maximum=2**53, unit="persons")
    one_number("smallest", smallest, minimum=1, maximum=largest, unit="persons")
    one_number("rounding", rounding, minimum=1, maximum=1000, unit="persons")
    hidden = _hidden(table, smallest, largest)

    return SafeCounts(
        cells=_shown(table, hidden, rounding),
        row_totals=_shown(table.sum(axis=1), hidden.any(axis=1), rounding),
        column_totals=_shown(table.sum(axis=0), hidden.any(axis=0), rounding),
        total=float(_shown(table.sum(), hidden.any(), rounding)),
    )


def _shown(counts: npt.ArrayLike, hide: npt.ArrayLike, rounding: int) -> FloatArray:
    rounded = (np.asarray(counts) + rounding // 2) // rounding * rounding
    return np.where(hide, np.nan, rounded)


def _hidden(table: IntArray, smallest: int, largest: int) -> BoolArray:
    """(n_rows, n_columns) which cells are hidden: the small ones, then others as needed.

    The others are taken in the order of the table: taken by size, they would tell their size.
    """
    hidden = (table >= smallest) & (table <= largest)
    if not hidden.any():
        return hidden
    for cell in np.flatnonzero(table > largest):
        if _ambiguous(table, hidden, smallest, largest):
            return hidden
        hidden.flat[cell] = True
    if _ambiguous(table, hidden, smallest, largest):
        return hidden
    return np.ones_like(hidden)  # too few persons in all: nothing can be shown


def _ambiguous(table: IntArray, hidden: BoolArray, smallest: int, largest: int) -> bool:
    """Whether the sum of the hidden counts, known from outside, leaves each of them open.

    Two counts that add up to twice the smallest or twice the largest small count are no secret. A sum that
    one person in each cell of the table would make is left to the case where nothing is shown.
    """
    together, each = int(table[hidden].sum()), int(hidden.sum())
    enough = together > max(largest, table.size * smallest)
    return each >= 2 and enough and together != each * largest


def pseudonym(identifier: str, key: bytes) -> str:
    """32 hexadecimal digits that stand for `identifier` under `key`: keyed BLAKE2b (RFC 7693).

    The same person has the same pseudonym under one key and unrelated ones under two.

    Parameters
    ----------
    identifier
        A member's identifier.
    key
        16 to 64 secret bytes; see `new_key`.

    Raises
    ------
    InputError
        Where the key is too short or too long.

    >>> key = bytes(range(32))
    >>> pseudonym("007", key) == pseudonym("007", key), pseudonym("007", key) == pseudonym("8", key)
    (True, False)
    """
    require("key", len(key), minimum=16, maximum=64, unit="bytes")
    return hashlib.blake2b(identifier.encode(), digest_size=16, key=key).hexdigest()


def new_key(path: Path, *, run_folder: Path) -> bytes:
    """A new secret key, written to `path`, which must be new and outside `run_folder`.

    Whoever gets the run folder must not get the key with it.

    >>> from tempfile import mkdtemp
    >>> folder = Path(mkdtemp())
    >>> len(new_key(folder / "secret.key", run_folder=folder / "run"))
    32

    Raises
    ------
    InputError
        Where the path is inside the run folder or the file exists.
    """
    target = path.resolve()
    if target.is_relative_to(run_folder.resolve()):
        allowed = "a file outside the run folder"
        raise InputError([Fault("key", "a file inside the run folder", allowed, code="key_place")])
    if target.exists():
        remedy = "Read the key there, or name another file."
        raise InputError([Fault("key", "a file that exists", "a new file", remedy, "key_exists")])
    key = secrets.token_bytes(KEY_BYTES)
    with target.open("xb") as stream:
        target.chmod(0o600)
        stream.write(key)
    return key

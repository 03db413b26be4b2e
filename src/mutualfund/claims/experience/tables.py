"""A small table of results: labels, persons, numbers; small cells hidden on request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mutualfund.errors import require_choice
from mutualfund.portfolio.privacy import suppress_small_cells
from mutualfund.types import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    import pandas as pd

PERSONS = ("claimants", "members_above")
"""Columns that count persons, beside `persons` itself."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ExperienceTable:
    """One row for each cell of `keys` that has exposure or claims.

    Parameters
    ----------
    name
        What the table shows.
    labels
        Label of each row by key, (n_rows,) texts each.
    persons
        Members with cover in the cell, (n_rows,); NaN where hidden.
    values
        Numbers by column, (n_rows,) each; NaN where there is none or it is hidden.
    place, shape
        Where each row stands among all combinations of labels, and how many labels each key has.
    hidden
        Rows whose numbers are hidden, (n_rows,).

    >>> from mutualfund.claims.experience import example_study
    >>> table = example_study().exposure(by="sex")
    >>> table.labels["sex"], table["member_months"].tolist()
    (('F', 'M'), [17.0, 18.5])
    >>> table
    exposure by sex: 2 rows
    """

    name: str
    labels: Mapping[str, tuple[str, ...]]
    persons: FloatArray
    values: Mapping[str, FloatArray]
    place: IntArray
    shape: tuple[int, ...]
    hidden: BoolArray

    def __len__(self) -> int:
        return len(self.persons)

    def __getitem__(self, column: str) -> FloatArray:
        """(n_rows,) the numbers of one column, or ``"persons"``.

        Raises
        ------
        InputError
            Where the table has no such column.
        """
        require_choice("column", column, ("persons", *self.values), code="no_such_column")
        return self.persons if column == "persons" else self.values[column]

    def __repr__(self) -> str:
        by = f" by {', '.join(self.labels)}" if self.labels else ""
        return f"{self.name}{by}: {len(self)} row{'' if len(self) == 1 else 's'}"

    def to_pandas(self) -> pd.DataFrame:
        """The table as a data frame, keys first.

        >>> from mutualfund.claims.experience import example_study
        >>> example_study().exposure(by="sex").to_pandas().columns.tolist()
        ['sex', 'persons', 'member_months']
        """
        import pandas as pd

        labels = {name: list(texts) for name, texts in self.labels.items()}
        return pd.DataFrame({**labels, "persons": self.persons, **self.values})

    def suppressed(
        self, *, smallest: int = 1, largest: int = 10, rounding: int = 5
    ) -> ExperienceTable:
        """This table with the cells of few persons hidden, and others that would give them away.

        The cells to hide are those of `portfolio.suppress_small_cells`, by the persons in them and by those
        behind the figures (`claimants`, `members_above`): one claimant among many members is one person's
        cost. Then more follow, in the order of the table, until no hidden count comes out of the others and
        the totals over any of the keys, so that a table by fewer keys can be published beside this one.
        Counts of persons are rounded; a hidden row keeps its labels.

        Raises
        ------
        InputError
            As `portfolio.suppress_small_cells`.

        >>> from mutualfund.claims.experience import example_study
        >>> example_study().exposure(by="sex").suppressed().hidden.tolist()
        [True, True]
        """
        size = int(np.prod(self.shape, dtype=np.int64))
        hidden, small, present = (np.zeros(size, dtype=np.bool_) for _ in range(3))
        present[self.place] = True
        for name in self._counts():
            counts = np.zeros(size, dtype=np.int64)
            counts[self.place] = np.nan_to_num(self[name]).astype(np.int64)
            by_last = counts.reshape(-1, self.shape[-1] if self.shape else 1)
            safe = suppress_small_cells(
                by_last, smallest=smallest, largest=largest, rounding=rounding
            )
            hidden |= np.isnan(safe.cells).ravel()
            small |= (counts >= smallest) & (counts <= largest)
        hide = _unlinked(present, hidden, small, self.shape)[self.place]

        def shown(name: str) -> FloatArray:
            values = self[name]
            if name in self._counts():
                values = np.floor((values + rounding // 2) / rounding) * rounding
            return np.where(hide, np.nan, values)

        return replace(
            self,
            persons=shown("persons"),
            values=_frozen({name: shown(name) for name in self.values}),
            hidden=hide,
        )

    def _counts(self) -> tuple[str, ...]:
        return ("persons", *(name for name in PERSONS if name in self.values))


def table_of(
    name: str,
    labels: Sequence[tuple[str, Sequence[str]]],
    seen: BoolArray,
    persons: npt.NDArray[np.generic],
    values: Mapping[str, FloatArray],
) -> ExperienceTable:
    """A table of the cells that were `seen`; arrays run over all combinations of the labels."""
    shape = tuple(len(texts) for _, texts in labels)
    place = np.flatnonzero(seen)
    codes = np.unravel_index(place, shape) if shape else ()
    texts = {
        key: tuple(names[code] for code in own)
        for (key, names), own in zip(labels, codes, strict=True)
    }
    return ExperienceTable(
        name=name,
        labels=MappingProxyType(texts),
        persons=np.asarray(persons, np.float64)[place],
        values=_frozen({key: np.asarray(value)[place] for key, value in values.items()}),
        place=place,
        shape=shape,
        hidden=np.zeros(len(place), dtype=np.bool_),
    )


def _frozen(values: Mapping[str, FloatArray]) -> Mapping[str, FloatArray]:
    for array in values.values():
        array.flags.writeable = False
    return MappingProxyType(dict(values))


def _unlinked(
    present: BoolArray, hidden: BoolArray, small: BoolArray, shape: tuple[int, ...]
) -> BoolArray:
    """(n_cells,) hidden cells, grown until no small count follows from shown cells and marginal totals.

    The totals over each key are equations in the hidden counts. A count is open where some solution of the
    equations without right side moves it, that is where its row in a basis of the null space is not zero.
    """
    hidden = hidden.copy()
    rest = [int(cell) for cell in np.flatnonzero(present & ~hidden)]
    while rest and _told(hidden, shape)[small].any():
        told = np.flatnonzero(_told(hidden, shape) & small)
        near = [cell for cell in rest if _in_line(cell, told, shape)] or rest
        hidden[near[0]] = True
        rest.remove(near[0])
    return hidden


def _in_line(cell: int, others: IntArray, shape: tuple[int, ...]) -> bool:
    """Whether `cell` shares all keys but one with one of `others`."""
    own = np.array(np.unravel_index(cell, shape))
    there = np.array(np.unravel_index(others, shape))
    return bool(((own[:, None] != there).sum(axis=0) == 1).any())


def _told(hidden: BoolArray, shape: tuple[int, ...]) -> BoolArray:
    """(n_cells,) hidden cells whose count follows from the totals over each single key."""
    from scipy import linalg

    cells = np.flatnonzero(hidden)
    told = np.zeros(hidden.size, dtype=np.bool_)
    if not cells.size:
        return told
    codes = np.array(np.unravel_index(cells, shape)).reshape(len(shape), -1)
    equations = []
    for axis in range(len(shape)):
        other = np.delete(codes, axis, axis=0)
        _, total = np.unique(other, axis=1, return_inverse=True)
        total = total.ravel() if other.size else np.zeros(cells.size, dtype=np.int64)
        equations.append(np.arange(total.max() + 1)[:, None] == total)
    system = np.concatenate(equations).astype(np.float64) if equations else np.ones((1, 1))
    open_ways = linalg.null_space(system)
    told[cells] = ~(np.abs(open_ways) > 1e-9).any(axis=1) if open_ways.size else True
    return told

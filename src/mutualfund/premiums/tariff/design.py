"""From a frame's columns to the numbers a model is fitted on, and the same for members it has not seen.

Everything a member's row may hold is checked here: a missing value, a value that has no logarithm, a label
the model has never met. Refusals name column and rows, never the value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from mutualfund.errors import Fault, InputError, require_kind
from mutualfund.portfolio.cells import WrongTypeError, as_numbers, plain
from mutualfund.portfolio.frames import columns_of_frame
from mutualfund.portfolio.table import rows_in_words
from mutualfund.premiums.tariff.formula import Factor, Formula, Term
from mutualfund.premiums.tariff.grammar import Expression
from mutualfund.types import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    import pyarrow as pa
    import tabmat

Rows = BoolArray | slice
ALL_ROWS: Rows = slice(None)
MOST_LEVELS = 1_000
FEW_LEVELS = 3  # as columns of zeros and ones they cross faster with the other terms than as codes
MOST_SHOWN = 50
"""Labels, each of several rows, up to which a column is taken to sort members rather than to name them."""


class Table:
    """Columns by name, read once when first asked for; only `rows` of them, which `keep` chooses."""

    def __init__(self, frame: Any, rows: Rows = ALL_ROWS) -> None:
        self._columns: Mapping[str, pa.Array | pa.ChunkedArray] = columns_of_frame(frame)
        self._numbers: dict[str, FloatArray] = {}
        self._labels: dict[Factor, tuple[IntArray, tuple[str, ...]]] = {}
        self.rows = rows

    def keep(self, rows: Rows) -> None:
        """Use these rows only."""
        self.rows = rows
        self._labels.clear()

    @property
    def n_rows(self) -> int:
        """Rows of the frame, before any are left out."""
        return len(next(iter(self._columns.values()))) if self._columns else 0

    def column(self, name: str) -> pa.Array:
        """A column in one piece.

        Raises
        ------
        InputError
            Where there is none of that name.
        """
        if name not in self._columns:
            known = ", ".join(sorted(self._columns)[:30])
            raise InputError(
                [Fault("formula", f"column {name}", f"a column: {known}", code="column")]
            )
        return plain(self._columns[name])

    def numbers(self, name: str) -> FloatArray:
        """(n,) a column of numbers, every row.

        Raises
        ------
        InputError
            Where the column is not one of numbers, or a value is missing.
        """
        if name not in self._numbers:
            self._numbers[name] = self._read(name)
        return self._numbers[name]

    def _read(self, name: str) -> FloatArray:
        import pyarrow as pa

        values = self.column(name)
        if pa.types.is_boolean(values.type):
            values = values.cast(pa.int8())
        try:
            read = as_numbers(values)
        except WrongTypeError:
            raise InputError([_labels_fault(name)]) from None
        if read.unreadable.any():
            raise InputError([_labels_fault(name)])
        self.require(name, ~read.missing, "a number in every row")
        return read.values

    def require(self, name: str, good: BoolArray, allowed: str) -> None:
        """Refuse rows in use that are not good; the numbers of the frame's own rows are named."""
        used = np.zeros(good.size, np.bool_)
        used[self.rows] = True
        if (used & ~good).any():
            remedy = "Mend the rows, or leave them out."
            raise InputError([Fault(name, rows_in_words(used & ~good), allowed, remedy, "value")])

    def values(self, expression: Expression, allowed: str = "a finite number") -> FloatArray:
        """(n_used,) values of an expression on the rows in use.

        Raises
        ------
        InputError
            Where it has no finite value.
        """
        columns = {name: self.numbers(name) for name in expression.names}
        found = np.broadcast_to(expression.of(columns), (self.n_rows,))
        self.require(expression.text, np.isfinite(found), allowed)
        return np.array(
            found[self.rows]
        )  # Arrow's own buffers are read-only, which glum cannot take

    def labels(self, factor: Factor) -> tuple[IntArray, tuple[str, ...]]:
        """(n_used,) codes of a factor's labels, and the labels that occur.

        Raises
        ------
        InputError
            Where a label is missing, or there are too many.
        """
        if factor not in self._labels:
            self._labels[factor] = self._coded(factor)
        return self._labels[factor]

    def _coded(self, factor: Factor) -> tuple[IntArray, tuple[str, ...]]:
        coded = [self._codes(name) for name in factor.names]
        codes, labels = coded[0]
        for others, names in coded[1:]:
            crossed = codes * len(names) + others
            present, codes = np.unique(crossed, return_inverse=True)
            labels = tuple(
                f"{labels[pair // len(names)]}:{names[pair % len(names)]}" for pair in present
            )
        if len(labels) > MOST_LEVELS:
            allowed = f"at most {MOST_LEVELS:,} different labels"
            remedy = "Group them, or use the column as a number."
            raise InputError([Fault(factor.name, f"{len(labels):,}", allowed, remedy, "levels")])
        return codes, labels

    def _codes(self, name: str) -> tuple[IntArray, tuple[str, ...]]:
        import pyarrow as pa
        import pyarrow.compute as pc

        values = self.column(name)
        self.require(name, np.asarray(values.is_valid()), "a label in every row")
        encoded = values if pa.types.is_dictionary(values.type) else pc.dictionary_encode(values)
        texts = encoded.dictionary.cast(pa.large_string()).to_pylist()
        codes = pc.fill_null(encoded.indices, 0).to_numpy(zero_copy_only=False)[self.rows]
        seen = np.bincount(codes, minlength=len(texts)) > 0
        order = sorted(np.flatnonzero(seen), key=lambda code: _natural(texts[code]))
        place = np.zeros(len(texts), np.int64)
        place[order] = np.arange(len(order))
        return place[codes], tuple(texts[code] for code in order)


def _labels_fault(name: str) -> Fault:
    remedy = f"Write factor({name}) for a column of labels."
    return Fault(name, "text that is no number", "numbers", remedy, "type")


def _natural(label: str) -> list[tuple[int, float, str]]:
    """Sorts 5-9 before 10-14, as people do."""
    parts = re.findall(r"\d+|\D+", label)
    return [(0, float(part), "") if part.isdecimal() else (1, 0.0, part) for part in parts]


@dataclass(frozen=True, slots=True)
class Levels:
    """The labels of a factor, the base first: all others are compared with it.

    weight: (n_levels,) exposure of each label in the data the model was fitted on. are_groups: at most 50
    labels, each of several rows; others may name members, and no refusal shows them.
    """

    factor: Factor
    labels: tuple[str, ...]
    weight: tuple[float, ...]
    are_groups: bool

    def codes(self, table: Table) -> IntArray:
        """(n_used,) place of each row's label, 0 for the base.

        Raises
        ------
        InputError
            For rows whose label the model has never met.
        """
        codes, found = table.labels(self.factor)
        place = {label: code for code, label in enumerate(self.labels)}
        known = np.array([place.get(label, -1) for label in found], np.int64)[codes]
        if (known < 0).any():
            shown = _shown(self.labels, are_groups=self.are_groups)
            remedy = "Map the new label to one of these, or fit the model again with it."
            fault = Fault(
                self.factor.name,
                rows_in_words(known < 0),
                shown,
                remedy,
                "unknown_level",
            )
            raise InputError([fault])
        return known


def levels_by_exposure(
    table: Table, factor: Factor, weights: FloatArray, base: str | None
) -> Levels:
    """The labels of a factor, with the one of most exposure as base unless another is named."""
    codes, labels = table.labels(factor)
    weight = np.bincount(codes, weights=weights, minlength=len(labels))
    rows = np.bincount(codes, minlength=len(labels))
    are_groups = len(labels) <= MOST_SHOWN and int(rows.min()) > 1
    if base is not None and base not in labels:
        allowed = _shown(labels, are_groups=are_groups)
        raise InputError([Fault(f"base.{factor.name}", repr(base), allowed, code="base")])
    first = int(weight.argmax()) if base is None else labels.index(base)
    order = [first, *(code for code in range(len(labels)) if code != first)]
    return Levels(
        factor,
        tuple(labels[code] for code in order),
        tuple(float(weight[code]) for code in order),
        are_groups,
    )


def _shown(labels: Sequence[str], *, are_groups: bool) -> str:
    """The labels that are allowed: in words where they may be members."""
    return (
        f"one of {', '.join(labels)}" if are_groups else f"one of the {len(labels)} labels it knows"
    )


@dataclass(frozen=True, slots=True)
class Design:
    """The terms of a fitted model: what each coefficient stands for."""

    formula: Formula
    levels: tuple[Levels, ...]  # one for each factor, in the order of the terms

    @classmethod
    def of(
        cls, formula: Formula, table: Table, weights: FloatArray, base: Mapping[str, str]
    ) -> Design:
        """The design of a formula on a table. base: label by factor, where the choice is not by exposure.

        Raises
        ------
        InputError
            For a base of a factor that is not in the formula, or a label that does not occur.
        """
        factors = [term for term in formula.terms if isinstance(term, Factor)]
        known = [factor.name for factor in factors]
        require_base(base)
        for name in base:
            if name not in known:
                allowed = f"a factor of the formula: {', '.join(known) or 'it has none'}"
                raise InputError([Fault("base", name, allowed, code="base")])
        found = [
            levels_by_exposure(table, factor, weights, base.get(factor.name)) for factor in factors
        ]
        return cls(formula, tuple(found))

    @property
    def names(self) -> tuple[str, ...]:
        """What each coefficient stands for: ``intercept``, a term's text, or ``sex[M]``."""
        names = ["intercept"] if self.formula.intercept else []
        for term, levels in self.blocks():
            if isinstance(term, Expression):
                names.append(term.text)
            elif levels is not None:
                names += [f"{term.name}[{label}]" for label in levels.labels[1:]]
        return tuple(names)

    @property
    def terms_of_coefficients(self) -> tuple[str, ...]:
        """The term that each coefficient belongs to, its label left out."""
        names = ["intercept"] if self.formula.intercept else []
        for term, levels in self.blocks():
            if isinstance(term, Expression):
                names.append(term.text)
            elif levels is not None:
                names += [f"factor({term.name})"] * (len(levels.labels) - 1)
        return tuple(names)

    def blocks(self) -> Sequence[tuple[Term, Levels | None]]:
        """Each term with its labels, None where it is a number."""
        left = iter(self.levels)
        return [
            (term, next(left) if isinstance(term, Factor) else None) for term in self.formula.terms
        ]

    def matrix(self, table: Table) -> tabmat.MatrixBase:
        """(n_used, n_coefficients less the intercept) numbers of the rows in use."""
        import tabmat

        found = [piece for term, levels in self.blocks() for piece in _pieces(term, levels, table)]
        parts: list[Any] = []
        for are_columns, run in groupby(found, lambda piece: isinstance(piece, np.ndarray)):
            side_by_side = list(run)
            if are_columns:
                parts.append(tabmat.DenseMatrix(np.column_stack(side_by_side)))
            else:
                parts += side_by_side
        if not parts:
            n = int(np.arange(table.n_rows)[table.rows].size)
            return tabmat.DenseMatrix(np.empty((n, 0)))
        return parts[0] if len(parts) == 1 else tabmat.SplitMatrix(parts)


def _pieces(term: Term, levels: Levels | None, table: Table) -> list[Any]:
    """What a term brings: columns (n_used,), or codes that stand for many of zeros and ones."""
    import pandas as pd
    import tabmat

    if isinstance(term, Expression) or levels is None:
        return [table.values(cast("Expression", term))]
    codes, n = levels.codes(table), len(levels.labels)  # strangers are refused beside one label too
    if n <= FEW_LEVELS:
        return [(codes == level).astype(np.float64) for level in range(1, n)]
    # Bare codes would be looked through one by one in Python.
    coded = pd.Categorical.from_codes(codes, categories=pd.RangeIndex(n))
    return [tabmat.CategoricalMatrix(coded, drop_first=True)]


def require_base(base: object) -> None:
    """Refuse what is no table of base labels."""
    remedy = "Leave it out where the base labels go by exposure."
    require_kind("base", base, Mapping, "a mapping from factor to its base label", remedy)

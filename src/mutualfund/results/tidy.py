"""A run as tidy rows: one row per path, year and measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from mutualfund.types import FloatArray

if TYPE_CHECKING:
    from mutualfund.results.run import FundRun


def rows(run: FundRun) -> pa.Table:
    """Columns path (from 0), year (from 1), measure, value; ordered by path, year and measure.

    Zero is zero; only a ratio without a base is not a number.
    """
    names = tuple(run.ledger)
    values = np.stack([run.ledger[name] for name in names], axis=2)
    path, year, measure = _coordinates(values.shape)
    return pa.table(
        {
            "path": path.astype(np.int32),
            "year": (year + 1).astype(np.int16),
            "measure": _words(measure, names),
            "value": values.ravel(),
        }
    )


def line_rows(run: FundRun) -> pa.Table:
    """Columns path, year, line, measure, value; ordered by path, year, line and measure."""
    names = tuple(run.lines)
    values = _stacked([run.lines[name] for name in names], run)
    path, year, line, measure = _coordinates(values.shape)
    return pa.table(
        {
            "path": path.astype(np.int32),
            "year": (year + 1).astype(np.int16),
            "line": _words(line, run.facts.line_names),
            "measure": _words(measure, names),
            "value": values.ravel(),
        }
    )


def _stacked(arrays: list[FloatArray], run: FundRun) -> FloatArray:
    if not arrays:
        return np.zeros((run.n_paths, run.n_years, len(run.facts.line_names), 0))
    return np.stack(arrays, axis=3)


def _coordinates(shape: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    return tuple(axis.ravel() for axis in np.indices(shape, dtype=np.int32))


def _words(codes: np.ndarray, names: tuple[str, ...]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(names, pa.string()))

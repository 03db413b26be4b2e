"""A run as tidy rows: one row per path, year and measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from mutualfund.results.marginals import Labels, Side

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


def marginal_rows(run: FundRun, by: Side) -> pa.Table:
    """Columns path, year, the side's name, measure, value; ordered by path, year, label and measure."""
    marginal = run.marginal(by)
    names = tuple(marginal.measures)
    values = np.stack([marginal.measures[name] for name in names], axis=3)
    path, year, label, measure = _coordinates(values.shape)
    return pa.table(
        {
            "path": path.astype(np.int32),
            "year": (year + 1).astype(np.int16),
            by: _labels(label, marginal.labels),
            "measure": _words(measure, names),
            "value": values.ravel(),
        }
    )


def _coordinates(shape: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    return tuple(axis.ravel() for axis in np.indices(shape, dtype=np.int32))


def _labels(codes: np.ndarray, labels: Labels) -> pa.Array:
    """Names as categories, numbers as numbers."""
    if all(isinstance(label, int) for label in labels):
        return pa.array(np.array(labels, np.int16)[codes])
    return _words(codes, labels)


def _words(codes: np.ndarray, names: Labels) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(names, pa.string()))

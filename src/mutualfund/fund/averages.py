"""Means of a pilot run: over paths, over quantiles, over lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mutualfund.types import FloatArray

Array = npt.NDArray[Any]


def joined(blocks: Sequence[Sequence[Array]]) -> list[Array]:
    """The rows of all blocks, in path order; each block is a tuple of arrays with the paths first."""
    return [np.concatenate(column) for column in zip(*blocks, strict=True)]


def weighted_mean(values: Sequence[float], weights: FloatArray) -> float:
    """Weighted mean; 0 where nothing has a weight.

    >>> weighted_mean([0.5, 0.25], np.array([3.0, 1.0]))
    0.4375
    """
    total = float(sum(weights))
    if total == 0.0:
        return 0.0
    return sum(value * float(weight) for value, weight in zip(values, weights, strict=True)) / total

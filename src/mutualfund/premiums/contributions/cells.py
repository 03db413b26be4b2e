"""Tariff cells by age and plan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mutualfund.schema import MAX_AGE
from mutualfund.types import IntArray


def one_cell(plan_names: Sequence[str]) -> IntArray:
    """(121, n_plans + 1) zeros: everybody in one cell."""
    return np.zeros((MAX_AGE + 1, len(plan_names) + 1), dtype=np.int64)


def by_age(cells: IntArray, plan_names: Sequence[str]) -> IntArray:
    """(121, n_plans + 1) the cells of the ages, (121,), whatever the plan."""
    return np.repeat(cells[:, None], len(plan_names) + 1, axis=1)

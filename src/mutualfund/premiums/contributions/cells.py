"""Tariff cells by age and plan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mutualfund.errors import listed
from mutualfund.schema import MAX_AGE
from mutualfund.types import IntArray


def plans(plan_names: Sequence[str]) -> tuple[str, ...]:
    """The names of a portfolio's plans.

    Raises
    ------
    InputError
        Where they are no list of names.
    """
    return listed("plan_names", plan_names, "names of plans", of=str)


def one_cell(plan_names: Sequence[str]) -> IntArray:
    """(121, n_plans + 1) zeros: everybody in one cell."""
    return np.zeros((MAX_AGE + 1, len(plans(plan_names)) + 1), dtype=np.int64)


def by_age(cells: IntArray, plan_names: Sequence[str]) -> IntArray:
    """(121, n_plans + 1) the cells of the ages, (121,), whatever the plan."""
    return np.repeat(cells[:, None], len(plans(plan_names)) + 1, axis=1)

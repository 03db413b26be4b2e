"""What the Solvency II formulas are given: numbers of any shape, none of them below zero."""

from __future__ import annotations

import numpy.typing as npt

from mutualfund.errors import numbers, require
from mutualfund.types import FloatArray

MOST = 1e15
"""Fund currency: the largest amount that a formula takes."""


def checked(field: str, values: npt.ArrayLike, maximum: float, unit: str) -> FloatArray:
    """The values as an array, of the same shape.

    Raises
    ------
    InputError
        For a value below zero or above `maximum`, naming its place.

    >>> checked("cat", 2, MOST, "fund currency").tolist()
    2.0
    """
    found = numbers(field, values)
    require(field, found, minimum=0.0, maximum=maximum, unit=unit)
    return found

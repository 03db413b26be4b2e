"""Columns that belong together: one number per row, and exposure above zero."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mutualfund.errors import HIDDEN, Fault, InputError, require
from mutualfund.types import FloatArray

LARGEST = 1e300


def number_each(field: str, values: npt.ArrayLike, n: int) -> FloatArray:
    """(n,) finite numbers; one number stands for all rows.

    Raises
    ------
    InputError
        For another number of rows, or a value that is none.

    >>> number_each("weight", 2.0, 3).tolist()
    [2.0, 2.0, 2.0]
    """
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim and numbers.shape != (n,):
        got = f"an array of shape {numbers.shape}"
        raise InputError([Fault(field, got, f"{n} numbers, one per row", code="length")])
    require(field, numbers, minimum=-LARGEST, maximum=LARGEST, unit="number", show=False)
    return np.broadcast_to(numbers, (n,))


def exposed(field: str, values: npt.ArrayLike, n: int) -> FloatArray:
    """(n,) exposure, each above zero.

    Raises
    ------
    InputError
        As `number_each`, and for a row without exposure.
    """
    weight = number_each(field, values, n)
    empty = np.flatnonzero(~(weight > 0.0))
    if empty.size:
        place, remedy = f"{field}[{empty[0]}]", "Leave out rows without exposure."
        raise InputError([Fault(place, HIDDEN, "more than 0", remedy, "zero_exposure")])
    return weight

"""Array types by content, and what a day may be written as. Shapes stand beside each use."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
SmallIntArray = npt.NDArray[np.int16]
UIntArray = npt.NDArray[np.uint64]
BoolArray = npt.NDArray[np.bool_]
Day = date | str | np.datetime64


def frozen(array: npt.ArrayLike, dtype: npt.DTypeLike = np.float64) -> npt.NDArray[np.generic]:
    """A read-only copy of `array`: the caller's own array stays theirs.

    >>> frozen([1, 2]).flags.writeable
    False
    """
    copy = np.array(array, dtype=dtype, order="C", copy=True)
    copy.flags.writeable = False
    return copy

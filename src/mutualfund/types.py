"""Array types by content, and what a day may be written as. Shapes stand beside each use."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar, overload

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
SmallIntArray = npt.NDArray[np.int16]
UIntArray = npt.NDArray[np.uint64]
BoolArray = npt.NDArray[np.bool_]
Day = date | str | np.datetime64


Scalar = TypeVar("Scalar", bound=np.generic)


@overload
def frozen(array: npt.ArrayLike) -> FloatArray: ...
@overload
def frozen(array: npt.ArrayLike, dtype: type[Scalar]) -> npt.NDArray[Scalar]: ...
@overload
def frozen(array: npt.ArrayLike, dtype: npt.DTypeLike) -> npt.NDArray[Any]: ...
def frozen(array: npt.ArrayLike, dtype: npt.DTypeLike = np.float64) -> npt.NDArray[Any]:
    """A read-only copy of `array`, of floats unless said otherwise: the caller's own array stays theirs.

    >>> frozen([1, 2]).flags.writeable
    False
    """
    copy = np.array(array, dtype=dtype, order="C", copy=True)
    copy.flags.writeable = False
    return copy

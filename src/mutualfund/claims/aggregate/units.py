"""The largest step of which all given amounts are multiples."""

from __future__ import annotations

import numpy as np

from mutualfund.types import FloatArray

_DECIMALS = 6
_PARTS = 12
_MOST = 2.0**52


def common_unit(values: FloatArray) -> float:
    """The unit of positive `values`; zero where there is none that a lattice could use.

    >>> common_unit(np.array([5.0, 7.5]))
    2.5
    >>> common_unit(np.array([1.0, 2.0 ** 0.5]))
    0.0
    """
    for decimals in range(_DECIMALS + 1):
        whole = values * 10.0**decimals
        if _are_whole(whole):
            unit = np.gcd.reduce(np.rint(whole).astype(np.int64))
            return float(unit) / 10.0**decimals
    smallest = float(np.min(values))
    for parts in range(1, _PARTS + 1):
        if _are_whole(values * parts / smallest):
            return smallest / parts
    return 0.0


def _are_whole(values: FloatArray) -> bool:
    near = np.rint(values)
    if float(np.max(near)) >= _MOST:  # so large that every number is whole
        return False
    return bool(np.all(np.abs(values - near) <= 1e-9 * np.maximum(1.0, near)) and np.all(near > 0))

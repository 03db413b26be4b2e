"""Days and months as whole numbers: days since 1970-01-01, months since January 1970."""

from __future__ import annotations

from datetime import date

import numpy as np

from mutualfund.types import IntArray

EPOCH = date(1970, 1, 1)
_EPOCH = EPOCH.toordinal()
NOT_A_DAY = int(np.iinfo(np.int64).min)
"""Stands in a column of days where no day was given, or none that could be read."""


def day_number(day: date) -> int:
    """Days since 1970-01-01.

    >>> day_number(date(1970, 2, 1))
    31
    """
    return day.toordinal() - _EPOCH


def month_number(day: date) -> int:
    """Months since January 1970.

    >>> month_number(date(1971, 2, 28))
    13
    """
    return (day.year - EPOCH.year) * 12 + day.month - 1


def month_numbers(days: IntArray) -> IntArray:
    """Months since January 1970 of days since 1970-01-01, of any shape.

    >>> month_numbers(np.array([0, 30, 31])).tolist()
    [0, 0, 1]
    """
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)

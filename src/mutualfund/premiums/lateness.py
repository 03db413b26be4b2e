"""Money that comes late, by fund year: what falls due in the months of a year arrives months afterwards."""

from __future__ import annotations

import numpy as np

from mutualfund.types import FloatArray

MONTHS = 12
LONGEST_DELAY = 60  # months
YEARS_LATE = LONGEST_DELAY // MONTHS + 1  # the year itself and those after it


def arrives_by_year(delay_months: int) -> FloatArray:
    """(6,) share of what falls due in the months of a year that arrives in that year and each later one.

    Every month's amount arrives `delay_months` months later, 0 to 60.

    >>> arrives_by_year(9).tolist()
    [0.25, 0.75, 0.0, 0.0, 0.0, 0.0]
    """
    years = (np.arange(MONTHS) + delay_months) // MONTHS
    return np.bincount(years, minlength=YEARS_LATE) / MONTHS


def arrears_by_year(delay_months: int) -> FloatArray:
    """(6,) share of what fell due in the months before the first day that arrives in each year from it on.

    >>> arrears_by_year(18).round(6).tolist()
    [0.666667, 0.333333, 0.0, 0.0, 0.0, 0.0]
    """
    years = np.arange(max(delay_months, 1)) // MONTHS
    return np.bincount(years, minlength=YEARS_LATE) / max(delay_months, 1)

"""How far proportional dues must rise for a total, where each stops at a floor and at a ceiling."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mutualfund.types import FloatArray


class BetweenBounds(NamedTuple):
    """Dues that are proportional to a factor as long as they lie between a floor and a ceiling.

    What they bring in grows with the factor along straight lines that bend where somebody leaves the floor
    or meets the ceiling, so the factor for a total is read off exactly between two bends.

    >>> dues = BetweenBounds(np.array([0.0, 10.0, 40.0]), 5.0, 50.0, np.ones(3))
    >>> dues.at(2.0).tolist(), dues.factor_for(80.0)
    ([5.0, 20.0, 50.0], 2.5)
    """

    proportional: FloatArray  # (n_members,) dues at a factor of 1 without bounds
    floor: float
    ceiling: float  # infinite where there is none
    times: FloatArray  # (n_members,) how many times each owes them

    def at(self, factor: float) -> FloatArray:
        """(n_members,) what each owes at a factor."""
        return np.clip(self.proportional * factor, self.floor, self.ceiling) * self.times

    def factor_for(self, total: float) -> float:
        """The factor at which they bring in a total, which must lie within reach."""
        rising = self.proportional > 0.0
        proportional, times = self.proportional[rising], self.times[rising]
        leaves, meets = self.floor / proportional, self.ceiling / proportional
        bends = np.unique(np.concatenate([[0.0], leaves, meets[np.isfinite(meets)]]))
        begin, end = 0, bends.size  # bends[begin] brings in no more than the total, bends[end] more
        while end - begin > 1:
            middle = (begin + end) // 2
            enough = float(self.at(bends[middle]).sum()) > total
            begin, end = (begin, middle) if enough else (middle, end)
        start = float(bends[begin])
        moving = (leaves <= start) & (start < meets)
        slope = float((proportional * times)[moving].sum())
        missing = total - float(self.at(start).sum())
        return start + missing / slope if slope > 0.0 else start

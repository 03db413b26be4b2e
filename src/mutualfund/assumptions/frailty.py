"""A yearly frailty: what makes a member's year good or bad on several lines at once."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field, Strict

from mutualfund.assumptions.model import Input
from mutualfund.types import FloatArray


class Frailty(Input):
    """A gamma effect of mean 1 on a member's claim rates, fresh each member and year, shared by lines.

    It comes on top of each line's own dispersion, which stays conditional on it (definitions 8 and 9).

    >>> Frailty(cv=0.5, lines=("visits", "drugs")).concerns("dental")
    False
    """

    cv: Annotated[float, Strict(), Field(allow_inf_nan=False, gt=0.0, le=2.0)] = Field(
        description="coefficient of variation of the yearly effect"
    )
    lines: Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(
        default=None, description="lines that share it; default: all"
    )

    def concerns(self, line: str) -> bool:
        """Whether the line shares the frailty."""
        return self.lines is None or line in self.lines


def frailty_levels(cv: float, n: int = 16) -> FloatArray:
    """Equally likely levels of a gamma frailty with mean 1, (n,), ascending.

    Each level is the gamma's mean over its share, and all are then spread about 1 until their coefficient
    of variation is `cv` again, which the averaging had lowered.
    """
    from scipy.special import gammainc, gammaincinv

    shape = cv**-2
    edges = gammaincinv(shape, np.arange(n + 1) / n)  # of a gamma with scale 1
    edges[-1] = np.inf
    means = np.diff(gammainc(shape + 1.0, edges)) * n  # partial means over the mean
    spread = cv / np.std(means)
    levels: FloatArray = np.maximum(1.0 + (means - 1.0) * spread, 0.0)
    levels /= levels.mean()
    return levels

"""Supplementary calls: what members are asked for after a bad year."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from mutualfund.assumptions.model import Input, Ratio, Share
from mutualfund.errors import numbers
from mutualfund.rules.view import YearView
from mutualfund.types import FloatArray


class Calls(Input):
    """A call where the booked reserve has fallen below the floor, pro rata to own dues.

    Enough is levied to fill the shortfall after non-payment, but never more than `maximum` of the
    year's dues.

    >>> Calls(maximum=0.2, collection_rate=0.9).maximum
    0.2
    """

    maximum: Ratio = Field(
        default=0.0, description="greatest call, share of annual contributions, before non-payment"
    )
    collection_rate: Share = Field(default=1.0, gt=0.0, description="share of a call that is paid")

    def levy(self, view: YearView) -> FloatArray:
        """(n_paths,) amount levied."""
        shortfall = np.maximum(0.0, view.floor - view.reserve) / self.collection_rate
        return np.minimum(self.maximum * view.contributions_due, shortfall)

    def collected(self, levied: FloatArray) -> FloatArray:
        """(n_paths,) amount that comes in."""
        return self.collection_rate * numbers("levied", levied)

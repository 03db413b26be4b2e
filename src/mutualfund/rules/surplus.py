"""The waterfall: what happens to a good year above the target."""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
from pydantic import Field, model_validator

from mutualfund.assumptions.model import Input, Share
from mutualfund.errors import Fault, InputError
from mutualfund.rules.view import YearView
from mutualfund.types import FloatArray

_ROUNDING = 1e-12


class Distribution(NamedTuple):
    """Parts of a year's surplus, each (n_paths,), fund currency."""

    allocations: FloatArray
    refunds: FloatArray
    statutory: FloatArray


class Surplus(Input):
    """Shares of one base: the year's result, as far as the reserve stands above its target.

    The statutory part stays inside the reserve, ring-fenced; the prevention part leaves as an
    allocation; the refund is cash to the members in proportion to their contributions; the rest
    stays.

    >>> Surplus(statutory_reserve=0.1, refund=0.5).refund
    0.5
    """

    statutory_reserve: Share = Field(
        default=0.0, description="share kept inside the reserve, ring-fenced"
    )
    prevention_fund: Share = Field(default=0.0, description="share that leaves for prevention")
    refund: Share = Field(default=0.0, description="share refunded in proportion to contributions")

    @model_validator(mode="after")
    def _at_most_all(self) -> Self:
        total = self.statutory_reserve + self.prevention_fund + self.refund
        if total > 1.0 + _ROUNDING:
            allowed = "statutory_reserve + prevention_fund + refund of at most 1"
            raise InputError([Fault("", f"a sum of {total:g}", allowed, code="sum")])
        return self

    def base(self, view: YearView) -> FloatArray:
        """(n_paths,) amount to be shared out: max(0, min(result, reserve - target))."""
        return np.maximum(0.0, np.minimum(view.result, view.reserve - view.target))

    def distribute(self, view: YearView) -> Distribution:
        """The parts of this year's base."""
        base = self.base(view)
        return Distribution(
            allocations=self.prevention_fund * base,
            refunds=self.refund * base,
            statutory=self.statutory_reserve * base,
        )

"""The questions that a law answers, for a value which has one: severities and totals of a year share them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mutualfund.errors import require
from mutualfund.types import FloatArray

if TYPE_CHECKING:
    from mutualfund.claims.laws import Law

_BELOW_ONE = float(np.nextafter(1.0, 0.0))


class LawQuestions:
    """What may be asked of an amount X whose `law` knows the answers.

    Every method takes numbers or arrays of any shape and keeps the shape.
    """

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def law(self) -> Law: ...
        def quantile(self, p: npt.ArrayLike) -> FloatArray: ...

    @property
    def mean(self) -> float:
        """E[X]."""
        return self.law.mean

    @property
    def variance(self) -> float:
        """Var[X]; infinite where it does not exist."""
        return self.law.variance

    @property
    def sd(self) -> float:
        """Standard deviation; infinite where it does not exist."""
        return math.sqrt(max(self.variance, 0.0))

    def sf(self, x: npt.ArrayLike) -> FloatArray:
        """P(X > x), with its own digits in the far tail."""
        return self.law.sf(x)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        """P(X <= x)."""
        return self.law.cdf(x)

    def limited_mean(self, d: npt.ArrayLike) -> FloatArray:
        """E[min(X, d)]: what whoever bears amounts up to `d` expects to bear."""
        return self.law.limited_mean(d)

    def second_limited_moment(self, d: npt.ArrayLike) -> FloatArray:
        """E[min(X, d)^2]."""
        return self.law.second_limited_moment(d)

    def stop_loss(self, d: npt.ArrayLike) -> FloatArray:
        """E[max(X - d, 0)]: what a cover above `d` expects to pay."""
        return self.law.stop_loss(d)

    def var(self, p: npt.ArrayLike) -> FloatArray:
        """Value at risk: the smallest amount not exceeded with probability at least p."""
        return self.quantile(p)

    def tvar(self, p: npt.ArrayLike) -> FloatArray:
        """Mean of the worst 1 - p of outcomes, the atom at the quantile split; p in [0, 1).

        C. Acerbi and D. Tasche, "On the coherence of expected shortfall", *Journal of Banking and Finance*
        26 (2002), definition 2.6.
        """
        unit, remedy = "probability below 1", "For 99 % write 0.99."
        require("tvar.p", p, minimum=0.0, maximum=_BELOW_ONE, unit=unit, remedy=remedy)
        threshold = self.quantile(p)
        return threshold + self.law.stop_loss(threshold) / (1.0 - np.asarray(p, dtype=np.float64))

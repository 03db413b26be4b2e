"""What the fund pays of a line, said in a way that has a closed form."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import numpy as np

from mutualfund.claims import Collective, total
from mutualfund.claims.frequency import FrequencyModel
from mutualfund.claims.layers import LimitedMoments
from mutualfund.errors import Fault, InputError, require_whole
from mutualfund.premiums.columns import column
from mutualfund.types import FloatArray, IntArray

MOST_WAITING = 120
_COUNTS = 8192
_UNCOUNTED = 1e-13
_LONG_AGO = 1e6


@runtime_checkable
class PerLossDesign(Protocol):
    """A cover of each claim by itself, such as `claims.LossCover`."""

    def mean_per_loss(self, severity: Any, /) -> float: ...


class PaidByFund(Protocol):
    """What a yearly design answers; `claims.ExpectedSharing` does."""

    @property
    def expected_plan_pay(self) -> float: ...


@runtime_checkable
class YearlyDesign(Protocol):
    """A cost sharing on a member's whole-year cost, such as `claims.AnnualPlan`.

    What it answers is an expectation over the law it is given, so that of mixed members is their mean.
    """

    def expected(self, severity: Any, /) -> PaidByFund: ...


@dataclass(frozen=True)
class ClaimPart:
    """One line's claims in the year of a member who is drawn from some, and what a claim costs.

    factors: multiples of the rate of `frequency` that such members have, (n,), >= 0. chances: of a member
    with each, (n,), of sum 1.

    >>> from mutualfund.claims import Exponential, Poisson
    >>> part = ClaimPart(Poisson(mean=0.5), (2.0,), (1.0,), Exponential(mean=80.0))
    >>> part.count_weights[:2].round(4).tolist()
    [0.3679, 0.3679]
    """

    frequency: FrequencyModel
    factors: tuple[float, ...]
    chances: tuple[float, ...]
    severity: Any

    @cached_property
    def count_weights(self) -> FloatArray:
        """(n,) P(N = 0), P(N = 1), ... until all but 1e-13 of the chance is listed.

        The law's own tail says when: what a sum of weights lacks of one may be rounding.
        """
        laws = [self.frequency.law_at(factor) for factor in self.factors]
        chances, listed = np.array(self.chances), 16
        while listed <= _COUNTS:
            counts = np.arange(listed, dtype=np.float64)
            left_out = chances @ np.stack([law.sf(counts) for law in laws])
            enough = np.flatnonzero(left_out < _UNCOUNTED)
            if enough.size:
                counts = counts[: int(enough[0]) + 1]
                return np.asarray(chances @ np.stack([law.pmf(counts) for law in laws]))
            listed *= 2
        got = f"a member who may have more than {_COUNTS:,} claims a year"
        remedy = "Lower the mean or what multiplies it: relativities, the cv of a shared frailty."
        raise InputError([Fault("frequency", got, "fewer", remedy, "claim_count")])


YearlyCost = Callable[[Sequence[ClaimPart]], LimitedMoments]
"""The distribution of a member's yearly cost over some lines, which are independent."""


def law_of_year(parts: Sequence[ClaimPart]) -> LimitedMoments:
    """The distribution of a member's yearly cost by `claims.total`, on a grid of its own choice.

    >>> from mutualfund.claims import Fixed, Poisson
    >>> visits = [ClaimPart(Poisson(mean=0.5), (1.0, 5.0), (0.75, 0.25), Fixed(amount=80.0))]
    >>> round(law_of_year(visits).mean, 6)
    80.0
    """
    return total([Collective(part.count_weights, part.severity) for part in parts])


@dataclass(frozen=True, slots=True)
class LineCover:
    """How one line is covered.

    design: of each claim (`PerLossDesign`), of the line's yearly cost (`YearlyDesign`), or None for all.
    waiting_months: whole months from joining before claims are covered, 0 to 120. covered: False for a line
    that the fund does not pay at all.

    >>> from mutualfund.claims import LossCover
    >>> LineCover(LossCover(deductible=20.0), waiting_months=3).waiting_months
    3
    """

    design: PerLossDesign | YearlyDesign | None = None
    waiting_months: int = 0
    covered: bool = True

    def __post_init__(self) -> None:
        require_whole(
            "waiting_months", self.waiting_months, minimum=0, maximum=MOST_WAITING, unit="months"
        )
        if self.design is not None and not isinstance(self.design, PerLossDesign | YearlyDesign):
            allowed = "None, or an object with mean_per_loss(severity) or expected(severity)"
            raise InputError([Fault("design", f"a {type(self.design).__name__}", allowed)])

    @property
    def of_the_year(self) -> YearlyDesign | None:
        """The design, where it acts on the year's cost."""
        return None if isinstance(self.design, PerLossDesign) else self.design

    def covered_shares(self, months: FloatArray, since: IntArray) -> FloatArray:
        """(n,) share of the rating year's claims that the waiting period leaves covered.

        months: (12,) shares of the year's claims by month of the rating year. since: (n,) whole months since
        joining at its start.
        """
        shares = column("months", months, 12, maximum=1.0, unit="share of the year's claims")
        ago = column("since", since, None, minimum=-_LONG_AGO, maximum=_LONG_AGO, unit="months")
        left = np.array([1.0, *(math.fsum(shares[first:]) for first in range(1, 13))])
        return self.covered * left[np.clip(self.waiting_months - ago, 0, 12).astype(np.int64)]


def month_shares(seasonality: Sequence[float] | None, first_month: int) -> FloatArray:
    """(12,) share of a year's claims in each month of a year that starts in calendar month `first_month`."""
    weights = np.ones(12) if seasonality is None else np.asarray(seasonality, dtype=np.float64)
    return np.asarray(np.roll(weights, 1 - first_month) / weights.sum())

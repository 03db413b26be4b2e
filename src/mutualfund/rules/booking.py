"""Booking: the outstanding claims a fund would write into its books, from what it has seen paid.

All methods see the paths' paid triangles, never the true amounts; their formulas are those of
`claims.reserving`, on all paths at once. Arrays run over paths first, then treatment months (oldest first,
the last one just ended), then months of delay. The pool column, the last delay, holds everything paid later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol, runtime_checkable

import numpy as np

from mutualfund.claims.reserving import CompletionFactors, ReservingMethod, Triangle
from mutualfund.claims.reserving.formulas import (
    cape_cod_ratio,
    growth_to_end,
    ratio_or,
    still_to_come,
    trailing_pmpm,
)
from mutualfund.errors import InputError
from mutualfund.types import BoolArray, FloatArray, IntArray

MONTHS_FOR_FACTORS = 24
LEAST_COMPLETE = 0.40
MONTHS_FOR_PMPM = 12
_ANY_JANUARY = date(2001, 1, 1)


@dataclass(frozen=True, slots=True, eq=False)
class PaidTriangle:
    """What the fund has paid so far, gross of reinsurance, and what it knows besides.

    Parameters
    ----------
    paid : (n_paths, n_months, n_delays) paid by treatment month and months of delay, fund currency.
    Cells that are not
        yet due (month + delay past the last month) are ignored.
    member_months : (n_paths, n_months) members covered in each treatment month.
    contributions_due : (n_paths, n_months) contributions due for each treatment month.
    assumed_pattern : (n_delays,) share of a treatment month's cost assumed paid by the end of each
    delay, rising to 1.
    expected_loss_ratio : claims over contributions believed when the tariff was set.

    >>> paid = np.array([[[60.0, 40.0], [30.0, 0.0]]])  # one path, two months, two delays
    >>> months = np.full((1, 2), 10.0)
    >>> seen = PaidTriangle(paid, months, months, assumed_pattern=np.array([0.6, 1.0]))
    >>> Completion().outstanding(seen).tolist()
    [20.0]
    """

    paid: FloatArray
    member_months: FloatArray
    contributions_due: FloatArray
    assumed_pattern: FloatArray
    expected_loss_ratio: float = 1.0

    def known(self) -> BoolArray:
        """(n_months, n_delays) cells that the books can show by now."""
        _, months, delays = self.paid.shape
        return np.asarray(np.arange(months)[:, None] + np.arange(delays) < months)

    def ages(self) -> IntArray:
        """(n_months,) months of delay seen of each treatment month, at most the last column."""
        _, months, delays = self.paid.shape
        return np.asarray(np.minimum(np.arange(months)[::-1], delays - 1), dtype=np.int64)

    def paid_to_date(self) -> FloatArray:
        """(n_paths, n_months) paid so far of each treatment month."""
        return np.asarray(np.where(self.known(), self.paid, 0.0).sum(axis=2))


@runtime_checkable
class Booking(Protocol):
    """A way to book outstanding claims; a fund's own is any object with this method."""

    def outstanding(self, triangle: PaidTriangle) -> FloatArray:
        """(n_paths,) amount still to be paid, as booked."""
        ...


def development_factors(triangle: PaidTriangle) -> FloatArray:
    """(n_paths, n_delays - 1) growth of paid amounts from each delay to the next.

    Volume-weighted over the last 24 treatment months that show both delays; the assumed pattern's
    growth before there are that many, or where nothing was paid.
    """
    paths, months, delays = triangle.paid.shape
    cumulative = triangle.paid.cumsum(axis=2)  # only cells that the books can show are read below
    with np.errstate(divide="ignore", invalid="ignore"):
        assumed = triangle.assumed_pattern[1:] / triangle.assumed_pattern[:-1]
    factors = np.tile(np.where(np.isnan(assumed), 1.0, assumed), (paths, 1))
    for delay in range(min(delays - 1, months - MONTHS_FOR_FACTORS)):
        shown = slice(months - MONTHS_FOR_FACTORS - delay - 1, months - delay - 1)
        before = cumulative[:, shown, delay].sum(axis=1)
        after = cumulative[:, shown, delay + 1].sum(axis=1)
        factors[:, delay] = ratio_or(after, before, factors[:, delay])
    return factors


def completion(triangle: PaidTriangle) -> FloatArray:
    """(n_paths, n_months) share of each treatment month that has been paid by now, above 0 and at most 1."""
    to_end = growth_to_end(development_factors(triangle))
    return np.asarray(1.0 / np.maximum(to_end, 1.0)[:, triangle.ages()])


@dataclass(frozen=True, slots=True)
class Completion:
    """Paid to date over the completion factor; for months less than 40 % complete the trailing cost
    per member-month.

    >>> Completion() == Completion()
    True
    """

    def outstanding(self, triangle: PaidTriangle) -> FloatArray:
        """(n_paths,) booked outstanding amount.

        Where no month is 40 % complete yet, every month is divided by its own factor.
        """
        paid = triangle.paid_to_date()
        share = completion(triangle)
        ultimate = paid / np.where(share > 0, share, 1.0)
        usable = share >= LEAST_COMPLETE
        members = triangle.member_months
        pmpm, months = trailing_pmpm(ultimate, members, usable, MONTHS_FOR_PMPM)
        by_month = np.maximum(pmpm[:, None] * members, paid)
        known = np.where(months, members, 0.0).sum(axis=1) > 0.0
        young = ~usable & known[:, None]
        return np.asarray((np.where(young, by_month, ultimate) - paid).sum(axis=1))


@dataclass(frozen=True, slots=True)
class ChainLadder:
    """Paid to date over the completion factor, also for the youngest months.

    >>> ChainLadder() == ChainLadder()
    True
    """

    def outstanding(self, triangle: PaidTriangle) -> FloatArray:
        """(n_paths,) booked outstanding amount."""
        paid, share = triangle.paid_to_date(), completion(triangle)
        return np.asarray((ratio_or(paid, share, paid) - paid).sum(axis=1))


@dataclass(frozen=True, slots=True)
class BornhuetterFerguson:
    """The expected loss ratio for the part not yet paid: contributions x loss ratio x (1 - share
    paid).

    >>> BornhuetterFerguson() == BornhuetterFerguson()
    True
    """

    def outstanding(self, triangle: PaidTriangle) -> FloatArray:
        """(n_paths,) booked outstanding amount."""
        return _from_prior(triangle, triangle.expected_loss_ratio * triangle.contributions_due)


@dataclass(frozen=True, slots=True)
class Benktander:
    """Bornhuetter and Ferguson's ultimate as the prior of a second round.

    >>> Benktander() == Benktander()
    True
    """

    def outstanding(self, triangle: PaidTriangle) -> FloatArray:
        """(n_paths,) booked outstanding amount."""
        return _from_prior(triangle, triangle.expected_loss_ratio * triangle.contributions_due, 2)


@dataclass(frozen=True, slots=True)
class CapeCod:
    """The loss ratio that the path's own payments show, for the part not yet paid.

    >>> CapeCod() == CapeCod()
    True
    """

    def outstanding(self, triangle: PaidTriangle) -> FloatArray:
        """(n_paths,) booked outstanding amount; 0 where no contribution was due."""
        paid, due = triangle.paid_to_date(), triangle.contributions_due
        ratio = cape_cod_ratio(paid, due, completion(triangle))
        return _from_prior(triangle, ratio[:, None] * due)


def _from_prior(triangle: PaidTriangle, prior: FloatArray, iterations: int = 1) -> FloatArray:
    """(n_paths,) outstanding where each month's prior ultimate counts for the part not yet paid."""
    outstanding = still_to_come(prior, triangle.paid_to_date(), completion(triangle), iterations)
    return np.asarray(outstanding.sum(axis=1))


@dataclass(frozen=True, slots=True)
class FromTriangle:
    """A reserving method of `claims.reserving` as the fund's booking rule, path by path.

    It sees the months that the rules above see, with contributions as exposure (member-months for completion
    factors, whose prior is a cost a member). Until the oldest month shows every delay, and for a path that
    the method refuses, the fund books as `Completion` does. Path by path is far slower than all at once: for
    runs of a few hundred paths, and for methods that have no rule above.

    >>> from mutualfund.claims.reserving import Mack
    >>> FromTriangle(Mack()).method.last_sigma
    'mack'
    """

    method: ReservingMethod

    def outstanding(self, triangle: PaidTriangle) -> FloatArray:
        """(n_paths,) booked outstanding amount."""
        booked = Completion().outstanding(triangle)
        ages = int(triangle.ages()[0]) + 1
        if triangle.assumed_pattern[ages - 1] < 1.0:
            return booked  # a triangle cannot tell what none of its months has shown yet
        paid = np.where(triangle.known(), triangle.paid, 0.0)[:, :, :ages].cumsum(axis=2)
        amounts = np.where(triangle.known()[:, :ages], paid, np.nan)
        by_member = isinstance(self.method, CompletionFactors)
        exposure = triangle.member_months if by_member else triangle.contributions_due
        for path, seen in enumerate(amounts):
            try:
                reserve = self.method.fit(_monthly(seen, exposure[path]))
            except InputError:
                continue
            to_come = float((reserve.ultimate - reserve.triangle.latest).sum())
            booked[path] = to_come if np.isfinite(to_come) else booked[path]
        return booked


def _monthly(amounts: FloatArray, base: FloatArray) -> Triangle:
    """One path's months as a triangle; the calendar does not matter, months are months."""
    exposure = base if np.all(base > 0.0) else None
    return Triangle.from_array(
        amounts,
        first_origin=_ANY_JANUARY,
        origin_grain="month",
        development_grain="month",
        exposure=exposure,
    )


@dataclass(frozen=True, slots=True)
class ShareOfContributions:
    """A fixed share of the last twelve months' contributions, whatever has been paid.

    >>> ShareOfContributions(0.125).share
    0.125
    """

    share: float

    def outstanding(self, triangle: PaidTriangle) -> FloatArray:
        """(n_paths,) booked outstanding amount."""
        return np.asarray(self.share * triangle.contributions_due[:, -12:].sum(axis=1))

"""How much of each month's claims and cost is on file on the day the lines were extracted.

Claims of the latest months are partly still to come, so their plain rates are too low and a trend through
them as well. The share of claims that is paid by the end of the a-th month after that of treatment is

    F(a) = product over j > a of (1 - g_j),    g_j = n_j / N_j,

with n_j the claims paid j months after treatment and N_j those paid up to then, both of the months that are
old enough to have shown it. These are the completion factors of the chain ladder, and for counts the most
likely ones where long delays cannot have been seen yet (J. D. Kalbfleisch and J. F. Lawless, Journal of the
American Statistical Association 84 (1989) 360). The variance of log(1 - g_j) is g_j / (N_j (1 - g_j)), as M.
Greenwood's (1926) for survival; for cost it is larger by phi = sum(x^2) / sum(x), a compound Poisson's. F is
of what is paid within the longest delay that could be seen, that of the period's first month. The pattern is
taken to be the same in all months, and claims that will be taken back yet to be none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from mutualfund.claims.experience.calendar import StudyPeriod
from mutualfund.claims.experience.ledger import Delays, Ledger
from mutualfund.types import BoolArray, FloatArray, IntArray


class Known(NamedTuple):
    """The share of each month that is on file, (n_months,), and its errors by lag, (n_months, n_lags).

    The covariance of the logarithms of the shares is `errors` times its transpose.
    """

    share: FloatArray
    errors: FloatArray

    def error_of(self, weights: FloatArray) -> float:
        """Standard error of the sum of the logarithms, each times its weight (n_months,)."""
        return float(np.linalg.norm(weights @ self.errors))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RunOff:
    """When claims, or their cost, are paid.

    `share` (n_lags,) is F; `variance` (n_lags,) that of log(1 - g); `age` (n_months,) how many months after
    that of treatment were over, with a fraction where the last one was not.
    """

    share: FloatArray
    variance: FloatArray
    age: FloatArray

    @property
    def known(self) -> Known:
        """How much of each month is on file."""
        lags = np.arange(len(self.share))
        share = np.interp(self.age, lags, self.share)
        to_come = np.clip(lags - self.age[:, None], 0.0, 1.0)
        return Known(share, to_come * np.sqrt(self.variance))

    @property
    def mean_lag(self) -> tuple[float, float]:
        """Mean whole months until payment, and its standard error; delays too long to be seen left out."""
        earlier = np.append(0.0, np.cumsum(self.share)[:-1])
        return float((1.0 - self.share).sum()), float(np.sqrt(earlier**2 @ self.variance))

    @property
    def beyond(self) -> float:
        """The share of all that is paid later than could be seen, if delays fall off geometrically.

        Then a part q of all is paid after the first half of the lags, q^2 after both, and what was seen has
        q / (1 + q) in the second half. 1 where nothing falls off, or one month cannot be halved.
        """
        n_lags = len(self.share)
        late = 1.0 - float(np.interp(n_lags / 2.0 - 1.0, np.arange(n_lags), self.share))
        return 1.0 if n_lags == 1 or late >= 0.5 else (late / (1.0 - late)) ** 2


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RunOffs:
    """The run-off of a line, or of all together: of the number of claims and of their cost."""

    claims: RunOff
    cost: RunOff

    @property
    def columns(self) -> dict[str, FloatArray]:
        """(n_months,) each: the shares on file, and their standard errors."""
        columns = {}
        for name, known in (("claims", self.claims.known), ("cost", self.cost.known)):
            columns[f"{name}_known"] = known.share
            columns[f"{name}_error"] = known.share * np.sqrt((known.errors**2).sum(axis=1))
        return columns

    def of(self, rate: str) -> Known:
        """How much of each month is on file of what a rate of that name (`RateName`) counts."""
        if rate == "cost_per_claim":
            return self.cost_per_claim
        return self.claims.known if rate == "frequency" else self.cost.known

    @property
    def cost_per_claim(self) -> Known:
        """Share of the cost over share of the claims: below 1 where dear claims are paid later."""
        claims, cost = self.claims.known, self.cost.known
        there = claims.share > 0.0
        share = np.where(there, cost.share / np.where(there, claims.share, 1.0), 1.0)
        # sizes vary about a mean: what cost varies by more than the claims themselves
        return Known(share, np.sqrt(np.maximum(cost.errors**2 - claims.errors**2, 0.0)))


def run_out(period: StudyPeriod, as_of: date) -> tuple[int, float]:
    """Whole months from the end of a period until the end of `as_of`, and the part of the next one.

    >>> year = StudyPeriod(date(2024, 1, 1), date(2024, 12, 31))
    >>> run_out(year, date(2025, 3, 31)), run_out(year, date(2025, 3, 30))[0]
    ((3, 0.0), 2)
    """
    after = as_of + timedelta(days=1)
    months = 12 * (after.year - period.last.year) + after.month - period.last.month - 1
    length = (after.replace(day=28) + timedelta(days=4)).replace(day=1) - after.replace(day=1)
    return months, (after.day - 1) / length.days


def run_offs(ledger: Ledger, period: StudyPeriod, as_of: date, line: int | None) -> RunOffs:
    """The run-off of one line by its place, or of all lines as one."""
    whole, part = run_out(period, as_of)
    age = np.arange(period.n_months)[::-1] + whole
    own = np.ones(len(ledger.delays.line), np.bool_) if line is None else ledger.delays.line == line
    lines = range(len(ledger.lines)) if line is None else (line,)
    claims, cents = (_grid(ledger.delays, own, paid, age) for paid in ("claims", "cents"))
    return RunOffs(
        claims=_run_off(claims, age, part, 1.0),
        cost=_run_off(cents, age, part, _squares_over_sum(ledger, lines)),
    )


def _grid(delays: Delays, own: BoolArray, paid: str, age: IntArray) -> FloatArray:
    """(n_months, n_lags) what was paid in months that were over."""
    over = own & (delays.lag <= age[delays.month])
    grid = np.zeros((len(age), int(age[0]) + 1))
    np.add.at(grid, (delays.month[over], delays.lag[over]), getattr(delays, paid)[over])
    return grid


def _run_off(paid: FloatArray, age: IntArray, part: float, phi: float) -> RunOff:
    lags = np.arange(paid.shape[1])
    old = age[:, None] >= lags
    at_lag = np.where(old, paid, 0.0).sum(axis=0)
    up_to = np.where(old, np.cumsum(paid, axis=1), 0.0).sum(axis=0)
    hazard = np.divide(at_lag, up_to, out=np.zeros(len(lags)), where=up_to > 0.0)
    # where all came at one lag, months that are younger have nothing on file and no error either
    random = (hazard > 0.0) & (hazard < 1.0)
    variance = np.zeros(len(lags))
    variance[random] = phi * hazard[random] / (up_to[random] * (1.0 - hazard[random]))
    share: FloatArray = np.append(np.cumprod((1.0 - hazard)[:0:-1])[::-1], 1.0)
    return RunOff(share, variance, (age + part).astype(np.float64))


def _squares_over_sum(ledger: Ledger, lines: Iterable[int]) -> float:
    """sum(x^2) / sum(x) of the claims' cost in minor units, by the lines' samples of claims."""
    cost = np.bincount(ledger.delays.line, ledger.delays.cents, minlength=len(ledger.lines))
    sizes = [ledger.sizes[line].amount * ledger.units for line in lines]
    of_lines = [float(size @ size / size.sum()) if len(size) else 0.0 for size in sizes]
    weights = [float(cost[line]) for line in lines]
    return float(np.dot(weights, of_lines) / sum(weights)) if sum(weights) else 0.0

"""What every reserving method gives back: the same names, whatever the method."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

import numpy as np

from mutualfund.claims.reserving.development import Pattern
from mutualfund.claims.reserving.next_payments import NextPayments
from mutualfund.claims.reserving.triangle import Triangle
from mutualfund.errors import HIDDEN, Fault, InputError, numbers, one_number
from mutualfund.types import FloatArray, IntArray, frozen

if TYPE_CHECKING:
    import pandas as pd

    from mutualfund.claims.reserving.plots import ReservePlots


@runtime_checkable
class ReservingMethod(Protocol):
    """A reserving method; one of your own is any object with this method."""

    def fit(self, triangle: Triangle) -> Reserve:
        """The ultimate amounts of a triangle and their error."""
        ...


Horizon = Literal["to the end", "next period"]
_NOTHING_LEFT = 1e-12


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Reserve:
    """Ultimate amounts by origin, and how far they may be out.

    Parameters
    ----------
    method
        The method's name.
    ultimate
        (n_origins,) currency.
    process_variance
        (n_origins,) variance of what is still to come about its mean; origins are independent.
    parameter_covariance
        (n_origins, n_origins) covariance of the estimates themselves.
    dispersion
        Variance over mean of a payment; NaN where the method has none.
    horizon
        How far ahead the errors look: "to the end", or the "next period" alone.
    next_payments
        What the method's model says of the payments until a later valuation; None where it says nothing. It
        belongs to `ultimate`: an estimate that was altered since has none.

    Where the data leave no degree of freedom, errors are NaN.

    >>> from datetime import date
    >>> from mutualfund.claims.reserving import ChainLadder
    >>> triangle = Triangle.from_array([[100.0, 150.0], [110.0, None]], first_origin=date(2024, 1, 1))
    >>> reserve = ChainLadder().fit(triangle)
    >>> reserve.ultimate.tolist(), reserve.ibnr.tolist(), reserve.total_ibnr
    ([150.0, 165.0], [0.0, 55.0], 55.0)
    """

    method: str
    triangle: Triangle
    pattern: Pattern
    ultimate: FloatArray
    process_variance: FloatArray
    parameter_covariance: FloatArray
    dispersion: float = math.nan
    horizon: Horizon = "to the end"
    next_payments: NextPayments | None = None

    def __post_init__(self) -> None:
        for name in ("ultimate", "process_variance", "parameter_covariance"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        model = self.next_payments
        if model is not None and not np.array_equal(model.ultimate, self.ultimate):
            object.__setattr__(self, "next_payments", None)

    @property
    def ibnr(self) -> FloatArray:
        """(n_origins,) what is still to come: ultimate less the amount to date."""
        return np.asarray(self.ultimate - self.triangle.latest)

    @property
    def process_error(self) -> FloatArray:
        """(n_origins,) standard deviation of what is still to come about its mean."""
        return np.sqrt(self.process_variance)

    @property
    def parameter_error(self) -> FloatArray:
        """(n_origins,) standard deviation of the estimate."""
        return np.sqrt(np.diag(self.parameter_covariance))

    @property
    def standard_error(self) -> FloatArray:
        """(n_origins,) root of the mean squared error of prediction."""
        return np.sqrt(self.process_variance + np.diag(self.parameter_covariance))

    @property
    def total_ibnr(self) -> float:
        """What is still to come of all origins."""
        return float(self.ibnr.sum())

    @property
    def total_process_error(self) -> float:
        """Standard deviation of all that is still to come about its mean."""
        return math.sqrt(self.process_variance.sum())

    @property
    def total_parameter_error(self) -> float:
        """Standard deviation of the estimated total: origins share the pattern's error."""
        return math.sqrt(max(float(self.parameter_covariance.sum()), 0.0))

    @property
    def total_standard_error(self) -> float:
        """Root of the mean squared error of prediction of the total, as far ahead as `horizon` says."""
        return math.hypot(self.total_process_error, self.total_parameter_error)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """An interval for what is still to come in total, currency: lognormal with its mean and error.

        It looks as far ahead as the error does (`horizon`). After Merz and Wuethrich it is one for the next
        period's estimate of the same claims (what was paid by then and what is still to come), not for what
        they will cost in the end.

        level: chance that it holds, between 0 and 1. Source: Mack, *Measuring the variability of chain ladder
        reserve estimates*, CAS Forum Spring 1994.

        Raises
        ------
        InputError
            Where the total is not above 0 or has no standard error: then there is no such lognormal.
        """
        from scipy.special import ndtri

        one_number("level", level, minimum=1e-9, maximum=1.0 - 1e-9, unit="chance")
        mean, error = self.total_ibnr, self.total_standard_error
        if not (mean > 0.0 and math.isfinite(error)):
            got = f"a total of {mean:g} with a standard error of {error:g}"
            raise InputError([Fault("interval", got, "both above 0", code="no_interval")])
        sigma = math.sqrt(math.log1p((error / mean) ** 2))
        reach = sigma * float(ndtri(0.5 * (1.0 + level)))
        middle = math.log(mean) - 0.5 * sigma**2
        return math.exp(middle - reach), math.exp(middle + reach)

    def share_at(self, later: IntArray) -> FloatArray:
        """(n_origins,) part of what is still to come that is expected by these ages (columns, from 0).

        1 where nothing more is expected by the pattern.

        Raises
        ------
        InputError
            Where there is not one whole age for each origin, or one is before that of now.
        """
        moves, left = self._moves(later)
        gone = np.abs(left) < _NOTHING_LEFT
        return np.asarray(np.where(gone, 1.0, moves / np.where(gone, 1.0, left)))

    def expected_by(self, later: IntArray) -> FloatArray:
        """(n_origins,) amount that is expected to come by these ages, currency.

        A pattern that goes beyond 1 and comes back moves amounts also where it leaves nothing to come.

        Raises
        ------
        InputError
            As `share_at`.
        """
        if self.next_payments is not None:
            return self.next_payments.until(self._require_later(later)).mean
        moves, left = self._moves(later)
        gone = np.abs(left) < _NOTHING_LEFT
        return np.asarray(np.where(gone, self.ultimate * moves, self.share_at(later) * self.ibnr))

    def _moves(self, later: IntArray) -> tuple[FloatArray, FloatArray]:
        """(n_origins,) part of the ultimate that comes by these ages, and the part that is still to come."""
        share = self.pattern.share
        now = share[self.triangle.ages]
        then = share[np.minimum(self._require_later(later), share.size - 1)]
        return then - now, 1.0 - now

    def _require_later(self, later: IntArray) -> IntArray:
        """The ages, one for each origin, none before that of now."""
        now, then = self.triangle.ages, numbers("later", later)
        whole = np.isfinite(then) & (then == np.floor(then))
        if then.shape != now.shape or not (whole & (then >= now)).all():
            got = f"ages of shape {then.shape}" if then.shape != now.shape else HIDDEN
            allowed = f"a whole age for each of {now.size} origins, from that of now on"
            remedy = "One period later is triangle.ages + 1."
            raise InputError([Fault("later", got, allowed, remedy, "ages")])
        return then.astype(np.int64)

    def summary(self) -> pd.DataFrame:
        """One row an origin and one for the total: amount to date, ultimate, IBNR and its errors.

        The errors' names say so where they look no further than the next period.
        """
        import pandas as pd

        latest, ultimate, ibnr = self.triangle.latest, self.ultimate, self.ibnr
        totals = (self.total_process_error, self.total_parameter_error, self.total_standard_error)
        return pd.DataFrame(
            {
                "to date": np.append(latest, latest.sum()),
                "share known": np.append(
                    _share(latest, ultimate), _share(latest.sum(), ultimate.sum())
                ),
                "ultimate": np.append(ultimate, ultimate.sum()),
                "ibnr": np.append(ibnr, ibnr.sum()),
                f"process error{self.ahead}": np.append(self.process_error, totals[0]),
                f"parameter error{self.ahead}": np.append(self.parameter_error, totals[1]),
                f"standard error{self.ahead}": np.append(self.standard_error, totals[2]),
            },
            index=pd.Index([*self.triangle.origins, "total"], name="origin"),
        )

    @property
    def ahead(self) -> str:
        """How far ahead the errors look, in words after their names; empty where that is to the end."""
        return "" if self.horizon == "to the end" else f" of the {self.horizon}"

    @property
    def plot(self) -> ReservePlots:
        """Pictures of the estimate."""
        from mutualfund.claims.reserving.plots import ReservePlots

        return ReservePlots(self)

    def __repr__(self) -> str:
        return (
            f"{self.method}: IBNR {self.total_ibnr:,.0f}, standard error{self.ahead} "
            f"{self.total_standard_error:,.0f}, {self.triangle.n_origins} origins"
        )


def _share(latest: FloatArray, ultimate: FloatArray) -> FloatArray:
    some = np.asarray(ultimate != 0.0)
    return np.asarray(np.where(some, latest / np.where(some, ultimate, 1.0), np.nan))

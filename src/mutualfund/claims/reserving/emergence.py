"""Actual against expected: what one valuation expected to be paid by the next, and what was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mutualfund.claims.reserving.checks import require_triangle, require_whole_periods
from mutualfund.claims.reserving.reserve import Horizon, Reserve
from mutualfund.claims.reserving.triangle import Triangle
from mutualfund.errors import Fault, InputError, require_kind
from mutualfund.types import FloatArray, IntArray, frozen

if TYPE_CHECKING:
    import pandas as pd

    from mutualfund.claims.reserving.plots import EmergencePlots


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Emergence:
    """Amounts that came between two valuations beside those that were expected, by origin of the first.

    expected, actual: (n_origins,) currency. standard_error: (n_origins,) of the difference, process and
    parameter error. total_standard_error: of the total. new_origins: amounts of origins that began since,
    for which nothing was expected, currency. no_error: why the errors are NaN, in words; empty where they
    are not.
    """

    reserve: Reserve
    expected: FloatArray
    actual: FloatArray
    standard_error: FloatArray
    total_standard_error: float
    new_origins: float
    no_error: str = ""

    def __post_init__(self) -> None:
        for name in ("expected", "actual", "standard_error"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @property
    def difference(self) -> FloatArray:
        """(n_origins,) actual less expected."""
        return np.asarray(self.actual - self.expected)

    @property
    def total_expected(self) -> float:
        """Expected of all origins."""
        return float(self.expected.sum())

    @property
    def total_actual(self) -> float:
        """What came of all origins of the first valuation."""
        return float(self.actual.sum())

    @property
    def total_difference(self) -> float:
        """Actual less expected, all origins."""
        return self.total_actual - self.total_expected

    @property
    def score(self) -> float:
        """The total difference in standard errors; NaN without one."""
        error = self.total_standard_error
        return self.total_difference / error if error > 0.0 else float("nan")

    def summary(self) -> pd.DataFrame:
        """One row an origin and one for the total."""
        import pandas as pd

        origins = [*self.reserve.triangle.origins, "total"]
        expected = np.append(self.expected, self.total_expected)
        actual = np.append(self.actual, self.total_actual)
        error = np.append(self.standard_error, self.total_standard_error)
        difference = actual - expected
        some = error > 0.0
        return pd.DataFrame(
            {
                "expected": expected,
                "actual": actual,
                "difference": difference,
                "standard error": error,
                "in standard errors": np.where(
                    some, difference / np.where(some, error, 1.0), np.nan
                ),
            },
            index=pd.Index(origins, name="origin"),
        )

    @property
    def plot(self) -> EmergencePlots:
        """Pictures of what came and what was expected."""
        from mutualfund.claims.reserving.plots import EmergencePlots

        return EmergencePlots(self)

    def __repr__(self) -> str:
        return f"{self.reserve.method}: expected {self.total_expected:,.0f}, actual {self.total_actual:,.0f}"


def actual_against_expected(reserve: Reserve, later: Triangle) -> Emergence:
    """What came since the reserve's valuation, against what it expected until the later one.

    Expected is what the method's own pattern moves between the two; a tail's part comes after the last age.
    The error is that of these payments under the method's model, not a share of the error to the end. Mack's
    is the variance that each step adds to an origin's amount, and that of the link ratios used, which origins
    share (Mack 1993, 1999); completion factors have the same. For the other methods, on over-dispersed
    payments, it is the dispersion times the amount expected, and the estimate's own derivative (`sources`);
    the bootstrap answers with that of the model it redraws. Merz and Wuethrich's error is of the next
    estimate and not of payments: it gives none, and neither does a method of one's own that states no
    `Reserve.next_payments`; `Emergence.no_error` says so.

    reserve: an estimate at the first valuation. later: the triangle of the same origins at a later one.

    Raises
    ------
    InputError
        Where `later` has other periods, another first origin or currency, fewer origins or ages, or is not
        later; where the last development period of either was not over.

    >>> from datetime import date
    >>> from mutualfund.claims.reserving import ChainLadder
    >>> rows = [[10.0, 20.0, 22.0], [10.0, 30.0, None], [12.0, None, None]]
    >>> now = Triangle.from_array(rows, first_origin=date(2023, 1, 1))
    >>> actual_against_expected(ChainLadder().fit(now.earlier(1)), now)
    chain ladder: expected 10, actual 22
    """
    require_kind("reserve", reserve, Reserve, "what a method's fit gives back")
    require_triangle("later", later)
    earlier = reserve.triangle
    _require_same_periods(earlier, later)
    require_whole_periods(earlier, "reserve.triangle")
    require_whole_periods(later, "later")
    rows = earlier.n_origins
    process, covariance, no_error = _errors(reserve, later.ages[:rows])
    return Emergence(
        reserve=reserve,
        expected=reserve.expected_by(later.ages[:rows]),
        actual=later.latest[:rows] - earlier.latest,
        standard_error=np.sqrt(process + np.diag(covariance)),
        total_standard_error=float(np.sqrt(process.sum() + covariance.sum())),
        new_origins=float(later.latest[rows:].sum()),
        no_error=no_error,
    )


def _errors(reserve: Reserve, later: IntArray) -> tuple[FloatArray, FloatArray, str]:
    """Process variance, parameter covariance, and why there is none."""
    if reserve.next_payments is None:
        n = reserve.triangle.n_origins
        return np.full(n, np.nan), np.full((n, n), np.nan), _WHY[reserve.horizon]
    until = reserve.next_payments.until(later)
    variance = until.process_variance + np.diag(until.parameter_covariance)
    why = "" if np.isfinite(variance).all() else "the data leave no degree of freedom"
    return until.process_variance, until.parameter_covariance, why


_WHY: dict[Horizon, str] = {
    "to the end": "the method states no error of the payments until a later valuation",
    "next period": "its error is of the next estimate, not of payments; Mack has theirs",
}


def _require_same_periods(earlier: Triangle, later: Triangle) -> None:
    faults = []
    for name in ("origin_grain", "development_grain", "first_origin", "currency"):
        one, other = getattr(earlier, name), getattr(later, name)
        if one != other:
            got, allowed = f"{other}" or "none stated", f"{one or 'none stated'}, as before"
            faults.append(Fault(f"later.{name}", got, allowed, code="other_triangle"))
    for name, least in (("origins", earlier.n_origins), ("ages", earlier.n_ages)):
        if (count := getattr(later, f"n_{name}")) < least:
            got, allowed = f"{count} {name}", f"at least the {least} of before"
            faults.append(Fault("later", got, allowed, code="other_triangle"))
    if later.valuation <= earlier.valuation:
        got, allowed = later.valuation.isoformat(), f"after {earlier.valuation.isoformat()}"
        faults.append(Fault("later.valuation", got, allowed, "Swap the two.", "not_later"))
    if faults:
        raise InputError(faults)

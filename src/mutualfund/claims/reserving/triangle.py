"""The triangle: what has been paid (or reported) for each origin period by each age.

Rows are origin periods (when the care was given), oldest first; columns are development periods, the first
being the one in which the origin period begins. A cell is known once its development period is over on the
valuation date, and only then: a known cell without payments is a real zero, an unknown one is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from mutualfund.claims.reserving.noticed import noticed
from mutualfund.claims.reserving.periods import (
    Grain,
    first_day,
    label,
    last_day,
    months_in,
    require_first_day,
    require_last_day,
)
from mutualfund.errors import Fault, InputError, as_day, numbers, require_kind, require_whole
from mutualfund.portfolio.days import month_number
from mutualfund.schema import is_currency
from mutualfund.types import BoolArray, Day, FloatArray, IntArray, frozen

if TYPE_CHECKING:
    import pandas as pd

    from mutualfund.claims.reserving.plots import TrianglePlots
    from mutualfund.claims.reserving.reading import Partial


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Triangle:
    """Cumulative amounts by origin period and age, as known on one day.

    Build one with `from_frame` (dated rows) or `from_array` (a table as printed).

    Parameters
    ----------
    cumulative
        (n_origins, n_ages) currency, NaN where not yet known; amounts may fall (recoveries, reversals).
    first_origin
        First day of the oldest origin period.
    valuation
        Last day of the last development period that is known.
    origin_grain, development_grain
        month, quarter or year; either may be the longer one.
    exposure
        (n_origins,) contributions or member-months, above 0; None where no method needs it.
    currency
        Three capital letters, or empty where nobody said.
    notes
        Counts of what was noticed on the way in.
    unseen_days
        Days of the last development period that had not been seen yet; 0 where it was over. Its amounts stand
        as they are, and its links are left out of averages (`LinkRatios`).

    Raises
    ------
    InputError
        Where `first_origin` or `valuation` does not begin or end a period, or the currency is no code. Where
        known and unknown cells do not follow from the valuation date, or an exposure is not above 0.

    >>> triangle = Triangle.from_array([[100.0, 150.0], [110.0, None]], first_origin=date(2024, 1, 1))
    >>> triangle
    Triangle: 2 years of origin x 2 years of development, valued at 2025-12-31
    >>> triangle.latest.tolist()
    [150.0, 110.0]
    """

    cumulative: FloatArray
    first_origin: date
    valuation: date
    origin_grain: Grain = "year"
    development_grain: Grain = "year"
    exposure: FloatArray | None = None
    currency: str = ""
    notes: tuple[tuple[str, int], ...] = ()
    unseen_days: int = 0

    def __post_init__(self) -> None:
        months_in("origin_grain", self.origin_grain)
        months_in("development_grain", self.development_grain)
        self._check_periods()
        allowed = "three capital letters"
        require_kind("currency", self.currency, str, allowed)
        if self.currency and not is_currency(self.currency):
            got = f"{self.currency!r:.40}"
            raise InputError([Fault("currency", got, allowed, "Write EUR.", "no_currency")])
        values = frozen(numbers("cumulative", self.cumulative))
        object.__setattr__(self, "cumulative", values)
        if values.ndim != 2 or 0 in values.shape:
            got = f"an array of shape {values.shape}"
            fault = Fault("cumulative", got, "rows of origins by columns of ages", code="shape")
            raise InputError([fault])
        self._check_shape()
        self._check_exposure()

    def _check_periods(self) -> None:
        first = require_first_day("first_origin", self.first_origin, self.origin_grain)
        last = require_last_day("valuation", self.valuation, self.development_grain)
        object.__setattr__(self, "first_origin", first)
        object.__setattr__(self, "valuation", last)
        begun = month_number(last) + 1 - months_in("development_grain", self.development_grain)
        most, unit = (last - first_day(begun)).days, "days of the last development period"
        require_whole("unseen_days", self.unseen_days, minimum=0, maximum=most, unit=unit)

    def _check_shape(self) -> None:
        ages = self._ages_by_calendar()
        if ages.min() < 0:
            got = f"origin {self.origins[int(np.flatnonzero(ages < 0)[0])]}"
            allowed = f"origin periods that begin by {self.valuation.isoformat()}"
            raise InputError([Fault("cumulative", got, allowed, code="after_valuation")])
        expected = np.arange(self.n_ages) <= ages[:, None]
        wrong = expected & ~np.isfinite(self.cumulative) | ~expected & ~np.isnan(self.cumulative)
        if wrong.any():
            row, column = (int(place[0]) for place in np.nonzero(wrong))
            got = "no number" if expected[row, column] else "a number"
            remedy = "A known cell without payments is 0; what is not yet known is left empty."
            allowed = (
                f"a number for each age up to {ages[row] + 1} and none beyond it, "
                f"as known on {self.valuation.isoformat()}"
            )
            place = f"cumulative, origin {self.origins[row]}, age {column + 1}"
            raise InputError([Fault(place, got, allowed, remedy, "ragged")])

    def _check_exposure(self) -> None:
        if self.exposure is None:
            return
        exposure = frozen(numbers("exposure", self.exposure))
        object.__setattr__(self, "exposure", exposure)
        if exposure.shape != (self.n_origins,):
            got, allowed = (
                f"shape {exposure.shape}",
                f"one number for each of {self.n_origins} origins",
            )
            raise InputError([Fault("exposure", got, allowed, code="shape")])
        bad = np.flatnonzero(~((exposure > 0.0) & np.isfinite(exposure)))
        if bad.size:
            place = f"exposure, origin {self.origins[bad[0]]}"
            got, allowed = f"{exposure[bad[0]]:g}", "above 0 and finite"
            raise InputError([Fault(place, got, allowed, code="range")])

    @classmethod
    def from_array(
        cls,
        cumulative: npt.ArrayLike | Sequence[Sequence[float | None]],
        *,
        first_origin: Day,
        origin_grain: Grain = "year",
        development_grain: Grain = "year",
        exposure: npt.ArrayLike | None = None,
        currency: str = "",
    ) -> Self:
        """A triangle as printed: rows of origins, columns of ages, cumulative, empty where not yet known.

        The valuation date follows from the youngest origin's last known age.

        Raises
        ------
        InputError
            Where the first origin does not begin a period, or the known cells do not belong to one date.

        >>> Triangle.from_array([[1.0, 2.0], [1.0, None]], first_origin=date(2024, 1, 1)).n_ages
        2
        """
        values = numbers("cumulative", cumulative)
        if values.ndim != 2 or 0 in values.shape:
            got = f"an array of shape {values.shape}"
            fault = Fault("cumulative", got, "rows of origins by columns of ages", code="shape")
            raise InputError([fault])
        first = as_day("first_origin", first_origin)
        start = month_number(first)
        step = months_in("origin_grain", origin_grain)
        period = months_in("development_grain", development_grain)
        known = int(np.isfinite(values[-1]).sum())
        last = (start + step * (len(values) - 1)) // period + known - 1
        return cls(
            cumulative=values,
            first_origin=first,
            valuation=last_day(period * (last + 1) - 1),
            origin_grain=origin_grain,
            development_grain=development_grain,
            exposure=None if exposure is None else numbers("exposure", exposure),
            currency=currency,
            notes=noticed(values),
        )

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        *,
        origin: str,
        valuation: str,
        amount: str,
        cumulative: bool,
        origin_grain: Grain = "year",
        development_grain: Grain = "year",
        as_of: Day | None = None,
        partial: Partial = "refuse",
        currency: str | None = None,
    ) -> Triangle:
        """A triangle from dated rows: a pandas, polars or Arrow table.

        Parameters
        ----------
        origin, valuation, amount
            Columns: day of the loss or treatment, day of the payment (or, if cumulative, on which the amount
            stood so), and the amount.
        cumulative
            False: rows are payments, added up within a cell; a known cell without a row is zero. True: rows
            are totals to date, one for each known cell.
        as_of
            Valuation date; rows dated later are left out and counted in `notes`. Without it the period of the
            last row is taken to be over.
        partial
            What to do where `as_of` lies within a development period, or within an origin period: ``refuse``
            (say so), ``drop`` (go back to the last whole development period, leave out an origin period that
            is not over), ``keep`` (take the last periods as they are). What is kept half-seen understates
            what is still to come: it is developed as if its period were over. Its links would say that claims
            grow less, so averages leave them out (but where an age has no other), and `unseen_days` and
            `notes` say so. Estimates for an unfinished origin period include what has not been incurred yet.
            A finer `development_grain` needs no such choice.
        currency
            Column that must hold one currency.

        Raises
        ------
        InputError
            With every fault found: missing or unreadable columns, payments before their origin, amounts that
            are no numbers, more than one currency, repeated or missing cells of cumulative rows.

        >>> import pyarrow as pa
        >>> days = {"loss": ["2024-03-05", "2024-11-30"], "paid": ["2024-06-01", "2025-02-01"]}
        >>> payments = pa.table(days | {"sum": [70.0, 30.0]})
        >>> triangle = Triangle.from_frame(
        ...     payments, origin="loss", valuation="paid", amount="sum", cumulative=False
        ... )
        >>> triangle.cumulative.tolist()
        [[70.0, 100.0], [0.0, nan]]
        """
        from mutualfund.claims.reserving.reading import read_triangle

        return read_triangle(
            frame,
            columns=(origin, valuation, amount, currency),
            cumulative=cumulative,
            grains=(origin_grain, development_grain),
            as_of=as_of,
            partial=partial,
        )

    @property
    def n_origins(self) -> int:
        """Origin periods."""
        return int(self.cumulative.shape[0])

    @property
    def n_ages(self) -> int:
        """Development periods of the oldest origin."""
        return int(self.cumulative.shape[1])

    @property
    def origin_months(self) -> IntArray:
        """(n_origins,) first months, counted from January 1970."""
        step = months_in("origin_grain", self.origin_grain)
        return month_number(self.first_origin) + step * np.arange(self.n_origins, dtype=np.int64)

    @property
    def origins(self) -> tuple[str, ...]:
        """Names of the origin periods, such as ``2026Q1``."""
        return tuple(label(int(month), self.origin_grain) for month in self.origin_months)

    @property
    def ages(self) -> IntArray:
        """(n_origins,) column of the last known amount of each origin, from 0."""
        return np.minimum(self._ages_by_calendar(), self.n_ages - 1)

    def _ages_by_calendar(self) -> IntArray:
        """(n_origins,) development periods begun by the valuation date after that of the origin's start."""
        step = months_in("development_grain", self.development_grain)
        last = month_number(self.valuation) // step
        return np.asarray(last - self.origin_months // step, dtype=np.int64)

    @property
    def known(self) -> BoolArray:
        """(n_origins, n_ages) which cells are known."""
        return ~np.isnan(self.cumulative)

    @property
    def known_before(self) -> BoolArray:
        """(n_origins, n_ages) which cells were known when the last development period began."""
        return np.asarray(np.arange(self.n_ages) < self._ages_by_calendar()[:, None])

    @property
    def latest(self) -> FloatArray:
        """(n_origins,) amount to date, currency."""
        return np.asarray(self.cumulative[np.arange(self.n_origins), self.ages])

    @property
    def incremental(self) -> FloatArray:
        """(n_origins, n_ages) amount of each development period alone; NaN where not yet known."""
        return np.diff(self.cumulative, axis=1, prepend=0.0)

    def with_exposure(self, exposure: npt.ArrayLike) -> Self:
        """The same triangle with contributions or member-months, (n_origins,) above 0.

        >>> triangle = Triangle.from_array([[1.0, 2.0], [1.0, None]], first_origin=date(2024, 1, 1))
        >>> triangle.with_exposure([10.0, 12.0]).exposure.tolist()
        [10.0, 12.0]
        """
        return replace(self, exposure=numbers("exposure", exposure))

    def earlier(self, periods: int) -> Self:
        """The triangle as it was `periods` development periods before, with the notes that it gives rise to.

        Raises
        ------
        InputError
            Where nothing would be left.

        >>> triangle = Triangle.from_array([[1.0, 2.0], [1.0, None]], first_origin=date(2024, 1, 1))
        >>> triangle.earlier(1).cumulative.tolist()
        [[1.0]]
        """
        most, unit = int(self._ages_by_calendar()[0]), f"{self.development_grain}s"
        require_whole("periods", periods, minimum=0, maximum=most, unit=unit)
        if periods == 0:
            return self
        step = months_in("development_grain", self.development_grain)
        month = month_number(self.valuation) - step * periods
        ages = self._ages_by_calendar() - periods
        rows, columns = int((ages >= 0).sum()), min(int(ages[0]) + 1, self.n_ages)
        values = self.cumulative[:rows, :columns].copy()
        values[np.arange(columns) > ages[:rows, None]] = np.nan
        exposure = None if self.exposure is None else self.exposure[:rows]
        return replace(
            self,
            cumulative=values,
            valuation=last_day(month),
            exposure=exposure,
            notes=noticed(values),
            unseen_days=0,
        )

    @property
    def open_origin(self) -> bool:
        """Whether the youngest origin period was not over on the valuation date."""
        step = months_in("origin_grain", self.origin_grain)
        return bool(self.origin_months[-1] + step - 1 > month_number(self.valuation))

    def to_pandas(self) -> pd.DataFrame:
        """Cumulative amounts, origins by ages (counted from 1).

        >>> Triangle.from_array([[1.0, 2.0], [1.0, None]], first_origin=date(2024, 1, 1)).to_pandas().shape
        (2, 2)
        """
        import pandas as pd

        origins = pd.Index(self.origins, name="origin")
        ages = pd.Index(np.arange(1, self.n_ages + 1), name=f"age in {self.development_grain}s")
        return pd.DataFrame(self.cumulative, index=origins, columns=ages)

    @property
    def plot(self) -> TrianglePlots:
        """Pictures of the triangle."""
        from mutualfund.claims.reserving.plots import TrianglePlots

        return TrianglePlots(self)

    @property
    def valued(self) -> str:
        """The valuation date in words, and how much of its period had not been seen yet."""
        unseen = f", {self.unseen_days} days of it not seen yet" if self.unseen_days else ""
        return f"valued at {self.valuation.isoformat()}{unseen}"

    def __repr__(self) -> str:
        return (
            f"Triangle: {self.n_origins} {self.origin_grain}s of origin x {self.n_ages} "
            f"{self.development_grain}s of development, {self.valued}"
        )

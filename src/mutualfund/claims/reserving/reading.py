"""Dated rows in, a triangle out: every row has one cell, and what does not fit is refused by its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

import numpy as np
import pyarrow as pa

from mutualfund.claims.reserving.noticed import noticed
from mutualfund.claims.reserving.periods import (
    MONTHS_IN,
    Grain,
    first_day,
    label,
    last_day,
    months_in,
)
from mutualfund.claims.reserving.triangle import Triangle
from mutualfund.errors import Fault, InputError, as_day, kind_of, require_choice
from mutualfund.portfolio.cells import (
    PERIODS,
    WrongTypeError,
    as_days,
    as_labels,
    as_numbers,
    plain,
)
from mutualfund.portfolio.days import day_number, month_number, month_numbers
from mutualfund.portfolio.frames import columns_of_frame
from mutualfund.portfolio.table import rows_in_words
from mutualfund.schema import is_currency
from mutualfund.types import BoolArray, Day, FloatArray, IntArray

Partial = Literal["refuse", "drop", "keep"]
_DAYS = day_number(date.min), day_number(date.max)
MOST_PERIODS = 1200  # on an axis: a hundred years of months


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Readable rows: days since 1970-01-01 and amounts, (n,)."""

    origin: IntArray
    valuation: IntArray
    amount: FloatArray
    currency: str


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the triangle begins and ends: months since January 1970, the last one whole and included."""

    origin_grain: Grain
    development_grain: Grain
    first: int
    last: int

    @property
    def origins(self) -> int:
        """Origin periods that have begun by the last month."""
        return (self.last - self.first) // MONTHS_IN[self.origin_grain] + 1

    def without_open_origin(self) -> int:
        """Origin periods that are over by the last month."""
        return (self.last + 1 - self.first) // MONTHS_IN[self.origin_grain]


def read_triangle(
    frame: Any,
    *,
    columns: tuple[str, str, str, str | None],
    cumulative: bool,
    grains: tuple[Grain, Grain],
    as_of: Day | None,
    partial: Partial,
) -> Triangle:
    """The triangle of dated rows; `Triangle.from_frame` says what each argument means."""
    steps = months_in("origin_grain", grains[0]), months_in("development_grain", grains[1])
    require_choice("partial", partial, get_args(Partial), code="unknown")
    day = None if as_of is None else as_day("as_of", as_of)
    rows = _read(columns_of_frame(frame), columns)
    end = month_number(day) if day else int(month_numbers(rows.valuation).max())
    last = _last_month(end, steps[1], day, partial)
    counted = rows.valuation <= day_number(last_day(last))
    if day is not None:
        counted &= rows.valuation <= day_number(day)
    if not counted.any():
        got, allowed = "no row", f"rows dated by {last_day(last).isoformat()}"
        raise InputError([Fault("frame", got, allowed, code="empty")])
    starts = month_numbers(rows.origin) // steps[0] * steps[0]
    place = _Frame(grains[0], grains[1], int(starts[counted].min()), last)
    _require_few_periods(place, rows, counted, columns, day)
    n_origins = _origins_kept(place, partial)
    counted &= starts < place.first + n_origins * steps[0]
    values = _cells(rows, starts, counted, place, n_origins, cumulative)
    unseen_days = max((last_day(last) - day).days, 0) if day else 0
    notes = {
        "days of the last development period not seen yet": unseen_days,
        "rows left out: later than the valuation date or in an open origin": int((~counted).sum()),
    }
    return Triangle(
        cumulative=values,
        first_origin=first_day(place.first),
        valuation=last_day(last),
        origin_grain=grains[0],
        development_grain=grains[1],
        currency=rows.currency,
        notes=noticed(values) + tuple((words, count) for words, count in notes.items() if count),
        unseen_days=unseen_days,
    )


def _require_few_periods(
    place: _Frame,
    rows: _Rows,
    counted: BoolArray,
    columns: tuple[str, str, str, str | None],
    as_of: date | None,
) -> None:
    """One date that is written wrongly would make a triangle of all the months since."""
    step = MONTHS_IN[place.development_grain]
    n_ages = place.last // step - place.first // step + 1
    if max(place.origins, n_ages) <= MOST_PERIODS:
        return
    origin, valuation = month_numbers(rows.origin), month_numbers(rows.valuation)
    middle = float(np.median(origin[counted]))
    finer = place.origin_grain if place.origins >= n_ages else place.development_grain
    allowed = f"dates that lie within {MOST_PERIODS:,} {finer}s of each other"
    remedy = "Correct the dates, or take longer periods."
    if middle - place.first >= place.last - middle:
        far, name = counted & (origin == origin[counted].min()), columns[0]
    elif as_of is None:
        far, name = valuation == valuation.max(), columns[1]
    else:
        raise InputError([Fault("as_of", as_of.isoformat(), allowed, remedy, "too_long")])
    raise InputError([Fault(name, rows_in_words(far), allowed, remedy, "too_long")])


def _last_month(end: int, step: int, as_of: date | None, partial: Partial) -> int:
    """The last month of the last development period that counts as over."""
    whole_by = end // step * step + step - 1  # of the period that holds the valuation date
    if as_of is None or as_of == last_day(whole_by) or partial == "keep":
        return whole_by
    if partial == "drop":
        return whole_by - step
    allowed = f"the last day of a development period, such as {last_day(whole_by - step)}"
    raise InputError([Fault("as_of", as_of.isoformat(), allowed, _CHOOSE, "partial_period")])


_CHOOSE = 'Say partial="drop" to leave unfinished periods out, or partial="keep".'


def _origins_kept(place: _Frame, partial: Partial) -> int:
    over = place.without_open_origin()
    if over == place.origins or partial == "keep":
        return place.origins
    if partial == "refuse":
        start = place.first + over * MONTHS_IN[place.origin_grain]
        got = f"{label(start, place.origin_grain)}, which is not over by {last_day(place.last)}"
        allowed = "origin periods that are over"
        raise InputError([Fault("origin", got, allowed, _CHOOSE, "partial_period")])
    if over == 0:
        got, allowed = "one unfinished origin period", "at least one that is over"
        raise InputError([Fault("origin", got, allowed, _CHOOSE, "partial_period")])
    return over


def _cells(
    rows: _Rows,
    starts: IntArray,
    counted: BoolArray,
    place: _Frame,
    n_origins: int,
    cumulative: bool,
) -> FloatArray:
    """(n_origins, n_ages) cumulative amounts, NaN where not yet known."""
    origin_step, step = MONTHS_IN[place.origin_grain], MONTHS_IN[place.development_grain]
    row = (starts[counted] - place.first) // origin_step
    column = month_numbers(rows.valuation)[counted] // step - starts[counted] // step
    begins = place.first + origin_step * np.arange(n_origins)
    ages = place.last // step - begins // step
    shape = n_origins, int(ages[0]) + 1
    known = np.arange(shape[1]) <= ages[:, None]
    sums, size, seen = np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=np.int64)
    np.add.at(sums, (row, column), rows.amount[counted])
    np.add.at(size, (row, column), np.abs(rows.amount[counted]))
    np.add.at(seen, (row, column), 1)
    if cumulative:
        _one_row_a_cell(seen, known, begins, place)
    else:
        sums, size, seen = (values.cumsum(axis=1) for values in (sums, size, seen))
    # Payments that are taken back cancel to the last digit on paper, and nearly so in binary.
    sums[np.abs(sums) <= seen * np.finfo(np.float64).eps * size] = 0.0
    return np.where(known, sums, np.nan)


def _one_row_a_cell(seen: IntArray, known: BoolArray, begins: IntArray, place: _Frame) -> None:
    faults = []
    for wrong, got, code in (
        (seen > 1, "more than one row", "duplicate_cell"),
        (known & (seen == 0), "no row", "missing_cell"),
    ):
        if wrong.any():
            row, column = (int(at[0]) for at in np.nonzero(wrong))
            where = f"origin {label(int(begins[row]), place.origin_grain)}, age {column + 1}"
            remedy = "Rows that are payments, to be added up, need cumulative=False."
            allowed = "one total to date for each known cell"
            words = f"{got} ({int(wrong.sum())} such cells)"
            faults.append(Fault(f"frame, {where}", words, allowed, remedy, code))
    if faults:
        raise InputError(faults)


def _read(
    columns: dict[str, pa.Array | pa.ChunkedArray], names: tuple[str, str, str, str | None]
) -> _Rows:
    held = tuple(columns)
    allowed = f"a column of the frame: {', '.join(held) or 'it has none'}"
    missing = []
    for field, name in zip(("origin", "valuation", "amount", "currency"), names, strict=True):
        if isinstance(name, str):
            if name not in held:
                missing.append(Fault(name, "no such column", allowed, code="missing_column"))
        elif name is not None or field != "currency":
            missing.append(Fault(field, kind_of(name), allowed, code="missing_column"))
    if missing:
        raise InputError(missing)
    if len(next(iter(columns.values()))) == 0:
        raise InputError([Fault("frame", "no row", "at least one row", code="empty")])
    faults: list[Fault] = []
    origin = _days(columns, names[0], faults)
    valuation = _days(columns, names[1], faults)
    amount = _amounts(columns, names[2], faults)
    currency = _currency(columns, names[3], faults)
    if not faults and (valuation < origin).any():
        words, allowed = rows_in_words(valuation < origin), f"not before {names[0]}"
        faults.append(Fault(names[1], words, allowed, "Correct the dates.", "dates_out_of_order"))
    if faults:
        raise InputError(faults)
    return _Rows(origin, valuation, amount, currency)


def _days(
    columns: dict[str, pa.Array | pa.ChunkedArray], name: str, faults: list[Fault]
) -> IntArray:
    try:
        days = as_days(plain(columns[name]))
    except WrongTypeError:
        got = "a column that holds no dates"
        faults.append(Fault(name, got, "dates, or texts YYYY-MM-DD", PERIODS, "type"))
        return np.zeros(0, dtype=np.int64)
    bad = days.missing | days.unreadable | (days.values < _DAYS[0]) | (days.values > _DAYS[1])
    if bad.any():
        faults.append(Fault(name, rows_in_words(bad), "a day in every row", code="no_date"))
    return days.values


def _amounts(
    columns: dict[str, pa.Array | pa.ChunkedArray], name: str, faults: list[Fault]
) -> FloatArray:
    try:
        numbers = as_numbers(plain(columns[name]))
    except WrongTypeError:
        faults.append(Fault(name, "a column that holds no numbers", "numbers", code="type"))
        return np.zeros(0)
    bad = ~np.isfinite(numbers.values)
    if bad.any():
        allowed = "a finite number in every row"
        faults.append(Fault(name, rows_in_words(bad), allowed, code="not_a_number"))
    return numbers.values


def _currency(
    columns: dict[str, pa.Array | pa.ChunkedArray], name: str | None, faults: list[Fault]
) -> str:
    if name is None:
        return ""
    try:
        codes, found = as_labels(plain(columns[name]))
    except WrongTypeError:
        faults.append(Fault(name, "a column that holds no text", "currency codes", code="type"))
        return ""
    if (codes < 0).any():
        words = rows_in_words(codes < 0)
        faults.append(Fault(name, words, "one currency in every row", code="no_currency"))
    if len(found) > 1:
        words, remedy = (
            rows_in_words(codes != codes[0]),
            "Convert the amounts, or make one triangle of each.",
        )
        faults.append(Fault(name, words, "one currency", remedy, "mixed_currency"))
    if len(found) == 1 and not is_currency(found[0]):
        faults.append(Fault(name, "no code", "three capital letters", "Write EUR.", "no_currency"))
    return found[0] if found else ""

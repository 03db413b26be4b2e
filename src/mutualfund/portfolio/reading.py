"""From the columns of a members table to a `Portfolio`, or to every fault of the table at once."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mutualfund.errors import MutualFundWarning
from mutualfund.portfolio.days import (
    EPOCH,
    NOT_A_DAY,
    day_number,
    month_number,
    month_numbers,
)
from mutualfund.portfolio.keys import member_keys
from mutualfund.portfolio.members import LONG_STANDING, UNKNOWN_AGE, Portfolio
from mutualfund.portfolio.table import TableReader, all_repeats, later_repeats, rows_in_words
from mutualfund.schema import MAX_AGE, SEXES
from mutualfund.types import BoolArray, IntArray, UIntArray

RARE_AGE = 105  # older than this is possible and worth a second look


def portfolio_from_columns(
    columns: Mapping[str, pa.Array | pa.ChunkedArray], *, start: date, source: str
) -> Portfolio:
    """The portfolio in Arrow columns named as in `schema.MEMBERS`.

    Raises
    ------
    InputError
        With every fault of the table.
    """
    reader = TableReader("members", columns, source=source)
    if reader.n_rows == 0:
        reader.note(
            "rows", "no member", "at least one row", "Check that the right file is named.", "empty"
        )
    keys = _keys(reader)
    ages = _ages(reader, start)
    joined_day, joined = _joined(reader, start)
    sex_codes, sex_names = reader.labels("sex")
    labels = {
        name: reader.labels(name)
        for name in ("plan", "health_state", "region", "group", "household")
        if name in reader
    }
    income = reader.numbers("income") if "income" in reader else None
    consent = reader.flags("consent") if "consent" in reader else None
    reader.raise_faults()
    birth_day = reader.days("birth_date") if "birth_date" in reader else None
    entry_ages = _entry_ages(birth_day, joined_day)
    _warn_of_rare_ages(ages, source)
    order = np.argsort(keys, kind="stable")
    sex_of_name = np.array([SEXES.index(name) for name in sex_names])

    def codes(name: str) -> IntArray | None:
        return labels[name][0][order] if name in labels else None

    def names(name: str) -> tuple[str, ...]:
        return labels[name][1] if name in labels else ()

    plan_code = codes("plan")
    return Portfolio(
        member_key=keys[order],
        age=ages[order],
        sex=sex_of_name[sex_codes][order].astype(np.int8),
        joined_month=joined[order],
        plan_names=names("plan"),
        plan_code=np.full(len(keys), -1) if plan_code is None else plan_code,
        health_state_names=names("health_state") if "health_state" in labels else None,
        health_state_code=codes("health_state"),
        region_names=names("region"),
        region_code=codes("region"),
        group_names=names("group"),
        group_code=codes("group"),
        household_code=codes("household"),
        income=None if income is None else income[order],
        entry_age=None if entry_ages is None else entry_ages[order],
        birth_day=None if birth_day is None else birth_day[order],
        joined_day=None if joined_day is None else joined_day[order],
        start=start,
        notes=_notes(ages, consent),
    )


def _keys(reader: TableReader) -> UIntArray:
    """(n,) keys; a second row of the same member is refused, an exact copy of a row counted apart."""
    if "member_id" not in reader:
        return np.zeros(reader.n_rows, dtype=np.uint64)
    identifiers = pc.fill_null(reader.text("member_id"), "")
    encoded = pc.dictionary_encode(identifiers)
    distinct = encoded.dictionary.to_pylist()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    copy = reader.copies(all_repeats(codes))
    blank = np.array([not text.strip() for text in distinct], dtype=np.bool_)
    again = later_repeats(codes) & ~copy & ~blank[codes]
    allowed = "one row for each member_id"
    reader.note_rows("member_id", again, allowed, "Keep one row of each member.", "duplicate_id")
    reader.note_rows("row", copy, allowed, "Remove the exact copies.", "duplicate_row")
    keys = member_keys(distinct)
    if (np.diff(np.sort(keys)) == 0).any():
        remedy = "Change one of the two identifiers: they share one 64-bit digest."
        collided = np.isin(codes, np.flatnonzero(later_repeats(keys)))
        reader.note_rows("member_id", collided, "distinct digests", remedy, "key_collision")
    keys_of_rows: UIntArray = keys[codes]
    return keys_of_rows


def _ages(reader: TableReader, start: date) -> IntArray:
    """(n,) age last birthday at `start`, from the day of birth or as given."""
    both = "birth_date" in reader and "age" in reader
    if both or not ("birth_date" in reader or "age" in reader):
        got = "both columns" if both else "neither column"
        remedy = "Leave out age." if both else "Add birth_date."
        reader.note(
            "birth_date, age", got, "one of birth_date and age", remedy, "age_or_birth_date"
        )
        return np.zeros(reader.n_rows, dtype=np.int64)
    if "age" in reader:
        return reader.integers("age")
    born = reader.days("birth_date", filled=True)
    known = born != NOT_A_DAY
    ages = age_last_birthday(np.where(known, born, day_number(start)), start)
    allowed = f"age 0 to {MAX_AGE} at fund start"
    remedy = "Correct the day of birth, or leave out who is not born yet."
    reader.note_rows(
        "birth_date", known & ((ages < 0) | (ages > MAX_AGE)), allowed, remedy, "range"
    )
    return ages


def age_last_birthday(born: IntArray, on: date | IntArray) -> IntArray:
    """(n,) age last birthday on a day. Days count from 1970-01-01, `born` (n,); negative before birth.

    Someone born on 29 February has a birthday on 1 March where there is no 29 February.

    >>> age_last_birthday(np.array([0]), date(2026, 12, 31)).tolist()
    [56]
    """
    today = np.asarray(day_number(on)) if isinstance(on, date) else on
    year, day_of_year = _calendar(today)
    year_born, birthday = _calendar(born)
    ages: IntArray = year - year_born - (birthday > day_of_year)
    return ages


def _calendar(days: IntArray) -> tuple[IntArray, IntArray]:
    """Year, and month and day as one number that grows through the year, of days since 1970-01-01."""
    month = month_numbers(days)
    day_of_month = days - month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + 1
    return EPOCH.year + month // 12, (month % 12 + 1) * 100 + day_of_month


def _entry_ages(born: IntArray | None, joined: IntArray | None) -> IntArray | None:
    """(n,) age last birthday on joining; None where the table has not both days."""
    if born is None or joined is None:
        return None
    known = joined != NOT_A_DAY
    ages = age_last_birthday(born, np.where(known, joined, born))
    return np.where(known, ages, UNKNOWN_AGE)


def _joined(reader: TableReader, start: date) -> tuple[IntArray | None, IntArray]:
    """(n,) day of joining, or None without that column, and month of it relative to the month of `start`.

    The month is LONG_STANDING where the day is not given.
    """
    if "joined" not in reader:
        return None, np.full(reader.n_rows, LONG_STANDING)
    joined = reader.days("joined")
    known = joined != NOT_A_DAY
    first_day = day_number(start)
    remedy = "Leave out who joins later: the assumptions say how many join."
    reader.note_rows(
        "joined", known & (joined > first_day), "not after fund start", remedy, "future_date"
    )
    if "birth_date" in reader:
        early = known & (joined < reader.days("birth_date", filled=True))
        reader.note_rows(
            "joined", early, "not before birth_date", "Correct one of the two.", "before_birth"
        )
    relative = month_numbers(np.where(known, joined, 0)) - month_number(start)
    return joined, np.where(known, relative, LONG_STANDING)


def _notes(ages: IntArray, consent: BoolArray | None) -> tuple[tuple[str, int], ...]:
    """What a reader of the results should know of the members, with the number of them."""
    rare = int((ages > RARE_AGE).sum())
    notes = [] if consent is None else [("with consent", int(consent.sum()))]
    return (*notes, (f"older than {RARE_AGE}", rare)) if rare else tuple(notes)


def _warn_of_rare_ages(ages: IntArray, source: str) -> None:
    rare = ages > RARE_AGE
    if rare.any():
        text = f"{source}: age above {RARE_AGE}: {rows_in_words(rare)}"
        warnings.warn(text, MutualFundWarning, stacklevel=4)

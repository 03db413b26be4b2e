"""The cells of one column, read strictly: Arrow values in, NumPy values and masks of what is wrong out.

Nothing is guessed. A number is a number column or a text of digits with a point; a day is a date column, a
timestamp at midnight or the text YYYY-MM-DD; an identifier is text or a column of whole numbers. What cannot
be read is marked, never repaired.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mutualfund.portfolio.days import NOT_A_DAY, day_number
from mutualfund.types import BoolArray, FloatArray, IntArray

NUMBER_TEXT = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"
DECIMAL_COMMA = r"^[+-]?\d[\d. ]*,\d+$"
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
PERIODS = "Of a pandas column of periods, take .dt.to_timestamp()."
TRUE_TEXTS, FALSE_TEXTS = ("true", "True", "1"), ("false", "False", "0")


class WrongTypeError(TypeError):
    """The whole column has a type that cannot hold what is asked of it."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers of one column: `values` (n,) with NaN where missing or unreadable, and three masks (n,)."""

    values: FloatArray
    missing: BoolArray
    unreadable: BoolArray
    decimal_comma: BoolArray


@dataclass(frozen=True, slots=True)
class Days:
    """Days of one column since 1970-01-01: `values` (n,), NOT_A_DAY where missing or unreadable."""

    values: IntArray
    missing: BoolArray
    unreadable: BoolArray


def mask(condition: pa.Array) -> BoolArray:
    """An Arrow condition as (n,) booleans; null counts as false."""
    filled = pc.fill_null(condition, False)
    return np.asarray(filled.to_numpy(zero_copy_only=False), dtype=np.bool_)


def plain(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """One array in one piece; text that is stored as codes into a dictionary stays so."""
    if not isinstance(values, pa.ChunkedArray):
        return values
    if pa.types.is_dictionary(values.type):
        values = values.unify_dictionaries()
    return pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], values.type)


def longer_than(values: pa.Array, most: int) -> BoolArray:
    """(n,) which texts take more than `most` bytes; a dictionary is looked at once for each entry."""
    if not pa.types.is_dictionary(values.type):
        return mask(pc.greater(pc.binary_length(values.cast(pa.large_string())), most))
    entries = mask(pc.greater(pc.binary_length(values.dictionary.cast(pa.large_string())), most))
    codes = pc.fill_null(values.indices, 0).to_numpy(zero_copy_only=False)
    long = entries[codes] if entries.size else np.zeros(len(values), dtype=np.bool_)
    present: BoolArray = long & mask(values.is_valid())
    return present


def is_text(kind: pa.DataType) -> bool:
    """Whether `kind` holds text, dictionary-encoded or not."""
    if pa.types.is_dictionary(kind):
        return is_text(kind.value_type)
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def as_text(values: pa.Array) -> pa.Array:
    """Text as Arrow large strings.

    Raises
    ------
    WrongTypeError
        Where the column is not text: an identifier that was read as a number has lost its leading zeros.
    """
    if pa.types.is_null(values.type):
        return values.cast(pa.large_string())
    if not is_text(values.type):
        raise WrongTypeError("text")
    return values.cast(pa.large_string())


def as_identifiers(values: pa.Array) -> pa.Array:
    """Identifiers as Arrow large strings; those of a whole-number column as their decimal digits.

    Raises
    ------
    WrongTypeError
        Where the column is neither. A number with a fraction part is no identifier: it may be rounded.

    >>> as_identifiers(pa.array([7, 80])).to_pylist()
    ['7', '80']
    """
    if pa.types.is_integer(values.type):
        return values.cast(pa.large_string())
    return as_text(values)


def as_labels(values: pa.Array) -> tuple[IntArray, tuple[str, ...]]:
    """(n,) codes into the distinct texts in alphabetical order, and these; -1 where missing or blank."""
    encoded = pc.dictionary_encode(as_text(values))
    found: list[str] = encoded.dictionary.to_pylist()
    names = tuple(sorted(text for text in found if text.strip()))
    place = {text: code for code, text in enumerate(names)}
    recode = np.array([*(place.get(text, -1) for text in found), -1], dtype=np.int64)
    indices = pc.fill_null(encoded.indices, len(found)).to_numpy(zero_copy_only=False)
    return recode[indices], names


def as_numbers(values: pa.Array) -> Numbers:
    """Numbers from a numeric column or from plain digits in a text column.

    Raises
    ------
    WrongTypeError
        Where the column is neither.
    """
    kind = values.type
    missing = mask(values.is_null())
    if is_text(kind):
        return _numbers_from_text(as_text(values))
    if pa.types.is_null(kind):
        return Numbers(np.full(len(values), np.nan), missing, ~missing, ~missing)
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        raise WrongTypeError("number")
    floats = pc.fill_null(values.cast(pa.float64(), safe=False), float("nan"))
    nothing = np.zeros(len(values), dtype=np.bool_)
    return Numbers(floats.to_numpy(zero_copy_only=False), missing, nothing, nothing)


def _numbers_from_text(text: pa.Array) -> Numbers:
    missing = mask(text.is_null()) | mask(pc.equal(text, ""))
    readable = pc.fill_null(pc.match_substring_regex(text, NUMBER_TEXT), False)
    floats = pc.if_else(readable, text, None).cast(pa.float64())
    values = pc.fill_null(floats, float("nan")).to_numpy(zero_copy_only=False)
    comma = mask(pc.match_substring_regex(text, DECIMAL_COMMA))
    return Numbers(values, missing, ~mask(readable) & ~missing, comma)


def as_days(values: pa.Array) -> Days:
    """Days from a date column, from timestamps at midnight, or from the text YYYY-MM-DD.

    Raises
    ------
    WrongTypeError
        Where the column is none of these. A number is not a day: nobody can tell which.
    """
    kind = values.type
    missing = mask(values.is_null())
    if is_text(kind):
        return _days_from_text(as_text(values))
    if pa.types.is_null(kind):
        return Days(np.full(len(values), NOT_A_DAY), missing, ~missing)
    if pa.types.is_date(kind):
        days = values.cast(pa.date32()).cast(pa.int32()).cast(pa.int64())
        filled = pc.fill_null(days, NOT_A_DAY).to_numpy(zero_copy_only=False)
        return Days(filled, missing, np.zeros(len(values), dtype=np.bool_))
    if not pa.types.is_timestamp(kind):
        raise WrongTypeError("date")
    return _days_from_timestamps(values, missing)


def _days_from_timestamps(values: pa.Array, missing: BoolArray) -> Days:
    """A time of day is refused: whose midnight it is measured from is not said."""
    per_day = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[values.type.unit] * 86_400
    ticks = pc.fill_null(values.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
    unreadable = (ticks % per_day != 0) & ~missing
    days = np.where(missing | unreadable, NOT_A_DAY, ticks // per_day)
    return Days(days, missing, unreadable)


def _days_from_text(text: pa.Array) -> Days:
    """Each distinct text is read once: a hundred years have fewer than 40,000 days."""
    encoded = pc.dictionary_encode(text)
    found = [_day(entry) for entry in encoded.dictionary.to_pylist()]
    lookup = np.array([*found, NOT_A_DAY], dtype=np.int64)
    days = lookup[pc.fill_null(encoded.indices, len(found)).to_numpy(zero_copy_only=False)]
    missing = mask(text.is_null()) | mask(pc.equal(text, ""))
    return Days(days, missing, (days == NOT_A_DAY) & ~missing)


def _day(text: str) -> int:
    if not ISO_DAY.fullmatch(text):
        return NOT_A_DAY
    try:
        return day_number(date.fromisoformat(text))
    except ValueError:  # such as the 30th of February
        return NOT_A_DAY


def as_flags(values: pa.Array) -> tuple[BoolArray, BoolArray]:
    """(n,) flags and (n,) which cells say neither true nor false; a missing cell is false.

    Raises
    ------
    WrongTypeError
        Where the column is neither boolean nor text.
    """
    if pa.types.is_boolean(values.type):
        return mask(values), np.zeros(len(values), dtype=np.bool_)
    text = pc.fill_null(as_text(values), "false")
    yes = mask(pc.is_in(text, pa.array(TRUE_TEXTS, pa.large_string())))
    no = mask(pc.is_in(text, pa.array((*FALSE_TEXTS, ""), pa.large_string())))
    return yes, ~(yes | no)

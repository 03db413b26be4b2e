"""What can go wrong, said in one shape: which field, what came, what is allowed, what to write instead.

A `Fault` is one such statement. An `InputError` carries all the faults of an input at once. A fault about a
members file or claim lines names rows and columns, never a member's value: build it with `got=HIDDEN`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


HIDDEN = "(value not shown)"
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NO_LIMIT = 1e300
"""From here on a bound only keeps infinity out; below 1 over it, nought."""
_IN_FULL = 1e10


class MutualFundError(Exception):
    """The root of every error this library raises on purpose.

    >>> try:
    ...     require("settings.paths", 0, minimum=1, maximum=100, unit="paths")
    ... except MutualFundError as error:
    ...     print(error)
    settings.paths: got 0; allowed: 1 to 100 (paths).
    """


class MutualFundWarning(UserWarning):
    """Something a reader of the results should know; recorded in the run's manifest.

    >>> issubclass(MutualFundWarning, UserWarning)
    True
    """


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input.

    `code` is a short stable name (``"duplicate_id"``) that tests and programs can rely on.
    """

    field: str
    got: str
    allowed: str
    remedy: str = ""
    code: str = "invalid"

    def __str__(self) -> str:
        text = f"{self.field}: got {self.got}; allowed: {self.allowed}."
        return f"{text} {self.remedy}" if self.remedy else text


class InputError(MutualFundError, ValueError):
    """An input was refused. `faults` lists everything that is wrong with it.

    >>> error = InputError([Fault("fund.currency", "'euro'", "three capital letters", "Write EUR.")])
    >>> print(error)
    fund.currency: got 'euro'; allowed: three capital letters. Write EUR.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        # One picklable argument: the error survives a process boundary.
        super().__init__(self.faults)

    def __str__(self) -> str:
        lines = [str(fault) for fault in self.faults]
        return lines[0] if len(lines) == 1 else f"{len(lines)} faults:\n  " + "\n  ".join(lines)


class NotEnoughPathsError(MutualFundError):
    """A quantile or probability was asked that this number of paths cannot support."""


class RunError(MutualFundError):
    """A run, or a stored run, cannot be used: altered, incomplete, or impossible to start."""


def kind_of(value: object) -> str:
    """What came, by its kind alone: no refusal shows the value.

    >>> kind_of(None), kind_of(Fault)
    ('a NoneType', 'the class Fault')
    """
    return f"the class {value.__name__}" if isinstance(value, type) else f"a {type(value).__name__}"


def require_kind(
    field: str, value: object, kind: type | tuple[type, ...], allowed: str, remedy: str = ""
) -> None:
    """Refuse what is of another kind, the class in the place of one of its values included.

    Raises
    ------
    InputError
        With one fault, that names the type and shows no value.

    >>> require_kind("day", date(2027, 1, 1), date, "a day")
    """
    if isinstance(value, type) or not isinstance(value, kind):
        raise InputError([Fault(field, kind_of(value), allowed, remedy, "type")])


def listed(
    field: str, values: Any, allowed: str, *, of: type | None = None, remedy: str = ""
) -> tuple[Any, ...]:
    """The items of a list, each of one kind where it is stated.

    Text is no list of its letters, and a frame none of the names of its columns.

    Raises
    ------
    InputError
        Where it is no list, or naming the place of the first item of another kind.

    >>> listed("funds", ["A", "B"], "names of funds", of=str)
    ('A', 'B')
    """
    no_list = isinstance(values, str | type) or hasattr(values, "columns")
    try:
        found = None if no_list else iter(values)
    except TypeError:
        found = None
    if found is None:
        raise InputError([Fault(field, kind_of(values), f"a list of {allowed}", remedy, "type")])
    items = tuple(found)
    if of is not None:
        for place, item in enumerate(items):
            require_kind(f"{field}[{place}]", item, of, allowed, remedy)
    return items


def numbers(field: str, values: Any) -> npt.NDArray[np.float64]:
    """`values` as numbers, of any shape; NumPy's own words for what is none would quote it.

    Raises
    ------
    InputError
        Where something is no number, such as text that reads as one, or rows differ in length.

    >>> numbers("cost", [1, 2.5]).tolist()
    [1.0, 2.5]
    """
    import numpy as np

    try:
        if values is not None and np.asarray(values).dtype.kind not in "USc":
            return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        pass  # the reason quotes the value, and would stay with the error as its context
    got = "nothing" if values is None else HIDDEN
    raise InputError([Fault(field, got, "numbers, as many in each row", code="type")])


def one_sample(field: str, values: Any) -> npt.NDArray[np.float64]:
    """`values` as the numbers of one sample, (n,); a single number is a sample of one.

    Raises
    ------
    InputError
        For what `numbers` refuses, and for a table, whose columns may be several samples.

    >>> one_sample("losses", [1, 2.5]).tolist()
    [1.0, 2.5]
    """
    import numpy as np

    found = np.atleast_1d(numbers(field, values))
    if found.ndim > 1:
        got, allowed = f"an array of shape {found.shape}", "one row of numbers"
        remedy = "Hand over one column, or array.ravel() where all of them are one sample."
        raise InputError([Fault(field, got, allowed, remedy, "shape")])
    return found


def require(
    field: str,
    got: npt.ArrayLike,
    *,
    minimum: float,
    maximum: float,
    unit: str,
    remedy: str = "",
    show: bool = True,
) -> None:
    """Refuse values outside ``[minimum, maximum]``; NaN is outside every range.

    Condition and message are built here together, so they cannot disagree. The first offending element is
    named; its value is shown only where `show` (never for members' data).

    Raises
    ------
    InputError
        With one fault.

    >>> require("benefits.coinsurance", 0.2, minimum=0.0, maximum=1.0, unit="share")
    """
    import numpy as np

    values = numbers(field, got)
    bad = np.flatnonzero(~((values >= minimum) & (values <= maximum)))
    if bad.size:
        first = int(bad[0])
        place = field if values.ndim == 0 else f"{field}[{first}]"
        shown = f"{values.flat[first]:g}" if show else HIDDEN
        allowed = f"{_span(minimum, maximum)} ({unit})"
        raise InputError([Fault(place, shown, allowed, remedy, code="range")])


def _span(minimum: float, maximum: float) -> str:
    """A range in words; a bound that no figure comes near is left out."""
    above_nought = 0.0 < minimum <= 1.0 / _NO_LIMIT
    if maximum < _NO_LIMIT:
        least = "more than 0, up" if above_nought else _bound(minimum)
        return f"{least} to {_bound(maximum)}"
    if minimum <= -_NO_LIMIT:
        return "a finite number"
    return f"a finite number, {'more than 0' if above_nought else f'{_bound(minimum)} or more'}"


def _bound(value: float) -> str:
    """A whole number that is short enough in full, such as a million."""
    return f"{value:.0f}" if abs(value) < _IN_FULL and value == int(value) else f"{value:g}"


def one_number(
    field: str,
    got: Any,
    *,
    minimum: float,
    maximum: float,
    unit: str,
    remedy: str = "",
    instead: str = "",
    show: bool = True,
) -> float:
    """As `require`, of one number where several are none; `instead` says where several belong.

    Raises
    ------
    InputError
        With one fault.

    >>> one_number("decay", 1, minimum=0.0, maximum=1.0, unit="weight")
    1.0
    """
    found = numbers(field, got)
    if found.ndim:
        raise InputError(
            [Fault(field, f"{found.size} numbers", "one number", instead or remedy, "shape")]
        )
    require(field, found, minimum=minimum, maximum=maximum, unit=unit, remedy=remedy, show=show)
    return float(found)


def as_day(field: str, value: object) -> date:
    """A day from what a column of days may hold: a date, a timestamp at midnight or the text YYYY-MM-DD.

    Raises
    ------
    InputError
        Where it is something else, or has a time of day or a time zone: then it is not said which day it is.

    >>> as_day("as_of", "2026-12-31"), as_day("as_of", datetime(2026, 12, 31))
    (datetime.date(2026, 12, 31), datetime.date(2026, 12, 31))
    """
    import numpy as np

    found = value.astype("datetime64[us]").item() if isinstance(value, np.datetime64) else value
    if isinstance(found, str) and _ISO_DAY.fullmatch(found):
        try:
            return date.fromisoformat(found)
        except ValueError:
            pass  # such as the 30th of February
    if isinstance(found, datetime):
        # A missing pandas timestamp is a datetime too, and equals nothing.
        if found == found and found.tzinfo is None and found.time() == time():
            return found.date()
    elif isinstance(found, date):
        return found
    got = f"{value!r:.40}" if isinstance(value, str | datetime) else f"a {type(value).__name__}"
    allowed = "a day, as date(2026, 12, 31) or the text 2026-12-31"
    raise InputError([Fault(field, got, allowed, code="type")])


def require_whole(
    field: str, got: Any, *, minimum: float, maximum: float, unit: str, remedy: str = ""
) -> None:
    """As `require`, of one whole number; 2.0 is taken for 2 nowhere, and so is refused here.

    Raises
    ------
    InputError
        With one fault.

    >>> require_whole("order", 2, minimum=1, maximum=4, unit="order of differences")
    """
    import numpy as np

    if isinstance(got, bool) or not isinstance(got, int | np.integer):
        shown = f"{got:g}" if isinstance(got, float) else f"a {type(got).__name__}"
        allowed = f"a whole number, {_span(minimum, maximum)} ({unit})"
        raise InputError([Fault(field, shown, allowed, remedy, code="type")])
    if not minimum <= int(got) <= maximum:  # exactly: a seed has more figures than a float
        allowed = f"{_span(minimum, maximum)} ({unit})"
        raise InputError([Fault(field, f"{got}", allowed, remedy, code="range")])


def require_choice(
    field: str, got: object, allowed: Iterable[str], *, remedy: str = "", code: str = "choice"
) -> None:
    """Refuse what is none of the words `allowed`.

    Raises
    ------
    InputError
        With one fault.

    >>> require_choice("grain", "month", ("month", "quarter", "year"))
    """
    words = tuple(allowed)
    if not (isinstance(got, str) and got in words):
        shown = f"{got!r:.40}" if got is None or isinstance(got, str) else kind_of(got)
        raise InputError([Fault(field, shown, ", ".join(words), remedy, code)])

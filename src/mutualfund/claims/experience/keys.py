"""What a table may be split by: calendar, members' attributes, the service line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mutualfund.claims.experience.calendar import StudyPeriod
from mutualfund.errors import Fault, InputError, listed, require_choice
from mutualfund.portfolio.members import Portfolio
from mutualfund.schema import MAX_AGE, SEXES
from mutualfund.types import IntArray

LINE = "line"
NONE = "(none)"
MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
AGE_BANDS = (0, 18, 45, 65)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Key:
    """One way to split member-months: labels in order, and a code for each member and month.

    `codes(first, last)` gives an array that broadcasts to (last - first, n_months).
    """

    name: str
    labels: tuple[str, ...]
    codes: Callable[[int, int], IntArray]


def keys_of(
    members: Portfolio, period: StudyPeriod, ages: IntArray, bands: IntArray, labels: Sequence[str]
) -> dict[str, Key]:
    """Every key of a study but the line.

    `ages` (n_members,) is the age on the first day of the period, negative before birth; `bands`
    (MAX_AGE + 1,) the band of each age and `labels` the bands' names.
    """
    quarter = np.arange(period.n_months) // 3
    quarters = tuple(f"{year} Q{place}" for year in period.year_labels for place in range(1, 5))
    calendar = {
        "year": (period.year_labels, period.year_of_month),
        "quarter": (quarters[: int(quarter[-1]) + 1], quarter),
        "month": (period.month_labels, np.arange(period.n_months)),
        "calendar_month": (MONTH_NAMES, period.calendar_month),
    }
    keys = {name: _of_time(name, *held) for name, held in calendar.items()}
    keys["sex"] = _of_members("sex", SEXES, members.sex.astype(np.int64))
    for name in ("plan", "health_state", "region", "group"):
        codes, names = getattr(members, f"{name}_code"), getattr(members, f"{name}_names")
        if codes is not None and names:
            keys[name] = _of_members(name, names, codes)

    def band(first: int, last: int) -> IntArray:
        age = ages[first:last, None] + period.year_of_month
        found: IntArray = bands[np.clip(age, 0, MAX_AGE)]
        return found

    keys["age_band"] = Key("age_band", tuple(labels), band)
    return keys


def _of_time(name: str, labels: tuple[str, ...], codes: IntArray) -> Key:
    return Key(name, labels, lambda _first, _last: codes[None, :])


def _of_members(name: str, labels: tuple[str, ...], codes: IntArray) -> Key:
    # a label of the members table that says the same takes them in: two of one name could not be told apart
    names = (*labels, NONE) if (codes < 0).any() and NONE not in labels else labels
    whole = np.where(codes < 0, names.index(NONE) if NONE in names else 0, codes)
    return Key(name, names, lambda first, last: whole[first:last, None])


def chosen(keys: dict[str, Key], by: str | Sequence[str]) -> tuple[str, ...]:
    """The names in `by`, each known and given once.

    Raises
    ------
    InputError
        Where one is not known or comes twice.
    """
    names = (by,) if isinstance(by, str) else listed("by", by, "names of keys")
    known = (LINE, *sorted(keys))
    for place, name in enumerate(names):
        require_choice("by", name, known, code="unknown_key")
        if name in names[:place]:
            got = f"{name!r} twice"
            raise InputError([Fault("by", got, ", ".join(known), code="unknown_key")])
    return names

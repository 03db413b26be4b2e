"""Age bands as people write them: ``"0-17"``, ``"18-44"``, ``"65+"``; every age in one band, no gaps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from mutualfund.errors import Fault, InputError, listed
from mutualfund.schema import MAX_AGE
from mutualfund.types import FloatArray, IntArray, frozen

_CLOSED = re.compile(r"^\s*(\d{1,3})\s*[-–]\s*(\d{1,3})\s*$")
_OPEN = re.compile(r"^\s*(\d{1,3})\s*\+\s*$")
_WRITE = 'bands such as "0-17", "18-64", "65+" that cover every age from 0 once'


@dataclass(frozen=True, slots=True)
class AgeBands:
    """A split of all ages from 0 to 120 into bands, in the order given.

    Raises
    ------
    InputError
        Where a label cannot be read, or an age falls in no band or in two.

    >>> AgeBands(["0-17", "18-64", "65+"]).index_of([4, 18, 90]).tolist()
    [0, 1, 2]
    """

    labels: tuple[str, ...]
    first: tuple[int, ...]
    last: tuple[int, ...]

    def __init__(self, labels: Iterable[str]) -> None:
        bands = listed("", labels, _WRITE, of=str)
        limits = [_limits(label) for label in bands]
        object.__setattr__(self, "labels", bands)
        object.__setattr__(self, "first", tuple(low for low, _ in limits))
        object.__setattr__(self, "last", tuple(high for _, high in limits))
        _require_cover(bands, limits)

    @classmethod
    def named(cls, field: str, labels: Iterable[str]) -> AgeBands:
        """The bands of an argument, whose name stands in the fault of any that does not fit.

        Raises
        ------
        InputError
            As for the bands themselves.
        """
        try:
            return cls(labels)
        except InputError as error:
            raise InputError([replace(fault, field=field) for fault in error.faults]) from None

    def __len__(self) -> int:
        return len(self.labels)

    def table(self) -> IntArray:
        """(121,) band of each age from 0 to 120."""
        band = np.empty(MAX_AGE + 1, dtype=np.int64)
        for index, (low, high) in enumerate(zip(self.first, self.last, strict=True)):
            band[low : high + 1] = index
        return frozen(band, np.int64)

    def index_of(self, ages: IntArray | Iterable[int]) -> IntArray:
        """(n,) band of each age; ages beyond 120 count as 120."""
        return self.table()[np.clip(np.asarray(ages, dtype=np.int64), 0, MAX_AGE)]

    def by_age(self, values: Iterable[float]) -> FloatArray:
        """(121,) the value of its band for each age from 0 to 120."""
        return np.asarray(list(values), dtype=np.float64)[self.table()]


def covers_all_ages(table: Mapping[str, float]) -> Mapping[str, float]:
    """The table itself; refused where its rows are not bands of all ages.

    >>> covers_all_ages({"0-17": 1.0, "18+": 2.0})["18+"]
    2.0
    """
    AgeBands(table)
    return table


def _limits(label: str) -> tuple[int, int]:
    closed, open_ended = _CLOSED.match(label), _OPEN.match(label)
    if closed:
        return int(closed[1]), int(closed[2])
    if open_ended:
        return int(open_ended[1]), MAX_AGE
    raise InputError([Fault("", f"'{label}'", _WRITE, code="age_bands")])


def _require_cover(labels: tuple[str, ...], limits: list[tuple[int, int]]) -> None:
    """Each age once: walk the bands from the youngest and name the first that does not fit."""
    expected = 0
    for (low, high), label in sorted(zip(limits, labels, strict=True)):
        if low > expected:
            raise InputError([Fault("", f"no band for age {expected}", _WRITE, code="age_bands")])
        if low < expected or high < low:
            raise InputError([Fault("", f"'{label}' overlapping", _WRITE, code="age_bands")])
        expected = high + 1
    if expected <= MAX_AGE:
        remedy = f'End with "{expected}+".' if not labels else f'Add "{expected}+".'
        raise InputError([Fault("", f"no band for age {expected}", _WRITE, remedy, "age_bands")])
    if expected > MAX_AGE + 1:
        raise InputError([Fault("", f"an age beyond {MAX_AGE}", _WRITE, code="age_bands")])

"""What is asked of figures given by row, a fund or a member: names, lengths, ranges, exposure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from mutualfund.errors import Fault, InputError, listed, require
from mutualfund.errors import numbers as numbers_of
from mutualfund.types import FloatArray, frozen

MOST = 1e13
"""Fund currency: the largest amount that a pool takes. It still has cents as a float."""


def fund_names(funds: Iterable[str], *, repeated: bool = False) -> tuple[str, ...]:
    """Names of the funds, at least one, each once unless `repeated` (several plans of a fund).

    Raises
    ------
    InputError
        Naming the place.

    >>> fund_names(["A", "B"])
    ('A', 'B')
    """
    names = tuple(str(name) for name in listed("funds", funds, "names of funds"))
    if not names:
        raise InputError([Fault("funds", "nothing", "one fund or more", code="empty")])
    if not repeated:
        twice = [place for place, name in enumerate(names) if name in names[:place]]
        faults = [
            Fault(f"funds[{place}]", repr(names[place]), "each fund once", code="duplicate_name")
            for place in twice
        ]
        if faults:
            raise InputError(faults)
    return names


def column(
    field: str,
    values: Any,
    n: int | None,
    *,
    minimum: float = 0.0,
    maximum: float = MOST,
    unit: str,
    show: bool = True,
) -> FloatArray:
    """One number per row; a single number stands for every row.

    n: how many rows; None for as many as there are numbers.
    show: whether a refused number may be shown, which a member's may not.

    Raises
    ------
    InputError
        Naming the row for a value out of range, or the length that was expected.

    >>> column("risk_score", 1.0, 2, unit="score").tolist()
    [1.0, 1.0]
    """
    numbers = numbers_of(field, values)
    if numbers.ndim == 0:
        require(field, numbers, minimum=minimum, maximum=maximum, unit=unit, show=show)
        return frozen(np.full(1 if n is None else n, float(numbers)))
    if numbers.ndim != 1 or n not in (None, numbers.size):
        got = f"an array of shape {numbers.shape}"
        allowed = f"{numbers.size if n is None else n} numbers, one per row"
        raise InputError([Fault(field, got, allowed, code="length")])
    require(field, numbers, minimum=minimum, maximum=maximum, unit=unit, show=show)
    return frozen(numbers)


def exposure(
    field: str, values: Any, n: int, *, unit: str, remedy: str, show: bool = True
) -> FloatArray:
    """A column whose every number is above zero: what is divided by.

    Raises
    ------
    InputError
        Naming the first row without exposure, and what to do about it.
    """
    numbers = column(field, values, n, unit=unit, show=show)
    empty = np.flatnonzero(numbers <= 0.0)
    if empty.size:
        place = f"{field}[{empty[0]}]"
        raise InputError([Fault(place, "0", f"more than 0 ({unit})", remedy, "zero_exposure")])
    return numbers


def table(
    field: str, values: Any, n: int, labels: Sequence[str], *, unit: str, remedy: str = ""
) -> FloatArray:
    """(n, n_labels) amounts, not negative.

    Raises
    ------
    InputError
        For another shape, or naming row and label of the first value out of range.
    """
    numbers = numbers_of(field, values)
    if numbers.shape != (n, len(labels)):
        got = f"an array of shape {numbers.shape}"
        allowed = (
            f"shape ({n}, {len(labels)}): a row per fund, a column for each of {', '.join(labels)}"
        )
        raise InputError([Fault(field, got, allowed, code="length")])
    for row in range(n):
        for place, label in enumerate(labels):
            require(
                f"{field}[{row}].{label}",
                numbers[row, place],
                minimum=0.0,
                maximum=MOST,
                unit=unit,
                remedy=remedy,
            )
    return frozen(numbers)


def ragged(field: str, values: Sequence[Any], n: int, *, unit: str) -> list[FloatArray]:
    """A list of amounts for each of `n` funds, of any length each: such as its large claims.

    Raises
    ------
    InputError
        Naming the fund's place; an amount of a member is never shown.
    """
    given = listed(field, values, "amounts for each fund")
    if len(given) != n:
        got = f"{len(given)} lists"
        raise InputError([Fault(field, got, f"{n} lists, one per fund", code="length")])
    lists = []
    for row, amounts in enumerate(given):
        numbers = np.atleast_1d(numbers_of(f"{field}[{row}]", amounts))
        require(f"{field}[{row}]", numbers, minimum=0.0, maximum=MOST, unit=unit, show=False)
        lists.append(numbers)
    return lists

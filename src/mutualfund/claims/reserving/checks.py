"""What a method may ask of a triangle before it divides by its amounts."""

from __future__ import annotations

import numpy as np

from mutualfund.claims.reserving.triangle import Triangle
from mutualfund.errors import Fault, InputError, require_kind


def require_triangle(field: str, triangle: object) -> None:
    """Refuse what is no triangle.

    Raises
    ------
    InputError
        As `errors.require_kind`.
    """
    allowed = "a Triangle, as Triangle.from_frame or Triangle.from_array makes one"
    require_kind(field, triangle, Triangle, allowed)


def require_amounts(triangle: Triangle) -> None:
    """Some amount is not 0: a triangle of zeros shows neither a growth nor a spread.

    Raises
    ------
    InputError
        Where every known amount is 0, or it is no triangle.
    """
    require_triangle("triangle", triangle)
    if not np.nan_to_num(triangle.cumulative).any():
        remedy = "ChainLadder and OverDispersedPoisson run it off to 0."
        allowed = "amounts to develop"
        raise InputError([Fault("triangle", "no amount other than 0", allowed, remedy, "all_zero")])


def require_none_below_zero(triangle: Triangle) -> None:
    """Every known amount is 0 or more.

    Raises
    ------
    InputError
        With the first cell that is not; where it is no triangle.
    """
    require_triangle("triangle", triangle)
    bad = triangle.known & (triangle.cumulative < 0.0)
    if bad.any():
        row, column = (int(place[0]) for place in np.nonzero(bad))
        place = f"triangle, origin {triangle.origins[row]}, age {column + 1}"
        raise InputError([Fault(place, "an amount below 0", "at least 0", code="negative_amount")])


def require_whole_periods(triangle: Triangle, field: str = "triangle") -> None:
    """The last development period was over.

    Raises
    ------
    InputError
        Where it was seen in part, or this is no triangle.
    """
    require_triangle(field, triangle)
    if triangle.unseen_days:
        allowed = "a last development period that is over"
        remedy = 'Read the rows with partial="drop", or take triangle.earlier(1).'
        raise InputError([Fault(field, triangle.valued, allowed, remedy, "partial_period")])

"""The two loops over all members that NumPy cannot do in one pass."""

from __future__ import annotations

from typing import Any

from mutualfund._jit import kernel


@kernel
def look_up(values: Any, place: Any, out: Any) -> None:
    """out[member] = values[place[member]]; NumPy would first widen the places.

    values: (n_kinds,). place: (n_members,) int32, rows of `values`. out: (n_members,).
    """
    for member in range(place.size):
        out[member] = values[place[member]]


@kernel
def add_layers(values: Any, row: Any, end: Any, out: Any) -> None:
    """Add to out[home] the value of each of its adults, who are listed in layers (`classes`).

    values: (n,). row: (n_adults,) int32, rows of `values`. end: (n_layers,) where each layer ends.
    out: (n_homes,), not less than the longest layer.
    """
    begin = 0
    for layer in range(end.size):
        for home in range(end[layer] - begin):
            out[home] += values[row[begin + home]]
        begin = end[layer]

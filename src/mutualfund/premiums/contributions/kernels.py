"""The loops over all members for which NumPy would need many passes."""

from __future__ import annotations

from typing import Any

import numpy as np

from mutualfund._jit import kernel

BLOCK = 2_048  # households whose sums stay in the processor's nearest cache, layer after layer


@kernel
def look_up(values: Any, place: Any, price: Any, out: Any) -> None:
    """out[member] = values[place[member]] * price; NumPy would first widen the places.

    values: (n_kinds,). place: (n_members,) uint32, rows of `values`. out: (n_members,).
    """
    for member in range(place.size):
        out[member] = values[place[member]] * price


@kernel
def whole_numbers(values: Any, parts: Any, limit: Any, out: Any) -> bool:
    """out = values * parts, rounded half up; whether all are below `limit`. values, out: (n,)."""
    above = False
    for place in range(values.size):
        whole = np.floor(values[place] * parts + 0.5)
        above |= not whole < limit
        out[place] = whole
    return not above


@kernel
def mean_of_layers(values: Any, row: Any, end: Any, adults: Any, out: Any) -> None:
    """out[home] = mean of the values of its adults, who are listed in layers (`classes`).

    values: (n,). row: (n_adults,) uint32, rows of `values`. end: (n_layers,) where each layer ends.
    adults: (n_homes,) in each, falling, 1 or more. out: (n_homes,).
    """
    for start in range(0, out.size, BLOCK):
        some = out[start : start + BLOCK]
        some[:] = 0.0
        begin = 0
        for layer in range(end.size):
            for home in range(min(end[layer] - begin - start, some.size)):
                some[home] += values[row[begin + start + home]]
            begin = end[layer]
        for home in range(some.size):
            some[home] /= adults[start + home]


@kernel
def hundredths_of_income(
    income: Any, share: Any, parts: Any, rate: Any, lowest: Any, highest: Any, out: Any
) -> None:
    """out = a twelfth of a share of each income in hundredths, rounded half up, between bounds.

    An income in whole hundredths times `share`, a whole number, over `parts` is exact: a quotient of whole
    numbers below 2^51 is no nearer to a half than one of `parts`, which a float still tells from the half.
    Other incomes, and larger products, are multiplied by `rate`, and rounded as far as a float tells.

    income, out: (n,). lowest, highest: hundredths.
    """
    for member in range(income.size):
        hundredths = np.floor(income[member] * 100.0 + 0.5)
        product = hundredths * share
        exact = hundredths / 100.0 == income[member] and product < 2.0**51
        owed = product / parts if exact else income[member] * rate / 12.0 * 100.0
        out[member] = min(max(np.floor(owed + 0.5), lowest), highest)

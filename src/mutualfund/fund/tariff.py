"""Govern: what members pay this year, and how many leave because of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mutualfund.types import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Tariff:
    """The tariff of one year on every path.

    `level` is the tariff factor since the first year; a table newly adopted by the members counts with the
    mean of its changes over the tariff cells.
    """

    prices: FloatArray  # (n_paths, n_cells) currency per unit and month
    level: FloatArray  # (n_paths,)


def opening_tariff(prices: FloatArray, n_paths: int) -> Tariff:
    """The first year's tariff, as written in the by-laws. prices: (n_cells,)."""
    return Tariff(np.tile(prices, (n_paths, 1)), np.ones(n_paths))


def raised(before: Tariff, change: FloatArray) -> Tariff:
    """Last year's tariff with every price changed by the same fraction. change: (n_paths,)."""
    factor = 1.0 + change
    return Tariff(before.prices * factor[:, np.newaxis], before.level * factor)


def adopted(before: Tariff, prices: FloatArray, maximum: float | None) -> Tariff:
    """A table the members have voted, in force as written, but no price rising by more than `maximum`.

    prices: (n_cells,) currency per unit and month.
    """
    wanted = np.tile(prices, (before.prices.shape[0], 1))
    if maximum is not None:
        wanted = np.minimum(wanted, before.prices * (1.0 + maximum))
    change = relative_change(wanted, before.prices)
    mean = np.zeros(change.shape[0])
    for cell in range(change.shape[1]):
        mean = mean + change[:, cell] / change.shape[1]
    return Tariff(wanted, before.level * (1.0 + mean))


def relative_change(prices: FloatArray, before: FloatArray) -> FloatArray:
    """Change of each price as a fraction of what it was; 0 for a member who paid nothing before."""
    paid_before = np.broadcast_to(before, prices.shape)
    return np.asarray(
        np.where(
            paid_before > 0.0, prices / np.where(paid_before > 0.0, paid_before, 1.0) - 1.0, 0.0
        )
    )


def extra_lapse(
    prices: FloatArray,
    before: FloatArray,
    call_rate: FloatArray,
    *,
    response: float,
    reference: float,
) -> FloatArray:
    """Chance of leaving at renewal because of the price, per tariff cell (definition 4).

    A member compares what is asked now, the call of last year's close included, with last year's tariff, and
    minds only the part of the rise above `reference`.

    Parameters
    ----------
    prices, before
        (n_paths, n_cells) this year's and last year's price per unit.
    call_rate
        (n_paths,) call levied at last year's close, as a share of that year's contributions.
    response
        Extra chance of leaving per unit of relative rise.
    reference
        The rise nobody minds.

    >>> now, before, call = np.array([[150.0]]), np.array([[100.0]]), np.array([0.25])
    >>> extra_lapse(now, before, call, response=0.5, reference=0.25)
    array([[0.25]])
    """
    rise = relative_change(prices, before) + call_rate[:, np.newaxis]
    return np.asarray(np.clip(response * np.maximum(0.0, rise - reference), 0.0, 1.0))


def contributions_due(units: IntArray, prices: FloatArray) -> FloatArray:
    """Dues of the year: covered months x units x price, cell by cell. Both (n_paths, n_cells)."""
    due = np.zeros(units.shape[0])
    for cell in range(units.shape[1]):
        due = due + units[:, cell] * prices[:, cell]
    return due

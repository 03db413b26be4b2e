"""Govern: what members pay this year, and how many leave because of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mutualfund.types import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Tariff:
    """The tariff of one year on every path.

    `level` is the tariff factor since the first year; a table newly adopted by the members counts with what
    it changes in the dues of last year's members. `beyond` is the part of that factor which goes beyond the
    rises that the contribution rule wanted: what was raised, or voted, for the sake of the reserve.
    """

    prices: FloatArray  # (n_paths, n_cells) currency per unit and month
    level: FloatArray  # (n_paths,)
    beyond: FloatArray  # (n_paths,)


def opening_tariff(prices: FloatArray, n_paths: int) -> Tariff:
    """The first year's tariff, as written in the by-laws. prices: (n_cells,)."""
    return Tariff(np.tile(prices, (n_paths, 1)), np.ones(n_paths), np.ones(n_paths))


def raised(before: Tariff, change: FloatArray, wanted: FloatArray) -> Tariff:
    """Last year's tariff with every price changed by the same fraction. change, wanted: (n_paths,)."""
    factor = 1.0 + change
    return moved(before, before.prices * factor[:, np.newaxis], factor, wanted)


def adopted(
    before: Tariff,
    prices: FloatArray,
    units: IntArray,
    maximum: float | None,
    wanted: FloatArray,
) -> Tariff:
    """A table the members have voted, in force as written, but no price rising by more than `maximum`.

    Parameters
    ----------
    before
        Last year's tariff.
    prices
        (n_cells,) as voted, currency per unit and month.
    units
        (n_paths, n_cells) of last year: a cell counts in the level by what its members owed.
    maximum
        Greatest rise of a price, or None.
    wanted
        (n_paths,) rise that the contribution rule would have asked for instead.
    """
    table = np.tile(prices, (before.prices.shape[0], 1))
    if maximum is not None:
        table = np.minimum(table, before.prices * (1.0 + maximum))
    owed, due = contributions_due(units, before.prices), contributions_due(units, table)
    factor = np.where(owed > 0.0, due / np.where(owed > 0.0, owed, 1.0), 1.0)
    return moved(before, table, factor, wanted)


def moved(before: Tariff, prices: FloatArray, factor: FloatArray, wanted: FloatArray) -> Tariff:
    """New prices at `factor` times the last level; a rule that wants every cent back moves nothing beyond."""
    asked = 1.0 + wanted
    beyond = np.where(asked > 0.0, factor / np.where(asked > 0.0, asked, 1.0), 1.0)
    return Tariff(prices, before.level * factor, before.beyond * beyond)


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

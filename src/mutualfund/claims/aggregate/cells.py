"""Putting a law of amounts on a lattice.

``mean`` spreads each amount over its two neighbours so that its mean stays (local moment matching of the
first order: H. Gerber, "On the numerical evaluation of the distribution of aggregate claims", *ASTIN
Bulletin* 12 (1982)); the lattice's stop-loss premiums at its own points are then exact. ``down`` and ``up``
round every amount to a neighbour, which bounds the distribution function of any sum from above and below
(Klugman, Panjer and Willmot, *Loss Models*, 4th ed. 2012, section 9.6.5).
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from mutualfund.claims.aggregate.amounts import atoms_of, known_end, largest_amount
from mutualfund.claims.laws import Law
from mutualfund.claims.laws_discrete import DiscreteLaw
from mutualfund.types import FloatArray

Rounding = Literal["mean", "down", "up"]

_NOTHING = 1e-19
"""Probability of an amount so rare that it cannot be seen beside a rounding error."""


def cells(
    law: Law, step: float, size: int, first: int = 0, rounding: Rounding = "mean"
) -> FloatArray:
    """Masses of `law` at ``(first + k) step``, k = 0, ..., at most `size`; trailing zeros left out."""
    if isinstance(law, DiscreteLaw):
        return _discrete_cells(law, step, size, first, rounding)
    end = known_end(law)
    if end < math.inf:  # what lies beyond it stays out of the sum, and is counted as beyond its end
        size = min(size, math.floor(end / step * (1.0 - 1e-12)) - 1)
    else:
        end = largest_amount(law)
        end = end if end < math.inf else float(law.isf(_NOTHING))
    if end < math.inf:
        size = max(min(size, math.ceil(end / step) + 2 - first), 1)
    if rounding == "mean":
        return _mean_preserving(law, step, size, first)
    return _rounded(law, step, size, first, rounding)


def _mean_preserving(law: Law, step: float, size: int, first: int) -> FloatArray:
    """Second differences of the limited mean: mean survival of the cell below less that of the next."""
    edges = step * (first + np.arange(-1.0 if first else 0.0, size + 1.0))
    survival = _mean_survival(law, edges, step)
    if not first:
        survival = np.append(1.0, survival)  # no amount lies below zero
    survival = np.minimum.accumulate(survival)  # rounding of a lattice's stop loss may let it rise
    mass = survival[:-1] - survival[1:]
    if first:
        mass[0] += 1.0 - survival[0]
    return mass


def _mean_survival(law: Law, edges: FloatArray, step: float) -> FloatArray:
    """Mean of S over each cell; from the side on which differences keep their digits."""
    split = edges.size
    if math.isfinite(law.mean):
        split = int(np.searchsorted(edges, law.mean)) + 1
    mean = np.diff(law.limited_mean(edges[:split])) / step
    if split < edges.size:
        above = -np.diff(law.stop_loss(edges[split - 1 :])) / step
        mean = np.concatenate([mean, above])
    return np.asarray(np.clip(mean, 0.0, 1.0), np.float64)


def _rounded(law: Law, step: float, size: int, first: int, rounding: Rounding) -> FloatArray:
    """Each cell's probability at its lower end, or at its upper one."""
    survival = law.sf(step * (first + np.arange(0.0, size + 1.0)))
    fall = np.maximum(survival[:-1] - survival[1:], 0.0)
    if rounding == "down":
        fall[0] += 1.0 - survival[0]
        return fall
    return np.append(1.0 - survival[0], fall[:-1])


def _discrete_cells(
    law: DiscreteLaw, step: float, size: int, first: int, rounding: Rounding
) -> FloatArray:
    place, part = lattice_place(law.values, step)
    if rounding == "up":
        place, part = place + (part > 0.0), np.zeros(part.size)
    elif rounding == "down":
        part = np.zeros(part.size)
    both = np.concatenate([place, place + 1]) - first
    weight = np.concatenate([law.share * (1.0 - part), law.share * part])
    kept = (both < size) & (weight > 0.0)
    if not np.any(kept):
        return np.zeros(1)
    return np.bincount(both[kept], weights=weight[kept]).astype(np.float64)


def lattice_place(values: FloatArray, step: float) -> tuple[np.ndarray, FloatArray]:
    """The lattice point at or below each value, and the part of a step that remains (0 on the lattice)."""
    exact = values / step
    near = np.rint(exact)
    on_lattice = np.abs(exact - near) <= 1e-9 * np.maximum(1.0, np.abs(near))
    place = np.where(on_lattice, near, np.floor(exact))
    return place.astype(np.int64), np.where(on_lattice, 0.0, exact - place)


def chance_off_lattice(law: Law, step: float) -> float:
    """Probability of the atoms of `law` that are no multiples of the step."""
    values, chances = atoms_of(law)
    return float(chances[lattice_place(values, step)[1] > 0.0].sum())


def atom_cells(law: Law, step: float, size: int, first: int = 0) -> FloatArray:
    """The atoms of `law` that lie on the lattice, as masses; those off it count as density."""
    values, chances = atoms_of(law)
    place, part = lattice_place(values, step)
    place = place - first
    kept = (part == 0.0) & (place >= 0) & (place < size)
    if not np.any(kept):
        return np.zeros(1)
    return np.bincount(place[kept], weights=chances[kept]).astype(np.float64)

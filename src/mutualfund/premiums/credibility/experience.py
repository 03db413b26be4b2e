"""What credibility is fitted to: observations by group and period, and the exposure behind each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mutualfund.assumptions.model import unique
from mutualfund.errors import HIDDEN, Fault, InputError, listed
from mutualfund.types import BoolArray, FloatArray, frozen

_LEAVE_OUT = "Leave the group out: without experience it pays the collective premium."


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Experience:
    """Observations and weights, (n_groups, n_periods); a cell that was not seen weighs 0 and holds 0."""

    labels: tuple[str, ...]
    observations: FloatArray
    weights: FloatArray

    @property
    def seen(self) -> BoolArray:
        """(n_groups, n_periods) whether the cell was seen."""
        return self.weights > 0.0

    @property
    def exposure(self) -> FloatArray:
        """(n_groups,) total weight."""
        return np.asarray(self.weights.sum(axis=1))

    @property
    def means(self) -> FloatArray:
        """(n_groups,) weighted mean of each group's own observations."""
        return np.asarray((self.weights * self.observations).sum(axis=1) / self.exposure)


def read_experience(
    observations: npt.ArrayLike, weights: npt.ArrayLike | None, labels: Iterable[str] | None
) -> Experience:
    """Check and freeze what was seen. A NaN observation, and a weight of 0, is a cell that was not seen.

    Raises
    ------
    InputError
        With every fault: shapes, infinite observations, negative weights, a group that was never exposed,
        fewer than two groups, no group seen twice.
    """
    values = table_of("observations", observations)
    if values.ndim != 2 or values.shape[0] < 2:
        got = f"an array of shape {values.shape}"
        raise InputError([Fault("observations", got, "(groups, periods), two groups or more")])
    given = (
        np.where(np.isnan(values), 0.0, 1.0) if weights is None else table_of("weights", weights)
    )
    if given.shape != values.shape:
        allowed = f"one for each observation, {values.shape}"
        raise InputError([Fault("weights", f"shape {given.shape}", allowed, code="length")])
    given = np.where(np.isnan(values), 0.0, given)
    names = group_labels(labels, values.shape[0])
    faults = [*_cell_faults(values, given), *_exposure_faults(given)]
    if faults:
        raise InputError(faults)
    kept = np.where(given > 0.0, values, 0.0)
    return Experience(names, frozen(kept), frozen(given))


def table_of(field: str, values: npt.ArrayLike) -> FloatArray:
    """A copy of `values` as floats.

    Raises
    ------
    InputError
        Where rows differ in length, or something is no number.
    """
    try:
        return np.array(values, dtype=np.float64, copy=True)
    except (TypeError, ValueError):
        allowed = "numbers in rows of one length; NaN where nothing was seen"
        raise InputError([Fault(field, HIDDEN, allowed, code="not_a_table")]) from None


def group_labels(
    labels: Iterable[str] | None, n_groups: int, field: str = "labels"
) -> tuple[str, ...]:
    """One name for each group; 1, 2, ... where none are given.

    Raises
    ------
    InputError
        Where their number does not fit, or a name comes twice.
    """
    if labels is None:
        return tuple(str(group + 1) for group in range(n_groups))
    names = tuple(str(label) for label in listed(field, labels, "one name for each group"))
    if len(names) != n_groups:
        allowed = f"{n_groups}, one for each group"
        raise InputError([Fault(field, f"{len(names)} names", allowed, code="length")])
    if not unique(names):
        raise InputError([Fault(field, "a name twice", "each once", code="duplicate_name")])
    return names


def _cell_faults(values: FloatArray, weights: FloatArray) -> list[Fault]:
    faults = []
    if place := _first(np.isinf(values) & (weights != 0.0)):
        allowed = "a finite number, or NaN where nothing was seen"
        faults.append(Fault(f"observations{place}", HIDDEN, allowed, code="not_finite"))
    if place := _first(~((weights >= 0.0) & (weights < np.inf))):
        allowed = "0 or more and finite (exposure)"
        faults.append(Fault(f"weights{place}", HIDDEN, allowed, "Write 0 for a cell not seen."))
    return faults


def _exposure_faults(weights: FloatArray) -> list[Fault]:
    exposed = weights > 0.0
    faults = [
        Fault(
            f"weights[{group}]",
            "no exposure in any period",
            "more than 0 in at least one",
            _LEAVE_OUT,
            "exposure",
        )
        for group in range(weights.shape[0])
        if not exposed[group].any()
    ]
    if not (exposed.sum(axis=1) >= 2).any():
        allowed = "at least one group seen in two periods"
        faults.append(Fault("observations", "no group seen twice", allowed, code="too_few"))
    return faults


def _first(wrong: BoolArray) -> str:
    """The place of the first true cell as an index, nothing where there is none."""
    cells = np.argwhere(wrong)
    return f"[{cells[0][0]}, {cells[0][1]}]" if cells.size else ""

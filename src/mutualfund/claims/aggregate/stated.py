"""How far the numbers on a lattice may be from the truth."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mutualfund.claims.aggregate.collective import Collective
from mutualfund.claims.aggregate.compound import (
    Compound,
    Frame,
    Masses,
    Method,
    compound_law,
    has_many_claims,
    is_smeared,
    rounded_law,
    severity_cells,
)
from mutualfund.claims.aggregate.grid import claim_width
from mutualfund.claims.aggregate.lattice import LatticeLaw
from mutualfund.claims.aggregate.result import GridError
from mutualfund.types import FloatArray

_SAFETY = 2.0
"""An error that falls like the step's power 0.6 or faster is below this multiple of its change."""

_TAIL = 1e-9
"""The tail's relative error is stated down to this probability."""

_COARSE = 0.1
"""Share of the probability without atoms that one point holds only where the step is too long."""


def stated_error(
    parts: Sequence[Collective], frame: Frame, solved: Compound, masses: Masses, method: Method
) -> GridError:
    """The error of the law on the frame; `masses` are the severities that it was made of."""
    law = solved.law
    if law.is_atomic and not is_smeared(parts, frame):
        largest, of_tail = 0.0, 0.0
    elif _is_coarse(parts, frame, solved):
        largest, of_tail = _gap(parts, frame, law)
    else:
        largest, of_tail = changes(parts, frame, law, masses, gather=method == "fft")
    aliasing, rounding = wrapped_and_rounded(parts, frame, law)
    return GridError(largest, of_tail, aliasing, rounding, law.beyond)


def wrapped_and_rounded(
    parts: Sequence[Collective], frame: Frame, law: LatticeLaw
) -> tuple[float, float]:
    """What may have wrapped around the transform's end, and what rounding may have made of a probability."""
    claims = sum(part.count.mean for part in parts)
    eps = float(np.finfo(np.float64).eps)
    rounding = eps * (8.0 + min(claims, 1e9)) * math.exp(frame.tilt * frame.size)
    return frame.left_of_wrapped * law.beyond, rounding


def _is_coarse(parts: Sequence[Collective], frame: Frame, solved: Compound) -> bool:
    """Whether twice the step would show nothing: the law lies on few points, or hides atoms between them."""
    if frame.size < 4 or (is_smeared(parts, frame) and not has_many_claims(parts, of_atoms=True)):
        return True
    law = solved.law
    dense = np.maximum(law.mass - law.atoms, 0.0)
    on_few = dense.max() > _COARSE * (float(dense.sum()) + law.beyond)
    return bool(on_few) or (solved.spread and frame.step > claim_width(parts))


def _gap(parts: Sequence[Collective], frame: Frame, law: LatticeLaw) -> tuple[float, float]:
    """The largest distance of P(S > x) from its bounds at any amount, absolute and relative in the tail."""
    rounded = [
        rounded_law(parts, frame, severity_cells(parts, frame, rounding)).survival
        for rounding in ("down", "up")
    ]
    least, most = rounded
    falls_to = np.append((law.survival + law.atoms)[1:], law.survival[-1])
    gap = np.maximum(np.maximum(most - falls_to, law.survival - least), 0.0)
    return float(np.max(gap)), _of_tail(gap, law.survival)


def changes(
    parts: Sequence[Collective],
    frame: Frame,
    law: LatticeLaw,
    masses: Masses,
    *,
    gather: bool,
    start: float = -math.inf,
) -> tuple[float, float]:
    """Twice the largest change of P(S > x) when the step is doubled, absolute and relative in the tail.

    start: amount from which on it is looked for.
    """
    coarse = frame.coarser
    halved = [_merged(mass, frame.lowest) for mass in masses]
    before = compound_law(parts, coarse, halved, gather=gather).law
    skipped = frame.first % 2  # where the coarse lattice begins a point before this one
    rough = np.empty(2 * before.size - 1)
    rough[::2] = before.survival
    rough[1::2] = 0.5 * (before.survival[:-1] + (before.survival + before.atoms)[1:])
    rough, fine = rough[skipped:], law.survival
    common = min(rough.size, fine.size)
    rough, fine = rough[:common], fine[:common]
    change = np.where(law.amounts[:common] >= start, np.abs(fine - rough), 0.0)
    return _SAFETY * float(np.max(change)), _SAFETY * _of_tail(change, fine)


def _of_tail(error: FloatArray, survival: FloatArray) -> float:
    tail = (survival >= _TAIL) & (survival < 0.5)
    return float(np.max(error[tail] / survival[tail])) if np.any(tail) else 0.0


def _merged(mass: FloatArray, lowest: int) -> FloatArray:
    """The masses of twice the step: those between its points are halved between their neighbours."""
    shift = lowest % 2
    padded = np.concatenate([np.zeros(shift), mass, np.zeros(2 - (mass.size + shift) % 2)])
    odd = padded[1::2]
    merged = padded[::2] + 0.5 * odd
    merged[1:] += 0.5 * odd[:-1]
    return merged

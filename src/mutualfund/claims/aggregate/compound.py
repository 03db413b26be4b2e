"""The law of a sum of independent collective risks on a given lattice, by Fourier transform or by recursion.

Transform: P_N of the severity's transform, on twice as many points as are wanted, with exponential tilting:
masses are multiplied by exp(-tilt k) before and divided by it after, so that what lies beyond the lattice and
wraps around comes back multiplied by exp(-tilt x points). R. Gruebel and R. Hermesmeier, "Computation of
compound distributions I: aliasing errors and exponential tilting", *ASTIN Bulletin* 29 (1999).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from mutualfund.claims.aggregate.amounts import atoms_of, largest_amount, tail_index
from mutualfund.claims.aggregate.cells import Rounding, atom_cells, cells, chance_off_lattice
from mutualfund.claims.aggregate.collective import Collective
from mutualfund.claims.aggregate.counts import ComplexArray, generating, largest_count
from mutualfund.claims.aggregate.lattice import LatticeLaw
from mutualfund.claims.aggregate.light_tails import limit_of_sum
from mutualfund.claims.aggregate.panjer import panjer
from mutualfund.types import FloatArray

Method = Literal["fft", "panjer"]


_FARTHEST = 300.0
"""Largest logarithm by which tilting may shrink the sum's masses."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The lattice ``(first + k) step``, k = 0, ..., size - 1, of the sum; of a claim from `lowest` on.

    `first` is above zero where the sum all but never is small, so that no point is spent there, and it and
    `lowest` are below zero where amounts may be. `wrapped` is the strength of the tilting: exp(-`wrapped`)
    is left of what wraps around.
    """

    step: float
    size: int
    first: int = 0
    lowest: int = 0
    wrapped: float = 12.0

    @property
    def points(self) -> int:
        """Points of the transform."""
        from scipy import fft

        return int(fft.next_fast_len(2 * self.size, real=True))

    @property
    def claim_points(self) -> int:
        """Points of a claim that can matter: up to the sum's end, and no more than the transform has."""
        return self.points if self.lowest else min(self.first + self.size, self.points)

    @property
    def tilt(self) -> float:
        """Tilting a point; none where it would raise amounts below zero, or leave the range of numbers."""
        tilt = self.wrapped / self.points
        return 0.0 if self.lowest or tilt * self.first > _FARTHEST else tilt

    @property
    def left_of_wrapped(self) -> float:
        """The part that is left of what wraps around."""
        return math.exp(-self.tilt * self.points)

    @property
    def coarser(self) -> Frame:
        """The same stretch with steps of twice the length."""
        size = (self.size + 1) // 2
        return Frame(2.0 * self.step, size, self.first // 2, self.lowest // 2, self.wrapped)

    def with_step(self, step: float) -> Frame:
        """The same stretch with steps of about half the length."""
        size = math.ceil(self.size * self.step / step) + 1
        first, lowest = (
            math.floor(start * self.step / step) for start in (self.first, self.lowest)
        )
        return Frame(step, size, first, lowest, self.wrapped)


Masses = Sequence[FloatArray]
"""The severity cells of each part."""


def severity_cells(
    parts: Sequence[Collective], frame: Frame, rounding: Rounding = "mean"
) -> list[FloatArray]:
    """Each part's severity on the lattice."""
    size = frame.claim_points
    return [cells(part.amount, frame.step, size, frame.lowest, rounding) for part in parts]


def severity_atoms(parts: Sequence[Collective], frame: Frame) -> list[FloatArray]:
    """The atoms among each part's severity cells."""
    size = frame.claim_points
    return [atom_cells(part.amount, frame.step, size, frame.lowest) for part in parts]


class Compound(NamedTuple):
    """The law of a sum on its lattice, and whether its amounts are still spread over their neighbours."""

    law: LatticeLaw
    spread: bool


def compound_law(
    parts: Sequence[Collective],
    frame: Frame,
    masses: Masses,
    *,
    method: Method = "fft",
    gather: bool = True,
) -> Compound:
    """The law of the sum, with its atoms apart; `gather` undoes the spreading of amounts where it can be."""
    found = severity_atoms(parts, frame)
    spread = method == "panjer" or not gather or not has_many_claims(parts)
    if method == "panjer":
        mass = total_by_panjer(parts, frame, masses)
    else:
        mass = total_by_fft(parts, frame, masses, None if spread else found)
        if not spread and (mass.min() < -RINGING or mass.sum() > 1.0 + RINGING):
            mass, spread = total_by_fft(parts, frame, masses), True
    return Compound(_law(parts, frame, mass, _atoms(parts, frame, mass, found)), spread)


def rounded_law(parts: Sequence[Collective], frame: Frame, masses: Masses) -> LatticeLaw:
    """The law of the sum with every mass read as an atom: what rounding means, and enough for a pilot."""
    mass = total_by_fft(parts, frame, masses)
    return _law(parts, frame, mass, np.maximum(mass, 0.0))


def _law(
    parts: Sequence[Collective], frame: Frame, mass: FloatArray, atoms: FloatArray
) -> LatticeLaw:
    mean = sum(part.mean for part in parts)
    variance = sum(part.variance for part in parts)
    return LatticeLaw(
        start=frame.step * frame.first,
        step=frame.step,
        mass=mass,
        atoms=atoms,
        mean=mean,
        variance=variance,
        most=largest_sum(parts),
        third=sum(part.third_central_moment for part in parts),
        tail_index=min((tail_index(part.amount) for part in parts), default=math.inf),
        exponential_limit=limit_of_sum(parts),
    )


def largest_sum(parts: Sequence[Collective]) -> float:
    """The largest amount that is possible at all."""
    ends = [(largest_count(part.count), largest_amount(part.amount)) for part in parts]
    return sum(count * amount if count and amount else 0.0 for count, amount in ends)


_RARELY = 2e-3
"""Chance of a single amount with a density below which what rings around its jumps is not worth a thought."""


RINGING = 1e-6
"""A probability this far below zero shows that the step is too long for the spreading to be undone."""


def has_many_claims(parts: Sequence[Collective], *, of_atoms: bool = False) -> bool:
    """Whether a sum of at most one amount with a density (or, `of_atoms`, above zero) is rare.

    P(N <= 1) <= E[z^N] / z for any z in (0, 1); a claim counts with the chance of such an amount.
    """
    z = 0.1
    for part in parts:
        if of_atoms:
            dense = float(part.amount.sf(0.0))
        else:
            dense = max(1.0 - float(atoms_of(part.amount)[1].sum()), 0.0)
        few = generating(part.count, np.array([complex(1.0 - dense + dense * z)]))[0].real
        if float(few) < _RARELY * z:
            return True
    return False


def _atoms(
    parts: Sequence[Collective], frame: Frame, mass: FloatArray, found: Masses
) -> FloatArray:
    """Which part of each mass is an atom of the sum: the sum of atoms of the severities."""
    kept = [float(atoms.sum()) for atoms in found]
    if all(chance >= 1.0 - 1e-12 for chance in kept):
        return np.maximum(mass, 0.0)
    zero = -frame.lowest
    if all(np.count_nonzero(atoms[zero + 1 :]) == 0 for atoms in found):
        atoms = np.zeros(frame.size)
        if frame.first > 0:
            return atoms
        nothing = [complex(one[zero]) if one.size > zero else 0j for one in found]
        chance = math.prod(
            float(generating(part.count, np.array([z]))[0].real)
            for part, z in zip(parts, nothing, strict=True)
        )
        atoms[-frame.first] = chance
        return atoms
    return np.clip(total_by_fft(parts, frame, found), 0.0, np.maximum(mass, 0.0))


def total_by_fft(
    parts: Sequence[Collective], frame: Frame, masses: Masses, spread: Masses | None = None
) -> FloatArray:
    """(size,) masses of the sum, with an absolute error of rounding; tiny ones may be negative.

    Where `spread` gives the severities' atoms, the spreading of the rest over neighbouring points is undone
    in the transform: what is left of its error is smooth enough to vanish in a sum of many claims, while in a
    sum of few it would ring around every jump of a density.
    """
    from scipy import fft

    whole = np.ones(frame.points // 2 + 1, np.complex128)
    for place, part in enumerate(parts):
        transform = _transform(frame, masses[place])
        if spread is not None:
            transform = _gathered(frame, transform, _transform(frame, spread[place]))
        whole *= generating(part.count, transform)
    mass = fft.irfft(whole, frame.points)
    if frame.first:
        mass = np.roll(mass, -frame.first)
    points = frame.first + np.arange(frame.size) if frame.tilt else np.zeros(frame.size)
    return np.asarray(mass[: frame.size] * np.exp(frame.tilt * points), np.float64)


def _transform(frame: Frame, severity: FloatArray) -> ComplexArray:
    from scipy import fft

    tilted = severity * np.exp(-frame.tilt * np.arange(severity.size))
    if frame.lowest:
        circular = np.zeros(frame.points)
        circular[(frame.lowest + np.arange(severity.size)) % frame.points] = tilted
        tilted = circular
    return np.asarray(fft.rfft(tilted, frame.points), np.complex128)


def _gathered(frame: Frame, transform: ComplexArray, atoms: ComplexArray) -> ComplexArray:
    """The severity's transform with the spreading undone, wherever it then still is one of a law."""
    gathered = atoms + (transform - atoms) / _spreading(frame)
    return np.where(np.abs(gathered) <= np.abs(transform[0]), gathered, transform)


def _spreading(frame: Frame) -> ComplexArray:
    """The transform of the triangle over which a mean-preserving lattice spreads an amount."""
    tilted, turned = frame.tilt / 2.0, np.pi / frame.points * np.arange(frame.points // 2 + 1)
    half = tilted + 1j * turned
    half[0] = half[0] or 1.0
    swept = math.sinh(tilted) * np.cos(turned) + 1j * math.cosh(tilted) * np.sin(turned)
    swept[0] = swept[0] or 1.0
    return np.asarray((swept / half) ** 2, np.complex128)


def total_by_panjer(parts: Sequence[Collective], frame: Frame, masses: Masses) -> FloatArray:
    """(size,) masses of the sum: each part by recursion, the parts convolved."""
    from scipy import signal

    end = frame.first + frame.size
    total = np.ones(1)
    for part, severity in zip(parts, masses, strict=True):
        total = signal.fftconvolve(total, panjer(part.count, severity, end))[:end]
    return np.asarray(total[frame.first :], np.float64)


def is_smeared(parts: Sequence[Collective], frame: Frame) -> bool:
    """Whether a claim's atom lies between points, so that the lattice spreads it over two of them."""
    return any(chance_off_lattice(part.amount, frame.step) > 1e-12 for part in parts)


def is_atomic(part: Collective) -> bool:
    """Whether the part's claims take separate amounts only."""
    return bool(atoms_of(part.amount)[1].sum() >= 1.0 - 1e-12)

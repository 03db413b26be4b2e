"""Whose years need a distribution of their own: the members of a cell together, or kind by kind.

What a fund pays of a year's cost is averaged over members, and so is a mixture of distributions. Where a
design acts on one line, the counts of a cell's members can therefore be mixed first, and one law of the year
does for all of them: exactly, and unlike an average of their rates. Where it acts on several lines, these are
independent only for members of given rates, so each kind of member and each level of a shared frailty has a
law of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mutualfund.premiums.risk_premium.cover import ClaimPart
from mutualfund.premiums.risk_premium.members import Groups
from mutualfund.premiums.risk_premium.priced_line import PricedLine
from mutualfund.types import FloatArray

Mixture = tuple[tuple[float, ...], tuple[float, ...]]
"""Multiples of a line's rate, and the chance of each."""

Kind = tuple[Mixture, ...]
"""Members as a distribution of the year sees them: of each line, a mixture of rates."""


def kinds_by_cell(groups: Groups, lines: Sequence[PricedLine]) -> list[dict[Kind, float]]:
    """For each cell, the chance of each kind that needs a law of the year; of none that never claims."""
    weight = groups.count[:, None] * groups.states
    by_cell = []
    for cell in range(groups.exposure.size):
        own = groups.cell == cell
        chances = weight[own].ravel() / weight[own].sum()
        rates = np.stack([line.factors[own].ravel() for line in lines], axis=1)
        rates, chances = _distinct(*_at_levels(lines, rates, chances))
        by_cell.append(_alone(rates, chances) if len(lines) == 1 else _apart(rates, chances))
    return by_cell


def parts_of(lines: Sequence[PricedLine], kind: Kind) -> list[ClaimPart]:
    """The claims of a year of such members, line by line."""
    return [
        ClaimPart(line.line.frequency, factors, chances, line.severity)
        for line, (factors, chances) in zip(lines, kind, strict=True)
        if any(factors) and line.line.frequency is not None
    ]


def _at_levels(
    lines: Sequence[PricedLine], rates: FloatArray, chances: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Rates (n x n_levels, n_lines) at every level of the frailty: it moves all lines that share it alike."""
    shared = [line.levels for line in lines]
    chance_of_level = max((chance for _, chance in shared), key=len)
    level = np.stack([np.broadcast_to(levels, chance_of_level.shape) for levels, _ in shared])
    every = rates[:, None, :] * level.T
    return every.reshape(-1, len(lines)), np.outer(chances, chance_of_level).ravel()


def _distinct(rates: FloatArray, chances: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Equal rows together; chances to twelve digits, so that cells of one mixture are seen to be alike."""
    some = chances > 0.0
    found, which = np.unique(rates[some], axis=0, return_inverse=True)
    added = np.bincount(which.ravel(), weights=chances[some])
    return found, np.array([float(f"{chance:.12g}") for chance in added])


def _alone(rates: FloatArray, chances: FloatArray) -> dict[Kind, float]:
    mixture = tuple(rates[:, 0].tolist()), tuple(chances.tolist())
    return {(mixture,): 1.0} if rates.any() else {}


def _apart(rates: FloatArray, chances: FloatArray) -> dict[Kind, float]:
    rows = zip(rates.tolist(), chances.tolist(), strict=True)
    return {tuple(((rate,), (1.0,)) for rate in row): chance for row, chance in rows if any(row)}

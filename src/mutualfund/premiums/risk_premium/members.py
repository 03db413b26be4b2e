"""Members gathered by age and sex, the chance of each health state, and the rate factors of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mutualfund.assumptions import AgeBands, Assumptions, Line
from mutualfund.assumptions.rates import line_rates, state_chance
from mutualfund.schema import MAX_AGE, SEXES
from mutualfund.types import FloatArray, IntArray

if TYPE_CHECKING:
    from mutualfund.portfolio import Portfolio


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Members alike in age and sex.

    age, sex, cell: (n_groups,). count: (n_groups,) members. states: (n_groups, n_states) mean chance of each
    health state in the rating year. cells: (age band, sex) of each cell, those without members left out.
    """

    age: IntArray
    sex: IntArray
    cell: IntArray
    count: FloatArray
    states: FloatArray
    cells: tuple[tuple[str, str], ...]

    @property
    def exposure(self) -> FloatArray:
        """(n_cells,) members of each cell."""
        return np.asarray(np.bincount(self.cell, weights=self.count), np.float64)

    def factors(self, line: Line, assumptions: Assumptions, opening: Portfolio) -> FloatArray:
        """(n_groups, n_states) the line's rate over its mean, 1 on average over the opening members."""
        chance = state_chance(assumptions.health_states, opening)
        sex = opening.sex.astype(np.int64)
        rates = line_rates(line, assumptions, opening.age, sex, chance)
        return np.asarray(rates.factor[rates.band[self.age], self.sex])


def groups_of(
    portfolio: Portfolio, assumptions: Assumptions, bands: Sequence[str], year: int
) -> Groups:
    """Gather the members; `year` is that of the health states, 1 for the states of the portfolio itself."""
    age = np.minimum(portfolio.age, MAX_AGE)
    key = (age * len(SEXES) + portfolio.sex).astype(np.int64)
    known, group = np.unique(key, return_inverse=True)
    count = np.bincount(group).astype(np.float64)
    chance = _moved(state_chance(assumptions.health_states, portfolio), assumptions, year)
    states = np.stack([np.bincount(group, weights=column) for column in chance.T], axis=1)
    band = AgeBands.named("age_bands", bands).index_of(known // len(SEXES))
    banded = band * len(SEXES) + known % len(SEXES)
    cells, cell = np.unique(banded, return_inverse=True)
    return Groups(
        age=known // len(SEXES),
        sex=known % len(SEXES),
        cell=cell,
        count=count,
        states=states / count[:, None],
        cells=tuple((bands[c // len(SEXES)], SEXES[c % len(SEXES)]) for c in cells.tolist()),
    )


def _moved(chance: FloatArray, assumptions: Assumptions, year: int) -> FloatArray:
    """Chances after year - 1 transitions."""
    states = assumptions.health_states
    if states is None:
        return chance
    step = np.asarray(states.transition, dtype=np.float64)
    return np.asarray(chance @ np.linalg.matrix_power(step, year - 1))

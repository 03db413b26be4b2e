"""Members gathered by age, sex and months since joining, with their health states and rate factors."""

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
    from mutualfund.premiums.risk_premium.period import RatingPeriod

MONTHS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Members alike in age, sex and months since joining.

    age, sex, since, cell: (n_groups,); `since` counts no further than the longest wait, so that all who have
    served it are alike. count: (n_groups,) members. states: (n_groups, n_states) mean chance of each
    health state in the rating year. cells: (age band, sex) of each cell, those without members left out.
    """

    age: IntArray
    sex: IntArray
    since: IntArray
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


def joined_months_ago(portfolio: Portfolio, period: RatingPeriod | None) -> IntArray:
    """(n,) whole months from each member's month of joining to the start of the rating year.

    Months of joining count from the portfolio's start, which is that of the rating year where either is not
    stated.
    """
    begun = 0
    if period is not None and portfolio.start is not None:
        start, begins = portfolio.start, period.start
        begun = MONTHS * (begins.year - start.year) + begins.month - start.month
    return np.asarray(begun - portfolio.joined_month, np.int64)


def groups_of(
    portfolio: Portfolio,
    assumptions: Assumptions,
    bands: Sequence[str],
    year: int,
    since: IntArray,
    longest_wait: int,
) -> Groups:
    """Gather the members.

    year: that of the health states, 1 for the states of the portfolio itself. since: (n,) whole months since
    joining at the start of the rating year. longest_wait: months, of any line.
    """
    known, group = _alike(portfolio, np.clip(since, longest_wait - MONTHS, longest_wait))
    count = np.bincount(group).astype(np.float64)
    chance = _moved(state_chance(assumptions.health_states, portfolio), assumptions, year)
    states = np.stack([np.bincount(group, weights=column) for column in chance.T], axis=1)
    age, sex, waited = known
    banded = AgeBands.named("age_bands", bands).index_of(age) * len(SEXES) + sex
    cells, cell = np.unique(banded, return_inverse=True)
    return Groups(
        age=age,
        sex=sex,
        since=waited,
        cell=cell,
        count=count,
        states=states / count[:, None],
        cells=tuple((bands[c // len(SEXES)], SEXES[c % len(SEXES)]) for c in cells.tolist()),
    )


def _alike(portfolio: Portfolio, since: IntArray) -> tuple[tuple[IntArray, ...], IntArray]:
    """Age, sex and months since joining of each group, and the group of each member."""
    first = int(since.min())
    shape = (MAX_AGE + 1, len(SEXES), int(since.max()) - first + 1)
    age = np.minimum(portfolio.age, MAX_AGE).astype(np.int64)
    key = np.ravel_multi_index((age, portfolio.sex.astype(np.int64), since - first), shape)
    known, group = np.unique(key, return_inverse=True)
    age, sex, waited = (np.asarray(column, np.int64) for column in np.unravel_index(known, shape))
    return (age, sex, waited + first), group


def _moved(chance: FloatArray, assumptions: Assumptions, year: int) -> FloatArray:
    """Chances after year - 1 transitions."""
    states = assumptions.health_states
    if states is None:
        return chance
    step = np.asarray(states.transition, dtype=np.float64)
    return np.asarray(chance @ np.linalg.matrix_power(step, year - 1))

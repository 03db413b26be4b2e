"""Claim rates of members: a line's mean x c x age factor x sex factor x health state relativity.

c is set once so that the factors average 1 over the opening members (definition 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mutualfund.assumptions.bands import AgeBands
from mutualfund.assumptions.basis import Assumptions
from mutualfund.assumptions.health import HealthStates
from mutualfund.assumptions.lines import Line
from mutualfund.schema import MAX_AGE, SEXES
from mutualfund.types import FloatArray, IntArray

if TYPE_CHECKING:
    from mutualfund.portfolio import Portfolio


@dataclass(frozen=True)
class LineRates:
    """Rate factors of one line, already scaled so that their joint opening average is 1."""

    band: IntArray  # (121,) age band at each age
    factor: FloatArray  # (n_bands, 3, n_states) c x age x sex x state
    normalisation: float  # c


def factor_bands(line: Line) -> tuple[IntArray, FloatArray]:
    """The line's age band at each age 0..120 and the factor of each band."""
    if line.age_factors is None:
        return np.zeros(MAX_AGE + 1, np.int64), np.ones(1)
    bands = AgeBands(tuple(line.age_factors))
    return bands.index_of(np.arange(MAX_AGE + 1)), np.array(list(line.age_factors.values()), float)


def sex_factors(line: Line) -> FloatArray:
    """Factor by sex F, M, X, (3,); 1 where not given."""
    given = {str(sex): factor for sex, factor in (line.sex_factors or {}).items()}
    return np.array([given.get(sex, 1.0) for sex in SEXES], np.float64)


def state_relativity(states: HealthStates | None, line: str) -> FloatArray:
    """The line's frequency relativity by health state, (n_states,)."""
    if states is None:
        return np.ones(1)
    return states.relativity_of(line)


def line_rates(
    line: Line, assumptions: Assumptions, age: IntArray, sex: IntArray, state_chance: FloatArray
) -> LineRates:
    """Factors of a line, with c set once on the opening portfolio.

    Parameters
    ----------
    age, sex : (n,) of the opening members.
    state_chance : (n, n_states) chance of each health state at the opening (0 or 1 where the file gives it).
    """
    band, by_band = factor_bands(line)
    by_sex = sex_factors(line)
    relativity = state_relativity(assumptions.health_states, line.name)
    expected = by_band[band[np.minimum(age, MAX_AGE)]] * by_sex[sex]
    mean = float(np.mean(expected * sum_over_states(state_chance, relativity)))
    joint = by_band[:, None, None] * by_sex[None, :, None] * relativity[None, None, :]
    c = 1.0 / mean if mean > 0.0 else 1.0
    return LineRates(band=band, factor=c * joint, normalisation=c)


def sum_over_states(state_chance: FloatArray, relativity: FloatArray) -> FloatArray:
    """Expected relativity of each member, (n,); an explicit loop keeps the order of the sum fixed."""
    total = np.zeros(state_chance.shape[0])
    for state, value in enumerate(relativity):
        total += state_chance[:, state] * value
    return total


def state_chance(states: HealthStates | None, portfolio: Portfolio) -> FloatArray:
    """Chance of each health state of each opening member, (n, n_states): 0 or 1 where the file gives it."""
    if states is None:
        return np.ones((len(portfolio), 1))
    chance = np.tile(np.array(states.share, np.float64), (len(portfolio), 1))
    given = stated_states(states, portfolio)
    known = given >= 0
    chance[known] = np.eye(len(states.names))[given[known]]
    return chance


def stated_states(states: HealthStates | None, portfolio: Portfolio) -> IntArray:
    """Health state of each member as a code of the assumptions' states; -1 where not given."""
    names, given = portfolio.health_state_names, portfolio.health_state_code
    if states is None or names is None or given is None:
        return np.full(len(portfolio), -1)
    code = np.array([*(states.names.index(name) for name in names), -1], np.int64)
    return code[given]

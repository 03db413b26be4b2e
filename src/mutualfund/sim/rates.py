"""Claim rates by class: mean x c x age x sex x state relativity x shared frailty x use response.

A class is one combination of a line's age band, sex, health state, level of the shared frailty and use
response. Each has one row of count thresholds for every rung of the rate ladder that some path needs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mutualfund.assumptions import Assumptions, HealthStates, Line
from mutualfund.assumptions.bands import AgeBands
from mutualfund.errors import Fault, InputError
from mutualfund.schema import MAX_AGE, SEXES
from mutualfund.sim.paths import rung_multiplier
from mutualfund.sim.tables import count_row, count_width, guide_row, screen_bound
from mutualfund.types import FloatArray, IntArray, SmallIntArray, UIntArray

MOST_CLAIMS = 8191  # of a member in a year: 13 bits of a word of running sums (kernels.sums)


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


@dataclass(frozen=True)
class CountTables:
    """All count rows of all lines, and where each line's rungs begin."""

    cdf: UIntArray  # (n_rows, width)
    guide: SmallIntArray  # (n_rows, 256)
    rate_row: IntArray  # (n_lines, n_rungs)
    screen: IntArray  # (n_lines,) highest first bytes that can mean a claim on a sparse line, 0 for others
    max_claims: int  # most claims a member-year can have


def count_tables(
    lines: tuple[Line, ...],
    rates: list[LineRates],
    frailties: list[FloatArray],
    uses: list[FloatArray],
    rungs: list[IntArray],
) -> CountTables:
    """Lower every line's counts.

    Parameters
    ----------
    frailties : per line, the levels of the shared frailty, mean 1 (n_levels,).
    uses : per line, the distinct use responses (n_use,).
    rungs : per line, the rungs that some path needs, ascending.
    """
    groups: list[list[UIntArray]] = []
    rate_row = np.zeros((len(lines), max((r.size for r in rungs), default=1)), np.int64)
    screen = np.zeros(len(lines), np.int64)
    widths, start = [], 0
    for i, line in enumerate(lines):
        assert line.frequency is not None
        classes = (rates[i].factor[..., None, None] * frailties[i][:, None] * uses[i]).ravel()
        top = float(classes.max() * rung_multiplier(rungs[i]).max())
        width = count_width(f"assumptions.lines.{line.name}.frequency", line.frequency, top)
        widths.append(width)
        distinct: dict[float, UIntArray] = {}
        for j, multiplier in enumerate(rung_multiplier(rungs[i])):
            rate_row[i, j] = start
            for factor in classes * multiplier:
                if factor not in distinct:
                    distinct[factor] = count_row(line.frequency, float(factor), width)
            groups.append([distinct[factor] for factor in classes * multiplier])
            start += classes.size
        screen[i] = screen_bound(min(int(row[0]) for row in distinct.values()))
    if sum(widths) > MOST_CLAIMS:
        got = f"members who may have {sum(widths):,} claims a year, all lines together"
        raise InputError(
            [Fault("assumptions.lines", got, f"at most {MOST_CLAIMS:,}", code="claim_count")]
        )
    rows = [row for group in groups for row in group]
    return CountTables(*stacked(rows), rate_row, screen, sum(widths))


def stacked(rows: list[UIntArray]) -> tuple[UIntArray, SmallIntArray]:
    """Rows of unequal width as one array, and their guides; the filling is never passed."""
    width = max((row.size for row in rows), default=1)
    cdf = np.full((len(rows), width), 1 << 32, np.uint64)
    guide = np.zeros((len(rows), 256), np.int16)
    made: dict[int, SmallIntArray] = {}  # rows of one rate are one object
    for r, row in enumerate(rows):
        cdf[r, : row.size] = row
        if id(row) not in made:
            made[id(row)] = guide_row(row)
        guide[r] = made[id(row)]
    return cdf, guide

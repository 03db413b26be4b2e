"""What is random about a path rather than about a member: parameters, shocks, returns, fund-level claims.

All of it is addressed by path and year in streams of its own, so it does not depend on the members, the rules
or the block a path is computed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mutualfund.assumptions import Line, Shock
from mutualfund.claims import Severity
from mutualfund.rng import Purpose, blocks, stream_key, uniforms
from mutualfund.types import FloatArray, IntArray, UIntArray

RUNGS_PER_DOUBLING = 4
PILOT_PATH = 1 << 31  # pilot runs use path numbers from here up, never those of a run


@dataclass(frozen=True)
class PathDraws:
    """The draws of a range of paths.

    With n paths, Y years, L member-level lines and F fund-level lines.
    """

    path: UIntArray  # (n,) path numbers
    rung: IntArray  # (n, L) rung of the rate ladder, from 0
    accept: UIntArray  # (n, Y, L, 12) chance on 2^28 that a claim drawn on that rung is real
    table: IntArray  # (n, L) row of the severity tables
    scale: IntArray  # (n, L) severity scale on 2^24
    returns: FloatArray  # (n, Y) investment return R_y
    fund_line_amounts: FloatArray  # (n, Y, F) currency


def normal_scores(u: FloatArray) -> FloatArray:
    """Standard normal quantiles."""
    from scipy.special import ndtri

    scores: FloatArray = np.asarray(ndtri(u), np.float64)
    return scores


def lognormal_multiplier(scores: FloatArray, cv: float) -> FloatArray:
    """Lognormal with mean 1 and coefficient of variation `cv`."""
    variance = np.log1p(cv * cv)
    multiplier: FloatArray = np.exp(np.sqrt(variance) * scores - 0.5 * variance)
    return multiplier


def parameter_multiplier(
    seed: int, line: str, which: str, cv: float, path: UIntArray
) -> FloatArray:
    """What each path believes wrongly about a line's rate or claim size, (n,): mean 1 over paths."""
    if cv == 0.0:
        return np.ones(path.size)
    stream = stream_key(seed, f"parameter:{line}:{which}")
    draws = uniforms(blocks(stream, path=path, purpose=Purpose.PARAMETER))
    return lognormal_multiplier(normal_scores(draws), cv)


def drawn_shapes(seed: int, line: str, chances: FloatArray, path: UIntArray) -> IntArray:
    """Which of the shapes of a line's severity each path has, (n,): 0 is the line's own.

    chances: (n_shapes,) summing to 1.
    """
    stream = stream_key(seed, f"parameter:{line}:shape")
    draws = uniforms(blocks(stream, path=path, purpose=Purpose.PARAMETER))
    return np.searchsorted(np.cumsum(chances)[:-1], draws, side="right")


def investment_returns(
    seed: int, mean: float, sd: float, path: UIntArray, years: int
) -> FloatArray:
    """R_y with 1 + R lognormal, independent by year, (n, Y)."""
    if sd == 0.0:
        return np.full((path.size, years), mean)
    stream = stream_key(seed, "returns")
    out = np.empty((path.size, years))
    for y in range(years):
        draws = uniforms(blocks(stream, path=path, year=y + 1, purpose=Purpose.RETURN))
        multiplier = lognormal_multiplier(normal_scores(draws), sd / (1.0 + mean))
        out[:, y] = (1.0 + mean) * multiplier - 1.0
    return out


def fund_line_amounts(
    seed: int, line: Line, severity: Severity, path: UIntArray, years: int
) -> FloatArray:
    """One amount of `severity` a year for the whole fund, with the line's trend, (n, Y)."""
    stream = stream_key(seed, f"line:{line.name}")
    out = np.empty((path.size, years))
    for y in range(years):
        draws = uniforms(blocks(stream, path=path, year=y + 1, purpose=Purpose.FUND_LINE))
        out[:, y] = severity.quantile(draws) * (1.0 + line.trend_per_year) ** y
    return out


def shock_months(shock: Shock, start_month: int) -> list[int]:
    """Fund months, from the start of the drawing year, that the shock covers; past 11 is the next year.

    It starts in the first listed calendar month; each later one follows it, across the year end if need be.
    """
    first = (shock.months[0] - start_month) % 12
    return [first + (month - shock.months[0]) % 12 for month in shock.months]


def shock_factors(
    seed: int,
    shocks: Sequence[Shock],
    lines: Sequence[str],
    start_month: int,
    path: UIntArray,
    years: int,
) -> FloatArray:
    """Frequency factor by path, year, line and month, (n, Y, L, 12). Year 0 is drawn too."""
    timeline = np.ones((path.size, len(lines), 12 * (years + 2)))
    for shock in shocks:
        stream = stream_key(seed, f"shock:{shock.name}")
        months = np.array(shock_months(shock, start_month))
        for year in range(years + 1):
            draws = uniforms(blocks(stream, path=path, year=year, purpose=Purpose.SHOCK))
            struck = np.flatnonzero(draws < shock.probability_per_year)
            for line, factor in shock.frequency_factor.items():
                timeline[np.ix_(struck, np.array([lines.index(line)]), 12 * year + months)] *= (
                    factor
                )
    by_year = timeline[:, :, 12 : 12 * (years + 1)].reshape(path.size, len(lines), years, 12)
    return by_year.transpose(0, 2, 1, 3)


def largest_shock(shocks: Sequence[Shock], line: str) -> float:
    """A bound on the product of the line's shock factors in any month (1 where none can raise it)."""
    bound = np.ones(12)
    for shock in shocks:
        factor = shock.frequency_factor.get(line, 1.0)
        if shock.probability_per_year > 0.0:
            bound[[month - 1 for month in shock.months]] *= max(factor, 1.0)
    return float(bound.max())


def rung_of(multiplier: FloatArray) -> IntArray:
    """The lowest rung of the ladder 2^(j/4) at or above each multiplier."""
    return np.ceil(RUNGS_PER_DOUBLING * np.log2(multiplier) - 1e-12).astype(np.int64)


def rung_multiplier(rung: IntArray) -> FloatArray:
    """The rate multiplier of a rung."""
    return 2.0 ** (np.asarray(rung, np.float64) / RUNGS_PER_DOUBLING)

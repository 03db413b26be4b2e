"""Claim counts by class: mean x c x age x sex x state relativity x shared frailty x use response.

A class is one combination of a line's age band, sex, health state, level of the shared frailty and use
response. Each has one row of count thresholds for every rung of the rate ladder that some path needs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mutualfund.assumptions import Line
from mutualfund.assumptions.frailty import FrailtyLevels
from mutualfund.assumptions.rates import LineRates
from mutualfund.errors import Fault, InputError
from mutualfund.sim.paths import rung_multiplier
from mutualfund.sim.tables import count_row, count_width, guide_row, less_frailty, screen_bound
from mutualfund.types import FloatArray, IntArray, SmallIntArray, UIntArray

MOST_CLAIMS = 8191  # of a member in a year: 13 bits of a word of running sums (kernels.sums)


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
    frailties: list[FrailtyLevels],
    uses: list[FloatArray],
    rungs: list[IntArray],
) -> CountTables:
    """Lower every line's counts.

    Parameters
    ----------
    frailties : per line, what it has of the shared frailty.
    uses : per line, the distinct use responses (n_use,).
    rungs : per line, the rungs that some path needs, ascending.
    """
    groups: list[list[UIntArray]] = []
    rate_row = np.zeros((len(lines), max((r.size for r in rungs), default=1)), np.int64)
    screen = np.zeros(len(lines), np.int64)
    widths, start = [], 0
    for i, line in enumerate(lines):
        assert line.frequency is not None
        field = f"assumptions.lines.{line.name}.frequency"
        top = float(rates[i].factor.max() * uses[i].max() * rung_multiplier(rungs[i]).max())
        width = count_width(field, line.frequency, top, frailties[i])
        levels = frailties[i].level[:, None]
        classes = (rates[i].factor[..., None, None] * levels * uses[i]).ravel()
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
        remedy = "Lower the means, or make one claim of several." + less_frailty(frailties)
        allowed = f"at most {MOST_CLAIMS:,}"
        raise InputError([Fault("assumptions.lines", got, allowed, remedy, "claim_count")])
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

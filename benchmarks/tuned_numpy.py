"""The plain workload in NumPy, tuned as an expert user would who has read a profile.

The same law, claim by claim, with one count per member and line; what differs from `plain_numpy` is how:

- members in blocks of 2,048, so that a block's claims stay in cache, with one buffer for their keys;
- counts by inversion, all members of a line in one `searchsorted`;
- amounts from 32-bit draws, in whole cents; month and part of the month from one 32-bit word and a table;
- a claim as one 64-bit key (member, month, part, line, cents), so that one in-place integer sort orders the
  claims and nothing has to be gathered afterwards;
- running totals by `cumsum`; the yearly limit only in blocks where some member reaches it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from baseline import DELAYS, MONTHS, N_CELLS, FloatArray, IntArray, Work, YearSums
from problems import (
    ANNUAL_LIMIT,
    DEDUCTIBLE,
    DISPERSION,
    LAYER,
    OUT_OF_POCKET_MAXIMUM,
    RETENTION,
)

Keys = npt.NDArray[np.uint64]
Singles = npt.NDArray[np.float32]

BLOCK = 2_048
CENTS = 100.0
MEMBER_AT, MONTH_AT, PART_AT, LINE_AT = (
    51,
    47,
    35,
    32,
)  # first bits of the key's fields; cents below
MOST_CENTS = np.float32(2**32 - 256)
TAIL = 1e-13  # chance beyond which counts are not tabled


class Tables(NamedTuple):
    """What does not change from path to path; all of one `Work`."""

    cells: list[
        IntArray
    ]  # per year: (members,), in order of cell: the sums do not mind, the cache does
    steps: list[FloatArray]  # per line: cell + P(N <= k), all cells one after the other, rising
    first: list[IntArray]  # per line: (36,) where a cell's steps begin
    month: Keys  # (65536,) the key's bits for the month
    delay_scale: Singles  # (n_lines,) months of delay per unit of log chance


@lru_cache(maxsize=2)
def tables_of(work: Work) -> Tables:
    lines = [count_steps(work.rates[:, column]) for column in range(work.n_lines)]
    middles = (np.arange(1 << 16) + 0.5) / (1 << 16)
    month = np.searchsorted(work.season, middles, side="right").astype(np.uint64)
    return Tables(
        [np.sort(work.cell(year)) for year in range(1, work.years + 1)],
        [steps for steps, _ in lines],
        [first for _, first in lines],
        month << np.uint64(MONTH_AT),
        (1.0 / np.log1p(-work.paid_at_once)).astype(np.float32),
    )


def count_steps(rates: FloatArray) -> tuple[FloatArray, IntArray]:
    """Cumulative count chances of every cell, shifted by the cell's number into one rising row."""
    rows = []
    for cell in range(N_CELLS):
        law = stats.nbinom(DISPERSION, DISPERSION / (DISPERSION + rates[cell]))
        row = law.cdf(np.arange(int(law.isf(TAIL)) + 1))
        row[-1] = 1.0
        rows.append(cell + row)
    first = np.concatenate(([0], np.cumsum([row.size for row in rows])[:-1]))
    return np.concatenate(rows), first


def draw_cents(rng: np.random.Generator, law: Any, claims: int) -> Keys:
    """Amounts in whole cents, below 2^32."""
    if law["kind"] == "gamma":
        amount = rng.standard_gamma(law["alpha"], claims, dtype=np.float32)
        amount *= np.float32(law["theta"] * CENTS)
    elif law["kind"] == "pareto":
        amount = rng.standard_exponential(claims, dtype=np.float32)
        amount *= np.float32(1.0 / law["alpha"])
        np.exp(amount, out=amount)
        amount *= np.float32(law["above"] * CENTS)
    else:
        amount = rng.standard_normal(claims, dtype=np.float32)
        amount *= np.float32(law["sigma"])
        amount += np.float32(law["mu"] + np.log(CENTS))
        np.exp(amount, out=amount)
    amount += np.float32(0.5)
    return np.minimum(amount, MOST_CENTS, out=amount).astype(np.uint64)


class Drawn(NamedTuple):
    """A block's claims in order, and what is summed before they are sorted."""

    keys: Keys  # (n_claims,)
    of_member: IntArray  # (n_members,) claims of each member
    claims: IntArray  # (n_lines,)
    cents: FloatArray  # (n_lines,) charges


def draw_block(rng: np.random.Generator, work: Work, cell: IntArray) -> Drawn:
    """The claims of one block of members as sorted keys."""
    tables = tables_of(work)
    member = np.arange(cell.size, dtype=np.uint64) << np.uint64(MEMBER_AT)
    of_member = np.zeros(cell.size, np.int64)
    keys, count, cents = [], np.zeros(work.n_lines, np.int64), np.zeros(work.n_lines)
    for line in range(work.n_lines):
        place = np.searchsorted(tables.steps[line], cell + rng.random(cell.size), side="right")
        drawn = place - tables.first[line][cell]
        of_member += drawn
        n = count[line] = drawn.sum()
        amount = draw_cents(rng, work.lines[line].severity, n)
        cents[line] = amount.sum()
        when = rng.integers(0, 1 << 32, n, dtype=np.uint32)
        key = np.repeat(member, drawn)
        key |= tables.month[when >> np.uint32(16)]
        key |= (when & np.uint32(0xFFF)).astype(np.uint64) << np.uint64(PART_AT)
        amount |= np.uint64(line << LINE_AT)
        key |= amount
        keys.append(key)
    joined = np.concatenate(keys)
    joined.sort()
    return Drawn(joined, of_member, count, cents)


class Shared(NamedTuple):
    """The fund's part of a block's claims."""

    fund: FloatArray  # (n_claims,) currency
    by_member: FloatArray  # (n_members,)


def share_costs(work: Work, drawn: Drawn, line: IntArray) -> Shared:
    """Copay, deductible, coinsurance, out-of-pocket maximum and yearly limit, in order of moment."""
    last = np.cumsum(drawn.of_member)
    first = last - drawn.of_member

    def before(total: FloatArray) -> FloatArray:
        """The running total at each member's start, for each of the member's claims."""
        return np.repeat(np.concatenate(([0.0], total))[first], drawn.of_member)

    def within(values: FloatArray, limit: float) -> FloatArray:
        """The part of each value that still fits under a yearly limit."""
        reached = np.cumsum(values)
        reached -= before(reached)
        values = reached - values
        np.minimum(values, limit, out=values)
        np.minimum(reached, limit, out=reached)
        reached -= values
        return reached

    amount = (drawn.keys & np.uint64(0xFFFFFFFF)).astype(np.float64)
    amount /= CENTS
    owed = np.minimum(amount, work.copay[line])
    rest = amount - owed
    deducted = within(rest * work.deductible_applies[line], DEDUCTIBLE)
    owed += deducted
    rest -= deducted
    rest *= work.coinsurance[line]
    owed += rest
    fund = amount - within(owed, OUT_OF_POCKET_MAXIMUM)
    total = np.concatenate(([0.0], np.cumsum(fund)))
    by_member = total[last] - total[first]
    if by_member.max(initial=0.0) > ANNUAL_LIMIT:
        fund = within(fund, ANNUAL_LIMIT)
        np.minimum(by_member, ANNUAL_LIMIT, out=by_member)
    return Shared(fund, by_member)


def paid_cells(rng: np.random.Generator, work: Work, keys: Keys, line: IntArray) -> IntArray:
    """Month of treatment x 64 + payment delay of each claim; delays by inversion of the geometric law."""
    chance = rng.random(keys.size, dtype=np.float32)
    np.subtract(np.float32(1.0), chance, out=chance)  # in (0, 1]
    np.log(chance, out=chance)
    chance *= tables_of(work).delay_scale[line]
    np.minimum(chance, np.float32(DELAYS - 1), out=chance)
    month = ((keys >> np.uint64(MONTH_AT)) & np.uint64(15)).astype(np.int64)
    return np.asarray(month * DELAYS + chance.astype(np.int64))


def member_year(rng: np.random.Generator, work: Work, year: int) -> YearSums:
    """One path-year of the fund's claims."""
    cells = tables_of(work).cells[year - 1]
    count, cents = np.zeros(work.n_lines, np.int64), np.zeros(work.n_lines)
    by_line, triangle, excess = np.zeros(work.n_lines), np.zeros(MONTHS * DELAYS), 0.0
    for start in range(0, work.members, BLOCK):
        drawn = draw_block(rng, work, cells[start : start + BLOCK])
        line = ((drawn.keys >> np.uint64(LINE_AT)) & np.uint64(7)).astype(np.int64)
        shared = share_costs(work, drawn, line)
        count += drawn.claims
        cents += drawn.cents
        by_line += np.bincount(line, shared.fund, work.n_lines)
        cell = paid_cells(rng, work, drawn.keys, line)
        triangle += np.bincount(cell, shared.fund, triangle.size)
        excess += float(np.clip(shared.by_member - RETENTION, 0.0, LAYER).sum())
    billed = cents / CENTS
    return YearSums(count, billed, by_line, triangle.reshape(MONTHS, DELAYS), excess)

"""Every claim of one path's fund year, drawn again from its address: when, what and how much.

The bits of each block are those of `docs/streams.md`; only claims in covered months are kept, as in the
kernel. Money is whole minor units.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mutualfund.fund.records.people import CoveredYear
from mutualfund.rng import Purpose, blocks
from mutualfund.sim.kernels.layout import (
    CLAIM_MAX,
    DELAY_BITS,
    HALF_NODES,
    MONTH_BITS,
    NODES_PER_OCTAVE,
    PATHS_PER_SCREEN,
    SCALE_BITS,
    MemberTables,
    PathInputs,
    YearTables,
)
from mutualfund.types import IntArray, UIntArray

MEMBERS_AT_ONCE = 1 << 16
"""Members whose counts are drawn together: what they need then stays near the processor."""

PART_BITS = 12
"""Bits of a claim's part of the month."""


class DrawnClaims(NamedTuple):
    """Claims of one fund year in the order in which they are settled, member by member; arrays (n,)."""

    member: IntArray  # row of the `CoveredYear`
    line: IntArray
    number: IntArray  # on its line and in its year: part of its address
    month: IntArray  # of the fund year, 0 to 11
    part: IntArray  # of the month, 0 to 4,095
    delay: IntArray  # whole months until payment
    billed: IntArray  # minor units


def drawn_claims(
    tables: MemberTables, rules: YearTables, inputs: PathInputs, people: CoveredYear
) -> DrawnClaims:
    """All claims of a year in covered months. inputs: of one path."""
    pieces = [
        _line_claims(tables, rules, inputs, people, line, first)
        for line in range(len(tables.line_stream))
        for first in range(0, people.slot.size, MEMBERS_AT_ONCE)
    ]
    none = [np.zeros(0, np.int64)] * len(DrawnClaims._fields)
    found = DrawnClaims(*(np.concatenate(x) for x in zip(none, *pieces, strict=True)))
    # equal in all of these, claims are equal: it cannot matter which comes first
    order = np.lexsort(
        (found.billed, found.delay, found.line, found.part, found.month, found.member)
    )
    return DrawnClaims(*(values[order] for values in found))


def _line_claims(
    tables: MemberTables,
    rules: YearTables,
    inputs: PathInputs,
    people: CoveredYear,
    line: int,
    first: int,
) -> DrawnClaims:
    """One line's claims of `MEMBERS_AT_ONCE` members from row `first` on."""
    some = CoveredYear(*(values[first : first + MEMBERS_AT_ONCE] for values in people))
    number = _counts(tables, rules, inputs, some, line)
    who = np.repeat(np.arange(some.slot.size), number)
    index = np.arange(who.size) - np.repeat(np.cumsum(number) - number, number)
    low, high = tables.line_stream[line].tolist()
    words = blocks(
        (low, high),
        member=tables.member_key[some.slot[who]],
        path=inputs.path[0],
        year=rules.year,
        purpose=Purpose.CLAIM,
        index=index.astype(np.uint64),
    ).astype(np.int64)
    month = _outcome(tables.month[line], words[:, 2] >> 28, words[:, 2], MONTH_BITS)
    chance = inputs.accept[0, line, month].astype(np.int64)
    real = (words[:, 0] & ((1 << 28) - 1)) < chance
    real &= (month >= some.enter[who]) & (month < some.leave[who])
    words, who = words[real], who[real]
    amount = amount_of(
        (words[:, 1] << 4) | (words[:, 0] >> 28), rules.severity[inputs.table[0, line]]
    )
    scaled = half_up(amount * inputs.scale[0, line], SCALE_BITS)
    return DrawnClaims(
        member=who + first,
        line=np.full(who.size, line),
        number=index[real],
        month=month[real],
        part=words[:, 3] & ((1 << PART_BITS) - 1),
        delay=_outcome(tables.delay[line], words[:, 3] >> 26, words[:, 3] >> PART_BITS, DELAY_BITS),
        billed=np.minimum(scaled, CLAIM_MAX),
    )


def _counts(
    tables: MemberTables,
    rules: YearTables,
    inputs: PathInputs,
    some: CoveredYear,
    line: int,
) -> IntArray:
    """Claims drawn for each member, (n,): an inversion of 32 bits, the first byte deciding where it can."""
    low, high = tables.line_stream[line].tolist()
    member, path = tables.member_key[some.slot], int(inputs.path[0])
    row = _count_rows(tables, rules, inputs, some, line)
    shared = blocks(
        (low, high),
        member=member,
        path=path // PATHS_PER_SCREEN,
        year=rules.year,
        purpose=Purpose.SCREEN,
    )
    place = path % PATHS_PER_SCREEN
    first = (shared[:, place // 4] >> np.uint64(8 * (place % 4))).astype(np.int64) & 0xFF
    number = tables.count_guide[row, first].astype(np.int64)
    left = np.flatnonzero(number < 0)
    own = blocks(
        (low, high), member=member[left], path=path, year=rules.year, purpose=Purpose.COUNT
    )[:, 0] & np.uint64(0xFFFFFF)
    draw = (first[left] << 24).astype(np.uint64) | own
    number[left] = 0
    for threshold in tables.count_cdf.T:
        beyond = threshold[row[left]] <= draw
        left, draw = left[beyond], draw[beyond]
        if not left.size:
            break
        number[left] += 1
    return np.asarray(number)


def _count_rows(
    tables: MemberTables,
    rules: YearTables,
    inputs: PathInputs,
    some: CoveredYear,
    line: int,
) -> IntArray:
    """Which row of thresholds each member's count comes from, (n,)."""
    slot, levels = some.slot, int(tables.frailty_levels[line])
    low, high = tables.member_stream[0].tolist()
    row = tables.factor_band[line, some.age] * 3 + tables.sex[slot]
    row = row * len(tables.transition) + some.health
    if levels > 1:
        key, path = tables.member_key[slot], inputs.path[0]
        drawn = blocks((low, high), member=key, path=path, year=rules.year, purpose=Purpose.FRAILTY)
        row = row * levels + np.searchsorted(tables.frailty_share, drawn[:, 0], side="right")
    row = row * tables.use_count[line] + rules.use[line, tables.plan[slot]]
    start: IntArray = tables.rate_row[line, inputs.rung[0, line]]
    return np.asarray(start + row, np.int64)


def _outcome(table: UIntArray, slot: IntArray, word: IntArray, bits: int) -> IntArray:
    """Walker's alias method: the slot's own number where the last `bits` of `word` are below a threshold."""
    entry = table[slot].astype(np.int64)
    return np.where((word & ((1 << bits) - 1)) < entry >> 8, slot, entry & 0xFF)


def amount_of(bits: IntArray, nodes: IntArray) -> IntArray:
    """The amount at each 36-bit place of a folded table, linear between its nodes; minor units.

    >>> flat = np.concatenate([np.full(1153, 500), np.full(1153, 900)])
    >>> amount_of(np.array([0, 1 << 35]), flat).tolist()
    [500, 900]
    """
    upper = bits >> 35
    place = 2 * (bits & ((1 << 35) - 1)) + 1
    octave = np.frexp(place.astype(np.float64))[1].astype(np.int64) - 1
    above = NODES_PER_OCTAVE * (place - (1 << octave))  # in steps, out of 2^octave
    step = above >> octave
    fraction = ((above - (step << octave)) << 20) >> octave
    node = upper * HALF_NODES + NODES_PER_OCTAVE * octave + step
    return np.asarray(nodes[node] + half_up((nodes[node + 1] - nodes[node]) * fraction, 20))


def half_up(numerator: IntArray, bits: int) -> IntArray:
    """numerator / 2^bits, rounded half up.

    >>> half_up(np.array([3, 5, -3]), 1).tolist()
    [2, 3, -1]
    """
    return np.asarray((numerator + (1 << (bits - 1))) >> bits)

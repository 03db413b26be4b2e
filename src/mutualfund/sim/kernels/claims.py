"""The claims of a chunk: 32 members side by side, their claims below each other in columns.

A claim is one word, most significant part first, so that sorting words sorts claims by moment and equal words
are equal claims (the order of ties cannot matter):

    month 4 | part of the month 12 | line 6 | payment delay 6 | amount 33

No word needs the sign bit, so words compare as signed integers, which every processor can do in vectors.

Everything about a claim follows from its address: the member, the line and the claim's index in the line.
`COLUMNS` columns are drawn at a time, in loops that each do one thing, so that what they hold fits the
vector registers and what they write stays in the first-level cache.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from mutualfund._jit import inline, part, stage, widest_vectors
from mutualfund._philox import HALF, LOW, U, Word, philox
from mutualfund.sim.kernels.layout import (
    ACCEPT_ONE,
    CLAIM_MAX,
    DELAY_BITS,
    HALF_NODES,
    MONTH_BITS,
    MONTHS,
    SCALE_BITS,
    MemberTables,
)
from mutualfund.sim.kernels.packing import WAY, WAY_BITS
from mutualfund.sim.kernels.vectors import GATHERED, Whole, exchange8, product, take
from mutualfund.sim.kernels.workspace import (
    BATCH,
    BITS,
    CENTS,
    COLUMN,
    DELAY,
    ENTER,
    FIRST,
    FRACTION,
    HEAD,
    HERE,
    ID,
    KEY,
    LANE_ENTER,
    LANE_JOINED,
    LANE_LEAVE,
    LANE_PLAN,
    LANE_PLAN_ROW,
    LANES,
    LEAVE,
    LINE,
    LINE_NOW,
    MONTH,
    NEXT,
    NODE,
    ORDER,
    TAG,
    TIMES,
    TOTAL,
    TOTAL_CLAIMS,
)
from mutualfund.types import IntArray, SmallIntArray, UIntArray

Marks: TypeAlias = npt.NDArray[np.uint8]
MONTH_AT, PART_AT, LINE_AT, DELAY_AT = 57, 45, 39, 33
AMOUNT: Final = (1 << DELAY_AT) - 1
EMPTY: Final = 15 << MONTH_AT  # sorts behind every claim, pays nothing


@inline
def lane_at(row: Word, i: Whole) -> Word:
    return row * U(LANES) + U(i)


@inline
def work_at(row: Word, t: Whole) -> Word:
    return row * U(BATCH) + U(t)


@inline
def cell_at(column: Whole, i: Whole) -> Word:
    """Place of a lane's claim among the words. Unsigned: an index that might be negative would be tested
    for it, and the test keeps a loop from being vectorised."""
    return U(column) * U(LANES) + U(i)


@inline
def month_in(word: Whole) -> Whole:
    return word >> MONTH_AT


@inline
def line_in(word: Whole) -> Whole:
    return (word >> LINE_AT) & 63


@inline
def delay_in(word: Whole) -> Whole:
    return (word >> DELAY_AT) & 63


@stage
def take_lanes(
    tables: MemberTables,
    begin: Whole,
    chunk: Whole,
    live: Whole,
    member: IntArray,
    lane: UIntArray,
    lanes: IntArray,
) -> None:
    """The chunk's members: keys, claim counts, plans; past the last one with claims there is nobody."""
    lines = tables.line_stream.shape[0]
    order, total = member[ORDER], member[TOTAL]
    here, plan, row = lanes[HERE], lanes[LANE_PLAN], lanes[LANE_PLAN_ROW]
    for i in range(LANES):
        at = U(chunk) + U(i)
        m = U(order[at if at < U(live) else U(0)])
        slot = U(begin) + m
        here[i], plan[i] = m, tables.plan[slot]
        lane[lane_at(ID, i)] = tables.member_key[slot]
        lane[lane_at(TOTAL_CLAIMS, i)] = U(total[m])
    for i in range(LANES):
        row[i] = plan[i] * lines
        lane[lane_at(LINE_NOW, i)], lane[lane_at(FIRST, i)] = U(1), U(0)
        if chunk + i >= live:
            lane[lane_at(TOTAL_CLAIMS, i)] = U(0)


@stage
def take_cover(
    joined_month: IntArray,
    joined: npt.NDArray[np.int16],
    begin: Whole,
    first_month: Whole,
    member: IntArray,
    lanes: IntArray,
) -> None:
    """The chunk's covered months, and the months of joining counted from the first of the year.

    joined_month: (n_slots,) of opening members. joined: (n_joiner_slots,) of joiners on this path.
    """
    opening_slots = joined_month.size - joined.size
    for i in range(LANES):
        m = lanes[HERE, i]
        slot = begin + m
        lanes[LANE_ENTER, i], lanes[LANE_LEAVE, i] = member[ENTER, m], member[LEAVE, m]
        month = joined_month[slot]
        if slot >= opening_slots:
            month = np.int64(joined[slot - opening_slots])
        lanes[LANE_JOINED, i] = month - first_month


@stage
def mark_lines(
    inside: Whole,
    screen: IntArray,
    count: SmallIntArray,
    lanes: IntArray,
    end: IntArray,
    mark: Marks,
) -> None:
    """Where in its lane each dense line of a member begins: line + 1; the first `inside` lanes have members.

    count: (n_lines, size). Writes row COLUMN, claims so far, and end: (n_lines, LANES), where the line ends.
    """
    column, here = lanes[COLUMN], lanes[HERE]
    for i in range(LANES):
        column[i] = 0
    for line in range(screen.size):
        if screen[line] == 0:
            counted, ends = count[line], end[line]
            for i in range(inside):
                at = U(column[i])
                mark[cell_at(at, i)] = line + 1
                column[i] = at + U(counted[U(here[i])])
                ends[i] = column[i]


@stage
def mark_sparse(
    inside: Whole, member: IntArray, entry: IntArray, lanes: IntArray, mark: Marks
) -> None:
    """The same for the sparse lines, from each member's list of entries."""
    for i in range(inside):
        k = member[HEAD, lanes[HERE, i]]
        while k >= 0:
            mark[cell_at(lanes[COLUMN, i], i)] = entry[k, 0] + 1
            lanes[COLUMN, i] += entry[k, 1]
            k = entry[k, 2]


@stage
def wipe(columns: Whole, mark: Marks) -> None:
    """The row past the last column may hold the mark of a line without claims."""
    for i in range(LANES):
        mark[cell_at(columns, i)] = 0


@stage
def address(
    j0: Whole, some: Whole, lane: UIntArray, mark: Marks, tag: Word, work: UIntArray
) -> None:
    """Line and last counter word of each claim. A mark, line + 1, stands where a lane's next line begins;
    it is wiped, so that the marks are clean for the next chunk."""
    widest_vectors()
    for jj in range(some):
        j = U(j0 + jj)
        for i in range(LANES):
            here = U(mark[cell_at(j, i)])
            line, first = lane[lane_at(LINE_NOW, i)], lane[lane_at(FIRST, i)]
            line = here if here > U(0) else line
            first = j if here > U(0) else first
            lane[lane_at(LINE_NOW, i)], lane[lane_at(FIRST, i)] = line, first
            work[work_at(LINE, cell_at(jj, i))] = line - U(1)
            work[work_at(TAG, cell_at(jj, i))] = tag | (j - first)
        for i in range(LANES):
            mark[cell_at(j, i)] = 0


@stage
def draw(some: Whole, lane: UIntArray, path: Word, work: UIntArray) -> None:
    """One Philox block a claim: 64 bits for the amount (and thinning), 64 for moment and delay."""
    widest_vectors()
    for jj in range(some):
        for i in range(LANES):
            t = cell_at(jj, i)
            id_, key = lane[lane_at(ID, i)], work[work_at(KEY, t)]
            tag = work[work_at(TAG, t)]
            bits, times = philox(id_, id_ >> HALF, path, tag, key, key >> HALF)
            work[work_at(BITS, t)] = bits
            work[work_at(TIMES, t)] = times


@inline
def node_of(bits: Word) -> tuple[Whole, Whole]:
    """36 random bits -> node of the folded quantile table, and the 20-bit fraction of the way to the next.

    The top bit chooses the half (below or above the median), the rest the distance v / 2^36 from its far
    end; nodes are equally spaced within each octave of v, so both tails are resolved. The octave is read from
    the exponent of v as a float, which is exact, and made without a conversion that old processors lack.
    """
    upper = np.int64(bits >> U(35))
    v = U(2) * (bits & U((1 << 35) - 1)) + U(1)
    as_float = U(v | U(0x4330000000000000)).view(np.float64) - 4503599627370496.0
    exact = np.float64(as_float).view(np.int64)
    octave_and_step = (exact >> 47) - (1023 << 5)
    return upper * HALF_NODES + octave_and_step, (exact >> 27) & ((1 << 20) - 1)


@inline
def between(step: Word, falling: bool, fraction: Word) -> Whole:
    """The amount at a 20-bit fraction of the way from one node to the next, half up.

    step: the node and the way to the next, in one word; in the upper half, read from the largest claim, the
    way is down.
    """
    way = np.int64(product(step & U(WAY), fraction))
    way = -way if falling else way
    return np.int64(step >> U(WAY_BITS)) + ((way + (1 << 19)) >> 20)


@stage
def places(n: Whole, work: UIntArray) -> None:
    """Where each claim must look: severity node and fraction, slot of the month, slot of the delay."""
    widest_vectors()
    for t in range(n):
        line, times = work[work_at(LINE, t)], work[work_at(TIMES, t)]
        node, fraction = node_of(work[work_at(BITS, t)] >> U(28))
        work[work_at(NODE, t)] = product(line, U(2 * HALF_NODES)) + U(node)
        work[work_at(FRACTION, t)] = U(fraction)
        work[work_at(MONTH, t)] = line * U(16) + ((times & LOW) >> U(MONTH_BITS))
        work[work_at(DELAY, t)] = line * U(64) + (times >> U(64 - 6))


@stage
def move(n: Whole, shift: UIntArray, work: UIntArray) -> None:
    """From the nodes of each line's own table to those of the path's."""
    widest_vectors()
    take(shift, 0, work, work_at(LINE, 0), work, work_at(NEXT, 0), n)
    for t in range(n):
        work[work_at(NODE, t)] += work[work_at(NEXT, t)]


@stage
def interpolate(n: Whole, work: UIntArray) -> None:
    """Amounts, in minor units, into CENTS."""
    widest_vectors()
    for t in range(n):
        falling = work[work_at(BITS, t)] >> U(63) > U(0)
        amount = between(work[work_at(CENTS, t)], falling, work[work_at(FRACTION, t)])
        work[work_at(CENTS, t)] = U(amount)


@stage
def rescale(n: Whole, scale: IntArray, work: UIntArray) -> None:
    """Amounts times the path's severity scale of their line, half up, never above what a claim may be."""
    widest_vectors()
    take(scale, 0, work, work_at(LINE, 0), work, work_at(NEXT, 0), n)
    for t in range(n):
        product = np.int64(work[work_at(CENTS, t)]) * np.int64(work[work_at(NEXT, t)])
        amount = np.int64((product + (1 << (SCALE_BITS - 1))) >> SCALE_BITS)
        work[work_at(CENTS, t)] = U(amount if amount < CLAIM_MAX else CLAIM_MAX)


@inline
def alias(entry: Word, side: Word, slot: Word) -> Word:
    """The outcome of an alias table: the slot itself, or its alias from the threshold on."""
    return slot if side < (entry >> U(8)) else entry & U(0xFF)


@stage
def pack(j0: Whole, some: Whole, lane: UIntArray, work: UIntArray, word: IntArray) -> None:
    """Each claim as one word; slots past a lane's last claim are EMPTY."""
    widest_vectors()
    for jj in range(some):
        for i in range(LANES):
            t = cell_at(jj, i)
            times = work[work_at(TIMES, t)]
            side = times & U((1 << MONTH_BITS) - 1)
            month = alias(work[work_at(MONTH, t)], side, (times & LOW) >> U(MONTH_BITS))
            side = (times >> U(44)) & U((1 << DELAY_BITS) - 1)
            delay = alias(work[work_at(DELAY, t)], side, times >> U(64 - 6))
            moment = (month << U(12)) | ((times >> HALF) & U(0xFFF))
            kind = (work[work_at(LINE, t)] << U(6)) | delay
            claim = (moment << U(PART_AT)) | (kind << U(DELAY_AT)) | work[work_at(CENTS, t)]
            live = U(j0 + jj) < lane[lane_at(TOTAL_CLAIMS, i)]
            word[cell_at(j0 + jj, i)] = np.int64(claim) if live else EMPTY


@stage
def thin(j0: Whole, n: Whole, accept: UIntArray, work: UIntArray, word: IntArray) -> None:
    """Drop the claims that are not real: of a rate above the path's, only the accepted share is.

    accept: (n_lines * 12,) chance on 2^28 by line and month.
    """
    widest_vectors()
    for t in range(n):
        month = min(month_in(word[cell_at(j0, t)]), MONTHS - 1)
        work[work_at(NODE, t)] = work[work_at(LINE, t)] * U(MONTHS) + U(month)
    take(accept, 0, work, work_at(NODE, 0), work, work_at(NEXT, 0), n)
    for t in range(n):
        real = (work[work_at(BITS, t)] & U(ACCEPT_ONE - 1)) < work[work_at(NEXT, t)]
        word[cell_at(j0, t)] = word[cell_at(j0, t)] if real else EMPTY


@part
def draw_columns(
    j0: Whole,
    some: Whole,
    lane: UIntArray,
    mark: Marks,
    tag: Word,
    path: Word,
    line_key: UIntArray,
    shaped: Whole,
    shift: UIntArray,
    severity: UIntArray,
    month: UIntArray,
    delay: UIntArray,
    work: UIntArray,
) -> None:
    """Columns j0, j0 + 1, ... of a chunk, from their addresses to their words, all but the amounts' scale."""
    n = some * LANES
    address(j0, some, lane, mark, tag, work)
    take(line_key, 0, work, work_at(LINE, 0), work, work_at(KEY, 0), n)
    draw(some, lane, path, work)
    places(n, work)
    if shaped:
        move(n, shift, work)
    take(severity, 0, work, work_at(NODE, 0), work, work_at(CENTS, 0), n)
    take(month, 0, work, work_at(MONTH, 0), work, work_at(MONTH, 0), n)
    take(delay, 0, work, work_at(DELAY, 0), work, work_at(DELAY, 0), n)
    interpolate(n, work)


@stage
def within_cover(columns: Whole, lanes: IntArray, word: IntArray) -> None:
    """Drop the claims outside their member's covered months."""
    widest_vectors()
    enter, leave = lanes[LANE_ENTER], lanes[LANE_LEAVE]
    for j in range(columns):
        for i in range(LANES):
            claim = word[cell_at(j, i)]
            month = month_in(claim)
            covered = (month >= enter[i]) & (month < leave[i])
            word[cell_at(j, i)] = claim if covered else EMPTY


@inline
def exchange(word: IntArray, one: Whole, other: Whole) -> None:
    """Smaller words to column `one`, larger to column `other`."""
    for i in range(0, LANES, GATHERED):
        exchange8(word, cell_at(one, i), cell_at(other, i))


@stage
def by_moment(columns: Whole, word: IntArray) -> None:
    """Sort every lane's claims, all lanes at once: Batcher's merge exchange (Knuth, *The Art of Computer
    Programming*, volume 3, 5.2.2, algorithm M) over whole columns. word: (columns * LANES,)."""
    top = 1
    while 2 * top < columns:
        top *= 2
    p = top if columns > 1 else 0
    while p > 0:
        q, r, d = top, 0, p
        while True:
            for a in range(columns - d):
                if a & p == r:
                    exchange(word, a, a + d)
            if q == p:
                break
            d, q, r = q - p, q >> 1, p
        p >>= 1

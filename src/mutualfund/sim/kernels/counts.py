"""How many claims: one 32-bit draw a member, line and year, inverted, so that a higher rate only adds claims.

The draw's first byte comes from a block that sixteen neighbouring paths share (the screen); in most slots of
the guide that byte alone decides the count. Only where it does not are the other 24 bits drawn, from the
member-year's own block. A line so rare that nearly every first byte means "none" is not even looked at member
by member: its screen is searched eight members at a time.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mutualfund._jit import inline, stage, widest_vectors
from mutualfund._philox import HALF, U, Word, philox
from mutualfund.rng import Purpose
from mutualfund.sim.kernels.layout import PATHS_PER_SCREEN
from mutualfund.sim.kernels.vectors import Whole, draw_blocks, product, take
from mutualfund.types import IntArray, SmallIntArray, UIntArray

SCREEN, COUNT = U(Purpose.SCREEN << 16), U(Purpose.COUNT << 16)
REFINED = U(0xFFFFFF)  # the bits that a count's own block adds to the first byte
ONES, TOPS = (
    U(0x0101010101010101),
    U(0x8080808080808080),
)  # the lowest, the highest bit of eight bytes


@stage
def spread_screen(
    first: UIntArray,
    second: UIntArray,
    path: UIntArray,
    p: Whole,
    paths: Whole,
    n: Whole,
    row: Whole,
    screen: Any,
) -> None:
    """A row of bytes for each of the group's paths p, p + 1, ...: screen[row + k, i]; screen: (rows, n)."""
    widest_vectors()
    for k in range(paths):
        byte = path[p + k] & U(PATHS_PER_SCREEN - 1)
        shift = (byte & U(7)) << U(3)
        bytes_ = screen[row + k]
        if byte < U(8):
            for i in range(n):
                bytes_[i] = np.uint8((first[i] >> shift) & U(0xFF))
        else:
            for i in range(n):
                bytes_[i] = np.uint8((second[i] >> shift) & U(0xFF))


@stage
def draw_screen(
    member: UIntArray,
    begin: Whole,
    n: Whole,
    path: UIntArray,
    p: Whole,
    paths: Whole,
    tag: Word,
    stream: UIntArray,
    line: Whole,
    first: UIntArray,
    second: UIntArray,
    screen: Any,
) -> None:
    """First bytes of a line for a group of paths that share their blocks."""
    group = path[p] // U(PATHS_PER_SCREEN)
    draw_blocks(member, begin, n, group, tag, stream, line, first, second)
    spread_screen(first, second, path, p, paths, n, line * PATHS_PER_SCREEN, screen)


@stage
def rows_of_states(
    n: Whole,
    row: IntArray,
    health: IntArray,
    level: IntArray,
    levels: Whole,
    uses: Whole,
    row_now: IntArray,
) -> None:
    """Count rows with this path's health states and frailty; (n,) each."""
    widest_vectors()
    for i in range(n):
        step = product(health[i], levels) + U(level[i] if levels > 1 else 0)
        row_now[i] = row[i] + np.int64(product(step, uses))


@stage
def guide_places(n: Whole, bytes_: Any, row: IntArray, start: Whole, place: IntArray) -> None:
    """Where the guide is to be read: its words hold four counts each; place: (n,)."""
    widest_vectors()
    for i in range(n):
        place[i] = ((start + row[i]) << 6) + (np.int64(bytes_[i]) >> 2)


@stage
def read_guide(
    n: Whole,
    guide: UIntArray,
    bytes_: Any,
    place: IntArray,
    covered: IntArray,
    found: IntArray,
    count: SmallIntArray,
    total: IntArray,
) -> None:
    """Counts that the first byte decides, -1 - the smallest where it does not, 0 for who is not covered.

    place: (n,) is overwritten. covered: (n,) -1 or 0. Writes count: (n,) and adds to total: (n,).
    """
    widest_vectors()
    take(guide, 0, place, 0, found, 0, n)
    for i in range(n):
        here = (found[i] >> ((np.int64(bytes_[i]) & 3) << 4)) & 0xFFFF
        here = ((here ^ 0x8000) - 0x8000) & covered[i]
        count[i] = here
        total[i] += max(here, 0)


@stage
def left_open(n: Whole, count: SmallIntArray, open_: IntArray) -> Whole:
    """List the members whose count is still open; returns how many."""
    left = 0
    for i in range(n):
        open_[U(left)] = i
        left += count[i] < 0
    return left


@stage
def own_words(
    n: Whole,
    chosen: IntArray,
    member: UIntArray,
    begin: Whole,
    path: Word,
    tag: Word,
    stream: UIntArray,
    line: Whole,
    first: UIntArray,
) -> None:
    """The first word of the block of each chosen member, (n,)."""
    widest_vectors()
    for k in range(n):
        first[k] = member[begin + chosen[k]]
    k0, k1 = stream[line, 0], stream[line, 1]
    for k in range(n):
        id_ = first[k]
        first[k] = philox(id_, id_ >> HALF, path, tag, k0, k1)[0]


@inline
def inverted(byte: Word, word: Word, found: Whole, cdf: UIntArray, row: Whole) -> Whole:
    """The count that 32 bits mean, from the smallest one that the first byte allows (-1 - found)."""
    draw = (byte << U(24)) | (word & REFINED)
    count = U(-1 - found)
    while draw >= cdf[U(row), count]:
        count += U(1)
    return np.int64(count)


@stage
def settle_line(
    n: Whole,
    open_: IntArray,
    bytes_: Any,
    row: IntArray,
    start: Whole,
    cdf: UIntArray,
    words: UIntArray,
    count: SmallIntArray,
    total: IntArray,
) -> None:
    """The counts that the first byte left open."""
    for k in range(n):
        i = U(open_[k])
        found = inverted(U(bytes_[i]), words[k], np.int64(count[i]), cdf, start + row[i])
        count[i] = found
        total[i] += found


@inline
def any_below(bytes_: Word, bound: Word) -> bool:
    """Whether any of eight bytes is below `bound` (1 to 128): the borrow of a subtraction shows it."""
    return ((bytes_ - ONES * bound) & ~bytes_ & TOPS) != U(0)


@stage
def find_candidates(
    n: Whole,
    covered: IntArray,
    bytes_: Any,
    eights: UIntArray,
    bound: Whole,
    row: IntArray,
    start: Whole,
    guide: SmallIntArray,
    open_: IntArray,
    count: SmallIntArray,
) -> Whole:
    """Members whose first byte does not rule out a claim on a sparse line; returns how many.

    eights: the same bytes, eight a word. Only the highest `bound` bytes can mean a claim. Writes open_ and
    count: the member, and what the guide says.
    """
    found = 0
    for eight in range((n + 7) // 8):
        if any_below(~eights[eight], U(bound)):
            for i in range(8 * eight, min(8 * eight + 8, n)):
                if covered[i] and np.int64(bytes_[i]) >= 256 - bound:
                    open_[found] = i
                    count[found] = guide[start + row[i], bytes_[i]]
                    found += count[found] != 0
    return found


@stage
def add_candidates(
    n: Whole,
    line: Whole,
    open_: IntArray,
    bytes_: Any,
    row: IntArray,
    start: Whole,
    cdf: UIntArray,
    words: UIntArray,
    count: SmallIntArray,
    total: IntArray,
    entries: Whole,
    head: IntArray,
    entry: IntArray,
) -> Whole:
    """Append the sparse line's claims to the members' lists; returns the number of entries so far.

    head: (n,) each member's latest entry or -1. entry: (room, 3) line, claims, next entry.
    """
    for k in range(n):
        i = U(open_[k])
        found: Whole = np.int64(count[k])
        if found < 0:
            found = inverted(U(bytes_[i]), words[k], found, cdf, start + row[i])
        if found > 0:
            entry[entries, 0], entry[entries, 1], entry[entries, 2] = line, found, head[i]
            head[i] = entries
            total[i] += found
            entries += 1
    return entries


@stage
def sort_by_total(
    n: Whole, total: IntArray, live: IntArray, room: IntArray, order: IntArray
) -> Whole:
    """Counting sort of the members with claims, most claims first; returns how many there are.

    total: (n,) claims. live, room: scratch, the latter longer than the largest total. Writes order.
    """
    found, largest = 0, 0
    for i in range(n):
        live[U(found)] = i
        found += total[i] > 0
        largest = max(largest, total[i])
    room[: largest + 1] = 0
    for k in range(found):
        room[U(total[U(live[k])])] += 1
    before = 0
    for claims in range(largest, 0, -1):
        here = room[claims]
        room[claims] = before
        before += here
    for k in range(found):
        mine = U(total[U(live[k])])
        order[U(room[mine])] = live[k]
        room[mine] += 1
    return found

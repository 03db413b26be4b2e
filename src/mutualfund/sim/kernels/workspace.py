"""The kernel's scratch: everything a thread needs beside tables, state and sums.

Few arrays with named rows rather than many arrays, for each array that is handed to compiled code takes the
compiler's time. All of them lie in one stretch of memory that begins where a huge page can. Spread over
small pages, as the system finds them, they cost the kernel 3 to 10 % more time: more addresses to translate,
and pages that get into each other's way in the second-level cache.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from mutualfund.sim.kernels.layout import AGE_CELLS, DELAYS, PATHS_PER_SCREEN
from mutualfund.sim.kernels.packing import WORD_MONTHS
from mutualfund.types import IntArray, SmallIntArray, UIntArray

MEMBERS = 4096  # in a block, so that what is kept of them stays in the second-level cache
SCREEN_BYTES = 1 << 19  # for the first bytes of all lines; more lines make smaller blocks

LANES: Final = 32  # members side by side in a chunk, whose words so stay in the first-level cache
COLUMNS: Final = 8  # of claims drawn at a time
BATCH: Final = LANES * COLUMNS

# Rows of `Workspace.lane`, what a member brings to the chunk: (N_LANE, LANES)
ID, TOTAL_CLAIMS, LINE_NOW, FIRST = (np.uint64(row) for row in range(4))
N_LANE = 4
# Rows of `Workspace.work`, what is known of the claims being drawn: (N_WORK, BATCH)
BITS, TIMES, LINE, TAG, KEY, MONTH, NEXT, FRACTION, DELAY = (np.uint64(row) for row in range(9))
NODE, CENTS = TAG, KEY  # later tenants of rows that are no longer needed
N_WORK = 9
# Rows of `Workspace.left`, what a member has left of each limit: (N_LEFT, LANES)
DEDUCTIBLE_LEFT, POCKET_LEFT, LIMIT_LEFT, SEGMENT_NOW = (np.uint64(row) for row in range(4))
OVERDRAWN = np.uint64(4)  # and two more rows: what has been used beyond the limits of later terms
N_LEFT = 7
# Rows of `Workspace.member`: alike on all paths, then of the path at hand
DEATH_ROW, CELL, AGE_CELL = range(3)
HEALTH, LEVEL, ROW_NOW, COVERED, ENTER, LEAVE, DIES, TOTAL, OPEN, PLACE, FOUND, HEAD, ORDER = range(
    3, 16
)
N_MEMBER = 16
# Rows of `Workspace.claim`
WORD, OWN, AT, TERM, PART, PAID, SO_FAR = range(7)
N_CLAIM = 7
# Rows of `Workspace.lanes`
HERE, LANE_ENTER, LANE_LEAVE, LANE_JOINED, LANE_PLAN, LANE_PLAN_ROW, LANE_FUND, COLUMN = range(8)
N_LANES = 8

HUGE_PAGE: Final = 1 << 21  # bytes
CACHE_LINE: Final = 64  # bytes; every array begins with one
Shapes: TypeAlias = Mapping[str, tuple[tuple[int, ...], type[np.generic]]]


class Workspace(NamedTuple):
    """Scratch arrays. `size` is the members of a block, `columns` the most claims a member-year can have."""

    member: IntArray  # (N_MEMBER, size + LANES)
    row: IntArray  # (n_lines, size) count row of each line, health state and frailty aside
    first: UIntArray  # (size,)
    second: UIntArray  # (size,)
    screen: npt.NDArray[np.uint8]  # (n_lines * 16, size)
    eights: UIntArray  # (n_lines * 16, size / 8) the same bytes, eight a word
    counted: SmallIntArray  # (n_lines, size)
    entry: IntArray  # (n_lines * size, 3) claims on sparse lines: line, number, the member's next entry
    histogram: IntArray  # (columns + 2,)
    lane: UIntArray  # (N_LANE * LANES,)
    work: UIntArray  # (N_WORK * BATCH,)
    mark: npt.NDArray[np.uint8]  # ((columns + 1) * LANES,)
    claim: IntArray  # (N_CLAIM, (columns + 1) * LANES)
    lanes: IntArray  # (N_LANES, LANES)
    end: IntArray  # (n_lines, LANES) where each line of a lane ends
    left: IntArray  # (N_LEFT * LANES,)
    used: IntArray  # (n_lines, LANES)
    bins: IntArray  # (n_lines * 16 * DELAYS,) zero between calls
    units: IntArray  # (n_cells,) of a block, a month
    by_age: IntArray  # (10,) members of a block


def members_at_once(n_slots: int, n_lines: int) -> int:
    """Members in a block, a multiple of 32: all there are, as far as their first bytes fit."""
    room = SCREEN_BYTES // (PATHS_PER_SCREEN * max(n_lines, 1))
    fitting = max(LANES, min(MEMBERS, room // LANES * LANES))
    return min(fitting, -(-max(n_slots, 1) // LANES) * LANES)


class _Kept(threading.local):
    """What a thread keeps from one call to the next."""

    memory: npt.NDArray[np.uint8] = np.empty(0, np.uint8)


_kept = _Kept()


def kept_memory(n_bytes: int) -> npt.NDArray[np.uint8]:
    """At least so many bytes, the same ones whenever this thread asks again for no more."""
    if _kept.memory.size < n_bytes:
        _kept.memory = fresh_memory(n_bytes)
    return _kept.memory


def fresh_memory(n_bytes: int) -> npt.NDArray[np.uint8]:
    """At least so many bytes in whole huge pages, which NumPy asks the system for from 4 MiB upward."""
    whole = -(-n_bytes // HUGE_PAGE) * HUGE_PAGE
    room = np.empty(whole + HUGE_PAGE, np.uint8)
    begin = -room.ctypes.data % HUGE_PAGE
    return room[begin : begin + whole]


def workspace(
    n_slots: int,
    n_lines: int,
    n_cells: int,
    columns: int,
    size: int | None = None,
    memory: Callable[[int], npt.NDArray[np.uint8]] = fresh_memory,
) -> Workspace:
    """Lay out scratch for a fund; `size` (a multiple of 8) other than usual changes no result.

    memory: where it lies; two workspaces in `kept_memory` of one thread are the same bytes.
    """
    size = members_at_once(n_slots, n_lines) if size is None else size
    arrays = _laid_out(_shapes(size, n_lines, n_cells, columns), memory)
    for zeroed in ("member", "mark", "end", "bins"):
        arrays[zeroed][...] = 0
    return Workspace(eights=arrays["screen"].view(np.uint64), **arrays)


def scratch_bytes(n_slots: int, n_lines: int, n_cells: int, columns: int) -> int:
    """Memory of a thread's scratch at the most, huge pages whole."""
    shapes = _shapes(members_at_once(n_slots, n_lines), n_lines, n_cells, columns)
    taken = sum(math.prod(shape) * np.dtype(kind).itemsize for shape, kind in shapes.values())
    return taken + len(shapes) * CACHE_LINE + 2 * HUGE_PAGE


def _shapes(size: int, n_lines: int, n_cells: int, columns: int) -> Shapes:
    return {
        "member": ((N_MEMBER, size + LANES), np.int64),
        "row": ((n_lines, size), np.int64),
        "first": ((size,), np.uint64),
        "second": ((size,), np.uint64),
        "screen": ((n_lines * PATHS_PER_SCREEN, size), np.uint8),
        "counted": ((n_lines, size), np.int16),
        "entry": ((n_lines * size, 3), np.int64),
        "histogram": ((columns + 2,), np.int64),
        "lane": ((N_LANE * LANES,), np.uint64),
        "work": ((N_WORK * BATCH,), np.uint64),
        "mark": (((columns + 1) * LANES,), np.uint8),
        "claim": ((N_CLAIM, (columns + 1) * LANES), np.int64),
        "lanes": ((N_LANES, LANES), np.int64),
        "end": ((n_lines, LANES), np.int64),
        "left": ((N_LEFT * LANES,), np.int64),
        "used": ((n_lines, LANES), np.int64),
        "bins": ((n_lines * WORD_MONTHS * DELAYS,), np.int64),
        "units": ((n_cells,), np.int64),
        "by_age": ((AGE_CELLS,), np.int64),
    }


def _laid_out(
    shapes: Shapes,
    memory: Callable[[int], npt.NDArray[np.uint8]],
) -> dict[str, npt.NDArray[Any]]:
    """Arrays of these shapes one after the other, each at the beginning of a cache line."""
    lengths = {
        name: math.prod(shape) * np.dtype(kind).itemsize for name, (shape, kind) in shapes.items()
    }
    begins = np.cumsum([0, *(-(-length // CACHE_LINE) * CACHE_LINE for length in lengths.values())])
    room = memory(int(begins[-1]))
    return {
        name: room[begin : begin + lengths[name]].view(kind).reshape(shape)
        for begin, (name, (shape, kind)) in zip(begins.tolist(), shapes.items(), strict=False)
    }

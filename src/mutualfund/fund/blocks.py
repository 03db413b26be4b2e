"""Blocks of paths: the unit of work, of retry and of checkpoint."""

from __future__ import annotations

from mutualfund.sim.paths import PILOT_PATH

Range = tuple[int, int]
"""First path and number of paths."""

BLOCKS_PER_WORKER = 2  # so that a slow block does not leave the other workers idle at the end
SIDE_BY_SIDE = 4  # neighbouring paths that share random blocks in the compiled member-year


def path_ranges(first_path: int, n_paths: int, size: int) -> list[Range]:
    """Cut a range of paths into blocks of at most `size`.

    >>> path_ranges(0, 5, 2)
    [(0, 2), (2, 2), (4, 1)]
    """
    starts = range(0, n_paths, size)
    return [(first_path + start, min(size, n_paths - start)) for start in starts]


def block_size(
    n_paths: int,
    bytes_per_path: int,
    memory_mib: int,
    workers: int,
    *,
    least: int = 1,
    most: int | None = None,
) -> int:
    """Paths of a block: what the memory budget holds, but small enough to keep every worker busy.

    A multiple of four wherever the budget holds four paths, so that no paths that could share their random
    blocks are parted.

    least: paths that make a task worth handing out, even where that leaves workers idle.
    most: paths that a crash may cost.

    >>> block_size(2_000, 400_000, 64, 2)
    164
    >>> block_size(10, 400_000, 64, 2), block_size(2_000, 30_000_000, 64, 2)
    (4, 2)
    >>> block_size(10_000, 40_000, 64, 100), block_size(10_000, 40_000, 64, 100, least=1_000)
    (52, 1000)
    """
    fitting = memory_mib * 2**20 // bytes_per_path
    if fitting < SIDE_BY_SIDE:
        return max(1, min(fitting, n_paths))
    sharing = -(-n_paths // (BLOCKS_PER_WORKER * workers))
    wanted = max(least, sharing if most is None else min(sharing, most))
    rounded = -(-wanted // SIDE_BY_SIDE) * SIDE_BY_SIDE
    return min(rounded, fitting // SIDE_BY_SIDE * SIDE_BY_SIDE, n_paths)


def named(paths: Range) -> str:
    """A block as errors name it.

    >>> named((40, 8)), named((PILOT_PATH, 10))
    ('paths 40 to 47', 'paths 0 to 9 of the pilot run')
    """
    first, n_paths = paths
    of = ""
    if first >= PILOT_PATH:
        first, of = first - PILOT_PATH, " of the pilot run"
    return f"paths {first} to {first + n_paths - 1}{of}"

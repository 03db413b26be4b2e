"""Blocks of paths: the unit of work, of retry and of checkpoint."""

from __future__ import annotations

from mutualfund.sim.kernels.layout import PATHS_PER_SCREEN
from mutualfund.sim.paths import PILOT_PATH

Range = tuple[int, int]
"""First path and number of paths."""

ENOUGH_MIB = 20  # of a block: more paths gain little, at most about a tenth for a fund of 500
BLOCKS_PER_WORKER = 2  # so that a slow block does not leave the other workers idle at the end


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
    most: int,
) -> int:
    """Paths of a block: what the memory budget holds, but small enough to keep every worker busy.

    Rounded down, by at most a quarter, to a multiple of up to sixteen, so that few paths that could share
    their random blocks are parted (docs/streams.md).

    least: paths that make a task worth handing out, even where that leaves workers idle.
    most: paths beyond which a block would only take memory, or be lost in a crash.

    >>> block_size(2_000, 400_000, 64, 2, most=1_000), block_size(2_000, 400_000, 64, 2, most=100)
    (160, 96)
    >>> block_size(10, 400_000, 64, 2, most=100), block_size(2_000, 30_000_000, 64, 2, most=100)
    (3, 2)
    >>> block_size(10_000, 40_000, 64, 100, most=1_000)
    48
    >>> block_size(10_000, 40_000, 64, 100, least=1_000, most=1_000)
    992
    """
    fitting = max(1, memory_mib * 2**20 // bytes_per_path)
    sharing = -(-n_paths // (BLOCKS_PER_WORKER * workers))
    wanted = min(max(least, min(sharing, most)), fitting, n_paths)
    together = min(PATHS_PER_SCREEN, 1 << (max(wanted // 4, 1).bit_length() - 1))
    return wanted // together * together


def enough_paths(worthwhile: int, bytes_per_path: int) -> int:
    """Paths of a block beyond which it would only take memory.

    worthwhile: paths that make a task worth handing out. Sixteen may share their random blocks, so that many
    are never too many.

    >>> enough_paths(160, 200_000), enough_paths(160, 50_000), enough_paths(1, 5_000_000)
    (104, 160, 16)
    """
    return max(PATHS_PER_SCREEN, min(worthwhile, ENOUGH_MIB * 2**20 // bytes_per_path))


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

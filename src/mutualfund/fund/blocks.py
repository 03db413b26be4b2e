"""Blocks of paths on threads: handed out, gathered in order, stopped cleanly."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import TypeVar

Result = TypeVar("Result")
Range = tuple[int, int]
"""First path and number of paths."""

BLOCKS_PER_WORKER = 2  # so that a slow block does not leave the other workers idle at the end


class Stopped(Exception):
    """A block gave up because the run is being stopped."""


def default_workers() -> int:
    """Processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def path_ranges(first_path: int, n_paths: int, size: int) -> list[Range]:
    """Cut a range of paths into blocks of at most `size`.

    >>> path_ranges(0, 5, 2)
    [(0, 2), (2, 2), (4, 1)]
    """
    starts = range(0, n_paths, size)
    return [(first_path + start, min(size, n_paths - start)) for start in starts]


def block_size(n_paths: int, bytes_per_path: int, memory_mib: int, workers: int) -> int:
    """Paths of a block: what the memory budget holds, but small enough to keep every worker busy.

    >>> block_size(2_000, 400_000, 64, 2)
    167
    >>> block_size(10, 400_000, 64, 2)
    3
    """
    fitting = memory_mib * 2**20 // bytes_per_path
    sharing = -(-n_paths // (BLOCKS_PER_WORKER * workers))
    return max(1, min(fitting, sharing))


@dataclass(frozen=True, slots=True)
class Workers:
    """A pool of threads. The compiled member-year releases the interpreter, so threads run side by side."""

    pool: ThreadPoolExecutor
    stop: Event = field(default_factory=Event)

    def run(
        self,
        work: Callable[[int, int], Result],
        ranges: list[Range],
        done: Callable[[int], None] | None = None,
    ) -> list[Result]:
        """Do `work(first_path, n_paths)` for every range; results in the order of the ranges.

        done: told the number of paths of each block as it finishes, in the calling thread.

        Whatever goes wrong, in a block or in the calling thread (Ctrl-C among them), stops the other
        blocks at the end of their current fund year and is raised here.
        """
        futures: dict[Future[Result], Range] = {}
        try:
            futures = {self.pool.submit(work, *paths): paths for paths in ranges}
            for future in as_completed(futures):
                future.result()
                if done is not None:
                    done(futures[future][1])
        except BaseException:
            self.stop.set()
            for future in futures:
                future.cancel()
            wait(futures)
            raise
        return [future.result() for future in futures]

    def keep_going(self) -> None:
        """Raise `Stopped` in a block whose run is being stopped."""
        if self.stop.is_set():
            raise Stopped


@contextmanager
def worker_pool(workers: int) -> Iterator[Workers]:
    """Threads for one run, gone when it ends."""
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="mutualfund") as pool:
        yield Workers(pool)

"""Threads of this process. The compiled member-year releases the interpreter, so they run side by side."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Event

from mutualfund.fund.blocks import Range
from mutualfund.fund.engines.engine import Engine, Result, Task

logger = logging.getLogger("mutualfund")

STOPPING = "Stopping as soon as the compiler and the years now being simulated are done."


class Stopped(Exception):
    """A block gave up because the run is being stopped."""


def default_workers() -> int:
    """Processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(eq=False)
class Threads(Engine):
    """Blocks on a pool of threads."""

    pool: ThreadPoolExecutor
    halt: Event = field(default_factory=Event)

    def submit(self, task: Task[Result], paths: Range) -> Future[Result]:
        return self.pool.submit(task, self.plan, self.keep_going, *paths)

    def outcome(self, future: Future[Result], _paths: Range) -> Result:
        return future.result()

    def stop(self, flight: Collection[Future[Result]]) -> None:
        """Let the blocks end at the close of their current fund year, and wait for that."""
        self.halt.set()
        super().stop(flight)
        if any(future.running() for future in flight):
            logger.info(STOPPING)  # now: the compiler may take half a minute to end
        wait(flight)

    def keep_going(self) -> None:
        if self.halt.is_set():
            raise Stopped

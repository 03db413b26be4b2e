"""What every engine does: hand out blocks, take results in as they finish, stop cleanly.

An engine is bound to one plan, which its workers hold; a task is a function of it and a range of paths. Only
so many blocks are in flight as keep the workers busy, so memory does not grow with the number of paths.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeVar

from mutualfund.fund.blocks import Range
from mutualfund.sim.plan import Plan

Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)

KeepGoing = Callable[[], None]
"""Called by a task before each fund year; raises where the run is being stopped."""

WORK_OF_A_TASK = 20_000_000  # member-years times lines: about 0.2 s of one processor
BLOCKS_AHEAD = 2  # in flight per worker: one being computed and one waiting


class Task(Protocol[Result_co]):
    """What is done to a block: a function that can be sent to another process by its name."""

    def __call__(
        self, plan: Plan, keep_going: KeepGoing, first_path: int, n_paths: int, /
    ) -> Result_co: ...


class Again(Exception):
    """A block has to be handed out once more; the run goes on."""


@dataclass(eq=False)
class Engine(ABC):
    """Where the blocks of a plan are computed."""

    plan: Plan
    workers: int

    is_here: ClassVar[bool] = True
    """Whether blocks take this machine's memory."""
    is_far: ClassVar[bool] = False
    """Whether handing a task out costs so much that a small one is not worth it."""

    @abstractmethod
    def submit(self, task: Task[Result], paths: Range) -> Future[Result]:
        """Hand out a block."""

    @abstractmethod
    def outcome(self, future: Future[Result], paths: Range, /) -> Result:
        """The result of a block handed out; raises what went wrong in it, or `Again`."""

    def stop(self, flight: Collection[Future[Result]]) -> None:
        """Drop the blocks in flight: something went wrong, or the user wants to stop."""
        for future in flight:
            future.cancel()

    def worthwhile_paths(self) -> int:
        """Paths that make a task of `WORK_OF_A_TASK`."""
        per_path = self.plan.n_slots * len(self.plan.years) * max(1, len(self.plan.lines))
        return max(1, WORK_OF_A_TASK // max(1, per_path))

    def least_paths(self) -> int:
        """Paths below which a block is not worth handing out."""
        return self.worthwhile_paths() if self.is_far else 1

    def run(
        self, task: Task[Result], ranges: Collection[Range], each: Callable[[Range, Result], None]
    ) -> None:
        """Do `task` for every range.

        each: given each result as it comes in, in the calling thread, in any order.

        Whatever goes wrong, in a block or in the calling thread (Ctrl-C among them), drops the other blocks
        and is raised here.
        """
        waiting, flight = deque(ranges), dict[Future[Result], Range]()
        try:
            while waiting or flight:
                while waiting and len(flight) < BLOCKS_AHEAD * self.workers:
                    paths = waiting.popleft()
                    flight[self.submit(task, paths)] = paths
                for future in wait(flight, return_when=FIRST_COMPLETED).done:
                    paths = flight.pop(future)
                    try:
                        result = self.outcome(future, paths)
                    except Again:
                        waiting.appendleft(paths)
                    else:
                        each(paths, result)
        except BaseException:
            self.stop(flight)
            raise

    def gather(self, task: Task[Result], ranges: Collection[Range]) -> list[Result]:
        """The results of all ranges together, in their order."""
        found: dict[Range, Result] = {}
        self.run(task, ranges, found.__setitem__)
        return [found[paths] for paths in ranges]

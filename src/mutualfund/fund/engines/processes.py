"""Other processes: any `concurrent.futures.Executor` that is not a pool of threads.

An executor does not say which worker will take a task. So the plan goes out with the first task for each
worker, a worker keeps it under its digest, and one that was left out says so and its block is sent again with
the plan. Python's own `pickle` moves plan and results between our own processes; no file is read that way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass, field
from multiprocessing.reduction import ForkingPickler
from typing import Any, ClassVar, cast

from pydantic import BaseModel

from mutualfund.errors import RunError
from mutualfund.fund.blocks import Range, named
from mutualfund.fund.engines.engine import Again, Engine, Result, Task
from mutualfund.fund.engines.handshake import Surroundings, require_same, surroundings
from mutualfund.results.manifest import sha256
from mutualfund.scenario import Scenario
from mutualfund.sim.plan import Plan

PROTOCOL = 5
"""Of pickle: the first that keeps whether an array is read-only."""

_kept: dict[str, Plan] = {}
"""The plan that this worker holds, by its digest; one at a time."""


class NoPlan:
    """Said by a worker that was given no plan yet."""


def at_worker(
    task: Task[Result],
    here: Surroundings,
    digest: str,
    plan: Plan | bytes | None,
    first_path: int,
    n_paths: int,
) -> Result | NoPlan:
    """Do a task in a worker, which keeps the plan for the tasks that follow.

    here: the surroundings of the process that wants the result.
    plan: the plan itself, or as `packed` has made it.
    """
    held = _kept.get(digest)
    if held is None:
        if plan is None:
            return NoPlan()
        require_same(here, surroundings(), f"the worker given {named((first_path, n_paths))}")
        _kept.clear()
        _kept[digest] = held = ForkingPickler.loads(plan) if isinstance(plan, bytes) else plan
    return task(held, carry_on, first_path, n_paths)


def carry_on() -> None:
    """Another process cannot be told to stop in mid-block."""


@dataclass(eq=False)
class Processes(Engine):
    """Blocks on an executor's workers."""

    executor: Executor
    digest: str = field(init=False)
    here: Surroundings = field(init=False)
    unsent: int = field(init=False)  # workers that are thought to have no plan

    is_far: ClassVar[bool] = True

    def __post_init__(self) -> None:
        self.digest, self.here, self.unsent = sendable(self.plan), surroundings(), self.workers

    def submit(self, task: Task[Result], paths: Range) -> Future[Result]:
        plan = packed(self.plan) if self.unsent > 0 else None
        self.unsent -= plan is not None
        try:
            words: tuple[Any, ...] = (task, self.here, self.digest, plan, *paths)
            future = cast(Any, self.executor).submit(at_worker, *words)
        except BrokenExecutor:
            raise died(paths) from None
        return cast("Future[Result]", future)

    def outcome(self, future: Future[Result], paths: Range) -> Result:
        try:
            result = future.result()
        except BrokenExecutor:
            raise died(paths) from None
        if isinstance(result, NoPlan):
            self.unsent += 1
            raise Again
        return result


def died(paths: Range) -> RunError:
    """A worker ended without a word: killed, or out of memory."""
    return RunError(f"a worker process died, and {named(paths)} with it; was its memory used up?")


def packed(plan: Plan) -> bytes:
    """The plan as it goes to another process, where its arrays are read-only as they are here.

    An executor's own pickles lose that, and the kernel would be compiled once more for the other kind.
    """
    return bytes(ForkingPickler.dumps(plan, protocol=PROTOCOL))


def sendable(plan: Plan) -> str:
    """The digest of a plan that other processes can be given.

    Raises
    ------
    RunError
        Where it holds a rule or severity that they could not load.
    """
    for place, kind in classes(plan.scenario):
        if kind.__module__ == "__main__" or "<locals>" in kind.__qualname__:
            raise RunError(
                f"{place}: {kind.__name__} cannot be sent to other processes, which cannot import it from "
                f"where it is written; put it at the top level of a module of its own, or use threads"
            )
    try:
        return sha256(packed(plan))
    except Exception as error:  # whatever an object of the user's own raises
        raise RunError(f"the scenario cannot be sent to other processes: {error}") from error


def classes(scenario: Scenario) -> Iterator[tuple[str, type]]:
    """The classes of all values of a scenario, the user's own among them, each with its place."""
    for part in ("assumptions", "rules"):
        yield from _classes(getattr(scenario, part), part)


def _classes(value: Any, place: str) -> Iterator[tuple[str, type]]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _classes(getattr(value, name), f"{place}.{name}")
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _classes(item, f"{place}.{name}")
    elif isinstance(value, tuple | list):
        for index, item in enumerate(value):
            yield from _classes(item, f"{place}[{index}]")
    else:
        yield place, type(value)

"""A Dask cluster: many machines, each with the same versions and class of processor.

Loaded only where a `distributed.Client` (or the executor made of one) is given. The plan is scattered once to
every worker; Dask sends it on to workers that come later, and hands a dead worker's block to another.
Tasks say nothing about where they run: no address is in an error.
"""

from __future__ import annotations

import ipaddress
import warnings
from collections.abc import Collection, Iterator
from concurrent.futures import CancelledError, Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast
from urllib.parse import urlsplit

from distributed import Client, KilledWorker
from distributed.cfexecutor import ClientExecutor

from mutualfund.errors import MutualFundWarning, RunError
from mutualfund.fund.blocks import Range
from mutualfund.fund.engines.engine import Again, Engine, KeepGoing, Result, Task
from mutualfund.fund.engines.handshake import Surroundings, require_same, surroundings
from mutualfund.fund.engines.processes import at_worker, died, sendable
from mutualfund.sim.paths import PILOT_PATH
from mutualfund.sim.plan import Plan

TRIES = 3
"""How often a block is handed out whose worker died with the last copy of the plan."""


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client of the scheduler at `address`, closed at the end; certificates as Dask's configuration says.

    Raises
    ------
    RunError
        Where nobody answers.
    """
    try:
        client = Client(address, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise RunError(f"no Dask scheduler answers at {address}") from error
    try:
        yield client
    finally:
        client.close()


def client_of(given: Any) -> Client:
    """The client itself, or the one whose executor was given."""
    return given._client if isinstance(given, ClientExecutor) else given


@dataclass(eq=False)
class Cluster(Engine):
    """Blocks on the workers of a Dask cluster."""

    client: Client
    here: Surroundings
    digest: str
    scattered: Any  # the plan, on the workers
    handed: dict[Future[Any], Any] = field(
        default_factory=dict
    )  # Dask's own future of each block out
    tries: dict[Range, int] = field(default_factory=dict)

    is_here: ClassVar[bool] = False
    is_far: ClassVar[bool] = True

    @classmethod
    def of(cls, plan: Plan, client: Client, workers: int) -> Cluster:
        """Shake hands with every worker, send the plan, and let each compile its code.

        workers: blocks computed at once, at most.

        Raises
        ------
        RunError
            Where there is no worker, or one has other versions or another class of processor.
        """
        warn_if_open(client.scheduler.address)
        here = surroundings()
        shake_hands(client, here)
        threads = sum(client.nthreads().values())
        cluster = cls(
            plan=plan,
            workers=min(workers, threads),
            client=client,
            here=here,
            digest=sendable(plan),
            scattered=scatter(client, plan),
        )
        cluster.warm_up()
        return cluster

    def submit(self, task: Task[Result], paths: Range) -> Future[Result]:
        return self._submit(task, paths)

    def _submit(self, task: Task[Result], paths: Range, **where: Any) -> Future[Result]:
        # Not by the client's own executor, whose futures never end where a result was lost on its way.
        words = (task, self.here, self.digest, self.scattered, *paths)
        handed = self.client.submit(at_worker, *words, pure=False, **where)
        future: Future[Result] = Future()
        self.handed[future] = handed
        handed.add_done_callback(lambda _handed: told(future))
        return future

    def stop(self, flight: Collection[Future[Result]]) -> None:
        """Drop the blocks in flight; one that is being computed is computed for nobody."""
        with suppress(Exception):  # a cluster that is gone must not hide why the run stops
            self.client.cancel([self.handed.pop(future) for future in flight])
        super().stop(flight)

    def outcome(self, future: Future[Result], paths: Range) -> Result:
        try:
            return cast("Result", self.handed.pop(future).result())
        except KilledWorker:
            raise died(paths) from None  # Dask has tried several workers; its message names them
        except CancelledError:  # the last copy of the plan died with its worker
            self.tries[paths] = self.tries.get(paths, 0) + 1
            if self.tries[paths] >= TRIES:
                raise died(paths) from None
            if self.scattered.status != "finished":
                self.scattered = scatter(self.client, self.plan)
            raise Again from None

    def warm_up(self) -> None:
        """Let every worker load or compile its code at once, instead of in its first block."""
        pilot = (PILOT_PATH, 1)
        started = [
            self._submit(first_year, pilot, workers=[worker], allow_other_workers=True)
            for worker in self.client.nthreads()
        ]
        wait(started)
        for future in started:
            with suppress(Again):  # a worker that went away compiles nothing
                self.outcome(future, pilot)
            self.tries.clear()  # one lost here is a worker's, and no block has been tried


def told(future: Future[Any]) -> None:
    """Let those who wait for a block know that Dask is done with it; its result is asked for later."""
    if future.set_running_or_notify_cancel():
        future.set_result(None)


def first_year(plan: Plan, keep_going: KeepGoing, first_path: int, n_paths: int) -> None:
    """One year of a few paths: enough to compile everything."""
    keep_going()
    plan.member_year(plan.drivers(first_path, n_paths), plan.initial_state(n_paths), 1)


def scatter(client: Client, plan: Plan) -> Any:
    """The plan on every worker.

    Raises
    ------
    RunError
        Where the scheduler or all workers are gone.
    """
    try:
        return client.scatter(plan, broadcast=True, hash=False)
    except (OSError, TimeoutError, CancelledError) as error:
        raise RunError("the Dask cluster does not answer any more") from error


def shake_hands(client: Client, here: Surroundings) -> None:
    """Refuse a cluster in which any worker could compute other bits.

    Raises
    ------
    RunError
        Naming the first such worker by its number in the cluster, and what differs.
    """
    answers = client.run(surroundings, on_error="return")
    if not answers:
        raise RunError("the Dask cluster has no workers")
    for number, address in enumerate(sorted(answers)):
        answer = answers[address]
        if isinstance(answer, BaseException):
            raise RunError(f"worker {number} of the cluster cannot load mutualfund")
        require_same(here, answer, f"worker {number} of the cluster")


def warn_if_open(address: str) -> None:
    """Warn of a scheduler that anybody on the network could send code to.

    >>> warn_if_open("tls://10.0.0.5:8786"), warn_if_open("tcp://127.0.0.1:8786")
    (None, None)
    """
    place = urlsplit(address)
    if place.scheme == "tcp" and not is_loopback(place.hostname or ""):
        warnings.warn(
            "this Dask scheduler is reached by plain tcp: whoever can reach it can run code on it and on "
            "every worker, because Dask sends unauthenticated pickles; use tls outside a network of your own",
            MutualFundWarning,
            stacklevel=2,
        )


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, reached without any network."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

"""Engines: where blocks of paths are computed. Threads here, other processes, or a Dask cluster."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mutualfund.errors import Fault, InputError
from mutualfund.fund.engines.engine import Engine, KeepGoing, Result, Task
from mutualfund.fund.engines.processes import Processes
from mutualfund.fund.engines.threads import Threads, default_workers
from mutualfund.sim.plan import Plan

if TYPE_CHECKING:
    from distributed import Client

MOST_WORKERS = 1_000_000  # all that a cluster has

__all__ = [
    "Engine",
    "KeepGoing",
    "Result",
    "Task",
    "dask_client",
    "default_workers",
    "engine_for",
    "positive",
]


@contextmanager
def engine_for(
    plan: Plan, executor: Executor | Client | None = None, workers: int | None = None
) -> Iterator[Engine]:
    """The engine for an executor: threads of our own, gone when the run ends, where none is given.

    An executor given stays open: it is the caller's.

    Raises
    ------
    InputError
        For something that is no executor, or `workers` below 1.
    RunError
        Where the plan cannot be sent to other processes, or a worker could compute other bits.
    """
    if executor is None:
        n = positive("workers", workers, default_workers())
        with ThreadPoolExecutor(max_workers=n, thread_name_prefix="mutualfund") as pool:
            yield Threads(plan, n, pool)
    elif type(executor).__module__.split(".")[0] == "distributed":
        from mutualfund.fund.engines.dask import Cluster, client_of

        yield Cluster.of(plan, client_of(executor), positive("workers", workers, MOST_WORKERS))
    elif isinstance(executor, ThreadPoolExecutor):
        yield Threads(plan, pool_size(executor, workers), executor)
    elif isinstance(executor, Executor):
        yield Processes(plan, pool_size(executor, workers), executor)
    else:
        allowed = "a concurrent.futures.Executor or a dask.distributed Client"
        raise InputError([Fault("executor", f"a {type(executor).__name__}", allowed, code="type")])


@contextmanager
def dask_client(address: str) -> Iterator[Client]:
    """A client of the Dask scheduler at `address`, such as ``tls://10.0.0.5:8786``.

    Raises
    ------
    InputError
        Where Dask is not installed.
    RunError
        Where nobody answers.
    """
    if importlib.util.find_spec("distributed") is None:
        remedy = 'Install it: pip install "mutualfund-actuarial[dask]".'
        raise InputError(
            [Fault("dask", "no distributed", "Dask, installed", remedy, "not_installed")]
        )
    from mutualfund.fund.engines.dask import connected

    with connected(address) as client:
        yield client


def pool_size(executor: Any, workers: int | None) -> int:
    """How many workers an executor has: as told, else as Python's own pools know."""
    return positive("workers", workers, getattr(executor, "_max_workers", default_workers()))


def positive(name: str, given: int | None, default: int) -> int:
    """A count of at least 1, or the default.

    Raises
    ------
    InputError
        For 0, a negative number or no whole number.
    """
    if given is None:
        return default
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise InputError([Fault(name, repr(given), "a whole number, 1 or more", code="range")])
    return given

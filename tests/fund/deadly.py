"""Rules and functions that tests send to other processes, to break or look at things there."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np

from mutualfund.fund.engines import KeepGoing
from mutualfund.results import manifest
from mutualfund.rules import YearView
from mutualfund.sim.plan import Plan


class Deadly:
    """A rule that kills the process it is used in, once its file is there; never that of its maker."""

    name, sign = "grant", 1

    def __init__(self, file: Path) -> None:
        self.file, self.maker = str(file), os.getpid()

    def amount(self, view: YearView) -> np.ndarray:
        if os.getpid() != self.maker and Path(self.file).exists():
            os.kill(os.getpid(), signal.SIGKILL)
        return 0.5 * view.contributions_due


def array_kinds(plan: Plan, _going: KeepGoing, _first_path: int, _n_paths: int) -> list[str]:
    """What the compiler takes the plan's tables for, as a task."""
    from numba import typeof

    return [str(typeof(table)) for table in (*plan.tables, *plan.units, *plan.years)]


_environment = manifest.environment


def pretend_numpy(version: str | None) -> None:
    """Let this process say that it has another NumPy; None for the truth again."""
    found = _environment()
    if version is not None:
        found["versions"]["numpy"] = version
    manifest.environment = lambda: found
    from mutualfund.fund.engines import handshake

    handshake.environment = manifest.environment

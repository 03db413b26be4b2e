"""Rules and functions that tests send to other processes, to break things there. Importable by them."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np

from mutualfund.results import manifest
from mutualfund.rules import YearView


class Deadly:
    """A rule that kills the process it is used in, once its file is there; never that of its maker."""

    name, sign = "grant", 1

    def __init__(self, file: Path) -> None:
        self.file, self.maker = str(file), os.getpid()

    def amount(self, view: YearView) -> np.ndarray:
        if os.getpid() != self.maker and Path(self.file).exists():
            os.kill(os.getpid(), signal.SIGKILL)
        return 0.5 * view.contributions_due


_environment = manifest.environment


def pretend_numpy(version: str | None) -> None:
    """Let this process say that it has another NumPy; None for the truth again."""
    found = _environment()
    if version is not None:
        found["versions"]["numpy"] = version
    manifest.environment = lambda: found
    from mutualfund.fund.engines import handshake

    handshake.environment = manifest.environment

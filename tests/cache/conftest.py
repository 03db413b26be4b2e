"""A toy in the library's place: our own cache and compiler options around a kernel that compiles at once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest

import mutualfund
from mutualfund._cache.digest import MODULES

SOURCE = Path(mutualfund.__file__).parent
COPIED = ("__init__.py", "_exports.py", "errors.py", *MODULES)

LEAF = """\
from mutualfund._jit import inline

@inline
def step(x):
    return x + 1
"""
ENTRY = """\
from mutualfund._jit import kernel
from mutualfund.sim.parts.leaf import step

@kernel
def total(values):
    s = 0
    for value in values:
        s += step(value)
    return s
"""
CALL = """\
import json
import numpy as np
from mutualfund._jit import compilations
from mutualfund.sim.entry import total
{between}
print(json.dumps([int(total(np.arange(4))), compilations()]))
"""


class Told(NamedTuple):
    """What a process of the toy said: its answer, and how many kernels it compiled."""

    answer: int
    compiled: int


COMPILED, LOADED = Told(10, 1), Told(10, 0)


@dataclass
class Toy:
    """A package `mutualfund` of our `_jit` and `_cache`, whose kernel sums x + 1 over 0, 1, 2, 3."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    @property
    def cache(self) -> Path:
        return Path(self.env["MUTUALFUND_CACHE_DIR"])

    def kept(self) -> list[Path]:
        """Everything in the cache that is no folder."""
        return sorted(path for path in self.cache.rglob("*") if not path.is_dir())

    def edit(self, old: str, new: str, file: str = "parts/leaf.py") -> None:
        path = self.folder / "mutualfund" / "sim" / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), encoding="utf-8")

    def start(self, *, between: str = "", **env: str) -> subprocess.Popen[str]:
        """A process that imports the toy, does what is `between`, and calls its kernel once."""
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-c", CALL.format(between=between)],
            cwd=self.folder,
            env=self.env | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *, between: str = "", **env: str) -> Told:
        return told(self.start(between=between, **env))


def told(process: subprocess.Popen[str]) -> Told:
    """What the process said; a word on standard error is a failure."""
    out, err = process.communicate(timeout=300)
    assert (process.returncode, err) == (0, "")
    return Told(*json.loads(out))


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """A toy with an empty cache."""
    folder = tmp_path / "toy"
    package = folder / "mutualfund"
    (package / "sim" / "parts").mkdir(parents=True)
    for name in COPIED:
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SOURCE / name, package / name)
    no_leftovers = shutil.ignore_patterns("__pycache__")
    shutil.copytree(SOURCE / "_cache", package / "_cache", ignore=no_leftovers)
    texts = {"__init__.py": "", "parts/__init__.py": "", "parts/leaf.py": LEAF, "entry.py": ENTRY}
    for name, text in texts.items():
        (package / "sim" / name).write_text(text, encoding="utf-8")
    outside = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    # Without byte code, whose time stamps are too coarse for edits that follow each other at once.
    own = {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return Toy(folder, outside | own | {"MUTUALFUND_CACHE_DIR": str(tmp_path / "cache")})

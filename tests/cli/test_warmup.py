"""`mutualfund warmup`, and how a run speaks of a cache that is empty, warm or off."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mutualfund.cli.warmup import FIRST_RUN

from .conftest import Call

COMMAND = [sys.executable, "-W", "error", "-c", "from mutualfund.cli import main; main()"]

EVERY_FUND = """\
import tomllib
from mutualfund import Scenario, archetypes, simulate
from mutualfund._jit import compilations

def small(name):
    data = tomllib.loads(archetypes.path(name).read_text(encoding="utf-8"))
    data["members"]["synthetic"]["n"] = 30
    data["settings"] |= {"paths": 4, "years": 2}
    return Scenario.from_dict(data, folder=archetypes.path(name).parent)

funds = [small(name) for name in archetypes.names()] + [Scenario.load("small.toml")]
for fund in funds:
    simulate(fund)
print(len(funds), compilations())
"""


def test_warmup_compiles_once_all_that_any_run_needs(small: Path, folder: Path) -> None:
    env = os.environ | {"MUTUALFUND_CACHE_DIR": str(folder / "cache")}

    def said(*words: str) -> str:
        done = subprocess.run([*COMMAND, *words], env=env, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return done.stdout

    first = said("warmup")
    assert re.fullmatch(
        r"Compiled in [\d.]+ s\. The code is kept in \S+/compiled-\w{32}; runs start at once now\.\n",
        first,
    )
    assert re.fullmatch(r"Compiled already: ready in [\d.]+ s, from \S+\.\n", said("warmup"))
    script = [sys.executable, "-W", "error", "-c", EVERY_FUND]
    done = subprocess.run(script, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "4 0\n", "")


def test_warmup_says_why_the_code_is_not_kept(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call("warmup").exit_code == 0  # compiles for this process, if need be
    monkeypatch.setenv("MUTUALFUND_CACHE_DIR", "off")
    told = call("warmup").stdout
    assert told.endswith(" s, but not kept. The cache is off: MUTUALFUND_CACHE_DIR=off.\n")


def test_a_first_run_is_told_that_it_compiles_and_a_later_one_is_not(
    small: Path, call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert call("warmup").exit_code == 0
    # This process has its code by now, so that the run itself need not be waited for.
    monkeypatch.setattr("mutualfund._jit.compilations", lambda: 0)
    monkeypatch.setenv("MUTUALFUND_CACHE_DIR", str(tmp_path / "empty"))
    assert call("run", "small.toml").stderr.splitlines()[:2] == [FIRST_RUN, "Simulating: 0 %"]
    monkeypatch.undo()
    monkeypatch.chdir(small.resolve().parent)
    assert FIRST_RUN not in call("run", "small.toml", "--overwrite").stderr

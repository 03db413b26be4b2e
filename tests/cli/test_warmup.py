"""`mutualfund warmup`, and how every command speaks of the compiler that its user waits for."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from mutualfund._jit import awaited_kernel

from .conftest import Call

COMMAND = [sys.executable, "-W", "error", "-c", "from mutualfund.cli import main; main()"]

COMPILES = (
    "Compiling the simulation: 20 to 40 seconds on a slow machine. "
    "The code is kept; later runs start at once.\n"
)

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

    def said(*words: str, noted: str = "") -> str:
        done = subprocess.run([*COMMAND, *words], env=env, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, noted), done.stderr
        return done.stdout

    first = said("warmup", noted=COMPILES)
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


@pytest.mark.parametrize(
    ("command", "module", "name"),
    [("check", "mutualfund.fund.check", "check"), ("run", "mutualfund.fund", "simulate")],
)
def test_whichever_command_compiles_says_so_on_one_line_and_a_later_one_says_nothing(
    command: str,
    module: str,
    name: str,
    small: Path,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    def compiles(*_: object, **__: object) -> None:
        """In the place of the simulation, a kernel that takes no time."""
        awaited_kernel("the simulation")(lambda value: value + 1)(3)
        raise KeyboardInterrupt

    monkeypatch.setattr(import_module(module), name, compiles)
    monkeypatch.setenv("MUTUALFUND_CACHE_DIR", str(tmp_path / "empty"))
    assert call(command, "small.toml").stderr.count(COMPILES) == 1
    assert "Compiling" not in call(command, "small.toml").stderr
    monkeypatch.setenv("MUTUALFUND_CACHE_DIR", "off")
    for _ in range(2):
        told = call(command, "small.toml").stderr
        assert "in each run, because the code is not kept (MUTUALFUND_CACHE_DIR=off).\n" in told

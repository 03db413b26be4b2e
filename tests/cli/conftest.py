"""A folder to work in, a small scenario, and the command line called in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from mutualfund.cli import app

Call = Callable[..., Result]

SMALL = """\
title = "A small fund"

[fund]
name = "Harbour"
currency = "EUR"
start = 2027-01-01
opening_reserve = 9_000

[settings]
paths = 40
years = 3
seed = 5

[members]
file = "members.csv"

[[assumptions.lines]]
name = "dental"
frequency = { kind = "poisson", mean = 0.7 }
severity = { kind = "gamma", mean = 140, cv = 0.6 }

[rules.contributions]
kind = "flat"
monthly = 9.0

[rules.reserve]
floor = 0.25
target = 0.30
"""

CANARY = "CANARY-7741"
MEMBERS = "member_id,age,sex\n" + "".join(
    f"{CANARY}-{row},{20 + row % 50},{'FM'[row % 2]}\n" for row in range(100)
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, made the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def small(folder: Path) -> Path:
    """A scenario of 100 members beside its members file."""
    (folder / "members.csv").write_text(MEMBERS, encoding="utf-8")
    (folder / "small.toml").write_text(SMALL, encoding="utf-8")
    return Path("small.toml")


@pytest.fixture
def call() -> Call:
    """The command line, called with the words that a user types."""

    def run(*words: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(app, list(words), input=typed)

    return run

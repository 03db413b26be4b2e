"""Runs that were stopped on the way, what resumes them, and what a resume is refused for."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from fund.funds import tables
from mutualfund.errors import InputError
from mutualfund.fund import simulate
from mutualfund.results import FundRun
from mutualfund.results.storage import held_in
from mutualfund.rules import YearView
from mutualfund.scenario import Scenario

SIMULATE = sys.modules["mutualfund.fund.simulate"]  # the function hides its module
PATHS, BLOCK, YEARS = 100, 5, 3
MEMBERS = "member_id,age,sex\n" + "".join(
    f"M-{row},{20 + row % 50},{'FM'[row % 2]}\n" for row in range(120)
)
SCENARIO = f"""\
[fund]
name = "Village fund"
currency = "EUR"
start = 2027-01-01
opening_reserve = 9_000

[settings]
paths = {PATHS}
years = {YEARS}
seed = 5

[members]
file = "members.csv"

[[assumptions.lines]]
name = "dental"
frequency = {{ kind = "poisson", mean = 0.7 }}
severity = {{ kind = "gamma", mean = 140, cv = 0.6 }}

[rules.contributions]
kind = "flat"
monthly = 9.0
"""


class Enough(Exception):
    """Raised in a run that has come far enough for the test."""


def stop_after(blocks: int) -> object:
    """A progress that stops the run once so many blocks are stored."""

    def progress(done: int, _total: int) -> None:
        if done >= blocks * BLOCK:
            raise Enough

    return progress


def begun(scenario: Scenario, folder: Path, blocks: int = 3) -> Path:
    """A folder in which a run was stopped after some blocks."""
    with pytest.raises(Enough):
        simulate(scenario, folder=folder, block_paths=BLOCK, workers=1, progress=stop_after(blocks))
    assert held_in(folder) == "unfinished"
    return folder


def resumed(scenario: Scenario, folder: Path, **more: object) -> FundRun:
    return simulate(scenario, folder=folder, resume=True, **more)


def faults_of(scenario: Scenario, folder: Path, **more: object) -> dict[str, str]:
    """What a resume is refused for: field -> the whole sentence."""
    with pytest.raises(InputError) as refused:
        resumed(scenario, folder, **more)
    return {fault.field: str(fault) for fault in refused.value.faults}


def refuse_to_compute(*_: object) -> None:
    raise AssertionError("computed again")


class Grant:
    """A rule of the fund's own, which no file can state."""

    name, sign = "grant", 1

    def __init__(self, share: float) -> None:
        self.share = share

    def amount(self, view: YearView) -> np.ndarray:
        return self.share * view.contributions_due


def with_grant(share: float, rule: type = Grant) -> Scenario:
    data = tables(members=30, paths=PATHS, years=2)
    data["rules"] = data["rules"] | {"extra": (rule(share),)}
    return Scenario.from_dict(data)

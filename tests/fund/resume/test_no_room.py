"""A disk that is full, closed or too small: what is done is kept, and the way on is said."""

from __future__ import annotations

import os
import resource
from collections import namedtuple
from pathlib import Path

import pytest

from fund.resume.interrupted import BLOCK, resumed
from mutualfund.errors import InputError, RunError
from mutualfund.fund import memory, simulate
from mutualfund.results import FundRun
from mutualfund.scenario import Scenario


def test_a_full_disk_keeps_the_finished_blocks_and_says_how_to_go_on(
    scenario: Scenario, whole: FundRun, tmp_path: Path
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill_up(done: int, _total: int) -> None:
        if done >= 4 * BLOCK:  # no file may grow any more
            resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))

    try:
        # Blocks that are ready together are stored in any order.
        with pytest.raises(RunError, match=r"could not write ledger-0000\d\d\.parquet") as stopped:
            simulate(
                scenario,
                folder=tmp_path / "run",
                block_paths=BLOCK,
                workers=1,
                progress=fill_up,
            )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "20 of 100 paths are kept in run" in str(stopped.value)
    assert "--resume" in str(stopped.value)
    assert "\n" not in str(stopped.value)
    assert resumed(scenario, tmp_path / "run").digest() == whole.digest()


def test_a_place_that_may_not_be_written_is_one_line(scenario: Scenario, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    # The administrator may write anywhere, but nobody may make a folder in /proc.
    target = closed if os.geteuid() else Path("/proc")
    with pytest.raises(RunError, match=r"could not write scenario\.toml"):
        simulate(scenario, folder=target / "run")


def test_results_that_the_disk_cannot_hold_are_refused_before_the_start(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(memory, "disk_usage", lambda _: usage(10**9, 10**9 - 9_000, 9_000))
    with pytest.raises(InputError, match=r"settings\.paths.*on the disk.*Lower it to") as refused:
        simulate(scenario, folder=tmp_path / "run")
    assert refused.value.faults[0].code == "disk"
    assert not (tmp_path / "run").exists()

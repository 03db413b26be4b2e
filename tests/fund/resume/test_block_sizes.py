"""The size of blocks is that of the start, or another one that fills the gaps."""

from __future__ import annotations

from pathlib import Path

import pytest

from fund.resume.interrupted import BLOCK, PATHS, SIMULATE, begun, resumed, with_grant
from mutualfund import load_run
from mutualfund.fund import simulate
from mutualfund.results import FundRun
from mutualfund.results import manifest as manifests
from mutualfund.scenario import Scenario


def test_the_size_of_blocks_is_that_of_the_start(
    scenario: Scenario, whole: FundRun, tmp_path: Path
) -> None:
    folder = begun(scenario, tmp_path / "run")
    run = resumed(scenario, folder, workers=2)
    assert run.manifest["block_paths"] == BLOCK
    assert run.digest() == whole.digest()


@pytest.mark.parametrize("size", [2, 12])
def test_blocks_of_another_size_fill_the_gaps(
    size: int, scenario: Scenario, whole: FundRun, tmp_path: Path
) -> None:
    folder = begun(scenario, tmp_path / "run")
    (folder / "blocks" / "lines-000005.parquet").unlink()
    (folder / "blocks" / "ledger-000017.parquet").write_bytes(b"of blocks cut otherwise")
    assert resumed(scenario, folder, block_paths=size).digest() == whole.digest()
    assert load_run(folder).digest() == whole.digest()


@pytest.mark.parametrize("own", [False, True])
def test_a_run_that_ran_out_of_memory_goes_on_with_less(
    own: bool, scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = with_grant(0.1) if own else scenario
    folder = begun(scenario, tmp_path / "run")
    monkeypatch.setattr(SIMULATE, "bytes_per_path", lambda _: 2**19)
    run = resumed(scenario.replace("settings.memory_mib", 1), folder)
    assert run.manifest["block_paths"] == 2
    assert len(list((folder / "blocks").glob("ledger-*"))) == 3 + -(-(PATHS - 3 * BLOCK) // 2)
    stored = load_run(folder)
    assert stored.digest() == run.digest() == simulate(scenario).digest()
    text = (folder / "scenario.toml").read_bytes()
    assert stored.manifest["inputs"]["scenario"]["sha256"] == manifests.sha256(text)

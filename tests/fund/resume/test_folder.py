"""The folder of a run is taken for nothing else, and holds nothing of another run."""

from __future__ import annotations

from pathlib import Path

import pytest

from fund.resume.interrupted import (
    BLOCK,
    SIMULATE,
    Enough,
    begun,
    refuse_to_compute,
    resumed,
    stop_after,
)
from mutualfund import load_run
from mutualfund.errors import InputError, RunError
from mutualfund.fund import simulate
from mutualfund.results import FundRun
from mutualfund.results.storage import held_in
from mutualfund.scenario import Scenario


def test_an_unfinished_run_is_not_taken_for_anything_else(
    scenario: Scenario, whole: FundRun, tmp_path: Path
) -> None:
    folder = begun(scenario, tmp_path / "run")
    with pytest.raises(RunError, match=r"unfinished run; pass resume=True"):
        simulate(scenario, folder=folder)
    with pytest.raises(RunError, match=r"unfinished run; pass resume=True"):
        whole.save(folder)
    assert simulate(scenario, folder=folder, overwrite=True).digest() == whole.digest()
    assert resumed(scenario, folder).digest() == whole.digest()
    assert load_run(folder).digest() == whole.digest()


@pytest.mark.parametrize(
    "asked",
    [{"resume": True}, {"overwrite": True}, {"resume": True, "overwrite": True, "folder": "x"}],
)
def test_what_makes_no_sense_together_is_refused(scenario: Scenario, asked: dict) -> None:
    with pytest.raises(InputError, match="folder"):
        simulate(scenario, **asked)


def test_a_folder_with_other_files_is_refused_at_once_also_to_overwrite(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "busy"
    folder.mkdir()
    (folder / "letter.txt").write_text("mine")
    monkeypatch.setattr(SIMULATE, "engine_for", refuse_to_compute)
    with pytest.raises(RunError, match="already holds other files"):
        simulate(scenario, folder=folder, overwrite=True)
    assert [path.name for path in folder.iterdir()] == ["letter.txt"]


def test_a_run_that_replaces_another_takes_its_report_away(
    scenario: Scenario, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    simulate(scenario, folder=folder)
    (folder / "report.html").write_text("of the run before")
    with pytest.raises(Enough):
        simulate(scenario, folder=folder, overwrite=True, block_paths=BLOCK, progress=stop_after(1))
    assert held_in(folder) == "unfinished"
    assert not (folder / "report.html").exists()

"""What lies in the folder of an unfinished run and was altered is refused by its name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from fund.resume.interrupted import begun, resumed
from mutualfund.errors import RunError
from mutualfund.results import FundRun
from mutualfund.scenario import Scenario


@pytest.mark.parametrize(
    "name", ["blocks/ledger-000005.parquet", "blocks/lines-000000.parquet", "scenario.toml"]
)
def test_a_flipped_byte_in_what_was_stored_is_refused_by_its_name(
    name: str, scenario: Scenario, tmp_path: Path
) -> None:
    folder = begun(scenario, tmp_path / "run")
    original = (folder / name).read_bytes()
    for place in np.random.default_rng(3).integers(0, len(original), 4):
        altered = bytearray(original)
        altered[place] ^= 0x01
        (folder / name).write_bytes(altered)
        with pytest.raises(RunError, match=f"{Path(name).name} was altered"):
            resumed(scenario, folder)


def test_altered_blocks_are_all_named_with_what_mends_them_and_count_as_not_kept(
    scenario: Scenario, whole: FundRun, tmp_path: Path
) -> None:
    folder = begun(scenario, tmp_path / "run", blocks=4)
    bad = [folder / "blocks" / name for name in ("ledger-000005.parquet", "lines-000015.parquet")]
    for file in bad:
        file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(RunError) as refused:
        resumed(scenario, folder)
    assert str(refused.value) == (
        "run: blocks/ledger-000005.parquet was altered after the run was stored; "
        "run: blocks/lines-000015.parquet was altered after the run was stored. "
        "Delete what is named, and its paths are computed again when the run is resumed. "
        "10 of 100 paths are kept in run; resume it with resume=True (on the command line: --resume)"
    )
    for file in bad:
        file.unlink()
    assert resumed(scenario, folder).digest() == whole.digest()


@pytest.mark.parametrize("name", ["started.json", "blocks.jsonl"])
def test_a_flipped_byte_in_the_records_is_refused(
    name: str, scenario: Scenario, tmp_path: Path
) -> None:
    folder = begun(scenario, tmp_path / "run")
    text = (folder / name).read_bytes()
    half_line = text.rfind(b"\n")
    for place in np.random.default_rng(4).integers(0, half_line, 15):
        altered = bytearray(text)
        altered[place] ^= 0x01
        (folder / name).write_bytes(altered)
        with pytest.raises(RunError, match=r"started\.json|blocks\.jsonl|parquet"):
            resumed(scenario, folder)


def test_a_journal_cannot_name_files_of_another_folder(scenario: Scenario, tmp_path: Path) -> None:
    folder = begun(scenario, tmp_path / "run")
    entry = {"path": 15, "paths": 5, "files": {"../secret-000015.parquet": "0" * 64}}
    with (folder / "blocks.jsonl").open("a") as journal:
        journal.write(json.dumps(entry) + "\n")
    with pytest.raises(RunError, match="no file of that block"):
        resumed(scenario, folder)

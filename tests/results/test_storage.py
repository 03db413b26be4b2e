"""The run folder: whole or refused. Faults are made for real: bytes flipped, files cut, disks full."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from mutualfund.errors import RunError
from mutualfund.results import FundRun, load_run, storage
from mutualfund.results import manifest as manifests
from mutualfund.results.measures import check_identities

FILES = (
    "blocks/ages-000000.parquet",
    "blocks/ledger-000000.parquet",
    "blocks/lines-000000.parquet",
    "blocks/months-000000.parquet",
    "manifest.json",
    "scenario.toml",
    "summary.parquet",
)


@pytest.fixture
def small(run_of: Callable[..., FundRun]) -> FundRun:
    return run_of(n_paths=50, n_years=3)


@pytest.fixture
def folder(small: FundRun, tmp_path: Path) -> Path:
    return small.save(tmp_path / "run")


def content(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_saving_and_loading_gives_the_same_run(small: FundRun, folder: Path) -> None:
    loaded = load_run(folder)
    assert loaded.digest() == small.digest()
    assert list(loaded.ledger) == list(small.ledger)
    for name, values in small.ledger.items():
        assert np.array_equal(loaded.ledger[name], values, equal_nan=True)
    assert set(loaded.marginals) == {"line", "month", "age"}
    for by, side in small.marginals.items():
        assert loaded.marginals[by].labels == side.labels
        for name, values in side.measures.items():
            assert np.array_equal(loaded.marginals[by].measures[name], values)
    assert loaded.facts == small.facts
    assert str(loaded.summary()) == str(small.summary())
    assert loaded.scenario_toml == small.scenario_toml


@pytest.mark.parametrize(
    "facts",
    [
        {"start": "nonsense"},
        {"start": None},
        {"floors": ["a", "b", "c"]},
        {"floors": [0.1]},
        {"flows": [1]},
        {"flows": [["calls", 1]]},
        {"line_names": 3},
    ],
)
def test_facts_that_make_no_sense_are_refused_though_the_manifest_is_sealed(
    folder: Path, facts: dict[str, object]
) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["facts"] |= facts
    (folder / "manifest.json").write_text(manifests.render(manifest))
    with pytest.raises(RunError):
        load_run(folder)


def test_a_fact_that_is_missing_is_named(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["facts"]["currency"]
    (folder / "manifest.json").write_text(manifests.render(manifest))
    with pytest.raises(RunError, match="'currency'"):
        load_run(folder)


@pytest.mark.parametrize("lost", ["scenario.toml", "blocks/ledger-000000.parquet"])
def test_a_sealed_manifest_that_knows_too_few_files_is_refused(folder: Path, lost: str) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["files"][lost]
    (folder / lost).unlink()
    (folder / "manifest.json").write_text(manifests.render(manifest))
    with pytest.raises(RunError, match="not those of a run"):
        load_run(folder)


def test_a_block_that_is_no_table_is_refused_though_its_hash_is_right(folder: Path) -> None:
    block = "blocks/ledger-000000.parquet"
    (folder / block).write_bytes(b"no table")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][block] = manifests.sha256(b"no table")
    (folder / "manifest.json").write_text(manifests.render(manifest))
    with pytest.raises(RunError, match="not those of a run"):
        load_run(folder)


def test_a_loaded_run_is_saved_again_unchanged(folder: Path, tmp_path: Path) -> None:
    again = load_run(folder).save(tmp_path / "again")
    for name in FILES:
        assert (again / name).read_bytes() == (folder / name).read_bytes(), name


def test_the_folder_holds_results_and_the_scenarios_text_only(folder: Path) -> None:
    assert content(folder) == set(FILES)
    columns = pq.read_schema(folder / "blocks/ledger-000000.parquet").names
    assert columns[:2] == ["path", "year"]


def test_many_paths_are_stored_in_blocks_in_their_order(
    run_of: Callable[..., FundRun], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "STORED_PATHS", 7)
    run = run_of(n_paths=30, n_years=2)
    stored = run.save(tmp_path / "run")
    assert len(list((stored / "blocks").glob("ledger-*"))) == 5
    table = pq.read_table(stored / "blocks/ledger-000021.parquet")
    assert table["path"].to_pylist() == [path for path in range(21, 28) for _ in range(2)]
    assert load_run(stored).digest() == run.digest()


def test_not_a_number_and_zero_survive_storage(tmp_path: Path, small: FundRun) -> None:
    ledger = dict(small.ledger) | {"solvency_ratio": np.full((50, 3), np.nan)}
    run = FundRun(None, ledger, small.marginals, small.manifest, small.scenario_text)
    loaded = load_run(run.save(tmp_path / "run"))
    assert np.isnan(loaded.measure("solvency_ratio")).all()
    assert (loaded.measure("external_paid") == 0.0).all()


def test_the_stored_blocks_alone_add_up(folder: Path) -> None:
    table = pq.read_table(folder / "blocks/ledger-000000.parquet")
    names = [name for name in table.column_names if name not in ("path", "year")]
    ledger = {name: table[name].to_numpy().reshape(50, 3) for name in names}
    assert check_identities(ledger) < 1e-6


@pytest.mark.parametrize("kept", [(), ("line",), ("month",), ("age", "line")])
def test_a_run_is_stored_with_the_sides_it_has(
    small: FundRun, tmp_path: Path, kept: tuple[str, ...]
) -> None:
    sides = {by: small.marginals[by] for by in kept}
    run = FundRun(None, small.ledger, sides, small.manifest)
    loaded = load_run(run.save(tmp_path / "run"))
    assert set(loaded.marginals) == set(kept)
    assert loaded.digest() == run.digest()


# -- the manifest --------------------------------------------------------------------------------


def test_the_manifest_tells_how_the_run_came_about(small: FundRun, folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["digest"] == small.digest()
    assert manifest["seed"] == 2026
    assert set(manifest["files"]) == set(FILES) - {"manifest.json"}
    assert {"numpy", "numba", "python"} <= set(manifest["versions"])


def test_the_manifest_holds_no_folder_of_this_machine(small: FundRun, tmp_path: Path) -> None:
    warned = dict(small.manifest) | {"warnings": [f"{tmp_path}/members.csv: 3 rows dropped"]}
    run = FundRun(None, small.ledger, small.marginals, warned)
    text = (run.save(tmp_path / "run") / "manifest.json").read_text()
    assert str(tmp_path) not in text
    assert "members.csv: 3 rows dropped" in text


def test_loading_keeps_the_versions_that_made_the_run(small: FundRun, tmp_path: Path) -> None:
    made_elsewhere = dict(small.manifest) | {"cpu": "Difference Engine"}
    run = FundRun(None, small.ledger, small.marginals, made_elsewhere)
    assert load_run(run.save(tmp_path / "run")).manifest["cpu"] == "Difference Engine"


# -- faults --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_byte_anywhere_is_refused(folder: Path, name: str) -> None:
    path = folder / name
    original = path.read_bytes()
    for place in np.random.default_rng(3).integers(0, len(original), 25):
        altered = bytearray(original)
        altered[place] ^= 0x01
        path.write_bytes(altered)
        with pytest.raises(RunError, match=path.name):
            load_run(folder)
    path.write_bytes(original)
    load_run(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file_is_refused(folder: Path, name: str) -> None:
    path = folder / name
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(RunError, match=path.name):
        load_run(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(RunError, match=Path(name).name):
        load_run(folder)


def test_an_added_block_is_refused(folder: Path) -> None:
    extra = folder / "blocks" / "ledger-000050.parquet"
    extra.write_bytes((folder / "blocks/ledger-000000.parquet").read_bytes())
    with pytest.raises(RunError, match=r"ledger-000050\.parquet was added"):
        load_run(folder)


def test_a_report_beside_the_results_is_welcome(folder: Path) -> None:
    (folder / "report.html").write_text("<p>fine</p>")
    load_run(folder)


def test_a_manifest_cannot_point_outside_its_folder(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["../secret.parquet"] = "0" * 64
    (folder / "manifest.json").write_text(manifests.render(manifest))
    with pytest.raises(RunError, match="no file of a run"):
        load_run(folder)


def test_a_digest_that_is_not_that_of_the_blocks_is_refused(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["digest"] = "0" * 64
    (folder / "manifest.json").write_text(manifests.render(manifest))
    with pytest.raises(RunError, match="do not have the digest"):
        load_run(folder)


def test_a_later_layout_is_refused_by_its_number(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"run_version": 1', '"run_version": 2'))
    with pytest.raises(RunError, match="run_version 2"):
        load_run(folder)


def test_a_run_is_not_overwritten_unless_asked(small: FundRun, folder: Path) -> None:
    with pytest.raises(RunError, match="overwrite=True"):
        small.save(folder)
    small.save(folder, overwrite=True)
    assert load_run(folder).digest() == small.digest()


def test_overwriting_leaves_no_block_of_the_older_run(
    small: FundRun, run_of: Callable[..., FundRun], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "STORED_PATHS", 10)
    folder = small.save(tmp_path / "run")
    run_of(n_paths=10, n_years=1).save(folder, overwrite=True)
    assert content(folder) == set(FILES)
    assert load_run(folder).n_paths == 10


def test_a_folder_of_other_things_is_never_written_into(small: FundRun, tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear")
    for overwrite in (False, True):
        with pytest.raises(RunError, match="other files"):
            small.save(tmp_path, overwrite=overwrite)
    with pytest.raises(RunError, match="is a file"):
        small.save(tmp_path / "letters.txt")
    assert content(tmp_path) == {"letters.txt"}


def test_a_folder_that_may_not_be_written_is_refused(small: FundRun, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    # The administrator may write anywhere, but nobody may make a folder in /proc.
    target = closed if os.geteuid() else Path("/proc")
    with pytest.raises(RunError, match="could not write"):
        small.save(target / "run")


def test_a_full_disk_leaves_no_half_file_and_no_manifest(
    run_of: Callable[..., FundRun], tmp_path: Path
) -> None:
    run = run_of(n_paths=400, n_years=10)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        # No file may grow beyond 20 kB: the blocks meet the limit in the middle of a write.
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
        with pytest.raises(RunError, match=r"could not write ledger-000000\.parquet"):
            run.save(tmp_path / "run")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert content(tmp_path / "run") <= {"scenario.toml", "summary.parquet"}
    with pytest.raises(RunError, match="never finished"):
        load_run(tmp_path / "run")


SAVE_AGAIN_AND_AGAIN = """
import sys
from mutualfund.results import load_run
run = load_run(sys.argv[1])
print("ready", flush=True)
while True:
    run.save(sys.argv[2], overwrite=True)
"""


def test_a_killed_save_leaves_a_whole_run_or_none(folder: Path, tmp_path: Path) -> None:
    digest = load_run(folder).digest()
    random = np.random.default_rng(11)
    for attempt in range(3):
        target = tmp_path / f"target{attempt}"
        words = [sys.executable, "-c", SAVE_AGAIN_AND_AGAIN, str(folder), str(target)]
        child = subprocess.Popen(words, stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(float(random.uniform(0.0, 0.1)))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        if (target / "manifest.json").exists():
            # Removed before a rewrite and put back last: with it, everything is there.
            assert load_run(target).digest() == digest
        else:
            with pytest.raises(RunError, match="never finished"):
                load_run(target)
        run_again = load_run(folder).save(target, overwrite=True)
        assert load_run(run_again).digest() == digest
        assert content(run_again) == set(FILES)

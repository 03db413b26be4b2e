"""Runs whose process is killed or interrupted, for real, and that go on to the same last bit."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from fund.resume.interrupted import BLOCK, PATHS, begun, resumed
from mutualfund import load_run
from mutualfund.errors import RunError
from mutualfund.fund import simulate
from mutualfund.results import FundRun
from mutualfund.scenario import Scenario

COMMAND = (  # with the pilots of these tests, and many small blocks
    "from mutualfund.fund import pilot; pilot.MOST_PATHS = 60; "
    "from mutualfund.fund import blocks; blocks.PATHS_PER_SCREEN = 1; "
    "from mutualfund.fund.engines import engine; engine.WORK_OF_A_TASK = 1; "
    "from mutualfund.cli import main; main()"
)


def stored_blocks(folder: Path) -> int:
    try:
        return (folder / "blocks.jsonl").read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def run_into(folder: str) -> list[str]:
    """The words that start the command, one worker, in a process of its own."""
    run = ["run", "village.toml", "--out", folder, "--workers", "1"]
    return [sys.executable, "-c", COMMAND, *run]


def kill_after(blocks: int, place: Path) -> int:
    """SIGKILL the command as soon as it has stored so many blocks; returns how many it really had."""
    child = subprocess.Popen(run_into("run"), cwd=place, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while stored_blocks(place / "run") < blocks:
        assert child.poll() is None and time.monotonic() < deadline
        time.sleep(0.0005)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    return stored_blocks(place / "run")


@pytest.mark.parametrize("draw", ["first", "last", 0, 1, 2])
def test_a_run_killed_at_any_block_ends_in_the_same_bits(
    draw: str | int, place: Path, scenario: Scenario, whole: FundRun
) -> None:
    n = PATHS // BLOCK  # as the command cuts them, too
    if draw in ("first", "last"):
        wanted = 1 if draw == "first" else n - 1
    else:
        wanted = int(np.random.default_rng(17).integers(2, n - 1, 3)[int(draw)])
    had = kill_after(wanted, place)
    assert wanted <= had <= n
    record = json.loads((place / "run" / "started.json").read_text())
    assert record["block_paths"] == BLOCK
    with pytest.raises(RunError, match=r"never finished.*--resume"):
        load_run(place / "run")
    told: list[int] = []
    run = resumed(scenario, place / "run", progress=lambda done, _: told.append(done))
    assert run.digest() == load_run(place / "run").digest() == whole.digest()
    assert told[-1] == PATHS
    assert {path.name for path in (place / "run").iterdir()} == {
        "blocks",
        "manifest.json",
        "scenario.toml",
        "summary.parquet",
    }


def test_only_the_missing_blocks_are_computed(scenario: Scenario, tmp_path: Path) -> None:
    folder = begun(scenario, tmp_path / "run", blocks=3)
    before = {path.name: path.stat().st_mtime_ns for path in (folder / "blocks").iterdir()}
    resumed(scenario, folder, workers=2)
    after = {path.name: path.stat().st_mtime_ns for path in (folder / "blocks").iterdir()}
    assert len(before) == 2 * 3  # the ledger and the lines
    assert len(after) == 2 * PATHS // BLOCK
    assert {name: after[name] for name in before} == before


def test_a_folder_filled_block_by_block_is_the_one_that_save_writes(
    scenario: Scenario, tmp_path: Path
) -> None:
    run = simulate(scenario, folder=tmp_path / "streamed", block_paths=BLOCK)
    saved = run.save(tmp_path / "saved")
    files = {path.relative_to(saved) for path in saved.rglob("*") if path.is_file()}
    streamed = tmp_path / "streamed"
    assert files == {p.relative_to(streamed) for p in streamed.rglob("*") if p.is_file()}
    for name in files:
        assert (saved / name).read_bytes() == (streamed / name).read_bytes(), name


def test_what_a_killed_process_leaves_half_done_is_computed_again(
    scenario: Scenario, whole: FundRun, tmp_path: Path
) -> None:
    folder = begun(scenario, tmp_path / "run")
    (folder / "blocks" / ".abc.partial").write_bytes(b"half")
    (folder / "blocks" / "ledger-000015.parquet").write_bytes(b"a block that nobody recorded")
    with (folder / "blocks.jsonl").open("ab") as journal:
        journal.write(b'{"path": 24, "pat')
    (folder / "blocks" / "lines-000005.parquet").unlink()
    assert resumed(scenario, folder).digest() == whole.digest()
    assert load_run(folder).digest() == whole.digest()


def test_a_process_killed_between_its_last_two_steps_leaves_a_finished_run(
    scenario: Scenario, whole: FundRun, tmp_path: Path
) -> None:
    folder = begun(scenario, tmp_path / "run")
    left = {name: (folder / name).read_bytes() for name in ("started.json", "blocks.jsonl")}
    resumed(scenario, folder)
    for name, content in left.items():
        (folder / name).write_bytes(content)
    assert load_run(folder).digest() == whole.digest()
    assert resumed(scenario, folder).digest() == whole.digest()


def test_ctrl_c_leaves_a_run_that_the_command_it_names_finishes(
    place: Path, whole: FundRun
) -> None:
    words = run_into("my run")
    with subprocess.Popen(words, cwd=place, stderr=subprocess.PIPE, text=True) as child:
        while stored_blocks(place / "my run") < 2:
            assert child.poll() is None
            time.sleep(0.0005)
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=60)
    assert child.returncode == 4
    assert "Traceback" not in said
    last = said.splitlines()[-1]
    assert last.startswith("Interrupted; resume with: mutualfund run village.toml --out 'my run'")
    command = shlex.split(last.split("resume with: ")[1])
    again = subprocess.run([*words[:3], *command[1:]], cwd=place, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert load_run(place / "my run").digest() == whole.digest()
    assert (place / "my run" / "report.html").is_file()

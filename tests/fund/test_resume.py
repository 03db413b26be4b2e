"""Runs that are killed, interrupted or out of disk, for real, and go on to the same last bit."""

from __future__ import annotations

import json
import os
import resource
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from fund.funds import CARE, tables
from mutualfund import load_run
from mutualfund.errors import InputError, RunError
from mutualfund.fund import pilot, simulate
from mutualfund.results import FundRun
from mutualfund.results import manifest as manifests
from mutualfund.results.storage import held_in
from mutualfund.rules import YearView
from mutualfund.scenario import Scenario

COMMAND = [sys.executable, "-c", "from mutualfund.cli import main; main()"]
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


@pytest.fixture(scope="module", autouse=True)
def small_pilots() -> Iterator[None]:
    """Pilots of a few paths, here and in the processes that are started."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pilot, "MOST_PATHS", 60)
        yield


SMALL = (  # the same in the processes that are started, with many small blocks
    "from mutualfund.fund import pilot; pilot.MOST_PATHS = 60; "
    "from mutualfund.fund.engines import engine; engine.WORK_OF_A_TASK = 1; "
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a scenario file and its members."""
    (tmp_path / "members.csv").write_text(MEMBERS, encoding="utf-8")
    (tmp_path / "village.toml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path


@pytest.fixture
def scenario(place: Path) -> Scenario:
    return Scenario.load(place / "village.toml")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> FundRun:
    """The run that nothing happened to."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "members.csv").write_text(MEMBERS, encoding="utf-8")
    (folder / "village.toml").write_text(SCENARIO, encoding="utf-8")
    return simulate(Scenario.load(folder / "village.toml"))


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


def stored_blocks(folder: Path) -> int:
    try:
        return (folder / "blocks.jsonl").read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def resumed(scenario: Scenario, folder: Path, **more: object) -> FundRun:
    return simulate(scenario, folder=folder, resume=True, **more)


# -- killed --------------------------------------------------------------------------------------


def kill_after(blocks: int, place: Path) -> int:
    """SIGKILL the command as soon as it has stored so many blocks; returns how many it really had."""
    words = [COMMAND[0], "-c", SMALL + COMMAND[2]]
    words += ["run", "village.toml", "--out", "run", "--workers", "1"]
    child = subprocess.Popen(words, cwd=place, stderr=subprocess.DEVNULL)
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


def refuse_to_compute(*_: object) -> None:
    raise AssertionError("computed again")


def test_resume_of_a_finished_run_is_that_run(
    scenario: Scenario, whole: FundRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate(scenario, folder=tmp_path / "run", block_paths=BLOCK)
    monkeypatch.setattr(SIMULATE, "engine_for", refuse_to_compute)
    told: list[int] = []
    run = resumed(scenario, tmp_path / "run", progress=lambda done, _: told.append(done))
    assert run.digest() == whole.digest()
    assert told == [PATHS]


def test_resume_of_a_finished_run_of_another_scenario_or_other_members_is_refused(
    place: Path, scenario: Scenario
) -> None:
    folder = place / "run"
    simulate(scenario, folder=folder, block_paths=BLOCK)
    assert set(faults_of(scenario.replace("settings.seed", 6), folder)) == {"settings.seed"}
    (place / "members.csv").write_text(MEMBERS.replace("M-7,27,", "M-7,28,"), encoding="utf-8")
    assert set(faults_of(Scenario.load(place / "village.toml"), folder)) == {"members"}


def test_resume_of_a_finished_run_with_a_rule_of_ones_own_tries_the_rule(tmp_path: Path) -> None:
    run = simulate(with_grant(0.1), folder=tmp_path / "run", block_paths=BLOCK)
    assert resumed(with_grant(0.1), tmp_path / "run").digest() == run.digest()
    assert "rules or severities of your own" in faults_of(with_grant(0.2), tmp_path / "run")
    assert "fund.opening_reserve" in faults_of(
        with_grant(0.1).replace("fund.opening_reserve", 1.0), tmp_path / "run"
    )


def test_a_finished_run_that_does_not_say_how_it_was_started_is_not_resumed(
    scenario: Scenario, tmp_path: Path
) -> None:
    run = simulate(scenario)
    FundRun(scenario, run.ledger, run.marginals, {"seed": 5}).save(tmp_path / "run")
    with pytest.raises(RunError, match="does not say how it was started"):
        resumed(scenario, tmp_path / "run")


def test_resume_in_an_empty_place_starts_the_run(scenario: Scenario, tmp_path: Path) -> None:
    run = resumed(scenario, tmp_path / "new")
    assert load_run(tmp_path / "new").digest() == run.digest()


# -- altered -------------------------------------------------------------------------------------


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


# -- another run ---------------------------------------------------------------------------------


def faults_of(scenario: Scenario, folder: Path, **more: object) -> dict[str, str]:
    """What a resume is refused for: field -> the whole sentence."""
    with pytest.raises(InputError) as refused:
        resumed(scenario, folder, **more)
    return {fault.field: str(fault) for fault in refused.value.faults}


def test_every_changed_key_is_named_at_once(scenario: Scenario, tmp_path: Path) -> None:
    folder = begun(scenario, tmp_path / "run")
    changed = scenario.replace("settings.seed", 6).replace("rules.contributions.monthly", 10.0)
    changed = changed.replace("assumptions.lines.dental.lag_months", 2.0)
    faults = faults_of(changed, folder)
    assert set(faults) == {
        "settings.seed",
        "rules.contributions.monthly",
        "assumptions.lines.dental.lag_months",
    }
    assert "got 6; allowed: 5, with which the run was started" in faults["settings.seed"]
    assert "got 2.0; allowed: nothing" in faults["assumptions.lines.dental.lag_months"]


def test_other_members_are_refused_and_not_shown(place: Path, scenario: Scenario) -> None:
    folder = begun(scenario, place / "run")
    (place / "members.csv").write_text(MEMBERS.replace("M-7,27,", "M-7,28,"), encoding="utf-8")
    faults = faults_of(Scenario.load(place / "village.toml"), folder)
    assert set(faults) == {"members"}
    assert "28" not in faults["members"]


def as_if_started_with(folder: Path, **changes: object) -> None:
    """Rewrite and seal the record as another machine would have written it."""
    record = json.loads((folder / "started.json").read_text())
    (folder / "started.json").write_text(manifests.render(record | changes))


def test_another_version_processor_or_stream_is_refused(scenario: Scenario, tmp_path: Path) -> None:
    folder = begun(scenario, tmp_path / "run")
    versions = manifests.environment()["versions"] | {"numpy": "1.0", "mutualfund": "0.0.9"}
    as_if_started_with(folder, versions=versions, cpu="Difference Engine", stream_version=0)
    faults = faults_of(scenario, folder)
    assert set(faults) == {
        "the version of numpy",
        "the version of mutualfund",
        "the processor",
        "stream_version",
    }
    assert "allowed: 1.0, with which the run was started" in faults["the version of numpy"]


def test_other_tables_and_other_expected_values_are_refused(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = begun(scenario, tmp_path / "run")
    record = json.loads((folder / "started.json").read_text())
    monkeypatch.setattr(pilot, "MOST_PATHS", 50)
    assert "line_claims" in faults_of(scenario, folder)["the pilot run"]
    monkeypatch.undo()
    as_if_started_with(folder, plan={"sha256": "0" * 64})
    assert set(faults_of(scenario, folder)) == {"a severity or the library's code"}
    as_if_started_with(folder, plan=record["plan"])
    pilot.MOST_PATHS = 60
    resumed(scenario, folder)


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


def test_the_size_of_blocks_is_that_of_the_start(
    scenario: Scenario, whole: FundRun, tmp_path: Path
) -> None:
    folder = begun(scenario, tmp_path / "run")
    run = resumed(scenario, folder, workers=2)
    assert run.manifest["block_paths"] == BLOCK
    assert run.digest() == whole.digest()


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


def test_a_rule_of_ones_own_goes_on_only_where_it_still_gives_what_it_gave(tmp_path: Path) -> None:
    folder = begun(with_grant(0.1), tmp_path / "run")
    assert "rules or severities of your own" in faults_of(with_grant(0.2), folder)
    run = resumed(with_grant(0.1), folder)
    assert run.digest() == simulate(with_grant(0.1)).digest()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("fund.opening_reserve", 19_000.0),
        ("settings.paths", PATHS + BLOCK),
        ("settings.seed", 8),
        ("rules.contributions.monthly", 26.0),
        ("rules.calls.maximum", 0.4),
        ("rules.reserve.target", 0.5),
        ("rules.governance.maximum_increase", 0.03),
        ("rules.expenses.fixed_per_year", 1.0),
        ("assumptions.lines.care.lag_months", 2.0),
        ("title", "Another"),
    ],
)
def test_what_else_a_scenario_with_a_rule_of_ones_own_states_is_compared_key_by_key(
    key: str, value: object, tmp_path: Path
) -> None:
    folder = begun(with_grant(0.1), tmp_path / "run", blocks=1)
    assert key in faults_of(with_grant(0.1).replace(key, value), folder)


class Loan(Grant):
    """Another rule, under the same name."""


def test_another_rule_of_ones_own_is_refused_by_its_class_and_its_flow(tmp_path: Path) -> None:
    folder = begun(with_grant(0.1), tmp_path / "run", blocks=1)
    faults = faults_of(with_grant(0.1, Loan), folder)
    assert set(faults) == {"rules.extra"}
    assert "a Loan of your own" in faults["rules.extra"]
    namesake = type("Grant", (Grant,), {"name": "levy"})
    assert set(faults_of(with_grant(0.1, namesake), folder)) == {"facts.flows"}


def test_a_rule_of_ones_own_cannot_be_rebuilt_from_a_file(tmp_path: Path) -> None:
    folder = begun(with_grant(0.1), tmp_path / "run")
    stated = Scenario.from_dict(tables(members=30, paths=PATHS, years=2))
    faults = faults_of(stated, folder)
    assert set(faults) == {"scenario"}
    assert "cannot be rebuilt: pass the same scenario from Python" in faults["scenario"]


class Steady:
    """A severity of the user's own: every claim costs the same."""

    def __init__(self, amount: float) -> None:
        self.mean = self.level = amount

    def quantile(self, p: np.ndarray) -> np.ndarray:
        return np.full_like(np.asarray(p, np.float64), self.level)


def test_a_severity_of_ones_own_is_compared_by_its_table(tmp_path: Path) -> None:
    def steady(amount: float) -> Scenario:
        line = CARE | {"severity": Steady(amount)}
        data = tables(members=30, paths=PATHS, years=2, assumptions={"lines": [line]})
        return Scenario.from_dict(data)

    folder = begun(steady(300.0), tmp_path / "run")
    assert set(faults_of(steady(301.0), folder)) == {"a severity or the library's code"}
    assert resumed(steady(300.0), folder).digest() == simulate(steady(300.0)).digest()


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


# -- no room -------------------------------------------------------------------------------------


def test_a_full_disk_keeps_the_finished_blocks_and_says_how_to_go_on(
    scenario: Scenario, whole: FundRun, tmp_path: Path
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill_up(done: int, _total: int) -> None:
        if done >= 4 * BLOCK:  # no file may grow any more
            resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))

    try:
        with pytest.raises(RunError, match=r"could not write ledger-000020\.parquet") as stopped:
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
    from collections import namedtuple

    from mutualfund.fund import memory

    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(memory, "disk_usage", lambda _: usage(10**9, 10**9 - 9_000, 9_000))
    with pytest.raises(InputError, match=r"settings\.paths.*on the disk.*Lower it to") as refused:
        simulate(scenario, folder=tmp_path / "run")
    assert refused.value.faults[0].code == "disk"
    assert not (tmp_path / "run").exists()


# -- interrupted ---------------------------------------------------------------------------------


def test_ctrl_c_leaves_a_run_that_the_command_it_names_finishes(
    place: Path, whole: FundRun
) -> None:
    words = [COMMAND[0], "-c", SMALL + COMMAND[2]]
    words += ["run", "village.toml", "--out", "my run", "--workers", "1"]
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

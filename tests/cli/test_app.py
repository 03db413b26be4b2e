"""The command as a program: help, schema, doctor, exit codes, and how fast it starts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

from mutualfund import Scenario
from mutualfund.cli import console
from mutualfund.errors import MutualFundError

from .conftest import Call

COMMANDS = {"new", "check", "run", "report", "schema", "warmup", "doctor"}


def test_the_command_line_has_what_is_built_and_nothing_else(call: Call) -> None:
    from mutualfund.cli import app

    assert {command.callback.__name__ for command in app.registered_commands} == COMMANDS
    for name in COMMANDS:
        assert call(name, "--help").exit_code == 0


def test_schema_is_the_one_shipped_and_the_one_scenario_gives(call: Call) -> None:
    printed = json.loads(call("schema").stdout)
    shipped = resources.files("mutualfund.scenario") / "scenario.schema.json"
    assert printed == json.loads(shipped.read_text(encoding="utf-8"))
    assert printed == Scenario.json_schema()


def test_doctor_tells_versions_machine_and_cache_and_shortens_the_home_directory(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUTUALFUND_CACHE_DIR", str(Path.home() / "no such folder"))
    told = dict(line.split(maxsplit=1) for line in call("doctor").stdout.splitlines())
    assert {"mutualfund", "python", "numpy", "numba", "matplotlib", "polars"} <= set(told)
    assert int(told["processors"]) >= 1
    assert told["memory"].endswith("GiB") or told["memory"] == "unknown"
    assert told["cache"].startswith("on, ~/no such folder/compiled-")
    assert str(Path.home()) not in " ".join(told.values())


def test_doctor_sees_whether_the_cache_can_be_used(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MUTUALFUND_CACHE_DIR", str(tmp_path / "cache"))
    assert re.search(r"^cache {8}on, \S+: nothing yet$", call("doctor").stdout, re.MULTILINE)
    (tmp_path / "cache").touch()
    assert "cache        off: " in call("doctor").stdout
    monkeypatch.setenv("MUTUALFUND_CACHE_DIR", "off")
    assert "cache        off: MUTUALFUND_CACHE_DIR=off\n" in call("doctor").stdout


def test_an_unknown_command_or_option_is_exit_code_2(call: Call) -> None:
    assert call("simulate").exit_code == 2
    assert call("doctor", "--loud").exit_code == 2


def test_an_interruption_is_exit_code_4_whoever_raises_it() -> None:
    import typer

    for raised in (KeyboardInterrupt, typer.Abort):
        with pytest.raises(typer.Exit) as left, console.plainly():
            raise raised
        assert left.value.exit_code == 4


def test_an_interruption_says_what_it_leaves_only_where_that_is_known(
    capsys: pytest.CaptureFixture[str],
) -> None:
    import typer

    with pytest.raises(typer.Exit), console.plainly():
        raise KeyboardInterrupt
    with (
        pytest.raises(typer.Exit),
        console.plainly(),
        console.if_interrupted(lambda: "no results were kept."),
    ):
        raise KeyboardInterrupt
    said = capsys.readouterr().err.splitlines()
    assert said == ["Interrupted.", "Interrupted; no results were kept."]


@pytest.mark.parametrize("command", ["schema", "doctor"])
def test_every_command_tells_errors_of_ours_plainly(
    command: str, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise MutualFundError("the disk is full")

    monkeypatch.setattr("mutualfund.scenario.Scenario.json_schema", fail)
    monkeypatch.setattr("mutualfund.cli.doctor.state_of_health", fail)
    done = call(command)
    assert (done.exit_code, done.stderr) == (2, "Error: the disk is full\n")


def test_an_error_of_ours_is_exit_code_2_and_a_fault_of_the_program_is_not_hidden() -> None:
    import typer

    with pytest.raises(typer.Exit) as left, console.plainly():
        raise MutualFundError("the disk is full")
    assert left.value.exit_code == 2
    with pytest.raises(ZeroDivisionError), console.plainly():
        1 / 0  # noqa: B018


def test_our_warnings_are_told_as_notes(capsys: pytest.CaptureFixture[str]) -> None:
    import warnings

    from mutualfund.errors import MutualFundWarning

    with console.plainly():
        warnings.warn("the states drift", MutualFundWarning, stacklevel=1)
    assert capsys.readouterr().err == "Note: the states drift\n"


def test_the_plain_lines_come_once_each_whatever_the_steps(
    capsys: pytest.CaptureFixture[str],
) -> None:
    step = console.PlainProgress("Simulating")
    for done in (1, 10, 30, 30, 99, 100, 100):
        step(done, 100)
    marks = [line.split(": ")[1] for line in capsys.readouterr().err.splitlines()]
    assert marks == ["0 %", "25 %", "50 %", "75 %", "100 %"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_on_a_terminal_progress_is_a_bar() -> None:
    import pty

    code = (
        "from mutualfund.cli.console import progress\n"
        "with progress('Simulating') as step:\n"
        "    step(1, 2)\n"
    )
    ours, theirs = pty.openpty()
    env = os.environ | {"TERM": "xterm", "COLUMNS": "80"}
    subprocess.run([sys.executable, "-c", code], stderr=theirs, env=env, check=True, timeout=60)
    # What is drawn is far smaller than a terminal's buffer, so nothing need be read meanwhile.
    shown = os.read(ours, 65536).decode()
    os.close(theirs)
    os.close(ours)
    assert "━" in shown
    assert "Simulating: 25 %" not in shown


def test_help_loads_none_of_the_heavy_libraries() -> None:
    code = (
        "import sys; from mutualfund.cli import app; from typer.testing import CliRunner;"
        "assert CliRunner().invoke(app, ['run', '--help']).exit_code == 0;"
        "heavy = {'pandas', 'numba', 'matplotlib', 'scipy', 'pyarrow', 'polars'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_version_is_the_distributions(call: Call) -> None:
    from importlib import metadata

    assert call("--version").stdout.strip() == metadata.version("mutualfund-actuarial")

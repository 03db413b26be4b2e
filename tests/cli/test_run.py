"""`mutualfund run` and `report`: a folder of results, a page, and an exit code that a script can use."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mutualfund import load_run
from mutualfund.report import words

from .conftest import CANARY, SMALL, Call

COMMAND = [sys.executable, "-c", "from mutualfund.cli import main; main()"]


def test_run_ends_with_the_report_and_one_sentence_of_what_it_says(
    small: Path, folder: Path, call: Call
) -> None:
    done = call("run", "small.toml")
    assert done.exit_code == 0, done.output
    summary = load_run("small-run").summary()
    sentence = words.chance_sentence(
        40, summary["prob_below_floor"].estimate, summary["ruin"].estimate
    )
    assert done.stdout.splitlines() == ["Report: small-run/report.html", sentence]
    page = (folder / "small-run" / "report.html").read_text(encoding="utf-8")
    assert "<h1>A small fund</h1>" in page
    assert "mutualfund run scenario.toml</code> with the scenario kept beside this page" in page


def test_elsewhere_than_on_a_terminal_progress_is_five_plain_lines(small: Path, call: Call) -> None:
    assert call("warmup").exit_code == 0  # a first run says that it compiles
    done = call("run", "small.toml")
    expected = [f"Simulating: {mark} %" for mark in (0, 25, 50, 75, 100)]
    assert done.stderr.splitlines() == expected


def test_no_member_is_in_what_run_prints_or_keeps(small: Path, folder: Path, call: Call) -> None:
    done = call("run", "small.toml")
    kept = [path for path in (folder / "small-run").rglob("*") if path.is_file()]
    assert len(kept) >= 5
    assert CANARY not in done.output
    assert not [path.name for path in kept if CANARY.encode() in path.read_bytes()]
    assert not [path.name for path in kept if str(folder).encode() in path.read_bytes()]


def test_paths_and_workers_can_be_named_and_workers_change_nothing(small: Path, call: Call) -> None:
    assert (
        call("run", "small.toml", "--out", "one", "--paths", "30", "--workers", "1").exit_code == 0
    )
    assert (
        call("run", "small.toml", "--out", "two", "--paths", "30", "--workers", "2").exit_code == 0
    )
    one, two = load_run("one"), load_run("two")
    assert one.n_paths == 30
    assert one.digest() == two.digest()


def test_a_limit_within_the_range_of_the_estimate_is_said_to_be_uncertain(
    small: Path, call: Call
) -> None:
    done = call("run", "small.toml", "--fail-if", "ruin > 0.005")
    assert "Not certain" in done.stderr
    assert (
        "Not certain"
        not in call(
            "run", "small.toml", "--out", "sure", "--fail-if", "mean(members_start, 1) > 1e9"
        ).stderr
    )


def test_a_report_never_replaces_a_file_it_was_not_asked_to(small: Path, call: Call) -> None:
    assert call("run", "small.toml").exit_code == 0
    before = Path("small.toml").read_text()
    refused = call("report", "small-run", "--out", "small.toml")
    assert refused.exit_code == 2
    assert "--overwrite" in refused.stderr
    assert Path("small.toml").read_text() == before
    assert call("report", "small-run").exit_code == 0  # its own page may be written again


@pytest.mark.parametrize(
    ("limits", "code", "said"),
    [
        (["ruin > 0.9999"], 0, "Limit kept: ruin > 0.9999"),
        (["ruin >= 0"], 3, "Limit breached: ruin >= 0"),
        (
            ["ruin > 2", "mean(reserve_close, 1) < 1e12"],
            3,
            "Limit breached: mean(reserve_close, 1)",
        ),
    ],
)
def test_a_breached_limit_is_exit_code_3_and_the_results_are_kept(
    limits: list[str], code: int, said: str, small: Path, folder: Path, call: Call
) -> None:
    options = [word for limit in limits for word in ("--fail-if", limit)]
    done = call("run", "small.toml", *options)
    assert done.exit_code == code, done.output
    assert said in done.stderr
    assert (folder / "small-run" / "report.html").is_file()


def test_limits_that_cannot_be_read_are_all_told_before_anything_is_computed(
    small: Path, folder: Path, call: Call
) -> None:
    limits = ["--fail-if", "ruin > 5%", "--fail-if", "__import__('os') > 1"]
    done = call("run", "small.toml", *limits)
    assert done.exit_code == 2
    assert done.stderr.startswith("2 faults:")
    assert "For 5 % write 0.05" in done.stderr or "fraction" in done.stderr
    assert "Simulating" not in done.stderr
    assert not (folder / "small-run").exists()


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (["var(0.999) > 1e6"], "needs at least 10,000"),
        (["mean(reserve_closed) > 1"], "Did you mean reserve_close?"),
        (["ruin_year_99 > 1"], "got 99; allowed: 1 to 3"),
        (["tvar(99) > 1"], "For 99 % write 0.99"),
        (["mean(nosuch) > 1", "mean(result, 4) > 1"], "2 faults:"),
    ],
)
def test_a_limit_that_the_run_cannot_answer_is_refused_before_anything_is_computed(
    limits: list[str], said: str, small: Path, folder: Path, call: Call
) -> None:
    done = call("run", "small.toml", *(word for text in limits for word in ("--fail-if", text)))
    assert done.exit_code == 2
    assert said in done.stderr
    assert all(text in done.stderr for text in limits if "var" not in text)
    assert "Simulating" not in done.stderr
    assert not (folder / "small-run").exists()


def test_a_folder_in_use_is_refused_before_anything_is_computed(
    small: Path, folder: Path, call: Call
) -> None:
    (folder / "busy").mkdir()
    (folder / "busy" / "letter.txt").write_text("mine")
    for option in ([], ["--overwrite"]):
        done = call("run", "small.toml", "--out", "busy", *option)
        assert done.exit_code == 2
        assert "'busy', which is in use" in done.stderr
        assert "Simulating" not in done.stderr
    assert (folder / "busy" / "letter.txt").read_text() == "mine"


def test_what_is_to_be_written_where_no_folder_is_is_refused(
    small: Path, folder: Path, call: Call
) -> None:
    done = call("run", "small.toml", "--out", "nowhere/one")
    assert done.exit_code == 2
    assert "--out: got 'nowhere/one', where 'nowhere' is no folder" in done.stderr
    assert "Simulating" not in done.stderr
    done = call("report", "small-run", "--out", "nowhere/page.html")
    assert done.exit_code == 2
    assert "where 'nowhere' is no folder" in done.stderr
    assert not (folder / "nowhere").exists()


@pytest.mark.parametrize(
    ("where", "says", "kept"),
    [
        ("mutualfund.fund.simulate", "Interrupted; no results were kept.", False),
        (
            "mutualfund.results.unfinished.UnfinishedRun.finish",
            "Interrupted; resume with: mutualfund run small.toml --out small-run --resume",
            False,
        ),
        ("mutualfund.report.write_report", "the results are in 'small-run'", True),
    ],
)
def test_ctrl_c_says_truly_what_is_left(
    where: str, says: str, kept: bool, small: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(where, interrupt)
    done = call("run", "small.toml")
    assert done.exit_code == 4
    assert says in done.stderr.splitlines()[-1]
    assert (Path("small-run") / "manifest.json").exists() == kept


def test_a_run_is_replaced_only_when_asked(small: Path, call: Call) -> None:
    assert call("run", "small.toml").exit_code == 0
    again = call("run", "small.toml")
    assert again.exit_code == 2
    assert "--overwrite" in again.stderr
    assert call("run", "small.toml", "--overwrite", "--paths", "25").exit_code == 0
    assert load_run("small-run").n_paths == 25


def test_bad_input_is_exit_code_2_without_a_traceback(
    small: Path, folder: Path, call: Call
) -> None:
    (folder / "small.toml").write_text(SMALL.replace("EUR", "euro"))
    done = call("run", "small.toml")
    assert done.exit_code == 2
    assert "fund.currency" in done.stderr
    assert "Traceback" not in done.output
    assert call("run", "small.toml", "--paths", "many").exit_code == 2
    assert call("run", "small.toml", "--workers", "0").exit_code == 2


def test_report_writes_the_same_page_again(small: Path, folder: Path, call: Call) -> None:
    call("run", "small.toml")
    page = (folder / "small-run" / "report.html").read_bytes()
    done = call("report", "small-run", "--out", "board.html")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[0] == "Report: board.html"
    assert (folder / "board.html").read_bytes() == page
    assert call("report", "small-run").exit_code == 0


def test_report_refuses_what_is_no_run_and_what_was_altered(
    small: Path, folder: Path, call: Call
) -> None:
    assert call("report", "nowhere").exit_code == 2
    call("run", "small.toml")
    block = folder / "small-run" / "blocks" / "ledger-000000.parquet"
    block.write_bytes(block.read_bytes()[:-1] + b"?")
    done = call("report", "small-run")
    assert done.exit_code == 2
    assert "altered" in done.stderr
    assert str(folder) not in done.output


def test_without_matplotlib_run_says_what_to_install_before_it_begins(
    small: Path, folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    done = call("run", "small.toml")
    assert done.exit_code == 2
    assert 'pip install "mutualfund-actuarial[report]"' in done.stderr
    assert not (folder / "small-run").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send Ctrl-C to one process")
def test_ctrl_c_during_the_pilot_is_exit_code_4_and_leaves_no_results(
    small: Path, folder: Path
) -> None:
    command = [*COMMAND, "run", "small.toml", "--paths", "3000000"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "Simulating: 0 %\n"
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=60)
    assert process.returncode == 4
    assert "Interrupted" in complaint
    assert "Traceback" not in complaint
    assert not (folder / "small-run").exists()


def test_resume_of_a_finished_run_writes_the_report_that_it_lacks(
    small: Path, folder: Path, call: Call
) -> None:
    assert call("run", "small.toml").exit_code == 0
    (folder / "small-run" / "report.html").unlink()
    done = call("run", "small.toml", "--resume")
    assert done.exit_code == 0, done.output
    assert "Report: small-run/report.html" in done.stdout
    assert (folder / "small-run" / "report.html").is_file()
    other = call("run", "small.toml", "--resume", "--paths", "25")
    assert other.exit_code == 2
    assert "settings.paths: got 25" in other.stderr


def test_the_command_to_resume_with_says_all_that_the_run_was_asked_for(
    small: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mutualfund.results.unfinished.UnfinishedRun.finish", interrupt)
    limits = ["--fail-if", "ruin > 0.5", "--fail-if", "mean(members_start, 1) > 1e9"]
    done = call("run", "small.toml", "--workers", "1", "--paths", "30", *limits)
    said = done.stderr.splitlines()[-1]
    assert said == (
        "Interrupted; resume with: mutualfund run small.toml --out small-run --paths 30 --workers 1 "
        "--fail-if 'ruin > 0.5' --fail-if 'mean(members_start, 1) > 1e9' --resume"
    )

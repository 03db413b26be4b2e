"""`mutualfund check` prints every fault at once, or what the scenario amounts to."""

from __future__ import annotations

import re
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import pytest

from mutualfund import Scenario
from mutualfund.cli.check import findings, loss_ratio, size_of_run, table
from mutualfund.fund import memory
from mutualfund.fund.check import check
from mutualfund.fund.memory import MIB, in_words

from .conftest import CANARY, MEMBERS, SMALL, Call

usage = namedtuple("usage", "total used free")


def test_a_good_scenario_shows_mean_variation_largest_claim_and_loss_ratio(
    small: Path, call: Call
) -> None:
    done = call("check", "small.toml")
    assert done.exit_code == 0, done.output
    expected = check(Scenario.load(small))
    line = expected.lines[0]
    row = next(text.split() for text in done.stdout.splitlines() if text.startswith("  dental"))
    assert row[:4] == ["dental", "0.7", "140.00", "0.6"]
    assert row[4] == f"{line.largest_claim:,.0f}"
    assert f"Expected loss ratio: {expected.loss_ratio:.4f}" in done.stdout
    assert expected.loss_ratio == pytest.approx(0.7 * 140 / 108, rel=0.05)
    told = "A run takes about .* of memory, .* of it Python, its libraries and the members, and"
    assert re.search(told + f" {in_words(expected.stored_bytes)} on the disk", done.stdout)
    assert done.stdout.startswith("No faults.")


def test_the_memory_of_a_run_is_told_with_what_python_and_the_members_take(small: Path) -> None:
    found = replace(check(Scenario.load(small)), memory_bytes=30 * MIB, stored_bytes=2 * MIB)
    assert size_of_run(replace(found, process_bytes=50 * MIB)) == (
        "A run takes about 80.0 MiB of memory, 50.0 MiB of it Python, its libraries and the members, "
        "and 2.0 MiB on the disk"
    )
    assert size_of_run(replace(found, process_bytes=None)) == (
        "A run takes about 30.0 MiB of memory beside Python, its libraries and the members, "
        "and 2.0 MiB on the disk"
    )


def test_all_faults_of_scenario_and_members_file_come_at_once(
    small: Path, folder: Path, call: Call
) -> None:
    wrong = SMALL.replace("mean = 140", "mean = -140").replace("monthly", "montly")
    wrong = wrong.replace("years = 3", "years = 0")
    (folder / "small.toml").write_text(wrong)
    (folder / "members.csv").write_text(MEMBERS.replace(",F\n", ",W\n", 1))
    done = call("check", "small.toml")
    assert done.exit_code == 2
    for place in ("severity.mean", "montly", "settings.years", "sex"):
        assert place in done.stderr, place
    assert "Did you mean" in done.stderr
    assert int(done.stderr.split()[0]) >= 4
    assert CANARY not in done.output
    assert "'W'" not in done.output
    assert str(folder) not in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize("scarce", ["memory", "disk"])
def test_what_would_not_fit_is_refused_in_the_words_of_run(
    scarce: str, small: Path, folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    if scarce == "memory":
        monkeypatch.setattr(memory, "available_bytes", lambda: 40_000)
    else:
        monkeypatch.setattr(memory, "disk_usage", lambda _: usage(10**9, 10**9 - 9_000, 9_000))
    checked, ran = call("check", "small.toml"), call("run", "small.toml")
    assert checked.exit_code == ran.exit_code == 2
    assert "settings." in checked.stderr
    assert checked.stderr.splitlines() == [
        line for line in ran.stderr.splitlines() if "fault" in line or "got about" in line
    ]
    assert not checked.stdout
    assert sorted(path.name for path in folder.iterdir()) == ["members.csv", "small.toml"]


def test_drifting_health_states_are_warned_of(small: Path, folder: Path, call: Call) -> None:
    states = """
[assumptions.health_states]
names = ["well", "ill"]
share = [0.9, 0.1]
relativity = [0.5, 5.5]
transition = [[0.8, 0.2], [0.2, 0.8]]
"""
    (folder / "small.toml").write_text(SMALL + states)
    done = call("check", "small.toml")
    assert done.exit_code == 0
    # By hand: a tenth are ill in year 1, 0.9 x 0.2 + 0.1 x 0.8 = 0.26 in year 2: 0.74/2 + 0.26 x 5.5.
    row = next(text.split() for text in done.stdout.splitlines() if "1.0000" in text)
    assert row == ["dental", "1.0000", "1.8000", "2.2800"]
    assert "Warning: health states: the mean relativity of dental moves" in done.stdout


def test_no_contribution_has_no_loss_ratio(small: Path) -> None:
    scenario = Scenario.load(small).replace("rules.contributions.monthly", 0.0)
    assert "Expected loss ratio: none, because no contribution is due" in list(findings(scenario))


def test_fixed_fees_of_providers_stand_beside_the_loss_ratio_they_are_no_part_of(
    small: Path,
) -> None:
    plain = Scenario.load(small)
    name = plain.assumptions.lines[0].name
    paid = plain.replace("rules.providers", {name: {"share": 0.0, "per_member": 60.0}})
    found = check(paid)
    assert found.provider_fees == 60.0 * len(plain.portfolio)
    assert found.loss_ratio == check(plain).loss_ratio
    first, second = loss_ratio(found, "EUR").splitlines()
    assert first == loss_ratio(check(plain), "EUR")
    whole = (found.expected_claims + found.provider_fees) / found.contributions
    assert second.endswith(f": {whole:.4f}")


def test_columns_stand_under_each_other() -> None:
    lines = list(table([("line", "a"), ("x", "1,000")]))
    assert len({len(line) for line in lines}) == 1


def test_a_file_that_is_not_there_or_not_toml_is_named_as_written(folder: Path, call: Call) -> None:
    (folder / "bad.toml").write_text("a = = 1")
    for name in ("missing.toml", "bad.toml"):
        done = call("check", name)
        assert done.exit_code == 2
        assert name in done.stderr
        assert str(folder) not in done.output


def test_a_folder_or_a_missing_file_is_said_to_be_one(folder: Path, call: Call) -> None:
    for command in ("check", "run"):
        assert (
            "FILE: got '.', which is a folder; allowed: a scenario file"
            in call(command, ".").stderr
        )
        assert "FILE: got 'no.toml', which is not there" in call(command, "no.toml").stderr


def test_debug_shows_the_traceback_that_a_user_is_spared(folder: Path, call: Call) -> None:
    plain = call("check", "missing.toml")
    assert isinstance(plain.exception, SystemExit)
    debugged = call("check", "missing.toml", "--debug")
    assert type(debugged.exception).__name__ == "InputError"

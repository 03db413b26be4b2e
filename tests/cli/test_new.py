"""`mutualfund new` writes a scenario that loads."""

from __future__ import annotations

from pathlib import Path

import pytest

from mutualfund import Scenario, archetypes
from mutualfund.fund.check import check

from .conftest import Call


def test_the_defaults_make_a_scenario_that_pays_out_about_85_percent(
    folder: Path, call: Call
) -> None:
    done = call("new", "--yes")
    assert done.exit_code == 0
    assert "Next: mutualfund check scenario.toml" in done.stdout
    scenario = Scenario.load("scenario.toml")
    assert scenario.fund.name == "Our fund"
    assert check(scenario).loss_ratio == pytest.approx(0.85, abs=0.015)


def test_the_answers_stand_in_the_file(folder: Path, call: Call) -> None:
    typed = 'The "Old" Mill\\Fund\nKES\n300\n1500\n900000\n4\n'
    done = call("new", "--out", "mill.toml", typed=typed)
    assert done.exit_code == 0, done.output
    scenario = Scenario.load("mill.toml")
    assert scenario.fund.name == 'The "Old" Mill\\Fund'
    assert scenario.fund.currency == "KES"
    assert len(scenario.portfolio) == 300
    assert scenario.fund.opening_reserve == 900_000
    assert scenario.settings.years == 4
    assert check(scenario).loss_ratio == pytest.approx(0.85, abs=0.05)


def test_an_empty_answer_takes_the_default_shown(folder: Path, call: Call) -> None:
    done = call("new", typed="\n\n\n\n\n\n")
    assert "Reserve on the first day [900000" in done.stderr
    assert Scenario.load("scenario.toml").fund.opening_reserve == 900_000


@pytest.mark.parametrize("name", archetypes.names())
def test_an_archetype_is_copied_to_the_letter(name: str, folder: Path, call: Call) -> None:
    assert call("new", "--archetype", name).exit_code == 0
    assert (folder / f"{name}.toml").read_bytes() == archetypes.path(name).read_bytes()


def test_an_unknown_archetype_is_refused_with_the_names_there_are(folder: Path, call: Call) -> None:
    done = call("new", "--archetype", "mutuele")
    assert done.exit_code == 2
    assert "mutuelle" in done.stderr
    assert not list(folder.iterdir())


def test_a_file_that_is_there_is_never_written_over(folder: Path, call: Call) -> None:
    (folder / "scenario.toml").write_text("mine")
    for words in (["--yes"], ["--archetype", "mutuelle", "--out", "scenario.toml"]):
        done = call("new", *words)
        assert done.exit_code == 2
        assert "'scenario.toml', which exists" in done.stderr
    assert (folder / "scenario.toml").read_text() == "mine"


def test_a_folder_that_is_not_there_is_named_as_written(folder: Path, call: Call) -> None:
    done = call("new", "--yes", "--out", "nowhere/a.toml")
    assert done.exit_code == 2
    assert "'nowhere/a.toml': No such file or directory" in done.stderr
    assert str(folder) not in done.output


def test_giving_up_at_a_question_is_an_interruption(folder: Path, call: Call) -> None:
    done = call("new", typed="")
    assert done.exit_code == 4
    assert not list(folder.iterdir())

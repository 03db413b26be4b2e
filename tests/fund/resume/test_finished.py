"""Resuming what is finished, or was never begun."""

from __future__ import annotations

from pathlib import Path

import pytest

from fund.resume.interrupted import (
    BLOCK,
    MEMBERS,
    PATHS,
    SIMULATE,
    faults_of,
    refuse_to_compute,
    resumed,
    with_grant,
)
from mutualfund import load_run
from mutualfund.errors import RunError
from mutualfund.fund import simulate
from mutualfund.results import FundRun
from mutualfund.scenario import Scenario


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

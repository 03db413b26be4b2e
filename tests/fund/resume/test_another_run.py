"""A run goes on only as what it was: another scenario, other members or another machine are named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fund.resume.interrupted import MEMBERS, begun, faults_of, resumed
from mutualfund.fund import pilot
from mutualfund.results import manifest as manifests
from mutualfund.scenario import Scenario


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
    resumed(scenario, folder)

"""The facts of a fund, read from its scenario and kept in the manifest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mutualfund.portfolio import Portfolio
from mutualfund.results import FundRun, load_run
from mutualfund.results.facts import FundFacts
from mutualfund.scenario import Fund, Scenario

LINE = {
    "name": "dental",
    "frequency": {"kind": "poisson", "mean": 0.7},
    "severity": {"kind": "gamma", "mean": 140, "cv": 0.6},
}


class Bazaar:
    """A cash flow of the fund's own."""

    name = "bazaar"
    sign = 1

    def amount(self, view: Any) -> np.ndarray:
        return np.full(view.members_start.shape, 1_000.0)


def scenario(**rules: Any) -> Scenario:
    contributions: Mapping[str, Any] = {"kind": "flat", "monthly": 9.0}
    return Scenario(
        title="Trial",
        fund=Fund(name="Harbour", currency="SEK", start=date(2027, 7, 1), opening_reserve=1e5),
        settings={"paths": 40, "years": 3},
        assumptions={"lines": [LINE]},
        rules={"contributions": contributions, **rules},
        portfolio=Portfolio.synthetic(200),
    )


RunWith = Callable[..., FundRun]


@pytest.fixture
def run_with(run_of: Callable[..., FundRun]) -> RunWith:
    """The hand-made ledger under a scenario."""

    def build(one: Scenario, **extra: np.ndarray) -> FundRun:
        ledger = dict(run_of(n_paths=40, n_years=3).ledger) | extra
        return FundRun(one, ledger, {}, {"seed": 1})

    return build


def test_the_facts_are_those_of_the_scenario() -> None:
    facts = FundFacts.of(scenario(reserve={"floor": 0.1, "target": 0.3}))
    assert (facts.title, facts.fund, facts.currency) == ("Trial", "Harbour", "SEK")
    assert (facts.start, facts.line_names) == ("2027-07-01", ("dental",))
    assert (facts.floors, facts.targets) == ((0.1,) * 3, (0.3,) * 3)


def test_an_amended_safety_line_holds_from_its_year_on() -> None:
    amendment = {"effective": date(2028, 7, 1), "rule": "reserve.floor", "value": 0.2}
    facts = FundFacts.of(scenario(reserve={"floor": 0.1, "target": 0.3}, amendments=[amendment]))
    assert facts.floors == (0.1, 0.2, 0.2)


def test_facts_survive_the_manifest() -> None:
    facts = FundFacts.of(scenario(extra=(Bazaar(),)))
    assert FundFacts.from_dict(facts.to_dict()) == facts
    assert facts.registry["bazaar"].sign == 1


def test_a_run_with_its_scenario_is_stored_and_read_without_members(
    run_with: RunWith, tmp_path: Path
) -> None:
    run = run_with(scenario(reserve={"floor": 0.1, "target": 0.3}))
    loaded = load_run(run.save(tmp_path / "run"))
    assert loaded.digest() == run.digest()
    assert loaded.facts == run.facts
    assert loaded.scenario is not None
    assert not loaded.scenario.has_members
    assert loaded.scenario_toml == run.scenario_toml


def test_a_run_whose_members_file_is_gone_still_loads(run_with: RunWith, tmp_path: Path) -> None:
    members = "member_id,age,sex\n" + "".join(f"secret-{k},40,F\n" for k in range(50))
    (tmp_path / "members.csv").write_text(members)
    one = scenario()
    tables = one.to_dict() | {"members": {"file": "members.csv"}}
    run = run_with(Scenario.from_dict(tables, tmp_path))
    folder = run.save(tmp_path / "run")
    (tmp_path / "members.csv").unlink()
    assert load_run(folder).digest() == run.digest()
    for path in folder.rglob("*"):
        assert path.is_dir() or b"secret-" not in path.read_bytes(), path


def test_a_scenario_with_own_rules_is_stored_and_its_flow_keeps_its_sign(
    run_with: RunWith, tmp_path: Path
) -> None:
    run = run_with(scenario(extra=(Bazaar(),)), bazaar=np.full((40, 3), 1_000.0))
    loaded = load_run(run.save(tmp_path / "run"))
    assert loaded.registry["bazaar"].sign == 1
    assert loaded.measure("bazaar").mean() == pytest.approx(1_000.0)
    assert loaded.scenario is None
    assert "Bazaar of your own" in loaded.scenario_toml

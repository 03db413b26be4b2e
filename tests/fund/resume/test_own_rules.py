"""Rules and severities of one's own, which no file can state, are compared by what they give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fund.funds import CARE, tables
from fund.resume.interrupted import BLOCK, PATHS, Grant, begun, faults_of, resumed, with_grant
from mutualfund.fund import simulate
from mutualfund.scenario import Scenario


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

"""A change of rules that changes nothing gives a difference of exactly zero."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from fund.funds import harbour
from mutualfund.fund import simulate
from mutualfund.results import FundRun
from mutualfund.scenario import Scenario

pytestmark = pytest.mark.usefixtures("short_pilot")

NULLS: dict[str, dict[str, object]] = {
    "a deductible of nothing": {"benefits.deductible": 0.0},
    "a maximum nobody can reach": {"benefits.out_of_pocket_maximum": 1e9},
    "a limit nobody can reach": {"benefits.hospital.annual_limit": 1e9},
    "no copay": {"benefits.dental.copay": 0.0},
    "no coinsurance": {"benefits.hospital.coinsurance": 0.0},
    "no waiting": {"benefits.dental.waiting_months": 0},
    "a start in the past": {"benefits.dental.starts": date(2020, 1, 1)},
    "a waiver of no waiting": {"benefits.dental.waive_for_existing": True},
    "nobody else pays": {"benefits.hospital.external_share": 0.0},
    "amounts that are not indexed": {"benefits.indexed": False},
    "a provider who does nothing": {"providers": {"dental": {"share": 0.0, "per_member": 0.0}}},
    "a layer nobody reaches, for nothing": {
        "reinsurance": [{"kind": "excess_of_loss", "retention": 1e8, "limit": 1.0, "premium": 0.0}]
    },
    "a stop-loss that never attaches": {
        "reinsurance": [
            {"kind": "stop_loss", "attachment": 10.0, "limit": 1.0, "premium_loading": 0.5}
        ]
    },
    "expenses of nothing": {"expenses.per_member": 0.0},
    "a waterfall without shares": {"surplus.refund": 0.0},
    "a call of at most nothing": {"calls.maximum": 0.0},
    "calls nobody would pay, when none is made": {"calls.collection_rate": 0.5},
    "a cap that does not bind": {"governance.maximum_increase": 0.9},
    "a lag where nothing is seen": {"governance.data_lag_months": 6},
    "an increase of nothing": {"contributions.increase_per_year": 0.0},
    "the same prices as before": {"contributions.previous_monthly": 60.0},
    "everybody pays": {"contributions.collection_rate": 1.0},
    "an amendment that changes nothing": {
        "amendments": [{"effective": date(2028, 5, 1), "rule": "benefits.deductible", "value": 0.0}]
    },
    "an amendment after the last year": {
        "amendments": [
            {"effective": date(2050, 1, 1), "rule": "benefits.deductible", "value": 900.0}
        ]
    },
}


@pytest.fixture(scope="module")
def bare() -> Scenario:
    """The example's members and claims under a rulebook with nothing in it but dues."""
    data = harbour(members=150, paths=25, years=3)
    data["rules"] = {"contributions": {"kind": "flat", "monthly": 60.0}}
    return Scenario.from_dict(data)


@pytest.fixture(scope="module")
def run(bare: Scenario) -> FundRun:
    return simulate(bare)


@pytest.mark.parametrize("what", NULLS)
def test_no_difference_from(what: str, bare: Scenario, run: FundRun) -> None:
    changed = bare
    for path, value in NULLS[what].items():
        changed = changed.replace(f"rules.{path}", value)
    other = simulate(changed)
    for name, values in run.ledger.items():
        np.testing.assert_array_equal(other.ledger[name], values, err_msg=name)
    for name, values in run.lines.items():
        np.testing.assert_array_equal(other.lines[name], values, err_msg=name)


def test_the_bare_fund_is_one_in_which_changes_would_show(bare: Scenario, run: FundRun) -> None:
    changed = bare.replace("rules.benefits.deductible", 1.0)
    assert simulate(changed).digest() != run.digest()
    assert (run.measure("claims_incurred") > 0).any()

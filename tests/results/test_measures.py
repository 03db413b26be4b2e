"""The registry and its identities. Truth: the ledger's definition, written out here by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mutualfund.errors import InputError, RunError
from mutualfund.results import DIMENSIONS, MEASURES, FundRun, check_identities
from mutualfund.results.measures import identities, with_flows

SIGNED = {
    "assets_open": 1,
    "contributions_collected": 1,
    "investment_income": 1,
    "reinsurance_recovery": 1,
    "calls": 1,
    "claims_paid": -1,
    "reinsurance_premium": -1,
    "provider_fixed": -1,
    "expenses": -1,
    "refunds": -1,
    "allocations": -1,
}


def test_the_signs_are_those_of_the_asset_identity() -> None:
    assert {m.name: m.sign for m in MEASURES.values() if m.sign} == SIGNED


def test_every_measure_has_words_for_the_reader() -> None:
    for registry in (MEASURES, *(side.measures for side in DIMENSIONS.values())):
        for name, measure in registry.items():
            assert name == measure.name
            assert measure.label
            assert measure.meaning


def test_the_registry_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        MEASURES["calls"] = MEASURES["refunds"]  # type: ignore[index]


def test_the_hand_made_run_has_every_measure(run: FundRun) -> None:
    assert set(run.ledger) == set(MEASURES)


def test_the_hand_made_books_add_up_to_rounding(run: FundRun) -> None:
    assert check_identities(run.ledger) < 1e-6


def test_one_year_of_books_by_hand() -> None:
    # 100 + 50 in - 30 paid - 5 expenses = 115; 20 still to pay, 22 booked.
    zero = np.zeros((1, 1))
    ledger = dict.fromkeys(MEASURES, zero)
    amounts = {
        "members_start": 10,
        "joined": 3,
        "lapsed": 1,
        "died": 2,
        "members_end": 10,
        "contributions_due": 52,
        "contributions_collected": 50,
        "allowed": 45,
        "member_paid": 10,
        "claims_incurred": 35,
        "claims_paid": 30,
        "expenses": 5,
        "assets_open": 100,
        "assets_close": 115,
        "outstanding_true": 20,
        "outstanding_booked": 22,
        "reserve_open": 85,
        "reserve_close": 93,
        "reserve_true": 95,
        "result": 8,
    }
    ledger |= {name: np.full((1, 1), float(value)) for name, value in amounts.items()}
    assert check_identities(ledger) == 0.0


@pytest.mark.parametrize(
    "name",
    [m.name for m in MEASURES.values() if m.sign]
    + ["joined", "lapsed", "died", "members_end", "allowed", "member_paid", "external_paid"]
    + ["provider_borne", "claims_incurred", "outstanding_true", "outstanding_booked", "result"]
    + ["assets_close", "reserve_open", "reserve_close", "reserve_true", "insolvent"],
)
def test_one_unit_off_anywhere_is_seen(run: FundRun, name: str) -> None:
    ledger = {key: values.copy() for key, values in run.ledger.items()}
    ledger[name][7, 3] += 1.0
    with pytest.raises(RunError, match=r"path 7, year [345]"):
        check_identities(ledger)


def test_a_missing_number_never_passes_for_a_sound_one(run: FundRun) -> None:
    ledger = {key: values.copy() for key, values in run.ledger.items()}
    ledger["expenses"][2, 1] = np.nan
    with pytest.raises(RunError, match="assets"):
        check_identities(ledger)


def test_an_own_cash_flow_enters_the_identity_by_its_sign(run: FundRun) -> None:
    registry = with_flows([("bazaar", 1), ("grants_given", -1)])
    ledger = dict(run.ledger)
    ledger["bazaar"] = np.full_like(ledger["calls"], 30.0)
    ledger["grants_given"] = np.full_like(ledger["calls"], 30.0)
    assert check_identities(ledger, registry) < 1e-6
    ledger["bazaar"] = ledger["bazaar"] + 1.0
    assert identities(ledger, registry)["assets"] == pytest.approx(-1.0)


def test_unsuitable_flows_are_all_refused_at_once() -> None:
    flows = [("calls", 1), ("year", 1), ("Bad Name", 1), ("double", 2), ("fine", -1)]
    with pytest.raises(InputError) as caught:
        with_flows(flows)
    fields = [fault.field for fault in caught.value.faults]
    assert fields == [
        "rules.extra.calls",
        "rules.extra.year",
        "rules.extra.Bad Name",
        "rules.extra.double.sign",
    ]

"""Claim lines are read strictly, matched with their reversals, and held against cover and control totals."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualfund.claims.records import ClaimChecks, ClaimRecords, ControlTotals
from mutualfund.errors import InputError, MutualFundWarning
from mutualfund.portfolio import Portfolio
from mutualfund.portfolio.cover import CoverSpells
from mutualfund.rng import member_key

CHECKS = ClaimChecks(as_of=date(2026, 12, 31), currency="EUR")
ROW = {
    "claim_id": "c1",
    "member_id": "007",
    "line": "dental",
    "incurred": "2026-03-01",
    "paid": "2026-04-01",
    "amount": 100.0,
}
TABLE = pa.table(
    {
        "claim_id": ["c1", "c2", "c3", "c3", "r4"],
        "member_id": ["007", "007", "8", "8", "007"],
        "line": ["dental", "drugs", "dental", "dental", "drugs"],
        "incurred": ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-03", "2026-03-02"],
        "paid": ["2026-04-01", "2026-04-02", "2026-04-03", "2026-05-01", "2026-06-01"],
        "amount": [100.0, 15.5, 80.0, -30.0, -15.5],
        "allowed": [120.0, 15.5, 80.0, -30.0, -15.5],
        "kind": ["payment", None, "payment", "reversal", "reversal"],
        "provider": ["A", "B", None, None, "B"],
    }
)


def frame(*rows):
    """Claim lines from `ROW` with changes; the columns are those of all the rows together."""
    names = list(dict.fromkeys(name for row in (ROW, *rows) for name in row))
    full = [{**ROW, "claim_id": f"c{place}", **row} for place, row in enumerate(rows)]
    return pa.table({name: [row.get(name) for row in full] for name in names})


def codes(table, checks=CHECKS):
    with pytest.raises(InputError) as caught:
        ClaimRecords.from_frame(table, checks)
    return [fault.code for fault in caught.value.faults]


def replaced(**changes):
    values = {name: getattr(CHECKS, name) for name in ("as_of", "currency")}
    return ClaimChecks(**{**values, **changes})


@given(st.permutations(range(5)))
def test_shuffled_rows_give_the_same_records(order):
    first = ClaimRecords.from_frame(TABLE, CHECKS)
    second = ClaimRecords.from_frame(TABLE.take(order), CHECKS)
    for name in ("claim_key", "member_key", "line_code", "paid", "amount", "reverses", "allowed"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_csv_parquet_and_frame_agree(tmp_path):
    pq.write_table(TABLE, tmp_path / "c.parquet")
    TABLE.to_pandas().to_csv(tmp_path / "c.csv", index=False)
    records = [
        ClaimRecords.from_frame(TABLE, CHECKS),
        ClaimRecords.read_parquet(tmp_path / "c.parquet", CHECKS),
        ClaimRecords.read_csv(tmp_path / "c.csv", CHECKS),
    ]
    for other in records[1:]:
        np.testing.assert_array_equal(other.claim_key, records[0].claim_key)
        np.testing.assert_array_equal(other.amount, records[0].amount)
    assert set(records[0].member_key.tolist()) == {member_key("007"), member_key("8")}


def test_reversals_are_matched_by_claim_or_by_facts_and_net_out():
    records = ClaimRecords.from_frame(TABLE, CHECKS)
    back = records.reverses >= 0
    assert back.sum() == 2
    payments = records.reverses[back]
    np.testing.assert_array_equal(records.member_key[back], records.member_key[payments])
    net = records.net()
    assert sorted(net.amount.tolist()) == [50.0, 100.0]
    assert sorted(net.allowed.tolist()) == [50.0, 120.0]
    assert records.by_line() == {"dental": (2, 150.0), "drugs": (1, 0.0)}
    assert dict(records.notes)["reversals"] == 2


@pytest.mark.parametrize(
    "reversal",
    [
        {"claim_id": "x", "amount": -99.0},
        {"claim_id": "c0", "amount": -101.0},
        {"claim_id": "c0", "amount": -100.0, "paid": "2026-03-15"},
        {"claim_id": "x", "amount": -100.0, "member_id": "8"},
        {"claim_id": "x", "amount": -100.0, "line": "drugs"},
    ],
)
def test_a_reversal_without_an_earlier_payment_is_refused(reversal):
    table = frame({}, {"kind": "reversal", **reversal})
    assert codes(table) == ["unmatched_reversal"]


def test_a_payment_cannot_be_taken_back_twice():
    back = {"kind": "reversal", "amount": -100.0}
    assert codes(frame({}, back, {**back, "paid": "2026-05-01"})) == ["unmatched_reversal"]
    parts = {"claim_id": "c0", "kind": "reversal", "amount": -60.0}
    assert codes(frame({}, parts, {**parts, "paid": "2026-05-01"})) == ["unmatched_reversal"]


def test_no_claim_at_all_is_valid(tmp_path):
    path = tmp_path / "claims.csv"
    path.write_text("claim_id,member_id,line,incurred,paid,amount\n")
    for records in (
        ClaimRecords.read_csv(path, CHECKS),
        ClaimRecords.from_frame(frame(), CHECKS),
        ClaimRecords.from_frame(TABLE.slice(0, 0).to_pandas(), CHECKS),
    ):
        assert len(records) == 0
        assert len(records.net()) == 0
        assert repr(records) == "ClaimRecords: 0 lines in EUR"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": -5.0}, "negative_amount"),
        ({"amount": float("nan")}, "range"),
        ({"amount": float("inf")}, "range"),
        ({"amount": None}, "missing_value"),
        ({"allowed": -1.0}, "negative_amount"),
        ({"kind": "reversal", "amount": 5.0}, "positive_reversal"),
        ({"kind": "refund"}, "unknown_label"),
        ({"paid": "2026-02-28"}, "paid_before_incurred"),
        ({"reported": "2026-02-28"}, "reported_before_incurred"),
        ({"reported": "2026-04-02"}, "paid_before_reported"),
        ({"paid": "2027-01-01"}, "future_date"),
        ({"incurred": "2026-13-02"}, "not_a_day"),
        ({"incurred": None}, "missing_value"),
        ({"member_id": " "}, "missing_value"),
    ],
)
def test_each_fault_has_its_code(change, code):
    assert code in codes(frame({}, {"claim_id": "c9", **change}))


def test_a_claim_id_twice_is_refused_and_exact_copies_are_counted_apart():
    same = {"claim_id": "c1"}
    assert codes(frame(same, {**same, "amount": 7.0})) == ["duplicate_id"]
    assert codes(frame(same, same)) == ["duplicate_row"]
    both = frame(same, same, {**same, "amount": 7.0}, {})
    with pytest.raises(InputError, match=r"row: .* in 1 row \(data row 2\)") as caught:
        ClaimRecords.from_frame(both, CHECKS)
    assert {fault.code for fault in caught.value.faults} == {"duplicate_id", "duplicate_row"}


def test_unknown_lines_are_refused_or_mapped_and_counted():
    table = frame({}, {"line": "astrology"}, {"line": "alchemy"})
    assert codes(table, replaced(lines=("dental",))) == ["unknown_line"]
    mapped = ClaimRecords.from_frame(table, replaced(lines=("dental",), map_unknown="other"))
    assert mapped.line_names == ("dental", "other")
    assert dict(mapped.notes)["lines mapped"] == 2


def test_claims_of_strangers_and_outside_cover_are_refused():
    members = Portfolio.from_frame(
        pa.table({"member_id": ["007"], "age": [40], "sex": ["F"]}), start=date(2027, 1, 1)
    )
    cover = CoverSpells.from_frame(
        pa.table({"member_id": ["007"], "cover_start": ["2026-01-01"], "cover_end": ["2026-03-01"]})
    )
    checks = replaced(members=members, cover=cover)
    assert len(ClaimRecords.from_frame(frame({}), checks)) == 1
    assert codes(frame({"member_id": "8"}), checks) == ["unknown_member", "outside_cover"]
    assert codes(frame({"incurred": "2026-03-02"}), checks) == ["outside_cover"]


@pytest.mark.parametrize("currencies", [["EUR", "USD"], ["USD", "USD"], ["EUR", None]])
def test_one_currency_in_every_row_or_none_at_all(currencies):
    table = frame(*({"currency": currency} for currency in currencies))
    assert codes(table)[0] in {"mixed_currency", "no_currency"}


def test_the_currency_is_stated_or_found_and_never_guessed():
    assert codes(frame({}), replaced(currency=None)) == ["no_currency"]
    assert codes(frame({"currency": "euro"}), replaced(currency=None)) == ["no_currency"]
    mixed = frame({"currency": "EUR"}, {"currency": "USD"})
    assert codes(mixed, replaced(currency=None)) == ["mixed_currency"]
    found = ClaimRecords.from_frame(frame({"currency": "DKK"}), replaced(currency=None))
    assert found.currency == "DKK"
    with pytest.raises(InputError):
        ClaimChecks(as_of=date(2026, 1, 1), currency="euro")


def test_control_totals_warn_within_and_refuse_beyond():
    table = frame({}, {}, {}, {})
    equal = ControlTotals(rows=4, amount=400.0)
    ClaimRecords.from_frame(table, replaced(control=equal))
    near = ControlTotals(amount=401.0, warn_beyond=0.001, refuse_beyond=0.01)
    with pytest.warns(MutualFundWarning, match=r"amount: 0\.25% away"):
        ClaimRecords.from_frame(table, replaced(control=near))
    far = ControlTotals(rows=5, amount=410.0, warn_beyond=0.001, refuse_beyond=0.01)
    assert codes(table, replaced(control=far)) == ["control_total", "control_total"]
    with pytest.raises(InputError):
        ControlTotals(warn_beyond=0.5, refuse_beyond=0.1)


def test_columns_that_are_missing_are_all_named():
    with pytest.raises(InputError) as caught:
        ClaimRecords.from_frame(pa.table({"amount": ["1,5"]}), replaced(currency=None))
    found = [fault.code for fault in caught.value.faults]
    assert found.count("missing_column") == 5
    assert "decimal_comma" in found

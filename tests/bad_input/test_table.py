"""Bad members' and claims' data, case by case: refused with a code, never repaired, never repeated.

Each test names the row of the table of faults that the readers must survive. Rows 1 and 3 as they concern
the scenario file, 16 and 18 are in `test_scenario_rows.py`; 17 and 19 to 22 in `test_disclosure_rows.py`.
"""

from __future__ import annotations

import gzip
import math
import zipfile
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bad_input.tools import (
    CHECKS,
    CLAIMS,
    MEMBERS,
    START,
    claims_refused,
    codes,
    members_refused,
    refused,
    with_cell,
    with_column,
)
from mutualfund.claims.records import ClaimChecks, ClaimRecords, ControlTotals
from mutualfund.errors import MutualFundWarning
from mutualfund.portfolio import Portfolio
from mutualfund.portfolio.cover import CoverSpells
from mutualfund.rng import member_key

not_finite = st.sampled_from([math.nan, math.inf, -math.inf])


@given(st.sampled_from(["age", "income"]), st.integers(0, 2), not_finite)
def test_row_01_a_members_number_that_is_not_finite_is_refused(column, row, value):
    assert codes(members_refused(with_cell(MEMBERS, column, row, value))) == {"range"}


@given(st.sampled_from(["amount", "allowed", "member_paid"]), st.integers(0, 2), not_finite)
def test_row_01_a_claims_number_that_is_not_finite_is_refused(column, row, value):
    faults = claims_refused(with_cell(CLAIMS, column, row, value))
    assert "range" in codes(faults)


@given(st.sampled_from(["amount", "allowed", "member_paid"]), st.floats(-1e9, -0.01))
def test_row_02_a_negative_amount_is_refused_unless_it_takes_a_payment_back(column, value):
    faults = claims_refused(with_cell(CLAIMS, column, 1, value))
    assert codes(faults) == {"negative_amount"}


def test_row_02_a_reversal_of_an_earlier_payment_is_read():
    lines = {name: [*values, values[0]] for name, values in CLAIMS.items()}
    lines |= {"kind": [None, None, None, "reversal"]}
    lines["claim_id"][3], lines["paid"][3] = "c4", "2026-05-01"
    for name in ("amount", "allowed", "member_paid"):
        lines[name][3] = -lines[name][3]
    records = ClaimRecords.from_frame(pa.table(lines), ClaimChecks(**CHECKS))
    assert len(records) == 4
    assert len(records.net()) == 2
    lines["paid"][3] = "2026-03-31"  # before the payment that it takes back
    assert codes(claims_refused(pa.table(lines))) == {"unmatched_reversal"}


@pytest.mark.parametrize("name", ["income", "member_id", "sex"])
def test_row_03_a_misspelt_column_is_refused_with_the_right_name(name):
    wrong = name[:-1] + "_" + name[-1]
    table = pa.table({(wrong if key == name else key): v for key, v in MEMBERS.items()})
    faults = members_refused(table)
    assert "unknown_column" in codes(faults)
    assert any(f"Did you mean {name}?" in fault.remedy for fault in faults)


@given(st.integers(0, 2), st.integers(0, 2))
def test_row_04_a_member_twice_is_refused_and_exact_copies_are_counted_apart(row, other):
    copy = pa.concat_tables([pa.table(MEMBERS), pa.table(MEMBERS).slice(row, 1)])
    assert codes(members_refused(copy)) == {"duplicate_row"}
    if row != other:
        same_id = with_cell(MEMBERS, "member_id", row, MEMBERS["member_id"][other])
        assert codes(members_refused(same_id)) == {"duplicate_id"}


@given(st.permutations([0, 1, 2]))
def test_row_04_a_claim_twice_is_refused_and_exact_copies_are_counted_apart(order):
    lines = pa.table(CLAIMS).take(order)
    assert codes(claims_refused(pa.concat_tables([lines, lines]))) == {"duplicate_row"}
    other = with_cell(CLAIMS, "claim_id", order[0], CLAIMS["claim_id"][order[1]])
    assert codes(claims_refused(other)) == {"duplicate_id"}


SPELLS = pa.table(
    {
        "member_id": ["007", "007", "8"],
        "cover_start": ["2026-01-01", "2026-03-01", "2026-01-01"],
        "cover_end": ["2026-03-31", "2026-12-31", "2026-12-31"],
    }
)


def test_row_05_overlapping_cover_is_refused_or_its_days_counted_once():
    faults = refused(CoverSpells.from_frame, SPELLS)
    assert codes(faults) == {"overlap"}
    assert "data row 2" in faults[0].got
    merged = CoverSpells.from_frame(SPELLS, overlap="merge")
    assert merged.days_covered(date(2026, 1, 1), date(2026, 12, 31)) == 2 * 365


def test_row_06_cover_that_ends_before_it_starts_is_refused():
    spell = {"member_id": ["8"], "cover_start": ["2026-02-01"], "cover_end": ["2026-01-31"]}
    assert codes(refused(CoverSpells.from_frame, pa.table(spell))) == {"end_before_start"}


@pytest.mark.parametrize(
    ("column", "written", "code"),
    [
        ("paid", "2026-02-28", "paid_before_incurred"),
        ("paid", "2027-01-01", "future_date"),
        ("incurred", "2026-13-02", "not_a_day"),
        ("incurred", "2026-02-29", "not_a_day"),
        ("incurred", "01/03/2026", "not_a_day"),
    ],
)
def test_row_06_impossible_days_are_refused_and_never_coerced(column, written, code):
    assert code in codes(claims_refused(with_cell(CLAIMS, column, 0, written)))


def test_row_06_a_claim_outside_cover_is_refused():
    cover = CoverSpells.from_frame(SPELLS.slice(1))
    assert codes(claims_refused(with_cell(CLAIMS, "incurred", 0, "2026-02-28"), cover=cover)) == {
        "outside_cover"
    }


def test_row_06_a_member_who_joins_after_the_start_is_refused():
    table = with_column(MEMBERS, joined=["2026-01-01", "2027-01-02", None])
    assert codes(members_refused(table)) == {"future_date"}


def test_row_07_an_unknown_line_is_refused_or_mapped_and_counted():
    assert codes(claims_refused(pa.table(CLAIMS), lines=("dental",))) == {"unknown_line"}
    checks = ClaimChecks(**CHECKS, lines=("dental",), map_unknown="other")
    records = ClaimRecords.from_frame(pa.table(CLAIMS), checks)
    assert ("lines mapped", 1) in records.notes


def test_row_08_mixed_and_missing_currencies_are_refused():
    mixed = with_column(CLAIMS, currency=["EUR", "USD", "EUR"])
    assert codes(claims_refused(mixed)) == {"mixed_currency"}
    assert codes(claims_refused(mixed, currency=None)) == {"mixed_currency"}
    assert codes(claims_refused(pa.table(CLAIMS), currency=None)) == {"no_currency"}
    gap = with_column(CLAIMS, currency=["EUR", None, "EUR"])
    assert codes(claims_refused(gap)) == {"no_currency"}


@pytest.mark.parametrize(
    ("content", "code", "hint"),
    [
        (b'member_id,age,sex,income\n7,40,F,"1,5"\n', "decimal_comma", 'decimal=","'),
        ("\ufeffmember_id,age,sex\n7,40,F\n".encode(), "bom", 'encoding="utf-8-sig"'),
        ("member_id,age,sex,plan\n7,40,F,Größe\n".encode("latin-1"), "encoding", "latin-1"),
        ("member_id,age,sex\n7,40,F\n".encode("utf-16"), "encoding", "UTF-8"),
    ],
    ids=["decimal comma", "byte-order mark", "Latin-1", "UTF-16"],
)
def test_row_09_other_ways_of_writing_are_refused_with_a_hint(tmp_path, content, code, hint):
    path = tmp_path / "members.csv"
    path.write_bytes(content)
    faults = refused(Portfolio.read_csv, path, start=START)
    assert codes(faults) == {code}
    assert hint in faults[0].remedy


def test_row_10_an_identifier_stays_text(tmp_path):
    (tmp_path / "members.csv").write_text("member_id,age,sex\n007,40,F\n7,41,M\n")
    portfolio = Portfolio.read_csv(tmp_path / "members.csv", start=START)
    assert set(portfolio.member_key.tolist()) == {member_key("007"), member_key("7")}
    numbers = pa.table({"member_id": [7.0, 8.0], "age": [40, 41], "sex": ["F", "M"]})
    assert codes(members_refused(numbers)) == {"type"}
    assert "007 read as a number is 7" in members_refused(numbers)[0].remedy


@pytest.mark.parametrize("content", ["", "member_id,age,sex\n"], ids=["empty file", "no member"])
def test_row_11_a_file_without_members_is_refused(tmp_path, content):
    (tmp_path / "members.csv").write_text(content)
    assert codes(refused(Portfolio.read_csv, tmp_path / "members.csv", start=START)) == {"empty"}
    assert "empty" in codes(members_refused(pa.table(MEMBERS).slice(0, 0)))


def test_row_11_no_claim_is_valid():
    assert len(ClaimRecords.from_frame(pa.table(CLAIMS).slice(0, 0), ClaimChecks(**CHECKS))) == 0


def test_row_12_totals_that_differ_from_the_control_sheet_warn_and_then_refuse():
    bounds = {"warn_beyond": 0.0, "refuse_beyond": 0.01}
    near = ClaimChecks(**CHECKS, control=ControlTotals(amount=196.0, **bounds))
    with pytest.warns(MutualFundWarning, match="away from the control total"):
        ClaimRecords.from_frame(pa.table(CLAIMS), near)
    faults = claims_refused(pa.table(CLAIMS), control=ControlTotals(rows=4, amount=250.0, **bounds))
    assert [fault.field for fault in faults] == ["frame: rows", "frame: amount"]


def test_row_13_impossible_ages_are_refused_and_rare_ones_warned_of():
    assert codes(members_refused(with_cell(MEMBERS, "age", 0, 130))) == {"range"}
    born = {name: values for name, values in MEMBERS.items() if name != "age"}
    days = ["1980-01-01", "1990-01-01", "1880-01-01"]
    assert codes(members_refused(with_column(born, birth_date=days))) == {"range"}
    days[2] = "2020-06-01"
    joined = ["2026-01-01", None, "2019-01-01"]
    table = with_column(born, birth_date=days, joined=joined)
    assert codes(members_refused(table)) == {"before_birth"}
    with pytest.warns(MutualFundWarning, match="age above 105"):
        Portfolio.from_frame(with_cell(MEMBERS, "age", 0, 112), start=START)


def test_row_14_a_parquet_bomb_is_refused_from_its_footer(tmp_path):
    """Less than a megabyte on disk and in the footer's own words; 400 MB once decoded."""
    one = {"member_id": ["007"], "age": [40], "sex": ["F"], "income": [1.0]}
    chunk = pa.table(one).take([0] * 50_000)
    path = tmp_path / "bomb.parquet"
    with pq.ParquetWriter(path, chunk.schema) as writer:
        writer.write_table(pa.concat_tables([chunk] * 340), row_group_size=17_000_000)
    assert path.stat().st_size < 1_000_000
    assert codes(refused(Portfolio.read_parquet, path, start=START)) == {"bomb"}
    faults = refused(Portfolio.read_parquet, path, start=START, max_bytes=10**8)
    assert codes(faults) == {"too_large"}


def test_row_14_bytes_are_bounded_while_they_are_decoded(tmp_path):
    """Text repeated in a dictionary is small on disk, and refused before it is copied row by row."""
    path = tmp_path / "long.parquet"
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 5000, pa.int32()), ["x" * 200_000])
    ages = pa.array([40] * 5000)
    sexes = pa.array(["F"] * 5000)
    pq.write_table(pa.table({"member_id": long, "age": ages, "sex": sexes}), path)
    assert codes(refused(Portfolio.read_parquet, path, start=START)) == {"too_long"}


def _zipped(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("members.csv", "member_id,age,sex\n7,40,F\n")


def _gzipped(path):
    path.write_bytes(gzip.compress(b"member_id,age,sex\n7,40,F\n"))


@pytest.mark.parametrize("read", [Portfolio.read_csv, Portfolio.read_parquet])
@pytest.mark.parametrize(
    ("name", "write", "remedy"),
    [
        ("members.csv.gz", _gzipped, "Unpack it"),
        ("members.zip", _zipped, "Unpack it"),
        ("members.xlsx", _zipped, "as CSV UTF-8"),
    ],
)
def test_row_15_compressed_files_and_spreadsheets_are_refused(tmp_path, read, name, write, remedy):
    write(tmp_path / name)
    faults = refused(read, tmp_path / name, start=START)
    assert codes(faults) == {"container"}
    assert remedy in faults[0].remedy

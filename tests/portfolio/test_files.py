"""Files are read as declared, bounded, and refused without repeating what they hold."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mutualfund.errors import InputError
from mutualfund.portfolio import Portfolio
from mutualfund.portfolio.files import (
    batches_of_parquet,
    columns_of_csv,
    columns_of_parquet,
    parquet_needs,
)
from mutualfund.rng import member_key

START = date(2027, 1, 1)
TABLE = {"member_id": ["007", "8"], "age": [40, 35], "sex": ["F", "M"], "income": [1.5, 1000.0]}


def refusal(call, *args, **kwargs):
    with pytest.raises(InputError) as caught:
        call(*args, **kwargs)
    return caught.value


def test_a_csv_file_and_a_parquet_file_give_the_same_portfolio_as_the_frame(tmp_path):
    table = pa.table(TABLE)
    pq.write_table(table, tmp_path / "members.parquet")
    table.to_pandas().to_csv(tmp_path / "members.csv", index=False)
    from_frame = Portfolio.from_frame(table, start=START)
    assert Portfolio.read_csv(tmp_path / "members.csv", start=START).digest() == from_frame.digest()
    parquet = Portfolio.read_parquet(tmp_path / "members.parquet", start=START)
    assert parquet.digest() == from_frame.digest()
    assert set(from_frame.member_key.tolist()) == {member_key("007"), member_key("8")}


def test_row_groups_with_different_labels_are_read_as_one_column(tmp_path):
    n = 1000
    table = pa.table(
        {
            "member_id": [f"m{row}" for row in range(n)],
            "age": list(range(100)) * 10,
            "sex": ["F"] * 500 + ["M"] * 500,
            "plan": ["zeta"] * 300 + ["alpha"] * 700,
        }
    )
    pq.write_table(table, tmp_path / "m.parquet", row_group_size=100)
    portfolio = Portfolio.read_parquet(tmp_path / "m.parquet", start=START)
    assert portfolio.digest() == Portfolio.from_frame(table, start=START).digest()
    assert np.bincount(portfolio.plan_code).tolist() == [700, 300]


@pytest.mark.parametrize("kind", [pa.int64(), pa.uint64(), pa.int16()])
def test_whole_number_identifiers_are_their_digits(tmp_path, kind):
    table = pa.table(TABLE | {"member_id": pa.array([7, 8], kind)})
    pq.write_table(table, tmp_path / "members.parquet")
    written = Portfolio.from_frame(pa.table(TABLE | {"member_id": ["7", "8"]}), start=START)
    assert written.digest() == Portfolio.from_frame(table, start=START).digest()
    parquet = Portfolio.read_parquet(tmp_path / "members.parquet", start=START)
    assert written.digest() == parquet.digest()
    assert member_key("007") not in written.member_key


def test_identifiers_with_a_fraction_part_are_refused():
    table = pa.table(TABLE | {"member_id": [7.0, 8.0]})
    (fault,) = refusal(Portfolio.from_frame, table, start=START).faults
    assert fault.code == "type"


def test_the_largest_whole_number_keeps_every_digit():
    table = pa.table(TABLE | {"member_id": [2**63 - 1, 2**53 + 1]})
    found = set(Portfolio.from_frame(table, start=START).member_key.tolist())
    assert found == {member_key(str(2**63 - 1)), member_key(str(2**53 + 1))}


def test_declared_options_read_a_european_export(tmp_path):
    text = "member_id;age;sex;income\n007;40;F;1,5\n8;35;M;1000\n"
    (tmp_path / "m.csv").write_bytes(text.encode("utf-8-sig"))
    options = {"delimiter": ";", "decimal": ",", "encoding": "utf-8-sig"}
    portfolio = Portfolio.read_csv(tmp_path / "m.csv", start=START, **options)
    assert portfolio.digest() == Portfolio.from_frame(pa.table(TABLE), start=START).digest()


def test_a_thousands_point_beside_decimal_commas_is_refused(tmp_path):
    (tmp_path / "m.csv").write_text("member_id;age;sex;income\n007;40;F;1.500\n")
    error = refusal(Portfolio.read_csv, tmp_path / "m.csv", start=START, delimiter=";", decimal=",")
    assert [fault.code for fault in error.faults] == ["not_a_number"]


@pytest.mark.parametrize("options", [{"decimal": ";"}, {"encoding": "utf-7"}, {"delimiter": ".,"}])
def test_undeclarable_options_are_refused(tmp_path, options):
    (tmp_path / "m.csv").write_text("member_id,age,sex\n007,40,F\n")
    assert refusal(Portfolio.read_csv, tmp_path / "m.csv", start=START, **options).faults


def test_latin_1_is_read_where_it_is_declared(tmp_path):
    (tmp_path / "m.csv").write_bytes(
        "member_id,age,sex,plan\n1,40,F,Großer Schutz\n".encode("cp1252")
    )
    assert refusal(Portfolio.read_csv, tmp_path / "m.csv", start=START).faults[0].code == "encoding"
    portfolio = Portfolio.read_csv(tmp_path / "m.csv", start=START, encoding="cp1252")
    assert portfolio.plan_names == ("Großer Schutz",)


def test_rows_with_too_many_cells_are_named_by_number(tmp_path):
    (tmp_path / "m.csv").write_text("member_id,age,sex\n1,40,F\nSECRET,40,F,x\n3,40,F\n")
    error = refusal(columns_of_csv, tmp_path / "m.csv", "members")
    assert error.faults[0].code == "cells"
    assert "1 row with too many or too few cells (data row 2)" in str(error)
    assert "SECRET" not in str(error)


def test_a_text_in_quotes_may_hold_delimiters_and_line_ends(tmp_path):
    (tmp_path / "m.csv").write_text('member_id,age,sex,plan\n1,40,F,"a, b\nc"\n')
    assert columns_of_csv(tmp_path / "m.csv", "members")["plan"].to_pylist() == ["a, b\nc"]


def test_a_heading_twice_and_a_missing_file_are_refused(tmp_path):
    (tmp_path / "m.csv").write_text("member_id,age,age,sex\n1,40,41,F\n")
    assert refusal(columns_of_csv, tmp_path / "m.csv", "members").faults[0].code == (
        "duplicate_column"
    )
    assert refusal(columns_of_csv, tmp_path / "no.csv", "members").faults[0].code == "no_file"


def test_text_that_is_no_table_is_refused(tmp_path):
    (tmp_path / "m.csv").write_text("\n\n")
    assert refusal(columns_of_csv, tmp_path / "m.csv", "members").faults[0].code == "unreadable"


def test_a_damaged_parquet_file_is_refused_in_plain_words(tmp_path):
    whole = tmp_path / "m.parquet"
    pq.write_table(pa.table(TABLE), whole)
    (tmp_path / "cut.parquet").write_bytes(whole.read_bytes()[:-20])
    assert refusal(columns_of_parquet, tmp_path / "cut.parquet", "members").faults[0].code == (
        "unreadable"
    )


def test_each_kind_of_file_names_the_other_reader(tmp_path):
    pq.write_table(pa.table(TABLE), tmp_path / "m.csv")
    (tmp_path / "m.parquet").write_text("member_id,age,sex\n1,40,F\n")
    assert "read_parquet" in str(refusal(columns_of_csv, tmp_path / "m.csv", "members"))
    assert refusal(columns_of_parquet, tmp_path / "m.parquet", "members").faults


def test_a_file_of_any_size_comes_in_batches_at_least_one(tmp_path):
    table = pa.table({"member_id": [f"m{place}" for place in range(10)], "age": list(range(10))})
    for size, rows in ((10, [4, 4, 2]), (0, [0])):
        path = tmp_path / f"{size}.parquet"
        pq.write_table(table.slice(0, size), path)
        batches = list(batches_of_parquet(path, "members", rows=4))
        assert [len(batch["age"]) for batch in batches] == rows
        assert [age for batch in batches for age in batch["age"].to_pylist()] == list(range(size))
        assert parquet_needs(path, "members") >= 8 * size


def test_a_damaged_batch_is_refused_and_not_quoted(tmp_path):
    path = tmp_path / "damaged.parquet"
    text = [f"canary{place}" for place in range(3000)]
    pq.write_table(pa.table({"member_id": text}), path, row_group_size=1000, compression="snappy")
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 400] = b"\xff" * 400
    path.write_bytes(bytes(content))
    with pytest.raises(InputError) as caught:
        list(batches_of_parquet(path, "members", rows=500))
    assert caught.value.faults[0].code == "unreadable"
    assert "canary" not in str(caught.value)


def test_a_streamed_file_that_grows_too_much_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "bomb.parquet"
    pq.write_table(pa.table({"age": [7] * 1_000_000}), path)
    monkeypatch.setattr("mutualfund.portfolio.files.UNREMARKABLE_BYTES", 1000)
    with pytest.raises(InputError, match="that grow to"):
        list(batches_of_parquet(path, "members", rows=10))


def test_a_row_group_that_no_memory_holds_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "wide.parquet"
    pq.write_table(pa.table({"age": list(range(1000))}), path)
    monkeypatch.setattr("mutualfund.portfolio.files.MAX_BYTES", 100)
    with pytest.raises(InputError, match="smaller row groups"):
        list(batches_of_parquet(path, "members", rows=10))

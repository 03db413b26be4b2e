"""A file too large for memory goes through DuckDB to the same numbers and the same refusals."""

from __future__ import annotations

import sys
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from claims.experience.village import CHECKS, cover_table, members_table
from mutualfund.claims import ClaimChecks
from mutualfund.claims.experience import ExperienceStudy, ledger, streaming
from mutualfund.claims.experience.warehouse import Warehouse
from mutualfund.claims.record_checks import ControlTotals
from mutualfund.errors import InputError

PERIOD = (date(2023, 1, 1), date(2024, 12, 31))
N_MEMBERS, N_CLAIMS = 60, 900


def days(values):
    return pa.array(np.asarray(values).astype("datetime64[D]"))


@pytest.fixture(scope="module")
def tables():
    """Sixty members, unlike each other, and 900 claims of which sixty are taken back, whole or in part."""
    rng = np.random.default_rng(5)
    names = [f"m{place}" for place in range(N_MEMBERS)]
    start = np.datetime64("2023-01-01").astype(int) + rng.integers(0, 200, N_MEMBERS)
    stop = np.minimum(start + rng.integers(60, 700, N_MEMBERS), start.min() + 730)
    members = {who: (f"{rng.integers(1930, 2022)}-07-01", "FM"[rng.integers(2)]) for who in names}
    texts = np.datetime_as_string(np.stack([start, stop]).astype("datetime64[D]"))
    cover = cover_table(list(zip(names, *texts, strict=True)))
    who = rng.integers(0, N_MEMBERS, N_CLAIMS)
    treated = start[who] + (rng.random(N_CLAIMS) * (stop - start + 1)[who]).astype(int)
    amount = np.round(rng.lognormal(4, 1, N_CLAIMS), 2)
    paid = treated + rng.integers(0, 90, N_CLAIMS)
    back = np.arange(0, N_CLAIMS, 15)
    part = np.where(back % 2, amount[back], np.round(amount[back] / 3, 2))
    identifier = np.array([f"c{place}" for place in range(N_CLAIMS)])
    # Every fourth reversal has an identifier of its own and is whole: it is found by its facts.
    by_facts = np.arange(back.size) % 4 == 0
    part = np.where(by_facts, amount[back], part)
    own = np.where(by_facts, np.char.add("r", identifier[back]), identifier[back])
    line = np.array(["visits", "drugs", "hospital"])[rng.integers(0, 3, N_CLAIMS)]
    claims = pa.table(
        {
            "claim_id": np.concatenate([identifier, own]),
            "member_id": np.array(names)[np.concatenate([who, who[back]])],
            "line": np.concatenate([line, line[back]]),
            "incurred": days(np.concatenate([treated, treated[back]])),
            "paid": days(np.concatenate([paid, paid[back] + 10])),
            "amount": np.concatenate([amount, -part]),
            "kind": ["payment"] * N_CLAIMS + ["reversal"] * back.size,
        }
    )
    return members_table(members), cover, claims.take(rng.permutation(len(claims)))


def study(tables, folder, *, streamed, claims=None, checks=CHECKS):
    members, cover, lines = tables
    path = folder / "claims.parquet"
    pq.write_table(lines if claims is None else claims, path)
    return ExperienceStudy.from_tables(
        members, cover, path, period=PERIOD, checks=checks, streamed=streamed, memory_mib=256
    )


@pytest.fixture
def small_batches(monkeypatch):
    """Batches of 128 rows and chunks of 7 members, so that a small file has many of both."""
    monkeypatch.setattr(streaming, "BATCH_ROWS", 128)
    monkeypatch.setattr("mutualfund.claims.experience.moments.CHUNK", 7)
    monkeypatch.setattr(ledger, "SAMPLE", 50)


def test_both_roads_give_the_same_numbers_to_the_last_bit(tables, tmp_path, small_batches):
    here, there = (study(tables, tmp_path, streamed=streamed) for streamed in (False, True))
    assert repr(here) == repr(there)
    assert here.notes == there.notes
    for by in ((), "line", ("month", "line"), ("age_band", "sex", "year")):
        for name in ("exposure", "pmpm", "per_thousand", "cost_per_claim"):
            if name == "exposure" and "line" in by:
                continue
            ours, theirs = (getattr(one, name)(by) for one in (here, there))
            assert ours.labels == theirs.labels
            for column in ours.values:
                np.testing.assert_array_equal(ours[column], theirs[column])
    for name in ("line", "month", "lag", "claims", "cents"):
        ours, theirs = (getattr(one.source.ledger.delays, name) for one in (here, there))
        np.testing.assert_array_equal(ours, theirs)
    for ours, theirs in zip(here.source.ledger.sizes, there.source.ledger.sizes, strict=True):
        assert 20 < len(ours.amount) < 90  # a sample of about 50
        np.testing.assert_array_equal(ours.amount, theirs.amount)
        np.testing.assert_array_equal(ours.month, theirs.month)
    ours, theirs = here.trend(), there.trend()
    assert ours.per_year == theirs.per_year
    assert ours.standard_error == theirs.standard_error
    np.testing.assert_array_equal(ours.season_error, theirs.season_error)
    np.testing.assert_array_equal(here.pooled(500.0)["amount"], there.pooled(500.0)["amount"])


def changed(claims, row, **cells):
    """The claim lines with other cells in one row."""
    for name, value in cells.items():
        column = claims[name].to_pylist()
        column[row] = value
        claims = claims.set_column(
            claims.column_names.index(name), name, pa.array(column, claims[name].type)
        )
    return claims


def with_currency(claims, other):
    column = ["EUR"] * len(claims)
    column[700] = other
    return claims.append_column("currency", pa.array(column))


BREAKS = {
    "outside_cover": lambda t: changed(t, 3, incurred=date(2022, 5, 5), paid=date(2023, 5, 5)),
    "paid_before_incurred": lambda t: changed(t, 500, paid=date(2022, 1, 1)),
    "future_date": lambda t: changed(t, 600, paid=date(2030, 1, 1)),
    "unknown_line": lambda t: changed(t, 650, line="canary"),
    "missing_value": lambda t: changed(t, 710, incurred=None),
    "range": lambda t: changed(t, 700, amount=float("nan")),
    "duplicate_id": lambda t: pa.concat_tables(
        [t, changed(t.filter(pa.compute.equal(t["kind"], "payment")).slice(0, 1), 0, amount=1.0)]
    ),
    "duplicate_row": lambda t: pa.concat_tables([t, t.slice(5, 2)]),
    "unknown_column": lambda t: t.append_column("diagnosis", pa.array(["canary"] * len(t))),
    "unmatched_reversal": lambda t: changed(
        t, t["kind"].to_pylist().index("reversal"), claim_id="canary", amount=-0.01
    ),
}


@pytest.mark.parametrize("code", BREAKS)
def test_both_roads_refuse_the_same_rows_in_the_same_words(tables, tmp_path, small_batches, code):
    claims = BREAKS[code](tables[2])
    checks = ClaimChecks(as_of=CHECKS.as_of, currency="EUR", lines=("visits", "drugs", "hospital"))
    said = []
    for streamed in (False, True):
        with pytest.raises(InputError) as caught:
            study(tables, tmp_path, streamed=streamed, claims=claims, checks=checks)
        said.append({str(fault) for fault in caught.value.faults})
        assert code in [fault.code for fault in caught.value.faults]
    assert said[0] == said[1]
    assert "canary" not in str(said)


def test_a_second_currency_is_refused_wherever_it_stands(tables, tmp_path, small_batches):
    claims = with_currency(tables[2], "USD")
    checks = ClaimChecks(as_of=CHECKS.as_of)
    for streamed in (False, True):
        with pytest.raises(InputError) as caught:
            study(tables, tmp_path, streamed=streamed, claims=claims, checks=checks)
        assert caught.value.faults[0].code == "mixed_currency"
    fine = with_currency(tables[2], "EUR")
    found = study(tables, tmp_path, streamed=True, claims=fine, checks=checks)
    assert found.currency == "EUR"


def test_control_totals_hold_for_a_streamed_file(tables, tmp_path, small_batches):
    rows, amount = len(tables[2]), pa.compute.sum(tables[2]["amount"]).as_py()
    stated = ClaimChecks(
        as_of=CHECKS.as_of,
        currency="EUR",
        control=ControlTotals(rows=rows, amount=round(amount, 2)),
    )
    study(tables, tmp_path, streamed=True, checks=stated)
    short = ClaimChecks(as_of=CHECKS.as_of, currency="EUR", control=ControlTotals(rows=rows + 9))
    with pytest.raises(InputError, match="control total"):
        study(tables, tmp_path, streamed=True, checks=short)


def test_a_file_that_fits_is_read_in_memory_and_one_that_does_not_is_streamed(
    tables, tmp_path, monkeypatch
):
    def is_streamed():
        found = study(tables, tmp_path, streamed=None)
        return isinstance(found.source.ledger.source, streaming.RowsInWarehouse)

    assert not is_streamed()
    monkeypatch.setattr("mutualfund.claims.experience.reading.MIB", 1)
    assert is_streamed()


def test_no_claim_line_at_all(tables, tmp_path):
    found = study(tables, tmp_path, streamed=True, claims=tables[2].slice(0, 0))
    assert found.pmpm()["amount"].tolist() == [0.0]
    assert found.lines == ()


def test_a_frame_cannot_be_streamed(tables):
    with pytest.raises(InputError, match="path of a Parquet file"):
        ExperienceStudy.from_tables(*tables, period=PERIOD, checks=CHECKS, streamed=True)


def test_without_duckdb_the_way_out_is_named(tables, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(InputError, match=r"mutualfund-actuarial\[big\]"):
        study(tables, tmp_path, streamed=True)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('{path}')",
        "COPY (SELECT 1) TO '{path}'",
        "ATTACH '{path}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET memory_limit = '9GB'",
        "SET enable_external_access = true",
        "SELECT * FROM tables",
    ],
)
def test_the_warehouse_is_shut_off(tmp_path, statement):
    (tmp_path / "secret.csv").write_text("canary\n1\n")
    tables = pa.table({"canary": [1]})  # a name of Python's that a query may not see
    assert len(tables) == 1
    warehouse = Warehouse(256)
    with pytest.raises(duckdb.Error):
        warehouse.run(statement.format(path=tmp_path / "secret.csv"))


def test_the_warehouse_takes_its_folder_with_it(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    warehouse = Warehouse(256)
    warehouse.add("numbers", {"value": np.arange(3)})
    assert warehouse.number("SELECT sum(value) FROM numbers") == 3
    assert len(list(tmp_path.iterdir())) == 1
    del warehouse
    assert list(tmp_path.iterdir()) == []

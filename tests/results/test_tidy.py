"""Tidy rows say the same as the arrays, in every table library."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from mutualfund.errors import InputError
from mutualfund.results import MEASURES, FundRun, check_identities


def test_rows_are_one_per_path_year_and_measure(run: FundRun) -> None:
    frame = run.to_pandas()
    assert list(frame.columns) == ["path", "year", "measure", "value"]
    assert len(frame) == 2_000 * 10 * len(run.ledger)
    cell = frame[(frame["path"] == 17) & (frame["year"] == 4) & (frame["measure"] == "expenses")]
    assert cell["value"].tolist() == [run.measure("expenses")[17, 3]]


def test_zero_stays_zero_and_nothing_goes_missing(run: FundRun) -> None:
    frame = run.to_pandas()
    external = frame[frame["measure"] == "external_paid"]["value"]
    assert (external == 0.0).all()
    assert not frame["value"].isna().any()


def test_the_books_add_up_from_exported_rows_alone(run: FundRun) -> None:
    frame = run.to_pandas()
    table = frame.pivot(index=["path", "year"], columns="measure", values="value")
    ledger = {name: table[name].to_numpy().reshape(2_000, 10) for name in MEASURES}
    assert check_identities(ledger) < 1e-6


def test_line_rows_sum_to_the_fund(run: FundRun) -> None:
    frame = run.to_pandas(by="line")
    assert set(frame["line"]) == {"hospital", "dental"}
    billed = frame[frame["measure"] == "billed"].groupby(["path", "year"])["value"].sum()
    assert billed.to_numpy() == pytest.approx(run.measure("billed").ravel(), rel=1e-12)


@pytest.mark.parametrize("by", ["line", "month", "age"])
def test_rows_along_a_side_are_one_per_path_year_label_and_measure(run: FundRun, by: str) -> None:
    side = run.marginal(by)
    frame = run.to_pandas(by=by)
    assert list(frame.columns) == ["path", "year", by, "measure", "value"]
    assert len(frame) == 2_000 * 10 * len(side.labels) * len(side.measures)
    assert list(dict.fromkeys(frame[by])) == list(side.labels)
    label = side.labels[1]
    cell = frame[(frame["path"] == 17) & (frame["year"] == 4) & (frame[by] == label)]
    claims = cell[cell["measure"] == "claims_incurred"]["value"].tolist()
    assert claims == [side.measures["claims_incurred"][17, 3, 1]]


def test_months_are_numbers_and_polars_sees_them(run: FundRun) -> None:
    assert run.to_polars(by="month")["month"].unique().sort().to_list() == list(range(1, 13))


def test_a_run_without_a_side_has_no_rows_along_it(run: FundRun) -> None:
    plain = FundRun(None, run.ledger, {}, run.manifest)
    for by in ("line", "month", "age"):
        with pytest.raises(InputError, match=r"settings\.keep"):
            plain.to_arrow(by=by)


def test_polars_and_any_arrow_reader_see_the_same_rows(run: FundRun) -> None:
    table = run.to_arrow()
    assert run.to_polars()["value"].to_numpy().tolist() == table["value"].to_pylist()
    assert pl.DataFrame(run)["year"].to_list() == table["year"].to_pylist()
    streamed = pa.RecordBatchReader.from_stream(run).read_all()
    assert streamed.equals(table)
    assert np.array_equal(np.unique(table["year"].to_numpy()), np.arange(1, 11))

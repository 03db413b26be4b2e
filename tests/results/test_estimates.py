"""Estimates and their errors. Truth: hand arithmetic and the sampling spread of repeated draws."""

from __future__ import annotations

import numpy as np
import pytest

from mutualfund.results import estimates
from mutualfund.results.estimates import Estimate, Summary


def row(quantity: str, year: int | None, value: float = 1.0) -> Estimate:
    return Estimate(quantity, year, value, 0.1, 0.8, 1.2, "EUR", f"<{quantity}>")


def test_the_mean_of_three_paths_by_hand() -> None:
    got = estimates.mean(np.array([1.0, 2.0, 6.0]), "x", 1, "EUR", "x")
    # Mean 3, sample variance (4 + 1 + 9) / 2 = 7.
    assert got.estimate == 3.0
    assert got.standard_error == pytest.approx(np.sqrt(7 / 3), rel=1e-15)
    assert got.high - got.low == pytest.approx(2 * 1.959964 * np.sqrt(7 / 3), rel=1e-6)


def test_a_single_path_has_no_known_error() -> None:
    assert np.isnan(estimates.mean(np.array([4.0]), "x", 1, "EUR", "x").standard_error)


def test_the_error_of_a_ratio_is_the_spread_of_repeated_runs() -> None:
    random = np.random.default_rng(5)
    below = random.gamma(4.0, 1.0, (400, 500))
    above = 0.8 * below + random.normal(0.0, 0.5, below.shape)
    ratios = above.mean(axis=1) / below.mean(axis=1)
    errors = [
        estimates.ratio_of_means(a, b, "r", 1, "ratio", "r").standard_error
        for a, b in zip(above, below, strict=True)
    ]
    # 400 repetitions fix a standard deviation to about 3.5 %; five of those is the bound.
    assert np.mean(errors) == pytest.approx(ratios.std(ddof=1), rel=0.18)


def test_a_ratio_without_a_base_is_not_a_number() -> None:
    got = estimates.ratio_of_means(np.zeros(3), np.zeros(3), "r", None, "ratio", "r")
    assert np.isnan(got.estimate)
    assert "n/a" in str(got)


def test_a_proportion_has_wilsons_interval() -> None:
    got = estimates.proportion(np.arange(20) < 1, "ruin", 1, "ruin")
    # 1 of 20: Wilson's 95 % interval, Wilson (1927), worked with z = 1.959964.
    assert (got.estimate, got.low, got.high) == pytest.approx((0.05, 0.008881, 0.236131), abs=1e-6)


def test_what_was_never_seen_has_an_error_all_the_same() -> None:
    got = estimates.proportion(np.zeros(100, dtype=bool), "ruin", 1, "ruin")
    assert got.estimate == 0.0
    assert got.standard_error > 0.005


def test_rows_are_found_by_name_and_year() -> None:
    table = Summary((row("a", None, 1.0), row("b", 1, 2.0), row("b", 5, 3.0)))
    assert table["a"].estimate == 1.0
    assert table["b", 5].estimate == 3.0
    assert len(table) == 3
    with pytest.raises(KeyError, match="years 1, 5"):
        table["b"]
    with pytest.raises(KeyError, match="one of: a, b"):
        table["c"]


def test_the_table_reads_the_same_as_text_frame_and_page() -> None:
    table = Summary((row("a", None, 1234.4), row("b", 2)))
    assert "1,234" in str(table)
    assert len(str(table).splitlines()) == 3
    frame = table.to_pandas()
    assert list(frame["estimate"]) == [1234.4, 1.0]
    assert frame["year"].isna().tolist() == [True, False]
    html = table._repr_html_()
    assert "&lt;a&gt;" in html
    assert "<a>" not in html

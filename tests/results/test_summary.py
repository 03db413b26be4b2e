"""The summary says what the arrays say. Truth: the same numbers taken straight from the arrays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mutualfund.results import FundRun
from mutualfund.results import summary as summaries
from mutualfund.results.summary import futures_of_100


def test_each_row_agrees_with_the_arrays(run: FundRun) -> None:
    table = run.summary()
    due, claims = run.measure("contributions_due"), run.measure("claims_incurred")
    calls, refunds = run.measure("calls"), run.measure("refunds")
    below = (run.measure("reserve_close") < 0.10 * due).any(axis=1)
    expected = {
        ("ruin", 10): (run.measure("reserve_true") < 0).any(axis=1).mean(),
        ("prob_below_floor", None): below.mean(),
        ("prob_below_zero", None): (run.measure("reserve_close") < 0).any(axis=1).mean(),
        ("members_start", 1): 10_000.0,
        ("contributions_due", 10): due[:, 9].mean(),
        ("claims_incurred", 1): claims[:, 0].mean(),
        ("reserve_close", 10): run.measure("reserve_close")[:, 9].mean(),
        ("loss_ratio", 1): claims[:, 0].sum() / due[:, 0].sum(),
        ("prob_call", None): (calls > 0).any(axis=1).mean(),
        ("mean_call", None): calls[calls > 0].mean(),
        ("mean_refund", None): refunds.mean(),
        ("var(0.99)", 1): run.var(0.99),
        ("tvar(0.99)", 1): run.tvar(0.99),
        ("var(0.95, reserve_close)", 10): run.var(0.95, 10, measure="reserve_close"),
    }
    got = {(row.quantity, row.year): row.estimate for row in table}
    for key, value in expected.items():
        assert got[key] == pytest.approx(value, rel=1e-12), key
    assert all(row.low <= row.estimate <= row.high for row in table)


def test_tail_rows_are_left_out_where_the_paths_cannot_support_them(
    run_of: Callable[..., FundRun],
) -> None:
    quantities = {row.quantity for row in run_of(n_paths=300).summary()}
    assert {"var(0.95)", "tvar(0.95)"} <= quantities
    assert not {"var(0.99)", "tvar(0.99)"} & quantities


def test_without_a_floor_there_is_no_safety_line(run: FundRun) -> None:
    facts = run.facts.to_dict() | {"floors": [0.0] * 10}
    plain = FundRun(None, run.ledger, {}, {"facts": facts})
    quantities = {row.quantity for row in plain.summary()}
    assert "prob_below_floor" not in quantities
    assert "prob_below_zero" in quantities
    assert futures_of_100(plain)[1] == 0
    assert "safety line" not in plain._repr_html_()


def test_one_year_and_one_path_still_summarise(run_of: Callable[..., FundRun]) -> None:
    table = run_of(n_paths=1, n_years=1).summary()
    assert table["contributions_due"].estimate == 6_000_000.0
    assert np.isnan(table["claims_incurred"].standard_error)
    assert "n/a" in str(table)


def test_the_errors_of_var_and_tvar_are_the_spread_of_repeated_runs(
    run_of: Callable[..., FundRun],
) -> None:
    rows = []
    for seed in range(60):
        run = run_of(n_paths=1_000, n_years=1, seed=seed)
        rows.append((summaries.value_at_risk(run, 0.95), summaries.tail_value_at_risk(run, 0.95)))
    for kind in (0, 1):
        spread = np.std([row[kind].estimate for row in rows], ddof=1)
        stated = np.mean([row[kind].standard_error for row in rows])
        # 60 repetitions fix a standard deviation to about 9 %: four of those is the bound.
        assert stated == pytest.approx(spread, rel=0.37)


def test_a_tie_among_a_hundred_futures_goes_to_the_graver_outcome(
    run_of: Callable[..., FundRun],
) -> None:
    run = run_of(n_paths=3, n_years=1)
    dues = run.measure("contributions_due")
    ledger = dict(run.ledger) | {
        "insolvent": np.array([[0.0], [0.0], [1.0]]),
        "reserve_close": dues * np.array([[1.0], [0.05], [-1.0]]),
    }
    # A third each: 33 and 33, and the hundredth sign shows the gravest.
    assert futures_of_100(FundRun(None, ledger, {}, run.manifest)).tolist() == [33, 33, 34]

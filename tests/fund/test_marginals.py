"""Amounts by line, month and age add up to the ledger's, and are there only where asked for."""

from __future__ import annotations

import numpy as np
import pytest

from fund.funds import CARE, tables
from mutualfund.fund import simulate
from mutualfund.results import FundRun
from mutualfund.scenario import Scenario

pytestmark = pytest.mark.usefixtures("short_pilot")

SEASONAL = CARE | {"seasonality": [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 8]}
YEARLY = {
    "name": "a yearly fee",
    "level": "fund",
    "severity": {"kind": "fixed", "amount": 1200.0},
}


def kept(*sides: str, fee: bool = True) -> FundRun:
    data = tables(members=120, paths=12)
    data["assumptions"] = {"lines": [SEASONAL, YEARLY] if fee else [SEASONAL]}
    data["members"] = data["members"] | {"lapse_per_year": 0.2, "joins_per_year": 0.1}
    data["settings"]["keep"] = list(sides)
    return simulate(Scenario.from_dict(data))


def amounts(run: FundRun, side: str, name: str) -> np.ndarray:
    rows = run.to_pandas(by=side)
    wide = rows[rows["measure"] == name].pivot(index=["path", "year"], columns=side, values="value")
    return wide.to_numpy().reshape(run.n_paths, run.n_years, -1)


def test_months_and_lines_add_up_to_the_ledger() -> None:
    run = kept("lines", "months")
    for side in ("line", "month"):
        total = amounts(run, side, "claims_incurred").sum(axis=2)
        np.testing.assert_allclose(total, run.measure("claims_incurred"), rtol=1e-12)


def test_ages_add_up_to_the_members_claims_and_months() -> None:
    run = kept("cells", fee=False)
    total = amounts(run, "age", "claims_incurred").sum(axis=2)
    np.testing.assert_allclose(total, run.measure("claims_incurred"), rtol=1e-12)
    months = amounts(run, "age", "member_months").sum(axis=2)
    np.testing.assert_allclose(25.0 * months, run.measure("contributions_due"), rtol=1e-12)


def test_months_follow_the_season_and_the_fee_is_spread_evenly() -> None:
    by_month = amounts(kept("months"), "month", "claims_incurred")
    assert (by_month[:, :, :3] == 100.0).all()  # nobody falls ill from January to March
    assert by_month[:, :, 11].mean() > 4 * by_month[:, :, 5].mean()


def test_what_is_kept_changes_nothing_else() -> None:
    everything, nothing = kept("lines", "cells", "months"), kept()
    for name, values in nothing.ledger.items():
        np.testing.assert_array_equal(values, everything.ledger[name], err_msg=name)
    assert dict(nothing.lines) == {}

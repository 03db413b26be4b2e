"""The books, recomputed from exported rows by the signs of the registry alone.

Nothing here knows how a fund year is computed: an auditor with the exported table and the registry could
do it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fund.funds import harbour
from mutualfund.fund import simulate
from mutualfund.results import MEASURES
from mutualfund.rules.view import YearView
from mutualfund.scenario import Scenario

pytestmark = pytest.mark.usefixtures("short_pilot")


class Grant:
    """A sponsor doubles what members were refused."""

    name = "sponsor_grant"
    sign = 1

    def amount(self, view: YearView) -> np.ndarray:
        return 0.01 * view.contributions_due + 5.0


@pytest.fixture(scope="module")
def exported() -> tuple[pd.DataFrame, dict[str, int]]:
    data = harbour(members=120, paths=30, years=5)
    data["fund"]["opening_reserve"] = 9_000
    data["rules"]["providers"] = {"dental": {"share": 0.5, "per_member": 12.0}}
    data["rules"]["extra"] = (Grant(),)
    run = simulate(Scenario.from_dict(data))
    rows = run.to_pandas()
    wide = rows.pivot(index=["path", "year"], columns="measure", values="value")
    return wide, {name: measure.sign for name, measure in run.registry.items()}


def test_assets_close_is_the_signed_sum_of_the_row(
    exported: tuple[pd.DataFrame, dict[str, int]],
) -> None:
    rows, signs = exported
    total = sum(sign * rows[name] for name, sign in signs.items())
    np.testing.assert_allclose(rows["assets_close"], total, rtol=1e-9)


def test_the_funds_own_flow_has_its_sign_and_counts(
    exported: tuple[pd.DataFrame, dict[str, int]],
) -> None:
    rows, signs = exported
    assert signs["sponsor_grant"] == 1
    np.testing.assert_allclose(rows["sponsor_grant"], 0.01 * rows["contributions_due"] + 5.0)
    without = {name: sign for name, sign in signs.items() if name != "sponsor_grant"}
    total = sum(sign * rows[name] for name, sign in without.items())
    assert not np.allclose(rows["assets_close"], total, rtol=1e-9)


def test_each_year_opens_where_the_last_one_closed(
    exported: tuple[pd.DataFrame, dict[str, int]],
) -> None:
    rows, _ = exported
    for opens, closes in [
        ("assets_open", "assets_close"),
        ("reserve_open", "reserve_close"),
        ("members_start", "members_end"),
    ]:
        later = rows[opens].unstack("year").iloc[:, 1:].to_numpy()
        earlier = rows[closes].unstack("year").iloc[:, :-1].to_numpy()
        np.testing.assert_array_equal(later, earlier, err_msg=opens)


def test_both_reserves_are_assets_less_their_provision(
    exported: tuple[pd.DataFrame, dict[str, int]],
) -> None:
    rows, _ = exported
    for reserve, provision in [
        ("reserve_close", "outstanding_booked"),
        ("reserve_true", "outstanding_true"),
    ]:
        np.testing.assert_allclose(
            rows[reserve], rows["assets_close"] - rows[provision], rtol=1e-9, atol=1e-6
        )


def test_outstanding_moves_by_what_was_incurred_and_not_paid(
    exported: tuple[pd.DataFrame, dict[str, int]],
) -> None:
    rows, _ = exported
    moved = rows["outstanding_true"].unstack("year").diff(axis=1).iloc[:, 1:]
    carried = (rows["claims_incurred"] - rows["claims_paid"]).unstack("year").iloc[:, 1:]
    np.testing.assert_allclose(moved, carried, rtol=1e-9, atol=1e-6)


def test_every_claim_is_borne_by_somebody(exported: tuple[pd.DataFrame, dict[str, int]]) -> None:
    rows, _ = exported
    bearers = ["member_paid", "external_paid", "provider_borne", "claims_incurred"]
    np.testing.assert_allclose(rows["allowed"], rows[bearers].sum(axis=1), rtol=1e-12)
    assert (rows["provider_borne"] > 0).any()
    assert (rows["allowed"] <= rows["billed"]).all()


def test_members_of_a_year_add_up(exported: tuple[pd.DataFrame, dict[str, int]]) -> None:
    rows, _ = exported
    left = rows["members_start"] + rows["joined"] - rows["lapsed"] - rows["died"]
    np.testing.assert_array_equal(rows["members_end"], left)
    assert {name: rows[name].sum() > 0 for name in ("joined", "lapsed", "died")} == {
        "joined": True,
        "lapsed": True,
        "died": True,
    }


def test_solvency_ratio_is_reserve_over_the_target(
    exported: tuple[pd.DataFrame, dict[str, int]],
) -> None:
    rows, _ = exported
    np.testing.assert_allclose(rows["capital_required"], 0.25 * rows["contributions_due"])
    np.testing.assert_allclose(
        rows["solvency_ratio"], rows["reserve_close"] / rows["capital_required"]
    )
    assert set(MEASURES) <= set(rows.columns)

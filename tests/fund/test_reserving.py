"""The booked provision beside the true one (definitions 21 and 22)."""

from __future__ import annotations

import numpy as np
import pytest

from fund.funds import CARE, tables
from mutualfund.claims.reserving import Mack
from mutualfund.fund import simulate
from mutualfund.results import FundRun
from mutualfund.rules import FromTriangle
from mutualfund.scenario import Scenario

pytestmark = pytest.mark.usefixtures("short_pilot")


def booked(
    method: str, *, members: int = 3000, paths: int = 24, years: int = 4, **more: object
) -> FundRun:
    data = tables(members=members, paths=paths, years=years)
    data["rules"] = data["rules"] | {"reserve": {"booking": method} | more}
    return simulate(Scenario.from_dict(data))


def relative_error(run: FundRun, year: int) -> np.ndarray:
    true = run.at("outstanding_true", year)
    return np.asarray((run.at("outstanding_booked", year) - true) / true)


@pytest.mark.parametrize(
    "method",
    ["completion", "chain_ladder", "bornhuetter_ferguson", "benktander", "cape_cod"],
)
def test_a_large_fund_with_a_steady_pattern_books_close_to_the_truth(method: str) -> None:
    # 3,000 members, 0.8 claims a year, mean delay 1.5 months: about 300 claims are outstanding, so one path's
    # truth itself moves by 1 / sqrt(300) x sqrt(1 + 0.9^2) = 8 %, and the mean over 24 paths by 1.6 %.
    run = booked(method)
    for year in (1, 3, 4):
        error = relative_error(run, year)
        assert abs(error.mean()) < 0.08, year
        assert 0.02 < error.std() < 0.25, year


def test_a_reserving_method_of_the_claims_room_books_for_a_fund() -> None:
    """Mack's ultimates are the chain ladder's, which the rule of that name takes over 24 months only."""
    data = tables(members=1500, paths=6, years=3)
    own, named = (
        simulate(Scenario.from_dict(data).replace("rules.reserve.booking", booking)).at(
            "outstanding_booked", 3
        )
        for booking in (FromTriangle(Mack()), "chain_ladder")
    )
    assert own == pytest.approx(named, rel=0.1)
    assert not np.array_equal(own, named)


def test_the_larger_the_fund_the_closer_the_booking() -> None:
    small, large = (booked("completion", members=n, paths=16, years=3) for n in (400, 6400))
    assert relative_error(large, 3).std() < 0.5 * relative_error(small, 3).std()


def test_booking_by_share_sees_dues_only() -> None:
    run = booked("share_of_contributions", booking_share=0.1, members=300)
    opening = sum(run.manifest["expected"]["opening_due"])
    left = opening - np.cumsum(run.manifest["expected"]["opening_due"])[:4]
    expected = 0.1 * run.measure("contributions_due") + left
    np.testing.assert_allclose(run.measure("outstanding_booked"), expected, rtol=1e-12)


def test_without_delay_nothing_is_outstanding_either_way() -> None:
    data = tables(members=100, paths=10)
    data["assumptions"] = {"lines": [CARE | {"lag_months": 0.0}]}
    run = simulate(Scenario.from_dict(data))
    assert (run.measure("outstanding_true") == 0).all()
    np.testing.assert_allclose(run.measure("outstanding_booked"), 0.0, atol=1e-6)
    np.testing.assert_allclose(
        run.measure("claims_paid"), run.measure("claims_incurred"), rtol=1e-12
    )


def test_opening_outstanding_is_expected_monthly_claims_times_the_delay() -> None:
    run = booked("completion", members=300, paths=10)
    expected = run.manifest["expected"]
    assert sum(expected["opening_due"]) == pytest.approx(
        expected["line_claims"][0] / 12 * 1.5, rel=1e-9
    )
    assert (run.measure("assets_open")[:, 0] == 20_000.0 + sum(expected["opening_due"])).all()
    assert run.measure("reserve_open")[:, 0] == pytest.approx(20_000.0)


def test_stated_opening_outstanding_is_paid_out_in_full() -> None:
    data = tables(members=50, paths=5, years=7)
    data["assumptions"] = {"lines": [CARE | {"frequency": {"kind": "poisson", "mean": 0.0}}]}
    data["fund"] = data["fund"] | {"opening_outstanding": 1234.5}
    run = simulate(Scenario.from_dict(data))
    assert run.measure("claims_paid").sum(axis=1) == pytest.approx(np.full(5, 1234.5))
    np.testing.assert_allclose(
        run.measure("outstanding_true"), run.measure("outstanding_booked"), atol=1e-9
    )


def test_a_fund_level_lag_pays_later_and_loses_nothing() -> None:
    data = tables(members=10, paths=4, years=6)
    yearly = {
        "name": "ambulance",
        "level": "fund",
        "severity": {"kind": "fixed", "amount": 1200.0},
        "lag_months": 3.0,
    }
    data["assumptions"] = {"lines": [yearly]}
    run = simulate(Scenario.from_dict(data))
    # A steady 100 a month with a mean delay of 3 months: 300 outstanding at the opening and ever after.
    np.testing.assert_allclose(run.measure("outstanding_true"), 300.0, rtol=1e-3)
    np.testing.assert_allclose(run.measure("claims_paid"), 1200.0, rtol=1e-3)

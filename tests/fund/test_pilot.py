"""Expected values against closed forms (definitions 20 and 31)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import gamma, norm

from fund.funds import CARE, stated_expectations, tables
from mutualfund.fund import check, pilot, simulate
from mutualfund.fund.pilot import pilot_paths
from mutualfund.results import FundRun
from mutualfund.scenario import Scenario


def one_claim_a_year(members: int, **parts: object) -> dict[str, object]:
    """Everybody has exactly one claim a year, gamma with mean 1,000 and CV 1 (an exponential)."""
    line = {
        "name": "care",
        "frequency": {"kind": "binomial", "mean": 1.0, "trials": 1},
        "severity": {"kind": "gamma", "mean": 1000, "cv": 1.0},
    }
    return tables(members=members, paths=5, years=2, assumptions={"lines": [line]}, **parts)


def expected(data: dict[str, object]) -> dict[str, object]:
    return simulate(Scenario.from_dict(data)).manifest["expected"]


def test_loss_ratio_is_frequency_times_mean_over_dues() -> None:
    report = check(Scenario.from_dict(tables(members=500)))
    exact = 0.8 * 300.0 / (12 * 25.0)
    assert report.pilot_paths == 13_333
    assert abs(report.loss_ratio - exact) < 5 * report.loss_ratio_error < 0.02 * exact
    assert report.contributions == pytest.approx(500 * 300.0)


def test_loss_ratio_ignores_arrears_shocks_waits_and_late_starts() -> None:
    data = tables(members=300)
    plain = check(Scenario.from_dict(data))
    data["rules"] = {
        "contributions": data["rules"]["contributions"] | {"collection_rate": 0.5},
        "benefits": {"care": {"waiting_months": 6}},
        "calls": {"maximum": 0.2},
        "reserve": {"floor": 0.2, "target": 0.3},
        "surplus": {"refund": 0.5},
    }
    shock = {
        "name": "winter",
        "probability_per_year": 1.0,
        "months": [1],
        "frequency_factor": {"care": 3.0},
    }
    data["assumptions"] = data["assumptions"] | {"shocks": [shock]}
    other = check(Scenario.from_dict(data))
    # The shock raises the ladder the counts are drawn on, so the claims differ, not their law.
    error = np.hypot(plain.loss_ratio_error, other.loss_ratio_error)
    assert abs(other.loss_ratio - plain.loss_ratio) < 5 * error < 0.04 * plain.loss_ratio


def test_loss_ratio_of_a_free_fund_is_not_a_number() -> None:
    data = tables(members=20, rules={"contributions": {"kind": "flat", "monthly": 0.0}})
    assert np.isnan(check(Scenario.from_dict(data)).loss_ratio)
    assert expected(data)["loss_ratio"] is None


def test_layer_premium_is_the_expected_layer() -> None:
    treaty = {
        "kind": "excess_of_loss",
        "retention": 1500.0,
        "limit": 1000.0,
        "premium_loading": 0.0,
    }
    rules = {"contributions": {"kind": "flat", "monthly": 1.0}, "reinsurance": [treaty]}
    found = expected(one_claim_a_year(500, rules=rules))
    share = found["layer_share"]
    exact = quad(lambda x: gamma.sf(x, 1.0, scale=1000.0), 1500, 2500)[0] / 1000.0
    assert [year[0] for year in share] == pytest.approx([exact, exact], rel=0.004)
    # Ten million members a year: the layer's share is known to 0.1 %, and says so.
    for (value,), (error,) in zip(share, found["layer_error"], strict=True):
        assert abs(value - exact) < 5 * error < 0.005 * exact


def test_stop_loss_ratio_is_the_normal_one_for_many_members() -> None:
    treaty = {"kind": "stop_loss", "attachment": 1.02, "limit": 0.05, "premium_loading": 0.0}
    rules = {"contributions": {"kind": "flat", "monthly": 1.0}, "reinsurance": [treaty]}
    found = expected(one_claim_a_year(400, rules=rules))
    sd = 1.0 / np.sqrt(400)
    exact = quad(lambda x: norm.sf(x, 1.0, sd), 1.02, 1.07)[0]
    (ratio,), (error,) = found["stop_loss_ratio"][0], found["stop_loss_error"][0]
    assert abs(ratio - exact) < 5 * error < 0.15 * exact  # skewness is worth about a tenth of that


def test_the_reinsurer_breaks_even_without_a_loading() -> None:
    treaties = [
        {"kind": "excess_of_loss", "retention": 800.0, "limit": 2000.0, "premium_loading": 0.0},
        {"kind": "stop_loss", "attachment": 1.0, "limit": 0.5, "premium_loading": 0.0},
    ]
    data = tables(
        members=200,
        paths=1500,
        years=2,
        rules={"contributions": {"kind": "flat", "monthly": 20.0}, "reinsurance": treaties},
    )
    run = simulate(Scenario.from_dict(data))
    gain = (run.measure("reinsurance_recovery") - run.measure("reinsurance_premium")).mean(axis=1)
    error = gain.std() / np.sqrt(gain.size)
    # The pilot's own paths err by no more.
    assert (
        abs(gain.mean()) < 5 * np.sqrt(2) * error < 0.15 * run.measure("reinsurance_premium").mean()
    )


def test_order_of_treaties_matters_to_the_stop_loss() -> None:
    layer = {"kind": "excess_of_loss", "retention": 500.0, "limit": 9000.0, "premium_loading": 0.0}
    stop = {"kind": "stop_loss", "attachment": 1.0, "limit": 1.0, "premium_loading": 0.0}
    ratios = []
    for treaties in ([layer, stop], [stop, layer]):
        rules = {"contributions": {"kind": "flat", "monthly": 20.0}, "reinsurance": treaties}
        ratios.append(expected(tables(members=100, years=1, rules=rules))["stop_loss_ratio"][0][0])
    assert ratios[0] < 0.9 * ratios[1]  # net of the layer the year is steadier


def test_expected_exposure_follows_the_members_at_the_start() -> None:
    by_age = np.zeros((1, 10))
    by_age[0, 2], by_age[0, 5] = 12.0, 10.0
    other = np.zeros((1, 10))
    other[0, 7] = 6.0
    expectations = stated_expectations(
        1,
        months_per_member=by_age,
        other_months=other,
        claims_per_month=np.arange(10.0)[np.newaxis],
    )
    start = np.zeros((2, 10), np.int64)
    start[0, 2], start[1, 5] = 3, 4
    # 3 members x 12 months x 2; 4 x 10 x 5; and each time 6 months x 7 of an age nobody starts with.
    assert expectations.member_claims(start, 1).tolist() == [72.0 + 42.0, 200.0 + 42.0]


def test_price_reference_is_the_trend_weighted_by_claims() -> None:
    data = tables(members=200)
    dear = CARE | {
        "name": "dear",
        "severity": {"kind": "fixed", "amount": 900},
        "trend_per_year": 0.10,
    }
    data["assumptions"] = {"lines": [CARE | {"trend_per_year": 0.02}, dear]}
    found = expected(data)
    weights = found["line_claims"]
    assert found["claim_trend"] == pytest.approx(
        (0.02 * weights[0] + 0.10 * weights[1]) / sum(weights)
    )
    assert 0.07 < found["claim_trend"] < 0.09  # 240 against 720 a member


@pytest.mark.parametrize(
    ("members", "years", "paths"),
    [(100, 5, 20_000), (100, 100, 2000), (20_000, 10, 100), (10**6, 10, 10)],
)
def test_pilot_spends_twenty_million_member_years(members: int, years: int, paths: int) -> None:
    assert pilot_paths(members, years) == paths


@pytest.mark.usefixtures("short_pilot")
@pytest.mark.parametrize("kind", ["stop_loss", "excess_of_loss"])
def test_a_treaty_that_never_paid_in_the_pilot_is_noted(kind: str) -> None:
    bounds = {"stop_loss": {"attachment": 9.0}, "excess_of_loss": {"retention": 1e6}}
    treaty = {"kind": kind, "limit": 1.0, "premium_loading": 0.3} | bounds[kind]
    rules = {"contributions": {"kind": "flat", "monthly": 20.0}, "reinsurance": [treaty]}
    scenario = Scenario.from_dict(tables(members=100, paths=4, years=2, rules=rules))
    (note,) = simulate(scenario).manifest["warnings"]
    words = "never paid in the pilot run: its price is 0 before loading; state a premium"
    assert (
        note == f"rules.reinsurance[0]: {kind.replace('_', '-' if 'stop' in kind else ' ')} {words}"
    )
    assert check(scenario).notes == (note,)
    del treaty["premium_loading"]
    rules["reinsurance"] = [treaty | {"premium": 10.0}]
    stated = Scenario.from_dict(tables(members=100, paths=4, years=2, rules=rules))
    assert simulate(stated).manifest["warnings"] == []
    assert check(stated).notes == ()


@pytest.mark.usefixtures("short_pilot")
def test_only_treaties_that_rest_on_expected_values_are_priced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked = []
    real = pilot.pilot_years

    def counted(*arguments: object) -> object:
        looked.append(1)
        return real(*arguments)

    monkeypatch.setattr(pilot, "pilot_years", counted)
    layer = {"kind": "excess_of_loss", "retention": 500.0, "limit": 1000.0}
    band = {"kind": "stop_loss", "attachment": 1.1, "limit": 0.2}

    def run(*treaties: dict[str, object]) -> FundRun:
        looked.clear()
        rules = {
            "contributions": {"kind": "flat", "monthly": 30.0},
            "reinsurance": list(treaties),
        }
        return simulate(Scenario.from_dict(tables(members=50, paths=4, years=2, rules=rules)))

    stated = run(layer | {"premium": 700.0})
    assert not looked
    assert stated.manifest["expected"]["layer_share"] == [[None], [None]]
    assert (stated.ledger["reinsurance_premium"][:, 1:] == 700.0).all()

    run(layer | {"premium_loading": 0.3})
    assert looked
    both = run(layer | {"premium": 700.0}, band | {"premium": 300.0})
    assert looked  # the stop-loss's edges are shares of what is expected
    # What the layer recovers does not depend on who looked ahead.
    with_band = both.ledger["reinsurance_recovery"]
    assert (with_band >= stated.ledger["reinsurance_recovery"]).all()
    assert with_band.sum() > stated.ledger["reinsurance_recovery"].sum() > 0.0

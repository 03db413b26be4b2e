"""What must follow when one thing about a fund changes, where no outside figure can say.

Metamorphic tests: a relation between two runs instead of a number for one.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fund.funds import CARE, tables, village
from mutualfund.fund import pilot, simulate
from mutualfund.results import FundRun
from mutualfund.results.measures import MEASURES
from mutualfund.scenario import Scenario

pytestmark = pytest.mark.usefixtures("short_pilot")


def free_of_illness(**parts: object) -> dict[str, object]:
    """A fund whose members never fall ill."""
    never = CARE | {"frequency": {"kind": "poisson", "mean": 0.0}}
    return tables(assumptions={"lines": [never]}, **parts)


def spread_of_claims(run: FundRun) -> float:
    claims = run.at("claims_incurred", 1)
    return float(claims.std() / claims.mean())


def test_money_times_k_gives_results_times_k() -> None:
    k = 4.0
    plain = tables(
        rules={
            "contributions": {"kind": "flat", "monthly": 20.0, "increase_per_year": 0.03},
            "benefits": {"deductible": 64.0, "care": {"copay": 8.0}},
            "reinsurance": [
                {
                    "kind": "excess_of_loss",
                    "retention": 1_000,
                    "limit": 2_000,
                    "premium_loading": 0.3,
                },
                {"kind": "stop_loss", "attachment": 1.1, "limit": 0.3, "premium_loading": 0.3},
            ],
            "expenses": {"per_member": 8.0, "fixed_per_year": 512.0},
            "reserve": {"floor": 0.3, "target": 0.4},
            "surplus": {"refund": 0.5},
            "calls": {"maximum": 0.2},
        }
    )
    larger = tables()
    larger["fund"] = plain["fund"] | {"opening_reserve": k * plain["fund"]["opening_reserve"]}
    severity = CARE["severity"] | {"mean": k * 300}
    larger["assumptions"] = {"lines": [CARE | {"severity": severity}]}
    rules = plain["rules"]
    excess, stop = rules["reinsurance"]
    larger["rules"] = rules | {
        "contributions": rules["contributions"] | {"monthly": k * 20.0},
        "benefits": {"deductible": k * 64.0, "care": {"copay": k * 8.0}},
        "reinsurance": [excess | {"retention": k * 1_000, "limit": k * 2_000}, stop],
        "expenses": {"per_member": k * 8.0, "fixed_per_year": k * 512.0},
    }
    run, larger_run = (simulate(Scenario.from_dict(data)) for data in (plain, larger))
    for name, measure in MEASURES.items():
        factor = k if measure.unit == "currency" else 1.0
        # Each of some hundred claims is rounded to the cent, before and after.
        np.testing.assert_allclose(
            larger_run.ledger[name], factor * run.ledger[name], rtol=2e-3, atol=8.0, err_msg=name
        )


def test_nobody_ill_leaves_the_reserve_exact() -> None:
    run = simulate(Scenario.from_dict(free_of_illness(years=3)))
    expected = 20_000.0 + 200 * 12 * 25.0 * np.arange(1, 4)
    for name in ("reserve_close", "reserve_true", "assets_close"):
        np.testing.assert_array_equal(run.measure(name), np.tile(expected, (run.n_paths, 1)))


@settings(max_examples=8)
@given(st.integers(1, 40))
def test_dearer_by_c_leaves_c_times_the_months_more(c: int) -> None:
    base = village(paths=12)
    run, dearer = simulate(base), simulate(base.replace("rules.contributions.monthly", 25.0 + c))
    more = dearer.measure("reserve_close") - run.measure("reserve_close")
    np.testing.assert_allclose(more, c * 200 * 12 * np.arange(1, 4) * np.ones_like(more), rtol=1e-9)


@settings(max_examples=10)
@given(st.floats(0, 300), st.floats(0, 300), st.floats(0, 500), st.floats(0, 0.9))
def test_higher_copay_never_raises_what_the_fund_pays(
    low: float, high: float, deductible: float, coinsurance: float
) -> None:
    low, high = sorted((low, high))
    terms = {"deductible": deductible, "care": {"copay": low, "coinsurance": coinsurance}}
    data = tables(paths=12)
    data["rules"] = data["rules"] | {"benefits": terms}
    base = Scenario.from_dict(data)
    dearer = simulate(base.replace("rules.benefits.care.copay", high))
    run = simulate(base)
    assert (dearer.measure("claims_incurred") <= run.measure("claims_incurred")).all()
    assert (dearer.measure("claims_paid").cumsum(1) <= run.measure("claims_paid").cumsum(1)).all()


def test_pooling_keeps_the_mean_and_lowers_the_spread() -> None:
    one, four = (
        simulate(village(members=100, paths=1500)),
        simulate(village(members=400, paths=1500)),
    )
    mean, pooled = one.at("claims_incurred", 1), four.at("claims_incurred", 1) / 4
    error = np.hypot(mean.std(), pooled.std()) / np.sqrt(1500)
    assert abs(mean.mean() - pooled.mean()) < 5 * error < 0.03 * mean.mean()
    # Four times the members, half the relative spread; 1,500 paths know it to 2 %.
    assert spread_of_claims(four) == pytest.approx(spread_of_claims(one) / 2, rel=0.1)


def test_splitting_a_group_keeps_the_law_of_the_total() -> None:
    whole = simulate(village(members=200, paths=1500))
    data = tables(members=100, paths=1500)
    parts = [Scenario.from_dict(data), Scenario.from_dict(data).replace("settings.seed", 99)]
    total = sum(simulate(part).at("claims_incurred", 1) for part in parts)
    claims = whole.at("claims_incurred", 1)
    error = np.hypot(claims.std(), total.std()) / np.sqrt(1500)
    assert abs(claims.mean() - total.mean()) < 5 * error
    assert total.std() == pytest.approx(claims.std(), rel=0.1)


def test_adding_a_line_leaves_the_others_as_they_were() -> None:
    data = tables()
    alone = simulate(Scenario.from_dict(data))
    extra = CARE | {"name": "again", "frequency": {"kind": "poisson", "mean": 2.0}}
    data["assumptions"] = {"lines": [extra, CARE]}
    both = simulate(Scenario.from_dict(data))
    assert both.facts.line_names == ("again", "care")
    for name, values in alone.lines.items():
        np.testing.assert_array_equal(both.lines[name][:, :, 1], values[:, :, 0], err_msg=name)
    data["assumptions"] = {"lines": [CARE, extra]}
    turned = simulate(Scenario.from_dict(data))
    for name, values in both.ledger.items():
        np.testing.assert_array_equal(turned.ledger[name], values, err_msg=name)


def test_reserve_at_the_start_only_shifts_the_reserve() -> None:
    base = village()
    run, richer = simulate(base), simulate(base.replace("fund.opening_reserve", 50_000.0))
    np.testing.assert_allclose(
        richer.measure("reserve_true") - run.measure("reserve_true"), 30_000.0, rtol=1e-9
    )


def test_the_pilot_never_uses_the_paths_of_the_run() -> None:
    few, many = village(paths=5), village(paths=70)
    assert simulate(few).manifest["expected"] == simulate(many).manifest["expected"]
    assert pilot.PILOT_PATH == 2**31

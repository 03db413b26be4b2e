"""Ex-ante cells, the transfer equation, high-cost pool and corridor.

Source of truth: hand-worked markets, exact fractions, and for the corridor the rule as 45 CFR 153.510 words
it.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutualfund.errors import InputError
from mutualfund.premiums import (
    CellAdjustment,
    HighCostPool,
    RiskCorridor,
    RiskScoreTransfer,
    cell_costs,
)
from mutualfund.premiums.equalisation import examples

NEW_YEAR = date(2027, 1, 1)


def cells(*criteria: dict[str, object], **stated: object) -> CellAdjustment:
    dated = {"valid_from": NEW_YEAR, "source": "made up for the test", "criteria": criteria}
    return CellAdjustment(tables=[dated], **stated)


AGE = {"name": "age", "cells": {"young": 1_000.0, "middle": 2_000.0, "old": 6_000.0}}
DRUGS = {"name": "drugs", "cells": {"none": -100.0, "diabetes": 3_000.0}}


def test_a_fund_is_paid_its_members_expected_cost_less_the_average() -> None:
    members = {"age": [[50, 30, 20], [70, 25, 5]]}
    moved = cells(AGE).transfers(NEW_YEAR, ["A", "B"], members)
    # A 50 + 60 + 120 thousand, B 70 + 50 + 30; 380 over 200 members is 1.9 each.
    assert moved.rates["cost_per_member"] == 1_900.0
    assert moved.amounts.tolist() == [40_000.0, -40_000.0]


def test_criteria_add_up_and_money_from_outside_lowers_the_levy() -> None:
    members = {"age": [[50, 30, 20], [170, 25, 5]], "drugs": [[90, 10], [200, 0]]}
    moved = cells(AGE, DRUGS, outside_money=300_000.0).transfers(NEW_YEAR, ["A", "B"], members)
    # A 230 - 9 + 30 = 251, B 170 + 50 + 30 - 20 = 230 thousand; levy (481 - 300) / 300 members.
    levy = 181_000 / 300
    assert moved.rates["levy_per_member"] == pytest.approx(levy, rel=1e-14)
    np.testing.assert_allclose(moved.amounts, [251e3 - 100 * levy, 230e3 - 200 * levy], atol=0.01)
    assert (int(moved.net.sum()), moved.outside) == (30_000_000, -30_000_000)


def test_a_euro_from_outside_moves_no_default_onto_who_brings_it() -> None:
    members = {"age": [[90, 0, 10], [70, 0, 30]]}
    moved = cells(AGE, outside_money=1.0).transfers(NEW_YEAR, ["A", "B"], members)
    # 100 and 100 members at 1000 and 6000: A 150, B 220 thousand; half the euro is each fund's.
    assert moved.amounts.tolist() == [-49_999.5, 50_000.5]
    short = moved.when_funds_pay({"A": 0.0})
    assert (short.amounts.tolist(), short.outside) == ([0.0, 1.0], -100)


counts = st.lists(st.integers(1, 10**6), min_size=3, max_size=3)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(counts, min_size=1, max_size=8), st.lists(st.floats(0, 1e5), min_size=3, max_size=3)
)
def test_adjustment_by_cells_sums_to_zero_whatever_the_costs_stated(
    members: list[list[int]], costs: list[float]
) -> None:
    scheme = cells({"name": "age", "cells": dict(zip(AGE["cells"], costs, strict=True))})  # type: ignore[call-overload]
    moved = scheme.transfers(NEW_YEAR, [f"f{i}" for i in range(len(members))], {"age": members})
    assert int(moved.net.sum()) == moved.outside == 0


def test_costs_by_cell_are_averages_over_all_funds() -> None:
    found = cell_costs([[10, 2], [30, 6]], [[5_000, 9_000], [7_000, 7_000]], ["young", "old"])
    assert dict(found) == {"young": 300.0, "old": 2_000.0}


def test_funds_with_the_same_mix_neither_pay_nor_receive() -> None:
    moved = cells(AGE).transfers(NEW_YEAR, ["A", "B"], {"age": [[4, 2, 2], [40, 20, 20]]})
    assert moved.net.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: cells(AGE, DRUGS).transfers(
                NEW_YEAR, ["A"], {"age": [[5, 3, 2]], "drugs": [[8, 1]]}
            ),
            r"members\.drugs\[0\]: got 9 in all; allowed: the 10 member-years that age sorts",
        ),
        (
            lambda: cells(AGE).transfers(NEW_YEAR, ["A", "B"], {"age": [[5, 3, 2], [0, 0, 0]]}),
            r"members\.age\[1\]: got 0; .* Leave out a fund without members",
        ),
        (
            lambda: cells(AGE).transfers(NEW_YEAR, ["A"], {"ages": [[5, 3, 2]]}),
            "members: got ages; allowed: the criteria age",
        ),
        (
            lambda: cells(AGE).transfers(date(2026, 12, 31), ["A"], {"age": [[5, 3, 2]]}),
            r"tables\[0\]\.valid_from: got 2027-01-01",
        ),
        (lambda: cells(AGE, AGE), "each name once"),
        (
            lambda: cell_costs([[1, 0], [2, 0]], [[1, 1], [1, 1]], ["young", "old"]),
            r"members over all funds\[1\]: got 0; .* Join it to a neighbouring cell",
        ),
    ],
)
def test_cells_that_cannot_be_settled_are_refused(call: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()  # type: ignore[operator]


def test_the_transfer_equation_worked_by_hand() -> None:
    moved = RiskScoreTransfer(premium_share=0.86).transfers(
        ["A", "B", "A"],
        member_months=[300, 500, 200],
        premium=[400.0, 500.0, 600.0],
        risk_score=[0.8, 1.1, 1.5],
        actuarial_value=[0.6, 0.7, 0.8],
        rating=[1.2, 1.4, 1.6],
        induced_demand=[1.0, 1.03, 1.08],
        geographic_cost=[0.95, 1.05, 1.0],
    )
    f = Fraction
    months = [300, 500, 200]
    area = [f(95, 100) * 1, f(105, 100) * f(103, 100), 1 * f(108, 100)]
    risk = [f(8, 10) * area[0], f(11, 10) * area[1], f(15, 10) * area[2]]
    asked = [f(72, 100) * area[0], f(98, 100) * area[1], f(128, 100) * area[2]]
    mean = [sum(m * x for m, x in zip(months, xs, strict=True)) / 1000 for xs in (risk, asked)]
    price = f(86, 100) * f(120_000 + 250_000 + 120_000, 1000)
    plan = [
        price * m * (r / mean[0] - a / mean[1]) for m, r, a in zip(months, risk, asked, strict=True)
    ]
    assert moved.rates["average_premium"] == 490.0
    assert moved.of("A") == pytest.approx(float(plan[0] + plan[2]), abs=0.01)
    assert moved.of("B") == pytest.approx(float(plan[1]), abs=0.01)
    assert int(moved.net.sum()) == 0


def test_every_market_is_averaged_by_itself() -> None:
    """Six plans of three funds in two states, against the formula written out plan by plan.

    P m (x / mean x - y / mean y) with x = risk x demand x area and y = value x rating x demand x area; C has
    no plan in VT.
    """
    funds, states = list("ABCABA"), ["NY", "NY", "NY", "VT", "VT", "VT"]
    plan = {
        "member_months": [300.0, 500.0, 250.0, 200.0, 90.0, 640.0],
        "premium": [400.0, 500.0, 450.0, 600.0, 300.0, 350.0],
        "risk_score": [0.8, 1.1, 1.5, 2.0, 0.7, 1.0],
        "actuarial_value": [0.6, 0.7, 0.8, 0.9, 0.7, 0.6],
        "rating": [1.2, 1.4, 1.6, 1.1, 1.3, 1.5],
        "induced_demand": [1.0, 1.03, 1.08, 1.15, 1.03, 1.0],
        "geographic_cost": [0.95, 1.05, 1.0, 1.1, 0.9, 1.0],
    }
    wanted = {"NY": dict.fromkeys("ABC", 0.0), "VT": dict.fromkeys("AB", 0.0)}
    averages = {}
    for state, owed in wanted.items():
        here = [i for i in range(6) if states[i] == state]
        months, price, risk, value, rating, demand, area = (
            [column[i] for i in here] for column in plan.values()
        )
        k, total = range(len(here)), sum(months)
        x = [risk[i] * demand[i] * area[i] for i in k]
        y = [value[i] * rating[i] * demand[i] * area[i] for i in k]
        mean_x, mean_y, averages[state] = (
            sum(months[i] * z[i] for i in k) / total for z in (x, y, price)
        )
        for i in k:
            relative = x[i] / mean_x - y[i] / mean_y
            owed[funds[here[i]]] += averages[state] * months[i] * relative
        assert sum(owed.values()) == pytest.approx(0.0, abs=1e-9)
    moved = RiskScoreTransfer().transfers(funds, market=states, **plan)
    both = [wanted["NY"][f] + wanted["VT"].get(f, 0.0) for f in "ABC"]
    np.testing.assert_allclose(moved.amounts, both, atol=0.011)
    assert moved.rates == pytest.approx({f"average_premium.{s}": a for s, a in averages.items()})
    apart = [
        RiskScoreTransfer().transfers(
            funds[at], **{name: column[at] for name, column in plan.items()}
        )
        for at in (slice(0, 3), slice(3, 6))
    ]
    assert moved.net.tolist() == apart[0].plus(apart[1]).net.tolist()
    assert all(int(one.net.sum()) == one.outside == 0 for one in apart)


def test_a_market_of_one_fund_moves_nothing() -> None:
    moved = RiskScoreTransfer().transfers(
        ["A", "A"], member_months=[3, 5], premium=500.0, risk_score=[0.7, 1.9]
    )
    assert moved.net.tolist() == [0]


positive = st.floats(0.05, 20.0)
plans = st.lists(
    st.tuples(st.integers(1, 10**6), positive, positive, positive), min_size=2, max_size=8
)


@settings(deadline=None, max_examples=60)
@given(plans)
def test_the_transfer_equation_sums_to_zero_and_rises_with_the_own_risk(
    market: list[tuple[int, float, float, float]],
) -> None:
    months, scores, ratings, areas = (list(column) for column in zip(*market, strict=True))
    names = [f"f{i}" for i in range(len(market))]

    def settle(risk: list[float]) -> np.ndarray:
        return (
            RiskScoreTransfer()
            .transfers(
                names,
                member_months=months,
                premium=300.0,
                risk_score=risk,
                rating=ratings,
                geographic_cost=areas,
            )
            .net
        )

    before, after = settle(scores), settle([2 * scores[0], *scores[1:]])
    assert before.sum() == after.sum() == 0
    assert after[0] >= before[0] - 1


@pytest.mark.parametrize("name", ["member_months", "risk_score", "rating", "actuarial_value"])
def test_a_plan_with_a_zero_is_refused_by_its_row(name: str) -> None:
    figures = {"member_months": [3, 5], "premium": 500.0, "risk_score": [0.7, 1.9], name: [1, 0]}
    with pytest.raises(InputError, match=rf"{name}\[1\]: got 0; allowed: more than 0"):
        RiskScoreTransfer().transfers(["A", "B"], **figures)  # type: ignore[arg-type]


def test_a_high_cost_pool_worked_by_hand() -> None:
    pool = HighCostPool(threshold=1_000.0, share=0.6, limit=900.0)
    moved = pool.transfers(
        ["A", "B"], base=[30_000.0, 10_000.0], costs=[[1_500.0, 400.0], [4_000.0]]
    )
    # A 300; B 0.6 x 3000 = 1800, at most 900; 1200 over 40 000 is 3 %.
    assert moved.parts["pooled"].tolist() == [300.0, 900.0]
    assert moved.rates["rate"] == pytest.approx(0.03, rel=1e-14)
    assert moved.amounts.tolist() == [-600.0, 600.0]
    with pytest.raises(InputError, match=r"base\[0\]: got 0"):
        pool.transfers(["A"], base=[0.0], costs=[[]])


def as_the_rule_words_it(costs: float, target: float) -> float:
    """45 CFR 153.510 (b) and (c), by its own cases."""
    if costs > 1.08 * target:
        return 0.025 * target + 0.8 * (costs - 1.08 * target)
    if costs > 1.03 * target:
        return 0.5 * (costs - 1.03 * target)
    if costs < 0.92 * target:
        return -(0.025 * target + 0.8 * (0.92 * target - costs))
    if costs < 0.97 * target:
        return -0.5 * (0.97 * target - costs)
    return 0.0


@given(st.floats(0, 1e9), st.floats(1, 1e9))
def test_the_corridor_pays_what_the_rule_says(costs: float, target: float) -> None:
    got = float(examples.aca_style_corridor().payment(costs, target))
    assert got == pytest.approx(as_the_rule_words_it(costs, target), rel=1e-9, abs=1e-6 * target)


def test_a_corridor_is_not_zero_sum_and_its_sponsor_stands_outside() -> None:
    moved = examples.aca_style_corridor().transfers(
        ["A", "B"], costs=[1_100.0, 960.0], target=[1_000.0, 1_000.0]
    )
    # A: half of 50 and four fifths of 20; B: half of 10, paid.
    assert moved.amounts.tolist() == [41.0, -5.0]
    assert moved.outside == -3600
    # In 2014 the corridor of the United States paid 12.6 % of what it owed.
    assert moved.when_pool_pays(0.126).amounts.tolist() == [5.17, -5.0]


@pytest.mark.parametrize(
    ("bands", "message"),
    [
        (
            [{"above": 0.08, "share": 0.5}, {"above": 0.03, "share": 0.8}],
            r"bands\[1\]\.above: got 0\.03",
        ),
        ([{"above": 0.03, "share": 80}], "0 to 1. For 80 % write 0.8"),
        ([], "got 0 items; allowed: 1 to 20 items"),
    ],
)
def test_bands_that_make_no_corridor_are_refused(
    bands: list[dict[str, float]], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        RiskCorridor(bands=bands)


def test_a_fund_without_a_target_is_refused() -> None:
    with pytest.raises(InputError, match=r"target\[1\]: got 0"):
        examples.aca_style_corridor().transfers(["A", "B"], costs=[1, 2], target=[1, 0])


def test_examples_say_that_they_are_examples() -> None:
    (table,) = examples.australian_style().tables
    assert table.example
    assert table.source.startswith("example to replace")
    assert "not law" in (examples.aca_style_corridor.__doc__ or "")
    assert "not law" in (examples.aca_style_high_cost_pool.__doc__ or "")


def test_an_actuarial_value_is_a_share() -> None:
    with pytest.raises(InputError, match=r"actuarial_value\[1\]: got 70.*write 0\.7"):
        RiskScoreTransfer().transfers(
            ["A", "B"],
            member_months=[6, 4],
            premium=500.0,
            risk_score=1.0,
            actuarial_value=[0.7, 70],
        )


def test_cells_named_twice_and_members_without_rows_are_refused() -> None:
    with pytest.raises(InputError, match="cells: got a name twice"):
        cell_costs([[1.0, 2.0]], [[3.0, 4.0]], ["young", "young"])
    with pytest.raises(InputError, match="members: got an array of shape"):
        cell_costs(1.0, 2.0, ["young"])

"""One fund year against arithmetic done by hand (definitions 4, 18 to 28), on two unequal paths.

Path A has a good year with a refund; path B a bad one with a call that its maximum cuts short. Every figure
below was worked out on paper from the definitions; the comments show the sums.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from fund.funds import stated_expectations, tables
from mutualfund.errors import RunError
from mutualfund.fund.collecting import opening_claims
from mutualfund.fund.context import Fund, rules_by_year
from mutualfund.fund.payments import YEARS_TO_PAY
from mutualfund.fund.row import check_row
from mutualfund.fund.state import FundState, first_day
from mutualfund.fund.year import ClosedYear, fund_year
from mutualfund.results.measures import MEASURES
from mutualfund.rules import Governance, Rulebook
from mutualfund.rules.reinsurance import ExcessOfLoss
from mutualfund.scenario import Scenario
from mutualfund.sim.kernels.layout import MemberYear

RULES = {
    "contributions": {
        "kind": "flat",
        "monthly": 10.0,
        "increase_per_year": 0.04,
        "collection_rate": 0.95,
    },
    "providers": {"care": {"share": 0.0, "per_member": 24.0}},
    "reinsurance": [
        {"kind": "excess_of_loss", "retention": 100.0, "limit": 500.0, "premium_loading": 0.5},
        {"kind": "stop_loss", "attachment": 1.2, "limit": 0.25, "premium_loading": 0.25},
    ],
    "expenses": {"share_of_contributions": 0.05, "per_member": 6.0, "fixed_per_year": 10.0},
    "reserve": {
        "booking": "share_of_contributions",
        "booking_share": 0.12,
        "floor": 0.5,
        "target": 0.6,
    },
    "surplus": {"statutory_reserve": 0.1, "prevention_fund": 0.05, "refund": 0.5},
    "calls": {"maximum": 0.05, "collection_rate": 0.9},
    "governance": {"maximum_increase": 0.05},
}
MEMBERS = {
    "synthetic": {"n": 10},
    "mortality": "none",
    "price_response": 0.5,
    "price_reference": 0.03,
}


def hand_fund(years: int = 2, **settings: object) -> Fund:
    """The fund of the worked example, with stated expectations: 7 of claims a member-month."""
    data = tables(members=10, years=years, rules=RULES)
    data["members"] = MEMBERS
    data["assumptions"] = data["assumptions"] | {"economy": {"inflation": 0.02}}
    data["settings"] |= settings
    scenario = Scenario.from_dict(data)
    by_age = np.zeros((years, 10))
    by_age[:, 2] = 1.0
    expected = stated_expectations(
        years,
        line_claims=np.array([840.0]),
        contributions=1200.0,
        loss_ratio=0.7,
        payment_pattern=np.ones(13),
        opening_due=np.array([90.0, 30.0, *np.zeros(YEARS_TO_PAY - 2)]),
        months_per_member=12.0 * by_age,
        claims_per_month=7.0 * by_age,
        layer_share=tuple(np.array([0.05]) for _ in range(years)),
        layer_error=tuple(np.array([0.0]) for _ in range(years)),
        stop_loss_ratio=tuple(np.array([0.02]) for _ in range(years)),
        stop_loss_error=tuple(np.array([0.0]) for _ in range(years)),
    )
    return Fund(scenario, rules_by_year(scenario), (), expected, MEASURES, 100, 13, (1.0,) * years)


def member_year(
    start: list[int],
    lapsed: list[int],
    months: list[int],
    now: list[int],
    later: list[int],
    layers: list[int],
) -> MemberYear:
    """The members' year in whole currency units: claims paid at once and a year later."""
    n = len(start)
    persons = np.zeros((n, 5), np.int64)
    persons[:, 0], persons[:, 2] = start, lapsed
    persons[:, 4] = persons[:, 0] - persons[:, 2]
    by_age = np.zeros((n, 10), np.int64)
    by_age[:, 2] = start
    fund_part = 100 * (np.array(now) + np.array(later))
    lines = np.zeros((n, 1, 7), np.int64)
    lines[:, 0, 0] = 1
    lines[:, 0, 1] = lines[:, 0, 2] = (
        fund_part + 5_000
    )  # 50 of each year's bills fall on the member
    lines[:, 0, 4], lines[:, 0, 6] = 5_000, fund_part
    triangle = np.zeros((n, 12, 64), np.int64)
    triangle[:, 3, 0], triangle[:, 3, 12] = 100 * np.array(now), 100 * np.array(later)
    return MemberYear(
        persons=persons,
        months=np.array(months),
        units=np.array(months)[:, np.newaxis],
        start_by_age=by_age,
        lines=lines,
        triangle=triangle,
        excess=100 * np.array(layers)[:, np.newaxis],
        age_cells=np.zeros((n, 10, 3), np.int64),
    )


YEAR_1 = member_year([10, 10], [0, 1], [120, 118], [480, 1500], [120, 400], [0, 300])
YEAR_2 = member_year([10, 9], [0, 0], [120, 108], [700, 500], [0, 40], [0, 0])


def opening(fund: Fund, n_paths: int = 2) -> FundState:
    to_come = opening_claims(fund.rules[0], n_paths)
    return first_day(1000.0, fund.expected.opening_due, 10, n_paths, to_come)


def with_lag(book: Rulebook) -> Rulebook:
    governance = Governance(data_lag_months=12, maximum_increase=0.05)
    return book.model_copy(update={"governance": governance})


def run_year(
    fund: Fund, state: FundState, year: int, members: MemberYear, returns: list[float]
) -> ClosedYear:
    return fund_year(fund, state, year, lambda extra: members, np.zeros((2, 0)), np.array(returns))


def assert_row(closed: ClosedYear, expected: dict[str, tuple[float, float]]) -> None:
    for name, pair in expected.items():
        np.testing.assert_allclose(closed.row[name], pair, rtol=1e-12, atol=1e-9, err_msg=name)


def test_first_year_equals_the_hand_calculation() -> None:
    fund = hand_fund()
    closed = run_year(fund, opening(fund), 1, YEAR_1, [0.05, -0.02])
    assert_row(
        closed,
        {
            "assets_open": (1120.0, 1120.0),  # reserve 1000 + outstanding 120
            "contributions_due": (1200.0, 1180.0),  # 120 and 118 months at 10
            "contributions_collected": (1140.0, 1121.0),
            "claims_incurred": (600.0, 1900.0),
            "claims_paid": (570.0, 1590.0),  # with 90 of the opening outstanding
            "outstanding_true": (150.0, 430.0),  # 120 + 30, 400 + 30
            "outstanding_booked": (174.0, 171.6),  # 12 % of dues + 30
            # expected claims 10 x 12 x 7 = 840, by the layer 42; 1.5 x 42 + 1.25 x 0.02 x 798
            "reinsurance_premium": (82.95, 82.95),
            # B: layer 300; then min(0.25 x 798, 1600 - 1.2 x 798 = 642.4) = 199.5
            "reinsurance_recovery": (0.0, 499.5),
            "provider_fixed": (240.0, 236.0),  # 24 a member-year
            "expenses": (130.0, 128.0),  # 5 % of dues + 6 a member-year + 10
            # A: 5 % of 1120 + (1140 - 570 - 130 - 240 - 82.95) / 2 = 1178.525
            # B: -2 % of 1120 + (1121 - 1590 - 128 - 236 - 82.95) / 2 = 662.025
            "investment_income": (58.92625, -13.2405),
            "result": (121.97625, -481.2905),  # reserve before settlement 1121.97625, 518.7095
            "refunds": (
                60.988125,
                0.0,
            ),  # half of the base, the result: reserve is above 0.6 x dues
            "allocations": (6.0988125, 0.0),
            "statutory_reserve": (12.197625, 0.0),
            # B: floor 590, short 71.2905; levied at most 5 % of 1180 = 59, nine tenths of it come in
            "calls": (0.0, 53.1),
            "assets_close": (1228.8893125, 743.4095),
            "reserve_close": (1054.8893125, 571.8095),
            "reserve_true": (1078.8893125, 313.4095),
            "capital_required": (720.0, 708.0),
            "solvency_ratio": (1054.8893125 / 720.0, 571.8095 / 708.0),
            "insolvent": (0.0, 0.0),
            "member_paid": (50.0, 50.0),
        },
    )


def test_a_later_meeting_sees_claims_as_booked() -> None:
    fund = hand_fund()
    (seen,) = run_year(fund, opening(fund), 1, YEAR_1, [0.05, -0.02]).state.accounts
    # Paid 570 and 1590, and the booked provision moved from 120 to 174 and 171.6.
    np.testing.assert_allclose(seen.claims_incurred, [624.0, 1641.6], rtol=1e-12)
    np.testing.assert_allclose(seen.reserve_close, [1054.8893125, 571.8095], rtol=1e-12)
    assert (seen.year, seen.member_months.tolist()) == (1, [120.0, 118.0])


def test_second_year_follows_from_the_first() -> None:
    fund = hand_fund()
    first = run_year(fund, opening(fund), 1, YEAR_1, [0.05, -0.02])
    asked: list[np.ndarray] = []

    def members(extra: np.ndarray) -> MemberYear:
        asked.append(extra)
        return YEAR_2

    second = fund_year(fund, first.state, 2, members, np.zeros((2, 0)), np.array([0.0, 0.1]))
    # With accounts a year late nothing is seen yet, so B's shortfall could not raise its tariff.
    late = replace(fund, rules=tuple(with_lag(book) for book in fund.rules))
    unseen = fund_year(late, first.state, 2, members, np.zeros((2, 0)), np.zeros(2)).state.tariff
    assert unseen is not None
    np.testing.assert_allclose(unseen.prices[:, 0], [10.4, 10.4], rtol=1e-12)
    # A: 4 % as stated. B: 4 % + the shortfall seen, 18.1905 / 1180, but at most 5 %.
    assert second.state.tariff is not None
    np.testing.assert_allclose(second.state.tariff.prices[:, 0], [10.4, 10.5], rtol=1e-12)
    # Half of each point above 3 %; B's call of 59 on dues of 1180 counts as 5 points more.
    np.testing.assert_allclose(asked[0][:, 0], [0.005, 0.035], rtol=1e-9)
    assert_row(
        second,
        {
            "contributions_due": (1248.0, 1134.0),
            "contributions_collected": (1185.6, 1077.3),
            "claims_paid": (850.0, 930.0),  # this year's 700, 500; last year's 120, 400; opening 30
            "outstanding_true": (0.0, 40.0),
            "outstanding_booked": (149.76, 136.08),
            # B: 9 members, expected 756; 1.5 x 37.8 + 1.25 x 0.02 x 718.2
            "reinsurance_premium": (82.95, 74.655),
            "reinsurance_recovery": (0.0, 0.0),
            "provider_fixed": (244.8, 220.32),  # indexed by 2 %
            "expenses": (133.6, 121.78),  # 62.4 + 61.2 + 10, 56.7 + 55.08 + 10
            # B: 10 % of 743.4095 + (1077.3 - 930 - 121.78 - 220.32 - 74.655) / 2
            "investment_income": (0.0, 60.86820),
            "assets_open": (1228.8893125, 743.4095),
            "assets_close": (1103.1393125, 585.8527),
            "result": (-101.51, -173.0668),  # reserve before the call 953.3793125, 398.7427
            # B stands at 398.7427 before the call: at most 5 % of 1134, nine tenths of it
            "calls": (0.0, 51.03),
            "refunds": (0.0, 0.0),
            "reserve_close": (953.3793125, 449.7727),
            "statutory_reserve": (12.197625, 0.0),
        },
    )


def test_insolvent_fund_in_run_off_has_no_members_and_pays_what_it_owes() -> None:
    fund = hand_fund(run_off=True)
    poor = replace(opening(fund), assets=np.array([1120.0, 300.0]))
    first = run_year(fund, poor, 1, YEAR_1, [0.0, 0.0])
    assert first.row["insolvent"].tolist() == [0.0, 1.0]
    second = run_year(fund, first.state, 2, YEAR_2, [0.0, 0.0])
    row = second.row
    assert [row[name][1] for name in ("members_start", "lapsed", "members_end")] == [9.0, 9.0, 0.0]
    for name in ("contributions_due", "claims_incurred", "reinsurance_premium", "calls", "billed"):
        assert row[name][1] == 0.0, name
    assert row["claims_paid"][1] == 430.0
    assert row["expenses"][1] == 10.0  # the fixed part goes on
    assert row["outstanding_true"][1] == 0.0
    untouched = run_year(
        hand_fund(), run_year(hand_fund(), poor, 1, YEAR_1, [0.0, 0.0]).state, 2, YEAR_2, [0.0, 0.0]
    )
    for name, values in row.items():
        assert values[0] == untouched.row[name][0] or np.isnan(values[0]), name


def test_a_stated_premium_ends_with_the_fund() -> None:
    fund = hand_fund(run_off=True)
    layer = ExcessOfLoss(retention=100.0, limit=500.0, premium=40.0)
    stated = tuple(book.model_copy(update={"reinsurance": (layer,)}) for book in fund.rules)
    fund = replace(fund, rules=stated)
    poor = replace(opening(fund), assets=np.array([1120.0, 300.0]))
    first = run_year(fund, poor, 1, YEAR_1, [0.0, 0.0])
    second = run_year(fund, first.state, 2, YEAR_2, [0.0, 0.0])
    assert first.row["reinsurance_premium"].tolist() == [40.0, 40.0]
    assert second.row["reinsurance_premium"].tolist() == [40.0, 0.0]


def test_a_fund_in_run_off_shares_out_no_surplus() -> None:
    fund = hand_fund(run_off=True)
    poor = replace(opening(fund), assets=np.array([1120.0, 300.0]))
    first = run_year(fund, poor, 1, YEAR_1, [0.0, 0.0])
    # Nothing is due any more, so the target is 0; a windfall in the booked reserve stays where it is.
    rich = replace(first.state, assets=np.array([1120.0, 5_000.0]))
    row = run_year(fund, rich, 2, YEAR_2, [0.0, 0.5]).row
    assert row["result"][1] > 1_000 < row["reserve_close"][1]
    for name in ("refunds", "allocations", "statutory_reserve"):
        assert row[name][1] == 0.0, name


@pytest.mark.parametrize("name", ["claims_paid", "assets_close", "expenses", "outstanding_true"])
def test_a_wrong_figure_in_the_row_stops_the_run(name: str) -> None:
    fund = hand_fund()
    state = opening(fund)
    row = dict(run_year(fund, state, 1, YEAR_1, [0.05, -0.02]).row)
    check_row(row, state, MEASURES, 1)
    row[name] = row[name] + np.array([0.0, 0.01])
    with pytest.raises(RunError, match="do not add up"):
        check_row(row, state, MEASURES, 1)


def test_claims_that_no_payment_schedule_holds_stop_the_run() -> None:
    lost = YEAR_1._replace(triangle=YEAR_1.triangle * (np.arange(64) != 12))
    fund = hand_fund()
    with pytest.raises(RunError, match="outstanding_true"):
        run_year(fund, opening(fund), 1, lost, [0.0, 0.0])


def test_year_of_the_view_is_dated() -> None:
    assert hand_fund().start_of(2) == date(2028, 1, 1)

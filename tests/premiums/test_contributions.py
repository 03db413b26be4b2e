"""Contribution rules: cells, prices and rises. Source of truth: the arithmetic in the comments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutualfund.errors import InputError
from mutualfund.portfolio import Portfolio
from mutualfund.premiums import (
    Accounts,
    AgeBandContribution,
    CommunityContribution,
    ContributionRule,
    FlatContribution,
    IncomeContribution,
    TierContribution,
)
from mutualfund.rules import Rulebook
from mutualfund.types import FloatArray, IntArray


def seen(year: int = 1, **changes: Any) -> Accounts:
    """Two unequal paths of one closed year."""
    base = Accounts(
        year=year,
        contributions_due=np.array([1_000.0, 2_000.0]),
        claims_incurred=np.array([900.0, 1_500.0]),
        member_months=np.array([120.0, 240.0]),
        reserve_close=np.zeros(2),
        tariff_level=np.array([1.0, 1.25]),
        tariff_now=np.array([1.1, 1.25]),
    )
    return replace(base, **changes)


def test_a_flat_tariff_has_one_cell() -> None:
    rule = FlatContribution(monthly=35.0, previous_monthly=33.0)
    assert rule.cell_labels() == ("all",)
    assert rule.cell_table(["a", "b"]).shape == (121, 3)
    assert not rule.cell_table(["a"]).any()
    assert (rule.prices().tolist(), rule.previous_prices().tolist()) == ([35.0], [33.0])


def test_age_bands_price_each_age_in_any_order_of_the_file() -> None:
    rule = AgeBandContribution(
        monthly={"65+": 71.0, "0-17": 12.0, "18-64": 40.0},
        previous_monthly={"0-17": 11.0, "18-64": 39.0, "65+": 70.0},
    )
    cells = rule.cell_table(["a"])
    prices, before = rule.prices(), rule.previous_prices()
    ages = [0, 17, 18, 64, 65, 120]
    assert prices[cells[ages, 0]].tolist() == [12.0, 12.0, 40.0, 40.0, 71.0, 71.0]
    assert before[cells[ages, 1]].tolist() == [11.0, 11.0, 39.0, 39.0, 70.0, 70.0]


def test_children_pay_their_share_of_the_community_rate() -> None:
    rule = CommunityContribution(monthly=50.0, previous_monthly=40.0, child_age=16, child_share=0.3)
    cells = rule.cell_table([])
    assert rule.prices()[cells[[0, 15, 16, 90], 0]].tolist() == [15.0, 15.0, 50.0, 50.0]
    assert rule.previous_prices()[cells[[15, 16], 0]].tolist() == [12.0, 40.0]


def test_tiers_follow_the_members_plan_and_know_no_member_without_one() -> None:
    rule = TierContribution(monthly={"full": 55.0, "basic": 20.0})
    cells = rule.cell_table(["basic", "full", "old"])
    assert cells[40].tolist() == [1, 0, -1, -1]
    assert rule.previous_prices().tolist() == [55.0, 20.0]


def test_income_dues_run_between_minimum_and_maximum_in_hundredths() -> None:
    rule = IncomeContribution(rate=0.06, previous_rate=0.05, minimum=10.0, maximum=200.0)
    people = replace(Portfolio.synthetic(4), income=np.array([0.0, 24_001.0, 48_000.0, 30_000.0]))
    # 0 -> 10; 24 001 x 0.06 / 12 = 120.005 -> 12 000.5 -> 12 001; 240 -> 200; 150
    assert rule.units(people).tolist() == [1_000, 12_001, 20_000, 15_000]
    assert rule.prices().tolist() == [0.01]
    assert rule.previous_prices() == pytest.approx([0.01 * 5 / 6])


def test_income_dues_need_an_income_column() -> None:
    with pytest.raises(InputError, match=r"members\.income: got nothing"):
        IncomeContribution(rate=0.06).units(Portfolio.synthetic(3))


def test_listed_rules_but_income_count_one_unit_each() -> None:
    assert FlatContribution(monthly=1.0).units(Portfolio.synthetic(3)) is None


def test_the_stated_rise_holds_until_accounts_are_seen() -> None:
    rule = FlatContribution(monthly=35.0, increase_per_year=0.04, target_loss_ratio=0.8)
    assert rule.increase(None, 2, 3, trend=0.05).tolist() == [0.04] * 3


def test_the_target_restates_contributions_at_todays_tariff_and_trends_the_claims() -> None:
    rule = FlatContribution(monthly=35.0, target_loss_ratio=0.80)
    # Path 1: claims 900 x 1.05^2 = 992.25 over 0.8 x 1000 x 1.1/1 = 880: +12.755682 %
    # Path 2: claims 1500 x 1.05^2 = 1653.75 over 0.8 x 2000 x 1 = 1600: +3.359375 %
    rise = rule.increase(seen(), 3, 2, trend=0.05)
    assert rise == pytest.approx([992.25 / 880 - 1, 0.03359375])


def test_a_fund_on_its_target_needs_exactly_no_change() -> None:
    rule = FlatContribution(monthly=35.0, increase_per_year=0.04, target_loss_ratio=0.75)
    on_target = seen(claims_incurred=np.array([750.0, 1_500.0]), tariff_now=np.array([1.0, 1.25]))
    assert rule.increase(on_target, 2, 2, trend=0.0).tolist() == [0.0, 0.0]


def test_without_a_target_accounts_change_nothing() -> None:
    rule = FlatContribution(monthly=35.0, increase_per_year=0.04)
    assert rule.increase(seen(), 2, 2, trend=0.05).tolist() == [0.04, 0.04]


def test_a_year_without_dues_leaves_the_stated_rise() -> None:
    rule = FlatContribution(monthly=35.0, increase_per_year=0.04, target_loss_ratio=0.8)
    empty = seen(contributions_due=np.array([0.0, 2_000.0]))
    rise = rule.increase(empty, 2, 2, trend=0.0)
    assert rise == pytest.approx([0.04, 1_500 / 1_600 - 1])


def test_a_tariff_that_has_come_to_nothing_leaves_the_stated_rise() -> None:
    rule = FlatContribution(monthly=35.0, increase_per_year=0.04, target_loss_ratio=0.8)
    gone = seen(tariff_now=np.zeros(2), tariff_level=np.zeros(2))
    assert rule.increase(gone, 2, 2, trend=0.0).tolist() == [0.04, 0.04]


@given(
    claims=st.floats(0, 1e9),
    more=st.floats(0, 1e9),
    target=st.floats(0.1, 2.0),
    year=st.integers(2, 9),
)
def test_more_claims_seen_never_ask_for_less(
    claims: float, more: float, target: float, year: int
) -> None:
    rule = FlatContribution(monthly=1.0, target_loss_ratio=target)
    accounts = seen(
        claims_incurred=np.array([claims, claims + more]),
        contributions_due=np.array([5.0, 5.0]),
        tariff_level=np.ones(2),
        tariff_now=np.ones(2),
    )
    low, high = rule.increase(accounts, year, 2, trend=0.05)
    assert -1.0 <= low <= high


@pytest.mark.parametrize(
    ("table", "field"),
    [
        ({"kind": "age_band", "monthly": {"0-17": 1.0, "17+": 2.0}}, "monthly"),
        ({"kind": "tier", "monthly": {}}, "monthly"),
        ({"kind": "income", "rate": 0.1, "minimum": 9.0, "maximum": 3.0}, "maximum"),
        ({"kind": "flat", "monthly": -1.0}, "monthly"),
        ({"kind": "flat", "monthly": 1.0, "collection_rate": 97}, "collection_rate"),
    ],
)
def test_an_impossible_tariff_is_refused(table: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as refused:
        Rulebook(contributions=table)
    assert refused.value.faults[0].field == f"contributions.{field}"


@dataclass(frozen=True)
class SeniorsFree:
    """A rule of one's own: everyone below 70 pays the same, nobody else anything."""

    monthly: float
    collection_rate: float = 1.0

    def cell_labels(self) -> tuple[str, ...]:
        return ("paying", "free")

    def cell_table(self, plan_names: Sequence[str]) -> IntArray:
        free = (np.arange(121) >= 70).astype(np.int64)
        return np.repeat(free[:, None], len(plan_names) + 1, axis=1)

    def prices(self) -> FloatArray:
        return np.array([self.monthly, 0.0])

    def previous_prices(self) -> FloatArray:
        return self.prices()

    def units(self, portfolio: Portfolio) -> IntArray | None:
        return None

    def increase(
        self, seen: Accounts | None, year: int, n_paths: int, trend: float | FloatArray
    ) -> FloatArray:
        return np.full(n_paths, 0.01 * year)


def test_a_contribution_rule_of_ones_own_takes_the_place_of_a_listed_kind() -> None:
    own = SeniorsFree(30.0)
    assert isinstance(own, ContributionRule)
    rules = Rulebook(contributions=own)
    assert rules.contributions is own
    assert rules.contributions.prices()[
        rules.contributions.cell_table([])[[69, 70], 0]
    ].tolist() == [
        30.0,
        0.0,
    ]


def test_a_share_of_the_trend_comes_on_top_of_the_stated_rise() -> None:
    rule = FlatContribution(monthly=35.0, increase_per_year=0.02, trend_share=0.5)
    # 1.02 x (1 + 0.5 x 8 %) and, where claims fall, 1.02 x (1 - 0.5 x 4 %)
    rise = rule.increase(None, 2, 2, trend=np.array([0.08, -0.04]))
    assert rise == pytest.approx([1.02 * 1.04 - 1.0, 1.02 * 0.98 - 1.0])


def test_a_tariff_falls_to_nothing_and_not_below() -> None:
    """Recoveries above the claims, and a trend below -100 %, ask for less than nothing."""
    aimed = FlatContribution(monthly=35.0, target_loss_ratio=0.8)
    recovered = seen(claims_incurred=np.array([-50.0, 1_600.0]))
    assert aimed.increase(recovered, 2, 2, trend=0.0).tolist() == [-1.0, 0.0]
    indexed = FlatContribution(monthly=35.0, trend_share=1.0)
    assert indexed.increase(None, 2, 1, trend=-1.5).tolist() == [-1.0]


def test_a_level_moves_todays_prices_and_not_those_before() -> None:
    rule = FlatContribution(monthly=30.0, previous_monthly=29.0, level=1.1)
    assert (rule.prices().tolist(), rule.previous_prices().tolist()) == ([33.0], [29.0])
    assert FlatContribution(monthly=30.0, level=1.1).previous_prices().tolist() == [33.0]

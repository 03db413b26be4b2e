"""A contribution rule of the fund's own, balanced and compared. Source of truth: amounts written out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mutualfund.errors import InputError
from mutualfund.portfolio import Portfolio
from mutualfund.premiums import Accounts, FlatContribution, balance, who_pays
from mutualfund.rules import Rulebook
from mutualfund.types import FloatArray, IntArray
from premiums.people import people

# Ages in year 1, and in year 4: 71, 43, 20, 93
MEMBERS = people(
    age=[68, 40, 17, 90], household=[1, 1, 1, 2], plan=["full", "basic", "full", "full"]
)


@dataclass(frozen=True)
class ByPlanAndHousehold:
    """From 70 on 10 a month; before, 20 on the plan `basic`, else 50; twice in a household of one."""

    collection_rate: float = 0.95

    def cell_labels(self) -> tuple[str, ...]:
        return ("old", "basic", "other")

    def cell_table(self, plan_names: Sequence[str]) -> IntArray:
        young = [1 if name == "basic" else 2 for name in plan_names] + [-1]
        table = np.tile(np.array(young), (121, 1))
        table[70:] = 0
        return table

    def prices(self) -> FloatArray:
        return np.array([10.0, 20.0, 50.0])

    def previous_prices(self) -> FloatArray:
        return np.array([9.0, 19.0, 49.0])

    def units(self, portfolio: Portfolio) -> IntArray | None:
        household = portfolio.household_code
        assert household is not None
        return np.where(np.bincount(household)[household] == 1, 2, 1)

    def increase(
        self, seen: Accounts | None, year: int, n_paths: int, trend: float | FloatArray
    ) -> FloatArray:
        return np.full(n_paths, 0.01 * year)


OWN = ByPlanAndHousehold()
DUES = {1: [50.0, 20.0, 50.0, 20.0], 4: [10.0, 20.0, 50.0, 20.0]}


@pytest.mark.parametrize("year", DUES)
def test_it_is_balanced_to_a_total_like_a_listed_one(year: int) -> None:
    total = 24.0 * sum(DUES[year])  # twice a year's dues
    done = balance(OWN, MEMBERS, total, at=year, currency="EUR")
    assert done.factor == 2.0
    assert done.yearly.tolist() == [round(2_400 * due) for due in DUES[year]]
    assert done.rule.prices().tolist() == [20.0, 40.0, 100.0]


def test_balanced_it_is_a_rule_that_a_rulebook_takes() -> None:
    rule = balance(OWN, MEMBERS, 24.0 * 140.0, currency="EUR").rule
    held = Rulebook(contributions=rule).contributions
    assert held is rule
    assert (held.collection_rate, held.cell_labels()) == (0.95, OWN.cell_labels())
    assert held.previous_prices().tolist() == [9.0, 19.0, 49.0]  # what was charged stays
    assert held.increase(None, 3, 2, trend=0.0).tolist() == [0.03, 0.03]
    again = balance(rule, MEMBERS, 12.0 * 140.0, currency="EUR")
    assert again.rule.prices().tolist() == OWN.prices().tolist()


@pytest.mark.parametrize("year", DUES)
def test_who_pays_compares_it_with_a_listed_one(year: int) -> None:
    flat = FlatContribution(monthly=20.0)
    row = who_pays(OWN, flat, MEMBERS, at=year, currency="EUR").table().iloc[0]
    assert row[["before", "after"]].tolist() == [sum(DUES[year]) / 4, 20.0]
    assert row[["more", "less", "same"]].tolist() == {1: [0, 2, 2], 4: [1, 1, 2]}[year]


def test_a_member_without_a_price_is_refused() -> None:
    without = people(age=[30], household=[0], plan=[""])
    with pytest.raises(InputError, match=r"members\.plan: got no price in 1 rows"):
        who_pays(OWN, OWN, without, currency="EUR")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        (
            {"cell_table": lambda _: np.zeros((121, 2), np.int64)},
            r"cell_table: got shape \(121, 2\)",
        ),
        (
            {"cell_table": lambda _: np.full((121, 3), 3)},
            "cell_table: got other cells; .*of 3 prices",
        ),
        (
            {"units": lambda _: np.ones(3, np.int64)},
            r"units: got shape \(3,\); allowed: shape \(4,\)",
        ),
    ],
)
def test_a_table_or_units_of_another_shape_are_refused(changes: Any, refusal: str) -> None:
    rule = SimpleNamespace(cell_table=OWN.cell_table, prices=OWN.prices, units=OWN.units)
    vars(rule).update(changes)
    with pytest.raises(InputError, match=rf"rule\.{refusal}"):
        balance(rule, MEMBERS, 100.0, currency="EUR")


def test_what_it_lacks_is_named() -> None:
    class Unfinished:
        prices = OWN.prices
        cell_table = OWN.cell_table

    rule: Any = Unfinished()
    with pytest.raises(InputError, match="rule: got a Unfinished without units; allowed: a con"):
        balance(rule, MEMBERS, 100.0, currency="EUR")

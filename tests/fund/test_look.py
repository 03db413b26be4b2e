"""Figures that are allowed and yet seldom meant are named, and an ordinary fund names none."""

from __future__ import annotations

from typing import Any

import pytest

from fund.funds import village
from mutualfund.fund import check


def looked_at(path: str = "title", value: Any = "") -> tuple[str, ...]:
    return check(village(paths=5, years=1).replace(path, value)).worth_a_look


def test_an_ordinary_fund_has_nothing_worth_a_look() -> None:
    assert looked_at() == ()


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("members.synthetic.n", 20, "members: 20 members;"),
        ("fund.opening_reserve", -5_000.0, "fund.opening_reserve: -5,000, below 0"),
        (
            "rules.reserve",
            {"floor": 0.5, "target": 0.5},
            "below the floor of 30,000 on the first day",
        ),
        ("rules.contributions.monthly", 0.0, "no contribution is due"),
        ("rules.contributions.monthly", 15.0, "more than they bring"),
        ("rules.contributions.monthly", 250.0, "little of what they bring"),
        (
            "rules.equalisation",
            {"levy_per_member": 90.0},
            "0% expenses, +30% equalisation), more than they bring",
        ),
        ("rules.expenses.share_of_contributions", 0.9, "90% expenses), more than they bring"),
    ],
)
def test_what_is_seldom_meant_is_named(path: str, value: Any, words: str) -> None:
    found = looked_at(path, value)
    assert any(words in sentence for sentence in found), found


def test_a_line_that_costs_many_contributions_is_named() -> None:
    assert any(
        "assumptions.lines.care: " in one for one in looked_at("rules.contributions.monthly", 1.0)
    )

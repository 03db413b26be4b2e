"""Expenses and provider fees. Source of truth: the arithmetic in the comments."""

from __future__ import annotations

import numpy as np
import pytest

from mutualfund.rules import Expenses, Provider
from rules.views import year_view


def test_expenses_add_up_share_members_and_fixed_amount() -> None:
    view = year_view(
        year=3,
        inflation_factor=1.21,
        contributions_due=[1_000.0, 3_000.0],
        member_months=[24.0, 30.0],
    )
    rule = Expenses(share_of_contributions=0.08, per_member=6.0, fixed_per_year=50.0)
    # 80 + 6 x 1.21 x 2 + 50 = 144.52; 240 + 6 x 1.21 x 2.5 + 50 = 308.15
    assert rule.amount(view) == pytest.approx([144.52, 308.15])


def test_the_fixed_amount_follows_inflation_only_where_indexed() -> None:
    view = year_view(year=2, inflation_factor=1.1, contributions_due=[0.0])
    assert Expenses(fixed_per_year=50.0).amount(view) == pytest.approx([50.0])
    assert Expenses(fixed_per_year=50.0, indexed=True).amount(view) == pytest.approx([55.0])


def test_no_expense_rule_costs_exactly_nothing() -> None:
    view = year_view(contributions_due=[1e6], member_months=[1e5])
    assert Expenses().amount(view).tolist() == [0.0]


def test_a_provider_fee_follows_member_years_and_inflation() -> None:
    provider = Provider(share=0.7, per_member=120.0)
    assert provider.fee(np.array([18.0, 6.0]), 1.5) == pytest.approx([270.0, 90.0])

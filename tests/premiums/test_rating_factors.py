"""Factors by sex, region, plan and group. Source of truth: the arithmetic in the docstrings."""

from __future__ import annotations

import pytest

from mutualfund.errors import InputError
from mutualfund.premiums import FlatContribution, RatingFactor, TierContribution
from premiums.people import people


def test_rating_factors_multiply_the_table_by_the_labels_of_a_member() -> None:
    """Women and men in turn: 30 x 0.9 x 1.2, 55 x 1.1 x 1, 55 x 0.9 x 1; year 7 is no different."""
    by_sex = RatingFactor(by="sex", factors={"F": 0.9, "M": 1.1})
    by_region = RatingFactor(by="region", factors={"St. Gall": 1.2, "hills": 1.0, "unused": 3.0})
    members = people(
        age=[30, 30, 71], region=["St. Gall", "hills", "hills"], plan=["basic", "full", "full"]
    )
    table = {"basic": 30.0, "full": 55.0}
    wanted = [32.4, 60.5, 49.5]
    for adjustments in ([by_sex, by_region], [by_region, by_sex]):
        rule = TierContribution(monthly=table, adjustments=adjustments)
        assert rule.monthly_dues(members).tolist() == pytest.approx(wanted, rel=1e-14)
        assert rule.monthly_dues(members, 7).tolist() == pytest.approx(wanted, rel=1e-14)
    by_plan = RatingFactor(by="plan", factors={"basic": 1.5, "full": 2.0})
    rule = FlatContribution(monthly=10.0, adjustments=[by_plan])
    assert rule.monthly_dues(members).tolist() == pytest.approx([15.0, 20.0, 20.0])


def test_a_column_that_the_rule_charges_by_already_is_refused() -> None:
    """Two factors by one column, or one by the plan of a tier, would be charged one on top of the other."""
    by_region = RatingFactor(by="region", factors={"hills": 1.2})
    with pytest.raises(InputError, match=r"adjustments\[1\]\.by: got region, as adjustments\[0\]"):
        FlatContribution(monthly=10.0, adjustments=[by_region, by_region])
    by_plan = RatingFactor(by="plan", factors={"basic": 1.5})
    with pytest.raises(InputError, match=r"adjustments\[1\]\.by: got plan, as the table"):
        TierContribution(monthly={"basic": 30.0}, adjustments=[by_region, by_plan])


def test_a_member_whose_label_has_no_factor_is_refused_and_not_shown() -> None:
    members = people(age=[30, 40, 50, 60], region=["coast", "secret", "secret", ""])
    rule = FlatContribution(
        monthly=30.0, adjustments=[RatingFactor(by="region", factors={"coast": 1.2, "x": 1.0})]
    )
    with pytest.raises(InputError) as refused:
        rule.monthly_dues(members)
    (fault,) = refused.value.faults
    assert (fault.field, fault.got) == ("members.region", "no factor in 3 rows")
    assert fault.allowed == "one of coast, x"
    assert "secret" not in str(refused.value)

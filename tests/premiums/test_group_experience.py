"""Groups that pay by their own experience. Source of truth: the arithmetic in the comments, the fits."""

from __future__ import annotations

import numpy as np
import pytest

from mutualfund.errors import InputError
from mutualfund.premiums import (
    FlatContribution,
    GroupExperience,
    balance,
    buhlmann_straub,
    hierarchical,
)
from premiums.people import people

MEMBERS = people(age=[30] * 4, group=["mill", "mill", "school", ""])


def test_each_group_may_be_believed_as_far_as_its_own_experience_goes() -> None:
    """1 + 0.75 x 0.4 and 1 + 0.2 x (-0.5); the table for who has no group."""
    group = GroupExperience(
        experience={"mill": 1.4, "school": 0.5}, credibility={"school": 0.2, "mill": 0.75}
    )
    rule = FlatContribution(monthly=100.0, adjustments=[group])
    assert rule.monthly_dues(MEMBERS).tolist() == pytest.approx([130.0, 130.0, 90.0, 100.0])
    # The table brought in 400 a month, with the groups 450: balancing takes the 50 off again.
    assert balance(rule, MEMBERS, 4_800.0, currency="EUR").factor == pytest.approx(400 / 450)
    for believed, field, code in (
        ({"mill": 0.5}, "credibility", "keys"),
        ({"mill": 0.5, "school": 1.5}, "credibility.school", "range"),
        (1.5, "credibility", "range"),
    ):
        with pytest.raises(InputError) as refused:
            GroupExperience(experience={"mill": 1.4, "school": 0.5}, credibility=believed)
        (fault,) = refused.value.faults
        assert (fault.field, fault.code) == (field, code)


def test_a_misspelt_group_is_refused_where_it_stands() -> None:
    group = GroupExperience(experience={"mil": 1.4, "school": 0.8}, credibility=1.0)
    rule = FlatContribution(monthly=100.0, adjustments=[group])
    with pytest.raises(InputError) as refused:
        rule.monthly_dues(MEMBERS)
    (fault,) = refused.value.faults
    assert fault.field == "rules.contributions.adjustments[0].experience.mil"
    assert fault.allowed == "a group that a member has"


def test_a_credibility_fit_is_charged_as_its_premiums_over_the_collective_one() -> None:
    ratios, weights = [[95.0, 120.0], [70.0, 82.0]], [[50.0, 60.0], [40.0, 45.0]]
    fit = buhlmann_straub(ratios, weights, labels=["mill", "school"])
    rule = FlatContribution(
        monthly=float(fit.complement[0]), adjustments=[GroupExperience.from_fit(fit)]
    )
    mill, school = fit.premiums
    assert mill != pytest.approx(school)
    wanted = [mill, mill, school, fit.complement[0]]
    np.testing.assert_allclose(rule.monthly_dues(MEMBERS), wanted, rtol=1e-6)  # millionths


def test_a_fit_that_knows_more_than_one_collective_premium_is_refused() -> None:
    fit = hierarchical(
        [[95.0, 120.0], [70.0, 82.0], [130.0, 170.0], [150.0, 190.0]],
        [[50.0, 60.0], [40.0, 45.0], [30.0, 30.0], [20.0, 25.0]],
        ["a", "a", "b", "b"],
    )
    with pytest.raises(InputError, match=r"fit: got .* one collective premium above 0"):
        GroupExperience.from_fit(fit)

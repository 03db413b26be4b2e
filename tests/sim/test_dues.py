"""What slots owe year by year: the kernel's sums against dues worked out member by member, in Python."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from mutualfund.errors import InputError
from mutualfund.fund import simulate
from mutualfund.portfolio import Portfolio
from mutualfund.premiums import (
    AgeDiscount,
    CommunityContribution,
    EntryAgeLoading,
    FamilyAdjustment,
    FlatContribution,
    GroupExperience,
    IncomeContribution,
    RatingFactor,
)
from mutualfund.rules import Rulebook
from mutualfund.scenario import Scenario
from mutualfund.sim.dues import units_by_year
from mutualfund.sim.plan import lower
from mutualfund.sim.slots import member_slots
from premiums.people import people

N, YEARS = 40, 4
RNG = np.random.Generator(np.random.PCG64(4))
AGES = RNG.integers(0, 90, N)
MONTHS = np.minimum(RNG.integers(0, 200, N), 12 * AGES)
MEMBERS = people(
    age=AGES.tolist(),
    months=MONTHS.tolist(),
    entry_age=(AGES - -(-MONTHS // 12)).clip(0).tolist(),
    household=RNG.integers(-1, 12, N).tolist(),
    income=RNG.integers(0, 60_000, N).tolist(),
    group=RNG.choice(["mill", "port", ""], N).tolist(),
    region=RNG.choice(["coast", "hills"], N).tolist(),
)
LHC = EntryAgeLoading(part=0.8, from_age=30, per_year=0.02, maximum=0.7, removed_after=10)
SHORT = EntryAgeLoading(part=0.8, from_age=30, per_year=0.02, maximum=0.7, removed_after=2)
ADJUSTMENTS = (
    LHC,
    RatingFactor(by="sex", factors={"F": 0.93, "M": 1.08}),
    RatingFactor(by="region", factors={"coast": 1.1, "hills": 0.97}),
    AgeDiscount.australian(0.8),
    FamilyAdjustment(average_adults=True, paying_children=1),
    GroupExperience(experience={"mill": 1.3}, credibility=0.5),
)
RULES = {
    "flat": FlatContribution(monthly=30.0, adjustments=ADJUSTMENTS),
    "income": IncomeContribution(rate=0.04, minimum=12.0, maximum=120.0, adjustments=ADJUSTMENTS),
}


def scenario(rule: Any, members: Portfolio = MEMBERS, **more: Any) -> Scenario:
    return Scenario.from_dict(
        {
            "fund": {
                "name": "F",
                "currency": "EUR",
                "start": date(2027, 1, 1),
                "opening_reserve": 9.0,
            },
            "settings": {"paths": 5, "years": YEARS, "seed": 3},
            "members": {"mortality": "none", **more},
            "assumptions": {
                "lines": [
                    {
                        "name": "care",
                        "frequency": {"kind": "poisson", "mean": 0.2},
                        "severity": {"kind": "exponential", "mean": 40},
                    }
                ]
            },
            "rules": Rulebook(contributions=rule),
        },
        portfolio=members,
    )


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_where_nobody_leaves_the_simulated_total_is_the_rule_member_by_member(rule: Any) -> None:
    run = simulate(scenario(rule))
    due = run.measure("contributions_due")
    for year in range(1, YEARS + 1):
        one_by_one = sum(12 * dues for dues in rule.monthly_dues(MEMBERS, year).tolist())
        np.testing.assert_allclose(due[:, year - 1], one_by_one, rtol=1e-12)
    assert np.unique(due[0]).size > 1  # loadings and discounts do move with the years


def loading(entry_age: int, years: int) -> float:
    """A short loading, which ends for joiners within the run."""
    return 0.0 if years >= 2 else 0.8 * min(0.7, 0.02 * max(0, entry_age - 30))


@pytest.mark.parametrize("lapse", [0.0, 0.2])
def test_joiners_and_leavers_owe_what_their_own_years_say(lapse: float) -> None:
    """Slots one by one: an opening member by months, a joiner by the years since the year of joining."""
    rule = FlatContribution(monthly=30.0, adjustments=[SHORT])
    plan = lower(scenario(rule, joins_per_year=0.5, lapse_per_year=lapse))
    state, drivers = plan.initial_state(5), plan.drivers(0, 5)
    slots = plan.slots
    for year in range(1, YEARS + 1):
        sums = plan.member_year(drivers, state, year)
        owed = [0] * 5
        for slot in range(len(slots)):
            source, joined = int(slots.source[slot]), int(slots.join_year[slot])
            if joined == 0:
                entry, years = int(MEMBERS.entry_age[source]), int(MONTHS[source]) // 12 + year - 1
            else:
                entry, years = int(AGES[source]), max(year - joined - 1, 0)
            units = round((1 + loading(entry, years)) * 1_000_000)
            assert plan.units[year - 1][slot] == units or joined > year
            for path in range(5):
                if joined == year:
                    owed[path] += (
                        12 * year - int(state.joined[path, slot - plan.n_members])
                    ) * units
                elif joined < year:
                    owed[path] += 12 * units
        if lapse == 0.0:
            assert sums.units[:, 0].tolist() == owed
        else:
            assert (sums.units[:, 0] < owed).all()


def test_rules_that_do_not_change_with_time_keep_one_array() -> None:
    slots = member_slots(MEMBERS, 0.1, 5, seed=1)
    for rule in (FlatContribution(monthly=3.0), IncomeContribution(rate=0.1)):
        units = units_by_year(rule, MEMBERS, slots, 5)
        assert len(units) == 5
        assert all(year is units[0] for year in units)


def test_units_that_whole_numbers_cannot_add_up_are_refused() -> None:
    rule = IncomeContribution(
        rate=1.0
    )  # 1e15 a year is 8.3e15 hundredths a month; the limit is 3.8e17
    for n in (40, 60):
        rich = people(age=[40] * n, income=[1e15] * n)
        slots = member_slots(rich, 0.0, 1, seed=1)
        if n == 40:
            assert units_by_year(rule, rich, slots, 1)[0].sum() > 0
        else:
            with pytest.raises(InputError, match=r"rules\.contributions: got .* in a larger unit"):
                units_by_year(rule, rich, slots, 1)


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (FlatContribution(monthly=3.0, adjustments=ADJUSTMENTS), "members.household"),
        (IncomeContribution(rate=0.1), "members.income"),
        (
            FlatContribution(monthly=3.0, adjustments=[RatingFactor(by="sex", factors={"F": 0.9})]),
            "members.sex",
        ),
        (
            FlatContribution(monthly=3.0, valid_from=date(2028, 1, 1)),
            "rules.contributions.valid_from",
        ),
    ],
)
def test_a_rule_the_members_or_the_day_do_not_allow_is_refused(rule: Any, field: str) -> None:
    with pytest.raises(InputError) as refused:
        scenario(rule, Portfolio.synthetic(5))
    assert field in [fault.field for fault in refused.value.faults]


def test_a_group_that_nobody_belongs_to_is_refused() -> None:
    rule = FlatContribution(
        monthly=3.0, adjustments=[GroupExperience(experience={"mil": 1.3}, credibility=0.5)]
    )
    with pytest.raises(InputError) as refused:
        scenario(rule)
    assert refused.value.faults[0].field == "rules.contributions.adjustments[0].experience.mil"


def test_adjustments_are_not_amended_within_a_run() -> None:
    amendment = {
        "effective": date(2028, 1, 1),
        "rule": "contributions.adjustments[0].per_year",
        "value": 0.03,
    }
    with pytest.raises(InputError, match=r"rules\.amendments: got .* adjustments"):
        simulate(scenario(RULES["flat"]).replace("rules.amendments", [amendment]))


def test_the_age_of_children_is_not_amended_beside_a_family_adjustment_that_goes_by_it() -> None:
    """Who counts as a child is laid down once: in 2028 the children of 18 to 24 would go on paying."""
    rule = CommunityContribution(
        monthly=40.0, child_share=0.5, adjustments=[FamilyAdjustment(paying_children=1)]
    )
    later = {"effective": date(2028, 1, 1), "rule": "contributions.child_age", "value": 25}
    with pytest.raises(InputError, match=r"rules\.amendments: got .* age of children"):
        simulate(scenario(rule).replace("rules.amendments", [later]))

"""What a simulated fund collects against sums worked out member by member, without the library's rules."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mutualfund.fund import simulate
from mutualfund.premiums import (
    AgeBandContribution,
    CommunityContribution,
    EarlyEntryDiscount,
    EntryAgeLoading,
    FamilyAdjustment,
    FlatContribution,
    GroupExperience,
    RatingFactor,
    TierContribution,
)
from mutualfund.premiums.contributions import Contribution
from premiums.people import people
from sim.test_dues import scenario

N, YEARS, ADULT = 40, 4, 18
RNG = np.random.Generator(np.random.PCG64(8))
AGE = RNG.integers(0, 90, N).tolist()
MONTHS = [int(min(RNG.integers(0, 200), 12 * age)) for age in AGE]
ENTRY_AGE = [max(age - -(-months // 12), 0) for age, months in zip(AGE, MONTHS, strict=True)]
HOME = RNG.integers(-1, 12, N).tolist()
GROUP = RNG.choice(["mill", "port", ""], N).tolist()
PLAN = RNG.choice(["basic", "full"], N).tolist()
MEMBERS = people(
    age=AGE, months=MONTHS, entry_age=ENTRY_AGE, household=HOME, group=GROUP, plan=PLAN
)
ADJUSTMENTS = (
    EntryAgeLoading(part=0.8, from_age=30, per_year=0.02, maximum=0.7, removed_after=10),
    EarlyEntryDiscount(before_age=40, per_year=0.01, maximum=0.2),
    RatingFactor(by="sex", factors={"F": 0.93, "M": 1.08}),
    GroupExperience(experience={"mill": 1.3}, credibility=0.5),
    FamilyAdjustment(average_adults=True, paying_children=1),
)
BANDS = {"0-17": 10.0, "18-64": 30.0, "65+": 60.0}


def own_factor(member: int, year: int) -> float:
    """Loading, early-entry discount, sex and group, in this order; sexes alternate, F first."""
    years = MONTHS[member] // 12 + year - 1
    late = 0.0 if years >= 10 else min(0.02 * max(ENTRY_AGE[member] - 30, 0), 0.7)
    early = min(0.01 * max(40 - ENTRY_AGE[member], 0), 0.2)
    sex, group = (0.93, 1.08)[member % 2], 1.15 if GROUP[member] == "mill" else 1.0
    return (1.0 + 0.8 * late) * (1.0 - early) * sex * group


def factor(member: int, year: int) -> float:
    """Adults of a household share the mean; of its children the oldest pays, the first listed of two."""
    age, home = AGE[member] + year - 1, HOME[member]
    together = [other for other in range(N) if home >= 0 and HOME[other] == home]
    if age >= ADULT:
        adults = [other for other in together if AGE[other] + year - 1 >= ADULT] or [member]
        return float(np.mean([own_factor(other, year) for other in adults]))
    children = [other for other in together if AGE[other] + year - 1 < ADULT]
    if children and max(children, key=lambda other: (AGE[other], -other)) != member:
        return 0.0
    return own_factor(member, year)


def banded(member: int, year: int) -> float:
    age = AGE[member] + year - 1
    return 10.0 if age < 18 else 30.0 if age < 65 else 60.0


Price = Callable[[int, int], float]
TABLES: dict[str, tuple[Contribution, Price]] = {
    "flat": (FlatContribution(monthly=30.0, adjustments=ADJUSTMENTS), lambda _who, _year: 30.0),
    "community": (
        CommunityContribution(monthly=30.0, child_share=0.4, adjustments=ADJUSTMENTS),
        lambda who, year: 12.0 if AGE[who] + year - 1 < ADULT else 30.0,
    ),
    "age band": (AgeBandContribution(monthly=BANDS, adjustments=ADJUSTMENTS), banded),
    "tier": (
        TierContribution(monthly={"basic": 20.0, "full": 55.0}, adjustments=ADJUSTMENTS),
        lambda who, _year: 20.0 if PLAN[who] == "basic" else 55.0,
    ),
}


@pytest.mark.parametrize(("rule", "price"), TABLES.values(), ids=TABLES)
def test_a_simulated_fund_collects_what_its_members_owe_one_by_one(
    rule: Contribution, price: Price
) -> None:
    due = simulate(scenario(rule, MEMBERS)).measure("contributions_due")
    for year in range(1, YEARS + 1):
        owed = [price(who, year) * factor(who, year) for who in range(N)]
        # Factors are counted in millionths of a unit: at most half of one off for each member.
        np.testing.assert_allclose(
            due[:, year - 1], 12 * sum(owed), rtol=0, atol=12 * 60 * 5e-7 * N
        )
        np.testing.assert_allclose(rule.monthly_dues(MEMBERS, year), owed, rtol=0, atol=60 * 5e-7)
    assert len({round(amount, 6) for amount in due[0].tolist()}) == YEARS  # every year is another

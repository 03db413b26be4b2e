"""What a meeting waits for: the contributions of a million members under any rule, member by member.

The yardstick is the bare NumPy expression for a flat rule and one look-up in a table by age. Every rule is
first compared with an expression of its own, written without the library.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from time import perf_counter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mutualfund import Portfolio, premiums
from mutualfund.premiums.contributions.classes import (
    Looked,
    households,
    rating_classes,
    sharing,
)
from profiles import Profile
from tables import Cell, Gate, Section
from timing import Task, Timings, alternate, say

FloatArray = npt.NDArray[np.float64]
NOTE = """Milliseconds for {members:,} members, fund year 1, one thread, medians of rounds taken in turns.
`bare` is `np.full(n, 30.0)` and `table[age]`. A portfolio's kinds of members and its households are found
once and kept: the first rule that needs them waits {kinds:.0f} ms for the kinds, {homes:.0f} ms for the
households and {shared:.0f} ms for who shares with whom; the table is what every rule costs after that. The
mean of a household is dealt out to its adults, who stand anywhere in this list: a look-up among as many means
as there are households, which lie beyond a processor's nearest cache, as the bare table by age does not.
The last {together} rules are several in one: the yardstick, a flat rule and one look-up, has fewer passes
than they need, and the gate is on the rules above them."""
LHC = premiums.EntryAgeLoading(part=0.5, from_age=30, per_year=0.02, maximum=0.7, removed_after=10)


class Comparison(NamedTuple):
    """A rule, and the same by a NumPy expression."""

    rule: premiums.Contribution
    plain: Callable[[Portfolio], FloatArray]


@lru_cache(maxsize=1)
def members(n: int) -> Portfolio:
    """Made-up members with every column a rule may ask for."""
    rng = np.random.Generator(np.random.PCG64(1))
    age = rng.integers(0, 95, n)
    months = np.minimum(rng.integers(0, 400, n), 12 * age)
    return Portfolio(
        member_key=np.arange(n, dtype=np.uint64),
        age=age,
        sex=rng.integers(0, 2, n).astype(np.int8),
        joined_month=-months,
        plan_names=("basic", "full"),
        plan_code=rng.integers(0, 2, n),
        group_names=("mill", "port"),
        group_code=rng.integers(-1, 2, n),
        region_names=("coast", "hills", "town"),
        region_code=rng.integers(0, 3, n),
        household_code=rng.integers(0, max(n // 3, 1), n),
        income=rng.gamma(2.0, 15_000.0, n),
        entry_age=np.maximum(age - -(-months // 12), 0),
        start=date(2027, 1, 1),
    )


def bare(people: Portfolio) -> tuple[FloatArray, FloatArray]:
    """The yardstick: the flat rule and one look-up."""
    return np.full(len(people), 30.0), BY_AGE[people.age]


BANDS = {"0-17": 10.0, "18-64": 30.0, "65+": 60.0}
BY_AGE = np.where(np.arange(121) < 18, 10.0, np.where(np.arange(121) < 65, 30.0, 60.0))


def loading(people: Portfolio) -> FloatArray:
    """2 % a year above 30, at most 70 %, on half the contribution, for ten years."""
    above = np.minimum(0.02 * np.maximum(people.entry_age - 30, 0), 0.7)
    return 1.0 + 0.5 * np.where(-people.joined_month // 12 < 10, above, 0.0)


def shared_loading(people: Portfolio) -> FloatArray:
    """The loading, shared by the adults of a household."""
    own, adult, home = loading(people), people.age >= 18, people.household_code
    mean = np.bincount(home, own * adult) / np.maximum(np.bincount(home, adult), 1)
    return np.where(adult, mean[home], own)


def young_adults(people: Portfolio) -> FloatArray:
    """10 to 2 % off half the contribution for adults who joined under 30, 2 points less a year from 41."""
    joined = np.zeros(121)
    joined[:30] = np.r_[np.full(26, 0.1), 0.08, 0.06, 0.04, 0.02]
    left = joined[people.entry_age] - 0.02 * np.maximum(people.age - 40, 0)
    return 1.0 - 0.5 * np.where(people.age >= 18, np.maximum(left, 0.0), 0.0)


def two_children_pay(people: Portfolio) -> FloatArray:
    """Children in order of age, the third and later ones free."""
    order = np.lexsort((-people.age, people.household_code))
    home, child = people.household_code[order], people.age[order] < 18
    start = np.flatnonzero(np.r_[True, home[1:] != home[:-1]])
    before = np.cumsum(child) - child
    place = before - np.repeat(before[start], np.diff(np.r_[start, home.size]))
    dues = np.full(len(people), 30.0)
    dues[order[child & (place >= 2)]] = 0.0
    return dues


def income_cents(people: Portfolio) -> FloatArray:
    """A twelfth of 5 % of income, 10 to 200, in whole cents."""
    return np.floor(np.clip(people.income * 0.05 / 12, 10, 200) * 100 + 0.5)


COMPARISONS = {
    "flat": Comparison(
        premiums.FlatContribution(monthly=30.0), lambda people: np.full(len(people), 30.0)
    ),
    "community": Comparison(
        premiums.CommunityContribution(monthly=30.0, child_share=0.4),
        lambda people: np.where(people.age < 18, 12.0, 30.0),
    ),
    "age band": Comparison(
        premiums.AgeBandContribution(monthly=BANDS),
        lambda people: BY_AGE[people.age],
    ),
    "tier": Comparison(
        premiums.TierContribution(monthly={"basic": 20.0, "full": 55.0}),
        lambda people: np.array([20.0, 55.0])[people.plan_code],
    ),
    "income": Comparison(
        premiums.IncomeContribution(rate=0.05, minimum=10.0, maximum=200.0),
        lambda people: income_cents(people) / 100,
    ),
    "entry-age loading": Comparison(
        premiums.FlatContribution(monthly=30.0, adjustments=[LHC]),
        lambda people: 30.0 * loading(people),
    ),
    "age-based discount": Comparison(
        premiums.FlatContribution(
            monthly=30.0, adjustments=[premiums.AgeDiscount.australian(hospital_part=0.5)]
        ),
        lambda people: 30.0 * young_adults(people),
    ),
    "early-entry discount": Comparison(
        premiums.FlatContribution(
            monthly=30.0,
            adjustments=[premiums.EarlyEntryDiscount(before_age=40, per_year=0.01, maximum=0.2)],
        ),
        lambda people: 30.0 - 0.3 * np.minimum(np.maximum(40 - people.entry_age, 0), 20),
    ),
    "experience-rated group": Comparison(
        premiums.FlatContribution(
            monthly=30.0,
            adjustments=[premiums.GroupExperience(experience={"mill": 1.4}, credibility=0.5)],
        ),
        lambda people: np.array([36.0, 30.0, 30.0])[people.group_code],
    ),
    "factors by age, sex and region": Comparison(
        premiums.AgeBandContribution(
            monthly=BANDS,
            adjustments=[
                premiums.RatingFactor(by="sex", factors={"F": 1.05, "M": 0.95}),
                premiums.RatingFactor(
                    by="region", factors={"coast": 1.1, "hills": 0.9, "town": 1.0}
                ),
            ],
        ),
        lambda people: (
            BY_AGE[people.age]
            * np.array([1.05, 0.95])[people.sex]
            * np.array([1.1, 0.9, 1.0])[people.region_code]
        ),
    ),
    "family, cap on children": Comparison(
        premiums.FlatContribution(
            monthly=30.0, adjustments=[premiums.FamilyAdjustment(paying_children=2)]
        ),
        two_children_pay,
    ),
    "family, adults' mean of loadings": Comparison(
        premiums.FlatContribution(
            monthly=30.0, adjustments=[LHC, premiums.FamilyAdjustment(average_adults=True)]
        ),
        lambda people: 30.0 * shared_loading(people),
    ),
}
TOGETHER = {
    "age band with loading": Comparison(
        premiums.AgeBandContribution(monthly=BANDS, adjustments=[LHC]),
        lambda people: BY_AGE[people.age] * loading(people),
    ),
    "age band with adults' mean of loadings": Comparison(
        premiums.AgeBandContribution(
            monthly=BANDS, adjustments=[LHC, premiums.FamilyAdjustment(average_adults=True)]
        ),
        lambda people: BY_AGE[people.age] * shared_loading(people),
    ),
    "income with loading": Comparison(
        premiums.IncomeContribution(rate=0.05, minimum=10.0, maximum=200.0, adjustments=[LHC]),
        # In whole numbers, for halves of a cent go up: the loading has whole hundredths.
        lambda people: (income_cents(people) * np.rint(100 * loading(people)) + 50) // 100 / 100,
    ),
}
"""Rules in which a table and adjustments each ask for passes of their own."""


def require_same_dues(people: Portfolio) -> None:
    """Refuse to time a rule whose dues are not those of the plain expression, to a millionth of a unit."""
    for name, (rule, plain) in (COMPARISONS | TOGETHER).items():
        np.testing.assert_allclose(
            rule.monthly_dues(people), plain(people), rtol=0, atol=6e-5, err_msg=name
        )


def contributions(profile: Profile) -> Section:
    """A row a rule, and the gate on the dearest of them."""
    n = profile.dues_members
    people = members(n)
    say(f"contributions: {n:,} members")
    looked_at: tuple[Looked, ...] = ("entry_age", "years")
    kinds = seconds(lambda members: rating_classes(members, looked_at), people)
    homes = seconds(households, people)
    shared = seconds(lambda members: sharing(members, 18, looked_at), people)
    require_same_dues(people)
    tasks: dict[str, Task] = {"bare": lambda: float(bare(people)[0].size)}
    every = COMPARISONS | TOGETHER
    tasks |= {name: task(rule, people) for name, (rule, _) in every.items()}
    timings = alternate(tasks, 3 * profile.rounds)
    rows = [row(timings, name) for name in tasks]
    dearest = max(COMPARISONS, key=lambda name: timings[name].median)
    ratio = timings[dearest].median / timings["bare"].median
    note = NOTE.format(
        members=n, kinds=1e3 * kinds, homes=1e3 * homes, shared=1e3 * shared, together=len(TOGETHER)
    )
    gate = Gate(f"dearest rule ({dearest}) over bare", ratio, "at most", 2.0, "x", f"{n:,} members")
    return Section("contributions", f"Contribution rules: {n:,} members", note, rows, [gate])


def seconds(found: Callable[[Portfolio], object], people: Portfolio) -> float:
    start = perf_counter()
    found(people)
    return perf_counter() - start


def task(rule: premiums.Contribution, people: Portfolio) -> Task:
    return lambda: float(rule.monthly_dues(people).size)


def row(timings: Timings, name: str) -> dict[str, Cell]:
    return {
        "rule": name,
        "ms": 1e3 * timings[name].median,
        "over bare": timings[name].median / timings["bare"].median,
    }

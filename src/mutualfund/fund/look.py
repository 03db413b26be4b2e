"""What is allowed and yet seldom meant: a percentage for a share, a monthly amount for a yearly one."""

from __future__ import annotations

from collections.abc import Iterator

from mutualfund.assumptions.severities import mean_amount
from mutualfund.fund.expectations import Expectations
from mutualfund.scenario import Scenario
from mutualfund.sim.plan import Plan

FEW_MEMBERS = 30
LITTLE_USED = 0.3
"""Claims and expenses under this part of the contributions are seldom meant."""
MANY_TIMES = 10.0
"""A line that costs a member so many times the contribution cannot be paid from it."""


def worth_a_look(scenario: Scenario, plan: Plan, expected: Expectations) -> Iterator[str]:
    """A sentence for every figure of year 1 that is possible and probably a slip."""
    if plan.n_members < FEW_MEMBERS:
        members = "1 member" if plan.n_members == 1 else f"{plan.n_members} members"
        yield f"members: {members}; figures of so few say little about a fund"
    yield from _reserve(scenario, expected.contributions)
    if not expected.contributions > 0.0:
        yield "rules.contributions: no contribution is due in year 1"
        return
    yield from _whole_cost(scenario, plan, expected)
    yield from _costly_lines(plan, expected.contributions / plan.n_members)


def _reserve(scenario: Scenario, contributions: float) -> Iterator[str]:
    opening = scenario.fund.opening_reserve
    floor = scenario.rules.in_force(scenario.fund.start).reserve.floor * contributions
    if opening < 0.0:
        yield f"fund.opening_reserve: {opening:,.0f}, below 0; the fund starts without money of its own"
    elif opening < floor:
        yield f"fund.opening_reserve: {opening:,.0f}, below the floor of {floor:,.0f} on the first day"


def _whole_cost(scenario: Scenario, plan: Plan, expected: Expectations) -> Iterator[str]:
    book = scenario.rules.in_force(scenario.fund.start)
    expenses, pool = book.expenses, book.equalisation
    fixed = expenses.per_member * plan.n_members + expenses.fixed_per_year
    part = expenses.share_of_contributions + fixed / expected.contributions
    claims, members = expected.loss_ratio * expected.contributions, float(plan.n_members)
    received = 0.0 if pool is None else pool.amount(claims, members, expected.contributions, 1)
    pooled = received / expected.contributions
    ratio = expected.loss_ratio + part - pooled
    if ratio > 1.0 or ratio < LITTLE_USED:
        so = "more than they bring" if ratio > 1.0 else "little of what they bring"
        yield (
            f"rules.contributions: expected claims and expenses take {ratio:.0%} of the contributions "
            f"({expected.loss_ratio:.0%} claims, {part:.0%} expenses"
            f"{'' if pool is None else f', {-pooled:+.0%} equalisation'}), {so}"
        )


def _costly_lines(plan: Plan, contribution: float) -> Iterator[str]:
    for line in plan.lines:
        count = 0.0 if line.frequency is None else float(line.frequency.mean)
        cost = count * mean_amount(line.severity)
        if cost > MANY_TIMES * contribution:
            yield (
                f"assumptions.lines.{line.name}: {cost:,.0f} a member-year, {cost / contribution:,.0f} "
                f"times the contribution of {contribution:,.0f}"
            )

"""What must hold between contributions, the members who owe them and the days they are used on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutualfund.assumptions.faults import listing
from mutualfund.errors import Fault
from mutualfund.premiums import Contribution, TierContribution
from mutualfund.premiums.contributions.refusals import not_held, not_yet_valid
from mutualfund.rules import Rulebook
from mutualfund.rules.rulebook import amendment_faults
from mutualfund.scenario.settings import Fund

if TYPE_CHECKING:
    from mutualfund.portfolio import Portfolio


def collection_faults(rules: Rulebook) -> list[Fault]:
    """Two statements of what comes in, and arrears that the simulation cannot follow member by member."""
    if rules.arrears is None:
        return []
    faults = []
    if rules.contributions.collection_rate < 1.0:
        allowed = "1 beside arrears, which say what is paid"
        got = f"{rules.contributions.collection_rate:g}"
        remedy = "State one of the two."
        faults.append(Fault("contributions.collection_rate", got, allowed, remedy, "twice"))
    if rules.arrears.suspends:
        allowed = "false in a simulation, which knows how much is late and not whose"
        remedy = "Leave it out: cover goes on. Arrears.account keeps single members' accounts."
        faults.append(Fault("arrears.suspends", "true", allowed, remedy, "not_simulated"))
    return faults


def table_date_faults(rules: Rulebook, fund: Fund) -> list[Fault]:
    """A table of contributions that is dated after the first day on which it would be used."""
    days = [fund.start, *sorted(item.effective for item in rules.amendments)]
    if amendment_faults(rules):
        days = days[:1]  # rules that cannot be applied are faults of their own
    for day in days:
        dated = getattr(rules.in_force(day).contributions, "valid_from", None)
        if dated is not None and dated > max(day, fund.start):
            field = "rules.contributions.valid_from"
            return [not_yet_valid(field, dated, max(day, fund.start))]
    return []


def column_faults(portfolio: Portfolio, rules: Rulebook) -> list[Fault]:
    """Columns and labels that the contribution rule needs, and groups that it names."""
    rule = rules.contributions
    return rule.faults(portfolio) if isinstance(rule, Contribution) else []


def plan_faults(portfolio: Portfolio, rules: Rulebook) -> list[Fault]:
    """Plans by the names in the rules only: those in the members' file are members' data."""
    held = portfolio.plan_names
    faults = [
        not_held(f"rules.plans.{name}", name, "plan") for name in rules.plans if name not in held
    ]
    if isinstance(rules.contributions, TierContribution):
        priced = rules.contributions.monthly
        field = "rules.contributions.monthly"
        faults += [not_held(f"{field}.{name}", name, "plan") for name in priced if name not in held]
        unpriced = sum(name not in priced for name in held)
        if unpriced:
            got = f"plans without a price: {unpriced} (names not shown)"
            remedy = f"Add their prices to {field}."
            faults.append(Fault("members.plan", got, listing(priced), remedy, "missing"))
        without = int((portfolio.plan_code < 0).sum())
        if without:
            got = f"no plan in {without} rows"
            faults.append(
                Fault("members.plan", got, "a plan for every member, as tiers need", code="missing")
            )
    return faults

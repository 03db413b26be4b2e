"""What must hold between contributions, the members who owe them and the days they are used on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutualfund.errors import Fault
from mutualfund.inputs.faults import listing
from mutualfund.premiums import Arrears, Contribution, TierContribution
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
    return faults + _account_faults(rules.arrears)


def _account_faults(arrears: Arrears) -> list[Fault]:
    """Terms of single members' accounts, none of which moves anything in a simulation."""
    nothing = Arrears(late=arrears.late)
    remedy = "Leave it out: cover goes on. Arrears.account keeps single members' accounts."
    faults = []
    for name in ("suspends", "grace_months", "reinstated"):
        got, default = (getattr(terms, name) for terms in (arrears, nothing))
        if got != default:
            allowed = (
                f"{_written(default)} in a simulation, which knows how much is late and not whose"
            )
            fault = Fault(f"arrears.{name}", _written(got), allowed, remedy, "not_simulated")
            faults.append(fault)
    return faults


def _written(value: bool | int | str) -> str:
    """As it stands in a scenario file."""
    return str(value).lower() if isinstance(value, bool) else str(value)


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

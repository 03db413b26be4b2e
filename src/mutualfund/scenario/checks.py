"""What must hold between the parts of a scenario: names exist, limits agree, needed columns are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mutualfund.assumptions import Assumptions
from mutualfund.errors import Fault
from mutualfund.inputs.faults import did_you_mean, listing, prefixed
from mutualfund.rules import Benefits, Rulebook
from mutualfund.rules.rulebook import amendment_faults
from mutualfund.scenario.dues_checks import (
    collection_faults,
    column_faults,
    plan_faults,
    table_date_faults,
)
from mutualfund.scenario.settings import Fund

if TYPE_CHECKING:
    from mutualfund.portfolio import Portfolio


def unknown(field: str, name: str, known: Iterable[str], what: str) -> Fault:
    """The fault of a name that does not exist.

    >>> print(unknown("rules.benefits.dentl", "dentl", ["dental"], "line"))
    rules.benefits.dentl: got an unknown line 'dentl'; allowed: dental. Did you mean 'dental'?
    """
    words = list(known)
    got = f"an unknown {what} '{name}'"
    return Fault(field, got, listing(words) or "none", did_you_mean(name, words), f"unknown_{what}")


def all_faults(
    parts: Mapping[str, Any], stated: Mapping[str, Any], portfolio: Portfolio | None
) -> list[Fault]:
    """Every cross-check that the parts of a scenario allow.

    `parts` holds the valid parts only; `stated` is everything as it was stated. What would need an invalid
    part is left out, but for names, which can be compared even then.
    """
    fund, assumptions, rules = parts.get("fund"), parts.get("assumptions"), parts.get("rules")
    faults: list[Fault] = []
    if assumptions is not None:
        faults += assumption_faults(assumptions)
    else:
        faults += stated_twice(stated.get("assumptions"))
    lines = line_names(parts, stated)
    if rules is not None and fund is not None:
        faults += table_date_faults(rules, fund)
    if lines is not None and rules is not None:
        faults += rule_faults(rules, lines)
        faults += amendment_checks(rules, lines, fund)
    elif lines is not None:
        faults += stated_name_faults(stated.get("rules"), lines)
    if portfolio is not None:
        faults += start_faults(portfolio, fund)
        faults += portfolio_faults(portfolio, assumptions, rules)
    return faults


def line_names(parts: Mapping[str, Any], stated: Mapping[str, Any]) -> list[str] | None:
    """Names of the member-level lines, also of assumptions that are not valid; None where unreadable."""
    assumptions = parts.get("assumptions")
    if assumptions is not None:
        return _member_lines(assumptions)
    table = stated.get("assumptions")
    listed = table.get("lines") if isinstance(table, Mapping) else None
    if not isinstance(listed, list | tuple):
        return None
    rows = [row for row in listed if isinstance(row, Mapping)]
    return [str(row.get("name")) for row in rows if row.get("level", "member") == "member"]


def stated_twice(assumptions: object) -> list[Fault]:
    """Lines or shocks of one name, while other parts of the assumptions are invalid."""
    table = assumptions if isinstance(assumptions, Mapping) else {}
    faults = []
    for key in ("lines", "shocks"):
        listed = table.get(key)
        rows = listed if isinstance(listed, list | tuple) else ()
        names = [
            row.get("name") if isinstance(row, Mapping) else getattr(row, "name", None)
            for row in rows
        ]
        names = [name for name in names if name is not None]
        if len({*map(str, names)}) < len(names):
            field = f"assumptions.{key}"
            faults.append(Fault(field, str(names), "each name once", code="duplicate_name"))
    return faults


def stated_name_faults(rules: object, lines: Iterable[str]) -> list[Fault]:
    """Lines that a rulebook's tables name though they do not exist, while other parts of it are invalid."""
    known = list(lines)
    table = rules if isinstance(rules, Mapping) else {}
    benefits, plans, providers = (table.get(key) for key in ("benefits", "plans", "providers"))
    places = {"rules.benefits": benefits, "rules.providers": providers}
    if isinstance(plans, Mapping):
        places |= {f"rules.plans.{plan}": terms for plan, terms in plans.items()}
    return [
        unknown(f"{path}.{name}", name, known, "line")
        for path, terms in places.items()
        if isinstance(terms, Mapping)
        for name, value in terms.items()
        if isinstance(value, Mapping) and name not in known
    ]


def assumption_faults(assumptions: Assumptions) -> list[Fault]:
    """Names inside the assumptions: reserved ones, and those of lines."""
    keys = [key for key in Benefits.model_fields if key != "lines"]
    reserved = [
        Fault(f"assumptions.lines.{name}.name", f"'{name}'", "a name that is no key of benefits")
        for name in assumptions.line_names
        if name in (*keys, "lines")
    ]
    return [
        *reserved,
        *_shock_faults(assumptions),
        *_frailty_faults(assumptions),
        *_relativity_faults(assumptions),
    ]


def _member_lines(assumptions: Assumptions) -> list[str]:
    return [line.name for line in assumptions.lines if line.level == "member"]


def _shock_faults(assumptions: Assumptions) -> list[Fault]:
    known = _member_lines(assumptions)
    return [
        unknown(f"assumptions.shocks.{shock.name}.frequency_factor.{name}", name, known, "line")
        for shock in assumptions.shocks
        for name in shock.frequency_factor
        if name not in known
    ]


def _frailty_faults(assumptions: Assumptions) -> list[Fault]:
    frailty, known = assumptions.frailty, _member_lines(assumptions)
    if frailty is None or frailty.lines is None:
        return []
    return [
        unknown(f"assumptions.frailty.lines[{place}]", name, known, "line")
        for place, name in enumerate(frailty.lines)
        if name not in known
    ]


def _relativity_faults(assumptions: Assumptions) -> list[Fault]:
    states = assumptions.health_states
    if states is None:
        return []
    known = _member_lines(assumptions)
    table = states.relativity if isinstance(states.relativity, Mapping) else {}
    field = "assumptions.health_states.relativity"
    faults = [
        unknown(f"{field}.{name}", name, known, "line") for name in table if name not in known
    ]
    opening = [
        Fault(field, f"a mean of 0 for '{name}'", "a mean above 0 on the opening shares")
        for name in known
        if not float((states.relativity_of(name) * states.shares_by_year(1)[0]).sum()) > 0.0
    ]
    return [*faults, *opening]


def rule_faults(rules: Rulebook, lines: Iterable[str]) -> list[Fault]:
    """Names of lines in the rules, limits that contradict each other, amendments that cannot be
    applied.

    `lines` are the member-level lines: a fund-level line is paid in full and has no terms.
    """
    known = list(lines)
    faults = [
        unknown(f"{path}.{name}", name, known, "line")
        for path, table in rules.benefit_tables.items()
        for name in table.lines
        if name not in known
    ]
    faults += [
        unknown(f"providers.{name}", name, known, "line")
        for name in rules.providers
        if name not in known
    ]
    faults += _increase_faults(rules)
    faults += collection_faults(rules)
    faults += _flow_name_faults(rules)
    return prefixed(faults, "rules")


def _increase_faults(rules: Rulebook) -> list[Fault]:
    highest = rules.governance.maximum_increase
    wanted = getattr(rules.contributions, "increase_per_year", 0.0)
    if highest is None or wanted <= highest:
        return []
    allowed = f"at most governance.maximum_increase, {highest:g}"
    remedy = "Lower it, or raise maximum_increase."
    return [Fault("contributions.increase_per_year", f"{wanted:g}", allowed, remedy, "range")]


def _flow_name_faults(rules: Rulebook) -> list[Fault]:
    names = [rule.name for rule in rules.extra]
    repeated = sorted({name for name in names if names.count(name) > 1})
    return [
        Fault("extra", f"'{name}' twice", "each name once", code="duplicate_name")
        for name in repeated
    ]


def _part(fault: Fault) -> str:
    """Which key of the amendment is at fault."""
    return "rule" if fault.code in ("unknown_path", "unknown_line") else "value"


def amendment_checks(rules: Rulebook, lines: Iterable[str], fund: Fund | None) -> list[Fault]:
    """Each amendment must name a rule, bring an allowed value, and take effect on an allowed day."""
    faults: list[Fault] = []
    for position, error in amendment_faults(rules):
        for fault in error.faults:
            at = f"rules.amendments[{position}].{_part(fault)}"
            faults.append(
                Fault(at, f"{fault.field}: {fault.got}", fault.allowed, fault.remedy, fault.code)
            )
    if faults:
        return faults
    for position, amendment in enumerate(rules.amendments):
        at = f"rules.amendments[{position}]"
        if (
            fund is not None
            and not amendment.monthly
            and amendment.effective.month != fund.start.month
        ):
            allowed = f"a first day of a fund year (month {fund.start.month}) for {amendment.rule}"
            faults.append(Fault(f"{at}.effective", str(amendment.effective), allowed, code="date"))
        after = rule_faults(rules.in_force(amendment.effective), lines)
        before = set(rule_faults(rules, lines))
        faults += [
            Fault(
                f"{at}.{_part(fault)}",
                f"{fault.field}: {fault.got}",
                fault.allowed,
                fault.remedy,
                fault.code,
            )
            for fault in after
            if fault not in before
        ]
    return faults


def start_faults(portfolio: Portfolio, fund: Fund | None) -> list[Fault]:
    """Ages and months of joining count from a day: it must be the fund's own first day."""
    if fund is None or portfolio.start in (None, fund.start):
        return []
    allowed = f"the day for which the members were read, {portfolio.start}"
    remedy = "Read the members for this start."
    return [Fault("fund.start", str(fund.start), allowed, remedy, "start")]


def portfolio_faults(
    portfolio: Portfolio, assumptions: Assumptions | None, rules: Rulebook | None
) -> list[Fault]:
    """What the rules and the health states need from the members; no member's value is ever named."""
    faults: list[Fault] = []
    if rules is not None:
        faults += plan_faults(portfolio, rules)
        faults += column_faults(portfolio, rules)
    if assumptions is not None:
        faults += _state_faults(portfolio, assumptions)
    return faults


def _state_faults(portfolio: Portfolio, assumptions: Assumptions) -> list[Fault]:
    if portfolio.health_state_names is None:
        return []
    if assumptions.health_states is None:
        remedy = "Add the states, or leave the column out."
        allowed = "assumptions.health_states where members have a health_state column"
        return [Fault("assumptions.health_states", "nothing", allowed, remedy, "missing")]
    known = assumptions.health_states.names
    return [
        Fault(
            "members.health_state",
            "a state that is not in assumptions.health_states.names",
            listing(known),
        )
        for name in portfolio.health_state_names
        if name not in known
    ][:1]

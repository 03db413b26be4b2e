"""The card of a scenario in a notebook: what it says, in a small static table, without any member's row."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mutualfund.scenario.scenario import Scenario


def card(scenario: Scenario) -> str:
    """HTML of the card, everything escaped."""
    left = "style='text-align:left'"
    rows = "".join(
        f"<tr><th {left}>{escape(label)}</th><td {left}>{escape(text)}</td></tr>"
        for label, text in facts(scenario)
    )
    title = escape(scenario.title or scenario.fund.name)
    return f"<table><caption>{title}</caption><tbody>{rows}</tbody></table>"


def summary(scenario: Scenario) -> str:
    """The scenario in one line."""
    settings = scenario.settings
    return (
        f"<Scenario {(scenario.title or scenario.fund.name)!r}: members {_members(scenario)}, "
        f"{settings.paths:,} paths, {settings.years} years, seed {settings.seed}>"
    )


def facts(scenario: Scenario) -> list[tuple[str, str]]:
    """Label and text of each row of the card."""
    fund, settings = scenario.fund, scenario.settings
    states = scenario.assumptions.health_states
    return [
        ("Fund", f"{fund.name}, from {fund.start.isoformat()}"),
        ("Opening reserve", f"{fund.opening_reserve:,.0f} {fund.currency}"),
        ("Members", _members(scenario)),
        ("Lines", ", ".join(scenario.assumptions.line_names)),
        ("Health states", ", ".join(states.names) if states else "one"),
        ("Contributions", str(getattr(scenario.rules.contributions, "kind", "a rule of your own"))),
        ("Settings", f"{settings.paths:,} paths, {settings.years} years, seed {settings.seed}"),
    ]


def _members(scenario: Scenario) -> str:
    if not scenario.has_members:
        return "not read"
    return f"{len(scenario.portfolio):,}"

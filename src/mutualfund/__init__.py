"""A member-owned health fund, simulated: members, benefit rules, claims, reserves, contributions.

    import mutualfund as mf

    scenario = mf.Scenario.load("scenario.toml")
    run = mf.simulate(scenario)
    run.summary()

Names are loaded when first used, so that importing the package takes well under a second.
"""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mutualfund import claims as claims
    from mutualfund import premiums as premiums
    from mutualfund import report as report
    from mutualfund import results as results
    from mutualfund import rules as rules
    from mutualfund.assumptions import Assumptions as Assumptions
    from mutualfund.errors import MutualFundError as MutualFundError
    from mutualfund.fund.simulate import simulate as simulate
    from mutualfund.portfolio import Portfolio as Portfolio
    from mutualfund.results import FundRun as FundRun
    from mutualfund.results import load_run as load_run
    from mutualfund.rules import Rulebook as Rulebook
    from mutualfund.scenario import Scenario as Scenario
    from mutualfund.scenario import Settings as Settings
    from mutualfund.scenario import archetypes as archetypes

_HOMES = {
    "Assumptions": "mutualfund.assumptions",
    "FundRun": "mutualfund.results",
    "MutualFundError": "mutualfund.errors",
    "Portfolio": "mutualfund.portfolio",
    "Rulebook": "mutualfund.rules",
    "Scenario": "mutualfund.scenario",
    "Settings": "mutualfund.scenario",
    "archetypes": "mutualfund.scenario.archetypes",
    "claims": "mutualfund.claims",
    "load_run": "mutualfund.results",
    "premiums": "mutualfund.premiums",
    "report": "mutualfund.report",
    "results": "mutualfund.results",
    "rules": "mutualfund.rules",
    "simulate": "mutualfund.fund",
}

__all__ = [
    "Assumptions",
    "FundRun",
    "MutualFundError",
    "Portfolio",
    "Rulebook",
    "Scenario",
    "Settings",
    "archetypes",
    "claims",
    "load_run",
    "premiums",
    "report",
    "results",
    "rules",
    "simulate",
]

logging.getLogger(__name__).addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for, and keep it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = importlib.import_module(_HOMES[name])
    value = home if _HOMES[name].rsplit(".", 1)[-1] == name else getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

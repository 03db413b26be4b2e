"""A member-owned health fund, simulated: members, benefit rules, claims, reserves, contributions.

    import mutualfund as mf

    scenario = mf.Scenario.load("scenario.toml")
    run = mf.simulate(scenario)
    run.summary()

Names are loaded when first used, so that importing the package takes well under a second.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from mutualfund._exports import on_demand

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

__all__, __getattr__, __dir__ = on_demand(__name__)

logging.getLogger(__name__).addHandler(logging.NullHandler())

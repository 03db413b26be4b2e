"""What a run writes down about itself."""

from __future__ import annotations

from typing import Any

from mutualfund.fund.lowered import plan_digest
from mutualfund.fund.stated import stated
from mutualfund.results.facts import FundFacts, is_not_a_file, scenario_text
from mutualfund.results.manifest import environment, sha256
from mutualfund.rng import STREAM_VERSION
from mutualfund.sim.plan import Plan


def describe(plan: Plan, facts: FundFacts) -> dict[str, Any]:
    """What is known before anything is simulated: how the numbers will come about, in plain text and numbers.

    Added to it are how it is computed, and what the pilot run finds: the expected values and what is to be
    noted of them.
    """
    scenario = plan.scenario
    text = scenario_text(scenario)
    written = {"sha256": sha256(text.encode())}
    return environment() | {
        "stream_version": STREAM_VERSION,
        "seed": scenario.settings.seed,
        "paths": scenario.settings.paths,
        "years": scenario.settings.years,
        "plan": {"sha256": plan_digest(plan)},
        "inputs": {
            # The text of a scenario that is no file tells nothing of what it states beside.
            "scenario": written | ({"stated": stated(scenario)} if is_not_a_file(text) else {}),
            "members": {
                "sha256": scenario.portfolio.digest(),
                "rows": len(scenario.portfolio),
            },
        },
        "facts": facts.to_dict(),
    }

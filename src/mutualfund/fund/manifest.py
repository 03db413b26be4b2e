"""What a run writes down about itself."""

from __future__ import annotations

from typing import Any

from mutualfund.fund.expectations import Expectations
from mutualfund.results.facts import FundFacts, scenario_text
from mutualfund.results.manifest import environment, sha256
from mutualfund.rng import STREAM_VERSION
from mutualfund.scenario import Scenario


def describe(
    scenario: Scenario,
    facts: FundFacts,
    expected: Expectations,
    notes: list[str],
    *,
    workers: int,
    block_paths: int,
) -> dict[str, Any]:
    """The manifest: how the numbers came about, in plain text and numbers."""
    return environment() | {
        "stream_version": STREAM_VERSION,
        "seed": scenario.settings.seed,
        "paths": scenario.settings.paths,
        "years": scenario.settings.years,
        "workers": workers,
        "block_paths": block_paths,
        "inputs": {
            "scenario": {"sha256": sha256(scenario_text(scenario).encode())},
            "members": {
                "sha256": scenario.portfolio.digest(),
                "rows": len(scenario.portfolio),
            },
        },
        "expected": expected.to_dict(),
        "facts": facts.to_dict(),
        "warnings": notes,
    }

"""The four inputs of a simulation together: TOML in and out, JSON Schema, shipped archetypes."""

from __future__ import annotations

from mutualfund.scenario.scenario import Scenario
from mutualfund.scenario.settings import Fund, Members, Settings, Synthetic

__all__ = ["Fund", "Members", "Scenario", "Settings", "Synthetic"]

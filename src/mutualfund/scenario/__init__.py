"""The four inputs of a simulation together: TOML in and out, JSON Schema, shipped archetypes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutualfund._exports import on_demand

if TYPE_CHECKING:
    from mutualfund.scenario.scenario import Scenario as Scenario
    from mutualfund.scenario.settings import Fund as Fund
    from mutualfund.scenario.settings import Members as Members
    from mutualfund.scenario.settings import Settings as Settings
    from mutualfund.scenario.settings import Synthetic as Synthetic

__all__, __getattr__, __dir__ = on_demand(__name__)

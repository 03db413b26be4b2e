"""What may happen: service lines, health states, membership, shocks, the economy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutualfund._exports import on_demand

if TYPE_CHECKING:
    from mutualfund.assumptions.bands import AgeBands as AgeBands
    from mutualfund.assumptions.basis import Assumptions as Assumptions
    from mutualfund.assumptions.drafting import Provenance as Provenance
    from mutualfund.assumptions.economy import Economy as Economy
    from mutualfund.assumptions.economy import InvestmentReturn as InvestmentReturn
    from mutualfund.assumptions.experience import Draft as Draft
    from mutualfund.assumptions.frailty import Frailty as Frailty
    from mutualfund.assumptions.health import HealthStates as HealthStates
    from mutualfund.assumptions.lines import Line as Line
    from mutualfund.assumptions.lines import UseResponse as UseResponse
    from mutualfund.assumptions.membership import Membership as Membership
    from mutualfund.assumptions.mortality import MortalityTable as MortalityTable
    from mutualfund.assumptions.shocks import Shock as Shock
    from mutualfund.assumptions.uncertainty import SeverityShape as SeverityShape
    from mutualfund.assumptions.uncertainty import Uncertainty as Uncertainty

__all__, __getattr__, __dir__ = on_demand(__name__)

"""What may happen: service lines, health states, membership, shocks, the economy."""

from __future__ import annotations

from mutualfund.assumptions.bands import AgeBands
from mutualfund.assumptions.basis import Assumptions
from mutualfund.assumptions.drafting import Provenance
from mutualfund.assumptions.economy import Economy, InvestmentReturn
from mutualfund.assumptions.experience import Draft
from mutualfund.assumptions.frailty import Frailty
from mutualfund.assumptions.health import HealthStates
from mutualfund.assumptions.lines import Line, UseResponse
from mutualfund.assumptions.membership import Membership
from mutualfund.assumptions.mortality import MortalityTable
from mutualfund.assumptions.shocks import Shock
from mutualfund.assumptions.uncertainty import SeverityShape, Uncertainty

__all__ = [
    "AgeBands",
    "Assumptions",
    "Draft",
    "Economy",
    "Frailty",
    "HealthStates",
    "InvestmentReturn",
    "Line",
    "Membership",
    "MortalityTable",
    "Provenance",
    "SeverityShape",
    "Shock",
    "Uncertainty",
    "UseResponse",
]

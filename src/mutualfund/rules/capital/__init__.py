"""How much reserve is enough: capital rules that see one year of a fund's books, for all paths at once."""

from __future__ import annotations

from mutualfund.rules.capital import examples
from mutualfund.rules.capital.books import Books, CapitalRule
from mutualfund.rules.capital.catastrophe import (
    accident_risk,
    health_catastrophe,
    pandemic_risk,
)
from mutualfund.rules.capital.rbc import (
    HealthRbc,
    UnderwritingTier,
    action_level,
    risk_based_capital,
)
from mutualfund.rules.capital.simple import (
    ContributionShareCapital,
    MonthsOfClaims,
    PrescribedAmount,
)
from mutualfund.rules.capital.solvency2 import (
    PremiumReserveRisk,
    SolvencyNslt,
    health_capital,
    nslt_capital,
    premium_and_reserve_risk,
)
from mutualfund.rules.capital.target import AnyTarget

__all__ = [
    "AnyTarget",
    "Books",
    "CapitalRule",
    "ContributionShareCapital",
    "HealthRbc",
    "MonthsOfClaims",
    "PremiumReserveRisk",
    "PrescribedAmount",
    "SolvencyNslt",
    "UnderwritingTier",
    "accident_risk",
    "action_level",
    "examples",
    "health_capital",
    "health_catastrophe",
    "nslt_capital",
    "pandemic_risk",
    "premium_and_reserve_risk",
    "risk_based_capital",
]

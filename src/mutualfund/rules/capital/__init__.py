"""How much reserve is enough: capital rules that see one year of a fund's books, for all paths at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutualfund._exports import on_demand

if TYPE_CHECKING:
    from mutualfund.rules.capital import examples as examples
    from mutualfund.rules.capital.books import Books as Books
    from mutualfund.rules.capital.books import CapitalRule as CapitalRule
    from mutualfund.rules.capital.catastrophe import accident_risk as accident_risk
    from mutualfund.rules.capital.catastrophe import health_catastrophe as health_catastrophe
    from mutualfund.rules.capital.catastrophe import pandemic_risk as pandemic_risk
    from mutualfund.rules.capital.rbc import HealthRbc as HealthRbc
    from mutualfund.rules.capital.rbc import UnderwritingTier as UnderwritingTier
    from mutualfund.rules.capital.rbc import action_level as action_level
    from mutualfund.rules.capital.rbc import risk_based_capital as risk_based_capital
    from mutualfund.rules.capital.simple import ContributionShareCapital as ContributionShareCapital
    from mutualfund.rules.capital.simple import MonthsOfClaims as MonthsOfClaims
    from mutualfund.rules.capital.simple import PrescribedAmount as PrescribedAmount
    from mutualfund.rules.capital.solvency2 import PremiumReserveRisk as PremiumReserveRisk
    from mutualfund.rules.capital.solvency2 import SolvencyNslt as SolvencyNslt
    from mutualfund.rules.capital.solvency2 import health_capital as health_capital
    from mutualfund.rules.capital.solvency2 import nslt_capital as nslt_capital
    from mutualfund.rules.capital.solvency2 import (
        premium_and_reserve_risk as premium_and_reserve_risk,
    )
    from mutualfund.rules.capital.target import AnyTarget as AnyTarget

__all__, __getattr__, __dir__ = on_demand(__name__)

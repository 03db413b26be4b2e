"""What the members have decided: one frozen class per rule, bound together in the rulebook."""

from __future__ import annotations

from mutualfund.premiums import Accounts
from mutualfund.rules.benefit_targets import benefits_under_trend, benefits_with_actuarial_value
from mutualfund.rules.benefits import Benefits, LineBenefit
from mutualfund.rules.booking import (
    Benktander,
    Booking,
    BornhuetterFerguson,
    CapeCod,
    ChainLadder,
    Completion,
    FromTriangle,
    PaidTriangle,
    ShareOfContributions,
)
from mutualfund.rules.calls import Calls
from mutualfund.rules.capital import (
    Books,
    CapitalRule,
    ContributionShareCapital,
    HealthRbc,
    MonthsOfClaims,
    PremiumReserveRisk,
    PrescribedAmount,
    SolvencyNslt,
    UnderwritingTier,
    accident_risk,
    action_level,
    health_capital,
    health_catastrophe,
    nslt_capital,
    pandemic_risk,
    premium_and_reserve_risk,
    risk_based_capital,
)
from mutualfund.rules.drawn_years import SampledBearers, sampled_sharing
from mutualfund.rules.equalisation import Equalisation
from mutualfund.rules.expected_sharing import (
    BearerSplit,
    CoveredClaims,
    ExpectedBearers,
    LineYear,
    expected_sharing,
)
from mutualfund.rules.expenses import Expenses
from mutualfund.rules.governance import Governance
from mutualfund.rules.providers import Provider
from mutualfund.rules.rated_benefits import RatedBenefits, rated_benefits
from mutualfund.rules.reinsurance import ExcessOfLoss, StopLoss
from mutualfund.rules.reserve import Reserve
from mutualfund.rules.rulebook import Amendment, Rulebook
from mutualfund.rules.surplus import Distribution, Surplus
from mutualfund.rules.view import CashFlowRule, YearView

__all__ = [
    "Accounts",
    "Amendment",
    "BearerSplit",
    "Benefits",
    "Benktander",
    "Booking",
    "Books",
    "BornhuetterFerguson",
    "Calls",
    "CapeCod",
    "CapitalRule",
    "CashFlowRule",
    "ChainLadder",
    "Completion",
    "ContributionShareCapital",
    "CoveredClaims",
    "Distribution",
    "Equalisation",
    "ExcessOfLoss",
    "ExpectedBearers",
    "Expenses",
    "FromTriangle",
    "Governance",
    "HealthRbc",
    "LineBenefit",
    "LineYear",
    "MonthsOfClaims",
    "PaidTriangle",
    "PremiumReserveRisk",
    "PrescribedAmount",
    "Provider",
    "RatedBenefits",
    "Reserve",
    "Rulebook",
    "SampledBearers",
    "ShareOfContributions",
    "SolvencyNslt",
    "StopLoss",
    "Surplus",
    "UnderwritingTier",
    "YearView",
    "accident_risk",
    "action_level",
    "benefits_under_trend",
    "benefits_with_actuarial_value",
    "expected_sharing",
    "health_capital",
    "health_catastrophe",
    "nslt_capital",
    "pandemic_risk",
    "premium_and_reserve_risk",
    "rated_benefits",
    "risk_based_capital",
    "sampled_sharing",
]

"""What the members have decided: one frozen class per rule, bound together in the rulebook."""

from __future__ import annotations

from mutualfund.premiums import Accounts
from mutualfund.rules.benefit_targets import benefits_under_trend, benefits_with_actuarial_value
from mutualfund.rules.benefits import Benefits, LineBenefit
from mutualfund.rules.booking import (
    Booking,
    BornhuetterFerguson,
    Completion,
    PaidTriangle,
    ShareOfContributions,
)
from mutualfund.rules.calls import Calls
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
    "Booking",
    "BornhuetterFerguson",
    "Calls",
    "CashFlowRule",
    "Completion",
    "CoveredClaims",
    "Distribution",
    "ExcessOfLoss",
    "ExpectedBearers",
    "Expenses",
    "Governance",
    "LineBenefit",
    "LineYear",
    "PaidTriangle",
    "Provider",
    "Reserve",
    "Rulebook",
    "ShareOfContributions",
    "StopLoss",
    "Surplus",
    "YearView",
    "benefits_under_trend",
    "benefits_with_actuarial_value",
    "expected_sharing",
]

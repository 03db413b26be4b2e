"""What the members have decided: one frozen class per rule, bound together in the rulebook."""

from __future__ import annotations

from mutualfund.premiums import Accounts
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
    "Benefits",
    "Benktander",
    "Booking",
    "BornhuetterFerguson",
    "Calls",
    "CapeCod",
    "CashFlowRule",
    "ChainLadder",
    "Completion",
    "Distribution",
    "ExcessOfLoss",
    "Expenses",
    "FromTriangle",
    "Governance",
    "LineBenefit",
    "PaidTriangle",
    "Provider",
    "Reserve",
    "Rulebook",
    "ShareOfContributions",
    "StopLoss",
    "Surplus",
    "YearView",
]

"""What members pay: contribution rules and what a meeting sees when it sets them."""

from __future__ import annotations

from mutualfund.premiums.accounts import Accounts
from mutualfund.premiums.contributions import (
    AgeBandContribution,
    CommunityContribution,
    ContributionRule,
    ContributionSpec,
    FlatContribution,
    IncomeContribution,
    TierContribution,
)

__all__ = [
    "Accounts",
    "AgeBandContribution",
    "CommunityContribution",
    "ContributionRule",
    "ContributionSpec",
    "FlatContribution",
    "IncomeContribution",
    "TierContribution",
]

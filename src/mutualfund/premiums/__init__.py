"""What members pay and why: credibility, contribution rules and what a meeting sees when it sets them."""

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
from mutualfund.premiums.credibility import (
    CredibilityFit,
    FullCredibilityStandard,
    buhlmann,
    buhlmann_straub,
    gamma_poisson,
    hachemeister,
    hierarchical,
    limited_fluctuation,
)

__all__ = [
    "Accounts",
    "AgeBandContribution",
    "CommunityContribution",
    "ContributionRule",
    "ContributionSpec",
    "CredibilityFit",
    "FlatContribution",
    "FullCredibilityStandard",
    "IncomeContribution",
    "TierContribution",
    "buhlmann",
    "buhlmann_straub",
    "gamma_poisson",
    "hachemeister",
    "hierarchical",
    "limited_fluctuation",
]

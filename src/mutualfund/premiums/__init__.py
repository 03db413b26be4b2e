"""What members pay and why: credibility, contribution rules and what a meeting sees when it sets them."""

from __future__ import annotations

from mutualfund.premiums.accounts import Accounts
from mutualfund.premiums.build_up import (
    BuildUpRow,
    PremiumBuildUp,
    mutual_build_up,
    premium_build_up,
)
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
from mutualfund.premiums.loadings import Loading
from mutualfund.premiums.principles import (
    EsscherPrinciple,
    ExpectedValuePrinciple,
    ExponentialPrinciple,
    LoadedPremium,
    PercentilePrinciple,
    PremiumPrinciple,
    PrincipleSpec,
    ProportionalHazardsPrinciple,
    StandardDeviationPrinciple,
    TailPrinciple,
    VariancePrinciple,
    WangPrinciple,
)

__all__ = [
    "Accounts",
    "AgeBandContribution",
    "BuildUpRow",
    "CommunityContribution",
    "ContributionRule",
    "ContributionSpec",
    "CredibilityFit",
    "EsscherPrinciple",
    "ExpectedValuePrinciple",
    "ExponentialPrinciple",
    "FlatContribution",
    "FullCredibilityStandard",
    "IncomeContribution",
    "LoadedPremium",
    "Loading",
    "PercentilePrinciple",
    "PremiumBuildUp",
    "PremiumPrinciple",
    "PrincipleSpec",
    "ProportionalHazardsPrinciple",
    "StandardDeviationPrinciple",
    "TailPrinciple",
    "TierContribution",
    "VariancePrinciple",
    "WangPrinciple",
    "buhlmann",
    "buhlmann_straub",
    "gamma_poisson",
    "hachemeister",
    "hierarchical",
    "limited_fluctuation",
    "mutual_build_up",
    "premium_build_up",
]

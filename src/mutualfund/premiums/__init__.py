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
from mutualfund.premiums.risk_premium import (
    ClaimPart,
    LineCover,
    RatingPeriod,
    RiskPremiums,
    risk_premiums,
)

__all__ = [
    "Accounts",
    "AgeBandContribution",
    "BuildUpRow",
    "ClaimPart",
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
    "LineCover",
    "LoadedPremium",
    "Loading",
    "PercentilePrinciple",
    "PremiumBuildUp",
    "PremiumPrinciple",
    "PrincipleSpec",
    "ProportionalHazardsPrinciple",
    "RatingPeriod",
    "RiskPremiums",
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
    "risk_premiums",
]

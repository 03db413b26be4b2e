"""What members pay and why: credibility, contribution rules and what a meeting sees when it sets them."""

"""What members pay: contribution rules, what a meeting sees when it sets them, pooling between funds."""

from __future__ import annotations

from mutualfund.premiums.accounts import Accounts
from mutualfund.premiums.actual_expected import ActualExpected, lift, one_way
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
from mutualfund.premiums.equalisation import (
    AgePoolTable,
    CellAdjustment,
    CellTable,
    ClaimsEqualisation,
    CorridorBand,
    Criterion,
    HighCostPool,
    RiskCorridor,
    RiskScores,
    RiskScoreTransfer,
    Transfers,
    cell_costs,
    settled_late,
)
from mutualfund.premiums.loadings import Loading
from mutualfund.premiums.lorenz_curve import Lorenz, lorenz
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
from mutualfund.premiums.smoothing import SmoothedCurve, smooth_ages

__all__ = [
    "Accounts",
    "ActualExpected",
    "AgeBandContribution",
    "AgePoolTable",
    "BuildUpRow",
    "CellAdjustment",
    "CellTable",
    "ClaimPart",
    "ClaimsEqualisation",
    "CommunityContribution",
    "ContributionRule",
    "ContributionSpec",
    "CorridorBand",
    "CredibilityFit",
    "Criterion",
    "EsscherPrinciple",
    "ExpectedValuePrinciple",
    "ExponentialPrinciple",
    "FlatContribution",
    "FullCredibilityStandard",
    "HighCostPool",
    "IncomeContribution",
    "LineCover",
    "LoadedPremium",
    "Loading",
    "Lorenz",
    "PercentilePrinciple",
    "PremiumBuildUp",
    "PremiumPrinciple",
    "PrincipleSpec",
    "ProportionalHazardsPrinciple",
    "RatingPeriod",
    "RiskCorridor",
    "RiskPremiums",
    "RiskScoreTransfer",
    "RiskScores",
    "SmoothedCurve",
    "StandardDeviationPrinciple",
    "TailPrinciple",
    "TierContribution",
    "Transfers",
    "VariancePrinciple",
    "WangPrinciple",
    "buhlmann",
    "buhlmann_straub",
    "cell_costs",
    "gamma_poisson",
    "hachemeister",
    "hierarchical",
    "lift",
    "limited_fluctuation",
    "lorenz",
    "mutual_build_up",
    "one_way",
    "premium_build_up",
    "risk_premiums",
    "settled_late",
    "smooth_ages",
]

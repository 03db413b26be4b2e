"""What members pay: contribution rules, what a meeting sees when it sets them, pooling between funds."""

from __future__ import annotations

from mutualfund.premiums.accounts import Accounts
from mutualfund.premiums.actual_expected import ActualExpected, lift, one_way
from mutualfund.premiums.contributions import (
    AgeBandContribution,
    CommunityContribution,
    ContributionRule,
    ContributionSpec,
    FlatContribution,
    IncomeContribution,
    TierContribution,
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
from mutualfund.premiums.lorenz_curve import Lorenz, lorenz
from mutualfund.premiums.smoothing import SmoothedCurve, smooth_ages

__all__ = [
    "Accounts",
    "ActualExpected",
    "AgeBandContribution",
    "AgePoolTable",
    "CellAdjustment",
    "CellTable",
    "ClaimsEqualisation",
    "CommunityContribution",
    "ContributionRule",
    "ContributionSpec",
    "CorridorBand",
    "Criterion",
    "FlatContribution",
    "HighCostPool",
    "IncomeContribution",
    "Lorenz",
    "RiskCorridor",
    "RiskScoreTransfer",
    "RiskScores",
    "SmoothedCurve",
    "TierContribution",
    "Transfers",
    "cell_costs",
    "lift",
    "lorenz",
    "one_way",
    "settled_late",
    "smooth_ages",
]

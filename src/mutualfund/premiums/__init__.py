"""What members pay: contribution rules, what a meeting sees when it sets them, pooling between funds."""

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

__all__ = [
    "Accounts",
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
    "RiskCorridor",
    "RiskScoreTransfer",
    "RiskScores",
    "TierContribution",
    "Transfers",
    "cell_costs",
    "settled_late",
]

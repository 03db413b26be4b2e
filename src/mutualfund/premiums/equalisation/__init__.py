"""Pooling between funds: who pays whom, and why a fund of healthy members pays others.

Every scheme gives `Transfers`: parts, money settled to the cent, and what is left if somebody does not pay.
"""

from __future__ import annotations

from mutualfund.premiums.equalisation import examples
from mutualfund.premiums.equalisation.aca import RiskScoreTransfer
from mutualfund.premiums.equalisation.cells import (
    CellAdjustment,
    CellTable,
    Criterion,
    cell_costs,
)
from mutualfund.premiums.equalisation.claims_pool import AgePoolTable, ClaimsEqualisation
from mutualfund.premiums.equalisation.corridor import CorridorBand, RiskCorridor
from mutualfund.premiums.equalisation.dated import DatedTable
from mutualfund.premiums.equalisation.high_cost import HighCostPool
from mutualfund.premiums.equalisation.late import settled_late
from mutualfund.premiums.equalisation.scores import RiskScores
from mutualfund.premiums.equalisation.transfers import Transfers

__all__ = [
    "AgePoolTable",
    "CellAdjustment",
    "CellTable",
    "ClaimsEqualisation",
    "CorridorBand",
    "Criterion",
    "DatedTable",
    "HighCostPool",
    "RiskCorridor",
    "RiskScoreTransfer",
    "RiskScores",
    "Transfers",
    "cell_costs",
    "examples",
    "settled_late",
]

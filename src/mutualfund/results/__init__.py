"""What a simulation hands back: the ledger, its risk measures, its pictures, its folder."""

from mutualfund.results import risk
from mutualfund.results.estimates import Estimate, Summary
from mutualfund.results.example import example_run
from mutualfund.results.limits import Limit
from mutualfund.results.marginals import DIMENSIONS, Dimension, Marginal
from mutualfund.results.measures import LINE_MEASURES, MEASURES, Measure, check_identities
from mutualfund.results.premium_cells import SimulatedPremiums
from mutualfund.results.risk_premiums import simulated_risk_premiums
from mutualfund.results.run import FundRun
from mutualfund.results.storage import load_run

__all__ = [
    "DIMENSIONS",
    "LINE_MEASURES",
    "MEASURES",
    "Dimension",
    "Estimate",
    "FundRun",
    "Limit",
    "Marginal",
    "Measure",
    "SimulatedPremiums",
    "Summary",
    "check_identities",
    "example_run",
    "load_run",
    "risk",
    "simulated_risk_premiums",
]

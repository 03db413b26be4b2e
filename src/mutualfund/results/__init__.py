"""What a simulation hands back: the ledger, its risk measures, its pictures, its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutualfund._exports import on_demand

if TYPE_CHECKING:
    from mutualfund.results import risk as risk
    from mutualfund.results.estimates import Estimate as Estimate
    from mutualfund.results.estimates import Summary as Summary
    from mutualfund.results.example import example_run as example_run
    from mutualfund.results.limits import Limit as Limit
    from mutualfund.results.marginals import DIMENSIONS as DIMENSIONS
    from mutualfund.results.marginals import Dimension as Dimension
    from mutualfund.results.marginals import Marginal as Marginal
    from mutualfund.results.measures import LINE_MEASURES as LINE_MEASURES
    from mutualfund.results.measures import MEASURES as MEASURES
    from mutualfund.results.measures import Measure as Measure
    from mutualfund.results.measures import check_identities as check_identities
    from mutualfund.results.premium_cells import SimulatedPremiums as SimulatedPremiums
    from mutualfund.results.risk_premiums import simulated_risk_premiums as simulated_risk_premiums
    from mutualfund.results.run import FundRun as FundRun
    from mutualfund.results.storage import load_run as load_run

__all__, __getattr__, __dir__ = on_demand(__name__)

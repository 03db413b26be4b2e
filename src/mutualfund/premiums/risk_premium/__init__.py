"""Risk premiums: what the fund expects to pay for a member in a year, by cell and line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutualfund._exports import on_demand

if TYPE_CHECKING:
    from mutualfund.premiums.risk_premium.cover import ClaimPart as ClaimPart
    from mutualfund.premiums.risk_premium.cover import LineCover as LineCover
    from mutualfund.premiums.risk_premium.example import (
        example_risk_premiums as example_risk_premiums,
    )
    from mutualfund.premiums.risk_premium.period import RatingPeriod as RatingPeriod
    from mutualfund.premiums.risk_premium.pricing import risk_premiums as risk_premiums
    from mutualfund.premiums.risk_premium.result import RiskPremiums as RiskPremiums

__all__, __getattr__, __dir__ = on_demand(__name__)

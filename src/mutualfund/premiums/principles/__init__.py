"""Premium principles: what to charge above the mean for the risk that the mean is not what comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutualfund._exports import on_demand

if TYPE_CHECKING:
    from mutualfund.premiums.principles.premium import LoadedPremium as LoadedPremium
    from mutualfund.premiums.principles.rules import EsscherPrinciple as EsscherPrinciple
    from mutualfund.premiums.principles.rules import (
        ExpectedValuePrinciple as ExpectedValuePrinciple,
    )
    from mutualfund.premiums.principles.rules import ExponentialPrinciple as ExponentialPrinciple
    from mutualfund.premiums.principles.rules import PercentilePrinciple as PercentilePrinciple
    from mutualfund.premiums.principles.rules import PremiumPrinciple as PremiumPrinciple
    from mutualfund.premiums.principles.rules import PrincipleSpec as PrincipleSpec
    from mutualfund.premiums.principles.rules import (
        ProportionalHazardsPrinciple as ProportionalHazardsPrinciple,
    )
    from mutualfund.premiums.principles.rules import (
        StandardDeviationPrinciple as StandardDeviationPrinciple,
    )
    from mutualfund.premiums.principles.rules import TailPrinciple as TailPrinciple
    from mutualfund.premiums.principles.rules import VariancePrinciple as VariancePrinciple
    from mutualfund.premiums.principles.rules import WangPrinciple as WangPrinciple

__all__, __getattr__, __dir__ = on_demand(__name__)

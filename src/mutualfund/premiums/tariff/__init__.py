"""A tariff from experience: frequency, severity and cost explained by what is known of members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutualfund._exports import on_demand

if TYPE_CHECKING:
    from mutualfund.premiums.tariff.families import Family as Family
    from mutualfund.premiums.tariff.formula import Formula as Formula
    from mutualfund.premiums.tariff.glm import GLM as GLM
    from mutualfund.premiums.tariff.glm import fit_glm as fit_glm
    from mutualfund.premiums.tariff.models import FrequencySeverity as FrequencySeverity
    from mutualfund.premiums.tariff.models import TariffModel as TariffModel
    from mutualfund.premiums.tariff.models import TwoPart as TwoPart
    from mutualfund.premiums.tariff.models import expected_over_observed as expected_over_observed
    from mutualfund.premiums.tariff.rates import RateTable as RateTable

__all__, __getattr__, __dir__ = on_demand(__name__)

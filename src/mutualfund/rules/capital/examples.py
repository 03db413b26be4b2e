"""Capital rules as examples to replace: their factors were not read again in a text of the regulator."""

from __future__ import annotations

from mutualfund.rules.capital.rbc import HealthRbc, UnderwritingTier


def naic_style_medical() -> HealthRbc:
    """15 % of the first 25 million of premiums and 9 % above, in US dollars, at company action; not law.

    The two factors are those commonly quoted for comprehensive medical business; read them, and the asset,
    credit and business charges left at nothing here, in the instructions of the year.

    >>> [tier.factor for tier in naic_style_medical().tiers]
    [0.15, 0.09]
    """
    return HealthRbc(
        tiers=(UnderwritingTier(up_to=25_000_000.0, factor=0.15), UnderwritingTier(factor=0.09))
    )

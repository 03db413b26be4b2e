"""Schemes as examples to replace: their percentages were not read again in a text of the law.

Each shows the shape of a real scheme. Before a figure is used, read it in the rules then in force and state
it with its day and source; the dated tables here say `example=True`.
"""

from __future__ import annotations

from datetime import date

from mutualfund.premiums.equalisation.claims_pool import AgePoolTable, ClaimsEqualisation
from mutualfund.premiums.equalisation.corridor import CorridorBand, RiskCorridor
from mutualfund.premiums.equalisation.high_cost import HighCostPool

_FROM_MEMORY = "example to replace: from memory, not read again in the {}"


def australian_style() -> ClaimsEqualisation:
    """Age-based and high-cost pool with percentages like those of the Australian scheme; not law.

    The percentages are those commonly quoted for the Private Health Insurance (Risk Equalisation Policy)
    Rules, from 2007 on; the rules were made anew in 2025.

    >>> table, = australian_style().tables
    >>> table.example, table.pooled_share["55-59"], table.high_cost_threshold
    (True, 0.15, 50000.0)
    """
    shares = {
        "0-54": 0.0,
        "55-59": 0.15,
        "60-64": 0.425,
        "65-69": 0.60,
        "70-74": 0.70,
        "75-79": 0.76,
        "80-84": 0.78,
        "85+": 0.82,
    }
    table = AgePoolTable(
        valid_from=date(2007, 4, 1),
        source=_FROM_MEMORY.format("Private Health Insurance (Risk Equalisation Policy) Rules"),
        example=True,
        pooled_share=shares,
        high_cost_threshold=50_000.0,
        high_cost_share=0.82,
    )
    return ClaimsEqualisation(tables=(table,))


def aca_style_corridor() -> RiskCorridor:
    """Nothing within 3 %, half of what lies between 3 and 8 %, four fifths beyond; an example, not law.

    >>> [(band.above, band.share) for band in aca_style_corridor().bands]
    [(0.03, 0.5), (0.08, 0.8)]
    """
    bands = (CorridorBand(above=0.03, share=0.5), CorridorBand(above=0.08, share=0.8))
    return RiskCorridor(bands=bands)


def aca_style_high_cost_pool() -> HighCostPool:
    """60 % of a member's cost above one million, in US dollars; an example, not law.

    >>> aca_style_high_cost_pool().pooled([1_500_000.0]).tolist()
    [300000.0]
    """
    return HighCostPool(threshold=1_000_000.0, share=0.60)

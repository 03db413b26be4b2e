"""Who belongs to the fund: members' files and frames become frozen columns, or a list of every fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutualfund._exports import on_demand

if TYPE_CHECKING:
    from mutualfund.portfolio.cover import CoverSpells as CoverSpells
    from mutualfund.portfolio.members import LONG_STANDING as LONG_STANDING
    from mutualfund.portfolio.members import Portfolio as Portfolio
    from mutualfund.portfolio.privacy import SafeCounts as SafeCounts
    from mutualfund.portfolio.privacy import new_key as new_key
    from mutualfund.portfolio.privacy import pseudonym as pseudonym
    from mutualfund.portfolio.privacy import suppress_small_cells as suppress_small_cells
    from mutualfund.portfolio.quality import Quality as Quality

__all__, __getattr__, __dir__ = on_demand(__name__)

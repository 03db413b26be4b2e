"""The distribution of a year's total cost, by fast Fourier transform or Panjer's recursion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutualfund._exports import on_demand

if TYPE_CHECKING:
    from mutualfund.claims.aggregate.build import aggregate as aggregate
    from mutualfund.claims.aggregate.build import individual_risks as individual_risks
    from mutualfund.claims.aggregate.build import total as total
    from mutualfund.claims.aggregate.collective import Collective as Collective
    from mutualfund.claims.aggregate.grid import Grid as Grid
    from mutualfund.claims.aggregate.result import Aggregate as Aggregate
    from mutualfund.claims.aggregate.result import GridError as GridError

__all__, __getattr__, __dir__ = on_demand(__name__)

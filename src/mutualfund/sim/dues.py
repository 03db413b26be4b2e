"""What every slot owes in each year, lowered: whole tariff units, by year where adjustments change with time.

An opening member's loadings and discounts follow their age and years of membership. A joiner is a copy of an
opening member who joins at that member's age: in the k-th year after, what they owe is that of a newcomer of
the same age, income, plan and household k years on.
"""

from __future__ import annotations

import numpy as np

from mutualfund.errors import Fault, InputError
from mutualfund.portfolio import Portfolio
from mutualfund.premiums import Contribution, ContributionRule, Standing
from mutualfund.sim.kernels.layout import MONTHS
from mutualfund.sim.slots import Slots
from mutualfund.sim.tables import kernel_array
from mutualfund.types import IntArray

MOST_UNITS = (1 << 62) // MONTHS  # a month, of all members together


def units_by_year(
    rule: ContributionRule, portfolio: Portfolio, slots: Slots, years: int
) -> tuple[IntArray, ...]:
    """Tariff units a month of every slot, (n_slots,) for each year; the same array where they stay the same.

    Raises
    ------
    InputError
        If the members lack a column that the rule needs, or owe more units than whole numbers can add up.
    """
    if not (isinstance(rule, Contribution) and rule.adjustments):
        counted = rule.units(portfolio)
        units = np.ones(len(slots), np.int64) if counted is None else counted[slots.source]
        return (lowered(units),) * years
    newcomers = [_of(rule, Standing(portfolio, k, joiners=True)) for k in range(1, years + 1)]
    return tuple(
        lowered(_in_year(_of(rule, Standing(portfolio, year)), newcomers, slots, year))
        for year in range(1, years + 1)
    )


def _of(rule: Contribution, standing: Standing) -> IntArray:
    units = rule.units_of(standing)
    return np.ones(len(standing.portfolio), np.int64) if units is None else units


def _in_year(opening: IntArray, newcomers: list[IntArray], slots: Slots, year: int) -> IntArray:
    """(n_slots,) units of one year: opening members, then those who have joined by then, year by year."""
    units = opening[slots.source]
    for joined in range(1, year + 1):
        who = slots.join_year == joined
        units[who] = newcomers[year - joined][slots.source[who]]
    return units


def lowered(units: IntArray) -> IntArray:
    """The units as the kernel reads them, small enough to be added up over all members and months."""
    total = float(np.abs(units.astype(np.float64)).sum())
    if total > MOST_UNITS:
        allowed = f"at most {float(MOST_UNITS):.3g} tariff units a month, all members together"
        remedy = "State money in a larger unit."
        raise InputError([Fault("rules.contributions", f"{total:.3g}", allowed, remedy, "units")])
    kept: IntArray = kernel_array(units)
    return kept

"""What the fund's own year does to its members on one path: who leaves because of the price, and run-off.

Where members answer to the price, or an insolvent fund ends their cover, who is there depends on the fund's
accounts. The path is then carried through its fund years, as `simulate` does it, and watched.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np

from mutualfund.fund.context import rules_by_year
from mutualfund.fund.engines import engine_for
from mutualfund.fund.expectations import Expectations
from mutualfund.fund.pilot import expectations, pilot_block
from mutualfund.fund.simulate import fund_years
from mutualfund.sim.kernels.layout import MemberState, MemberYear
from mutualfund.sim.paths import PathDraws
from mutualfund.sim.plan import Plan
from mutualfund.sim.tables import threshold
from mutualfund.types import BoolArray, FloatArray, UIntArray


@dataclass(frozen=True)
class FundEffects:
    """By fund year: extra lapse by tariff cell, thresholds on 2^32, and whether the fund is in run-off."""

    lapse_extra: tuple[UIntArray, ...]  # each (n_cells,)
    closed: BoolArray  # (n_years,)


@dataclass(frozen=True)
class _WatchedPlan(Plan):
    """A plan that keeps the extra lapse with which each of its member-years was asked for."""

    extra: list[FloatArray] = field(default_factory=list)

    def member_year(
        self,
        drivers: PathDraws,
        state: MemberState,
        year: int,
        lapse_extra: FloatArray | None = None,
        *,
        full_exposure: bool = False,
        waits_served: bool = False,
        by_age: bool | None = None,
    ) -> MemberYear:
        if lapse_extra is not None:
            self.extra.append(lapse_extra.copy())
        return super().member_year(
            drivers,
            state,
            year,
            lapse_extra,
            full_exposure=full_exposure,
            waits_served=waits_served,
            by_age=by_age,
        )


def expected_by_fund(plan: Plan) -> Expectations | None:
    """What a pilot finds for every path; None where the fund's accounts cannot move its members."""
    scenario = plan.scenario
    if scenario.members.price_response == 0.0 and not scenario.settings.run_off:
        return None
    with engine_for(plan, None, None) as engine:
        return expectations(engine, rules_by_year(scenario), pilot_block(engine))


def fund_effects(plan: Plan, path: int, expected: Expectations | None) -> FundEffects:
    """How the fund's accounts moved the members of `path`; nothing is simulated where they cannot."""
    scenario, n_years = plan.scenario, len(plan.years)
    if expected is None:
        none = tuple(np.zeros(plan.n_cells(year), np.uint64) for year in range(1, n_years + 1))
        return FundEffects(none, np.zeros(n_years, np.bool_))
    watched = _WatchedPlan(**{item.name: getattr(plan, item.name) for item in fields(plan)})
    block = fund_years(expected, watched, _go_on, path, 1)
    ruined = np.logical_or.accumulate(block.ledger["insolvent"][0] > 0.0)
    closed = np.append(False, ruined[:-1]) & scenario.settings.run_off
    return FundEffects(tuple(threshold(extra[0], 32) for extra in watched.extra), closed)


def _go_on() -> None:
    """Nobody stops a single path."""

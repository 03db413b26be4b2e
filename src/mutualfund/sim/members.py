"""Members and lines lowered: the tables of the kernel that do not change from year to year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mutualfund.assumptions import HealthStates, Line
from mutualfund.assumptions.frailty import line_frailty, widest
from mutualfund.assumptions.rates import LineRates, state_chance, stated_states
from mutualfund.rng import stream_key
from mutualfund.scenario import Scenario
from mutualfund.schema import MAX_AGE
from mutualfund.sim.kernels.layout import (
    DELAY_BITS,
    DELAY_SLOTS,
    MONTH_BITS,
    MONTH_SLOTS,
    MemberTables,
)
from mutualfund.sim.rates import count_tables
from mutualfund.sim.slots import Slots
from mutualfund.sim.tables import (
    alias_table,
    cumulative_thresholds,
    delay_probabilities,
    kernel_array,
    month_chances,
    threshold,
)
from mutualfund.types import FloatArray, IntArray, UIntArray

AnyArray = npt.NDArray[Any]
AGE_CELL_STARTS = (0, 18, 25, 35, 45, 55, 65, 75, 85, 95)


def opening_state_chance(scenario: Scenario) -> FloatArray:
    """Chance of each health state of each opening member, (n, n_states)."""
    return state_chance(scenario.assumptions.health_states, scenario.portfolio)


def given_states(scenario: Scenario) -> IntArray:
    """Health state of each opening member as a code of the assumptions' states; -1 where not given."""
    return stated_states(scenario.assumptions.health_states, scenario.portfolio)


def member_tables(
    scenario: Scenario,
    slots: Slots,
    lines: tuple[Line, ...],
    rates: list[LineRates],
    uses: list[FloatArray],
    rungs: list[IntArray],
    first_units: IntArray,
) -> tuple[MemberTables, int]:
    """The tables that do not change from year to year, and the most claims a member-year can have.

    first_units: (n_slots,) tariff units of year 1; the plan puts those of later years in their place.
    """
    portfolio, seed = scenario.portfolio, scenario.settings.seed
    frailties = [line_frailty(scenario.assumptions.frailty, line.name) for line in lines]
    counts = count_tables(lines, rates, frailties, uses, rungs)
    given = np.where(slots.join_year == 0, given_states(scenario)[slots.source], -1)
    age = np.minimum(portfolio.age[slots.source] - np.maximum(slots.join_year - 1, 0), MAX_AGE)
    start = scenario.fund.start.month
    months = [
        alias_table(month_chances(seasonality(line), start), MONTH_SLOTS, MONTH_BITS)
        for line in lines
    ]
    delays = [
        alias_table(delay_probabilities(line.lag_months), DELAY_SLOTS, DELAY_BITS) for line in lines
    ]
    tables = MemberTables(
        member_key=slots.member_key,
        age=age,
        sex=portfolio.sex[slots.source].astype(np.int64),
        plan=portfolio.plan_code[slots.source] + 1,
        units=first_units,
        join_year=slots.join_year,
        joined_month=portfolio.joined_month[slots.source],
        given_state=given,
        member_stream=np.array([stream_key(seed, "members")], np.uint64),
        line_stream=rows_of(
            [stream_key(seed, f"line:{line.name}") for line in lines], 2, np.uint64
        ),
        **health_tables(scenario),
        frailty_share=cumulative_thresholds(widest(frailties).chance, 32),
        age_cell=np.searchsorted(AGE_CELL_STARTS, np.arange(MAX_AGE + 1), side="right") - 1,
        factor_band=rows_of([r.band for r in rates], MAX_AGE + 1, np.int64),
        rate_row=counts.rate_row,
        frailty_levels=np.array([f.level.size for f in frailties], np.int64),
        use_count=np.array([u.size for u in uses], np.int64),
        count_cdf=counts.cdf,
        count_guide=counts.guide,
        screen=counts.screen,
        month=rows_of(months, MONTH_SLOTS, np.uint64),
        delay=rows_of(delays, DELAY_SLOTS, np.uint64),
    )
    return MemberTables(*(kernel_array(array) for array in tables)), counts.max_claims


def rows_of(rows: Sequence[object], width: int | None, dtype: npt.DTypeLike) -> AnyArray:
    """Rows as one array; a scenario without member-level lines has none."""
    if not rows:
        return np.zeros((0, width or 1), dtype)
    return np.array(rows, dtype)


def seasonality(line: Line) -> FloatArray:
    """Relative weights of the calendar months, January first, (12,)."""
    return np.ones(12) if line.seasonality is None else np.array(line.seasonality, np.float64)


def health_tables(scenario: Scenario) -> dict[str, UIntArray]:
    """Thresholds of health states, deaths and base lapse."""
    states = scenario.assumptions.health_states
    rates = scenario.mortality.rates
    n = 1 if states is None else len(states.names)
    lapse = scenario.members.lapse_per_year * relativity_or_one(states, "lapse_relativity", n)
    death = rates[:, :, None] * relativity_or_one(states, "mortality_relativity", n)
    if states is None:
        shares, transition = np.ones((2, 1)), np.ones((1, 1))
    else:
        shares = np.array([states.share, states.join_share or states.share], np.float64)
        transition = np.array(states.transition, np.float64)
    return {
        "state_share": cumulative_thresholds(shares, 32),
        "transition": cumulative_thresholds(transition, 32),
        "death": threshold(death, 32),
        "lapse": threshold(lapse, 32),
    }


def relativity_or_one(states: HealthStates | None, name: str, n: int) -> FloatArray:
    """A relativity by health state, (n,); 1 where none is given."""
    given = None if states is None else getattr(states, name)
    return np.ones(n) if given is None else np.array(given, np.float64)

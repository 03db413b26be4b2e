"""The pilot run: what the fund may expect, from paths of its own at central parameters.

Its path numbers start at 2^31, so they are never those of a run, and they depend on nothing but the
scenario's seed: two rulebooks are priced on the same members falling ill in the same way (definition 20).
The kernel's sums are whole numbers, so neither threads nor blocks can change an expected value.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from mutualfund.assumptions import Line
from mutualfund.assumptions.severities import mean_amount
from mutualfund.fund.averages import joined, weighted_mean
from mutualfund.fund.blocks import block_size, enough_paths, path_ranges
from mutualfund.fund.engines import Engine, KeepGoing
from mutualfund.fund.expectations import Expectations
from mutualfund.fund.memory import bytes_per_path
from mutualfund.fund.payments import MONTHS, delays_used, opening_run_off, scaled_run_off
from mutualfund.fund.pricing import (
    Year,
    must_price,
    pilot_years,
    reinsurance_values,
    unpriced,
    with_stop_losses,
)
from mutualfund.fund.tariff import contributions_due
from mutualfund.results.risk import ratio_with_error
from mutualfund.rules import Rulebook
from mutualfund.scenario import Scenario
from mutualfund.sim.kernels.layout import FUND
from mutualfund.sim.paths import PILOT_PATH
from mutualfund.sim.plan import Plan
from mutualfund.sim.tables import delay_probabilities
from mutualfund.types import FloatArray, IntArray

MEMBER_YEARS = 20_000_000
FEWEST_PATHS, MOST_PATHS = 10, 20_000


class FullYear(NamedTuple):
    """Year 1 with everybody covered all year and all waits served, no shock; one row per path."""

    claims: IntArray  # (n, n_lines) fund's part, minor units
    units: IntArray  # (n, n_cells)


def pilot_paths(n_members: int, n_years: int) -> int:
    """Paths of the pilot run: twenty million member-years, at least 10 and at most 20,000 paths.

    Many members need few paths: each path averages over all of them. The errors of the
    loss ratio and of reinsurance prices stand in the manifest.

    >>> pilot_paths(20_000, 10), pilot_paths(800_000, 10), pilot_paths(10, 5)
    (100, 10, 20000)
    """
    wanted = MEMBER_YEARS // max(1, n_members * n_years)
    return min(MOST_PATHS, max(FEWEST_PATHS, wanted))


def pilot_block(engine: Engine) -> int:
    """Paths of a block of the pilot run: by its own number of paths, however few the run has."""
    plan = engine.plan
    n_paths = pilot_paths(plan.n_members, len(plan.years))
    each = bytes_per_path(plan)
    return block_size(
        n_paths,
        each,
        plan.scenario.settings.memory_mib,
        engine.workers,
        least=engine.least_paths(),
        most=enough_paths(engine.worthwhile_paths(), each),
    )


def full_year(plan: Plan, keep_going: KeepGoing, first_path: int, n_paths: int) -> FullYear:
    """Simulate definition 31 on a range of pilot paths."""
    keep_going()
    drivers = plan.drivers(first_path, n_paths, central=True, shocks=False)
    state = plan.initial_state(n_paths)
    sums = plan.member_year(drivers, state, 1, full_exposure=True, waits_served=True)
    return FullYear(sums.lines[:, :, FUND], sums.units)


def expectations(
    engine: Engine,
    rules: Sequence[Rulebook],
    block_paths: int,
    *,
    price_reinsurance: bool = True,
) -> Expectations:
    """Run the pilot of the engine's plan and work out every expected value.

    What no rule needs is not simulated: where no treaty rests on expected values, the first year in full is
    enough.

    Parameters
    ----------
    rules
        In force at the start of each year.
    block_paths
        Paths of a block.
    price_reinsurance
        False where only the first year in full is asked for.
    """
    plan = engine.plan
    n_paths = pilot_paths(plan.n_members, len(rules))
    ranges = path_ranges(PILOT_PATH, n_paths, block_paths)
    full = FullYear(*joined(engine.gather(full_year, ranges)))
    central = full_year_values(plan, rules[0], full)
    if not (price_reinsurance and must_price(rules)):
        return Expectations(paths=n_paths, **central, **unpriced(rules))
    blocks = engine.gather(pilot_years, ranges)
    years = [Year(*joined(year)) for year in zip(*blocks, strict=True)]
    expected = Expectations(paths=n_paths, **central, **reinsurance_values(plan, years))
    return with_stop_losses(expected, rules, years, plan.minor)


# ---- year 1 in full (definition 31), and what follows from it ----------------------------------------


def full_year_values(plan: Plan, rules: Rulebook, full: FullYear) -> dict[str, Any]:
    """Expected claims by line, dues, loss ratio, trend, payment pattern, opening outstanding."""
    lines = (*plan.lines, *plan.fund_lines)
    n_paths = full.claims.shape[0]
    member_lines = full.claims.sum(axis=0) / (n_paths * plan.minor)
    fund_lines = np.array([mean_amount(line.severity) for line in plan.fund_lines])
    line_claims = np.concatenate([member_lines, fund_lines])
    claims = full.claims.sum(axis=1) / plan.minor + float(sum(fund_lines))
    dues = contributions_due(full.units, np.tile(rules.contributions.prices(), (n_paths, 1)))
    ratio, error = ratio_with_error(claims, dues)
    delays = np.array([delay_probabilities(line.lag_months) for line in lines])
    return {
        "line_claims": line_claims,
        "contributions": float(dues.sum() / n_paths),
        "loss_ratio": ratio,
        "loss_ratio_error": error,
        "claim_trend": weighted_mean([line.trend_per_year for line in lines], line_claims),
        "payment_pattern": payment_pattern(line_claims, delays, delays_used(plan)),
        "opening_due": opening_due(plan.scenario, rules, lines, line_claims, delays),
    }


def payment_pattern(line_claims: FloatArray, delays: FloatArray, n_delays: int) -> FloatArray:
    """Share of a month's claims paid by the end of each delay, over all lines, (n_delays,), rising to 1."""
    weights = line_claims if sum(line_claims) > 0.0 else np.ones_like(line_claims)
    paid = np.zeros(n_delays)
    for weight, pmf in zip(weights / sum(weights), delays, strict=True):
        paid += weight * np.cumsum(pmf[:n_delays])
    paid[-1] = 1.0
    return np.minimum(paid, 1.0)


def opening_due(
    scenario: Scenario,
    rules: Rulebook,
    lines: Sequence[Line],
    line_claims: FloatArray,
    delays: FloatArray,
) -> FloatArray:
    """Claims outstanding on the first day by year of payment: as stated, else as expected.

    A line that opens after the first day has left nothing to be paid.
    """
    open_now = np.array([was_open(line, rules, scenario.fund.start) for line in lines], np.float64)
    expected = opening_run_off(line_claims * open_now / MONTHS, delays)
    stated = scenario.fund.opening_outstanding
    return expected if stated is None else scaled_run_off(expected, stated)


def was_open(line: Line, rules: Rulebook, start: date) -> bool:
    """Whether any member was covered for the line before the fund's first day."""
    if line.level == "fund":
        return True
    terms = [benefits.line(line.name) for benefits in rules.benefit_tables.values()]
    return any(term.covered and (term.starts is None or term.starts <= start) for term in terms)

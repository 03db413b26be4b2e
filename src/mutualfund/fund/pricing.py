"""What reinsurance is priced on: expected claims by age and year, expected recoveries (definition 20).

Premiums rest on the pilot's paths, all at central parameters and with shocks. Expected claims follow the
members at the start of a year, by age cell; an excess-of-loss layer's recovery is a share of them. A
stop-loss pays in few years, so its recovery is a share of expected net claims pooled over all years with the
same treaties.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from mutualfund.assumptions.severities import mean_amount
from mutualfund.fund.engines import KeepGoing
from mutualfund.fund.expectations import Expectations
from mutualfund.fund.pooling import Exchange, Treaty, exchanges
from mutualfund.results.risk import ratio_with_error
from mutualfund.rules import Rulebook
from mutualfund.rules.reinsurance import StopLoss
from mutualfund.sim.kernels.layout import AGE_CELLS, CELL_FUND, CELL_MONTHS
from mutualfund.sim.plan import Plan
from mutualfund.types import FloatArray, IntArray


class Year(NamedTuple):
    """One year as it comes, shocks included; one row per path."""

    start_by_age: IntArray  # (n, 10) members at the start
    months: IntArray  # (n, 10) covered months
    claims: IntArray  # (n, 10) fund's part, minor units
    layers: IntArray  # (n, n_layers) excess-of-loss recoveries, minor units
    fund_lines: FloatArray  # (n, n_fund_lines) currency


def pilot_years(plan: Plan, keep_going: KeepGoing, first_path: int, n_paths: int) -> list[Year]:
    """Simulate the fund years on a range of pilot paths, at the base lapse.

    keep_going: called before each year; raises where the run is being stopped.
    """
    drivers = plan.drivers(first_path, n_paths, central=True, shocks=True)
    state = plan.initial_state(n_paths)
    years = []
    for year in range(1, len(plan.years) + 1):
        keep_going()
        sums = plan.member_year(drivers, state, year, by_age=True)
        months, claims = sums.age_cells[:, :, CELL_MONTHS], sums.age_cells[:, :, CELL_FUND]
        amounts = drivers.fund_line_amounts[:, year - 1]
        years.append(Year(sums.start_by_age, months, claims, sums.excess, amounts))
    return years


def must_price(rules: Sequence[Rulebook]) -> bool:
    """Whether any treaty needs expected values: its price, or the edges of a stop-loss, rest on them."""
    treaties = [treaty for book in rules for treaty in book.reinsurance]
    return any(treaty.premium is None or isinstance(treaty, StopLoss) for treaty in treaties)


def unpriced(rules: Sequence[Rulebook]) -> dict[str, Any]:
    """Expected values that no treaty needs: zero by age, and not a number for each treaty."""
    by_age = {
        name: np.zeros((len(rules), AGE_CELLS))
        for name in ("months_per_member", "other_months", "claims_per_month")
    }
    stops = [sum(isinstance(treaty, StopLoss) for treaty in book.reinsurance) for book in rules]
    layers = [len(book.reinsurance) - n for book, n in zip(rules, stops, strict=True)]
    return by_age | {
        "fund_lines": np.zeros(len(rules)),
        "layer_share": tuple(np.full(n, np.nan) for n in layers),
        "layer_error": tuple(np.full(n, np.nan) for n in layers),
        "stop_loss_ratio": tuple(np.full(n, np.nan) for n in stops),
        "stop_loss_error": tuple(np.full(n, np.nan) for n in stops),
    }


def reinsurance_values(plan: Plan, years: Sequence[Year]) -> dict[str, Any]:
    """Expected claims by age and year, and recoveries by layer; stop-losses follow from these."""
    n_paths = years[0].months.shape[0]
    starts = np.array([year.start_by_age.sum(axis=0) for year in years], np.float64)
    months = np.array([year.months.sum(axis=0) for year in years], np.float64)
    claims = np.array([year.claims.sum(axis=0) for year in years], np.float64) / plan.minor
    someone = starts > 0.0
    none = tuple(np.zeros(0) for _ in years)
    layers = [layer_shares(year) for year in years]
    return {
        "months_per_member": np.where(someone, months / np.where(someone, starts, 1.0), 0.0),
        "other_months": np.where(someone, 0.0, months / n_paths),
        "claims_per_month": claims / np.maximum(months, 1.0),
        "fund_lines": expected_fund_lines(plan),
        "layer_share": tuple(share for share, _ in layers),
        "layer_error": tuple(error for _, error in layers),
        "stop_loss_ratio": none,
        "stop_loss_error": none,
    }


def layer_shares(year: Year) -> tuple[FloatArray, FloatArray]:
    """Recovery of each layer per unit of members' claims, (n_layers,), and its standard error over paths."""
    claims = year.claims.sum(axis=1).astype(np.float64)
    found = [ratio_with_error(layer.astype(np.float64), claims) for layer in year.layers.T]
    known = [pair if pair[0] == pair[0] else (0.0, 0.0) for pair in found]
    return np.array([share for share, _ in known]), np.array([error for _, error in known])


def expected_fund_lines(plan: Plan) -> FloatArray:
    """Expected claims of fund-level lines, (n_years,)."""
    expected = np.zeros(len(plan.years))
    for line in plan.fund_lines:
        amount = mean_amount(line.severity)
        for year in range(expected.size):
            expected[year] += amount
            amount *= 1.0 + line.trend_per_year
    return expected


def with_stop_losses(
    expected: Expectations, rules: Sequence[Rulebook], years: Sequence[Year], minor: int
) -> Expectations:
    """`expected` with the recovery ratio of every stop-loss, one after the other.

    A later stop-loss sees what the earlier ones are expected to leave, so ratios are found in file order.
    """
    ratios, errors = [np.zeros(0) for _ in years], [np.zeros(0) for _ in years]
    for treaties in dict.fromkeys(book.reinsurance for book in rules):
        same = [y for y, book in enumerate(rules) if book.reinsurance == treaties]
        found = [np.zeros(0), np.zeros(0)]
        for place, treaty in enumerate(treaties):
            if isinstance(treaty, StopLoss):
                done = [
                    pilot_exchange(expected, treaties, place, found[0], years[y], y + 1, minor)
                    for y in same
                ]
                ratio, error = recovery_ratio(done)
                found = [np.append(found[0], ratio), np.append(found[1], error)]
        for y in same:
            ratios[y], errors[y] = found
    return replace(expected, stop_loss_ratio=tuple(ratios), stop_loss_error=tuple(errors))


def pilot_exchange(
    expected: Expectations,
    treaties: Sequence[Treaty],
    place: int,
    ratios: FloatArray,
    sums: Year,
    year: int,
    minor: int,
) -> Exchange:
    """What the treaty at `place` pays on the pilot's paths, given the ratios of earlier stop-losses."""
    from_members = expected.member_claims(sums.start_by_age, year)
    fund_lines = np.zeros(from_members.size)
    for line in range(sums.fund_lines.shape[1]):
        fund_lines = fund_lines + sums.fund_lines[:, line]
    return exchanges(
        treaties[: place + 1],
        sums.claims.sum(axis=1) / minor + fund_lines,
        from_members + expected.fund_lines[year - 1],
        sums.layers / minor,
        from_members[:, np.newaxis] * expected.layer_share[year - 1],
        np.append(ratios, 0.0),  # the last treaty's own ratio is what we are after
    )[place]


def recovery_ratio(years: Sequence[Exchange]) -> tuple[float, float]:
    """Recovery per unit of expected net claims over paths and years, and its standard error over paths."""
    recovery, net = np.zeros_like(years[0].recovery), np.zeros_like(years[0].recovery)
    for exchange in years:
        recovery, net = recovery + exchange.recovery, net + exchange.expected_net
    ratio, error = ratio_with_error(recovery, net)
    return (ratio, error) if ratio == ratio else (0.0, 0.0)

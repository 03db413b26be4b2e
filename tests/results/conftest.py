"""A hand-made run whose books add up, drawn without the simulation: what results need to be read."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mutualfund.results import FundRun, Marginal
from mutualfund.results.facts import FundFacts

FLOOR, TARGET = 0.10, 0.25
LINES = ("hospital", "dental")
AGES = ("0-17", "18-64", "65+")


def make_ledger(n_paths: int, n_years: int, seed: int = 1) -> dict[str, np.ndarray]:
    """A plain fund year by year: 10,000 members, about 6 million a year, a shock now and then."""
    random = np.random.default_rng(seed)
    years: list[dict[str, np.ndarray]] = []
    members = np.full(n_paths, 10_000.0)
    assets = np.full(n_paths, 3_000_000.0)
    outstanding = np.full(n_paths, 600_000.0)
    booked = outstanding.copy()
    level = random.lognormal(-0.0008, 0.04, n_paths)
    for year in range(n_years):
        row: dict[str, np.ndarray] = {"members_start": members}
        row["joined"] = np.full(n_paths, 400.0)
        row["lapsed"] = random.binomial(10_000, 0.03, n_paths).astype(float)
        row["died"] = random.binomial(10_000, 0.008, n_paths).astype(float)
        members = row["members_end"] = members + row["joined"] - row["lapsed"] - row["died"]
        dues = row["contributions_due"] = row["members_start"] * 600.0 * 1.04**year
        row["contributions_collected"] = 0.97 * dues
        claims = row["members_start"] * 505.0 * 1.0445**year * level
        claims = np.round(claims * random.lognormal(-0.002, 0.05, n_paths), 2)
        row["claims_incurred"] = claims
        row["member_paid"] = np.round(0.2 * claims, 2)
        row["external_paid"] = np.zeros(n_paths)
        row["provider_borne"] = np.round(0.05 * claims, 2)
        row["allowed"] = claims + row["member_paid"] + row["provider_borne"]
        row["billed"] = 1.02 * row["allowed"]
        closing = np.round(0.11 * claims, 2)
        row["claims_paid"] = outstanding + claims - closing
        outstanding = row["outstanding_true"] = closing
        row["reinsurance_premium"] = 0.02 * dues
        row["reinsurance_recovery"] = np.where(random.random(n_paths) < 0.1, 0.1 * dues, 0.0)
        row["provider_fixed"] = np.full(n_paths, 60_000.0)
        row["expenses"] = 0.08 * dues
        row["investment_income"] = assets * random.normal(0.02, 0.03, n_paths)
        row["assets_open"] = assets
        row["reserve_open"] = assets - booked
        booked = row["outstanding_booked"] = closing * random.lognormal(0.0, 0.05, n_paths)
        before = assets + sum(
            sign * row[name]
            for sign, name in (
                (1, "contributions_collected"),
                (1, "investment_income"),
                (1, "reinsurance_recovery"),
                (-1, "claims_paid"),
                (-1, "reinsurance_premium"),
                (-1, "provider_fixed"),
                (-1, "expenses"),
            )
        )
        reserve = before - booked
        row["result"] = reserve - row["reserve_open"]
        row["calls"] = 0.9 * np.clip(FLOOR * dues - reserve, 0.0, 0.05 * dues)
        spare = np.maximum(0.0, np.minimum(row["result"], reserve - 1.6 * TARGET * dues))
        row["refunds"], row["allocations"] = 0.5 * spare, 0.05 * spare
        assets = before + row["calls"] - row["refunds"] - row["allocations"]
        row["assets_close"] = assets
        row["reserve_close"] = assets - booked
        row["reserve_true"] = assets - outstanding
        row["statutory_reserve"] = np.zeros(n_paths)
        row["capital_required"] = TARGET * dues
        row["solvency_ratio"] = row["reserve_close"] / row["capital_required"]
        row["insolvent"] = (row["reserve_true"] < 0).astype(float)
        years.append(row)
    return {name: np.stack([year[name] for year in years], axis=1) for name in years[0]}


def make_lines(ledger: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The claims by line: three quarters hospital, the rest dental."""
    names = ("billed", "allowed", "member_paid", "external_paid", "provider_borne")
    lines = {
        name: np.stack([0.75 * ledger[name], 0.25 * ledger[name]], axis=2)
        for name in (*names, "claims_incurred")
    }
    lines["claim_count"] = np.round(lines["claims_incurred"] / np.array([2_900.0, 140.0]))
    return lines


def make_marginals(ledger: dict[str, np.ndarray]) -> dict[str, Marginal]:
    """Every side: lines as above, claims even over the months, and three ages."""
    claims, heads = ledger["claims_incurred"][:, :, None], ledger["members_start"][:, :, None]
    by_age = {
        "member_months": 12.0 * heads * np.array([0.25, 0.5, 0.25]),
        "claims_incurred": claims * np.array([0.125, 0.375, 0.5]),
    }
    return {
        "line": Marginal(LINES, make_lines(ledger)),
        "month": Marginal(tuple(range(1, 13)), {"claims_incurred": claims * np.full(12, 1 / 12)}),
        "age": Marginal(AGES, by_age),
    }


def make_run(
    n_paths: int = 2_000, n_years: int = 10, seed: int = 1, fund: str = "Harbour Workers' Fund"
) -> FundRun:
    """The hand-made run; `scenario` is None, as for a stored run whose members file is gone."""
    facts = FundFacts(
        title="Raise contributions 4 %",
        fund=fund,
        currency="EUR",
        start="2027-01-01",
        line_names=LINES,
        floors=(FLOOR,) * n_years,
        targets=(TARGET,) * n_years,
    )
    ledger = make_ledger(n_paths, n_years, seed)
    manifest = {"seed": 2026, "stream_version": 1, "facts": facts.to_dict(), "warnings": []}
    return FundRun(None, ledger, make_marginals(ledger), manifest, 'title = "Raise"\n')


@pytest.fixture(scope="session")
def run() -> FundRun:
    return make_run()


@pytest.fixture(scope="session")
def run_of() -> Callable[..., FundRun]:
    return make_run

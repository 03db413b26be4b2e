"""A small run made by hand: money moves as in a real one, so every part of the page says something."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mutualfund.results.facts import FundFacts
from mutualfund.results.measures import MEASURES
from mutualfund.results.run import FundRun

SCENARIO = """\
title = "{title}"
intended_use = "Board meeting, October"
prepared_by = "A. Actuary"

[fund]
name = "Harbour Workers' Health Fund"
currency = "{currency}"
start = {start}
opening_reserve = 2_400_000

[settings]
paths = {paths}
years = {years}
seed = 2026

[members]
synthetic = {{ n = 9_000, age_mix = "N", seed = 1 }}
price_response = 0.4

[[assumptions.lines]]
name = "hospital"
frequency = {{ kind = "poisson", mean = 0.1 }}
severity = {{ kind = "gamma", mean = 2_900, cv = 1.8 }}

[assumptions.economy]
investment_return = {{ mean = 0.02, sd = 0.03 }}
"""

MakeRun = Callable[..., FundRun]


def make_run(
    paths: int = 2000,
    years: int = 10,
    *,
    floor: float = 0.1,
    opening: float = 2_400_000.0,
    spread: float = 420_000.0,
    title: str = "Add dental cover, raise contributions 4 %",
    currency: str = "EUR",
    start: str = "2027-01-01",
    seed: int = 1,
    **manifest: object,
) -> FundRun:
    """A run whose claims wander; calls fill the reserve up to the line, surplus is half refunded."""
    random = np.random.default_rng(seed)
    shape = (paths, years)
    grow = 1.04 ** np.arange(years)
    ledger = {name: np.zeros(shape) for name in MEASURES}
    ledger["members_start"][:] = 9_000.0
    ledger["members_end"][:] = 9_000.0
    dues = np.broadcast_to(5_000_000.0 * grow, shape).copy()
    collected = 0.97 * dues
    drift = random.normal(0.0, spread / 2, (paths, 1))
    claims = 4_150_000.0 * grow + drift + random.normal(0.0, spread, shape)
    premium, expenses = 0.03 * dues, 0.09 * dues
    recovery = np.maximum(0.0, claims - 1.15 * 4_150_000.0 * grow)
    assets, reserve = np.full(paths, opening + 500_000.0), np.full(paths, opening)
    for year in range(years):
        income = 0.02 * assets
        result = collected[:, year] + income + recovery[:, year]
        result -= claims[:, year] + premium[:, year] + expenses[:, year]
        after = reserve + result
        call = 0.9 * np.clip((floor * dues[:, year] - after) / 0.9, 0.0, 0.04 * dues[:, year])
        refund = 0.5 * np.clip(np.minimum(result, after - 0.25 * dues[:, year]), 0.0, None)
        change = result + call - refund
        rows = {
            "assets_open": assets,
            "assets_close": assets + change,
            "reserve_open": reserve,
            "reserve_close": reserve + change,
            "reserve_true": reserve + change + 20_000.0,
            "investment_income": income,
            "result": result,
            "calls": call,
            "refunds": refund,
        }
        for name, values in rows.items():
            ledger[name][:, year] = values
        assets, reserve = assets + change, reserve + change
    ledger |= {
        "contributions_due": dues,
        "contributions_collected": collected,
        "claims_incurred": claims,
        "claims_paid": claims,
        "allowed": claims,
        "billed": claims,
        "outstanding_booked": ledger["assets_close"] - ledger["reserve_close"],
        "outstanding_true": ledger["assets_close"] - ledger["reserve_true"],
        "reinsurance_premium": premium,
        "reinsurance_recovery": recovery,
        "expenses": expenses,
        "capital_required": 0.25 * dues,
        "solvency_ratio": ledger["reserve_close"] / (0.25 * dues),
        "insolvent": (ledger["reserve_true"] < 0).astype(float),
    }
    facts = FundFacts(
        title,
        "Harbour Workers' Health Fund",
        currency,
        start,
        (),
        (floor,) * years,
        (0.25,) * years,
    )
    quoted = title.replace("\\", "\\\\").replace('"', '\\"')
    text = SCENARIO.format(title=quoted, currency=currency, start=start, paths=paths, years=years)
    return FundRun(None, ledger, {}, {"facts": facts.to_dict()} | manifest, text)


@pytest.fixture(scope="session")
def run() -> FundRun:
    """Ten years, two thousand futures."""
    return make_run()


@pytest.fixture(scope="session")
def page(run: FundRun) -> str:
    """Its report."""
    from mutualfund.report import render

    return render(run)

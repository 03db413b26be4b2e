"""Community rates, entry-age loadings, and who carries whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from mutualfund import Portfolio, premiums
from published.areas.spelling import Values

START = date(2027, 1, 1)


def solve(inputs: Mapping[str, Any], data: pd.DataFrame | None) -> Values:
    return _lifetime_health_cover(inputs) if data is None else _community_rate(inputs, data)


def _lifetime_health_cover(inputs: Mapping[str, Any]) -> Values:
    values: Values = {}
    for age, premium in inputs["rows"]:
        loading, paid = _loaded([age], premium)
        values[f"loading_pct_age_{age}"] = 100.0 * loading
        values[f"premium_age_{age}"] = paid
    for number, (*ages, premium) in enumerate(inputs["couples"], start=1):
        loading, paid = _loaded(ages, premium)
        values[f"couple{number}_loading_pct"] = 100.0 * loading
        values[f"couple{number}_premium"] = paid
    return values


def _loaded(ages: list[float], premium: float) -> tuple[float, float]:
    """Loading and premium of one household whose adults have just joined; all its cover is hospital cover."""
    rule = premiums.FlatContribution(
        monthly=premium / len(ages),
        adjustments=[
            premiums.EntryAgeLoading.lifetime_health_cover(),
            premiums.FamilyAdjustment(average_adults=True),
        ],
    )
    frame = pd.DataFrame(
        {
            "member_id": [f"m{place}" for place in range(len(ages))],
            "birth_date": [
                date(START.year - 1 - int(age), 1, 1) for age in ages
            ],  # on 1 July before
            "sex": "X",
            "joined": START,
            "household": "ours",
        }
    )
    members = Portfolio.from_frame(frame, start=START)
    loading = rule.factors(premiums.Standing(members)) - 1.0
    return float(loading.mean()), float(rule.monthly_dues(members).sum())


def _community_rate(inputs: Mapping[str, Any], data: pd.DataFrame) -> Values:
    members = Portfolio.synthetic(len(data))
    flat = premiums.FlatContribution(monthly=1.0)
    rule = premiums.balance(flat, members, data["meddol"].sum(), currency="USD").rule
    dues = 12.0 * rule.monthly_dues(members)
    found = premiums.cross_subsidies(data["meddol"], dues, data["xage"], inputs["cuts"])
    values: Values = {"community_premium": 12.0 * float(rule.prices()[0])}
    for band in range(len(found.labels)):
        values |= {
            f"members_band{band}": found.members[band],
            f"mean_cost_band{band}": found.mean_cost[band],
            f"cross_subsidy_per_member_band{band}": found.received[band],
            f"risk_rating_relativity_band{band}": found.relativity[band],
        }
    return values

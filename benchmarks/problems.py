"""The named problems that are timed: one fund, in two sizes.

`village` has 500 members and many paths, `town` 20,000 members and few. Nobody joins, leaves or ages out of a
rate, so that each path-year is one more draw of the same year and a plain NumPy program can do the same work.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from mutualfund import Portfolio, Scenario

COINSURANCE = {"dental": 0.0, "hospital": 0.10, "visits": 0.20}
COPAY = {"dental": 25.0, "hospital": 0.0, "visits": 0.0}
DEDUCTIBLE_APPLIES = {"dental": False, "hospital": True, "visits": True}
DEDUCTIBLE, OUT_OF_POCKET_MAXIMUM = 100.0, 2_000.0
RETENTION, LAYER = 15_000.0, 10_000.0

LINES: tuple[dict[str, Any], ...] = (
    {
        "name": "dental",
        "frequency": {"kind": "poisson", "mean": 0.7},
        "severity": {"kind": "gamma", "mean": 140, "cv": 0.6},
        "lag_months": 0.5,
    },
    {
        "name": "hospital",
        "frequency": {"kind": "negative_binomial", "mean": 0.11, "dispersion": 1.6},
        "severity": {"kind": "lognormal", "mean": 2_900, "cv": 1.8},
        "lag_months": 1.5,
    },
    {
        "name": "visits",
        "frequency": {"kind": "negative_binomial", "mean": 3.4, "dispersion": 2.0},
        "severity": {"kind": "gamma", "mean": 80, "cv": 0.8},
        "lag_months": 1.0,
    },
)


@dataclass(frozen=True, slots=True)
class Problem:
    """A named size: members, paths, years."""

    name: str
    members: int
    paths: int
    years: int


VILLAGE = Problem("village", members=500, paths=500, years=5)
TOWN = Problem("town", members=20_000, paths=20, years=3)


def benefits() -> dict[str, Any]:
    lines = {
        line["name"]: {
            "copay": COPAY[line["name"]],
            "coinsurance": COINSURANCE[line["name"]],
            "deductible_applies": DEDUCTIBLE_APPLIES[line["name"]],
        }
        for line in LINES
    }
    whole = {"deductible": DEDUCTIBLE, "out_of_pocket_maximum": OUT_OF_POCKET_MAXIMUM}
    return {**whole, **lines}


def scenario(problem: Problem) -> Scenario:
    """The problem as mutualfund's own input."""
    start = date(2027, 1, 1)
    layer = {"kind": "excess_of_loss", "retention": RETENTION, "limit": LAYER}
    return Scenario.from_dict(
        {
            "schema_version": 1,
            "fund": {
                "name": problem.name,
                "currency": "EUR",
                "start": start,
                "opening_reserve": 1e6,
                "opening_outstanding": 0.0,
            },
            "settings": {"paths": problem.paths, "years": problem.years, "seed": 1},
            "members": {"mortality": "none"},
            "assumptions": {"lines": list(LINES)},
            "rules": {
                "contributions": {"kind": "flat", "monthly": 60.0},
                "benefits": benefits(),
                "reinsurance": [{**layer, "premium_loading": 0.30}],
            },
        },
        portfolio=Portfolio.synthetic(problem.members, age_mix="N", seed=1),
    )

"""Compile everything a simulation needs, before one is asked for."""

from __future__ import annotations

from datetime import date
from typing import Any

from mutualfund._jit import compilations
from mutualfund.fund.simulate import simulate
from mutualfund.scenario import Scenario

# Ten members and every stage that is compiled: states, joins, leavers, an order of claims, waits, layers.
SMALLEST: dict[str, Any] = {
    "fund": {"name": "Warm-up", "currency": "EUR", "start": date(2027, 1, 1), "opening_reserve": 1},
    "settings": {"paths": 2, "years": 2, "seed": 1},
    "members": {"synthetic": {"n": 10}, "joins_per_year": 0.2, "mortality": "population"},
    "assumptions": {
        "lines": [
            {
                "name": name,
                "frequency": {"kind": "poisson", "mean": mean},
                "severity": {"kind": "gamma", "mean": 100, "cv": 0.7},
            }
            for name, mean in (("common", 2.0), ("rare", 0.01))
        ],
        "health_states": {
            "names": ["well", "ill"],
            "share": [0.8, 0.2],
            "transition": [[0.9, 0.1], [0.4, 0.6]],
            "relativity": {"common": [0.75, 2.0]},
        },
    },
    "rules": {
        "contributions": {"kind": "flat", "monthly": 20},
        "benefits": {
            "deductible": 50,
            "common": {"coinsurance": 0.2, "annual_limit": 500},
            "rare": {"waiting_months": 3},
        },
        "reinsurance": [
            {"kind": "excess_of_loss", "retention": 300, "limit": 500, "premium_loading": 0.2}
        ],
    },
}


def warm_up() -> int:
    """Simulate a fund of ten members; returns how many kernels had to be compiled, 0 where all were kept.

    >>> warm_up() >= 0, warm_up()
    (True, 0)
    """
    before = compilations()
    simulate(Scenario.from_dict(SMALLEST), workers=1)
    return compilations() - before

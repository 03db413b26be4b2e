"""What a fund can ask for beyond the plain workload, switched on one at a time.

A feature changes the tables of a scenario, and the members where it must. The sizes are chosen so that the
feature acts on every path: they are a workload, not a claim about funds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from mutualfund import Portfolio

Tables = dict[str, Any]
Change = Callable[[Tables, Portfolio], Portfolio | None]

PLANS = {"basic": 0.60, "free": 0.25, "thrifty": 0.15}
WAITS = (0, 0, 24, 0, 36, 60)  # months, line by line
RECENT_MONTHS = 60


def no_order(tables: Tables, _members: Portfolio) -> None:
    """Copays and coinsurance only: no accumulator, so claims may come in any order."""
    benefits = tables["rules"]["benefits"]
    for yearly in ("deductible", "out_of_pocket_maximum", "annual_limit"):
        del benefits[yearly]


def copays_only(tables: Tables, members: Portfolio) -> None:
    """A copay a claim and nothing else: what fund-level libraries can do too."""
    no_order(tables, members)
    for line in tables["assumptions"]["lines"]:
        tables["rules"]["benefits"][line["name"]]["coinsurance"] = 0.0


def states(tables: Tables, _members: Portfolio) -> None:
    """Three health states that persist from year to year."""
    tables["assumptions"]["health_states"] = {
        "names": ["well", "chronic", "complex"],
        "share": [0.70, 0.235, 0.065],
        "relativity": [0.7, 1.3, 2.0],
        "transition": [[0.93, 0.06, 0.01], [0.15, 0.77, 0.08], [0.08, 0.30, 0.62]],
    }


def movement(tables: Tables, _members: Portfolio) -> None:
    """Joins, lapses that answer to the price, and deaths."""
    tables["members"] = {
        "mortality": "population",
        "joins_per_year": 0.06,
        "lapse_per_year": 0.05,
        "price_response": 0.4,
    }


def plans(tables: Tables, members: Portfolio) -> Portfolio:
    """Three plans with terms of their own."""
    rules = tables["rules"]
    lines = {key: terms for key, terms in rules["benefits"].items() if isinstance(terms, dict)}
    yearly = {key: terms for key, terms in rules["benefits"].items() if key not in lines}

    def times(factor: float) -> dict[str, Any]:
        return {
            name: terms
            | {
                "copay": terms["copay"] * factor,
                "coinsurance": min(1.0, terms["coinsurance"] * factor),
            }
            for name, terms in lines.items()
        }

    free = yearly | {"deductible": 0.0, "out_of_pocket_maximum": 1_500.0}
    thrifty = yearly | {"deductible": 2_000.0, "out_of_pocket_maximum": 8_000.0}
    rules["plans"] = {
        "basic": dict(rules["benefits"]),
        "free": free | times(0.5),
        "thrifty": thrifty | times(2.0),
    }
    return members.with_plans(PLANS, seed=1)


def waiting(tables: Tables, members: Portfolio) -> Portfolio:
    """Waiting periods, and a member in six who joined within the last five years."""
    for line, months in zip(tables["assumptions"]["lines"], WAITS, strict=True):
        tables["rules"]["benefits"][line["name"]]["waiting_months"] = months
    row = np.arange(len(members))
    joined = np.where(row % 6 == 0, -(row // 6 % RECENT_MONTHS) - 1, members.joined_month)
    return replace(members, joined_month=joined)


def shocks(tables: Tables, _members: Portfolio) -> None:
    """A bad winter every fifth year."""
    tables["assumptions"]["shocks"] = [
        {
            "name": "winter",
            "probability_per_year": 0.2,
            "months": [12, 1, 2],
            "frequency_factor": {"primary": 1.3, "outpatient": 1.2, "hospital": 1.4},
        }
    ]


def parameter_risk(tables: Tables, _members: Portfolio) -> None:
    """Rates and mean costs that each path draws for itself."""
    for line in tables["assumptions"]["lines"]:
        line["uncertainty"] = {"frequency": 0.05, "severity": 0.03}


def kept(tables: Tables, _members: Portfolio) -> None:
    """Amounts kept by month of treatment and by age too."""
    tables["settings"]["keep"] = ["lines", "months", "cells"]


def trend(tables: Tables, _members: Portfolio) -> None:
    """Costs that rise by 5 % a year, and yearly amounts that follow inflation."""
    for line in tables["assumptions"]["lines"]:
        line["trend_per_year"] = 0.05
    tables["assumptions"]["economy"] = {"inflation": 0.03}
    tables["rules"]["benefits"]["indexed"] = True


def asked_for_nothing(tables: Tables, _members: Portfolio) -> None:
    """Every feature stated with the value that does nothing: it must cost nothing."""
    assumptions = tables["assumptions"]
    assumptions["health_states"] = {
        "names": ["well"],
        "share": [1.0],
        "relativity": [1.0],
        "transition": [[1.0]],
    }
    assumptions["shocks"] = [
        {
            "name": "none",
            "probability_per_year": 0.0,
            "months": [1],
            "frequency_factor": {line["name"]: 1.0 for line in assumptions["lines"]},
        }
    ]
    for line in assumptions["lines"]:
        line |= {"trend_per_year": 0.0, "uncertainty": {"frequency": 0.0, "severity": 0.0}}
        tables["rules"]["benefits"][line["name"]] |= {"waiting_months": 0, "external_share": 0.0}
    tables["members"] |= {"joins_per_year": 0.0, "lapse_per_year": 0.0, "price_response": 0.0}


def everything(tables: Tables, members: Portfolio) -> Portfolio:
    """All of the above that ask for something, together."""
    for change in (states, movement, waiting, shocks, parameter_risk, kept, trend, plans):
        members = change(tables, members) or members
    return members


FEATURES: dict[str, Change | None] = {
    "plain": None,
    "no order": no_order,
    "copays only": copays_only,
    "asked for nothing": asked_for_nothing,
    "health states": states,
    "joins, lapses, deaths": movement,
    "three plans": plans,
    "waiting periods": waiting,
    "shocks": shocks,
    "parameter risk": parameter_risk,
    "months and ages kept": kept,
    "trend and indexing": trend,
    "everything": everything,
}


def switched_on(feature: str, tables: Tables, members: Portfolio) -> tuple[Tables, Portfolio]:
    """The scenario's tables and members with a feature; the tables are changed in place."""
    change = FEATURES[feature]
    changed = None if change is None else change(tables, members)
    return tables, changed or members

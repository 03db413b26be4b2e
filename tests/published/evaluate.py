"""One published case, solved by the public library.

`evaluate` reads a case's area, its inputs, its data file and the *names* of what is expected; neither it nor
the areas hold a formula. What an area knows is how its cases spell things: which input is which argument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from published.areas import (
    community_rating,
    cost_sharing,
    fairness,
    frequency,
    fund_simulation,
    risk_measures,
    severity,
)

Case = Mapping[str, Any]
Found = Mapping[str, object] | Callable[[str], object]

AREAS: dict[str, Callable[[Mapping[str, Any], pd.DataFrame | None], Found]] = {
    "severity": severity.solve,
    "frequency": frequency.solve,
    "cost-sharing": cost_sharing.solve,
    "risk-measures": risk_measures.solve,
    "fund-simulation": fund_simulation.solve,
    "community-rating": community_rating.solve,
    "fairness": fairness.solve,
}
"""The areas this library can solve so far: a function of a case's inputs and data."""


def evaluate(case: Case, folder: Path) -> dict[str, object]:
    """The expected names of one case with the values this library gives them.

    A simulated value is a tuple (value, standard error). `folder` is where the case's data path starts.
    """
    found = AREAS[case["area"]](case["inputs"], _data(case, folder))
    return {entry["name"]: _value(found, entry["name"]) for entry in case["expect"]}


def _data(case: Case, folder: Path) -> pd.DataFrame | None:
    return pd.read_csv(Path(folder) / case["data"]) if "data" in case else None


def _value(found: Found, name: str) -> object:
    return found(name) if callable(found) else found[name]

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
    aggregate,
    community_rating,
    cost_sharing,
    credibility,
    fairness,
    fitting,
    frequency,
    fund_simulation,
    glm,
    reinsurance,
    reserving,
    risk_equalisation,
    risk_measures,
    ruin,
    severity,
    solvency,
)

Case = Mapping[str, Any]
Found = Mapping[str, object] | Callable[[str], object]

AREAS: dict[str, Callable[[Mapping[str, Any], Any], Found]] = {
    "severity": severity.solve,
    "frequency": frequency.solve,
    "cost-sharing": cost_sharing.solve,
    "credibility": credibility.solve,
    "risk-measures": risk_measures.solve,
    "fitting": fitting.solve,
    "aggregate": aggregate.solve,
    "reinsurance": reinsurance.solve,
    "ruin": ruin.solve,
    "fund-simulation": fund_simulation.solve,
    "risk-equalisation": risk_equalisation.solve,
    "solvency": solvency.solve,
    "glm": glm.solve,
    "reserving": reserving.solve,
    "community-rating": community_rating.solve,
    "fairness": fairness.solve,
}
"""The areas this library can solve so far: a function of a case's inputs and its table or tables."""


def evaluate(case: Case, folder: Path) -> dict[str, object]:
    """The expected names of one case with the values this library gives them.

    A simulated value is a tuple (value, standard error). `folder` is where the case's data path starts.
    """
    found = AREAS[case["area"]](case["inputs"], _data(case, folder))
    return {entry["name"]: _value(found, entry["name"]) for entry in case["expect"]}


def _data(case: Case, folder: Path) -> pd.DataFrame | list[pd.DataFrame] | None:
    """The case's table, or its tables where it names several."""
    if "data" not in case:
        return None
    if isinstance(case["data"], str):
        return pd.read_csv(Path(folder) / case["data"])
    return [pd.read_csv(Path(folder) / path) for path in case["data"]]


def _value(found: Found, name: str) -> object:
    return found(name) if callable(found) else found[name]

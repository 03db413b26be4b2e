"""Small funds that the tests of this room start from."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from mutualfund.results import FundRun
from mutualfund.scenario import Scenario

ROOT = Path(__file__).resolve().parents[2]
HARBOUR = ROOT / "examples" / "harbour" / "scenario.toml"

CARE = {
    "name": "care",
    "frequency": {"kind": "poisson", "mean": 0.8},
    "severity": {"kind": "gamma", "mean": 300, "cv": 0.9},
    "lag_months": 1.5,
}


def tables(*, members: int = 200, paths: int = 60, years: int = 3, **parts: Any) -> dict[str, Any]:
    """The tables of a plain fund: one line, flat dues, nothing else; `parts` replace whole tables."""
    plain: dict[str, Any] = {
        "fund": {
            "name": "Village fund",
            "currency": "EUR",
            "start": date(2027, 1, 1),
            "opening_reserve": 20_000.0,
        },
        "settings": {"paths": paths, "years": years, "seed": 7},
        "members": {"synthetic": {"n": members}, "mortality": "none"},
        "assumptions": {"lines": [CARE]},
        "rules": {"contributions": {"kind": "flat", "monthly": 25.0}},
    }
    return plain | parts


def village(**parts: Any) -> Scenario:
    """The plain fund as a scenario."""
    return Scenario.from_dict(tables(**parts))


def harbour(*, members: int = 300, paths: int = 200, years: int = 4) -> dict[str, Any]:
    """The example scenario file, every key of it, on a small made-up membership."""
    data = tomllib.loads(HARBOUR.read_text(encoding="utf-8"))
    data["members"].pop("file", None)
    data["members"]["synthetic"] = {"n": members, "age_mix": "N", "seed": 1}
    data["settings"] |= {"paths": paths, "years": years}
    return data


def same(run: FundRun, other: FundRun, measures: tuple[str, ...]) -> bool:
    """Whether the measures are equal to the bit."""
    return all(np.array_equal(run.measure(name), other.measure(name)) for name in measures)


def values(run: FundRun) -> Mapping[str, np.ndarray]:
    """Every measure of a run."""
    return run.ledger

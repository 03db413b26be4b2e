"""Small funds that the tests of this room start from."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from mutualfund.fund.expectations import Expectations
from mutualfund.fund.payments import YEARS_TO_PAY
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


def stated_expectations(years: int, **known: Any) -> Expectations:
    """What a test states of a fund with one line; of the rest nothing is expected, and there is no treaty."""
    nothing: dict[str, Any] = {
        "paths": 1,
        "line_claims": np.ones(1),
        "contributions": 1.0,
        "loss_ratio": 1.0,
        "loss_ratio_error": 0.0,
        "claim_trend": 0.0,
        "payment_pattern": np.ones(1),
        "opening_due": np.zeros(YEARS_TO_PAY),
        "months_per_member": np.zeros((years, 10)),
        "other_months": np.zeros((years, 10)),
        "claims_per_month": np.zeros((years, 10)),
        "fund_lines": np.zeros(years),
        "layer_share": (),
        "layer_error": (),
        "stop_loss_ratio": (),
        "stop_loss_error": (),
    }
    return Expectations(**(nothing | known))


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

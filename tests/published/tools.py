"""What the tests of the published cases share: the cases, and how outcomes are asked for and compared."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from published import evaluate as solver

FOLDER = Path(__file__).parent
RAND = "data/rand_hie_year1.csv"
CASES = tomllib.loads((FOLDER / "cases.toml").read_text(encoding="utf-8"))["case"]


def by_id(case: dict[str, Any]) -> str:
    return str(case["id"])


def same(one: dict[str, object], other: dict[str, object]) -> bool:
    """Equal but for the order in which glum's threads add up."""
    return one.keys() == other.keys() and all(
        np.allclose(np.asarray(one[name]), np.asarray(other[name]), rtol=1e-12, atol=0.0)
        for name in one
    )


def asked(area: str, inputs: dict[str, Any], *names: str, data: str | None = None) -> Any:
    case = {"area": area, "inputs": inputs, "expect": [{"name": name} for name in names]}
    return solver.evaluate(case if data is None else {**case, "data": data}, FOLDER)

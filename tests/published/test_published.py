"""The published cases (`cases.toml`), solved through the public library and checked as its README says.

Source of truth: each case's own `source`. No expected number was produced by this project's code.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from published import evaluate as solver
from published.tools import CASES, FOLDER, by_id, same


def within(expected: dict[str, Any], got: object) -> bool:
    """Whether a value agrees with an entry's tolerance; a simulated one within four standard errors."""
    want = np.atleast_1d(np.array(expected["value"], float))
    if isinstance(got, tuple):
        value, error = got
        return error > 0.0 and abs(value - want[0]) <= 4.0 * error
    have = np.atleast_1d(np.asarray(got, float))
    if have.shape != want.shape:
        return False
    if "lo" in expected:
        return bool(expected["lo"] <= have[0] <= expected["hi"])
    if "atol" in expected:
        return bool(np.all(np.abs(have - want) <= expected["atol"]))
    floor = 1e-9 * np.max(np.abs(want))
    return bool(np.all(np.abs(have - want) <= expected["rtol"] * np.abs(want) + floor))


@pytest.mark.parametrize("case", CASES, ids=by_id)
def test_the_library_gives_the_published_values(case: dict[str, Any]) -> None:
    found = solver.evaluate(case, FOLDER)
    wrong = {
        entry["name"]: (found[entry["name"]], entry["value"])
        for entry in case["expect"]
        if not within(entry, found[entry["name"]])
    }
    assert wrong == {}


def test_no_case_is_left_out() -> None:
    assert {case["area"] for case in CASES} == set(solver.AREAS)
    assert len(CASES) == len({case["id"] for case in CASES}) == 71


@pytest.mark.usefixtures("few_paths")
@pytest.mark.parametrize("case", CASES, ids=by_id)
def test_only_the_area_the_inputs_the_data_and_the_names_are_read(case: dict[str, Any]) -> None:
    bare = {key: case[key] for key in ("area", "inputs", "data") if key in case}
    bare["expect"] = [{"name": entry["name"]} for entry in case["expect"]]
    assert same(solver.evaluate(bare, FOLDER), solver.evaluate(case, FOLDER))

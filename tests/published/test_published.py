"""The published cases (`cases.toml`), solved through the public library and checked as its README says.

Source of truth: each case's own `source`. No expected number was produced by this project's code.
"""

from __future__ import annotations

import copy
import math
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mutualfund.errors import InputError
from published import evaluate as solver
from published.areas import fund_simulation

FOLDER = Path(__file__).parent
CASES = tomllib.loads((FOLDER / "cases.toml").read_text(encoding="utf-8"))["case"]
SOLVED = [case for case in CASES if case["area"] in solver.AREAS]

NOT_YET = {
    "aggregate": 11,
    "credibility": 4,
    "fitting": 5,
    "glm": 6,
    "reinsurance": 3,
    "reserving": 7,
    "risk-equalisation": 1,
    "ruin": 4,
    "solvency": 2,
}
"""Cases of areas this library does not solve yet, by area. The list must stay true."""


def by_id(case: dict[str, Any]) -> str:
    return str(case["id"])


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


@pytest.mark.parametrize("case", SOLVED, ids=by_id)
def test_the_library_gives_the_published_values(case: dict[str, Any]) -> None:
    found = solver.evaluate(case, FOLDER)
    wrong = {
        entry["name"]: (found[entry["name"]], entry["value"])
        for entry in case["expect"]
        if not within(entry, found[entry["name"]])
    }
    assert wrong == {}


def test_cases_of_areas_not_built_yet_are_listed_not_skipped() -> None:
    missing = Counter(case["area"] for case in CASES if case["area"] not in solver.AREAS)
    assert dict(missing) == NOT_YET
    assert len(CASES) == 71
    assert len(SOLVED) == 71 - sum(NOT_YET.values()) == 28


@pytest.fixture
def _few_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fund_simulation, "PATHS", 1000)


@pytest.mark.usefixtures("_few_paths")
@pytest.mark.parametrize("case", SOLVED, ids=by_id)
def test_only_the_area_the_inputs_the_data_and_the_names_are_read(case: dict[str, Any]) -> None:
    bare = {key: case[key] for key in ("area", "inputs", "data") if key in case}
    bare["expect"] = [{"name": entry["name"]} for entry in case["expect"]]
    assert same(solver.evaluate(bare, FOLDER), solver.evaluate(case, FOLDER))


def same(one: dict[str, object], other: dict[str, object]) -> bool:
    return one.keys() == other.keys() and all(
        np.array_equal(np.asarray(one[name]), np.asarray(other[name])) for name in one
    )


def numbers(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every number among a case's inputs."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from numbers(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from numbers(inner, (*path, place))
    elif isinstance(value, int | float):
        yield path


def moved(case: dict[str, Any], path: tuple[Any, ...], factor: float) -> dict[str, Any]:
    """The case with one input changed."""
    changed = copy.deepcopy(case)
    holder = changed["inputs"]
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = holder[path[-1]] * factor or 0.1
    return changed


def has_no_say(case: dict[str, Any], path: tuple[Any, ...]) -> bool:
    """A coinsurance between a deductible and an equal maximum applies to nothing; an age is what is asked."""
    if path[0] == "rows" and path[2] == 0:
        return True  # the names of what is expected ask for this age: tested below, with other ages
    if path[0] != "plans" or path[2] != 1:
        return False
    deductible, _, maximum = case["inputs"]["plans"][path[1]]
    return bool(deductible == maximum)


QUESTIONS = ("probs", "years")  # they say what is asked: tested below, with other questions
INPUTS = [
    pytest.param(case, path, id=f"{case['id']}-{'.'.join(map(str, path))}")
    for case in SOLVED
    for path in numbers(case["inputs"])
    if path[0] not in QUESTIONS
    and not has_no_say(case, path)
    and not (path[0] == "x" and path[1] % 25)
]


@pytest.mark.usefixtures("_few_paths")
@pytest.mark.parametrize(("case", "path"), INPUTS)
def test_every_numeric_input_moves_the_outcome(case: dict[str, Any], path: tuple[Any, ...]) -> None:
    before = solver.evaluate(case, FOLDER)
    try:
        after = solver.evaluate(moved(case, path, 1.1), FOLDER)
    except InputError:  # a deductible above the maximum: then the other way
        after = solver.evaluate(moved(case, path, 0.9), FOLDER)
    assert not same(before, after)


@pytest.mark.parametrize("case", [case for case in SOLVED if "data" in case], ids=by_id)
def test_the_data_file_moves_the_outcome(case: dict[str, Any], tmp_path: Path) -> None:
    frame = pd.read_csv(FOLDER / case["data"])
    inputs = case["inputs"]
    frame[inputs.get("column", inputs.get("cost", "meddol"))] **= (
        1.1  # a factor moves no inequality
    )
    frame.to_csv(tmp_path / "other.csv", index=False)
    other = {**case, "data": "other.csv"}
    before, after = solver.evaluate(case, FOLDER), solver.evaluate(other, tmp_path)
    assert all(before[name] != after[name] for name in before if name.startswith("mean_member"))
    assert not same(before, after)


def asked(area: str, inputs: dict[str, Any], *names: str, data: str | None = None) -> Any:
    case = {"area": area, "inputs": inputs, "expect": [{"name": name} for name in names]}
    return solver.evaluate(case if data is None else {**case, "data": data}, FOLDER)


def test_another_severity_case_with_other_levels_is_solved() -> None:
    inputs = {"distribution": "gamma", "alpha": 2.5, "theta": 90, "d": 10, "u": 700}
    law = stats.gamma(2.5, scale=90)
    found = asked("severity", {**inputs, "probs": [0.75]}, "var_0.75", "sf_d", "mean")
    assert found["var_0.75"] == pytest.approx(law.ppf(0.75), rel=1e-12)
    assert found["sf_d"] == pytest.approx(law.sf(10), rel=1e-12)
    assert found["mean"] == pytest.approx(225.0, rel=1e-12)


def test_another_zero_modified_case_may_have_a_negative_binomial_inside() -> None:
    inputs = {"frequency": "zm_negbin", "r": 1.5, "mean": 2.0, "p0": 0.1}
    found = asked("frequency", inputs, "prob_0", "prob_7", "sf_30")
    parent = stats.nbinom(1.5, 1.5 / 3.5)
    weight = 0.9 / parent.sf(0)
    assert found["prob_0"] == pytest.approx(0.1, rel=1e-12)
    assert found["prob_7"] == pytest.approx(weight * parent.pmf(7), rel=1e-10)
    assert found["sf_30"] == pytest.approx(weight * parent.sf(30), rel=1e-10)


def test_another_data_case_may_have_other_plans_and_another_file() -> None:
    inputs = {"column": "drugexp", "plans": [[200, 0.5, 900]]}
    names = ("mean_member_pay_plan1", "share_at_oop_max_plan1")
    found = asked("cost-sharing", inputs, *names, data="data/meps_drugs.csv")
    costs = pd.read_csv(FOLDER / "data/meps_drugs.csv")["drugexp"]
    by_hand = [min(min(x, 200) + 0.5 * max(x - 200, 0), 900) for x in costs]
    assert found["mean_member_pay_plan1"] == pytest.approx(sum(by_hand) / len(by_hand), rel=1e-12)
    share = sum(x >= 1600 for x in costs) / len(costs)
    assert found["share_at_oop_max_plan1"] == pytest.approx(share, rel=1e-12)


@pytest.mark.usefixtures("_few_paths")
def test_another_fund_case_may_have_other_years_and_a_fund_that_loses_on_average() -> None:
    names = [f"ruin_by_year_{year}" for year in range(1, 8)]
    found = asked("fund-simulation", {"u": 10, "mu": -1, "sd": 5, "years": 7}, *names)
    chances = [found[name][0] for name in names]
    assert chances == sorted(chances)
    exact = stats.norm.cdf((-10 + 1) / 5)
    assert abs(chances[0] - exact) <= 4 * math.sqrt(exact * (1 - exact) / 1000)


def test_another_loading_case_may_have_other_ages_and_couples() -> None:
    inputs = {"rows": [[29, 500], [66, 800]], "couples": [[31, 70, 3000], [28, 40, 1000]]}
    names = ("loading_pct_age_29", "premium_age_66", "couple1_premium", "couple2_loading_pct")
    found = asked("community-rating", inputs, *names)
    # nothing; 800 x (1 + 2 % x 36, capped at 70 %); (2 % + 70 %) / 2 = 36 %; (0 + 20 %) / 2
    assert list(found.values()) == pytest.approx([0.0, 1360.0, 4080.0, 10.0], rel=1e-12)


def test_another_community_case_may_have_other_cuts() -> None:
    inputs, names = {"cuts": [30.5]}, ("mean_cost_band0", "cross_subsidy_per_member_band1")
    found = asked("community-rating", inputs, *names, data="data/rand_hie_year1.csv")
    frame = pd.read_csv(FOLDER / "data/rand_hie_year1.csv")
    young = frame.xage < 30.5
    assert found[names[0]] == pytest.approx(frame.meddol[young].mean(), rel=1e-12)
    gap = frame.meddol[~young].mean() - frame.meddol.mean()
    assert found[names[1]] == pytest.approx(gap, rel=1e-10)


def test_another_fairness_case_may_have_another_ranking_with_ties() -> None:
    inputs = {"cost": "meddol", "rank": "num"}
    name = "concentration_cost_by_num"
    found = asked("fairness", inputs, name, data="data/rand_hie_year1.csv")
    frame = pd.read_csv(FOLDER / "data/rand_hie_year1.csv")
    rank = (stats.rankdata(frame.num) - 0.5) / len(frame)
    by_hand = 2 * np.cov(frame.meddol, rank, bias=True)[0, 1] / frame.meddol.mean()
    assert found[name] == pytest.approx(by_hand, rel=1e-10)

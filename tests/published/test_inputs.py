"""Every input and every data file of a published case has a say in what the library answers.

Source of truth: none is needed; a number that is read moves the outcome when it is moved.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mutualfund.errors import InputError
from published import evaluate as solver
from published.tools import CASES, FOLDER, same


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
    value = holder[path[-1]]
    if is_erlang_shape(path):  # whole, so it moves by one
        holder[path[-1]] = value + 1
    elif path[-1] in WHOLE:
        holder[path[-1]] = round(value * factor) + (round(value * factor) == value)
    else:
        holder[path[-1]] = value * factor or 0.1
    return changed


def is_erlang_shape(path: tuple[Any, ...]) -> bool:
    """The number of exponentials that a claim of the term is the sum of."""
    return path[0] == "terms" and path[-1] == 1


def has_no_say(case: dict[str, Any], path: tuple[Any, ...]) -> bool:
    """Inputs that another one silences.

    A coinsurance between a deductible and an equal maximum applies to nothing; benefits of an age band of
    which nothing is pooled are not shared; deviations of a segment without volume deviate from nothing; the
    weight of a mixture's only term is all; a lapse risk of 0 becomes a tenth of a unit, which is lost beside
    millions; the `n` of a case counts the rows of its data, and another number is refused; an
    age is what is asked; every window on an exact run-off pattern shows the same growth.
    """
    if path == ("n",) or (
        path[0] == "rows" and path[2] == 0 and case["area"] == "community-rating"
    ):
        return True
    if path[0] == "window":
        return bool(case["data"] == "data/health_lags_exact.csv")
    if path[0] == "terms" and path[-1] == 0:
        return len(case["inputs"]["terms"]) == 1
    if path == ("scr_lapse",):
        return bool(case["inputs"]["scr_lapse"] == 0)
    if path[0] in ("sigma_prem", "sigma_res", "div"):
        premium, reserve = case["inputs"]["volumes"][path[1]]
        volume = {"sigma_prem": premium, "sigma_res": reserve, "div": premium + reserve}
        return bool(volume[path[0]] == 0)
    if path[0] == "insurers" and path[2] == "benefits":
        return bool(case["inputs"]["pool_pct"][path[3]] == 0)
    if path[0] != "plans" or path[2] != 1:
        return False
    deductible, _, maximum = case["inputs"]["plans"][path[1]]
    return bool(deductible == maximum)


WHOLE = ("replicates", "window", "prior_months")  # counts: moved by whole numbers
# They say what is asked: tested below, with other questions.
QUESTIONS = ("probs", "years", "points", "ds", "us", "finite", "layers")
INPUTS = [
    pytest.param(case, path, id=f"{case['id']}-{'.'.join(map(str, path))}")
    for case in CASES
    for path in numbers(case["inputs"])
    if path[0] not in QUESTIONS
    and not has_no_say(case, path)
    and not (path[0] == "x" and path[1] % 25)
]


@cache
def as_published(name: str) -> dict[str, object]:
    """What a case gives as it is, worked out once for all its inputs."""
    return solver.evaluate(next(case for case in CASES if case["id"] == name), FOLDER)


@pytest.mark.usefixtures("few_paths")
@pytest.mark.parametrize(("case", "path"), INPUTS)
def test_every_numeric_input_moves_the_outcome(case: dict[str, Any], path: tuple[Any, ...]) -> None:
    if is_erlang_shape(path):
        case = moved(case, ("c",), 3.0)  # a premium that larger claims leave a profit
        before = solver.evaluate(case, FOLDER)
    else:
        before = as_published(case["id"])
    try:
        after = solver.evaluate(moved(case, path, 1.1), FOLDER)
    except InputError:  # a deductible above the maximum: then the other way
        after = solver.evaluate(moved(case, path, 0.9), FOLDER)
    assert not same(before, after)


def files_of(case: dict[str, Any]) -> list[str]:
    """The case's data files, none, one or several."""
    named = case.get("data", [])
    return [named] if isinstance(named, str) else list(named)


def columns_read(inputs: dict[str, Any], frame: pd.DataFrame) -> list[str]:
    """Columns that a case is about; of a yes-or-no response, one that explains it; of a triangle, an age."""
    if "ratio_prefix" in inputs:
        return [name for name in frame.columns if name.startswith(inputs["ratio_prefix"])]
    if inputs.get("family") == "binomial":
        return ["xage"]
    for said in ("column", "response", "cost"):
        if said in inputs:
            return [inputs[said]]
    ages = [name for name in frame.columns if name.startswith("dev")]
    return ages[:1] or [name for name in frame.columns if name == "meddol"] or [frame.columns[-1]]


def otherwise(column: pd.Series, inputs: dict[str, Any]) -> pd.Series:
    """Counts stay counts; what is looked at for its inequality is more than multiplied."""
    if str(column.name).startswith("dev"):
        return column * 1.1
    counts = pd.api.types.is_integer_dtype(column) and "cost" not in inputs
    return column * 2 if counts else column**1.1


@pytest.mark.parametrize(
    ("case", "name"),
    [pytest.param(c, f, id=f"{c['id']}-{Path(f).stem}") for c in CASES for f in files_of(c)],
)
def test_each_data_file_moves_the_outcome(case: dict[str, Any], name: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for file in files_of(case):
        frame = pd.read_csv(FOLDER / file)
        if file == name:
            for column in columns_read(case["inputs"], frame):
                frame[column] = otherwise(frame[column], case["inputs"])
        frame.to_csv(tmp_path / file, index=False)
    before, after = as_published(case["id"]), solver.evaluate(case, tmp_path)
    assert all(before[name] != after[name] for name in before if name.startswith("mean_member"))
    assert not same(before, after)

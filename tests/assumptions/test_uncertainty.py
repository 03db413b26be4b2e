"""How unsure a line is, as it is written: shapes with chances, in Python and in a file."""

from __future__ import annotations

import tomllib
from typing import Any

import numpy as np
import pytest

from mutualfund.assumptions import Line, SeverityShape, Uncertainty
from mutualfund.errors import InputError
from mutualfund.scenario import Scenario

HEAVY = {"kind": "lognormal", "mean": 1, "cv": 4.0}


def shapes(*probabilities: float | None) -> list[dict[str, Any]]:
    return [{"severity": HEAVY} | ({} if p is None else {"probability": p}) for p in probabilities]


def test_without_stated_chances_all_shapes_are_as_likely_as_the_line_s_own() -> None:
    assert Uncertainty(shapes=shapes(None, None, None)).shape_chances.tolist() == [0.25] * 4
    assert Uncertainty().shape_chances.tolist() == [1.0]
    assert Uncertainty(shapes=shapes(0.4, 0.6)).shape_chances.tolist() == [0.0, 0.4, 0.6]


def test_means_are_relative_to_the_line_s_own_and_one_on_average() -> None:
    rows = shapes(0.25, 0.5)
    rows[0]["relative_mean"] = 3.0
    unsure = Uncertainty(severity=0.1, shapes=rows)
    assert unsure.shape_means == pytest.approx([2 / 3, 2.0, 2 / 3])
    between = 0.75 * (1 / 3) ** 2 + 0.25
    assert unsure.mean_cv == pytest.approx(np.sqrt((1 + between) * 1.01 - 1))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"shapes": shapes(0.5, None)}, r"shapes: got a probability for 1 of 2"),
        ({"shapes": shapes(0.7, 0.4)}, r"shapes: got probabilities that sum to 1\.1"),
        ({"shapes": shapes(0.0)}, r"shapes\[0\]\.probability: got 0; allowed: more than 0"),
        ({"shapes": [{"probability": 0.5}]}, r"shapes\[0\]\.severity: got nothing"),
        ({"shapes": [{"severity": {**HEAVY, "cv": -1}}]}, r"shapes\[0\]\.severity\.cv: got -1"),
        ({"shapes": [{"severity": {"kind": "gama"}}]}, r"shapes\[0\]\.severity\.kind.*gamma"),
        ({"shapes": [{"severity": {"kind": "normal", "mean": 1, "sd": 1}}]}, 'level = "fund" only'),
        ({"shapes": [{"severity": {"kind": "fixed", "amount": 0}}]}, "mean of 0|more than 0"),
    ],
)
def test_wrong_shapes_are_refused_by_their_place(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError, match=field):
        Line(
            name="care",
            frequency={"kind": "poisson", "mean": 1.0},
            severity={"kind": "gamma", "mean": 140, "cv": 0.6},
            uncertainty=wrong,
        )


def test_a_fund_whose_shapes_were_written_to_a_file_is_read_as_it_was() -> None:
    tail = {"kind": "pareto", "above": 900.0, "alpha": 2.5}
    shape = {"severity": {**HEAVY, "tail": tail}, "probability": 0.2, "relative_mean": 1.1}
    text = """
    [fund]
    name = "F"
    currency = "EUR"
    start = 2027-01-01
    opening_reserve = 0.0
    [settings]
    paths = 2
    years = 1
    seed = 1
    [members.synthetic]
    n = 5
    [[assumptions.lines]]
    name = "care"
    frequency = { kind = "poisson", mean = 1.0 }
    severity = { kind = "gamma", mean = 140.0, cv = 0.6 }
    [[assumptions.lines.uncertainty.shapes]]
    probability = 0.2
    relative_mean = 1.1
    severity.kind = "lognormal"
    severity.mean = 1
    severity.cv = 4.0
    severity.tail = { kind = "pareto", above = 900.0, alpha = 2.5 }
    [rules.contributions]
    kind = "flat"
    monthly = 10.0
    """
    scenario = Scenario.from_dict(tomllib.loads(text))
    written = scenario.assumptions.line("care").uncertainty
    assert written == Uncertainty(shapes=[SeverityShape(**shape)])
    assert Scenario.from_dict(tomllib.loads(scenario.to_toml())).assumptions == scenario.assumptions
    known = scenario.replace("assumptions.lines.care.uncertainty.shapes", [])
    assert known.assumptions.line("care").uncertainty == Uncertainty()

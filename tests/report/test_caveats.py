"""What the reader is told to bear in mind is what the scenario says. Source of truth: its own keys."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

import pytest

from mutualfund import archetypes
from mutualfund.report.board import Board
from mutualfund.report.caveats import (
    absent,
    after_ruin,
    below_the_line,
    caveats,
    chance_error,
    data_quality,
    left_out,
)

from .conftest import make_run

Document = dict[str, Any]


@pytest.fixture
def complete() -> Document:
    """A scenario that has every part whose absence the page would tell."""
    return {
        "members": {"price_response": 0.4},
        "assumptions": {
            "lines": [{"name": "visits", "use_response": {"share": [0, 1], "use": [1, 0.7]}}],
            "health_states": {"names": ["well"]},
            "shocks": [{"name": "bad winter"}],
            "economy": {"investment_return": {"mean": 0.02, "sd": 0.03}},
        },
    }


def test_a_part_that_the_scenario_has_is_not_called_missing(complete: Document) -> None:
    assert absent(complete, complete["assumptions"]) == []
    assert not [point for point in left_out(complete, 10) if point.startswith("Left out")]


def test_the_other_funds_of_a_pool_are_told_to_be_left_out_only_where_there_is_a_pool() -> None:
    pool: Document = {"rules": {"equalisation": {"pooled_share": 0.4}}}
    assert [point for point in left_out(pool, 3) if "other funds of the pool" in point]
    assert not [point for point in left_out({"rules": {}}, 3) if "other funds" in point]


def test_what_is_not_known_of_late_payers_and_households_is_told_where_it_matters() -> None:
    family = {"contributions": {"kind": "flat", "adjustments": [{"kind": "family"}]}}
    late = {"arrears": {"late": 0.2}}
    told = [len(left_out({"rules": rules}, 3)) for rules in ({}, family, late, family | late)]
    assert told == [told[0], told[0] + 1, told[0] + 1, told[0] + 2]
    assert "also when somebody has left" in " ".join(left_out({"rules": family}, 3))


@pytest.mark.parametrize(
    ("take", "told"),
    [
        (lambda d: d["assumptions"].pop("shocks"), "epidemics"),
        (lambda d: d["assumptions"].pop("health_states"), "lasting illness"),
        (lambda d: d["members"].pop("price_response"), "leaving because contributions rise"),
        (lambda d: d["assumptions"]["lines"][0].pop("use_response"), "more or less use of care"),
        (lambda d: d["assumptions"].pop("economy"), "swings of the investment return"),
    ],
)
def test_a_part_that_the_scenario_lacks_is_told(
    take: Callable[[Document], object], told: str, complete: Document
) -> None:
    take(complete)
    missing = absent(complete, complete["assumptions"])
    assert len(missing) == 1
    assert told in missing[0]


@pytest.mark.parametrize(
    ("rules", "years", "told"),
    [
        ({}, 1, "the rules as they stand change nothing"),
        ({"governance": {"restore_floor": False}}, 10, "the rules as they stand change nothing"),
        ({"governance": {"maximum_increase": 0.0}}, 10, "change nothing"),
        ({}, 10, "the rules raise later contributions by what is missing"),
        ({"governance": {"data_lag_months": 6, "effect_lag_months": 6}}, 2, "change nothing"),
        ({"governance": {"data_lag_months": 6, "effect_lag_months": 6}}, 3, "raise later"),
        ({"calls": {"maximum": 0.1}}, 1, "the rules ask members for an extra payment."),
        ({"calls": {"maximum": 0.1}}, 2, "an extra payment and raise later contributions"),
        ({"amendments": [{"rule": "calls.maximum", "value": 0.1}]}, 1, "ask members"),
    ],
)
def test_below_the_line_the_page_says_what_the_rules_do(
    rules: Document, years: int, told: str
) -> None:
    assert told in below_the_line({"rules": rules}, years)


def test_run_off_is_told_where_the_scenario_has_it() -> None:
    assert "is played on here" in after_ruin({"settings": {"run_off": False}})
    assert "no more contributions, and what it owes is paid as it falls due" in after_ruin(
        {"settings": {"run_off": True}}
    )


def test_what_becomes_of_a_bankrupt_fund_comes_first_where_one_goes_bankrupt() -> None:
    for opening, told in ((-9e6, True), (9e7, False)):
        run = make_run(paths=40, years=2, opening=opening, spread=1e4)
        first = caveats(run, Board.of(run))[0].points[0]
        assert first.startswith("A fund that has run out of money") == told


def test_a_run_without_its_scenario_text_is_not_accused_of_anything() -> None:
    assert not [point for point in left_out({}, 10) if point.startswith("Left out")]


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"synthetic": {"n": 9000, "age_mix": "Y"}}, "9,000 members are made up, with a young mix"),
        ({"synthetic": {"n": 9000}}, "with an average mix"),
        ({"file": "members.parquet"}, "9,000 members are those of the members file"),
        ({}, "handed over by the analyst's own program"),
    ],
)
def test_where_the_members_come_from_is_told(members: Document, told: str) -> None:
    assert told in data_quality({"members": members}, make_run(paths=20, years=1))[0]


def test_uncertain_claim_rates_are_told_only_where_the_run_draws_them() -> None:
    run = make_run(paths=20, years=1)
    lines = [{"name": "visits", "uncertainty": {"frequency": 0.1}}, {"name": "drugs"}]
    document: Document = {"assumptions": {"lines": lines}}
    assert "draws its own for visits;" in data_quality(document, run)[1]
    fixed = document | {"settings": {"parameter_risk": False}}
    assert "taken as exactly right" in data_quality(fixed, run)[1]
    assert "draws its own" not in data_quality(fixed, run)[1]


def test_the_error_of_the_chance_is_wilsons_interval_in_words() -> None:
    run = make_run()
    board = Board.of(run)
    assert board.ever_below is not None
    assert f"only {board.n_paths:,} imagined futures" in chance_error(board)
    low, high = 1 / board.ever_below.high, 1 / board.ever_below.low
    assert f"1 in {low:.0f} to 1 in {high:.0f}" in chance_error(board)


def test_warnings_of_the_run_are_passed_on() -> None:
    run = make_run(paths=20, years=1, warnings=["the states drift"])
    last = caveats(run, Board.of(run))[-1]
    assert last.points == ("the states drift",)
    assert len(caveats(make_run(paths=20, years=1), Board.of(run))) == 3


@pytest.mark.parametrize("name", archetypes.names())
def test_the_shipped_funds_have_their_caveats(name: str) -> None:
    document = tomllib.loads(archetypes.path(name).read_text(encoding="utf-8"))
    points = left_out(document, 10)
    assert len(points) == 4
    assert "made up" in data_quality(document, make_run(paths=20, years=1))[0]

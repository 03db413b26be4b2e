"""Amounts along one side against the ledger: the same money, cut by line, by month of treatment, by age."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import mutualfund.fund.memory as memory
from fund.funds import CARE, harbour, tables
from mutualfund.errors import InputError
from mutualfund.fund import simulate
from mutualfund.results import DIMENSIONS, FundRun
from mutualfund.scenario import Scenario
from mutualfund.sim.plan import AGE_CELL_LABELS, lower

pytestmark = pytest.mark.usefixtures("short_pilot")

EVERY_SIDE = ["lines", "cells", "months"]
FUND_LINE = {
    "name": "ambulance",
    "level": "fund",
    "severity": {"kind": "normal", "mean": 2_000, "sd": 400},
    "lag_months": 2.0,
}


def with_fund_line() -> dict[str, Any]:
    """The example with every rule at work, and one amount a year that belongs to no member."""
    data = harbour(members=150, paths=30, years=4)
    data["fund"]["opening_reserve"] = 15_000
    data["settings"]["keep"] = EVERY_SIDE
    data["assumptions"]["lines"].append(FUND_LINE)
    return data


@pytest.fixture(scope="module")
def run() -> FundRun:
    return simulate(Scenario.from_dict(with_fund_line()))


def total(run: FundRun, by: str, measure: str = "claims_incurred") -> np.ndarray:
    return run.marginal(by).measures[measure].sum(axis=2)


def in_cents(amounts: np.ndarray) -> np.ndarray:
    return np.rint(100 * amounts).astype(np.int64)


def member_lines(run: FundRun) -> np.ndarray:
    place = run.facts.line_names.index("ambulance")
    return np.delete(run.lines["claims_incurred"], place, axis=2).sum(axis=2)


def test_every_measure_of_the_ledger_is_its_sum_over_lines_and_over_months(run: FundRun) -> None:
    for by in ("line", "month"):
        shared = set(run.marginal(by).measures) & set(run.ledger)
        assert "claims_incurred" in shared
        for name in shared:
            ours, books = in_cents(total(run, by, name)), in_cents(run.measure(name))
            np.testing.assert_array_equal(ours, books, err_msg=f"{name} by {by}")


def test_claims_by_age_are_those_of_the_members_lines(run: FundRun) -> None:
    np.testing.assert_array_equal(in_cents(total(run, "age")), in_cents(member_lines(run)))
    fund_line = in_cents(run.measure("claims_incurred")) - in_cents(total(run, "age"))
    assert (fund_line > 0).all()  # five standard deviations above zero


def test_a_fund_level_line_is_spread_evenly_over_the_months_of_treatment() -> None:
    line = FUND_LINE | {"severity": {"kind": "fixed", "amount": 1_200.0}}
    data = tables(paths=5, years=2, assumptions={"lines": [line]})
    data["settings"]["keep"] = EVERY_SIDE
    run = simulate(Scenario.from_dict(data))
    np.testing.assert_allclose(run.marginal("month").measures["claims_incurred"], 100.0, atol=0.01)
    assert not total(run, "age").any()


def test_member_months_by_age_are_what_flat_dues_are_paid_for() -> None:
    data = tables(years=3)
    data["members"] |= {"lapse_per_year": 0.1, "joins_per_year": 0.1, "mortality": "population"}
    data["settings"]["keep"] = EVERY_SIDE
    run = simulate(Scenario.from_dict(data))
    months = total(run, "age", "member_months")
    np.testing.assert_allclose(25.0 * months, run.measure("contributions_due"), rtol=1e-12)
    assert (months < 12 * (run.measure("members_start") + run.measure("joined"))).all()


def test_members_grow_older_from_one_age_to_the_next() -> None:
    data = tables(paths=2, years=8)
    data["settings"]["keep"] = ["cells"]
    run = simulate(Scenario.from_dict(data))
    held = Scenario.from_dict(data).portfolio.age
    months = run.marginal("age").measures["member_months"]
    for year in range(8):
        under_18 = 12 * np.count_nonzero(held + year < 18)
        assert months[:, year, 0].tolist() == [under_18] * 2
    assert run.marginal("age").labels == AGE_CELL_LABELS


def test_months_are_counted_from_the_funds_start_and_follow_the_season() -> None:
    season = [0, 0, 1, 1, 1, 1, 1, 8, 1, 1, 1, 1]  # January to December
    data = tables(members=500, years=1)
    data["fund"]["start"] = data["fund"]["start"].replace(month=7)
    data["assumptions"] = {"lines": [CARE | {"seasonality": season}]}
    data["settings"]["keep"] = ["months"]
    run = simulate(Scenario.from_dict(data))
    claims = run.marginal("month").measures["claims_incurred"].sum(axis=(0, 1))
    # A fund year from July: January and February are months 7 and 8, August is month 2.
    assert np.flatnonzero(claims == 0.0).tolist() == [6, 7]
    assert claims[1] > 4 * np.delete(claims, 1).max()


def test_a_fund_in_run_off_has_nothing_along_any_side() -> None:
    data = with_fund_line()
    data["fund"]["opening_reserve"] = -60_000
    data["settings"] |= {"run_off": True}
    run = simulate(Scenario.from_dict(data))
    closed = np.roll(run.ruined, 1, axis=1)
    closed[:, 0] = False
    assert closed.any()
    for by, side in run.marginals.items():
        for name, values in side.measures.items():
            assert not values[closed].any(), (by, name)
    for by in ("line", "month"):
        books = in_cents(run.measure("claims_incurred"))
        np.testing.assert_array_equal(in_cents(total(run, by)), books)
    np.testing.assert_array_equal(in_cents(total(run, "age")), in_cents(member_lines(run)))


@pytest.mark.parametrize("keep", [[], ["lines"], ["cells"], ["months"], EVERY_SIDE])
def test_what_is_kept_is_what_was_asked_for_and_moves_no_number(
    run: FundRun, keep: list[str]
) -> None:
    data = with_fund_line()
    data["settings"]["keep"] = keep
    other = simulate(Scenario.from_dict(data), workers=2, block_paths=7)
    kept = {DIMENSIONS[by].kept_by for by in other.marginals}
    assert kept == set(keep)
    for name, values in run.ledger.items():
        np.testing.assert_array_equal(other.ledger[name], values, err_msg=name)
    for by, side in other.marginals.items():
        assert side.labels == run.marginal(by).labels
        assert set(side.measures) == set(DIMENSIONS[by].measures)
        for name, values in side.measures.items():
            np.testing.assert_array_equal(run.marginal(by).measures[name], values)
    assert (other.digest() == run.digest()) == (keep == EVERY_SIDE)


def test_only_lines_are_kept_unless_asked() -> None:
    assert set(simulate(Scenario.from_dict(tables(paths=3, years=1))).marginals) == {"line"}


@pytest.mark.parametrize("keep", [[], ["lines"], ["cells"], ["months"], EVERY_SIDE])
def test_the_memory_estimate_counts_every_number_of_the_results(keep: list[str]) -> None:
    data = with_fund_line()
    data["settings"]["keep"] = keep
    scenario = Scenario.from_dict(data)
    run = simulate(scenario)
    arrays = [run.ledger, *(side.measures for side in run.marginals.values())]
    sizes = [values.nbytes for named in arrays for values in named.values()]
    expected = sum(sizes) + memory.SCRATCH_COPIES * max(sizes)
    assert memory.result_bytes(lower(scenario)) == expected


def test_a_run_too_large_for_its_sides_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = tables(paths=20_000, years=3)
    plan = lower(Scenario.from_dict(data))
    flight = memory.Flight(1, workers=1)
    needed = memory.result_bytes(plan) + memory.flight_bytes(plan, flight)
    fits = int(needed / memory.USABLE_SHARE) + 9
    monkeypatch.setattr(memory, "available_bytes", lambda: fits)
    memory.require_memory(plan, flight)
    data["settings"]["keep"] = EVERY_SIDE
    with pytest.raises(InputError, match=re.escape("settings.paths")):
        memory.require_memory(lower(Scenario.from_dict(data)), flight)

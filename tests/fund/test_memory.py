"""What a run takes is what it says beforehand, and does not grow with the number of futures."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from fund.funds import harbour, tables, village
from mutualfund.fund import check, memory, simulate
from mutualfund.results import FundRun
from mutualfund.scenario import Scenario
from mutualfund.sim.plan import lower

pytestmark = pytest.mark.usefixtures("short_pilot")


def held_by(run: FundRun) -> int:
    """Bytes of the results."""
    arrays = [run.ledger, *(side.measures for side in run.marginals.values())]
    return sum(values.nbytes for named in arrays for values in named.values())


def peak_of(scenario: Scenario, block_paths: int) -> tuple[int, int]:
    """The most memory that a run on two threads takes, and what its results are."""
    simulate(scenario.replace("settings.paths", 4))  # compiled, and everything loaded
    tracemalloc.start()
    try:
        run = simulate(scenario, workers=2, block_paths=block_paths)
        return tracemalloc.get_traced_memory()[1], held_by(run)
    finally:
        tracemalloc.stop()


def test_memory_less_the_results_does_not_grow_with_the_paths() -> None:
    few, held_few = peak_of(village(members=50, paths=100, years=2), 25)
    many, held_many = peak_of(village(members=50, paths=4_000, years=2), 25)
    assert held_many == 40 * held_few
    assert many - held_many < 2 * (few - held_few)


def test_the_estimate_of_memory_is_no_less_than_what_is_taken_and_not_far_off() -> None:
    data = tables(members=20, paths=4_000, years=5)
    data["settings"]["keep"] = ["lines", "months", "cells"]
    scenario = Scenario.from_dict(data)
    plan = lower(scenario)
    estimate = memory.result_bytes(plan) + memory.flight_bytes(plan, 2 * 100, threads=2)
    taken, _ = peak_of(scenario, 100)
    assert taken <= estimate < 2.5 * taken


def test_the_estimate_of_the_disk_is_not_far_off(tmp_path: Path) -> None:
    scenario = Scenario.from_dict(harbour(members=300, paths=200, years=4))
    folder = tmp_path / "run"
    simulate(scenario, folder=folder, block_paths=40)
    taken = sum(path.stat().st_size for path in (folder / "blocks").iterdir())
    assert 0.6 * taken < memory.stored_bytes(lower(scenario), 40) < 1.7 * taken


def test_check_tells_what_a_run_will_take() -> None:
    scenario = village(paths=1_000)
    found, plan = check(scenario), lower(scenario)
    assert found.memory_bytes > memory.result_bytes(plan)
    assert found.stored_bytes >= memory.stored_bytes(plan, 1_000)

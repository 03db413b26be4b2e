"""Times of the named funds, small enough for every push; `measure.py` takes the times that are compared.

`python -m pytest benchmarks --benchmark-only` prints them. Kernels are compiled before, and no reinsurance is
bought: its pilot run would be most of the time of runs as small as these. No time is ever asserted.
"""

from __future__ import annotations

from typing import Any

import pytest

import baseline
import mutualfund as mf
import plain_numpy
import problems
import tuned_numpy
from problems import FUNDS, Problem

RUNS = {
    "village": Problem(FUNDS["village"], paths=40, years=10, reinsured=False),
    "village, everything": Problem(
        FUNDS["village"], paths=20, years=10, feature="everything", reinsured=False
    ),
    "town": Problem(FUNDS["town"], paths=2, years=10, reinsured=False),
}


@pytest.fixture(scope="module", autouse=True)
def compiled_kernels() -> None:
    mf.simulate(problems.scenario(Problem(50, paths=2, years=20, reinsured=False)))


@pytest.mark.parametrize("problem", RUNS.values(), ids=RUNS)
def test_simulate(problem: Problem, benchmark: Any) -> None:
    scenario = problems.scenario(problem)
    run = benchmark(mf.simulate, scenario)
    benchmark.extra_info["claims"] = float(run.lines["claim_count"].sum())
    assert run.measure("billed").shape == (problem.paths, problem.years)


@pytest.mark.parametrize("program", [plain_numpy, tuned_numpy], ids=lambda it: it.__name__)
def test_numpy(program: Any, benchmark: Any) -> None:
    work = baseline.work_of(FUNDS["town"], 1)
    figures = benchmark(baseline.run, program.member_year, work, 1)
    benchmark.extra_info["claims"] = figures.claims
    assert figures.count.shape == (1, 1, len(problems.LINES))

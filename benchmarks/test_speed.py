"""Values first, then times: `simulate` and plain NumPy on the same problem.

`python -m pytest benchmarks --benchmark-only` prints the times. Comparing times is worth nothing
where two programs do not do the same work, so their values are compared in the same session, before anything
is timed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mutualfund as mf
import plain_numpy
import problems

SIZES = (problems.VILLAGE, problems.TOWN)


@pytest.fixture(scope="module", params=SIZES, ids=lambda problem: problem.name)
def problem(request: pytest.FixtureRequest) -> problems.Problem:
    """One of the sizes, with its kernels already compiled."""
    mf.simulate(problems.scenario(problems.Problem("warm", members=50, paths=2, years=1)))
    return request.param


def first_year_figures(run: mf.FundRun) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
    """The run's figures under plain NumPy's names: all path-years, or year one where years differ."""
    figures = {name: run.measure(name) for name in ("billed", "member_paid", "claims_incurred")}
    figures["reinsurance_recovery"] = run.measure("reinsurance_recovery")
    figures["paid_in_year"] = run.measure("claims_paid")[:, :1]  # later years pay for earlier ones
    return figures


def test_both_programs_give_the_same_values(problem: problems.Problem) -> None:
    """Means within five standard errors; 2 % of `billed` is more than that on either problem."""
    ours = first_year_figures(mf.simulate(problems.scenario(problem)))
    theirs = plain_numpy.simulate(problem)
    for figure, mine in ours.items():
        other = theirs[figure]
        error = np.sqrt(mine.var() / mine.size + other.var() / other.size)
        assert abs(mine.mean() - other.mean()) < 5 * error, figure
        assert 0.5 < mine.std() / other.std() < 2.0, figure
    assert (
        5 * np.sqrt(2 * ours["billed"].var() / ours["billed"].size) < 0.02 * ours["billed"].mean()
    )


def test_simulate(problem: problems.Problem, benchmark: Any) -> None:
    scenario = problems.scenario(problem)
    run = benchmark(mf.simulate, scenario)
    benchmark.extra_info["member_years"] = problem.members * problem.paths * problem.years
    assert run.measure("billed").shape == (problem.paths, problem.years)


def test_plain_numpy(problem: problems.Problem, benchmark: Any) -> None:
    figures = benchmark(plain_numpy.simulate, problem)
    benchmark.extra_info["member_years"] = problem.members * problem.paths * problem.years
    assert figures["billed"].shape == (problem.paths, problem.years)

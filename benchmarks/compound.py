"""Our aggregate distribution against the PyPI package `aggregate`, values first.

Amounts are gamma, so the exact distribution is a mixture of gammas over the exact counts (SciPy's). Theirs
gets a step and a number of points; ours the same, or half the step and twice the points where its
largest error is not yet as small as theirs. A ratio is shown only where it then is. Ours is
`mutualfund.claims.aggregate` from end to end: the moments, the estimate of the step's error and the bound on
aliasing are in its time. Theirs is `Aggregate.update` alone: what it takes to parse and set up a program is
left out, which flatters them.

`pip install --group peers` installs `aggregate` where Python is 3.12 or newer; nothing else here needs it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
from scipy import stats

from agreement import FloatArray
from mutualfund import claims
from profiles import Profile
from tables import Cell, Gate, Section
from timing import Task, alternate, say, times_as_long

ROUNDS = 9  # of tens of milliseconds
NOTE = """Errors first: the largest of P(S <= x) against the exact mixture of gammas, at six levels up to
0.9999. The two read a lattice differently between its points (theirs rounds amounts to the nearest point,
ours keeps their means), so errors are taken halfway between points, where rounding is at its best. Both get
the same step; ours gets half of it where its error would otherwise be larger than theirs, and no ratio where
it still is. Ours includes the estimate of the step's error, for which it computes the distribution a second
time; theirs leaves out parsing its program."""
TITLE = "The aggregate distribution, against `aggregate`"
REFUSED = "ours is less accurate: no ratio"


@dataclass(frozen=True)
class Problem:
    """A compound with gamma amounts, as both programs spell it."""

    name: str
    program: str
    count: Any
    chance: Callable[[FloatArray], FloatArray]
    alpha: float
    theta: float
    step: float
    log2: int

    def exact(self, x: FloatArray) -> FloatArray:
        """P(S <= x), term by term over the counts."""
        n = np.arange(1, 1200)
        weight = self.chance(n)
        below = [weight @ stats.gamma.cdf(v, n * self.alpha, scale=self.theta) for v in x]
        return float(self.chance(np.zeros(1))[0]) + np.array(below)


PROBLEMS = (
    Problem(
        name="poisson 50, gamma 1.5, 2^16 points",
        program="agg A 50 claims sev 66.66666666666667 * gamma 1.5 poisson",
        count=claims.Poisson(mean=50.0),
        chance=stats.poisson(50.0).pmf,
        alpha=1.5,
        theta=100.0 / 1.5,
        step=0.25,
        log2=16,
    ),
    Problem(
        name="poisson 50, exponential, 2^18 points",
        program="agg B 50 claims sev 100 * expon poisson",
        count=claims.Poisson(mean=50.0),
        chance=stats.poisson(50.0).pmf,
        alpha=1.0,
        theta=100.0,
        step=0.0625,
        log2=18,
    ),
    Problem(
        name="poisson 4, exponential, 2^16 points",
        program="agg C 4 claims sev 100 * expon poisson",
        count=claims.Poisson(mean=4.0),
        chance=stats.poisson(4.0).pmf,
        alpha=1.0,
        theta=100.0,
        step=0.0625,
        log2=16,
    ),
)
GATES = [
    Gate(f"`aggregate` over ours: {problem.name}", None, "at least", 1.0, "x")
    for problem in PROBLEMS
]
LEVELS = (0.05, 0.5, 0.9, 0.99, 0.995, 0.9999)


def ours(problem: Problem, finer: int = 1) -> claims.Aggregate:
    """Our distribution on the same lattice, or on one that is so many times as fine."""
    severity = claims.Gamma(alpha=problem.alpha, theta=problem.theta)
    grid = claims.Grid(step=problem.step / finer, points=finer * 2**problem.log2)
    return claims.aggregate(problem.count, severity, grid=grid)


def points(problem: Problem) -> FloatArray:
    """Halfway between lattice points, at the levels that matter."""
    near = ours(problem).quantile(np.array(LEVELS)) / problem.step
    return problem.step * (np.floor(near) + 0.5)


def our_error(problem: Problem, x: FloatArray, exact: FloatArray, finer: int) -> float:
    """The largest error of our P(S <= x)."""
    return float(np.abs(ours(problem, finer).cdf(x) - exact).max())


def their_error(peer: Any, x: FloatArray, exact: FloatArray) -> float:
    """The largest error of theirs, once it is computed."""
    densities = peer.density_df
    below = np.searchsorted(densities["loss"].to_numpy(), x, side="right") - 1
    return float(np.abs(densities["F"].to_numpy()[below] - exact).max())


def compared(problem: Problem) -> tuple[dict[str, Cell], float | None]:
    """One problem's row, and how many times as long theirs takes; None where ours is less accurate."""
    from aggregate import build

    peer = build(problem.program, update=False)
    update = partial(peer.update, log2=problem.log2, bs=problem.step)
    update()
    x = points(problem)
    exact = problem.exact(x)
    error = their_error(peer, x, exact)
    own = {finer: our_error(problem, x, exact, finer) for finer in (1, 2)}
    finer = next((finer for finer in own if own[finer] <= error), None)
    say(f"  {problem.name}: theirs {error:.1e}, ours {own[1]:.1e}, at half the step {own[2]:.1e}")
    row: dict[str, Cell] = {
        "problem": problem.name,
        "their error": f"{error:.1e}",
        "our error": f"{own[finer or 2]:.1e}" + ("" if finer == 1 else ", at half their step"),
    }
    if finer is None:
        return row | {"theirs, ms": "", "ours, ms": "", "theirs over ours": REFUSED}, None
    tasks: dict[str, Task] = {
        "theirs": partial(once, update),
        "ours": partial(once, partial(ours, problem, finer)),
    }
    timings = alternate(tasks, ROUNDS)
    ratio = times_as_long(timings["theirs"], timings["ours"])
    times = {f"{name}, ms": 1e3 * timings[name].median for name in tasks}
    return row | times | {"theirs over ours": ratio}, ratio


def once(work: Callable[[], object]) -> float:
    """Do it; one was made."""
    work()
    return 1.0


def against_aggregate(_profile: Profile) -> Section:
    """The table of errors and times, and a gate a problem; small enough to have one size only."""
    if find_spec("aggregate") is None:
        say("aggregate: the package is not installed")
        return Section.without("aggregate", "aggregate", TITLE, NOTE, GATES)
    say("the aggregate distribution: values first")
    found = [compared(problem) for problem in PROBLEMS]
    held = [gate.at(ratio) for gate, (_, ratio) in zip(GATES, found, strict=True)]
    return Section("aggregate", TITLE, NOTE, [row for row, _ in found], held)

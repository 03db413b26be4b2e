"""Our aggregate distribution beside the PyPI package `aggregate`, values first.

    $ pip install "aggregate>=1.11"      # Python 3.12 or newer
    $ python benchmarks/compound.py

Amounts are gamma, so the exact distribution is a mixture of gammas over the exact counts (SciPy's). Theirs
gets a step and a number of points; ours the same, or half the step and twice the points where its
largest error is not yet as small as theirs. A ratio is printed only where it then is. Ours is
`mutualfund.claims.aggregate` from end to end: the moments, the estimate of the step's error and the bound on
aliasing are in its time. Theirs is `Aggregate.update` alone: what it takes to parse and set up a program is
left out, which flatters them.

The two read a lattice differently between its points (theirs rounds amounts to the nearest point, ours keeps
their means), so errors are taken halfway between points, where rounding is at its best.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from statistics import median
from typing import Any

import numpy as np
from scipy import stats

from mutualfund import claims

ROUNDS = 9


@dataclass(frozen=True)
class Problem:
    """A compound with gamma amounts, as both programs spell it."""

    name: str
    program: str
    count: Any
    chance: Callable[[np.ndarray], np.ndarray]
    alpha: float
    theta: float
    step: float
    log2: int

    def exact(self, x: np.ndarray) -> np.ndarray:
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
LEVELS = (0.05, 0.5, 0.9, 0.99, 0.995, 0.9999)


def ours(problem: Problem, finer: int = 1) -> claims.Aggregate:
    """Our distribution on the same lattice, or on one that is so many times as fine."""
    severity = claims.Gamma(alpha=problem.alpha, theta=problem.theta)
    grid = claims.Grid(step=problem.step / finer, points=finer * 2**problem.log2)
    return claims.aggregate(problem.count, severity, grid=grid)


def theirs(problem: Problem) -> Any:
    """Their object, set up and not yet computed."""
    from aggregate import build

    return build(problem.program, update=False)


def points(problem: Problem) -> np.ndarray:
    """Halfway between lattice points, at the levels that matter."""
    near = ours(problem).quantile(np.array(LEVELS)) / problem.step
    return problem.step * (np.floor(near) + 0.5)


def compare(problem: Problem) -> bool:
    """Errors, then times in turns; whether ours was as right and no slower."""
    x = points(problem)
    exact = problem.exact(x)
    peer = theirs(problem)
    update = {"log2": problem.log2, "bs": problem.step}
    peer.update(**update)
    densities = peer.density_df
    below = np.searchsorted(densities["loss"].to_numpy(), x, side="right") - 1
    error = float(np.abs(densities["F"].to_numpy()[below] - exact).max())
    own = {finer: float(np.abs(ours(problem, finer).cdf(x) - exact).max()) for finer in (1, 2)}
    finer = next((finer for finer in own if own[finer] <= error), 0)
    print(f"{problem.name}\n  largest error of P(S <= x): theirs {error:.1e}, ours ", end="")
    print(", ".join(f"{own[k]:.1e} (step / {k})" for k in own))
    if not finer:
        print("  ours is less accurate: no ratio")
        return False
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for place, task in enumerate((lambda: ours(problem, finer), lambda: peer.update(**update))):
            start = time.perf_counter()
            task()
            seconds[place].append(time.perf_counter() - start)
    mine, other = (median(times) for times in seconds)
    ratio = median(b / a for a, b in zip(*seconds, strict=True))
    print(
        f"  ours (step / {finer}) {1e3 * mine:.1f} ms, theirs {1e3 * other:.1f} ms: {ratio:.2f} times as long"
    )
    return ratio >= 1.0


def main() -> int:
    if not find_spec("aggregate"):
        print("aggregate is not installed: nothing to compare with")
        return 2
    held = [compare(problem) for problem in PROBLEMS]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())

"""How times are taken: tasks that alternate, medians over rounds, and the generator's fill beside them.

Times on one machine drift by a sixth within minutes, so only ratios of times that were taken in turns are
worth anything. The fill of one uniform by NumPy's own generator is the yardstick that travels. What runs on
one thread is timed by the processor's clock (`ON_PROCESSOR`), which stands still while another program has
the core; a wait that a user feels, and what several threads share, is timed by the clock on the wall.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

import numpy as np

import mutualfund as mf
import problems
from mutualfund import Portfolio
from mutualfund.fund.context import rules_by_year
from mutualfund.fund.engines import engine_for
from mutualfund.fund.expectations import Expectations
from mutualfund.fund.pilot import expectations
from mutualfund.fund.simulate import fund_years
from mutualfund.sim.plan import Plan, lower
from problems import Problem

Task = Callable[[], float]
"""Does the work once; returns how many claims (or numbers) it made."""

Clock = Callable[[], float]
ON_PROCESSOR: Clock = time.process_time  # of all threads of this process together
ON_THE_WALL: Clock = time.perf_counter

FILL_SIZE, FILLS = 4_096, 2_000
NANO = 1e9
MOST_FIXED = 0.5  # of a run's time: beyond this a difference of two runs says nothing


def say(text: str) -> None:
    """Progress, at once."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


@dataclass
class Timing:
    """One task's times, a number a round."""

    seconds: list[float] = field(default_factory=list)
    made: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return median(self.seconds)

    @property
    def ns_each(self) -> float:
        """Nanoseconds a claim (or number): the median over rounds."""
        pairs = zip(self.seconds, self.made, strict=True)
        return median(NANO * seconds / made for seconds, made in pairs)


Timings = Mapping[str, Timing]


def alternate(
    tasks: Mapping[str, Task], rounds: int, clock: Clock = ON_THE_WALL
) -> dict[str, Timing]:
    """Run all tasks in every round, each round starting with another one."""
    timings = {name: Timing() for name in tasks}
    names = list(tasks)
    for turn in range(rounds):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            start = clock()
            made = tasks[name]()
            timings[name].seconds.append(clock() - start)
            timings[name].made.append(made)
        say(f"  round {turn + 1} of {rounds} done")
    return timings


def ratios(timing: Timing, over: Timing) -> list[float]:
    """How many times as long a claim takes in `timing`, in each round."""
    rows = zip(timing.seconds, timing.made, over.seconds, over.made, strict=True)
    return [(a / n) / (b / m) for a, n, b, m in rows]


def times_as_long(timing: Timing, over: Timing) -> float:
    """How many times as long a claim takes in `timing`: the median over rounds of the rounds' ratios."""
    return median(ratios(timing, over))


def fill() -> float:
    """The yardstick as a task: NumPy's PCG64 fills a small array with uniforms, again and again."""
    rng, out = np.random.default_rng(5), np.empty(FILL_SIZE)
    for _ in range(FILLS):
        rng.random(out=out)
    return float(FILL_SIZE * FILLS)


@dataclass(frozen=True)
class Ours:
    """`simulate` as a task."""

    problem: Problem
    scenario: mf.Scenario
    workers: int = 1

    def __call__(self) -> float:
        run = mf.simulate(self.scenario, workers=self.workers)
        return float(run.lines["claim_count"].sum())


@dataclass(frozen=True)
class OneBlock:
    """A block of paths as a task: all its years with the fund's accounts, without lowering and pilot."""

    plan: Plan
    expected: Expectations

    @classmethod
    def of(cls, problem: Problem, members: Portfolio | None = None) -> OneBlock:
        """All paths of a problem in one block."""
        scenario = problems.scenario(problem, members)
        plan = lower(scenario)
        with engine_for(plan, workers=1) as engine:
            expected = expectations(engine, rules_by_year(scenario), problem.paths)
        return cls(plan, expected)

    def __call__(self) -> float:
        paths = self.plan.scenario.settings.paths
        block = fund_years(self.expected, self.plan, lambda: None, 0, paths)
        return float(block.marginals["line"].measures["claim_count"].sum())


class Pair(NamedTuple):
    """The same simulation with all its paths, and with one: the difference is what paths cost."""

    whole: Ours
    fixed: Ours

    def tasks(self, name: str) -> dict[str, Task]:
        """The two under the names by which `cost` finds their times."""
        return {name: self.whole, f"{name}, fixed": self.fixed}


def pair(problem: Problem, members: Portfolio | None = None, workers: int = 1) -> Pair:
    """A problem and its fixed part: lowering, the pilot and one path."""
    scenario = problems.scenario(problem, members)
    one = scenario.replace("settings.paths", 1)
    return Pair(Ours(problem, scenario, workers), Ours(problem, one, workers))


def added_costs(timings: Timings, name: str) -> list[float]:
    """Seconds an added claim costs in each round: the pair's difference in time over that in claims."""
    whole, fixed = timings[name], timings[f"{name}, fixed"]
    rows = zip(whole.seconds, whole.made, fixed.seconds, fixed.made, strict=True)
    return [(a - b) / max(n - m, 1.0) for a, n, b, m in rows]


@dataclass(frozen=True)
class Cost:
    """What a simulation costs, per claim of the run."""

    end_to_end: float  # ns
    fixed_share: float  # of the time
    added: float | None  # ns, the fixed part off time and claims; None where it hides the rest


def cost(timings: Timings, name: str) -> Cost:
    """The cost of the pair called `name`."""
    whole, fixed = timings[name], timings[f"{name}, fixed"]
    share = fixed.median / whole.median
    added = NANO * median(added_costs(timings, name)) if share <= MOST_FIXED else None
    return Cost(whole.ns_each, share, added)


def added_ratios(timings: Timings, name: str, over: str) -> list[float]:
    """How many times as much an added claim costs in `name`, in each round.

    None at all where the fixed part is most of either's time, so that the difference is noise.
    """
    if None in (cost(timings, name).added, cost(timings, over).added):
        return []
    rows = zip(added_costs(timings, name), added_costs(timings, over), strict=True)
    return [a / b for a, b in rows]


def middle(values: Sequence[float]) -> float | None:
    """The median, if there is any."""
    return median(values) if values else None

"""One full run of `group_health`: the plain workload and everything, on two workers."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

import mutualfund as mf
import problems
from problems import Problem, portfolio
from profiles import Profile
from tables import Cell, Gate, Section
from timing import say

WORKERS = 2
NOTE = """`simulate` from end to end with one excess-of-loss layer, {workers} workers, run once each; peak
memory is that of the whole process so far. There is no gate on the time: it is stated."""


def full_run(profile: Profile) -> Section:
    """Time and peak memory of the largest fund at full size."""
    members, years, paths = profile.full
    rows: list[dict[str, Cell]] = []
    people = portfolio(members)
    for feature in ("plain", "everything"):
        problem = Problem(members, paths, years, feature)
        say(f"full run, {feature}: {members:,} members x {years} years x {paths:,} paths")
        scenario = problems.scenario(problem, people)
        begun = time.perf_counter()
        run = mf.simulate(scenario, workers=WORKERS, progress=_progress(begun))
        seconds = time.perf_counter() - begun
        claims = float(run.lines["claim_count"].sum())
        rows.append(
            {
                "workload": feature,
                "claims": claims,
                "seconds": seconds,
                "ns a claim": 1e9 * seconds / claims,
                "peak memory, MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    title = f"Full run: {members:,} members, {years} years, {paths:,} paths"
    done = Gate("full runs done", float(len(rows)), "at least", 2.0, "", title)
    return Section("full", title, NOTE.format(workers=WORKERS), rows, [done])


def _progress(begun: float) -> Callable[[int, int], None]:
    told = [0.0]

    def tell(done: int, total: int) -> None:
        now = time.perf_counter() - begun
        if now - told[0] > 20.0:
            told[0] = now
            say(f"  {done:,} of {total:,} paths, {now:.0f} s")

    return tell

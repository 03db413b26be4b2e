"""How the cost of a claim goes with members, paths, years, lines and threads."""

from __future__ import annotations

import problems
from problems import LINES, ONE_LINE, SPARSE, Line, Problem, split
from profiles import Profile
from tables import Cell, Gate, Section, shown
from timing import (
    ON_PROCESSOR,
    Pair,
    Task,
    Timings,
    added_ratios,
    alternate,
    cost,
    fill,
    middle,
    pair,
    say,
    times_as_long,
)

YEARS = 10
FEWEST_PATHS = 6  # so that what paths add is more than the fixed part
NAMES = {members: name.replace("_", " ") for name, members in problems.FUNDS.items()}
NOTE = """Plain workload without reinsurance, one thread, in the processor's own time, {years} years
unless said, about {size} member-years a run where paths are not what varies (six paths at least); the
fixed part is off in the last columns, as above."""
THREADS_NOTE = """The same runs on one thread and on two, in turns, by the clock on the wall; `simulate` from
end to end."""


def _paths(profile: Profile, members: int, years: int) -> int:
    return max(FEWEST_PATHS, profile.scaling_member_years // (members * years))


def _measured(title: str, pairs: dict[str, Pair], profile: Profile) -> Timings:
    say(f"scaling in {title}")
    tasks: dict[str, Task] = {"fill": fill}
    for name, both in pairs.items():
        both.fixed()
        tasks |= both.tasks(name)
    return alternate(tasks, profile.rounds, ON_PROCESSOR)


def _rows(what: str, pairs: dict[str, Pair], timings: Timings) -> list[dict[str, Cell]]:
    rows: list[dict[str, Cell]] = []
    for name, both in pairs.items():
        spent, problem = cost(timings, name), both.whole.problem
        claims, added = timings[name].made[0] / problem.member_years, spent.added
        rows.append(
            {
                what: name,
                "paths": problem.paths,
                "claims a member-year": claims,
                "ns a claim, end to end": spent.end_to_end,
                "fixed part": f"{spent.fixed_share:.0%}",
                "ns an added claim": shown(added),
                "ns an added member-year": shown(None if added is None else added * claims),
                "in fills a claim": shown(
                    None if added is None else added / timings["fill"].ns_each
                ),
            }
        )
    return rows


def _section(
    what: str, pairs: dict[str, Pair], profile: Profile, gates: list[tuple[str, str, str]]
) -> Section:
    timings = _measured(what, pairs, profile)
    held = [
        Gate(f"ns a claim at {small} over {large} members", ratio, "at most", 1.4, "x", where)
        for small, large, where in gates
        for ratio in [middle(added_ratios(timings, small, large))]
    ]
    size = f"{profile.scaling_member_years:,}"
    note = NOTE.format(years=YEARS, size=size)
    return Section(what, f"Scaling in {what}", note, _rows(what, pairs, timings), held)


def in_members(profile: Profile) -> Section:
    """Village to group health; the gate compares 2,000 members with 200,000."""
    pairs = {
        _named(members): pair(
            Problem(members, _paths(profile, members, YEARS), YEARS, reinsured=False)
        )
        for members in profile.scaling_members
    }
    wanted = [m for m in (2_000, 200_000) if m in profile.scaling_members]
    gates = [(_named(wanted[0]), _named(wanted[1]), f"{YEARS} years")] if len(wanted) == 2 else []
    return _section("members", pairs, profile, gates)


def _named(members: int) -> str:
    return f"{members:,} ({NAMES[members]})" if members in NAMES else f"{members:,}"


def in_paths(profile: Profile) -> Section:
    """The town on few and on many paths."""
    members = profile.feature_members
    pairs = {
        f"{paths:,}": pair(Problem(members, paths, YEARS, reinsured=False))
        for paths in profile.scaling_paths
    }
    return _section("paths", pairs, profile, [])


def in_years(profile: Profile) -> Section:
    """The town over few and many years."""
    members = profile.feature_members
    pairs = {
        f"{years}": pair(Problem(members, _paths(profile, members, years), years, reinsured=False))
        for years in profile.scaling_years
    }
    return _section("years", pairs, profile, [])


def in_lines(profile: Profile) -> Section:
    """One line, six, the six split so that more lines share as many claims; and a sparse product."""
    members = profile.feature_members
    paths = _paths(profile, members, YEARS)

    def of(lines: tuple[Line, ...]) -> Pair:
        return pair(Problem(members, paths, YEARS, reinsured=False, lines=lines))

    pairs = {"1": of(ONE_LINE), "6": of(LINES)}
    for parts in profile.lines_split:
        lines = split(LINES, parts)
        pairs[f"{len(lines)}"] = of(lines)
    pairs["2, sparse: hospital and catastrophe"] = of(SPARSE)
    return _section("lines", pairs, profile, [])


def in_threads(profile: Profile) -> Section:
    """Plain and everything on one thread and on two."""
    members = profile.feature_members
    where = f"{members:,} members, {YEARS} years, {profile.feature_paths:,} paths"
    say(f"scaling in threads: {where}")
    tasks: dict[str, Task] = {}
    for feature in ("plain", "everything"):
        problem = Problem(members, profile.feature_paths, YEARS, feature, reinsured=False)
        for workers in (1, 2):
            tasks[f"{feature}, {workers}"] = pair(problem, workers=workers).whole
    for task in tasks.values():
        task()
    timings = alternate(tasks, profile.rounds)
    rows: list[dict[str, Cell]] = []
    gates = []
    for feature in ("plain", "everything"):
        one, two = timings[f"{feature}, 1"], timings[f"{feature}, 2"]
        gain = times_as_long(one, two)
        rows.append(
            {
                "workload": feature,
                "ns a claim, one thread": one.ns_each,
                "ns a claim, two threads": two.ns_each,
                "two over one": f"{gain:.2f}",
            }
        )
        if feature == "plain":
            gates.append(Gate("two threads over one", gain, "at least", 1.75, "x", where))
    return Section("threads", "Scaling in threads", THREADS_NOTE, rows, gates)

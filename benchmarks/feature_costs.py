"""What each feature adds to a claim of the plain workload."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

import numpy as np

from features import FEATURES
from problems import Problem, portfolio
from profiles import Profile
from tables import Cell, Gate, Section
from timing import ON_PROCESSOR, OneBlock, Timings, alternate, fill, ratios, say

BASE, EXCESS = "plain, no reinsurance", "excess of loss"
NOTE = """One thread, in the processor's own time: a block of {paths} paths, all its {years} years with the
fund's accounts, without lowering and pilot. Plain runs right beside each feature, {rounds} rounds in turns;
`over plain` is the median of their ratios, per claim, and beside it are their quartiles. The features are
timed without reinsurance; excess of loss has a row of its own. "Asked for nothing" states every feature
with the value that does nothing: the kernel is given the same bytes as in plain, which a test holds, so
what its row is off 1 is noise."""
YEARS = 10


def _blocks(profile: Profile) -> dict[str, OneBlock]:
    members = portfolio(profile.feature_members)

    def one(feature: str, reinsured: bool = False) -> OneBlock:
        problem = Problem(profile.feature_members, profile.block_paths, YEARS, feature, reinsured)
        return OneBlock.of(problem, members)

    return {
        BASE: one("plain"),
        EXCESS: one("plain", reinsured=True),
        **{name: one(name) for name in FEATURES if name not in ("plain", "copays only")},
    }


def feature_costs(profile: Profile) -> Section:
    """A row a feature, and the gates on order, on everything together, and on nothing."""
    where = f"{profile.feature_members:,} members, {YEARS} years"
    say(f"feature costs: {where}")
    blocks = _blocks(profile)
    base = blocks.pop(BASE)
    base()
    rows: list[dict[str, Cell]] = []
    over: dict[str, list[float]] = {BASE: [1.0]}
    for name, block in blocks.items():
        say(f"  {name}")
        block()  # compiles what the feature needs
        tasks = {"fill": fill, BASE: base, name: block}
        timings = alternate(tasks, profile.feature_rounds, ON_PROCESSOR)
        over[name] = ratios(timings[name], timings[BASE])
        rows += [_row(timings, one, over[one]) for one in (BASE, name) if one == name or not rows]
    note = NOTE.format(years=YEARS, paths=profile.block_paths, rounds=profile.feature_rounds)
    return Section("features", f"What a feature costs: {where}", note, rows, _gates(over, where))


def _row(timings: Timings, name: str, over: list[float]) -> dict[str, Cell]:
    spent = timings[name].ns_each
    low, high = np.quantile(over, [0.25, 0.75])
    return {
        "with": name,
        "ns a claim": spent,
        "in fills": spent / timings["fill"].ns_each,
        "over plain": median(over),
        "quartiles": f"{low:.2f} to {high:.2f}",
    }


def _gates(over: Mapping[str, list[float]], where: str) -> list[Gate]:
    order, nothing, everything = (
        median(over[name]) for name in ("no order", "asked for nothing", "everything")
    )
    return [
        Gate("order's share of plain", 100 * (1 - order), "at most", 25.0, "%", where),
        Gate("all features over plain, per claim", everything, "at most", 1.8, "x", where),
        Gate("features not asked for", 100 * (nothing - 1), "at most", 2.0, "%", where),
    ]

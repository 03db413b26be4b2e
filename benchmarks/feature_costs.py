"""What each feature adds to a claim of the plain workload."""

from __future__ import annotations

from features import FEATURES
from problems import Problem, portfolio
from profiles import Profile
from tables import Cell, Gate, Section, shown
from timing import (
    ON_PROCESSOR,
    Pair,
    Task,
    Timings,
    added_ratio,
    alternate,
    cost,
    fill,
    pair,
    say,
)

BASE, EXCESS = "plain, no reinsurance", "excess of loss"
NOTE = """One thread, in the processor's own time, {years} years, {paths} paths. `over plain` is per
claim of the run and leaves the fixed part off (lowering, the pilot, one path): `simulate` with all paths
less `simulate` with one, both from end to end. The features are timed without reinsurance; excess of
loss has a row of its own. "Asked for nothing" states every feature with the value that does nothing."""
YEARS = 10


def _pairs(profile: Profile) -> dict[str, Pair]:
    members = portfolio(profile.feature_members)

    def one(feature: str, reinsured: bool = False) -> Pair:
        problem = Problem(profile.feature_members, profile.feature_paths, YEARS, feature, reinsured)
        return pair(problem, members)

    wanted = [name for name in FEATURES if name not in ("plain", "copays only")]
    return {
        BASE: one("plain"),
        EXCESS: one("plain", reinsured=True),
        **{name: one(name) for name in wanted},
    }


def feature_costs(profile: Profile) -> Section:
    """A row a feature, and the gates on order, on everything together, and on nothing."""
    where = f"{profile.feature_members:,} members, {YEARS} years"
    say(f"feature costs: {where}")
    tasks: dict[str, Task] = {"fill": fill}
    pairs = _pairs(profile)
    for name, both in pairs.items():
        both.fixed()  # compiles what the feature needs
        tasks |= both.tasks(name)
    timings = alternate(tasks, profile.rounds, ON_PROCESSOR)
    rows = [_row(timings, name) for name in pairs]
    return Section(
        "features",
        f"What a feature costs: {where}",
        NOTE.format(years=YEARS, paths=profile.feature_paths),
        rows,
        _gates(timings, where),
    )


def _row(timings: Timings, name: str) -> dict[str, Cell]:
    spent, unit = cost(timings, name), timings["fill"].ns_each
    return {
        "with": name,
        "ns a claim, end to end": spent.end_to_end,
        "fixed part": f"{spent.fixed_share:.0%}",
        "ns an added claim": shown(spent.added),
        "in fills": shown(None if spent.added is None else spent.added / unit),
        "over plain": shown(added_ratio(timings, name, BASE)),
    }


def _gates(timings: Timings, where: str) -> list[Gate]:
    order = added_ratio(timings, "no order", BASE)
    nothing = added_ratio(timings, "asked for nothing", BASE)
    everything = added_ratio(timings, "everything", BASE)
    share = None if order is None else 100 * (1 - order)
    extra = None if nothing is None else 100 * (nothing - 1)
    return [
        Gate("order's share of plain", share, "at most", 25.0, "%", where),
        Gate("all features over plain, per claim", everything, "at most", 1.8, "x", where),
        Gate("features not asked for", extra, "at most", 2.0, "%", where),
    ]

"""What each feature adds to a claim of the plain workload."""

from __future__ import annotations

from collections.abc import Mapping

from features import FEATURES
from problems import Problem, portfolio
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
)

BASE, EXCESS = "plain, no reinsurance", "excess of loss"
NOTE = """One thread, in the processor's own time, {years} years, {paths} paths. `over plain` is per
claim of the run and leaves the fixed part off (lowering, the pilot, one path): `simulate` with all paths
less `simulate` with one, both from end to end. Plain runs right beside each feature, {rounds} rounds in
turns; the median of their ratios is shown, and the lowest and highest. The features are timed without
reinsurance; excess of loss has a row of its own. "Asked for nothing" states every feature with the value
that does nothing: the kernel is given the same bytes as in plain, which a test holds, so what its row is
off 1 is noise."""
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
    pairs = _pairs(profile)
    for both in pairs.values():
        both.fixed()  # compiles what the feature needs
    base = pairs.pop(BASE)
    rows: list[dict[str, Cell]] = []
    ratios = {}
    for name, both in pairs.items():
        say(f"  {name}")
        tasks: dict[str, Task] = {"fill": fill, **base.tasks(BASE), **both.tasks(name)}
        timings = alternate(tasks, profile.careful_rounds, ON_PROCESSOR)
        ratios[name] = added_ratios(timings, name, BASE)
        rows += [_row(timings, one, ratios) for one in (BASE, name) if one == name or not rows]
    note = NOTE.format(years=YEARS, paths=profile.feature_paths, rounds=profile.careful_rounds)
    return Section("features", f"What a feature costs: {where}", note, rows, _gates(ratios, where))


def _row(timings: Timings, name: str, ratios: Mapping[str, list[float]]) -> dict[str, Cell]:
    spent, unit, over = cost(timings, name), timings["fill"].ns_each, ratios.get(name, [1.0])
    return {
        "with": name,
        "ns a claim, end to end": spent.end_to_end,
        "fixed part": f"{spent.fixed_share:.0%}",
        "ns an added claim": shown(spent.added),
        "in fills": shown(None if spent.added is None else spent.added / unit),
        "over plain": shown(middle(over)),
        "in the rounds": f"{min(over):.2f} to {max(over):.2f}" if over else "",
    }


def _gates(ratios: Mapping[str, list[float]], where: str) -> list[Gate]:
    order, nothing, everything = (
        middle(ratios[name]) for name in ("no order", "asked for nothing", "everything")
    )
    share = None if order is None else 100 * (1 - order)
    extra = None if nothing is None else 100 * (nothing - 1)
    return [
        Gate("order's share of plain", share, "at most", 25.0, "%", where),
        Gate("all features over plain, per claim", everything, "at most", 1.8, "x", where),
        Gate("features not asked for", extra, "at most", 2.0, "%", where),
    ]

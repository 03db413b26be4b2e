"""One full run of `group_health` on two threads."""

from __future__ import annotations

from processes import child
from profiles import Profile
from tables import Cell, Section
from timing import say

NOTE = """`simulate` of the plain workload from end to end, its first compilation and lowering included,
with one excess-of-loss layer, on two threads; one run, in a process of its own, by the clock on the wall. The
time has no gate: it is stated."""


def full_run(profile: Profile) -> Section:
    """Time and peak memory of the largest fund at full size."""
    members, years, paths = profile.full
    say(f"full run: {members:,} members x {years} years x {paths:,} paths")
    return section(profile, child("full", str(members), str(years), str(paths), "plain", loud=True))


def section(profile: Profile, found: dict[str, float]) -> Section:
    """The table of a run that counted its claims, its seconds and its peak memory in MiB."""
    members, years, paths = profile.full
    row: dict[str, Cell] = {
        "workload": "plain",
        "claims": found["claims"],
        "seconds": found["seconds"],
        "ns a claim": 1e9 * found["seconds"] / found["claims"],
        "peak memory, MiB": found["peak"],
    }
    where = f"{members:,} members, {years} years, {paths:,} paths"
    return Section("full", f"Full run: {where}", NOTE, [row])

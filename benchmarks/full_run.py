"""One full run of `group_health`, plain and with everything, on two threads."""

from __future__ import annotations

from processes import child
from profiles import Profile
from tables import Cell, Gate, Section
from timing import say

NOTE = """`simulate` from end to end, its first compilation and lowering included, with one excess-of-loss
layer, on two threads; one run of each, in a process of its own. The time has no gate: it is stated."""


def full_run(profile: Profile) -> Section:
    """Time and peak memory of the largest fund at full size."""
    members, years, paths = profile.full
    rows: list[dict[str, Cell]] = []
    for feature in ("plain", "everything"):
        say(f"full run, {feature}: {members:,} members x {years} years x {paths:,} paths")
        size = (str(members), str(years), str(paths))
        found = child("full", *size, feature, loud=True)
        rows.append(
            {
                "workload": feature,
                "claims": found["claims"],
                "seconds": found["seconds"],
                "ns a claim": 1e9 * found["seconds"] / found["claims"],
                "peak memory, MiB": found["peak"],
            }
        )
    where = f"{members:,} members, {years} years, {paths:,} paths"
    done = Gate("full runs done", float(len(rows)), "at least", 2.0, "", where)
    return Section("full", f"Full run: {where}", NOTE, rows, [done])

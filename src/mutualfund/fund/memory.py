"""How much memory a run needs, and the refusal of one that cannot fit."""

from __future__ import annotations

import os
from pathlib import Path

from mutualfund.errors import Fault, InputError
from mutualfund.fund.marginals import labels_of
from mutualfund.fund.payments import MONTHS, delays_used
from mutualfund.results import marginals
from mutualfund.results.measures import MEASURES
from mutualfund.rules.booking import MONTHS_FOR_FACTORS
from mutualfund.sim.plan import Plan

NUMBER = 8  # bytes of a float64 or int64
BOOKING_COPIES = 4  # the paid triangle, its cumulative sums and what numpy holds in between
ASSEMBLY_COPIES = 3  # blocks, the whole they are put together to, and the run's own frozen copy
USABLE_SHARE = 0.8  # of the memory that is free


def bytes_per_path(plan: Plan) -> int:
    """Memory that one path in flight holds: members, the year's sums, payments booking looks at."""
    n_delays = delays_used(plan)
    months = min(MONTHS_FOR_FACTORS + n_delays + MONTHS, MONTHS * len(plan.years))
    return plan.bytes_per_path + BOOKING_COPIES * months * n_delays * NUMBER


def result_bytes(plan: Plan) -> int:
    """Memory of the finished results while they are put together."""
    settings, labels = plan.scenario.settings, labels_of(plan)
    kept = len(MEASURES) + len(plan.scenario.rules.extra)
    for side in marginals.kept(settings.keep):
        kept += len(side.measures) * len(labels[side.name])
    return ASSEMBLY_COPIES * settings.paths * settings.years * kept * NUMBER


def available_bytes() -> int | None:
    """Memory this process may still take; None where the system does not tell."""
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
        for line in text.splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None


def require_memory(plan: Plan, paths_in_flight: int) -> None:
    """Refuse a run that would not fit, naming the number to lower.

    Raises
    ------
    InputError
        Naming ``settings.paths`` where the results are too many, else ``settings.memory_mib`` or the members.
    """
    free = available_bytes()
    if free is None:
        return
    results, flight = result_bytes(plan), paths_in_flight * bytes_per_path(plan)
    usable = int(free * USABLE_SHARE)
    if results + flight <= usable:
        return
    needed = f"about {gibibytes(results + flight)} of memory"
    allowed = f"at most {gibibytes(usable)}, the memory this machine has to spare"
    if results >= flight:
        paths = max(1, int(plan.scenario.settings.paths * max(usable - flight, 0) / results))
        fault = Fault(
            "settings.paths", needed, allowed, f"Lower it to {paths:,} or fewer.", "memory"
        )
    else:
        remedy = "Lower it, or use fewer workers, smaller blocks or fewer members."
        fault = Fault("settings.memory_mib", needed, allowed, remedy, "memory")
    raise InputError([fault])


def gibibytes(size: int) -> str:
    """A size in words.

    >>> gibibytes(3 * 2**29)
    '1.5 GiB'
    """
    return f"{size / 2**30:,.1f} GiB"

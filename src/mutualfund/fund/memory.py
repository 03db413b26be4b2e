"""How much memory and disk a run needs, and the refusal of one that cannot fit."""

from __future__ import annotations

from pathlib import Path
from shutil import disk_usage

from mutualfund.errors import Fault, InputError
from mutualfund.fund.available import available_bytes
from mutualfund.fund.marginals import labels_of
from mutualfund.fund.payments import MONTHS, delays_used
from mutualfund.results import marginals
from mutualfund.results.facts import FundFacts
from mutualfund.rules.booking import MONTHS_FOR_FACTORS
from mutualfund.sim.plan import Plan

NUMBER = 8  # bytes of a float64 or int64
BOOKING_COPIES = 4  # the paid triangle, its cumulative sums and what numpy holds in between
BLOCK_COPIES = (
    3  # of a block's results: year by year, the years put together, on their way to the whole
)
SCRATCH_COPIES = 4  # of the largest array of results, while its digest is taken
STORED_SHARE = 0.6  # of a number's eight bytes, compressed, as measured on the shipped funds
COLUMN_BYTES = 250  # of every column of every file, however few its rows
USABLE_SHARE = 0.8  # of the memory that is free


def bytes_per_path(plan: Plan) -> int:
    """Memory that one path in flight holds: members, the year's sums, what booking looks at, results."""
    n_delays = delays_used(plan)
    months = min(MONTHS_FOR_FACTORS + n_delays + MONTHS, MONTHS * len(plan.years))
    booking = BOOKING_COPIES * months * n_delays * NUMBER
    return plan.bytes_per_path + booking + BLOCK_COPIES * len(plan.years) * sum(row_sizes(plan))


def flight_bytes(plan: Plan, paths: int, threads: int) -> int:
    """Memory of the paths in flight on this machine, and of its threads' scratch."""
    return paths * bytes_per_path(plan) + threads * plan.bytes_per_thread


def row_sizes(plan: Plan) -> list[int]:
    """Bytes that each measure kept takes for one path and year: in the ledger, and along each side."""
    settings, labels = plan.scenario.settings, labels_of(plan)
    sizes = [NUMBER] * len(FundFacts.of(plan.scenario).registry)
    for side in marginals.kept(settings.keep):
        sizes += [NUMBER * len(labels[side.name])] * len(side.measures)
    return sizes


def result_bytes(plan: Plan) -> int:
    """Memory of the finished results, and what looking at them takes."""
    settings, sizes = plan.scenario.settings, row_sizes(plan)
    return settings.paths * settings.years * (sum(sizes) + SCRATCH_COPIES * max(sizes))


def stored_bytes(plan: Plan, block_paths: int) -> int:
    """Size of the results on the disk, in blocks of so many paths."""
    settings, sizes = plan.scenario.settings, row_sizes(plan)
    columns = -(-settings.paths // block_paths) * len(sizes)
    numbers = settings.paths * settings.years * sum(sizes)
    return int(STORED_SHARE * numbers) + COLUMN_BYTES * columns


def require_memory(plan: Plan, flight: int) -> None:
    """Refuse a run that would not fit, naming the number to lower.

    flight: bytes of what is in flight on this machine (`flight_bytes`); none where the blocks are computed on
    others.

    Raises
    ------
    InputError
        Naming ``settings.paths`` where the results are too many, else ``settings.memory_mib`` or the members.
    """
    free = available_bytes()
    if free is None:
        return
    results = result_bytes(plan)
    usable = int(free * USABLE_SHARE)
    if results + flight <= usable:
        return
    needed = f"about {in_words(results + flight)} of memory"
    allowed = f"at most {in_words(usable)}, the memory that is left to this process"
    if results >= flight:
        fault = too_many_paths(plan, needed, allowed, max(usable - flight, 0) / results, "memory")
    else:
        remedy = "Lower it, or use fewer workers, smaller blocks or fewer members."
        fault = Fault("settings.memory_mib", needed, allowed, remedy, "memory")
    raise InputError([fault])


def require_disk(plan: Plan, folder: Path, block_paths: int) -> None:
    """Refuse a run whose results the disk cannot hold.

    Raises
    ------
    InputError
        Naming ``settings.paths``.
    """
    place = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    (total, _, free), needed = disk_usage(place), stored_bytes(plan, block_paths)
    if total and needed > free:  # what is no disk has no size
        got, allowed = f"about {in_words(needed)} on the disk", f"at most {in_words(free)}"
        raise InputError([too_many_paths(plan, got, allowed, free / needed, "disk")])


def too_many_paths(plan: Plan, needed: str, allowed: str, share: float, code: str) -> Fault:
    """The fault that says how many paths would fit."""
    paths = max(1, int(plan.scenario.settings.paths * share))
    remedy = f"Lower it to {paths:,} or fewer, or keep less (settings.keep)."
    return Fault("settings.paths", needed, allowed, remedy, code)


def in_words(size: int) -> str:
    """A size in words.

    >>> in_words(3 * 2**29), in_words(3 * 2**20)
    ('1.5 GiB', '3.0 MiB')
    """
    if size < 2**30 // 10:
        return f"{size / 2**20:,.1f} MiB"
    return f"{size / 2**30:,.1f} GiB"

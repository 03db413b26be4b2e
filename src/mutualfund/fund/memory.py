"""How much memory and disk a run needs, and the refusal of one that cannot fit."""

from __future__ import annotations

from dataclasses import dataclass
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

MIB = 2**20
NUMBER = 8  # bytes of a float64 or int64
BOOKING_COPIES = 3  # the years' triangles, what of them is paid, its cumulative sums
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


@dataclass(frozen=True, slots=True)
class Flight:
    """The blocks that this machine holds at once, one for each worker."""

    block_paths: int
    workers: int  # none where other machines compute
    is_stated: bool = (
        False  # the size of a block is the user's, and no question of settings.memory_mib
    )


def flight_bytes(plan: Plan, flight: Flight) -> int:
    """Memory of the paths in flight on this machine, and of its threads' scratch."""
    return flight.workers * (flight.block_paths * bytes_per_path(plan) + plan.bytes_per_thread)


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


def require_memory(plan: Plan, flight: Flight) -> None:
    """Refuse a run that would not fit, naming the number to lower, and to what.

    Of the results and the blocks in flight, what takes more than half of the memory is at fault, or both.

    Raises
    ------
    InputError
        Naming ``settings.paths``, and ``settings.memory_mib`` or a ``block_paths`` that was given.
    """
    free = available_bytes()
    if free is None:
        return
    usable, results, flying = (
        int(free * USABLE_SHARE),
        result_bytes(plan),
        flight_bytes(plan, flight),
    )
    if results + flying <= usable:
        return
    needed = f"about {in_words(results + flying)} of memory"
    share_used = f"{100 * USABLE_SHARE:.0f} % of what is left to this process"
    allowed = f"at most {in_words(usable)}, {share_used}"
    half, faults = usable // 2, []
    if results > half:
        share = max(usable - flying, half) / results
        faults.append(too_many_paths(plan, needed, allowed, share, "memory"))
    if flying > half:
        room = max(usable - results, half)
        faults.append(too_large_blocks(plan, flight, needed, allowed, room))
    raise InputError(faults)


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
    paths = int(plan.scenario.settings.paths * share)
    remedy = f"Lower it to {paths:,} or fewer, or keep less (settings.keep)."
    if paths < 1:
        remedy = "Not even one fits: keep less (settings.keep), or make room."
    return Fault("settings.paths", needed, allowed, remedy, code)


def too_large_blocks(plan: Plan, flight: Flight, needed: str, allowed: str, room: int) -> Fault:
    """The fault that says what size of the blocks in flight would fit into `room`, or how many workers."""
    path, scratch = bytes_per_path(plan), plan.bytes_per_thread
    field, step = ("block_paths", path) if flight.is_stated else ("settings.memory_mib", MIB)
    smallest = max(step, path)  # of what a block takes: it has one path at least
    most, workers = room // flight.workers - scratch, room // (smallest + scratch)
    if most >= smallest:
        others = "fewer workers or members" if flight.workers > 1 else "fewer members"
        remedy = f"Lower it to at most {most // step:,}, or use {others}."
    elif workers:
        remedy = (
            f"Even 1 does not fit on {flight.workers:,} workers: use at most {workers:,} (workers, or "
            "--workers on the command line) beside it, or fewer members."
        )
    else:
        taken = in_words(smallest + scratch)
        remedy = f"Even 1 on one worker takes {taken}: use fewer members, or a larger machine."
    return Fault(field, needed, allowed, remedy, "memory")


def in_words(size: int) -> str:
    """A size in words.

    >>> in_words(3 * 2**29), in_words(3 * 2**28)
    ('1.5 GiB', '768.0 MiB')
    """
    if size < 2**30:
        return f"{size / MIB:,.1f} MiB"
    return f"{size / 2**30:,.1f} GiB"

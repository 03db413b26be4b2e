"""How much memory this process may still take: of the machine, its container or batch job, its own limit.

What the system writes lies in files; every function takes the folder they begin in, the system's own unless
given. None stands for what is not told, and nothing is raised: a guess is no reason to refuse a run.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import NamedTuple

SYSTEM = Path("/")
NO_LIMIT = 2**62  # or more: the older groups write the largest whole number they know
MAPPED, RESIDENT = 0, 1  # places of /proc/self/statm, in pages


class Groups(NamedTuple):
    """Where a version of Linux control groups, which hold containers and batch jobs, writes what."""

    place: str
    limits: tuple[str, ...]
    used: str
    idle: str  # of memory.stat: cached files that are dropped before anybody is killed


VERSION_2 = Groups(
    "sys/fs/cgroup", ("memory.max", "memory.high"), "memory.current", "inactive_file"
)
VERSION_1 = Groups(
    "sys/fs/cgroup/memory",
    ("memory.limit_in_bytes",),
    "memory.usage_in_bytes",
    "total_inactive_file",
)


def available_bytes(root: Path = SYSTEM) -> int | None:
    """Memory this process may still take: the least that any of those who set a limit leave.

    >>> available_bytes() != 0
    True
    """
    places = left_by_machine, left_by_groups, left_by_address_space
    return least([physical_bytes(), *(left(root) for left in places)])


def resident_bytes(root: Path = SYSTEM) -> int | None:
    """Memory that this process holds now: Python, the libraries, and what has been loaded."""
    return pages(root, RESIDENT)


def left_by_machine(root: Path = SYSTEM) -> int | None:
    """What Linux thinks that the machine can give without swapping."""
    kib = entry(root / "proc/meminfo", "MemAvailable:")
    return None if kib is None else 1024 * kib


def physical_bytes() -> int | None:
    """All memory of the machine, which some systems tell and nothing else."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None


def left_by_address_space(root: Path = SYSTEM) -> int | None:
    """What a limit on this process's address space (`ulimit -v`) leaves."""
    try:
        import resource  # not on Windows

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    except (ImportError, AttributeError, OSError, ValueError):
        return None
    if limit == resource.RLIM_INFINITY:
        return None
    return max(0, limit - (pages(root, MAPPED) or 0))


def left_by_groups(root: Path = SYSTEM) -> int | None:
    """The least that this process's control group, or any that it lies in, leaves."""
    left = []
    for line in text(root / "proc/self/cgroup").splitlines():
        _, _, named = line.partition(":")
        controllers, _, group = named.partition(":")
        if line.startswith("0::"):
            version = VERSION_2
        elif "memory" in controllers.split(","):
            version = VERSION_1
        else:
            continue
        left += [left_by(level, version) for level in levels(root / version.place, group)]
    return least(left)


def levels(mount: Path, group: str) -> list[Path]:
    """A group's folder and those above it, up to where the tree of groups begins.

    In a container it may begin at the container's own group, whose name is that of a folder outside: what is
    not there tells nothing, and the beginning is always asked.

    >>> [str(level) for level in levels(Path("tree"), "/jobs/17")]
    ['tree/jobs/17', 'tree/jobs', 'tree']
    """
    inside = PurePosixPath(group.lstrip("/"))
    if ".." in inside.parts:
        return [mount]
    return [mount / inside, *(mount / above for above in inside.parents)]


def left_by(level: Path, version: Groups) -> int | None:
    """What the limits of one group leave, idle cached files not counted as used."""
    limit = least([whole(text(level / name)) for name in version.limits])
    if limit is None or limit >= NO_LIMIT:
        return None
    used = whole(text(level / version.used)) or 0
    idle = entry(level / "memory.stat", version.idle) or 0
    return max(0, limit - max(0, used - idle))


def least(values: Iterable[int | None]) -> int | None:
    """The smallest of what is told.

    >>> least([None, 5, 3]), least([None])
    (3, None)
    """
    return min((value for value in values if value is not None), default=None)


def pages(root: Path, place: int) -> int | None:
    """One of the sizes of this process, in bytes."""
    words = text(root / "proc/self/statm").split()
    found = whole(words[place]) if len(words) > place else None
    return None if found is None else found * mmap.PAGESIZE


def entry(path: Path, name: str) -> int | None:
    """The number behind a name, in a file with a line for each."""
    for line in text(path).splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == name:
            return whole(words[1])
    return None


def whole(word: str) -> int | None:
    """A whole number; None for `max` and whatever else is none.

    >>> whole("4096"), whole("max")
    (4096, None)
    """
    try:
        return int(word)
    except ValueError:
        return None


def text(path: Path) -> str:
    """What is in a file; nothing where it cannot be read."""
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except (OSError, ValueError):  # a name that is no path at all among them
        return ""

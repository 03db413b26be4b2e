"""The state of the cache, for those who ask: the command line, a maintainer."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mutualfund._cache import entries
from mutualfund._cache.place import place, shortened


@dataclass(frozen=True, slots=True)
class CacheState:
    """Where compiled code is kept, and how much of it there is for what would be compiled now."""

    folder: Path | None
    why_none: str
    n_files: int
    n_bytes: int

    @property
    def where(self) -> str:
        """The folder, shortened."""
        return "" if self.folder is None else shortened(self.folder)

    def __str__(self) -> str:
        """One line.

        >>> print(CacheState(None, "MUTUALFUND_CACHE_DIR=off", 0, 0))
        off: MUTUALFUND_CACHE_DIR=off
        >>> print(CacheState(Path("fund/compiled"), "", 1, 3_000_000))
        on, fund/compiled: 1 file, 2.9 MiB
        """
        if self.folder is None:
            return f"off: {self.why_none}"
        if self.n_files:
            files = "1 file" if self.n_files == 1 else f"{self.n_files} files"
            return f"on, {self.where}: {files}, {self.n_bytes / 2**20:.1f} MiB"
        if not _can_be_made(self.folder):
            return f"on, {self.where}: cannot be written"
        return f"on, {self.where}: nothing yet"


def state() -> CacheState:
    """The state of the cache now. Nothing is made or changed.

    >>> state().n_files >= 0
    True
    """
    at = place()
    found = [] if at.folder is None else entries.held(at.folder)
    return CacheState(at.folder, at.why_none, len(found), sum(file.st_size for file in found))


def _can_be_made(folder: Path) -> bool:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)

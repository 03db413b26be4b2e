"""Files of compiled code: written whole, read only when whole, thrown away when long unused.

A file is a mark, a SHA-256 of what it is for and what it holds, and the content. Nothing is unpickled before
the sum agrees, so half a file, an empty one and a damaged one are all the same as none; so is one that was
copied to another's place. One file holds one function for one set of types: processes that start together
can overwrite each other's files only with the same code.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
import time
from pathlib import Path

from mutualfund._cache.place import OWN_FOLDER, mistrusted, shortened

MARK = b"mutualfund compiled code\n"
SUM = hashlib.sha256().digest_size
OWN_FILE = re.compile(r"[\w.]+-[0-9a-f]{16}(\.\w+\.partial|\.compiled)", re.ASCII)

KEPT_FOLDERS = 4
"""Folders that stay, however long unused: a few versions or machines beside each other."""

RECENT = 7 * 24 * 3600.0
"""Seconds; a folder used since then stays whatever else there is."""


def file_name(function: str, key: bytes) -> str:
    """Name of the file for a function under a key.

    >>> file_name("simulate_year", b"")
    'simulate_year-e3b0c44298fc1c14.compiled'
    """
    return f"{_plain(function)}-{hashlib.sha256(key).hexdigest()[:16]}.compiled"


def read(path: Path, key: bytes) -> bytes | None:
    """The content of a file, or None where there is none, or none to trust.

    key: what the content was made of and for; content written under another key is not given out.
    """
    try:
        with path.open("rb") as file:
            # Of the open file, not of its name, which could be given to another file meanwhile.
            if mistrusted(os.fstat(file.fileno()), folder=False):
                return None
            data = file.read()
    except OSError:
        return None
    content = data[len(MARK) + SUM :]
    if data[: len(MARK) + SUM] != MARK + _sum(key, content):
        return None
    with contextlib.suppress(OSError):  # a folder that may only be read serves as well
        os.utime(path)  # when it was last used: see `prune`
    return content


def write(path: Path, key: bytes, content: bytes) -> None:
    """Put a file in its place, whole or not at all, and its folder where it is missing.

    Nothing is flushed to the disk: what a power cut leaves half-written is noticed on reading.

    Raises
    ------
    OSError
        Where the folder cannot be made or written.
    """
    handle, temporary = _beside(path)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(MARK + _sum(key, content) + content)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def why_unwritable(path: Path) -> str:
    """Why no file could be put there, or nothing. It is tried, so its folder is made where it is missing."""
    try:
        handle, temporary = _beside(path)
        os.close(handle)
        os.unlink(temporary)
    except OSError as error:
        return f"{shortened(path.parent)} cannot be written: {error.strerror}"
    return ""


def forget(folder: Path, function: str) -> None:
    """Throw away all files of a function."""
    with contextlib.suppress(OSError):
        for path in folder.glob(f"{_plain(function)}-*.compiled"):
            path.unlink(missing_ok=True)


def held(folder: Path) -> list[os.stat_result]:
    """Sizes and times of the files of compiled code in a folder."""
    found = []
    with contextlib.suppress(OSError):
        for path in folder.glob("*.compiled"):
            with contextlib.suppress(OSError):  # thrown away meanwhile
                found.append(path.stat())
    return found


def prune(base: Path, now: float | None = None) -> None:
    """Throw away folders of compiled code that have not been used for long, except the newest few.

    Only files named as ours are, in folders named as ours are; a folder that holds anything else keeps it.
    """
    now = time.time() if now is None else now
    with contextlib.suppress(OSError):  # others may be pruning, or the folder may be read only
        folders = [path for path in base.iterdir() if OWN_FOLDER.fullmatch(path.name)]
        ordered = sorted(((_last_used(path), path) for path in folders), reverse=True)
        for last_used, folder in ordered[KEPT_FOLDERS:]:
            if now - last_used > RECENT:
                _throw_away(folder)


def _beside(path: Path) -> tuple[int, str]:
    """A file to write in, open, beside the one that it will be."""
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return tempfile.mkstemp(dir=path.parent, prefix=f"{path.stem}.", suffix=".partial")


def _last_used(folder: Path) -> float:
    return max([folder.lstat().st_mtime, *(file.st_mtime for file in held(folder))])


def _throw_away(folder: Path) -> None:
    if folder.is_symlink():  # not made here
        return
    for path in folder.iterdir():
        if OWN_FILE.fullmatch(path.name) and path.is_file():
            path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # it holds files that are not ours
        folder.rmdir()


def _plain(function: str) -> str:
    """The name without what a file's name cannot hold everywhere."""
    return re.sub(r"[^0-9A-Za-z_.]", "", function)


def _sum(key: bytes, content: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(key).digest() + content).digest()

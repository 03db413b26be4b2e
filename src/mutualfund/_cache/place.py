"""Where compiled code is kept, and whether that place can be trusted."""

from __future__ import annotations

import os
import re
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from mutualfund._cache.digest import digest

VARIABLE = "MUTUALFUND_CACHE_DIR"
"""Names the folder that holds the folders of compiled code; ``off`` keeps none."""

OFF = "off"
OWN_FOLDER = re.compile(r"compiled-[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """The folder for code compiled now, or why there is none."""

    folder: Path | None
    why_none: str = ""


def place() -> Place:
    """Where code compiled now is kept. Nothing is made.

    >>> place() == place()
    True
    """
    named = os.environ.get(VARIABLE, "")
    if named.lower() == OFF:
        return Place(None, f"{VARIABLE}={OFF}")
    try:
        base = (Path(named).expanduser() if named else conventional()).absolute()
        folder = base / f"compiled-{digest()}"
    except RuntimeError:
        return Place(None, f"no home directory was found; name a folder with {VARIABLE}")
    except OSError as error:
        return Place(None, error.strerror or str(error))
    for at, status in ((base, os.stat), (folder, os.lstat)):
        try:
            why = mistrusted(status(at), folder=True)
        except FileNotFoundError:
            continue
        except OSError as error:
            why = f"cannot be used ({error.strerror})"
        if why:
            return Place(None, f"{shortened(at)} {why}")
    return Place(folder)


def conventional() -> Path:
    """This user's folder for what can be made again, as the operating system has it.

    Raises
    ------
    RuntimeError
        Where the user has no home directory.

    >>> conventional().name
    'mutualfund'
    """
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "mutualfund"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "mutualfund"
    named = os.environ.get("XDG_CACHE_HOME", "")
    # The convention is that a relative path there counts as not set.
    return (Path(named) if os.path.isabs(named) else Path.home() / ".cache") / "mutualfund"


def mistrusted(found: os.stat_result, *, folder: bool) -> str:
    """Why not to take code from what was found, or nothing.

    Kept code is machine code and pickles: whoever can write it runs as whoever loads it. So it is taken only
    from what this user owns and no other can write. Windows keeps the user's own folder from others itself.
    """
    if folder and not stat.S_ISDIR(found.st_mode):
        return "is not a folder"
    if sys.platform == "win32":
        return ""
    if found.st_uid != os.geteuid():
        return "belongs to another user"
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return "can be written by others"
    return ""


def shortened(path: Path) -> str:
    """The path with the home directory as ``~``.

    >>> shortened(Path.home() / "fund")
    '~/fund'
    """
    try:
        within = path.relative_to(Path.home())
    except (ValueError, RuntimeError):
        return str(path)
    return str(Path("~") / within)

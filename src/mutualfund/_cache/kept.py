"""What numba asks of a cache, answered from our own files.

numba's own cache keeps an index of numbered files for each function. Two processes that write one together
can leave an index that names the other's code; an empty or cut-off file raises where it is read; and a folder
that cannot be written raises on import. See `entries` for what is done instead.
"""

from __future__ import annotations

import hashlib
import logging
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

from llvmlite.binding import address_of_symbol
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from mutualfund._cache import entries
from mutualfund._cache.digest import loaded_sources
from mutualfund._cache.place import place, shortened

logger = logging.getLogger("mutualfund")

WAIT = "20 to 40 seconds on a slow machine"


class KeptCode:
    """The compiled code of one function on disk, one file for each set of argument types.

    Its methods are those that numba's dispatcher calls, and none of them raises: where the disk is of no use,
    code is compiled.

    awaited: what is compiled with it, in a user's words ("the simulation"), where that takes so long that
    whoever waits is told: the logger says so at INFO, and all else at DEBUG.
    """

    def __init__(self, function: Callable[..., Any], awaited: str = "") -> None:
        self._name: str = function.__qualname__
        self._awaited = awaited
        self._promised = False  # that the code will be kept
        self._made_of = _identity(function)
        self._enabled = self._made_of is not None
        self._asked = time.perf_counter()
        try:
            loaded_sources()  # now, so that an edit between here and the first call is noticed
        except OSError as error:
            logger.debug("compiled code is not kept: %s", error)

    @property
    def cache_path(self) -> str | None:
        """The folder, or None where code is not kept."""
        folder = place().folder
        return None if folder is None else str(folder)

    def enable(self) -> None:
        """Keep code, unless what it depends on cannot be told."""
        self._enabled = self._made_of is not None

    def disable(self) -> None:
        """Neither load code nor keep it."""
        self._enabled = False

    def flush(self) -> None:
        """Forget the function's code, for all types."""
        folder = place().folder
        if folder is not None:
            entries.forget(folder, self._name)

    def load_overload(self, signature: Any, target: Any) -> Any:
        """The compile result kept for these types, or None, upon which numba compiles."""
        self._asked = time.perf_counter()
        path, key = self._file(signature)
        kept = None if path is None else self._loaded(path, key, signature, target)
        if kept is None and self._awaited:
            self._tell_who_waits(path)
        return kept

    def _loaded(self, path: Path, key: bytes, signature: Any, target: Any) -> Any:
        """The compile result in a file, or None where there is none to use."""
        content = entries.read(path, key)
        if content is None:
            logger.debug("compiling %s: nothing is kept for it", self._name)
            return None
        try:
            # Written by this user, for no other can write here, and whole, for its sum agrees.
            types, outside, reduced = pickle.loads(content)  # noqa: S301
            if types != signature:
                return None
            if not all(map(address_of_symbol, outside)):
                target.refresh()
            return CompileResult._rebuild(target, *reduced)
        except Exception as error:  # whatever it is, compiling mends it
            logger.debug("compiling %s: what is kept cannot be used (%s)", self._name, error)
            return None

    def _tell_who_waits(self, path: Path | None) -> None:
        """Say that the compiler begins, how long that takes, and whether the next run has to wait again."""
        why = place().why_none if path is None else entries.why_unwritable(path)
        if why:
            logger.info(
                "Compiling %s: %s, in each run, because the code is not kept (%s).",
                *(self._awaited, WAIT, why),
            )
        else:
            self._promised = True
            logger.info(
                "Compiling %s: %s. The code is kept; later runs start at once.",
                *(self._awaited, WAIT),
            )

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Keep a compile result, where that can be done."""
        path, key = self._file(signature)
        if path is None or compiled.library.has_dynamic_globals:
            return
        took = time.perf_counter() - self._asked
        try:
            outside = _called_outside(compiled.library._final_module)
            entries.write(path, key, dumps((signature, outside, compiled._reduce())))
            entries.prune(path.parent.parent)
        except Exception as error:  # the code is compiled, and as good as if it had been kept
            logger.debug("compiled %s in %.1f s, not kept (%s)", self._name, took, error)
            if self._promised:
                why = getattr(error, "strerror", None) or error
                logger.info(
                    "The code of %s could not be kept (%s); the next run compiles again.",
                    *(self._awaited, why),
                )
            return
        where = shortened(path.parent)
        logger.debug("compiled %s in %.1f s, kept in %s", self._name, took, where)

    def _file(self, signature: Any) -> tuple[Path | None, bytes]:
        """The file for these types and what it is made of; no file where code is not kept."""
        folder = place().folder if self._enabled else None
        if folder is None:
            return None, b""
        key = f"{folder.name}\n{self._made_of}\n{signature}".encode()
        return folder / entries.file_name(self._name, key), key


def _called_outside(module: Any) -> list[str]:
    """What the code takes from the running process: Python's own functions, and what numba puts there.

    numba can put more there when asked to (`refresh`), but loads half of itself for it, and scipy's linear
    algebra too; our kernels call nothing of that. Linking what is not there would end the process.
    """
    named = [*module.functions, *module.global_variables]
    outside = {item.name for item in named if item.is_declaration}
    return sorted(name for name in outside if not name.startswith("llvm."))


def _identity(function: Callable[..., Any]) -> str | None:
    """Which function of the sources this is, or None where that cannot be told in words.

    Functions that one factory makes are alike but for the values they close over: numbers and texts are part
    of what such a function is, and anything else has no lasting name.
    """
    closed_over = [cell.cell_contents for cell in function.__closure__ or ()]
    if not all(isinstance(value, bool | int | float | str) for value in closed_over):
        return None
    code: CodeType = function.__code__
    body = hashlib.sha256(code.co_code).hexdigest()
    where = f"{function.__module__}.{function.__qualname__}:{code.co_firstlineno}"
    return f"{where} {body} {closed_over!r}"

"""Public names of a room, loaded when they are first asked for (PEP 562).

A room's `__init__` lists its names once, as imports that only a type checker executes; `on_demand` reads
that list. So a program that needs three of a room's laws does not wait for its fits, studies and reserves.
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from types import ModuleType
from typing import Any


class _Room(ModuleType):
    """A package some of whose names are also names of its modules: `claims.aggregate` is the function.

    Python binds a module in its package once it is loaded; where the room lists that name as something
    else, this one binding is left out.
    """

    _homes: dict[str, str]

    def __setattr__(self, name: str, value: object) -> None:
        if isinstance(value, ModuleType) and self._homes.get(name, self.__name__) != self.__name__:
            return
        super().__setattr__(name, value)


def on_demand(room: str) -> tuple[list[str], Callable[[str], Any], Callable[[], list[str]]]:
    """`__all__`, `__getattr__` and `__dir__` of the package named `room`.

    The list stands in the package's own source, below `if TYPE_CHECKING:`. Modules of the package are found
    as well, as they are once anybody has loaded them.
    """
    package = sys.modules[room]
    homes = dict(_listed(package))
    names = sorted(homes)
    package.__dict__["_homes"] = homes
    package.__class__ = _Room

    def get(name: str) -> Any:
        if name not in homes and find_spec(f"{room}.{name}") is None:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        value = _imported(room, homes.get(name, room), name)
        package.__dict__[name] = value  # the next look finds it there
        return value

    return names, get, lambda: sorted({*vars(package), *names})


def _imported(room: str, home: str, name: str) -> Any:
    """What `from home import name` gives, in the package `room`."""
    if home != room:
        module = importlib.import_module(home)
        if hasattr(module, name):
            return getattr(module, name)
    return importlib.import_module(f"{home}.{name}")


def _listed(package: ModuleType) -> Iterator[tuple[str, str]]:
    """Each name below the guard, and the module it comes from."""
    for statement in ast.parse(_source(package)).body:
        match statement:
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), body=imports):
                for found in imports:
                    if isinstance(found, ast.ImportFrom) and found.module:
                        yield from (
                            (each.asname or each.name, found.module) for each in found.names
                        )


def _source(package: ModuleType) -> str:
    loader: Any = package.__spec__.loader if package.__spec__ else None
    text: str | None = loader.get_source(package.__name__)
    if text is None:
        raise ImportError(
            f"{package.__name__} is installed without its source, where its names are listed"
        )
    return text

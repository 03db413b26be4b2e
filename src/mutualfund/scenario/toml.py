"""Scenario tables as TOML text. Reading is the standard library's; writing needs only what a scenario has."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

_BARE = re.compile(r"^[A-Za-z0-9_-]+$")


def dumps(table: Mapping[str, object]) -> str:
    """TOML text of a table of numbers, text, dates, lists and tables.

    Values of None are left out. Tables inside a list item are written inline.

    >>> print(dumps({"title": "A", "fund": {"currency": "EUR"}}), end="")
    title = "A"
    <BLANKLINE>
    [fund]
    currency = "EUR"
    """
    return "\n".join(_table(table, ())).lstrip("\n") + "\n"


def _table(table: Mapping[str, object], path: tuple[str, ...]) -> list[str]:
    plain = {k: v for k, v in table.items() if v is not None and not _is_section(v)}
    sections = {k: v for k, v in table.items() if _is_section(v)}
    lines: list[str] = []
    if path and (plain or not sections):
        lines += ["", f"[{_dotted(path)}]"]
    lines += [f"{_key(key)} = {_value(value)}" for key, value in plain.items()]
    for key, value in sections.items():
        lines += _section(value, (*path, key))
    return lines


def _section(value: Any, path: tuple[str, ...]) -> list[str]:
    if isinstance(value, Mapping):
        return _table(value, path)
    lines = []
    for item in value:
        lines += ["", f"[[{_dotted(path)}]]"]
        lines += [
            f"{_key(key)} = {_value(inner)}" for key, inner in item.items() if inner is not None
        ]
    return lines


def _is_section(value: object) -> bool:
    if isinstance(value, list | tuple):
        return len(value) > 0 and all(isinstance(item, Mapping) for item in value)
    return isinstance(value, Mapping)


def _dotted(path: Sequence[str]) -> str:
    return ".".join(_key(part) for part in path)


def _key(key: str) -> str:
    return key if _BARE.match(key) else _text(key)


def _text(text: str) -> str:
    """JSON's escapes are TOML's too, but for DEL, which TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        inside = [
            f"{_key(key)} = {_value(item)}" for key, item in value.items() if item is not None
        ]
        return "{ " + ", ".join(inside) + " }" if inside else "{}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    raise TypeError(f"a {type(value).__name__} cannot be written to TOML")

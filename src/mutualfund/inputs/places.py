"""Where in a scenario file a fault lies.

The walk follows the raw input and the JSON Schema together: the input says which items exist and how
they are named, the schema says which keys and which range are allowed there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mutualfund.inputs.schema import Schema

Location = tuple[int | str, ...]
_NOWHERE = object()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a report points: the path, the value there, its schema, its table's, and the union's it is of."""

    path: str
    value: object
    schema: Schema
    parent: Schema
    union: Schema


def joined(prefix: str, rest: str) -> str:
    """Two parts of a path as one.

    >>> joined("lines", "dental"), joined("months", "[1]"), joined("", "fund")
    ('lines.dental', 'months[1]', 'fund')
    """
    if not prefix or not rest:
        return prefix or rest
    return prefix + rest if rest.startswith("[") else f"{prefix}.{rest}"


def locate(location: Location, data: object, schema: Schema, *, missing: bool) -> Place:
    """Follow pydantic's location; parts that are not in the input (such as union tags) drop out."""
    path, value, parent, union = "", data, schema, schema
    here = _branch(schema, value)
    for position, part in enumerate(location):
        last = position == len(location) - 1
        inside = _item(value, part)
        if inside is _NOWHERE and not (missing and last and isinstance(part, str)):
            continue
        path = joined(path, _label(value, part))
        parent = here
        value = None if inside is _NOWHERE else inside
        union = _child(parent, part)
        here = _branch(union, value)
    return Place(path, value, here, parent, union)


def _item(value: object, part: int | str) -> object:
    if isinstance(part, int):
        if isinstance(value, Sequence) and not isinstance(value, str) and part < len(value):
            return value[part]
        return _NOWHERE
    if isinstance(value, Mapping):
        return value.get(part, _NOWHERE)
    return getattr(value, part, _NOWHERE) if hasattr(type(value), "model_fields") else _NOWHERE


def _label(value: object, part: int | str) -> str:
    """A list item goes by its name where it has one that no other item has."""
    if isinstance(part, str):
        return part
    names = [_item(item, "name") for item in value] if isinstance(value, Sequence) else []
    name = names[part] if part < len(names) else _NOWHERE
    return name if isinstance(name, str) and name and names.count(name) == 1 else f"[{part}]"


def _branch(schema: Schema, value: object) -> Schema:
    """The alternative of a union that fits the value's `kind`, else the first that could hold it."""
    options = schema.get("oneOf") or schema.get("anyOf")
    if not options or "properties" in schema:
        return schema  # beside properties, anyOf only says which keys go together
    if isinstance(value, Mapping):
        for option in options:
            kind = option.get("properties", {}).get("kind", {}).get("const", _NOWHERE)
            if kind == value.get("kind"):
                return _branch(option, value)
        tables = [option for option in options if option.get("type") == "object"]
        return dict(tables[0] if tables else options[0])
    wanted = "array" if isinstance(value, list | tuple) else None
    for option in options:
        if option.get("type") not in ("null", "object") and wanted in (None, option.get("type")):
            return dict(option)
    return dict(options[0])


def _child(schema: Schema, part: int | str) -> Schema:
    if isinstance(part, int):
        items = schema.get("items")
        listed = schema.get("prefixItems")
        if isinstance(listed, list) and part < len(listed):
            return dict(listed[part])
        return dict(items) if isinstance(items, Mapping) else {}
    inside = schema.get("properties", {}).get(part)
    if inside is None:
        inside = schema.get("additionalProperties")
    return dict(inside) if isinstance(inside, Mapping) else {}

"""The JSON Schema of an input as editors of TOML files like it: no references, no null, plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]
_NULL = {"type": "null"}

ELSEWHERE = "x-elsewhere"
"""Beside a table's keys: words that one looks for there, and where each is stated. No editor reads it."""


def inlined(schema: Mapping[str, Any]) -> Schema:
    """The schema without ``$ref`` and ``$defs``, on which editors differ, and without what TOML lacks.

    >>> inlined({"$defs": {"A": {"type": "string"}}, "items": {"$ref": "#/$defs/A"}})
    {'items': {'type': 'string'}}
    """
    resolved: Schema = _resolved(schema, schema.get("$defs", {}))
    return resolved


def _resolved(node: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_resolved(item, definitions) for item in node]
    if not isinstance(node, Mapping):
        return node
    kept = {key: value for key, value in node.items() if not _left_out(key, value)}
    reference = kept.pop("$ref", None)
    if reference is not None:
        kept = {**definitions[str(reference).rsplit("/", 1)[1]], **kept}
        return _resolved(kept, definitions)
    return _plain({key: _resolved(value, definitions) for key, value in kept.items()})


def _left_out(key: str, value: object) -> bool:
    """Machinery, Python class names, and defaults of None: a file leaves such a key out instead."""
    if key == "default" and value is None:
        return True
    return key in ("$defs", "discriminator") or (key == "title" and isinstance(value, str))


def _plain(node: Schema) -> Schema:
    options = node.get("anyOf")
    if isinstance(options, list) and _NULL in options:
        rest = [option for option in options if option != _NULL]
        node = {key: value for key, value in node.items() if key != "anyOf"}
        node = {**rest[0], **node} if len(rest) == 1 else {**node, "anyOf": rest}
    if isinstance(node.get("description"), str):
        node = {**node, "description": _first_paragraph(node["description"])}
    return node


def _first_paragraph(text: str) -> str:
    return " ".join(text.split("\n\n")[0].split())

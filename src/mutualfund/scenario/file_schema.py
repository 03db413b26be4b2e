"""The JSON Schema of a scenario file: what many keys share is written once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from mutualfund.inputs.schema import ELSEWHERE, Schema

_LARGE = 1_000  # characters: what is shorter is easier to read where it stands


def shared(schema: Schema) -> Schema:
    """The schema with every large key that stands in several places under ``$defs``, by the key's name.

    Such a key is then nothing but its reference: editors differ on what else may stand beside one.

    >>> tail = {"description": "the claims above" + " and above" * 100}
    >>> small = {"oneOf": [{"properties": {"tail": tail}}, {"properties": {"tail": tail}}]}
    >>> shared(small)["oneOf"]
    [{'properties': {'tail': {'$ref': '#/$defs/tail'}}}, {'properties': {'tail': {'$ref': '#/$defs/tail'}}}]
    >>> list(shared(small)["$defs"])
    ['tail']
    """
    schema = _for_editors(schema)
    seen = Counter(_large_keys(schema))
    names: dict[str, str] = {}
    for name, text in seen:
        if seen[name, text] > 1:
            names[text] = name if name not in names.values() else f"{name}_{len(names)}"
    definitions = {name: _referring(json.loads(text), names) for text, name in names.items()}
    return {**_referring(schema, names), "$defs": definitions}


def _for_editors(node: Any) -> Any:
    """The node without what only our own errors read."""
    if isinstance(node, list):
        return [_for_editors(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _for_editors(value) for key, value in node.items() if key != ELSEWHERE}


def _large_keys(node: Any) -> Iterator[tuple[str, str]]:
    """Name and content of every large key, inner ones too."""
    if isinstance(node, list):
        for item in node:
            yield from _large_keys(item)
    elif isinstance(node, dict):
        for name, key in node.get("properties", {}).items():
            text = json.dumps(key)
            if len(text) > _LARGE:
                yield name, text
        for inner in node.values():
            yield from _large_keys(inner)


def _referring(node: Any, names: dict[str, str]) -> Any:
    """The node with references in the place of the keys that have a name."""
    if isinstance(node, list):
        return [_referring(item, names) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {inner: _referring(value, names) for inner, value in node.items()}
    for name, key in node.get("properties", {}).items():
        if (text := json.dumps(key)) in names:
            kept["properties"][name] = {"$ref": f"#/$defs/{names[text]}"}
    return kept

"""The shipped JSON Schema: what editors check is what the library checks."""

from __future__ import annotations

import copy
import json
from importlib import resources
from typing import Any

import jsonschema
import pytest

from mutualfund.scenario import Scenario

SCHEMA = Scenario.json_schema()
EDITOR = jsonschema.Draft202012Validator(SCHEMA)


def as_json(tables: dict[str, Any]) -> dict[str, Any]:
    """Dates as text, as TOML editors hand them to a schema."""
    return dict(json.loads(json.dumps(tables, default=str)))


def test_the_shipped_schema_is_the_library_s() -> None:
    file = resources.files("mutualfund.scenario") / "scenario.schema.json"
    assert json.loads(file.read_text(encoding="utf-8")) == SCHEMA


def test_a_reference_stands_alone_for_what_several_keys_share_and_there_is_no_null() -> None:
    """Editors differ on what may stand beside a reference, and on definitions further in."""
    text = json.dumps(SCHEMA)
    assert '"null"' not in text
    assert set(SCHEMA["$defs"]) == {"adjustments", "tail"}
    assert text.count('"$defs"') == 1
    for name in SCHEMA["$defs"]:
        alone = f'"{name}": {{"$ref": "#/$defs/{name}"}}'
        assert text.count(f"#/$defs/{name}") == text.count(alone) > 1


def test_the_schema_is_itself_valid_and_accepts_the_example(tables: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    EDITOR.validate(as_json(tables))


@pytest.mark.parametrize(
    "path",
    [
        ("fund", "curency"),
        ("rules", "benefits", "deductable"),
        ("rules", "benefits", "hospital", "copayy"),
        ("assumptions", "lines", 0, "severity", "mu2"),
        ("settings", "path"),
    ],
)
def test_the_schema_refuses_an_unknown_key(
    path: tuple[str | int, ...], tables: dict[str, Any]
) -> None:
    changed = copy.deepcopy(tables)
    here: Any = changed
    for part in path[:-1]:
        here = here[part]
    here[path[-1]] = 1
    with pytest.raises(jsonschema.ValidationError):
        EDITOR.validate(as_json(changed))


def test_every_key_of_the_schema_says_what_it_means() -> None:
    silent = list(_silent(SCHEMA, ""))
    assert silent == []


def _silent(node: Any, path: str) -> Any:
    if isinstance(node, list):
        for item in node:
            yield from _silent(item, path)
    if not isinstance(node, dict):
        return
    for key, inner in node.get("properties", {}).items():
        place = f"{path}.{key}"
        inner = SCHEMA["$defs"].get(key) if "$ref" in inner else inner
        if key != "kind" and not inner.get("description") and "const" not in inner:
            yield place
        yield from _silent(inner, place)
    for key in ("items", "additionalProperties", "oneOf", "anyOf", "prefixItems"):
        yield from _silent(node.get(key), f"{path}.{key}")

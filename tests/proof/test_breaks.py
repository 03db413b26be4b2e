"""The list of breaks still fits the code: each old line is there once, each named test exists.

`run_breaks.py` applies them; that takes minutes, so CI checks only that the list has not gone stale.
"""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BREAKS = tomllib.loads((Path(__file__).parent / "breaks.toml").read_text(encoding="utf-8"))["break"]


def functions_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_at_least_thirty_breaks_each_of_its_own() -> None:
    assert len(BREAKS) >= 30
    assert len({entry["what"] for entry in BREAKS}) == len(BREAKS)


@pytest.mark.parametrize("entry", BREAKS, ids=lambda entry: entry["what"])
def test_break_still_fits_the_code(entry: dict[str, str]) -> None:
    assert set(entry) == {"what", "file", "old", "new", "test"}
    assert "\n" not in entry["old"]
    assert entry["old"] != entry["new"]
    assert (ROOT / entry["file"]).read_text(encoding="utf-8").count(entry["old"]) == 1
    file, _, name = entry["test"].partition("::")
    assert name.partition("[")[0] in functions_of(ROOT / file)

"""ARCHITECTURE.md says what the tree and the import contract say."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "mutualfund"


def rooms_on_the_page() -> list[str]:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = page.split("| Room | Holds |")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE)


def test_page_and_import_contract_list_the_same_rooms_in_the_same_order() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = config["tool"]["importlinter"]["contracts"]
    assert rooms_on_the_page() == [layer.strip("()") for layer in contract["layers"]]
    assert contract["exhaustive"]


def test_page_lists_every_room_of_the_tree_and_no_other() -> None:
    found = {
        path.stem
        for path in PACKAGE.iterdir()
        if (path.is_dir() and (path / "__init__.py").exists())
        or (path.suffix == ".py" and path.stem != "__init__")
    }
    assert set(rooms_on_the_page()) == found


def test_every_path_the_page_names_exists() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:\w+/)+(?:\w+\.py)?)`", page) + re.findall(r"\]\(([^)]+)\)", page)
    assert named
    missing = [path for path in named if not any((b / path).exists() for b in (ROOT, PACKAGE))]
    assert missing == []

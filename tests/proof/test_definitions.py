"""Every "definition 12" that a text cites is in docs/definitions.md, and readers find that page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "definitions.md").read_text(encoding="utf-8")
CITED = re.compile(r"\bdefinitions?\s+(\d+(?:(?:, | and | to )\d+)*)", re.IGNORECASE)


def cited() -> dict[int, list[str]]:
    """Where each number is cited, over all sources, tests, examples and pages."""
    found: dict[int, list[str]] = {}
    for folder, kind in (
        ("src", "*.py"),
        ("tests", "*.py"),
        ("examples", "*.py"),
        ("docs", "*.md"),
    ):
        for path in sorted((ROOT / folder).rglob(kind)):
            if path != Path(__file__):
                for numbers in CITED.findall(path.read_text(encoding="utf-8")):
                    for number in re.findall(r"\d+", numbers):
                        found.setdefault(int(number), []).append(str(path.relative_to(ROOT)))
    return found


def test_every_definition_that_is_cited_is_written_down() -> None:
    written = {int(number) for number in re.findall(r"^(\d+)\. \*\*", PAGE, re.MULTILINE)}
    places = cited()
    assert len(places) >= 8
    assert {number: where for number, where in places.items() if number not in written} == {}


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md"])
def test_readers_find_the_definitions(page: str) -> None:
    assert "(docs/definitions.md)" in (ROOT / page).read_text(encoding="utf-8")

"""The triangles of the notebook are those of the published cases."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COPIES = sorted((ROOT / "examples" / "triangles").glob("*.csv"))


@pytest.mark.parametrize("copy", COPIES, ids=lambda path: path.stem)
def test_a_copy_is_the_file_that_the_cases_use(copy: Path) -> None:
    original = ROOT / "tests" / "published" / "data" / copy.name
    assert copy.read_bytes() == original.read_bytes()


def test_there_are_copies() -> None:
    assert len(COPIES) == 5

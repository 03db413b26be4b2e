"""The example scenario as tables, fresh for each test."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

HARBOUR = Path(__file__).parents[2] / "examples" / "harbour"


@pytest.fixture
def harbour() -> Path:
    """The example's folder."""
    return HARBOUR


@pytest.fixture
def tables() -> dict[str, Any]:
    """The example's tables; a test may change them as it likes."""
    return tomllib.loads((HARBOUR / "scenario.toml").read_text(encoding="utf-8"))

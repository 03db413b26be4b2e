"""The example's modules import each other by name, as scripts in one folder do."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "rand_hie"
sys.path.insert(0, str(EXAMPLE))

from fit import Fit, fit  # noqa: E402 - the line above makes it importable
from records import Records, read_records  # noqa: E402
from two_years import simulate_years  # noqa: E402


@pytest.fixture(scope="session")
def records() -> Records:
    return read_records()


@pytest.fixture(scope="session")
def fitted(records: Records) -> Fit:
    return fit(records)


@pytest.fixture(scope="session")
def two_years(fitted: Fit) -> list[dict[str, object]]:
    """Two simulated years of twenty copies of each recorded person; the seed is fixed."""
    return simulate_years(fitted)

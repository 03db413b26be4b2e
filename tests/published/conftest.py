"""What the tests of the published cases ask for by name."""

from __future__ import annotations

import pytest

from published.areas import fund_simulation


@pytest.fixture
def few_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fund simulations on a few paths, where only whether a number moves is asked."""
    monkeypatch.setattr(fund_simulation, "PATHS", 1000)

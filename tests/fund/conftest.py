"""Short pilots: these tests ask whether numbers move together, not how exact an expectation is."""

from __future__ import annotations

import pytest

from mutualfund.fund import pilot


@pytest.fixture
def short_pilot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pilot, "MOST_PATHS", 60)

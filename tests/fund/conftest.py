"""Short pilots, since these tests ask whether numbers move together; and one compiler for all processes."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from mutualfund.fund import pilot


@pytest.fixture(scope="module")
def short_pilot() -> Iterator[None]:
    """At most sixty pilot paths, for every run that the module makes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pilot, "MOST_PATHS", 60)
        yield


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Processes that tests start find the code that the first of them compiled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUTUALFUND_JIT_CACHE", "1")
        base = tmp_path_factory.getbasetemp()
        place = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base  # one for all
        patch.setenv("NUMBA_CACHE_DIR", str(place / "compiled"))
        yield

"""Short pilots, since these tests ask whether numbers move together; and one compiler for all processes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mutualfund.fund import pilot


@pytest.fixture(scope="module")
def short_pilot() -> Iterator[None]:
    """At most sixty pilot paths, for every run that the module makes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pilot, "MOST_PATHS", 60)
        yield

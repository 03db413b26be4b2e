"""One small fund, whole and about to be interrupted; pilots of a few paths."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fund.resume.interrupted import MEMBERS, SCENARIO
from mutualfund.fund import pilot, simulate
from mutualfund.results import FundRun
from mutualfund.scenario import Scenario


@pytest.fixture(scope="module", autouse=True)
def small_pilots() -> Iterator[None]:
    """Pilots of a few paths, here and in the processes that are started."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pilot, "MOST_PATHS", 60)
        yield


def write_fund(folder: Path) -> Path:
    """A scenario file and its members, in a folder."""
    (folder / "members.csv").write_text(MEMBERS, encoding="utf-8")
    (folder / "village.toml").write_text(SCENARIO, encoding="utf-8")
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a scenario file and its members."""
    return write_fund(tmp_path)


@pytest.fixture
def scenario(place: Path) -> Scenario:
    return Scenario.load(place / "village.toml")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> FundRun:
    """The run that nothing happened to."""
    folder = write_fund(tmp_path_factory.mktemp("whole"))
    return simulate(Scenario.load(folder / "village.toml"))

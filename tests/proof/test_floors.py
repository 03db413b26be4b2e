"""The lowest versions CI tries are the floors that pyproject.toml promises."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def released(version: str) -> tuple[int, ...]:
    """The version's numbers without trailing zeros, so that 2.2 equals 2.2.0."""
    numbers = [int(part) for part in version.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def test_pinned_floors_are_the_promised_floors() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    promised = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    floors = dict(line.split(">=") for line in promised)
    pins = dict(
        re.findall(r"^([\w-]+)==(\S+)$", (ROOT / ".ci/lowest.txt").read_text(), re.MULTILINE)
    )
    assert {name: released(pin) for name, pin in pins.items()} == {
        name: released(floor) for name, floor in floors.items()
    }

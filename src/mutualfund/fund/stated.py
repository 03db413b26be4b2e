"""What a scenario states, key by key: what a resume compares where no file can hold the whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mutualfund.results.manifest import without_folders
from mutualfund.scenario import Scenario
from mutualfund.scenario.reading import statable


def stated(scenario: Scenario) -> dict[str, str]:
    """Every stated key and its value as text; a rule or severity of one's own is named by its class.

    >>> from mutualfund.scenario import archetypes
    >>> stated(archetypes.load("mutuelle"))["rules.calls.maximum"]
    '0.0'
    """
    # Folders are private, and the record in which this is kept holds none either.
    return {key: str(without_folders(repr(value))) for key, value in leaves(statable(scenario))}


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Each value of nested tables with its path; items of lists go by their name or position.

    >>> dict(leaves({"fund": {"name": "Harbour"}, "lines": [{"name": "care", "mean": 3}]}))
    {'fund.name': 'Harbour', 'lines.care.name': 'care', 'lines.care.mean': 3}
    """
    if isinstance(value, dict) and value:
        for name, item in value.items():
            yield from leaves(item, f"{place}.{name}" if place else name)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for index, item in enumerate(value):
            name = item.get("name", index) if isinstance(item, dict) else index
            yield from leaves(item, f"{place}.{name}")
    else:
        yield place, value

"""Scenario files shipped with the package: funds of the world to start from."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from mutualfund.errors import Fault, InputError
from mutualfund.inputs.faults import did_you_mean, listing
from mutualfund.scenario.scenario import Scenario

__all__ = ["load", "names", "path"]


def _folder() -> Path:
    return Path(str(resources.files("mutualfund.scenario"))) / "archetypes"


def names() -> tuple[str, ...]:
    """Names of the shipped scenarios, in alphabetical order.

    >>> names()
    ('danmark_mutual', 'group_health_staff', 'mutuelle')
    """
    return tuple(sorted(file.stem for file in _folder().glob("*.toml")))


def path(name: str) -> Path:
    """Where the file of a shipped scenario lies.

    >>> path("mutuelle").name
    'mutuelle.toml'

    Raises
    ------
    InputError
        Where there is none of that name.
    """
    if name not in names():
        remedy = did_you_mean(name, names())
        raise InputError(
            [Fault("archetype", f"'{name}'", listing(names()), remedy, "unknown_archetype")]
        )
    return _folder() / f"{name}.toml"


def load(name: str) -> Scenario:
    """A shipped scenario.

    >>> load("mutuelle").fund.currency
    'XOF'
    """
    return Scenario.load(path(name))

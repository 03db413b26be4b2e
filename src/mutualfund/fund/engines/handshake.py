"""What must be the same wherever blocks are computed, so that a block has the same bits everywhere."""

from __future__ import annotations

import platform
from collections.abc import Mapping

import numpy as np

from mutualfund.errors import RunError
from mutualfund.results.manifest import environment

Surroundings = Mapping[str, str]
"""Versions, and the class of the processor, by name."""


def surroundings() -> Surroundings:
    """The versions of everything that can move a number, and the processor's class, of this process.

    >>> sorted(surroundings())[-3:]
    ['python', 'scipy', 'the class of the processor']
    """
    versions: dict[str, str] = environment()["versions"]
    return versions | {"the class of the processor": processor_class()}


def processor_class() -> str:
    """What chooses between branches of compiled code: architecture, NumPy's vector units, the C library.

    Two models of one class do the same floating-point operations in the same order.
    """
    config = np.show_config(mode="dicts") or {}
    units = config.get("SIMD Extensions", {}).get("found", [])
    return " ".join((platform.machine(), *units, *platform.libc_ver()))


def require_same(here: Surroundings, there: Surroundings, who: str) -> None:
    """Refuse a worker that could compute other bits.

    Raises
    ------
    RunError
        Naming the worker and everything that differs.
    """
    differing = [
        f"{name} is {there.get(name, 'not there')} instead of {here[name]}"
        for name in here
        if there.get(name) != here[name]
    ]
    if differing:
        raise RunError(f"{who} cannot take part: {'; '.join(differing)}")

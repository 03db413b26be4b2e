"""A digest of what a scenario was lowered to: equal plans have equal digests, in every process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from mutualfund.sim.plan import Plan

NOT_LOWERED = ("scenario", "lines", "fund_lines")
"""Parts of a plan that are the scenario's own objects; they have their own digests, or no text at all."""


def plan_digest(plan: Plan) -> str:
    """SHA-256 over every table and number of a plan.

    It covers a severity of the user's own, which is lowered to a table, and not the code of a rule of the
    user's own, which is not.

    >>> from mutualfund import archetypes
    >>> from mutualfund.sim.plan import lower
    >>> scenario = archetypes.load("mutuelle")
    >>> plan_digest(lower(scenario)) == plan_digest(lower(scenario.replace("fund.opening_reserve", 5.0)))
    True
    """
    whole = hashlib.sha256()
    for field in fields(plan):
        if field.name not in NOT_LOWERED:
            for piece in pieces(getattr(plan, field.name), field.name):
                whole.update(piece)
    return whole.hexdigest()


def pieces(value: Any, place: str) -> Iterator[bytes]:
    """The bytes of a value, each part after its name, type and shape."""
    if isinstance(value, np.ndarray):
        yield f"\n{place} {value.dtype.str} {value.shape}\n".encode()
        yield np.ascontiguousarray(value).tobytes()
    elif is_dataclass(value):
        for field in fields(value):
            yield from pieces(getattr(value, field.name), f"{place}.{field.name}")
    elif isinstance(value, tuple | list):
        yield f"\n{place} {len(value)}\n".encode()
        for index, item in enumerate(value):
            yield from pieces(item, f"{place}[{index}]")
    else:
        yield f"\n{place} {value!r}\n".encode()

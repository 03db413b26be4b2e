"""Plans dealt out to members by addressed draws: a member's plan depends on the seed and the member's key."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from mutualfund.errors import Fault, InputError
from mutualfund.rng import Purpose, blocks, stream_key, uniforms
from mutualfund.types import IntArray, UIntArray


def deal(
    member_key: UIntArray, shares: Mapping[str, float], seed: int
) -> tuple[tuple[str, ...], IntArray]:
    """Plan names as given, and (n,) codes into them; -1 for the share that is left over.

    Raises
    ------
    InputError
        Where a share is out of range or the shares exceed 1 together.
    """
    _check(shares)
    steps = np.cumsum(list(shares.values()))
    if steps.size and math.isclose(steps[-1], 1.0, abs_tol=1e-9):
        steps[-1] = 1.0  # rounding must leave nobody without a plan
    key = stream_key(seed, "plans dealt out")
    draws = uniforms(blocks(key, member=member_key, purpose=Purpose.PLAN))
    codes = np.searchsorted(steps, draws, side="right")
    return tuple(shares), np.where(codes < steps.size, codes, -1)


def _check(shares: Mapping[str, float]) -> None:
    faults = [
        Fault(f"plans.{name}", repr(share), "0 to 1 (share of the members)", code="range")
        for name, share in shares.items()
        if not 0.0 <= share <= 1.0
    ]
    if not faults and math.fsum(shares.values()) > 1.0 + 1e-9:
        got = f"{math.fsum(shares.values()):g} together"
        faults.append(Fault("plans", got, "at most 1 together", code="range"))
    if faults:
        raise InputError(faults)

"""Plans dealt out to members by addressed draws: a member's plan depends on the seed and the member's key."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping

import numpy as np

from mutualfund.errors import Fault, InputError
from mutualfund.types import FloatArray, IntArray, UIntArray


def uniforms(member_key: UIntArray, seed: int, purpose: str) -> FloatArray:
    """(n,) numbers in [0, 1), one for each member, addressed by seed, purpose and key.

    The mixer is the finalizer of SplitMix64 (Steele, Lea, Flood 2014, figure 15), applied twice.
    """
    digest = hashlib.blake2b(f"{seed}/{purpose}".encode(), digest_size=16).digest()
    words = np.frombuffer(digest, dtype="<u8").astype(np.uint64)
    bits = member_key
    for word in words:
        bits = _mixed(bits ^ word)
    values: FloatArray = (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return values


def _mixed(bits: UIntArray) -> UIntArray:
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def deal(
    member_key: UIntArray, shares: Mapping[str, float], seed: int
) -> tuple[tuple[str, ...], IntArray]:
    """Plan names as given, and (n,) codes into them; -1 for the share that is left over.

    Raises
    ------
    InputError
        Where a share is out of range or the shares exceed 1 together.
    """
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
    steps = np.cumsum(list(shares.values()))
    if steps.size and math.isclose(steps[-1], 1.0, abs_tol=1e-9):
        steps[-1] = 1.0  # rounding must leave nobody without a plan
    draws = uniforms(member_key, seed, "plan")
    codes = np.searchsorted(steps, draws, side="right")
    return tuple(shares), np.where(codes < steps.size, codes, -1)

"""Random numbers with an address: a draw depends on who, when and what for, never on order.

Every draw is a word of a Philox4x32-10 block (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as
easy as 1, 2, 3", SC 2011). The counter is the address and the key is the stream:

====  =====================================================================
word  content
====  =====================================================================
0     low half of the member's 64-bit key (0 where no member is meant)
1     high half of it
2     path
3     year (12 bits) | purpose (4 bits) | index (16 bits), highest first
key   64-bit digest of the seed and the stream's *name*
====  =====================================================================

A purpose may read a part of a block only, and the screen of claim counts shares a block between sixteen
neighbouring paths (its word 2 is path div 16); no two things are read from the same bits.

A claim line is a stream by its name, so adding, dropping or reordering lines moves no other line's draw.
This layout is a public contract: `STREAM_VERSION` goes into every manifest and changes with the layout. The
compiled kernels have their own copy of the generator (`mutualfund._philox`); tests hold the two, and the
published known answers, together.
"""

from __future__ import annotations

import hashlib
from enum import IntEnum

import numpy as np

from mutualfund.types import FloatArray, UIntArray

STREAM_VERSION = 3

_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_2 = np.uint64(0xCD9E8D57)
_WEYL_0 = 0x9E3779B9
_WEYL_1 = 0xBB67AE85


class Purpose(IntEnum):
    """What a draw is for. The numbers are part of the stream contract: append, never renumber."""

    COUNT = 1
    CLAIM = 2
    STATE = 3
    EXIT = 4
    ENTRY = 5
    SHOCK = 6
    RETURN = 7
    PARAMETER = 8
    JOIN = 9
    FUND_LINE = 10
    PLAN = 11
    SCREEN = 12
    FRAILTY = 13
    RECORD = 14


def stream_key(seed: int, name: str) -> tuple[int, int]:
    """The two 32-bit key words of the stream called `name` under `seed` (0 to 2^64 - 1).

    >>> stream_key(2026, "line:hospital") == stream_key(2026, "line:dental")
    False
    """
    digest = hashlib.blake2b(name.encode(), digest_size=8, key=seed.to_bytes(8, "little")).digest()
    word = int.from_bytes(digest, "little")
    return word & 0xFFFFFFFF, word >> 32


def member_key(member_id: str) -> int:
    """The 64-bit address of a member: a digest of the stable id, so row order cannot matter.

    >>> member_key("007") != member_key("7")
    True
    """
    return int.from_bytes(hashlib.blake2b(member_id.encode(), digest_size=8).digest(), "little")


def blocks(
    key: tuple[int, int],
    *,
    member: UIntArray | int = 0,
    path: UIntArray | int = 0,
    year: int = 0,
    purpose: Purpose,
    index: UIntArray | int = 0,
) -> UIntArray:
    """Philox4x32-10 blocks at many addresses at once.

    Parameters
    ----------
    key : two 32-bit words from `stream_key`.
    member, path, index : scalars or arrays that broadcast against each other.
    year, purpose : the same for all addresses.

    Returns
    -------
    UIntArray, shape (..., 4): four words of 32 bits each.

    >>> blocks(stream_key(1, "returns"), path=np.arange(3, dtype=np.uint64), purpose=Purpose.RETURN).shape
    (3, 4)
    """
    tag = np.uint64(year << 20 | int(purpose) << 16) | np.asarray(index, np.uint64)
    id_ = np.asarray(member, np.uint64)
    low, high, paths, tags = np.broadcast_arrays(
        id_ & _LOW, id_ >> _SHIFT, np.asarray(path, np.uint64), tag
    )
    return philox(low, high, paths, tags, *key)


def philox(
    c0: UIntArray, c1: UIntArray, c2: UIntArray, c3: UIntArray, k0: int, k1: int
) -> UIntArray:
    """Ten rounds of Philox4x32 on arrays of 32-bit words kept in uint64; shape (..., 4)."""
    for _ in range(10):
        product_0 = _MULTIPLIER_0 * c0
        product_2 = _MULTIPLIER_2 * c2
        c0, c1, c2, c3 = (
            (product_2 >> _SHIFT) ^ c1 ^ np.uint64(k0),
            product_2 & _LOW,
            (product_0 >> _SHIFT) ^ c3 ^ np.uint64(k1),
            product_0 & _LOW,
        )
        k0, k1 = (k0 + _WEYL_0) & 0xFFFFFFFF, (k1 + _WEYL_1) & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3], axis=-1)


def uniforms(block: UIntArray) -> FloatArray:
    """Floats in (0, 1) from the first two words of each block: 52 bits, never an endpoint.

    Parameters
    ----------
    block : shape (..., 4), from `blocks`.
    """
    bits = ((block[..., 1] << _SHIFT) | block[..., 0]) >> np.uint64(12)
    return (bits.astype(np.float64) + 0.5) * 2.0**-52

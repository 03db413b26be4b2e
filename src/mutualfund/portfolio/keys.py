"""From members' identifiers to the 64-bit keys that address their random numbers, many at a time.

A key depends on the text of the identifier alone, so the order of rows in a file, other members and other
files change nothing about a member's draws.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

from mutualfund.types import UIntArray


def member_keys(identifiers: Iterable[str]) -> UIntArray:
    """(n,) keys: `rng.member_key` of each identifier, joined before they are read as numbers.

    >>> from mutualfund.rng import member_key
    >>> member_keys(["007", "7"]).tolist() == [member_key("007"), member_key("7")]
    True
    """
    blake2b = hashlib.blake2b
    digests = b"".join(blake2b(text.encode(), digest_size=8).digest() for text in identifiers)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)

"""From a member's identifier to the 64-bit key that addresses the member's random numbers.

The key depends on the text of the identifier alone, so the order of rows in a file, other members and other
files change nothing about a member's draws.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

from mutualfund.types import UIntArray


def member_key(identifier: str) -> int:
    """The key of one identifier: BLAKE2b with an 8-byte digest of its UTF-8 text, read little-endian.

    Source: RFC 7693.

    >>> member_key("007") == member_key("7")
    False
    """
    digest = hashlib.blake2b(identifier.encode("utf-8"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def member_keys(identifiers: Iterable[str]) -> UIntArray:
    """(n,) keys of many identifiers."""
    blake2b = hashlib.blake2b
    digests = b"".join(
        blake2b(text.encode("utf-8"), digest_size=8).digest() for text in identifiers
    )
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)

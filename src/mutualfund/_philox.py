"""The compiled generator: one Philox4x32-10 block. `mutualfund.rng` says what stands at which address."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from mutualfund._jit import inline

U = np.uint64
Word: TypeAlias = np.uint64
LOW, HALF = U(0xFFFFFFFF), U(32)
M0, M1 = U(0xD2511F53), U(0xCD9E8D57)  # multipliers
W0, W1 = U(0x9E3779B9), U(0xBB67AE85)  # what the key grows by, round by round


@inline
def philox(c0: Word, c1: Word, c2: Word, c3: Word, k0: Word, k1: Word) -> tuple[Word, Word]:
    """Philox4x32-10: two words of 64 bits (words 0, 1 and words 2, 3 of the block).

    Each argument is 32 bits in a 64-bit word, and is cut to them here: the compiler then multiplies 32 bits
    by 32, which vector units do several times faster than 64 by 64.
    """
    c0, c1, c2, c3, k0, k1 = c0 & LOW, c1 & LOW, c2 & LOW, c3 & LOW, k0 & LOW, k1 & LOW
    for _ in range(9):
        p0, p2 = M0 * c0, M1 * c2
        c0, c1, c2, c3 = (p2 >> HALF) ^ c1 ^ k0, p2 & LOW, (p0 >> HALF) ^ c3 ^ k1, p0 & LOW
        k0, k1 = (k0 + W0) & LOW, (k1 + W1) & LOW
    # In the last round the halves of each product only change places. Said so, it is one rotation; put
    # together from parts, LLVM makes it a multiplication of 64 bits by 64, and a block 6 % dearer.
    first, second = (M1 * c2) ^ ((c1 ^ k0) << HALF), (M0 * c0) ^ ((c3 ^ k1) << HALF)
    return (first >> HALF) | (first << HALF), (second >> HALF) | (second << HALF)

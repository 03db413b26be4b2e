"""What a reader of a triangle should know before they trust it, counted."""

from __future__ import annotations

import numpy as np

from mutualfund.types import FloatArray


def noticed(cumulative: FloatArray) -> tuple[tuple[str, int], ...]:
    """Where cumulative amounts, (n_origins, n_ages), fall, and where there are none.

    >>> noticed(np.array([[5.0, 4.0], [0.0, np.nan]]))
    (('amounts that fall', 1), ('origin periods without an amount', 1))
    """
    found = {
        "amounts that fall": (np.diff(cumulative, axis=1) < 0.0).sum(),
        "origin periods without an amount": (~np.nan_to_num(cumulative).any(axis=1)).sum(),
    }
    return tuple((words, int(count)) for words, count in found.items() if count)

"""What a fund's own rules bring, looked at before it enters the books."""

from __future__ import annotations

from typing import Any

import numpy as np

from mutualfund.errors import Fault, InputError
from mutualfund.types import FloatArray


def own_numbers(field: str, given: Any, n_paths: int, *, minimum: float = -np.inf) -> FloatArray:
    """One finite number per path, none below `minimum`, as floats.

    Raises
    ------
    InputError
        Naming the rule, with what came and what is allowed.

    >>> own_numbers("rules.extra.grant", [1, 2], 2, minimum=0.0).tolist()
    [1.0, 2.0]
    """
    least = "" if minimum == -np.inf else f", {minimum:g} or more"
    allowed = f"finite numbers of shape ({n_paths},), one per path of the block{least}"
    try:
        values = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise _refusal(field, type(given).__name__, allowed) from None
    if values.shape != (n_paths,):
        raise _refusal(field, f"an array of shape {values.shape}", allowed)
    bad = values[~(np.isfinite(values) & (values >= minimum))]
    if bad.size:
        raise _refusal(field, f"{bad[0]:g}", allowed)
    return values


def _refusal(field: str, got: str, allowed: str) -> InputError:
    return InputError([Fault(field, got, allowed, "Correct the rule.", "own_rule")])

"""Up to which rate exponential moments exist: the exponential and Esscher principles stand on them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mutualfund.claims.aggregate.light_tails import exponential_limit as law_limit


def exponential_limit(loss: Any) -> float | None:
    """The least upper bound of the a with E[exp(a X)] finite; 0 where there is no a above 0.

    A loss of one's own says so by an attribute or a method ``exponential_limit``. One that does not, and has
    an end, is light; of any other it is not known, None, since no finite number of quantiles can show it.

    >>> from mutualfund.claims import Exponential, Lognormal
    >>> exponential_limit(Exponential(mean=200.0)), exponential_limit(Lognormal(mu=5.0, sigma=1.0))
    (0.005, 0.0)
    """
    stated = getattr(loss, "exponential_limit", None)
    if stated is not None:
        return float(stated() if callable(stated) else stated)
    law = getattr(loss, "law", loss)
    known = law_limit(law)
    if known is not None:
        return known
    return math.inf if _has_an_end(loss) else None


def _has_an_end(loss: Any) -> bool:
    try:
        return bool(np.isfinite(loss.quantile(np.ones(1))).all())
    except (
        ArithmeticError,
        ValueError,
    ):  # an InputError is a ValueError: no answer at probability 1
        return False

"""A year's view for tests of rules: unequal paths, every amount zero unless said."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt

from mutualfund.rules import YearView
from mutualfund.types import FloatArray

ARRAYS = tuple(
    name
    for name in YearView.__dataclass_fields__
    if name not in ("year", "start", "inflation_factor")
)


def year_view(
    *, year: int = 1, inflation_factor: float = 1.0, **amounts: npt.ArrayLike
) -> YearView:
    """A view whose unnamed arrays are zero on as many paths as the named ones have."""
    named = {name: np.asarray(values, dtype=np.float64) for name, values in amounts.items()}
    n_paths = max((values.size for values in named.values()), default=1)
    arrays: dict[str, FloatArray] = {name: named.get(name, np.zeros(n_paths)) for name in ARRAYS}
    return YearView(
        year=year, start=date(2026 + year, 1, 1), inflation_factor=inflation_factor, **arrays
    )

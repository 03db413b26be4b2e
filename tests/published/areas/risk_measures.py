"""Value at risk and tail value at risk, of a law and of a sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from mutualfund.results import risk
from published.areas.spelling import Values, severity_of, tail_values


class _Sample:
    """A sample, asked as a distribution is."""

    def __init__(self, losses: Any) -> None:
        self.losses = losses

    def var(self, p: float) -> float:
        return risk.var(self.losses, p)

    def tvar(self, p: float) -> float:
        return risk.tvar(self.losses, p)


def solve(inputs: Mapping[str, Any], data: pd.DataFrame | None) -> Values:
    if data is not None:
        losses: Any = _Sample(data[inputs["column"]])
    elif "x" in inputs:
        losses = _Sample(inputs["x"])
    else:
        losses = severity_of({"distribution": "normal", **inputs})
    return tail_values(losses, inputs["probs"])

"""The classical surplus process."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from mutualfund import claims
from published.areas.spelling import severity_of


def solve(inputs: Mapping[str, Any], _: pd.DataFrame | None) -> Callable[[str], object]:
    process = _process(inputs)
    capitals = [float(u) for u in inputs["us"]]
    ruin = dict(zip(capitals, np.atleast_1d(process.ruin(capitals)).tolist(), strict=True))

    def value(name: str) -> object:
        number = r"([\d.]+)"
        if within := re.fullmatch(rf"psi_{number}_T{number}", name):
            return process.ruin_by(float(within[1]), float(within[2]))
        if ever := re.fullmatch(rf"psi_{number}", name):
            u = float(ever[1])
            return ruin[u] if u in ruin else process.ruin(u)
        if bound := re.fullmatch(rf"lundberg_bound_{number}", name):
            return process.lundberg_bound(float(bound[1]))
        return getattr(process, name)

    return value


def _process(inputs: Mapping[str, Any]) -> claims.SurplusProcess:
    rate = float(inputs["lam"])
    if "loading" in inputs:
        loss = claims.Exponential(mean=float(inputs["claim_mean"]))
        return claims.SurplusProcess(rate, loss, loading=inputs["loading"])
    if "terms" in inputs:
        weights, shapes, rates = zip(*inputs["terms"], strict=True)
        loss = claims.ErlangMixture(weights, shapes, rates)
    else:
        loss = severity_of(inputs)
    return claims.SurplusProcess(rate, loss, premium_rate=float(inputs["c"]))

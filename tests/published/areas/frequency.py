"""Moments and chances of one law of a count."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from published.areas.spelling import frequency_of


def solve(inputs: Mapping[str, Any], _: pd.DataFrame | None) -> Callable[[str], object]:
    count = frequency_of(inputs)

    def value(name: str) -> object:
        asked = re.fullmatch(r"(prob|sf|cdf)_(\d+)", name)
        if asked:
            question = {"prob": count.pmf, "sf": count.sf, "cdf": count.cdf}[asked[1]]
            return question(int(asked[2]))
        if name == "posterior_rate":
            return count.posterior_rate(inputs["claims_k"], inputs["exposure_T"])
        return {"mean": count.mean, "variance": count.variance}[name]

    return value

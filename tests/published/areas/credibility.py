"""Credibility of groups from their own experience, and the standard for full credibility."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from mutualfund import premiums
from published.areas.spelling import Values


def solve(inputs: Mapping[str, Any], data: pd.DataFrame | None) -> Values:
    if "rows" in inputs:
        return _limited_fluctuation(inputs["rows"])
    if data is None:
        return _linear(inputs["x"], inputs.get("w"))
    prefix = inputs["weight_prefix"]
    weights = _columns(data, prefix) if prefix else None
    return _linear(_columns(data, inputs["ratio_prefix"]), weights)


def _columns(data: pd.DataFrame, prefix: str) -> pd.DataFrame:
    return data[[name for name in data.columns if name.startswith(prefix)]]


def _linear(ratios: Any, weights: Any) -> Values:
    """Both conventions for the collective premium; all else is the same in either."""

    def fitted(complement: Any) -> premiums.CredibilityFit:
        if weights is None:
            return premiums.buhlmann(ratios, complement=complement)
        return premiums.buhlmann_straub(ratios, weights, complement=complement)

    fit = fitted("credibility")
    return {
        "within_variance_epv": fit.structure["within_variance"],
        "between_variance_vhm": fit.structure["between_variance"],
        "exposure_weighted_mean": fit.structure["exposure_weighted_mean"],
        "collective_premium": fit.structure["collective_premium"],
        "group_means": fit.own,
        "credibility_factors": fit.factors,
        "premiums": fit.premiums,
        "premiums_with_weighted_mean": fitted("exposure").premiums,
    }


def _limited_fluctuation(rows: Any) -> Values:
    values: Values = {}
    for place, (probability, tolerance, dispersion, squared_cv, claims) in enumerate(rows, 1):
        standard = premiums.FullCredibilityStandard(
            probability, tolerance, dispersion, math.sqrt(squared_cv)
        )
        values[f"full_claims_{place}"] = standard.claims
        values[f"Z_{place}"] = float(standard.factors(claims))
    return values

"""The distribution of a year's total cost."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from mutualfund import claims
from published.areas.spelling import amounts_of, frequency_of, severity_of


def solve(inputs: Mapping[str, Any], data: pd.DataFrame | None) -> Callable[[str], object]:
    if "threshold" in inputs:
        return _normal_approximation(inputs)
    cost = claims.aggregate(_count(inputs), _amount(inputs, data))

    def value(name: str) -> object:
        asked = re.fullmatch(r"(pmf|cdf|stop_loss|var|tvar)_([\d.]+)", name)
        if asked:
            return getattr(cost, asked[1])(float(asked[2]))
        if name == "prob_zero":
            return cost.pmf(0.0)
        return {"mean": cost.mean, "variance": cost.variance, "sd": cost.sd}[name]

    return value


def _count(inputs: Mapping[str, Any]) -> Any:
    if "members" in inputs:
        return round(inputs["members"])
    if "freq_pmf" in inputs:
        return inputs["freq_pmf"]
    if "geometric_mean" in inputs:
        return claims.NegativeBinomial(mean=inputs["geometric_mean"], dispersion=1.0)
    return frequency_of(inputs)


def _amount(inputs: Mapping[str, Any], data: pd.DataFrame | None) -> Any:
    if data is not None:
        return claims.Empirical(values=tuple(data[inputs["column"]].astype(float)))
    if "severity_distribution" in inputs:
        return severity_of(inputs)
    return amounts_of(inputs)


def _normal_approximation(inputs: Mapping[str, Any]) -> Callable[[str], object]:
    if "lam" in inputs:
        pharmacy = claims.uniform(inputs["low"], inputs["high"])
        risks = claims.aggregate(claims.Poisson(mean=float(inputs["lam"])), pharmacy)
        fixed = risks
    else:
        groups = [round(n) for n in inputs["n"]], inputs["q"]
        spread = [claims.uniform(0, most) for most in inputs["maximum"]]
        risks = claims.individual_risks(*groups, spread)
        most = [claims.Fixed(amount=float(amount)) for amount in inputs["maximum"]]
        fixed = claims.individual_risks(*groups, most)
    values = {
        "mean": risks.mean,
        "variance": risks.variance,
        "variance_fixed_amounts": fixed.variance,
        "normal_approx_prob_exceeds": risks.normal_approximation().sf(inputs["threshold"]),
    }
    return lambda name: values[name]

"""Families fitted to a column of a data file."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from mutualfund import claims

SEVERITIES = {
    "exponential": {"mean": "mean"},
    "gamma": {"shape": "alpha", "scale": "theta"},
    "lognormal": {"mu": "mu", "sigma": "sigma"},
    "weibull": {"shape": "tau", "scale": "theta"},
    "lomax": {"alpha": "alpha", "theta": "theta"},
}
COUNTS = {
    "poisson": ("poisson", {"lam": "mean"}),
    "negbin": ("negative_binomial", {"r": "dispersion", "mean": "mean"}),
    "zip": ("zero_modified_poisson", {"lam": "base.mean"}),
}


def solve(inputs: Mapping[str, Any], data: pd.DataFrame | None) -> Callable[[str], object]:
    assert data is not None
    values = data.loc[_kept(inputs["filter"], data), inputs["column"]]
    if len(values) != inputs["n"]:
        raise ValueError(f"{len(values)} rows, not {inputs['n']}")
    found: dict[str, claims.Fit] = {}

    def value(name: str) -> object:
        family, asked = name.split("_", 1)
        if family not in found:
            found[family] = _fit(family, values)
        fit = found[family]
        if asked in ("loglik", "aic"):
            return getattr(fit, asked)
        names = SEVERITIES.get(family) or COUNTS[family][1]
        if asked in names:
            return fit.parameters[names[asked]]
        return _derived(f"{family}_{asked}", values, fit)

    return value


def _kept(text: str, data: pd.DataFrame) -> pd.Series:
    """The rows of a filter such as "meddol > 0"."""
    if text == "all rows":
        return pd.Series(True, index=data.index)
    column, comparison, number = text.split()
    compare = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
    return compare[comparison](data[column], float(number))


def _fit(family: str, values: pd.Series) -> claims.Fit:
    if family in SEVERITIES:
        return claims.fit_severity(family, values)  # type: ignore[arg-type]
    return claims.fit_counts(COUNTS[family][0], values)  # type: ignore[arg-type]


def _derived(name: str, values: pd.Series, fit: claims.Fit) -> object:
    """The same law by the other names that cases have for its parameters."""
    if name == "zip_pi":
        return fit.distribution.never
    if name == "negbin_beta":
        return fit.distribution.beta
    tail = re.fullmatch(r"lomax_(xi|beta)", name)
    assert tail
    return claims.fit_excess(values, above=0.0).parameters[tail[1]]

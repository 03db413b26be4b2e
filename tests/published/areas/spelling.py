"""How the cases spell laws of amounts and of counts, and what is asked of any law."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from mutualfund import claims

Values = dict[str, object]

SEVERITIES = {
    "exponential": ("exponential", {"theta": "mean"}),
    "lognormal": ("lognormal", {"mu": "mu", "sigma": "sigma"}),
    "gamma": ("gamma", {"alpha": "alpha", "theta": "theta"}),
    "weibull": ("weibull", {"tau": "tau", "theta": "theta"}),
    "lomax": ("lomax", {"alpha": "alpha", "theta": "theta"}),
    "gpd": ("generalised_pareto", {"xi": "xi", "beta": "beta"}),
    "pareto1": ("pareto", {"alpha": "alpha", "theta": "above"}),
    "burr": ("burr", {"alpha": "alpha", "theta": "theta", "gamma": "gamma"}),
    "inverse_gaussian": ("inverse_gaussian", {"mu": "mu", "lambda": "lambda"}),
    "normal": ("normal", {"mu": "mean", "sd": "sd"}),
}
FREQUENCIES = {
    "poisson": ("poisson", {"lam": "mean", "mean": "mean"}),
    "negbin": ("negative_binomial", {"r": "dispersion", "mean": "mean"}),
}


def severity_of(inputs: Mapping[str, Any]) -> Any:
    kind, names = SEVERITIES[inputs.get("severity_distribution", inputs.get("distribution"))]
    arguments = {ours: inputs[theirs] for theirs, ours in names.items()}
    return TypeAdapter(claims.SeveritySpec).validate_python({"kind": kind, **arguments})


def frequency_of(inputs: Mapping[str, Any]) -> Any:
    label = inputs["frequency"]
    modified = label.startswith("zm_")
    kind, names = FREQUENCIES[label.removeprefix("zm_")]
    base = {ours: inputs[theirs] for theirs, ours in names.items() if theirs in inputs}
    if "beta" in inputs:  # variance = mean x (1 + beta)
        base["mean"] = inputs["r"] * inputs["beta"]
    spec = {"kind": kind, **base}
    if modified:
        spec = {"kind": "zero_modified", "p0": inputs["p0"], "base": spec}
    return TypeAdapter(claims.FrequencySpec).validate_python(spec)


def amounts_of(inputs: Mapping[str, Any]) -> Any:
    """A severity given as a list of amounts, or as the chances of one unit, two units, ..."""
    unit = inputs.get("unit", 1)
    if "severity_pmf_from_1" in inputs:
        weights = inputs["severity_pmf_from_1"]
        units: Any = range(1, len(weights) + 1)
    else:
        units = inputs.get("severity", inputs.get("severity_units"))
        weights = inputs.get("severity_prob", [1.0] * len(units))
    values = tuple(float(unit * k) for k in units)
    return claims.Empirical(values=values, weights=tuple(float(w) for w in weights))


def tail_values(losses: Any, probs: list[float]) -> Values:
    """VaR and TVaR at each level, of a distribution or of anything with the same two questions."""
    values: Values = {}
    for p in probs:
        values[f"var_{p}"] = losses.var(p)
        values[f"tvar_{p}"] = losses.tvar(p)
    return values

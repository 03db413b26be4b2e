"""Who bears what of claims and of a year: quota share, excess of loss, aggregate deductible and limit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from mutualfund import claims
from published.areas.spelling import Values, amounts_of, severity_of


def solve(inputs: Mapping[str, Any], _: pd.DataFrame | None) -> Values | Callable[[str], object]:
    if "quota" in inputs:
        return _quota_and_excess(inputs)
    if "layers" in inputs:
        return _annual_layers(inputs)
    return _aggregate_terms(inputs)


def _quota_and_excess(inputs: Mapping[str, Any]) -> Values:
    kept = {"share": 1.0 - inputs["quota"]}
    insurer = claims.Collective(1, severity_of(inputs), limit=inputs["limit"], **kept)
    return {
        "insurer_mean": insurer.mean,
        "reinsurer_mean": insurer.uncovered_mean,
        "insurer_sd_if_no_limit": claims.Collective(1, severity_of(inputs), **kept).sd,
    }


def _annual_layers(inputs: Mapping[str, Any]) -> Callable[[str], object]:
    def value(name: str) -> object:
        question, limit, attachment = re.fullmatch(r"(\w+)_([\d.]+)_xs_([\d.]+)", name).groups()
        terms = {"deductible": float(attachment), "limit": float(limit)}
        count = claims.Poisson(mean=float(inputs["lam"]))
        layer = claims.Collective(count, severity_of(inputs), **terms)
        return getattr(layer, {"frequency": "expected_payments"}.get(question, question))

    return value


def _aggregate_terms(inputs: Mapping[str, Any]) -> Values:
    limit, attachment = inputs["layer"]
    count = claims.Poisson(mean=float(inputs["lam"]))
    gross = claims.aggregate(count, amounts_of(inputs), deductible=attachment, limit=limit)
    paid = gross.layer(inputs["aggregate_deductible"], inputs["aggregate_limit"])
    return {
        "prob_no_layer_loss": gross.pmf(0.0),
        "gross_layer_mean": gross.mean,
        "reinsurer_mean": paid.mean,
        "reinsurer_sd": paid.sd,
        "prob_limit_exhausted": paid.pmf(inputs["aggregate_limit"]),
    }

"""Funds simulated from end to end; every value carries its standard error."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from mutualfund import Scenario, simulate
from mutualfund.results import Estimate, FundRun
from published.areas.spelling import Values

PATHS = 100_000


def _one_member_fund(
    *,
    opening: float,
    years: int,
    contributions: float,
    claims_mean: float,
    claims_sd: float,
    interest: float,
) -> FundRun:
    """A fund of one member whose claims are one normal amount a year, on `PATHS` paths."""
    cost = {"kind": "normal", "mean": claims_mean, "sd": claims_sd}
    scenario = Scenario.from_dict(
        {
            "fund": {
                "name": "One amount a year",
                "currency": "KWD",
                "start": date(2027, 1, 1),
                "opening_reserve": opening,
                "opening_outstanding": 0.0,
            },
            "settings": {"paths": PATHS, "years": years, "investment_weights": [1, 0]},
            "members": {"synthetic": {"n": 1}, "mortality": "none"},
            "assumptions": {
                "lines": [{"name": "all claims", "level": "fund", "severity": cost}],
                "economy": {"investment_return": {"mean": interest, "sd": 0.0}},
            },
            "rules": {"contributions": {"kind": "flat", "monthly": contributions / 12}},
        }
    )
    return simulate(scenario)


def solve(inputs: Mapping[str, Any], _: pd.DataFrame | None) -> Values:
    return _surplus_moments(inputs) if "premium" in inputs else _ruin(inputs)


def _surplus_moments(inputs: Mapping[str, Any]) -> Values:
    run = _one_member_fund(
        opening=inputs["u0"],
        years=inputs["years"],
        contributions=inputs["premium"],
        claims_mean=inputs["claim_mean"],
        claims_sd=inputs["claim_sd"],
        interest=inputs["i"],
    )
    values: Values = {}
    for year in range(1, inputs["years"] + 1):
        values[f"mean_year{year}"] = _with_error(run.mean("reserve_true", year))
        values[f"sd_year{year}"] = _with_error(run.sd("reserve_true", year))
    return values


def _ruin(inputs: Mapping[str, Any]) -> Values:
    """Yearly results as claims with the sign turned, so that a fund may also lose on average."""
    run = _one_member_fund(
        opening=inputs["u"],
        years=inputs["years"],
        contributions=0.0,
        claims_mean=-inputs["mu"],
        claims_sd=inputs["sd"],
        interest=0.0,
    )
    return {f"ruin_by_year_{ruin.year}": _with_error(ruin) for ruin in run.ruin_by_year()}


def _with_error(estimate: Estimate) -> tuple[float, float]:
    return estimate.estimate, estimate.standard_error

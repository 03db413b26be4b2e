"""Triangles: a printed table of amounts and the methods that run it off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from mutualfund.claims.reserving import (
    Benktander,
    Bootstrap,
    BornhuetterFerguson,
    CapeCod,
    ChainLadder,
    CompletionFactors,
    Mack,
    MerzWuethrich,
    OverDispersedPoisson,
    Triangle,
    sigma_squared,
)
from published.areas.spelling import Values

Data = pd.DataFrame | Sequence[pd.DataFrame]


def solve(inputs: Mapping[str, Any], data: Data) -> Values:
    if not isinstance(data, pd.DataFrame):
        return _with_exposure(inputs, *data)
    if "window" in inputs:
        return _completion(inputs, data)
    triangle = _triangle(data)
    return _poisson(inputs, triangle) if "replicates" in inputs else _mack(triangle)


def _triangle(data: pd.DataFrame, **more: Any) -> Triangle:
    """Columns dev0, dev1, ... of a table whose first one names years, or counts months from 1."""
    monthly = data.columns[0] == "incurred_month"
    grain = "month" if monthly else "year"
    first = date(2001, 1, 1) if monthly else date(int(data.iloc[0, 0]), 1, 1)
    return Triangle.from_array(
        data.filter(regex=r"^dev\d+$").to_numpy(np.float64),
        first_origin=first,
        origin_grain=grain,
        development_grain=grain,
        **more,
    )


def _mack(triangle: Triangle) -> Values:
    whole, next_year = Mack().fit(triangle), MerzWuethrich().fit(triangle)
    by_line = Mack(last_sigma="log_linear").fit(triangle)
    return {
        "link_ratios": whole.pattern.link_ratios,
        "sigma_squared": sigma_squared(triangle, whole.pattern),
        "reserve_by_origin": whole.ibnr,
        "se_by_origin": whole.standard_error,
        "total_reserve": whole.total_ibnr,
        "total_se": whole.total_standard_error,
        "process_se_by_origin": whole.process_error,
        "parameter_se_by_origin": whole.parameter_error,
        "total_se_loglinear_sigma": by_line.total_standard_error,
        "one_year_cdr_se_by_origin": next_year.standard_error,
        "one_year_cdr_total_se": next_year.total_standard_error,
    }


def _poisson(inputs: Mapping[str, Any], triangle: Triangle) -> Values:
    fit = OverDispersedPoisson().fit(triangle)
    bootstrap = Bootstrap(replicates=inputs["replicates"], seed=2026).fit(triangle)
    return {
        "pearson_phi": fit.dispersion,
        "reserve_by_origin": fit.ibnr,
        "total_reserve": fit.total_ibnr,
        "analytic_se_by_origin": fit.standard_error,
        "analytic_total_se": fit.total_standard_error,
        "analytic_total_parameter_se": fit.total_parameter_error,
        "total_process_se": fit.total_process_error,
        "bootstrap_total_sd": float(bootstrap.totals.std()),
        "bootstrap_total_mean": bootstrap.mean,
        "bootstrap_total_q95": bootstrap.quantile(0.95),
        "bootstrap_total_q995": bootstrap.quantile(0.995),
    }


def _with_exposure(inputs: Mapping[str, Any], paid: pd.DataFrame, premium: pd.DataFrame) -> Values:
    triangle = _triangle(paid, exposure=premium["premium"].to_numpy(np.float64))
    ratio = inputs["expected_loss_ratio"]
    chain = ChainLadder().fit(triangle)
    prior = BornhuetterFerguson(ratio).fit(triangle)
    cape_cod = CapeCod().fit(triangle)
    return {
        "cdf_by_origin": chain.pattern.growth[triangle.ages],
        "chain_ladder_total": chain.total_ibnr,
        "bf_reserve_by_origin": prior.ibnr,
        "bf_total": prior.total_ibnr,
        "cape_cod_elr": CapeCod().expected_ratios(triangle)[0],
        "cape_cod_reserve_by_origin": cape_cod.ibnr,
        "cape_cod_total": cape_cod.total_ibnr,
        "benktander_total": Benktander(ratio).fit(triangle).total_ibnr,
    }


def _completion(inputs: Mapping[str, Any], data: pd.DataFrame) -> Values:
    triangle = _triangle(data, exposure=data["member_months"].to_numpy(np.float64))
    window = inputs["window"] or None
    reserve = CompletionFactors(window=window).fit(triangle)
    values: Values = {
        "age_to_age": reserve.pattern.link_ratios,
        "completion_factors": reserve.pattern.share,
        "ibnr_total": reserve.total_ibnr,
        "ibnr_latest_12": reserve.ibnr[-12:],
        "ultimate_latest_12": reserve.ultimate[-12:],
    }
    if "prior_pmpm" in inputs:
        prior = CompletionFactors(
            window=window,
            prior_months=inputs["prior_months"],
            prior_pmpm=inputs["prior_pmpm"],
        )
        values["ibnr_total_with_prior_for_recent_months"] = prior.fit(triangle).total_ibnr
    return values

"""Funds that share claims, settled by a levy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from mutualfund import premiums
from published.areas.spelling import Values

DAY = date(2025, 4, 1)  # the cases are not dated


def solve(inputs: Mapping[str, Any], _: pd.DataFrame | None) -> Values:
    insurers = inputs["insurers"]
    names = [insurer["name"] for insurer in insurers]
    table = premiums.AgePoolTable(
        valid_from=DAY,
        source="the case",
        pooled_share=dict(zip(inputs["age_bands"], inputs["pool_pct"], strict=True)),
        high_cost_threshold=inputs["high_cost_threshold"],
        high_cost_share=inputs["high_cost_pct"],
    )
    moved = premiums.ClaimsEqualisation(tables=[table]).transfers(
        DAY,
        names,
        units=[insurer["units"] for insurer in insurers],
        benefits=[insurer["benefits"] for insurer in insurers],
        residuals=[insurer["high_cost_residual_benefits"] for insurer in insurers],
    )
    values: Values = {"sum_of_transfers": float(moved.amounts.sum())} | dict(moved.rates)
    for place, name in enumerate(names):
        values[f"age_based_pool_{name}"] = moved.parts["age_based_pool"][place]
        values[f"high_cost_pool_{name}"] = moved.parts["high_cost_pool"][place]
        values[f"net_receipt_{name}"] = moved.exact[place]
    return values

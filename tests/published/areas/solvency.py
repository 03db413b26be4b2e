"""Solvency II: premium and reserve risk by segment, with lapse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from mutualfund import rules
from published.areas.spelling import Values


def solve(inputs: Mapping[str, Any], _: pd.DataFrame | None) -> Values:
    premiums, reserves = zip(*inputs["volumes"], strict=True)
    risk = rules.premium_and_reserve_risk(
        premiums,
        reserves,
        premium_sd=inputs["sigma_prem"],
        reserve_sd=inputs["sigma_res"],
        diversification=inputs["div"],
    )
    return {
        "sigma_by_segment": risk.sigma_by_segment,
        "volume": risk.volume,
        "sigma": risk.sigma,
        "scr_premium_reserve": risk.capital,
        "scr_nslt": rules.nslt_capital(risk.capital, inputs["scr_lapse"]),
    }

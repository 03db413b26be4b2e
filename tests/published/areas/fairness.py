"""Inequality of amounts, and on whom payments fall."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from mutualfund import claims, premiums
from published.areas.spelling import Values


def solve(inputs: Mapping[str, Any], data: pd.DataFrame | None) -> Values:
    if data is not None:
        return _on_data(inputs, data)
    if "sigma" in inputs:
        return _lognormal(inputs)
    if "x" in inputs:
        return {
            "gini": premiums.gini(inputs["x"]),
            "gini_unbiased": premiums.gini(inputs["x"], unbiased=True),
        }
    return {"concentration_index": premiums.grouped_concentration(inputs["births"], inputs["u5mr"])}


def _lognormal(inputs: Mapping[str, Any]) -> Values:
    law = premiums.LognormalIncome(sigma=inputs["sigma"], elasticity=inputs["eta"])
    return {
        "gini_income": law.gini,
        "concentration_contribution": law.concentration,
        "kakwani": law.kakwani,
        "theil": law.theil,
        "atkinson_0.5": law.atkinson(0.5),
        "atkinson_2": law.atkinson(2.0),
    }


def _on_data(inputs: Mapping[str, Any], data: pd.DataFrame) -> Values:
    cost, rank = data[inputs["cost"]], data[inputs["rank"]]
    values: Values = {
        "gini_cost": premiums.gini(cost),
        f"concentration_cost_by_{inputs['rank']}": premiums.concentration_index(cost, rank),
    }
    if "plan" not in inputs:
        return values
    paid = claims.AnnualPlan(*inputs["plan"]).member_pays(cost)
    return values | {
        f"gini_{inputs['rank']}": premiums.gini(rank),
        f"concentration_visits_by_{inputs['rank']}": premiums.concentration_index(
            data["mdvis"], rank
        ),
        f"concentration_member_pay_by_{inputs['rank']}": premiums.concentration_index(paid, rank),
        "kakwani_member_pay": premiums.kakwani(paid, rank),
    }

"""What members and the fund pay, in law and on data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from mutualfund import claims
from published.areas.spelling import Values, severity_of


def solve(inputs: Mapping[str, Any], data: pd.DataFrame | None) -> Values:
    if data is not None:
        return _sharing_on_data(inputs, data)
    if "oop_max" in inputs:
        return _sharing_in_law(inputs)
    return _cover_of_a_loss(inputs)


def _sharing_in_law(inputs: Mapping[str, Any]) -> Values:
    plan = claims.AnnualPlan(inputs["deductible"], inputs["coinsurance"], inputs["oop_max"])
    shares = plan.expected(severity_of(inputs), p_zero=inputs["p_zero"])
    return {
        "cost_at_which_oop_max_is_reached": plan.cost_at_maximum,
        "expected_total": shares.expected_total,
        "expected_member_pay": shares.expected_member_pay,
        "expected_plan_pay": shares.expected_plan_pay,
        "actuarial_value": shares.actuarial_value,
        "sd_plan_pay": shares.sd_plan_pay,
        "prob_member_hits_oop_max": shares.prob_member_hits_maximum,
        "prob_plan_pays_something": shares.prob_plan_pays,
    }


def _sharing_on_data(inputs: Mapping[str, Any], data: pd.DataFrame) -> Values:
    values: Values = {}
    for number, terms in enumerate(inputs["plans"], start=1):
        shares = claims.AnnualPlan(*terms).observed(data[inputs["column"]])
        values |= {
            f"mean_total_plan{number}": shares.mean_total,
            f"mean_member_pay_plan{number}": shares.mean_member_pay,
            f"mean_plan_pay_plan{number}": shares.mean_plan_pay,
            f"actuarial_value_plan{number}": shares.actuarial_value,
            f"share_at_oop_max_plan{number}": shares.share_at_maximum,
            f"sd_plan_pay_plan{number}": shares.sd_plan_pay,
        }
    return values


def _cover_of_a_loss(inputs: Mapping[str, Any]) -> Values:
    terms = {"deductible": inputs["deductible"]}
    if "max_payment" in inputs:
        terms["maximum_payment"] = inputs["max_payment"]
    cover = claims.LossCover(**terms)
    loss = (
        severity_of(inputs) if "distribution" in inputs else claims.Exponential(mean=inputs["mean"])
    )
    values: Values = {
        "mean_per_loss": cover.mean_per_loss(loss),
        "variance_per_loss": cover.variance_per_loss(loss),
        "mean_per_payment": cover.mean_per_payment(loss),
        "variance_per_payment": cover.variance_per_payment(loss),
    }
    stages = {"before": loss, "after": loss.trended(inputs.get("trend", 0.0))}
    for stage, severity in stages.items():
        values[f"per_loss_{stage}"] = cover.mean_per_loss(severity)
        values[f"per_payment_{stage}"] = cover.mean_per_payment(severity)
    return values

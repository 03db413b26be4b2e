"""One published case, solved by the public library.

`evaluate` reads a case's area, its inputs, its data file and the *names* of what is expected; it holds no
formula. What it knows is how the cases spell things: which input is which argument.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import TypeAdapter

from mutualfund import Scenario, claims, simulate
from mutualfund.results import Estimate, FundRun, risk

Case = Mapping[str, Any]
Values = dict[str, object]

PATHS = 100_000

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


def evaluate(case: Case, folder: Path) -> Values:
    """The expected names of one case with the values this library gives them.

    A simulated value is a tuple (value, standard error). `folder` is where the case's data path starts.
    """
    found = AREAS[case["area"]](case["inputs"], _data(case, folder))
    return {entry["name"]: _value(found, entry["name"]) for entry in case["expect"]}


def _data(case: Case, folder: Path) -> pd.DataFrame | None:
    return pd.read_csv(Path(folder) / case["data"]) if "data" in case else None


def _value(found: Values | Callable[[str], object], name: str) -> object:
    return found[name] if isinstance(found, dict) else found(name)


def _severity(inputs: Mapping[str, Any]) -> Any:
    kind, names = SEVERITIES[inputs["distribution"]]
    arguments = {ours: inputs[theirs] for theirs, ours in names.items()}
    return TypeAdapter(claims.SeveritySpec).validate_python({"kind": kind, **arguments})


def _tail_values(losses: Any, probs: list[float]) -> Values:
    """VaR and TVaR at each level, of a distribution or of anything with the same two questions."""
    values: Values = {}
    for p in probs:
        values[f"var_{p}"] = losses.var(p)
        values[f"tvar_{p}"] = losses.tvar(p)
    return values


def _solve_severity(inputs: Mapping[str, Any], _: pd.DataFrame | None) -> Values:
    severity, d, u = _severity(inputs), inputs["d"], inputs["u"]
    return {
        "mean": severity.mean,
        "sd": severity.sd,
        "variance": severity.variance,
        "cv": severity.cv,
        "sf_d": severity.sf(d),
        "cdf_d": severity.cdf(d),
        "lev_d": severity.limited_mean(d),
        "stop_loss_d": severity.stop_loss(d),
        "mean_excess_d": severity.mean_excess(d),
        "loss_elimination_ratio_d": severity.loss_elimination_ratio(d),
        "layer_d_to_u": severity.layer(d, u),
        **_tail_values(severity, inputs["probs"]),
    }


def _frequency(inputs: Mapping[str, Any]) -> Any:
    label = inputs["frequency"]
    modified = label.startswith("zm_")
    kind, names = FREQUENCIES[label.removeprefix("zm_")]
    base = {ours: inputs[theirs] for theirs, ours in names.items() if theirs in inputs}
    spec = {"kind": kind, **base}
    if modified:
        spec = {"kind": "zero_modified", "p0": inputs["p0"], "base": spec}
    return TypeAdapter(claims.FrequencySpec).validate_python(spec)


def _solve_frequency(inputs: Mapping[str, Any], _: pd.DataFrame | None) -> Callable[[str], object]:
    count = _frequency(inputs)

    def value(name: str) -> object:
        asked = re.fullmatch(r"(prob|sf|cdf)_(\d+)", name)
        if asked:
            question = {"prob": count.pmf, "sf": count.sf, "cdf": count.cdf}[asked[1]]
            return question(int(asked[2]))
        if name == "posterior_rate":
            return count.posterior_rate(inputs["claims_k"], inputs["exposure_T"])
        return {"mean": count.mean, "variance": count.variance}[name]

    return value


def _solve_cost_sharing(inputs: Mapping[str, Any], data: pd.DataFrame | None) -> Values:
    if data is not None:
        return _sharing_on_data(inputs, data)
    if "oop_max" in inputs:
        return _sharing_in_law(inputs)
    return _cover_of_a_loss(inputs)


def _sharing_in_law(inputs: Mapping[str, Any]) -> Values:
    plan = claims.AnnualPlan(inputs["deductible"], inputs["coinsurance"], inputs["oop_max"])
    shares = plan.expected(_severity(inputs), p_zero=inputs["p_zero"])
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
        _severity(inputs) if "distribution" in inputs else claims.Exponential(mean=inputs["mean"])
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


class _Sample:
    """A sample, asked as a distribution is."""

    def __init__(self, losses: Any) -> None:
        self.losses = losses

    def var(self, p: float) -> float:
        return risk.var(self.losses, p)

    def tvar(self, p: float) -> float:
        return risk.tvar(self.losses, p)


def _solve_risk_measures(inputs: Mapping[str, Any], data: pd.DataFrame | None) -> Values:
    if data is not None:
        losses: Any = _Sample(data[inputs["column"]])
    elif "x" in inputs:
        losses = _Sample(inputs["x"])
    else:
        losses = _severity({"distribution": "normal", **inputs})
    return _tail_values(losses, inputs["probs"])


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


def _solve_fund(inputs: Mapping[str, Any], _: pd.DataFrame | None) -> Values:
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


AREAS: dict[str, Callable[[Mapping[str, Any], pd.DataFrame | None], Any]] = {
    "severity": _solve_severity,
    "frequency": _solve_frequency,
    "cost-sharing": _solve_cost_sharing,
    "risk-measures": _solve_risk_measures,
    "fund-simulation": _solve_fund,
}
"""The areas this library can solve so far."""

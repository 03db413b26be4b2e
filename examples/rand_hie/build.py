"""From the fit to a fund: writes `scenario.toml` and `members.parquet`.

Run it to write both beside this file, or into a folder of your own::

    python examples/rand_hie/build.py [FOLDER]

What the experiment tells: who the members are, what care they use and what it costs, how they
answer to cost sharing, and the plans. What it does not tell is assumed, and said in `ASSUMED`: how
the fund is run, and what happens after the first year.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fit import Fit, LineFit, fit
from mutualfund import Scenario
from records import (
    AGE_LABELS,
    FOLDER,
    LINES,
    PLANS,
    Records,
    effective_shares,
    fund_part,
    plan_rules,
    read_records,
)
from states import STATE_NAMES
from two_years import COPIES, simulate_years

N_MEMBERS = 20_000
SEED = 1974  # the experiment's first year
LOSS_RATIO = 0.86  # expected claims over contributions
OPENING_RESERVE = 0.20  # of the first year's contributions
ANNUAL_LIMIT = 250_000.0  # dollars a member: the tail of admissions has no end of its own
RETENTION = 15_000.0  # dollars a member that the fund bears before its reinsurer
ATTACHMENT, WIDTH, STOP_LOSS_LOADING = 1.12, 0.25, 0.5  # of the stop-loss, over expected net claims
TREND = 0.06  # of the cost per claim
UNSURE = ("frequency", "severity")
WINTER: dict[str, Any] = {
    "name": "bad winter",
    "probability_per_year": 0.1,
    "months": [12, 1, 2],
    "frequency_factor": {"visits": 1.25, "drugs": 1.25},
}

ASSUMED = """\
# A fund of 20,000 members who use care as the people of the RAND Health Insurance Experiment did.
# Written by build.py from rand_hie_year1.csv; change build.py, not this file.
#
# From the experiment's first year: members' ages and sexes, the five plans and the members' shares in
#   them; claim frequencies and costs by line with their errors; age and sex factors; the response of
#   use to cost sharing; the health states' shares and relativities.
# From all its years: how long a health state lasts.
# Simplified: a plan's yearly maximum was a family's (at most 1,000 dollars); here it is a member's, the
#   mean of the plan's families.
# Assumed: contributions, reserve, reinsurance, surplus, calls and governance; a limit of 250,000 on
#   what the fund pays for a member in a year; trend, inflation and investment return; payment delays;
#   the bad winter; joins and lapses; deaths as in the United States in 2023.
# The stop-loss has a stated premium: 1.5 times what it would pay in the mean year of the ten, if the
#   lines' errors are as said. A loading on what the central assumptions expect of it would be nothing.
# Money is in dollars of the time.

"""

LAG_MONTHS = {"visits": 1.0, "outpatient": 1.5, "drugs": 0.5, "inpatient": 2.0}


def build_tables(
    records: Records, fitted: Fit, paths: int = 2_000, years: int = 10
) -> dict[str, Any]:
    """The scenario as nested tables, as the TOML file holds them."""
    monthly = contributions(records, fitted)
    per_member = 12.0 * float(np.mean([monthly[AGE_LABELS[band]] for band in records.age_band]))
    return {
        "schema_version": 1,
        "title": "A fund on the RAND Health Insurance Experiment",
        "intended_use": "Example: from real records to a board's page",
        "fund": {
            "name": "Six Cities Mutual",
            "currency": "USD",
            "start": date(1976, 1, 1),
            "opening_reserve": round(OPENING_RESERVE * per_member * N_MEMBERS, -3),
        },
        "settings": {"paths": paths, "years": years, "seed": SEED},
        "members": {
            "file": "members.parquet",
            "joins_per_year": 0.05,
            "lapse_per_year": 0.04,
            "mortality": "population",
            "price_response": 0.3,
        },
        "assumptions": assumption_tables(fitted),
        "rules": rule_tables(records, fitted, monthly),
    }


def assumption_tables(fitted: Fit) -> dict[str, Any]:
    """Lines, health states, and what is assumed about the world."""
    states = fitted.states
    return {
        "lines": [line_table(fitted.lines[name]) for name in LINES],
        "health_states": {
            "names": list(STATE_NAMES),
            "share": _rounded_shares(states.share),
            "relativity": {name: _round(states.relativity[name]) for name in LINES},
            "transition": [_rounded_shares(row) for row in states.transition],
        },
        "shocks": [WINTER],
        "economy": {"investment_return": {"mean": 0.05, "sd": 0.04}, "inflation": 0.04},
    }


def line_table(line: LineFit) -> dict[str, Any]:
    """One line; its mean is that of the free plan, to which the response of use refers."""
    frequency: dict[str, Any] = {"kind": "poisson", "mean": round(line.free_count, 4)}
    if np.isfinite(line.dispersion):
        frequency |= {"kind": "negative_binomial", "dispersion": round(line.dispersion, 3)}
    uncertainty = {"frequency": round(line.factors.mean_error, 4)}
    if line.name in ("visits", "inpatient"):  # else the error of the dollars stands for both
        uncertainty["severity"] = round(line.severity.mean_error, 4)
    return {
        "name": line.name,
        "frequency": frequency,
        "severity": line.severity.table(),
        "age_factors": line.factors.by_age,
        "sex_factors": line.factors.by_sex,
        "trend_per_year": TREND,
        "lag_months": LAG_MONTHS[line.name],
        "uncertainty": uncertainty,
        "use_response": line.factors.use_response(),
    }


def rule_tables(records: Records, fitted: Fit, monthly: dict[str, float]) -> dict[str, Any]:
    """The experiment's plans, and by-laws that keep such a fund going."""
    limits = {"annual_limit": ANNUAL_LIMIT, "indexed": True}
    plans = {plan: rule | limits for plan, rule in plan_rules(records).items()}
    return {
        "contributions": {
            "kind": "age_band",
            "monthly": monthly,
            "increase_per_year": 0.065,
            "target_loss_ratio": LOSS_RATIO,
            "collection_rate": 0.98,
        },
        "plans": plans,
        "reinsurance": [
            {
                "kind": "excess_of_loss",
                "retention": RETENTION,
                "limit": ANNUAL_LIMIT - RETENTION,
                "premium_loading": 0.3,
            },
            {
                "kind": "stop_loss",
                "attachment": ATTACHMENT,
                "limit": WIDTH,
                "premium": stop_loss_premium(records, fitted),
            },
        ],
        "expenses": {"share_of_contributions": 0.06, "per_member": 5.0},
        "reserve": {"booking": "completion", "floor": 0.10, "target": 0.25},
        "surplus": {"statutory_reserve": 0.10, "prevention_fund": 0.05, "refund": 0.50},
        "calls": {"maximum": 0.15, "collection_rate": 0.9},
        "governance": {"data_lag_months": 6, "effect_lag_months": 6, "maximum_increase": 0.12},
    }


def contributions(records: Records, fitted: Fit) -> dict[str, float]:
    """Monthly contribution by age band: the band's expected cost over the loss ratio, to 5 cents."""
    cost = sum(expected_fund_cost(records, fitted).values())
    yearly = [cost[records.age_band == band].mean() / LOSS_RATIO for band in range(len(AGE_LABELS))]
    return {
        label: round(round(value / 12.0 / 0.05) * 0.05, 2)
        for label, value in zip(AGE_LABELS, yearly, strict=True)
    }


def expected_fund_cost(records: Records, fitted: Fit) -> dict[str, np.ndarray]:
    """(n_people,) by line: expected yearly cost to the fund, given age, sex and plan.

    The share that members pay is their age band's own: the young reach a plan's maximum less often.
    """
    cost = {name: line.count * line.severity.mean for name, line in fitted.lines.items()}
    for band in range(len(AGE_LABELS)):
        here = records.age_band == band
        shares = effective_shares(records, here)
        for name in LINES:
            cost[name][here] *= 1.0 - shares[name][records.plan[here]]
    return cost


def stop_loss_premium(records: Records, fitted: Fit) -> float:
    """Dollars a year: the mean yearly recovery of the next ten years, and the loading on it.

    A loading in the scenario would count on what the contract pays if the assumptions are right: next to
    nothing. What makes a year bad is that they may be wrong, and a reinsurer prices that.
    """
    cost = {name: N_MEMBERS * c.mean() for name, c in expected_fund_cost(records, fitted).items()}
    net = net_claims(fitted, cost) / sum(cost.values())
    net += np.random.default_rng(SEED).normal(0.0, chance_error(records, fitted), net.size)
    expected = net.mean()
    ratio = np.clip(net / expected - ATTACHMENT, 0.0, WIDTH).mean()
    growth = np.mean((1.0 + TREND) ** np.arange(10))
    return float(round((1.0 + STOP_LOSS_LOADING) * ratio * sum(cost.values()) * growth, -2))


def net_claims(fitted: Fit, cost: dict[str, float], futures: int = 400_000) -> np.ndarray:
    """(futures,) the fund's year if nothing but the lines' uncertain parameters and the winter varied."""
    rng = np.random.default_rng(SEED)
    winter = rng.random(futures) < WINTER["probability_per_year"]
    year = np.zeros(futures)
    for name, line in fitted.lines.items():
        doubt = np.hypot(*(line_table(line)["uncertainty"].get(k, 0.0) for k in UNSURE))
        sigma = np.sqrt(np.log1p(doubt**2))
        worse = WINTER["frequency_factor"].get(name, 1.0) - 1.0
        months = 1.0 + winter * worse * len(WINTER["months"]) / 12.0
        year += cost[name] * months * rng.lognormal(-(sigma**2) / 2.0, sigma, futures)
    return year


def chance_error(records: Records, fitted: Fit) -> float:
    """How far chance alone moves the year of `N_MEMBERS`, net of the largest claims, over its mean."""
    year = simulate_years(fitted, years=1)[0]
    plan = np.tile(records.plan, COPIES)
    net = np.minimum(fund_part(records, year, plan), RETENTION)
    return float(net.std() / net.mean() / np.sqrt(N_MEMBERS))


def make_members(records: Records, n: int = N_MEMBERS, seed: int = SEED) -> pd.DataFrame:
    """Ages and sexes drawn from the records, plans dealt by lot in the experiment's proportions."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(records), n)
    dealt = np.repeat(np.arange(len(PLANS)), _seats(np.bincount(records.plan), n))
    return pd.DataFrame(
        {
            "member_id": [f"hie-{number:05d}" for number in range(1, n + 1)],
            "age": records.age[drawn],
            "sex": np.where(records.female[drawn], "F", "M"),
            "plan": np.array(PLANS)[rng.permutation(dealt)],
        }
    )


def write(folder: Path, tables: dict[str, Any], members: pd.DataFrame) -> Path:
    """Write the members and the scenario, which is checked as a whole; the scenario's path."""
    folder.mkdir(parents=True, exist_ok=True)
    members.to_parquet(folder / "members.parquet", index=False)
    scenario = Scenario.from_dict(tables, folder=folder)
    path = folder / "scenario.toml"
    path.write_text(ASSUMED + scenario.to_toml(), encoding="utf-8")
    return path


def build(folder: Path, paths: int = 2_000, years: int = 10) -> Path:
    """Fit, build and write; the path of the scenario."""
    records = read_records()
    return write(folder, build_tables(records, fit(records), paths, years), make_members(records))


def _seats(counts: np.ndarray, n: int) -> np.ndarray:
    """Whole numbers that sum to n in the proportions of `counts`, largest remainders first."""
    exact = counts / counts.sum() * n
    seats = np.floor(exact).astype(int)
    seats[np.argsort(seats - exact)[: n - seats.sum()]] += 1
    return seats


def _round(values: np.ndarray) -> list[float]:
    return [round(float(value), 6) for value in values]


def _rounded_shares(shares: np.ndarray) -> list[float]:
    """Six digits; the largest share takes up the rounding, so that they sum to 1."""
    rounded = np.round(shares, 6)
    rounded[np.argmax(rounded)] += 1.0 - rounded.sum()
    return _round(rounded)


if __name__ == "__main__":
    print(build(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))

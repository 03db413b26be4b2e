"""Ruin and surplus of simple funds against published figures."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from mutualfund.fund import simulate
from mutualfund.results import FundRun
from mutualfund.scenario import Scenario

CASES = Path(__file__).resolve().parents[1] / "published" / "cases.toml"
PATHS = 20_000


def published(case: str) -> Mapping[str, Any]:
    listed = tomllib.loads(CASES.read_text(encoding="utf-8"))["case"]
    return next(item for item in listed if item["id"] == case)


def expected(case: Mapping[str, Any], name: str) -> float:
    return float(next(item["value"] for item in case["expect"] if item["name"] == name))


def fund_level(
    *, reserve: float, premium: float, mean: float, sd: float, years: int, interest: float = 0.0
) -> Scenario:
    """A fund with one normal amount a year, dues at the year's start and claims at its end."""
    return Scenario(
        fund={
            "name": "Normal fund",
            "currency": "EUR",
            "start": date(2027, 1, 1),
            "opening_reserve": float(reserve),
        },
        settings={"paths": PATHS, "years": years, "seed": 11, "investment_weights": (1.0, 0.0)},
        members={"synthetic": {"n": 1}, "mortality": "none"},
        assumptions={
            "lines": [
                {
                    "name": "all claims",
                    "level": "fund",
                    "severity": {"kind": "normal", "mean": float(mean), "sd": float(sd)},
                }
            ],
            "economy": {"investment_return": {"mean": float(interest)}},
        },
        rules={
            "contributions": {"kind": "flat", "monthly": premium / 12.0},
            "governance": {"maximum_increase": 0.0},  # no rise after a year below zero
        },
    )


def ruin_by_year(run: FundRun) -> np.ndarray:
    ruined = np.maximum.accumulate(run.measure("insolvent"), axis=1)
    return np.asarray(ruined.mean(axis=0))


def test_ruin_of_a_normal_walk_is_the_published_one() -> None:
    # Exact recursion of the survivors' density, tests/published/cases.toml, fund-walk-ruin. At 20,000 paths
    # five standard errors are 4 to 13 % of the value: an error of 2 % in the yearly mean moves year 5 by less
    # than that, an omitted year or a wrong sign by far more; the moments below have the finer teeth.
    case = published("fund-walk-ruin")
    inputs = case["inputs"]
    run = simulate(
        fund_level(
            reserve=inputs["u"],
            premium=inputs["mu"],
            mean=0.0,
            sd=inputs["sd"],
            years=inputs["years"],
        )
    )
    for year, share in enumerate(ruin_by_year(run), start=1):
        exact = expected(case, f"ruin_by_year_{year}")
        assert abs(share - exact) < 5 * np.sqrt(exact * (1 - exact) / PATHS), year


def test_surplus_with_interest_has_the_published_moments() -> None:
    # Closed form, tests/published/cases.toml, fund-moments. One standard error of the mean is 0.1 to 0.2 %.
    case = published("fund-moments")
    inputs = case["inputs"]
    run = simulate(
        fund_level(
            reserve=inputs["u0"],
            premium=inputs["premium"],
            mean=inputs["claim_mean"],
            sd=inputs["claim_sd"],
            years=inputs["years"],
            interest=inputs["i"],
        )
    )
    for year in range(1, inputs["years"] + 1):
        surplus = run.at("reserve_true", year)
        mean, sd = expected(case, f"mean_year{year}"), expected(case, f"sd_year{year}")
        assert abs(surplus.mean() - mean) < 5 * sd / np.sqrt(PATHS), year
        assert surplus.std() == pytest.approx(sd, rel=5 / np.sqrt(2 * PATHS)), year


@pytest.mark.parametrize(
    ("true_share", "published_share"), [(0.10, 0.05), (0.15, 0.50), (0.20, 0.90)]
)
def test_hundred_members_are_ruined_as_often_as_published(
    true_share: float, published_share: float
) -> None:
    # Dror (Bulletin of the World Health Organization, 2001): a hundred members whose benefit probability is
    # believed to be 10 % pay what is exceeded with 5 %. Should 10, 15 or 20 % be true, they are insolvent
    # with about 5, 50, 90 %. His figures are those of the normal approximation; income 10 + 1.645 x 3 = 14.93
    # benefits is exceeded by 15 of them, so the binomial law itself gives 7.3, 54.3 and 92.0 %.
    run = simulate(
        Scenario(
            fund={
                "name": "Hundred",
                "currency": "EUR",
                "start": date(2027, 1, 1),
                "opening_reserve": 0.0,
            },
            settings={"paths": 20_000, "years": 1, "seed": 5},
            members={"synthetic": {"n": 100}, "mortality": "none"},
            assumptions={
                "lines": [
                    {
                        "name": "benefit",
                        "frequency": {"kind": "binomial", "mean": true_share, "trials": 1},
                        "severity": {"kind": "fixed", "amount": 100.0},
                    }
                ]
            },
            rules={"contributions": {"kind": "flat", "monthly": 14.93 / 12.0}},
        )
    )
    share = ruin_by_year(run)[0]
    chance = float(binom.sf(14, 100, true_share))
    assert abs(share - chance) < 5 * np.sqrt(chance * (1 - chance) / 20_000)
    assert share == pytest.approx(published_share, abs=0.05)

"""The compiled members agree in law with a float simulation written straight from the definitions.

Means within five standard errors of the difference. With 3,000 compiled and 250 float paths of 60 members the
error of the mean fund cost is about 2.5 %; what a smaller break would do is seen by `test_kernels`, digit by
digit: this test is about whether the *tables* say what the scenario says.
"""

from datetime import date

import numpy as np
import pytest

from mutualfund.portfolio import Portfolio
from mutualfund.scenario import Scenario
from mutualfund.sim.plan import lower
from reference.float_fund import FloatFund

FAST, SLOW = 3_000, 250


@pytest.fixture(scope="module")
def scenario():
    """Every member feature at once, unequal everywhere."""
    hospital = {
        "name": "hospital",
        "frequency": {"kind": "negative_binomial", "mean": 0.9, "dispersion": 0.8},
        "severity": {
            "kind": "lognormal",
            "mean": 900,
            "cv": 0.9,
            "tail": {"kind": "pareto", "above": 3000, "alpha": 3.2},
        },
        "age_factors": {"0-17": 0.4, "18-44": 0.6, "45-64": 1.1, "65+": 2.8},
        "sex_factors": {"F": 1.2, "M": 0.8},
        "trend_per_year": 0.08,
        "lag_months": 2.0,
        "seasonality": [2, 2, 1, 1, 1, 0.5, 0.5, 0.5, 1, 1, 1, 1.5],
    }
    dental = {
        "name": "dental",
        "frequency": {"kind": "poisson", "mean": 1.4},
        "severity": {"kind": "gamma", "mean": 140, "cv": 0.6},
    }
    states = {
        "names": ["well", "ill"],
        "share": [0.8, 0.2],
        "relativity": {"hospital": [0.5, 3.0], "dental": [1.0, 1.1]},
        "transition": [[0.9, 0.1], [0.4, 0.6]],
    }
    return Scenario(
        fund={"name": "F", "currency": "EUR", "start": date(2027, 7, 1), "opening_reserve": 0.0},
        settings={"paths": FAST, "years": 3, "seed": 5},
        members={"joins_per_year": 0.1, "lapse_per_year": 0.15, "mortality": "population"},
        assumptions={
            "lines": [hospital, dental],
            "health_states": states,
            "shocks": [
                {
                    "name": "winter",
                    "probability_per_year": 0.5,
                    "months": [12, 1, 8],
                    "frequency_factor": {"hospital": 2.5},
                }
            ],
        },
        rules={
            "contributions": {"kind": "flat", "monthly": 30.0},
            "benefits": {
                "deductible": 150,
                "out_of_pocket_maximum": 700,
                "hospital": {"coinsurance": 0.2, "annual_limit": 4_000},
                "dental": {
                    "copay": 20,
                    "deductible_applies": False,
                    "starts": date(2027, 10, 1),
                    "waiting_months": 4,
                },
            },
        },
        portfolio=Portfolio.synthetic(60, age_mix="O", seed=3),
    )


@pytest.fixture(scope="module")
def fast(scenario):
    """Sums by year of the compiled kernel, paths first."""
    plan = lower(scenario)
    drivers, state = plan.drivers(0, FAST), plan.initial_state(FAST)
    years = [plan.member_year(drivers, state, y) for y in (1, 2, 3)]
    out = {}
    for y, year in enumerate(years, 1):
        out[y, "persons"], out[y, "months"] = year.persons, year.months
        for k, name in enumerate(plan.line_names):
            out[y, "allowed", name] = year.lines[:, k, 2] / 100
            out[y, "fund", name] = year.lines[:, k, 6] / 100
        paid = sum(year.triangle[:, m, : 12 - m].sum(axis=1) for m in range(12))
        out[y, "paid"] = paid / 100
    return out


@pytest.fixture(scope="module")
def slow(scenario):
    fund = FloatFund(scenario, seed=8)
    names = [line.name for line in fund.lines]
    paths = [fund.path() for _ in range(SLOW)]
    out = {}
    for y in (1, 2, 3):
        years = [path[y - 1] for path in paths]
        out[y, "persons"] = np.array([year["persons"] for year in years])
        out[y, "months"] = np.array([year["months"] for year in years])
        lines = np.array([year["lines"] for year in years])
        for k, name in enumerate(names):
            out[y, "allowed", name], out[y, "fund", name] = lines[:, k, 0], lines[:, k, 1]
        out[y, "paid"] = lines[:, :, 2].sum(axis=1)
    return out


def test_every_sum_has_the_same_mean(fast, slow):
    for key, sample in slow.items():
        other = fast[key]
        error = np.sqrt(sample.var(axis=0) / SLOW + other.var(axis=0) / FAST)
        gap = np.abs(sample.mean(axis=0) - other.mean(axis=0))
        assert (gap <= 4.5 * error + 1e-9).all(), (key, gap / np.maximum(error, 1e-9))


def test_every_sum_has_the_same_spread(fast, slow):
    for key, sample in slow.items():
        if key[1] in ("persons", "months"):
            continue
        ratio = sample.std() / fast[key].std()
        assert 0.75 < ratio < 1.35, (key, ratio)

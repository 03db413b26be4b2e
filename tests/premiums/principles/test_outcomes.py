"""Premiums of simulated outcomes, with their Monte Carlo error.

Source of truth: the definitions written out for a list of outcomes, repeated sampling, and the outcomes' law.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats

from mutualfund.errors import NotEnoughPathsError
from mutualfund.premiums import (
    EsscherPrinciple,
    ExpectedValuePrinciple,
    ExponentialPrinciple,
    PercentilePrinciple,
    PremiumPrinciple,
    ProportionalHazardsPrinciple,
    TailPrinciple,
    WangPrinciple,
)
from premiums.principles.losses import EVERY, GAMMA, principle


def by_hand(rule: PremiumPrinciple, x: np.ndarray) -> float:
    """The principle on outcomes, from its definition."""
    x, n, value = np.sort(x), x.size, rule.parameter
    match rule.kind:  # type: ignore[attr-defined]
        case "expected_value":
            return float(x.mean() * (1 + value))
        case "standard_deviation":
            return float(x.mean() + value * x.std(ddof=1))
        case "variance":
            return float(x.mean() + value * x.var(ddof=1))
        case "exponential":
            return math.log(float(np.exp(value * x).mean())) / value
        case "esscher":
            return float((x * np.exp(value * x)).mean() / np.exp(value * x).mean())
        case "percentile":
            return float(x[math.ceil(round(n * value, 9)) - 1])
        case "tvar":
            worst, left = 0.0, n * (1 - value)
            for outcome in x[::-1]:
                part = min(left, 1.0)
                worst, left = worst + part * outcome, left - part
            return float(worst / (n * (1 - value)))
        case "proportional_hazards":
            tail = (np.arange(n, -1, -1) / n) ** (1 / (1 + value))
        case "wang":
            tail = stats.norm.cdf(stats.norm.ppf(np.arange(n, -1, -1) / n) + value)
    return float(x @ (tail[:-1] - tail[1:]))


@pytest.mark.parametrize(("kind", "name", "value"), EVERY)
def test_outcomes_are_priced_by_the_definition(kind: str, name: str, value: float) -> None:
    outcomes = np.random.default_rng(3).gamma(1.7, 300, 997)
    outcomes[:40] = outcomes[40]  # ties
    rule = principle(kind, name, value)
    assert rule.premium(outcomes).premium == pytest.approx(by_hand(rule, outcomes), rel=1e-11)


@pytest.mark.parametrize(("kind", "name", "value"), EVERY)
def test_the_standard_error_is_the_spread_of_the_premium_over_repeated_samples(
    kind: str, name: str, value: float
) -> None:
    """400 samples of 600: the spread is known to 3.5 %, so an error off by a fifth is caught."""
    made, rule = np.random.default_rng(11), principle(kind, name, value)
    found = [rule.premium(made.gamma(3.0, 100, 600)) for _ in range(400)]
    spread = np.std([one.premium for one in found], ddof=1)
    assert np.mean([one.standard_error for one in found]) == pytest.approx(spread, rel=0.18)


@pytest.mark.parametrize(("kind", "name", "value"), EVERY)
def test_outcomes_and_their_law_agree_within_five_standard_errors(
    kind: str, name: str, value: float
) -> None:
    """40,000 outcomes: relative errors of a few per mille, so a 2 % error is caught."""
    rule = principle(kind, name, value)
    found = rule.premium(np.random.default_rng(5).gamma(1.7, 300, 40_000))
    exact = rule.premium(GAMMA).premium
    assert abs(found.premium - exact) <= 5 * found.standard_error + found.numerical_error
    assert found.standard_error < 0.004 * exact * (3 if kind in ("tvar", "percentile") else 2)


def test_a_premium_that_rests_on_a_few_outcomes_is_refused() -> None:
    outcomes = np.random.default_rng(5).exponential(100, 200)
    for rule in (
        TailPrinciple(probability=0.96),
        PercentilePrinciple(probability=0.96),
        ExponentialPrinciple(risk_aversion=1.0),
        EsscherPrinciple(tilt=1.0),
        ProportionalHazardsPrinciple(loading=50.0),
        WangPrinciple(shift=6.0),
    ):
        with pytest.raises(NotEnoughPathsError, match="fewer than 10"):
            rule.premium(outcomes)
    with pytest.raises(NotEnoughPathsError):
        ExpectedValuePrinciple(loading=0.1).premium(outcomes[:9])


def test_outcomes_may_come_as_a_column_of_a_table() -> None:
    outcomes = np.random.default_rng(5).exponential(100, 200)
    rule = TailPrinciple(probability=0.9)
    for column in (pd.Series(outcomes), pl.Series(outcomes)):
        assert rule.premium(column) == rule.premium(outcomes)

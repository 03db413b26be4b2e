"""Health completion factors: by hand, with seasons and priors, and how often their interval holds.

Sources of truth: the arithmetic in the comments; data made by the law that the error supposes.
"""

from __future__ import annotations

import numpy as np
import pytest

from claims.reserving.triangles import monthly, poisson_rectangles, printed, seen
from mutualfund.claims.reserving import CompletionFactors, seasonal_factors
from mutualfund.errors import InputError

NAN = float("nan")
# Completion after one month: (40 + 100 + 60) / (80 + 180 + 140) = 1/2, in the latest two 160 / 320.
MONTHS = [[40.0, 80.0], [100.0, 180.0], [60.0, 140.0], [70.0, NAN]]
MEMBERS = [10.0, 20.0, 30.0, 40.0]


def test_paid_over_the_factor_and_the_prior_for_young_months() -> None:
    triangle = monthly(np.array(MONTHS), np.array(MEMBERS))
    assert CompletionFactors().fit(triangle).ibnr == pytest.approx([0, 0, 0, 70.0])
    # The two latest links: (180 + 140) / (100 + 60) = 2, the last alone 140 / 60.
    assert CompletionFactors(window=1).fit(triangle).ibnr[3] == pytest.approx(70.0 * 80 / 60)
    stated = CompletionFactors(prior_months=1, prior_pmpm=5.0).fit(triangle)
    assert stated.ibnr == pytest.approx([0, 0, 0, 0.5 * 5.0 * 40])
    # Trailing two months: (180 + 140) / (20 + 30) = 6.4 a member-month.
    trailing = CompletionFactors(prior_months=1, trailing=2).fit(triangle)
    assert trailing.ibnr == pytest.approx([0, 0, 0, 0.5 * 6.4 * 40])


def test_a_prior_follows_the_season() -> None:
    """January to April weigh 2, 1, 0.5, 1.5: months are compared without them, the prior has April's."""
    triangle = monthly(np.array(MONTHS), np.array(MEMBERS))
    seasons = (2.0, 1.0, 0.5, 1.5) + 8 * (1.0,)
    level = (80 + 180 + 140) / (2.0 * 10 + 1.0 * 20 + 0.5 * 30)
    found = CompletionFactors(prior_months=1, seasonality=seasons).fit(triangle)
    assert found.ibnr[3] == pytest.approx(0.5 * level * 1.5 * 40)
    stated = CompletionFactors(prior_months=1, prior_pmpm=5.0, seasonality=seasons).fit(triangle)
    assert stated.ibnr[3] == pytest.approx(0.5 * 5.0 * 1.5 * 40)


def test_an_unsure_prior_widens_the_error_in_proportion() -> None:
    triangle = monthly(np.array(MONTHS), np.array(MEMBERS))
    sure, unsure = (
        CompletionFactors(prior_months=1, prior_pmpm=5.0, prior_cv=cv).fit(triangle)
        for cv in (0, 0.2)
    )
    added = unsure.parameter_covariance - sure.parameter_covariance
    assert added[3, 3] == pytest.approx((0.2 * 100.0) ** 2)


def test_seasonal_factors_see_through_trend_and_start_anywhere() -> None:
    shape = np.array([1.3, 1.1, 0.9, 0.8, 0.95, 1.0, 0.9, 0.85, 1.0, 1.05, 1.05, 1.1])
    shape /= shape.mean()
    months = np.arange(6, 66)
    found = seasonal_factors(200.0 * 1.004**months * shape[months % 12], first_month=7)
    assert found == pytest.approx(shape, rel=0.01)
    assert np.mean(found) == pytest.approx(1.0)
    flat = seasonal_factors(np.full(24, 3.0), first_month=1)
    assert flat == pytest.approx(np.ones(12))


@pytest.mark.parametrize(
    ("pmpm", "first_month"), [(np.ones(23), 1), (np.ones(24), 0), (np.r_[np.ones(23), 0.0], 1)]
)
def test_too_few_months_have_no_season(pmpm: np.ndarray, first_month: int) -> None:
    with pytest.raises(InputError):
        seasonal_factors(pmpm, first_month)


@pytest.mark.parametrize(
    "bad",
    [
        {"prior_pmpm": 5.0},
        {"prior_months": -1},
        {"prior_months": 1, "prior_cv": -0.1},
        {"seasonality": 11 * (1.0,)},
        {"seasonality": 11 * (1.0,) + (0.0,)},
        {"trailing": 0},
        {"trailing": 2.5},
        {"prior_months": 1.5},
        {"window": 2.5},
        {"tail": 0.0},
    ],
)
def test_what_makes_no_sense_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(InputError):
        CompletionFactors(**bad)


def test_what_a_prior_needs_is_asked_for() -> None:
    bare = monthly(np.array(MONTHS))
    with pytest.raises(InputError, match="exposure"):
        CompletionFactors(prior_months=1).fit(bare)
    with pytest.raises(InputError, match="no month old enough"):
        CompletionFactors(prior_months=9).fit(bare.with_exposure(MEMBERS))
    with pytest.raises(InputError, match="treatment months"):
        CompletionFactors().fit(printed("raa"))


@pytest.mark.parametrize(
    "method",
    [CompletionFactors(), CompletionFactors(window=12), CompletionFactors(prior_months=2)],
    ids=["all months", "latest twelve", "own prior"],
)
def test_the_interval_holds_in_95_of_100_funds(method: CompletionFactors) -> None:
    """200 funds of 30 months with unequal exposure and true IBNR; 92 to 98 % of 95 % intervals hold it.

    An error a third too small would hold it in 81 %, one a third too large in 99.1 %.
    """
    rng = np.random.default_rng(20260)
    pattern = np.array([0.25, 0.32, 0.16, 0.1, 0.06, 0.04, 0.03, 0.015, 0.01, 0.008, 0.004, 0.003])
    members = 2500.0 + 40.0 * np.arange(30) + rng.integers(0, 100, 30)
    means = (180.0 * members)[:, None] * pattern
    held, score = 0, []
    for whole in poisson_rectangles(rng, 200, means, dispersion=2500.0):
        reserve = method.fit(monthly(seen(whole), members))
        true = float((whole[:, -1] - reserve.triangle.latest).sum())
        low, high = reserve.interval(0.95)
        held += low <= true <= high
        score.append((reserve.total_ibnr - true) / reserve.total_standard_error)
    assert 184 <= held <= 196
    assert abs(np.mean(score)) < 5 / np.sqrt(200)
    assert 0.8 < np.std(score) < 1.2

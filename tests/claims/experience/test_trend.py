"""Trend and season agree with statsmodels, find what was put in, and find nothing where nothing is."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from claims.experience.village import study_of
from mutualfund.claims.experience import StudyPeriod
from mutualfund.claims.experience.trend import Monthly, fit_trend
from mutualfund.errors import InputError

PERIOD = StudyPeriod(date(2021, 1, 1), date(2024, 12, 31))
SEASON = np.array([1.2, 1.1, 1.0, 0.95, 0.9, 0.9, 0.8, 0.8, 1.0, 1.05, 1.1, 1.2])


def months(rng, growth=0.06, days=0.8, noise=2.0):
    """Totals and exposure of 48 months; totals are noise x Poisson, so the dispersion is `noise`."""
    exposure = rng.uniform(800, 1200, PERIOD.n_months)
    wd = PERIOD.relative_working_days()
    mean = 20.0 * np.exp(np.log1p(growth) * np.arange(48) / 12) * wd**days
    mean = exposure * mean * SEASON[PERIOD.calendar_month]
    return noise * rng.poisson(mean / noise), exposure


def fit(total, exposure, **options):
    chosen = {"working_days": "estimated", "seasonal": True, **options}
    wd = PERIOD.relative_working_days()
    monthly = Monthly(np.zeros((len(total), 1)), total[:, None], exposure)
    return fit_trend("pmpm", monthly, PERIOD, relative_working_days=wd, **chosen)


def test_the_fit_is_that_of_statsmodels():
    total, exposure = months(np.random.default_rng(7))
    found = fit(total, exposure)
    wd = np.log(PERIOD.relative_working_days())
    time = np.arange(48) / 12.0
    dummies = np.stack([PERIOD.calendar_month == m for m in range(1, 12)], axis=1).astype(float)
    design = np.column_stack([np.ones(48), time, wd, dummies])
    theirs = sm.GLM(total, design, family=sm.families.Poisson(), exposure=exposure).fit(scale="X2")
    assert found.per_year == pytest.approx(np.expm1(theirs.params[1]), rel=1e-8)
    error = theirs.bse[1]
    assert found.standard_error == pytest.approx(error * np.exp(theirs.params[1]), rel=1e-7)
    t = stats.t.ppf(0.975, 48 - 14)
    assert found.low == pytest.approx(np.expm1(theirs.params[1] - t * error), rel=1e-7)
    assert found.working_day_effect == pytest.approx(theirs.params[2], rel=1e-7)
    assert found.working_day_error == pytest.approx(theirs.bse[2], rel=1e-7)
    assert found.dispersion == pytest.approx(theirs.scale, rel=1e-8)
    np.testing.assert_allclose(found.fitted * exposure, theirs.fittedvalues, rtol=1e-8)


def test_the_error_of_a_season_is_that_of_its_draws():
    """The delta method against 20,000 draws of the coefficients: equal within 5 %."""
    total, exposure = months(np.random.default_rng(8))
    found = fit(total, exposure)
    dummies = np.stack([PERIOD.calendar_month == m for m in range(1, 12)], axis=1).astype(float)
    wd = np.log(PERIOD.relative_working_days())
    design = np.column_stack([np.ones(48), np.arange(48) / 12.0, wd, dummies])
    theirs = sm.GLM(total, design, family=sm.families.Poisson(), exposure=exposure).fit(scale="X2")
    draws = np.random.default_rng(1).multivariate_normal(theirs.params, theirs.cov_params(), 20_000)
    raw = np.exp(np.column_stack([np.zeros(20_000), draws[:, 3:]]))
    spread = (raw / raw.mean(axis=1, keepdims=True)).std(axis=0)
    np.testing.assert_allclose(found.season_error, spread, rtol=0.05)
    assert found.season.mean() == pytest.approx(1.0)


def test_what_was_put_in_comes_out():
    """200 sets of 48 months: means within five standard errors, and 95 % intervals hold in 90 to 99 %."""
    rng = np.random.default_rng(11)
    fits = [fit(*months(rng)) for _ in range(200)]
    growth = np.array([one.per_year for one in fits])
    assert abs(growth.mean() - 0.06) < 5 * growth.std() / np.sqrt(200)
    covered = np.mean([one.low <= 0.06 <= one.high for one in fits])
    assert 0.90 <= covered <= 0.99
    effect = np.array([one.working_day_effect for one in fits])
    assert abs(effect.mean() - 0.8) < 5 * effect.std() / np.sqrt(200)
    season = np.mean([one.season for one in fits], axis=0)
    np.testing.assert_allclose(season, SEASON / SEASON.mean(), atol=0.005)


def test_no_trend_no_season_no_noise():
    exposure = np.linspace(900.0, 1500.0, 48)
    found = fit(3.0 * exposure, exposure)
    assert found.per_year == pytest.approx(0.0, abs=1e-12)
    assert found.working_day_effect == pytest.approx(0.0, abs=1e-10)
    np.testing.assert_allclose(found.season, 1.0, atol=1e-12)
    assert found.dispersion == pytest.approx(0.0, abs=1e-12)


def test_working_days_in_proportion_leave_nothing_to_the_season():
    """Cost of 5 a working day is no season: with working days in proportion every factor is 1."""
    exposure = np.full(48, 1000.0)
    total = exposure * PERIOD.relative_working_days() * 5.0
    np.testing.assert_allclose(fit(total, exposure, working_days="proportional").season, 1.0)
    assert np.ptp(fit(total, exposure, working_days="none").season) > 0.02


def test_months_without_a_claim_are_part_of_the_trend():
    """Half the months are empty; a logarithm of their rates does not exist, their trend does."""
    total = np.where(np.arange(48) % 2, 100.0, 0.0)
    found = fit(total, np.full(48, 10.0), working_days="none", seasonal=False)
    assert abs(found.per_year) < found.standard_error


@pytest.mark.parametrize(
    ("n_months", "options", "code"),
    [
        (23, {}, "too_few_months"),
        (4, {"seasonal": False, "working_days": "none"}, "too_few_months"),
        (24, {}, None),
        (5, {"seasonal": False, "working_days": "none"}, None),
    ],
)
def test_too_few_months_are_refused(n_months, options, code):
    last = date(2021 + n_months // 12, n_months % 12 + 1, 1).toordinal() - 1
    period = (date(2021, 1, 1), date.fromordinal(last))
    treated = [
        str(period[0].replace(year=2021 + m // 12, month=m % 12 + 1)) for m in range(n_months)
    ]
    claims = [("a", "drugs", day, 10 + place % 3) for place, day in enumerate(treated)]
    study = study_of([("a", "2021-01-01", str(period[1]))], claims, period=period)
    if code is None:
        assert np.isfinite(study.trend(**options).standard_error)
        return
    with pytest.raises(InputError) as caught:
        study.trend(**options)
    assert caught.value.faults[0].code == code


def test_no_claim_has_no_trend():
    study = study_of([("a", "2021-01-01", "2024-12-31")], period=(PERIOD.first, PERIOD.last))
    with pytest.raises(InputError, match="no claim"):
        study.trend()


def test_frequency_and_cost_per_claim_are_followed_apart():
    """One claim a month at 100, growing by 10 % a year: all trend is in the cost per claim."""
    claims = [
        ("a", "drugs", str(date(2021 + m // 12, m % 12 + 1, 5)), round(100 * 1.1 ** (m / 12), 2))
        for m in range(48)
    ]
    study = study_of(
        [("a", "2021-01-01", "2024-12-31")], claims, period=(PERIOD.first, PERIOD.last)
    )
    options = {"working_days": "none", "seasonal": False}
    assert study.trend("frequency", **options).per_year == pytest.approx(0.0, abs=1e-9)
    assert study.trend("cost_per_claim", **options).per_year == pytest.approx(0.1, abs=1e-4)
    assert study.trend("pmpm", line="drugs", **options).per_year == pytest.approx(0.1, abs=1e-4)
    factor = study.seasonality("cost_per_claim")["factor"]
    np.testing.assert_allclose(factor, 1.0, atol=1e-3)


def test_a_month_without_a_working_day_is_refused():
    closed = [date(2021, 2, day) for day in range(1, 29)]
    with pytest.raises(InputError, match="no working day in 2021-02"):
        PERIOD.relative_working_days(closed)

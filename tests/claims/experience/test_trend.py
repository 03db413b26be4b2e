"""Trend and season agree with statsmodels, find what was put in, and find nothing where nothing is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from claims.experience.village import study_of
from mutualfund.claims.experience import StudyPeriod
from mutualfund.claims.experience.monthly import Monthly, Together
from mutualfund.claims.experience.trend import fit_trend
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


N_MONTHS = 24


def open_fund(rng, members, often, frailty, epidemic=0.0):
    """Claims, cost and cover (members, 24 months) of members who differ, as a gamma, and come and go."""
    joins = rng.integers(0, 12, members)[:, None]
    leaves = joins + rng.integers(4, 16, members)[:, None]
    cover = ((np.arange(N_MONTHS) >= joins) & (np.arange(N_MONTHS) < leaves)).astype(float)
    own = rng.gamma(frailty, 1.0 / frailty, members)[:, None]
    claims = rng.poisson(often * own * cover * np.exp(epidemic * rng.standard_normal(N_MONTHS)))
    cost = np.rint(rng.gamma(np.maximum(claims, 1e-9), 100.0) * 100.0) / 100.0 * (claims > 0)
    return claims, cost, cover


def first(month):
    return date(2021 + month // 12, month % 12 + 1, 1)


def studied(claims, cost, cover):
    """A study of them, one line of the file for each member and month with claims."""
    ends = [date.fromordinal(first(month + 1).toordinal() - 1) for month in range(N_MONTHS)]
    spells, lines = [], []
    for member, row in enumerate(cover):
        there = np.flatnonzero(row)
        spells.append((f"m{member:03d}", str(first(there[0])), str(ends[there[-1]])))
        lines += [
            (
                f"m{member:03d}",
                ("dental", "drugs")[(member + month) % 2],
                str(first(month)),
                cost[member, month],
            )
            for month in np.flatnonzero(claims[member])
        ]
    return study_of(spells, lines, period=(first(0), ends[-1]))


@pytest.mark.parametrize("epidemic", [0.0, 0.7])
@pytest.mark.parametrize("rate", ["pmpm", "frequency", "cost_per_claim"])
def test_the_error_takes_members_as_the_independent_units(rate, epidemic):
    """statsmodels' clustered covariance of all member-months one by one, and the dispersions by hand."""
    claims, cost, cover = open_fund(np.random.default_rng(2), 40, 0.3, 0.7, epidemic)
    claims = np.minimum(claims, 1)
    study = studied(claims, cost, cover)
    x = claims if rate == "frequency" else cost
    e = claims.astype(float) if rate == "cost_per_claim" else cover
    member, month = np.nonzero(e)
    design = np.column_stack([np.ones(member.size), month / 12.0])
    model = sm.GLM(
        x[member, month], design, family=sm.families.Poisson(), exposure=e[member, month]
    )
    kwds = {"groups": member, "use_correction": False}
    theirs = model.fit(cov_type="cluster", cov_kwds=kwds)
    n = len(np.unique(member))
    r = np.exp(np.column_stack([np.ones(N_MONTHS), np.arange(N_MONTHS) / 12.0]) @ theirs.params)
    used = e.sum(axis=0) > 0
    off, mean = (x - r * e)[:, used], (r * e.sum(axis=0))[used]
    phi = (off.sum(axis=0) ** 2 / mean).sum() / (used.sum() - 2)
    shared = max(phi - (np.square(off).sum(axis=0) / mean).mean(), 0.0)
    assert epidemic == 0.0 or rate == "cost_per_claim" or shared > 0.5 * phi
    bread = model.fit().normalized_cov_params[1, 1]
    variance = n / (n - 1) * theirs.cov_params()[1, 1] + shared * bread
    found = study.trend(rate, working_days="none", seasonal=False)
    error = found.standard_error / (1 + found.per_year)
    assert np.log1p(found.per_year) == pytest.approx(theirs.params[1], rel=1e-6)
    assert error == pytest.approx(np.sqrt(max(variance, phi * bread)), rel=1e-6)
    reach = stats.t.ppf(0.975, min(used.sum() - 2, n - 1)) * error
    assert np.log1p(found.high) == pytest.approx(theirs.params[1] + reach, rel=1e-6)


def test_one_line_is_followed_as_if_there_were_no_other():
    claims, cost, cover = open_fund(np.random.default_rng(4), 40, 0.3, 0.7)
    study = studied(np.minimum(claims, 1), cost, cover)
    odd = np.add.outer(np.arange(40), np.arange(N_MONTHS)) % 2
    alone = studied(np.minimum(claims, 1) * odd, cost * odd, cover)
    options = {"working_days": "none", "seasonal": False}
    ours, theirs = study.trend("pmpm", line="drugs", **options), alone.trend("pmpm", **options)
    assert ours.standard_error == pytest.approx(theirs.standard_error, rel=1e-12)


@pytest.mark.parametrize("rate", ["pmpm", "frequency"])
def test_members_who_differ_come_and_go_make_a_trend_less_sure(rate):
    """Truth: none. 60 open funds of 300: the root mean square of estimate over error is within five of its
    errors (0.09 each) of 1; with months taken as independent it would be above 2."""
    rng = np.random.default_rng(8)
    period = StudyPeriod(first(0), date(2022, 12, 31))
    found, plain = [], []
    for _ in range(60):
        claims, cost, cover = open_fund(rng, 300, 1.5, 0.5)
        both = np.hstack([claims, cost])
        claimants = int(claims.any(axis=1).sum())
        together = Together(300, claimants, both.T @ both, both.T @ cover, cover.T @ cover)
        sums = (values.sum(axis=0) for values in (claims, cost, cover))
        total = [values[:, None] if place < 2 else values for place, values in enumerate(sums)]
        for held, members in ((found, (together,)), (plain, ())):
            fitted = fit_trend(rate, Monthly(*total, members), period, seasonal=False)
            held.append(np.log1p(fitted.per_year) * (1 + fitted.per_year) / fitted.standard_error)
    assert 0.55 < np.sqrt(np.mean(np.square(found))) < 1.45
    assert np.sqrt(np.mean(np.square(plain))) > 2.0


@pytest.mark.parametrize("idle", [0, 9])
def test_two_members_alike_are_no_proof_of_a_trend(idle):
    """Their sums say that nothing varies; the error stays that of the months, with one degree of freedom,
    however many others never claim."""
    rng = np.random.default_rng(3)
    cost = np.tile(rng.integers(50, 150, N_MONTHS).astype(float), (2, 1))
    claims = np.pad(np.ones((2, N_MONTHS), int), ((0, idle), (0, 0)))
    study = studied(claims, cost, np.ones((2 + idle, N_MONTHS)))
    found = study.trend("pmpm", working_days="none", seasonal=False)
    monthly = replace(study.monthly(), together=())
    plain = fit_trend("pmpm", monthly, study.period, seasonal=False)
    if not idle:
        assert found.standard_error == pytest.approx(plain.standard_error, rel=1e-9)
    assert found.standard_error >= plain.standard_error * (1 - 1e-9)
    reach = np.log1p(found.high) - np.log1p(found.per_year)
    one = stats.t.ppf(0.975, 1)
    assert reach == pytest.approx(one * found.standard_error / (1 + found.per_year), rel=1e-9)

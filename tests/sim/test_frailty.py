"""The frailty that lines share: its levels, the law it gives to counts, and whom it leaves alone.

The law is that of a gamma mixture (definitions 8 and 9), whose moments are known: with a frailty of
coefficient of variation v, a Poisson line of mean m has the variance m + v^2 m^2, and two lines that share it
have the covariance v^2 m m'. Bounds are five standard errors at 400,000 member-years.
"""

from datetime import date

import numpy as np
import pytest

from mutualfund.assumptions.frailty import frailty_levels
from mutualfund.portfolio import Portfolio
from mutualfund.scenario import Scenario
from mutualfund.sim.kernels.layout import CLAIMS, FRAILTY_BITS
from mutualfund.sim.plan import lower

MEMBERS, PATHS, YEARS = 10, 20_000, 2
MEAN = {"dental": 1.0, "drugs": 2.0, "visits": 1.5}
CV = 0.6


def fund(frailty, paths=PATHS, dispersion=None):
    """Three lines alike for everybody, with or without a shared frailty; nobody joins or leaves."""
    kind = {"kind": "poisson"}
    if dispersion is not None:
        kind = {"kind": "negative_binomial", "dispersion": dispersion}
    lines = [
        {
            "name": name,
            "frequency": {**kind, "mean": mean},
            "severity": {"kind": "exponential", "mean": 50.0},
        }
        for name, mean in MEAN.items()
    ]
    return Scenario(
        fund={"name": "F", "currency": "EUR", "start": date(2027, 1, 1), "opening_reserve": 0.0},
        settings={"paths": paths, "years": YEARS, "seed": 21},
        members={"mortality": "none"},
        assumptions={"lines": lines, **({} if frailty is None else {"frailty": frailty})},
        rules={"contributions": {"kind": "flat", "monthly": 10.0}},
        portfolio=Portfolio.synthetic(MEMBERS),
    )


def sums_of(scenario):
    """(n_paths, n_years, n_lines, 7) sums, lines in order of name."""
    plan, paths = lower(scenario), scenario.settings.paths
    drivers, state = plan.drivers(0, paths), plan.initial_state(paths)
    years = [plan.member_year(drivers, state, y + 1).lines for y in range(YEARS)]
    return np.stack(years, axis=1)


def claims_of(scenario):
    """Claims of the fund, (n_paths, n_years * n_lines): year 1's dental, drugs, visits, then year 2's."""
    return sums_of(scenario)[..., CLAIMS].reshape(scenario.settings.paths, -1).astype(float)


def assert_covariance(claims, wanted):
    """The covariances of columns of `claims` are those wanted, within five standard errors of each."""
    centred = claims - claims.mean(axis=0)
    products = centred[:, :, None] * centred[:, None, :]
    error = products.std(axis=0) / np.sqrt(len(claims))
    assert (np.abs(products.mean(axis=0) - wanted) < 5 * error).all()


@pytest.mark.parametrize("cv", [0.05, 0.3, 0.6, 1.0])
def test_levels_are_sixteen_ascending_with_mean_one_and_the_stated_spread(cv):
    levels = frailty_levels(cv)
    assert levels.shape == (1 << FRAILTY_BITS,) == (16,)
    assert (np.diff(levels) > 0).all()
    assert levels[0] >= 0
    assert levels.mean() == pytest.approx(1.0, rel=1e-12)
    assert levels.std() == pytest.approx(cv, rel=5e-4)


@pytest.mark.parametrize(("cv", "short"), [(1.2, 0.005), (1.5, 0.015), (2.0, 0.04)])
def test_of_a_very_wide_frailty_a_little_spread_is_lost_for_no_level_is_below_zero(cv, short):
    levels = frailty_levels(cv)
    assert levels.min() >= 0
    assert (np.diff(levels) >= 0).all()
    assert levels.mean() == pytest.approx(1.0, rel=1e-12)
    assert 1.0 - short < levels.std() / cv < 1.0


@pytest.mark.parametrize("dispersion", [None, 1.4], ids=["poisson", "negative binomial"])
def test_counts_have_the_moments_of_the_gamma_mixture_and_lines_that_share_it_go_together(
    dispersion,
):
    """Dental does not share it: it goes with nothing. The next year's frailty is another one."""
    claims = claims_of(fund({"cv": CV, "lines": ["drugs", "visits"]}, dispersion=dispersion))
    mean, shares = np.array(list(MEAN.values())), np.array([0.0, 1.0, 1.0])
    of_a_year = CV**2 * np.outer(shares * mean, shares * mean)
    own = 0.0 if dispersion is None else 1.0 / dispersion
    of_a_year += np.diag(mean + own * mean**2 * (1.0 + CV**2 * shares))
    assert_covariance(claims, MEMBERS * np.kron(np.eye(YEARS), of_a_year))
    error = claims.std(axis=0) / np.sqrt(PATHS)
    gap = np.abs(claims.mean(axis=0) - MEMBERS * np.tile(mean, YEARS))
    assert (gap < 5 * error).all()
    assert (5 * error < 0.02 * claims.mean(axis=0)).all()


def test_without_a_list_all_lines_share_it():
    everywhere = sums_of(fund({"cv": CV}, paths=20))
    named = sums_of(fund({"cv": CV, "lines": list(MEAN)}, paths=20))
    assert (everywhere == named).all()
    assert not (everywhere[:, :, 0] == sums_of(fund(None, paths=20))[:, :, 0]).all()


def test_a_line_that_does_not_share_it_keeps_every_claim():
    """A frailty on other lines is drawn in a stream of its own, so nothing of this line moves."""
    calm, drugs = sums_of(fund(None, paths=200)), sums_of(fund({"cv": CV, "lines": ["drugs"]}, 200))
    assert (drugs[:, :, 0] == calm[:, :, 0]).all()
    assert (drugs[:, :, 2] == calm[:, :, 2]).all()
    assert not (drugs[:, :, 1] == calm[:, :, 1]).all()
    both = sums_of(fund({"cv": CV, "lines": ["drugs", "visits"]}, 200))
    assert (both[:, :, :2] == drugs[:, :, :2]).all()

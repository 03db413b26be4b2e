"""The frailty that lines share: its levels, the law it gives to counts, and whom it leaves alone.

The law is that of a gamma mixture (definitions 8 and 9), whose moments are known: with a frailty of
coefficient of variation v, a Poisson line of mean m has the variance m + v^2 m^2, and two lines that share it
have the covariance v^2 m m'. Bounds are five standard errors at 400,000 member-years.
"""

from datetime import date

import numpy as np
import pytest
from scipy import special, stats

from mutualfund.assumptions.frailty import gamma_levels, gamma_quadrature
from mutualfund.claims import Binomial
from mutualfund.errors import InputError
from mutualfund.portfolio import Portfolio
from mutualfund.scenario import Scenario
from mutualfund.sim.kernels import people
from mutualfund.sim.kernels.layout import CLAIMS
from mutualfund.sim.kernels.workspace import LEVEL, workspace
from mutualfund.sim.plan import lower
from mutualfund.sim.tables import count_width
from premiums.risk_premium.years import ErlangYear

MEMBERS, PATHS, YEARS = 10, 20_000, 2
MEAN = {"dental": 1.0, "drugs": 2.0, "visits": 1.5}
CV, RETENTION = 1.0, 1_000.0


def fund(frailty, paths=PATHS, dispersion=None, members=MEMBERS, times=1.0):
    """Three lines alike for everybody, with or without a shared frailty; nobody joins or leaves.

    times: what multiplies the means.
    """
    kind = {"kind": "poisson"}
    if dispersion is not None:
        kind = {"kind": "negative_binomial", "dispersion": dispersion}
    lines = [
        {
            "name": name,
            "frequency": {**kind, "mean": mean * times},
            "severity": {"kind": "exponential", "mean": 50.0},
        }
        for name, mean in MEAN.items()
    ]
    return Scenario(
        fund={"name": "F", "currency": "EUR", "start": date(2027, 1, 1), "opening_reserve": 0.0},
        settings={"paths": paths, "years": YEARS, "seed": 21},
        members={"mortality": "none"},
        assumptions={"lines": lines, **({} if frailty is None else {"frailty": frailty})},
        rules={
            "contributions": {"kind": "flat", "monthly": 10.0},
            "reinsurance": [
                {"kind": "excess_of_loss", "retention": RETENTION, "limit": 1e6, "premium": 0.0}
            ],
        },
        portfolio=Portfolio.synthetic(members),
    )


def years_of(scenario):
    """The sums of each year, lines in order of name."""
    plan, paths = lower(scenario), scenario.settings.paths
    drivers, state = plan.drivers(0, paths), plan.initial_state(paths)
    return [plan.member_year(drivers, state, y + 1) for y in range(YEARS)]


def sums_of(scenario):
    """(n_paths, n_years, n_lines, 7)"""
    return np.stack([year.lines for year in years_of(scenario)], axis=1)


def assert_covariance(claims, wanted):
    """The covariances of columns of `claims` are those wanted, within five standard errors of each."""
    centred = claims - claims.mean(axis=0)
    products = centred[:, :, None] * centred[:, None, :]
    error = products.std(axis=0) / np.sqrt(len(claims))
    assert (np.abs(products.mean(axis=0) - wanted) < 5 * error).all()


@pytest.mark.parametrize("cv", [1e-9, 0.05, 0.3, 1.0, 1.7, 2.0])
def test_the_quadrature_has_the_moments_of_the_gamma(cv):
    """E g^k = (1 + cv^2) (1 + 2 cv^2) ... (1 + (k - 1) cv^2)."""
    nodes, weights = gamma_quadrature(cv)
    for k in range(6):
        wanted = np.prod(1.0 + np.arange(k) * cv**2)
        assert weights @ nodes**k == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("cv", [0.5, 1.0, 2.0])
def test_the_quadrature_is_that_of_generalised_laguerre_polynomials(cv):
    """SciPy finds the roots by Newton's method."""
    nodes, weights = special.roots_genlaguerre(32, cv**-2 - 1.0)
    found = gamma_quadrature(cv, 32)
    assert found[0] == pytest.approx(nodes * cv**2, rel=1e-9)
    assert found[1] == pytest.approx(weights / weights.sum(), rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("cv", [1e-9, 0.05, 0.3, 1.0, 1.7, 2.0])
def test_levels_are_those_that_can_be_drawn_and_keep_the_mean_of_one(cv):
    """Chances are whole steps of the draw, which the second and third moments feel in the seventh digit."""
    law = gamma_levels(cv)
    level, chance = law.level, law.chance
    assert 32 <= level.size == chance.size <= 46
    assert (np.diff(level) > 0).all()
    assert level[0] > 0
    steps = chance * 2**32
    assert (steps == np.rint(steps)).all()
    assert steps.min() >= 1
    assert steps.sum() == 2**32
    assert chance @ level == pytest.approx(1.0, rel=1e-15)
    assert chance @ level**2 == pytest.approx(1 + cv**2, rel=1e-6)
    assert chance @ level**3 == pytest.approx((1 + cv**2) * (1 + 2 * cv**2), rel=1e-6)


@pytest.mark.parametrize(
    ("cv", "mean"), [(0.5, 2.0), (0.5, 100.0), (1.0, 2.0), (1.0, 40.0), (1.5, 20.0), (2.0, 12.0)]
)
def test_a_poisson_line_has_the_negative_binomial_s_chances_and_stop_loss_premiums(cv, mean):
    """As definition 9 says: P(N <= n) to 0.001, E max(N - d, 0) to 0.03 % where a ten-thousandth is left."""
    levels, n = gamma_levels(cv), np.arange(4_000)
    found = levels.chance @ stats.poisson.pmf(n, mean * levels.level[:, None])
    exact = stats.nbinom.pmf(n, 1.0 / cv**2, 1.0 / (1.0 + mean * cv**2))
    assert np.abs(np.cumsum(found - exact)).max() < 1e-3

    def beyond(chances):
        above = np.cumsum(chances[::-1])[::-1]
        return (np.cumsum(above[::-1])[::-1] - above)[:-1]

    asked = beyond(exact) >= 1e-4 * mean
    np.testing.assert_allclose(beyond(found)[asked], beyond(exact)[asked], rtol=3e-4)


def test_the_kernel_draws_each_level_as_often_as_its_chance():
    """100,000 draws, five standard errors; the levels rarer than 1 in 1,000 together."""
    plan = lower(fund({"cv": 1.0}, paths=1, members=4_000))
    work = workspace(4_000, len(MEAN), 1, 1)
    drawn = np.zeros(plan.tables.frailty_share.size)
    for path in range(25):
        people.frailty_levels(
            plan.tables, 1, np.uint64(path), 0, 4_000, work.first, work.second, work.member
        )
        drawn += np.bincount(work.member[int(LEVEL), :4_000], minlength=drawn.size)
    chance = gamma_levels(1.0).chance
    rare = chance < 1e-3
    drawn, chance = (np.append(x[~rare], x[rare].sum()) for x in (drawn, chance))
    assert chance.size > 6
    error = np.sqrt(chance * (1 - chance) / 100_000)
    assert (np.abs(drawn / 100_000 - chance) < 5 * error).all()


def test_a_rate_that_a_high_level_carries_beyond_the_kernel_is_refused_with_the_number_to_lower():
    """At cv 2 a member in 4e9 has 76 times the mean; 1,023 claims a year are the most."""
    with pytest.raises(InputError, match=r"drugs\.frequency: .*Or lower assumptions\.frailty\.cv"):
        lower(fund({"cv": 2.0}, paths=1, times=10.0))
    lower(fund({"cv": 1.0}, paths=1, times=10.0))


def test_a_rate_that_no_binomial_has_is_refused_with_the_number_to_lower():
    few = Binomial(mean=0.2, trials=2)
    assert count_width("frequency", few, 1.0) == 3
    with pytest.raises(InputError, match=r"22\.2 times.*the cv of a shared frailty"):
        count_width("frequency", few, 1.0, gamma_levels(1.0))


@pytest.mark.parametrize("dispersion", [None, 1.4], ids=["poisson", "negative binomial"])
def test_counts_have_the_moments_of_the_gamma_mixture_and_lines_that_share_it_go_together(
    dispersion,
):
    """Dental does not share it: it goes with nothing. The next year's frailty is another one."""
    years = years_of(fund({"cv": CV, "lines": ["drugs", "visits"]}, dispersion=dispersion))
    claims = np.concatenate([year.lines[..., CLAIMS] for year in years], axis=1).astype(float)
    mean, shares = np.array(list(MEAN.values())), np.array([0.0, 1.0, 1.0])
    of_a_year = CV**2 * np.outer(shares * mean, shares * mean)
    own = 0.0 if dispersion is None else 1.0 / dispersion
    of_a_year += np.diag(mean + own * mean**2 * (1.0 + CV**2 * shares))
    assert_covariance(claims, MEMBERS * np.kron(np.eye(YEARS), of_a_year))
    error = claims.std(axis=0) / np.sqrt(PATHS)
    gap = np.abs(claims.mean(axis=0) - MEMBERS * np.tile(mean, YEARS))
    assert (gap < 5 * error).all()
    assert (5 * error < 0.02 * claims.mean(axis=0)).all()
    if dispersion is None:
        assert_excess(np.concatenate([year.excess[:, 0] / 100 for year in years]))


def assert_excess(recovered):
    """Above the retention a year costs what the negative binomial of drugs and visits says, dental beside it.

    Sixteen equally likely levels would give 29 % less.
    """
    shape, most = CV**-2, np.arange(400)
    sharing = stats.nbinom.pmf(most, shape, shape / (shape + MEAN["drugs"] + MEAN["visits"]))
    year = ErlangYear(np.convolve(sharing, stats.poisson.pmf(most, MEAN["dental"])), 50.0)
    wanted, error = year.stop_loss(RETENTION), recovered.std() / np.sqrt(recovered.size)
    assert abs(recovered.mean() - MEMBERS * wanted) < 5 * error
    assert 5 * error < 0.2 * MEMBERS * wanted


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

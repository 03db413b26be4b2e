"""A year of simulated claims has exactly the compound distribution it should have.

Thirty thousand paths: the standard error of the mean is below 0.3 % for every case, so five of them see an
error of 2 % in the mean (the test asserts that it could); five standard errors of the distribution function
at 0.995 are 0.002.
"""

from datetime import date

import numpy as np
import pytest
from scipy import stats

from mutualfund.portfolio import Portfolio
from mutualfund.scenario import Scenario
from mutualfund.sim.plan import lower
from reference import compound

MEMBERS, PATHS = 30, 30_000

FREQUENCIES = {
    "poisson": ({"mean": 1.5}, compound.poisson(MEMBERS * 1.5)),
    "negative_binomial": (
        {"mean": 1.5, "dispersion": 0.7},
        compound.negative_binomial(MEMBERS * 1.5, MEMBERS * 0.7),
    ),
    "binomial": ({"mean": 1.5, "trials": 3}, compound.binomial(3 * MEMBERS, 0.5)),
}
SEVERITIES = {
    "exponential": ({"mean": 300.0}, stats.expon(scale=300)),
    "gamma": ({"alpha": 0.8, "theta": 500.0}, stats.gamma(0.8, scale=500)),
    "lognormal": ({"mu": 5.5, "sigma": 1.1}, stats.lognorm(1.1, scale=np.exp(5.5))),
    "pareto": ({"alpha": 3.5, "above": 200.0}, stats.pareto(3.5, scale=200)),
}


def one_line(frequency, severity, **line):
    """A fund of one line and no rules but full cover."""
    return Scenario(
        fund={"name": "F", "currency": "EUR", "start": date(2027, 1, 1), "opening_reserve": 0.0},
        settings={"paths": PATHS, "years": 1, "seed": 11},
        members={"mortality": "none"},
        assumptions={
            "lines": [{"name": "care", "frequency": frequency, "severity": severity, **line}]
        },
        rules={"contributions": {"kind": "flat", "monthly": 10.0}},
        portfolio=Portfolio.synthetic(MEMBERS),
    )


def yearly_claims(scenario):
    """The fund's claims of year 1 on every path, currency."""
    plan = lower(scenario)
    year = plan.member_year(plan.drivers(0, PATHS), plan.initial_state(PATHS), 1)
    return year.lines[:, 0, 6] / plan.minor


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_fund_claims_have_the_exact_compound_distribution(frequency, severity):
    count, generating = FREQUENCIES[frequency]
    size, law = SEVERITIES[severity]
    claims = yearly_claims(one_line({"kind": frequency, **count}, {"kind": severity, **size}))
    exact = compound.Compound(generating, law.cdf, step=2.0)
    error = np.sqrt(exact.variance / PATHS)
    assert 5 * error < 0.02 * exact.mean
    assert abs(claims.mean() - exact.mean) < 5 * error
    spread = np.sqrt((exact.fourth_central_moment - exact.variance**2) / PATHS)
    assert abs(claims.var() - exact.variance) < 5 * spread
    for p in (0.9, 0.99, 0.995):
        quantile = np.quantile(claims, p, method="inverted_cdf")
        assert abs(exact.cdf(quantile) - p) < 5 * np.sqrt(p * (1 - p) / PATHS)


def test_a_zero_modified_count_keeps_its_zeros_and_its_mean():
    law = {"kind": "zero_modified", "p0": 0.6, "base": {"kind": "poisson", "mean": 2.0}}
    scenario = one_line(law, {"kind": "fixed", "amount": 1.0})
    plan = lower(scenario)
    row = plan.tables.count_cdf[0].astype(float) / 2.0**32
    assert row[0] == pytest.approx(0.6, abs=1e-9)
    exact = stats.poisson(2.0).pmf(np.arange(1, 6)) * 0.4 / (1 - np.exp(-2.0))
    assert np.diff(row)[:5] == pytest.approx(exact, abs=1e-9)
    assert yearly_claims(scenario).mean() / MEMBERS == pytest.approx(
        0.4 * 2 / (1 - np.exp(-2)), rel=0.01
    )

"""Severity tables year by year: trend on all of it, rounded once, refused where the kernel has no room."""

from datetime import date

import numpy as np
import pytest

from mutualfund.errors import InputError
from mutualfund.portfolio import Portfolio
from mutualfund.scenario import Scenario
from mutualfund.sim.kernels.layout import CLAIM_MAX
from mutualfund.sim.severities import line_severity, severity_tables

CENTS = 100


class Steps:
    """Small claims, and one in a hundred that is `far` away."""

    def __init__(self, far):
        self.far = far

    def quantile(self, p):
        return np.where(np.asarray(p) < 0.99, 10.0, self.far)


def fund(severity, trend, years=4):
    line = {
        "name": "care",
        "frequency": {"kind": "poisson", "mean": 1.0},
        "severity": severity,
        "trend_per_year": trend,
    }
    return Scenario(
        fund={"name": "F", "currency": "EUR", "start": date(2027, 1, 1), "opening_reserve": 0.0},
        settings={"paths": 2, "years": years, "seed": 1},
        assumptions={"lines": [line]},
        rules={"contributions": {"kind": "flat", "monthly": 10.0}},
        portfolio=Portfolio.synthetic(10),
    )


def tables_of(scenario):
    """Each year's table, (2306,)."""
    years = scenario.settings.years
    found = severity_tables(scenario, scenario.assumptions.lines, CENTS, years)
    return [x[0] for x in found.by_year]


@pytest.mark.parametrize("trend", [0.07, -0.2])
def test_prices_grow_by_the_trend_from_the_second_year_on_and_are_rounded_once(trend):
    scenario = fund({"kind": "gamma", "mean": 140.0, "cv": 0.6}, trend)
    first = line_severity(scenario, scenario.assumptions.lines[0], CENTS)
    for year, table in enumerate(tables_of(scenario)):
        exact = first * (1.0 + trend) ** year
        assert np.abs(table - exact).max() <= 0.5 + 1e-6


def test_no_claim_outgrows_its_word():
    """The largest is cut off from the second year on; that it was allowed is `require_room`'s word."""
    heavy = {"kind": "lognormal", "mean": 20_000.0, "cv": 2.0}
    tables = tables_of(fund(heavy, 0.3))
    assert [int(table.max()) < CLAIM_MAX for table in tables] == [True, True, True, False]
    assert tables[-1].max() == CLAIM_MAX


def test_a_gap_that_is_too_wide_only_at_the_last_year_s_prices_is_refused():
    tables_of(fund(Steps(far=1.5e7), 0.0))
    tables_of(fund(Steps(far=1.5e7), 0.2, years=2))
    with pytest.raises(InputError, match=r"assumptions\.lines\.care\.severity.*apart"):
        tables_of(fund(Steps(far=1.5e7), 0.2, years=4))

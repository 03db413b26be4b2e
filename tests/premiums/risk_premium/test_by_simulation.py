"""Risk premiums in closed form against the simulation of the same fund.

Source of truth: each other. The closed form shares the rate factors with the simulation, and nothing else:
the year's cost is the exact mixture of `years.ErlangYear`, the other side draws claims one by one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from mutualfund import Portfolio, Scenario, simulate
from mutualfund.claims import AnnualPlan
from mutualfund.errors import InputError
from mutualfund.premiums import LineCover, RatingPeriod, RiskPremiums, risk_premiums
from mutualfund.results import FundRun, example_run, simulated_risk_premiums
from premiums.risk_premium.years import exponential_year

BANDS = ("0-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75-84", "85-94", "95+")
PLAN = AnnualPlan(deductible=150.0, coinsurance=0.25, out_of_pocket_maximum=400.0)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """500 members in two health states, one yearly design over two lines, year 2 with trend."""
    line = {"severity": {"kind": "exponential", "mean": 100.0}, "trend_per_year": 0.1}
    return Scenario.from_dict(
        {
            "fund": {
                "name": "Priced twice",
                "currency": "EUR",
                "start": date(2027, 1, 1),
                "opening_reserve": 0.0,
            },
            "settings": {"paths": 500, "years": 2, "seed": 5, "keep": ["cells", "lines"]},
            "members": {"synthetic": {"n": 500, "age_mix": "N"}, "mortality": "none"},
            "assumptions": {
                "health_states": {
                    "names": ["well", "ill"],
                    "share": [0.85, 0.15],
                    "relativity": [0.6, 3.2],
                    "transition": [[0.92, 0.08], [0.35, 0.65]],
                },
                "lines": [
                    {
                        "name": "visits",
                        "frequency": {"kind": "poisson", "mean": 2.5},
                        "age_factors": {"0-17": 0.7, "18-54": 0.9, "55+": 1.7},
                        **line,
                    },
                    {
                        "name": "drugs",
                        "frequency": {"kind": "negative_binomial", "mean": 1.5, "dispersion": 0.8},
                        "sex_factors": {"F": 1.2, "M": 0.8},
                        **line,
                    },
                ],
            },
            "rules": {
                "contributions": {"kind": "flat", "monthly": 30.0},
                "benefits": {
                    "deductible": 150.0,
                    "out_of_pocket_maximum": 400.0,
                    "visits": {"coinsurance": 0.25},
                    "drugs": {"coinsurance": 0.25},
                },
            },
        }
    )


@pytest.fixture(scope="module")
def run(scenario: Scenario) -> FundRun:
    return simulate(scenario)


def priced(scenario: Scenario, portfolio: Portfolio, year: int) -> RiskPremiums:
    start = date(2027, 1, 1)
    return risk_premiums(
        scenario.assumptions,
        portfolio,
        yearly_design=PLAN,
        yearly_cost=exponential_year,
        period=RatingPeriod(start=start.replace(year=2026 + year), measured=start),
        age_bands=BANDS,
        measured_on=scenario.portfolio,
    )


def aged(portfolio: Portfolio, years: int) -> Portfolio:
    return replace(portfolio, age=np.minimum(portfolio.age + years, 120))


@pytest.mark.parametrize("year", [1, 2])
def test_premiums_by_age_agree_within_five_standard_errors(
    scenario: Scenario, run: FundRun, year: int
) -> None:
    """250,000 member-years: the total is known to 0.2 %, so a 2 % error is caught ten times over."""
    closed = priced(scenario, aged(scenario.portfolio, year - 1), year)
    ages = [age for age, _ in closed.cells]
    rows = {
        row.label.removeprefix("risk premium, age "): row
        for row in simulated_risk_premiums(run, "age", year)
    }
    assert set(rows) == set(ages)
    for age in rows:
        held = np.array([name == age for name in ages])
        wanted = float(closed.exposure[held] @ closed.by_cell[held] / closed.exposure[held].sum())
        assert abs(rows[age].estimate - wanted) <= 5 * rows[age].standard_error
    total = run.mean("claims_incurred", year)
    assert abs(total.estimate - 500 * closed.total) <= 5 * total.standard_error
    assert total.standard_error < 0.004 * total.estimate


def test_premiums_by_line_add_up_to_the_total(run: FundRun) -> None:
    by_line = simulated_risk_premiums(run, "line", 1)
    assert [row.label for row in by_line] == [
        "risk premium, line visits",
        "risk premium, line drugs",
    ]
    total = run.mean("claims_incurred", 1).estimate
    assert sum(row.estimate for row in by_line) * 500 == pytest.approx(total, rel=1e-12)


def test_per_line_premiums_in_closed_form_agree_where_the_designs_are_apart(
    scenario: Scenario, run: FundRun
) -> None:
    """Before cost sharing: what members used, by line, is the covered cost."""
    closed = risk_premiums(scenario.assumptions, scenario.portfolio, {"visits": LineCover()})
    for column, name in enumerate(("visits", "drugs")):
        billed = run.lines["billed"][:, 0, column]
        error = billed.std(ddof=1) / np.sqrt(billed.size)
        assert abs(billed.mean() - 500 * closed.by_line[column]) <= 5 * error, name


def test_a_run_that_kept_no_cells_is_refused_with_the_way_out() -> None:
    with pytest.raises(InputError, match=r'settings\.keep = \["cells"\]'):
        simulated_risk_premiums(example_run(200))
    with pytest.raises(InputError, match=r'got \'line\'.*settings\.keep = \["cells", "lines"\]'):
        simulated_risk_premiums(example_run(200), "line")


def test_months_are_no_side_of_a_premium(run: FundRun) -> None:
    with pytest.raises(InputError, match="age, line"):
        simulated_risk_premiums(run, "month")

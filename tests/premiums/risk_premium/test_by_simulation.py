"""Risk premiums in closed form against the simulation of the same fund.

Source of truth: each other. The closed form shares the rate factors with the simulation, and nothing else:
the year's cost is the exact mixture of `years.ErlangYear`, the other side draws claims one by one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from mutualfund import Portfolio, Scenario, simulate
from mutualfund.claims import AnnualPlan
from mutualfund.errors import InputError
from mutualfund.fund import simulated_premiums_by_cell
from mutualfund.premiums import LineCover, RatingPeriod, RiskPremiums, risk_premiums
from mutualfund.results import FundRun, example_run, simulated_risk_premiums
from mutualfund.rules import rated_benefits
from mutualfund.sim.plan import lower
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


# ---- by cell and line --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """90 members, two in three of them recent joiners who wait, a season, a frailty and lognormal costs."""
    folder = tmp_path_factory.mktemp("members")
    joined = ("2026-11-20", "2026-08-01", "")
    rows = [f"{n},{20 + (7 * n) % 60},{'FMM'[n % 3]},{joined[n % 5 % 3]}" for n in range(90)]
    (folder / "members.csv").write_text("\n".join(["member_id,age,sex,joined", *rows]) + "\n")
    season = [3.0, 3.0, 3.0, *[1.0] * 9]
    lines = [
        {
            "name": "visits",
            "frequency": {"kind": "poisson", "mean": 4.0},
            "severity": {"kind": "lognormal", "mean": 60.0, "cv": 0.8},
            "age_factors": {"0-44": 0.7, "45+": 1.6},
            "seasonality": season,
        },
        {
            "name": "drugs",
            "frequency": {"kind": "negative_binomial", "mean": 2.0, "dispersion": 1.2},
            "severity": {"kind": "lognormal", "mean": 90.0, "cv": 1.5},
            "sex_factors": {"F": 1.4, "M": 0.8},
            "seasonality": season,
        },
    ]
    return Scenario.from_dict(
        {
            "fund": {
                "name": "Waiting",
                "currency": "EUR",
                "start": date(2027, 1, 1),
                "opening_reserve": 0.0,
            },
            "settings": {"paths": 250, "years": 1, "seed": 3},
            "members": {"file": "members.csv", "mortality": "none"},
            "assumptions": {"lines": lines, "frailty": {"cv": 0.7}},
            "rules": {
                "contributions": {"kind": "flat", "monthly": 30.0},
                "benefits": {
                    "deductible": 120.0,
                    "visits": {"copay": 15.0, "waiting_months": 6, "deductible_applies": False},
                    "drugs": {"coinsurance": 0.2, "waiting_months": 4},
                },
            },
        },
        folder=folder,
    )


def test_premiums_by_cell_and_line_agree_within_five_standard_errors(waiting: Scenario) -> None:
    """Copays, a yearly deductible, waits, a season and a frailty at once: 22,500 member-years.

    Each premium is known to 3 %, all together to 1 %. Waits forgotten would raise them by a third.
    """
    found = simulated_premiums_by_cell(waiting, age_bands=["0-44", "45+"])
    terms = rated_benefits(waiting.rules, waiting.assumptions)
    closed = risk_premiums(
        waiting.assumptions, waiting.portfolio, terms.covers, age_bands=["0-44", "45+"]
    )
    assert (found.cells, found.lines) == (closed.cells, closed.lines)
    np.testing.assert_array_equal(found.exposure, closed.exposure)
    off = (found.premiums - closed.premiums) / found.standard_errors
    assert (abs(off) <= 5).all()
    assert (found.standard_errors < 0.05 * closed.premiums).all()
    assert abs(off.sum()) <= 5 * np.sqrt(2 * off.size)  # a member's two lines at most rise as one


def test_claims_by_cell_are_those_of_the_run(scenario: Scenario, run: FundRun) -> None:
    """Lines in the scenario's order, to the cent, and the months of every age, in the second year."""
    found = simulated_premiums_by_cell(
        scenario.replace("settings.paths", 4), age_bands=BANDS, year=2
    )
    by_line = run.lines["claims_incurred"][:4, 1]
    np.testing.assert_allclose(found.claims.sum(axis=1), by_line, rtol=1e-12)
    kept = run.marginal("age").measures["claims_incurred"][:4, 1]
    ages = [BANDS.index(age) for age, _ in found.cells]
    by_age = np.zeros_like(kept)
    np.add.at(by_age.T, ages, found.claims.sum(axis=2).T)
    np.testing.assert_allclose(by_age, kept, rtol=1e-12)
    assert found.member_years.sum() == 4 * 500
    assert found.table()["sex"].isin(["F", "M", "X"]).all()


@pytest.mark.parametrize(
    "frequency",
    [
        {"kind": "binomial", "mean": 0.9, "trials": 1},
        {"kind": "zero_modified", "p0": 0.2, "base": {"kind": "poisson", "mean": 1.0}},
    ],
)
def test_a_count_that_cannot_be_is_refused_in_the_same_words_however_it_is_covered(
    scenario: Scenario, frequency: dict[str, Any]
) -> None:
    """1.7 times the rate is more than one claim for each trial, and less than no chance of none."""
    impossible = scenario.replace("assumptions.lines.visits.frequency", frequency)
    refusals = []
    for priced_or_run in (
        lambda: lower(impossible),
        lambda: risk_premiums(impossible.assumptions, impossible.portfolio),
        lambda: risk_premiums(
            impossible.assumptions, impossible.portfolio, {"visits": LineCover(PLAN)}
        ),
    ):
        with pytest.raises(InputError, match="times its mean for some members") as caught:
            priced_or_run()
        refusals.append([(x.field, x.allowed, x.code) for x in caught.value.faults])
    assert refusals[0] == refusals[1] == refusals[2]


def test_a_run_that_kept_no_cells_is_refused_with_the_way_out() -> None:
    with pytest.raises(InputError, match=r'settings\.keep = \["cells"\]'):
        simulated_risk_premiums(example_run(200))
    with pytest.raises(InputError, match=r'got \'line\'.*settings\.keep = \["cells", "lines"\]'):
        simulated_risk_premiums(example_run(200), "line")


def test_months_are_no_side_of_a_premium(run: FundRun) -> None:
    with pytest.raises(InputError, match="age, line"):
        simulated_risk_premiums(run, "month")

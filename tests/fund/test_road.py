"""The whole road: a fund's records are made up, studied, fitted and reserved, and what was put in comes out.

Source of truth: the scenario that made the records. What is found in them is held against it within five of
the standard errors that the library itself states, and these must be small enough for an error to be seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest

from fund.funds import tables
from mutualfund.assumptions import Assumptions, Line, Provenance
from mutualfund.assumptions.experience import Draft
from mutualfund.claims import ClaimChecks, Observed, fit_severity
from mutualfund.claims.experience import ExperienceStudy
from mutualfund.claims.reserving import CompletionFactors, Triangle
from mutualfund.fund import SyntheticRecords, simulate, synthetic_records
from mutualfund.portfolio import Portfolio
from mutualfund.results import FundRun
from mutualfund.scenario import Scenario

FIRST, CLOSE = date(2027, 1, 1), date(2029, 12, 31)
PAID_OUT = date(2032, 12, 31)  # three years on: nothing of the study is still to be paid
YEARS, MEMBERS = 3, 20_000
AGE_RATE = {"0-17": 0.6, "18-44": 0.8, "45-64": 1.2, "65+": 1.8}
TREND = 0.05
SHARE = 0.25  # of visits, borne by members
LINES = [
    {
        "name": "visits",
        "frequency": {"kind": "negative_binomial", "mean": 3.0, "dispersion": 4.0},
        "severity": {"kind": "gamma", "mean": 60.0, "cv": 0.9},
        "age_factors": AGE_RATE,
        "trend_per_year": TREND,
        "lag_months": 1.5,
    },
    {
        "name": "hospital",
        "frequency": {"kind": "poisson", "mean": 0.3},
        "severity": {"kind": "lognormal", "mean": 2500.0, "cv": 1.2},
        "trend_per_year": TREND,
        "lag_months": 2.5,
    },
]


@dataclass(frozen=True)
class Road:
    """Where each stage of the road came out."""

    scenario: Scenario
    records: SyntheticRecords
    study: ExperienceStudy
    draft: Draft

    def found(self, field: str) -> Provenance:
        (row,) = [row for row in self.draft.provenance if row.field == f"lines.{field}"]
        return row

    @property
    def opening_ages(self) -> np.ndarray:
        """(n_years, n_members) ages at the opening of each year."""
        return self.scenario.portfolio.age + np.arange(YEARS)[:, np.newaxis]


@pytest.fixture(scope="module")
def road() -> Road:
    rules = {"contributions": {"kind": "flat", "monthly": 90.0}}
    benefits = {"benefits": {"visits": {"coinsurance": SHARE}}}
    made = tables(members=MEMBERS, assumptions={"lines": LINES}, rules=rules | benefits)
    scenario = Scenario.from_dict(made)
    records = synthetic_records(scenario, path=1, reversals=0.05)
    files = records.known_on(PAID_OUT)
    study = ExperienceStudy.from_tables(
        files.members,
        files.cover,
        files.claims,
        period=(FIRST, CLOSE),
        checks=ClaimChecks(as_of=PAID_OUT, currency="EUR"),
        measure="allowed",
    )
    return Road(scenario, records, study, Assumptions.from_experience(study))


def rates(ages: np.ndarray) -> np.ndarray:
    """The age factor that was put in, of every age."""
    return np.array(list(AGE_RATE.values()))[np.searchsorted([18, 45, 65], ages, side="right")]


def assert_found(row: Provenance, truth: float, seen: float) -> None:
    """Within five standard errors, which come to less than `seen` of the truth: a larger error is caught."""
    assert 5 * row.standard_error < seen * abs(truth), row
    assert abs(row.value - truth) < 5 * row.standard_error, (row, truth)


def test_the_study_counts_every_claim_once_whatever_was_paid_twice(road: Road) -> None:
    truth = road.records.truth.to_pandas()
    made = truth[truth.billed > 0].groupby("line").size()
    counted = road.study.per_thousand("line")
    assert dict(zip(road.study.lines, counted["claims"], strict=True)) == made.to_dict()
    assert dict(road.study.notes)["reversals"] > 5_000
    assert road.study.exposure()["member_months"].tolist() == [12 * YEARS * MEMBERS]


@pytest.mark.parametrize(
    ("line", "mean", "seen"), [("visits", 3.0, 0.022), ("hospital", 0.3, 0.042)]
)
def test_frequency_comes_out(road: Road, line: str, mean: float, seen: float) -> None:
    """Definition 6: the mean is that of the opening members; each year's are a year older."""
    aged = rates(road.opening_ages) / rates(road.opening_ages[0]).mean()
    growth = aged.mean() if line == "visits" else 1.0
    assert_found(road.found(f"{line}.frequency.mean"), mean * growth, seen)


def test_dispersion_comes_out_conditional_on_age(road: Road) -> None:
    assert_found(road.found("visits.frequency.dispersion"), 4.0, 0.08)
    hospital = road.draft.assumptions.line("hospital").frequency
    assert hospital.kind == "poisson" or hospital.dispersion > 5  # none was put in


@pytest.mark.parametrize("band", AGE_RATE)
def test_age_relativities_come_out(road: Road, band: str) -> None:
    truth = AGE_RATE[band] / rates(road.opening_ages).mean()
    assert_found(road.found(f"visits.age_factors.{band}"), truth, 0.055)


def test_what_was_not_put_in_does_not_come_out(road: Road) -> None:
    """No season, no sex, and no age in hospital: what credibility leaves is within its errors."""
    for row in road.draft.provenance:
        if "seasonality" in row.field or "sex" in row.field or "hospital.age" in row.field:
            assert abs(row.value - 1.0) < 5 * row.standard_error, row


def straight_line() -> tuple[float, np.ndarray]:
    """Growth a year of the straight line through the steps of cost, and (n_years,) their levels beside it.

    A simulation's costs step up at each New Year (definition 11), a study's trend is a straight line through
    36 months: it rises by 8/9 of a step, and the level of the last year is read off it.
    """
    month = np.arange(12 * YEARS)
    level = (1 + TREND) ** (month // 12)
    growth = np.expm1(12 * np.polyfit(month, np.log(level), 1)[0])
    middle = month[-12:].mean()
    return float(growth), level * (1 + growth) ** ((middle - month) / 12)


@pytest.mark.parametrize("line", ["visits", "hospital"])
def test_trend_comes_out(road: Road, line: str) -> None:
    growth, _ = straight_line()
    assert growth == pytest.approx(8 / 9 * TREND, rel=0.01)
    row = road.found(f"{line}.trend_per_year")
    assert_found(row, growth, 0.42)  # 2.5 % or 6.5 % would be seen


@pytest.mark.parametrize(("line", "mean", "seen"), [("visits", 60, 0.02), ("hospital", 2500, 0.06)])
def test_the_mean_cost_of_a_claim_comes_out(
    road: Road, line: str, mean: float, seen: float
) -> None:
    _, levels = straight_line()
    assert_found(road.found(f"{line}.severity.mean"), mean * levels.mean(), seen)


@pytest.mark.parametrize(
    ("line", "kind", "cv", "seen"),
    [("visits", "gamma", 0.9, 0.02), ("hospital", "lognormal", 1.2, 0.06)],
)
def test_the_law_of_a_claim_comes_out(
    road: Road, line: str, kind: str, cv: float, seen: float
) -> None:
    assert road.draft.assumptions.line(line).severity.kind == kind
    assert_found(road.found(f"{line}.severity.cv"), cv, seen)


@pytest.mark.parametrize(("line", "lag"), [("visits", 1.5), ("hospital", 2.5)])
def test_the_payment_lag_comes_out(road: Road, line: str, lag: float) -> None:
    assert_found(road.found(f"{line}.lag_months"), lag, 0.05)


def test_a_fit_sees_past_a_deductible_and_a_limit_that_the_records_do_not_show(road: Road) -> None:
    """The last year's stays, of which another insurer shows what it pays above 800 and up to 9,000."""
    truth = road.records.truth.to_pandas()
    last = truth[(truth.line == "hospital") & (truth.year == YEARS)].billed / road.records.minor
    paid = last[last > 800].clip(upper=9_000) - 800
    fit = fit_severity("lognormal", Observed(paid, 800, 9_000, reported="paid"))
    sigma = np.sqrt(np.log1p(1.2**2))
    mu = np.log(2500 * (1 + TREND) ** (YEARS - 1)) - sigma**2 / 2
    for name, value in (("mu", mu), ("sigma", sigma)):
        error = fit.standard_errors[name]
        assert abs(fit.parameters[name] - value) < 5 * error < 0.15 * value
    line = Line(name="hospital", frequency={"kind": "poisson", "mean": 0.3}, severity=fit)
    assert line.uncertainty.mean_cv == pytest.approx(fit.mean_error / fit.mean, rel=1e-3)


@pytest.mark.parametrize("prior_months", [0, 3])
def test_the_reserve_meets_what_was_still_to_be_paid(road: Road, prior_months: int) -> None:
    """At the last day, on what was on file by then; the fund's part alone, payments by mistake among them."""
    members = road.study.exposure("month")["member_months"]
    triangle = Triangle.from_frame(
        road.records.known_on(CLOSE).claims,
        origin="incurred",
        valuation="paid",
        amount="amount",
        cumulative=False,
        origin_grain="month",
        development_grain="month",
        as_of=CLOSE,
    ).with_exposure(members)
    reserve = CompletionFactors(prior_months=prior_months).fit(triangle)
    error, truth = reserve.total_standard_error, road.records.true_outstanding(CLOSE)
    assert abs(reserve.total_ibnr - truth) < 5 * error
    assert error < (0.055 if prior_months else 0.07) * truth
    # what is on file and what is still to come make up what the fund paid in the end
    paid = sum(road.records.everything.claims["amount"].to_pylist())
    assert triangle.latest.sum() + truth == pytest.approx(paid, rel=1e-12)


def billed(run: FundRun, line: str) -> np.ndarray:
    """(n_paths, n_years) what the line's claims cost."""
    names = [str(label) for label in run.marginal("line").labels]
    return np.asarray(run.lines["billed"][..., names.index(line)])


@pytest.mark.usefixtures("short_pilot")
def test_the_draft_put_back_into_a_scenario_costs_what_the_fund_cost(road: Road) -> None:
    """One year of the members of the study's middle year, at the prices of its last, both by simulation."""
    middle = Portfolio.from_frame(road.records.everything.members, start=date(2028, 1, 1))
    made = tables(paths=40, years=1) | {"members": {"mortality": "none"}}
    made["fund"] |= {"start": date(2028, 1, 1)}
    made["assumptions"] = road.draft.assumptions.model_dump(exclude_unset=True)
    again = simulate(Scenario.from_dict(made, portfolio=middle))
    was = simulate(road.scenario.replace("settings.paths", 40))
    _, levels = straight_line()
    to_last_year = levels.mean() / (1 + TREND) ** np.arange(YEARS)
    for line, seen in (("visits", 0.03), ("hospital", 0.07)):
        cost, truth = billed(again, line)[:, 0], (billed(was, line) * to_last_year).mean(axis=1)
        unsure = road.draft.assumptions.line(line).uncertainty
        fitted = cost.mean() * np.hypot(unsure.frequency, unsure.mean_cv)
        error = np.sqrt(fitted**2 + (cost.var(ddof=1) + truth.var(ddof=1)) / cost.size)
        assert abs(cost.mean() - truth.mean()) < 5 * error < seen * truth.mean()

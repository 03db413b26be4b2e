"""What is no argument is refused by name and kind, before NumPy or Python says it in words of their own.

Source of truth: the field that the caller wrote. No value of theirs is in the message but a word they chose.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mutualfund.claims import (
    AnnualPlan,
    ClaimChecks,
    ClaimRecords,
    Collective,
    ErlangMixture,
    ExperienceStudy,
    Exponential,
    Lognormal,
    LossCover,
    Poisson,
    SurplusProcess,
    aggregate,
    compare_counts,
    compare_fits,
    conditional_dispersion,
    fit_counts,
    fit_severity,
    goodness_of_fit,
    ground_up_counts,
    individual_risks,
    plan_with_actuarial_value,
    total,
)
from mutualfund.claims.experience import example_study, fit_trend
from mutualfund.claims.reserving import (
    ChainLadder,
    CompletionFactors,
    DecayTail,
    LinkRatios,
    Triangle,
    seasonal_factors,
    sigma_squared,
)
from mutualfund.errors import InputError

ROWS = [[10.0, 20.0, 22.0], [10.0, 30.0, np.nan], [12.0, np.nan, np.nan]]
TRIANGLE = Triangle.from_array(ROWS, first_origin=date(2022, 1, 1))
SMALLER = Triangle.from_array([[1.0, 2.0], [1.0, np.nan]], first_origin=date(2022, 1, 1))
PATTERN = LinkRatios().of(TRIANGLE)
COST = Lognormal(mean=100, cv=1)
YEAR = aggregate(Poisson(mean=2), COST)
AMOUNTS = [10.0, 20.0, 40.0, 80.0, 90.0]
FIT = fit_severity("lognormal", AMOUNTS)
COUNTS = fit_counts("negative_binomial", [0, 1, 2, 3, 4, 9])
RUIN = SurplusProcess(1.0, Exponential(mean=1), premium_rate=1.5)
ANY: Any = object()
CHAIN = ChainLadder().fit(TRIANGLE)
STUDY = example_study()
PAYMENTS = pd.DataFrame({"o": ["2024-01-05"], "v": ["2024-02-05"], "a": [1.0]})


CHECKS = ClaimChecks(as_of=date(2024, 12, 31), currency="EUR")
ERLANG = ErlangMixture([0.5, 0.5], [1, 2], [3.0, 7.0])


def study(**options: Any) -> ExperienceStudy:
    """A study of one member without a claim."""
    dates = {"cover_start": ["2024-01-01"], "cover_end": ["2024-12-31"]}
    claims = pa.table({"claim_id": [], "member_id": [], "line": [], "incurred": [], "paid": []})
    return ExperienceStudy.from_tables(
        pa.table({"member_id": ["ann"], "age": [40], "sex": ["F"]}),
        pa.table({"member_id": ["ann"]} | dates),
        claims.append_column("amount", pa.array([], pa.float64())),
        period=("2024-01-01", "2024-12-31"),
        checks=CHECKS,
        **options,
    )


def read(**columns: Any) -> Triangle:
    """A triangle of one payment, of these columns where others are right."""
    named = {"origin": "o", "valuation": "v", "amount": "a"} | columns
    return Triangle.from_frame(PAYMENTS, cumulative=False, **named)


REFUSED: list[tuple[str, Callable[[], object]]] = [
    ("triangle", lambda: sigma_squared(ROWS, PATTERN)),
    ("pattern", lambda: sigma_squared(TRIANGLE, LinkRatios())),
    ("pattern", lambda: sigma_squared(TRIANGLE, LinkRatios().of(SMALLER))),
    ("last_sigma", lambda: sigma_squared(TRIANGLE, PATTERN, ["mack"])),
    ("exposure", lambda: TRIANGLE.from_array(ROWS, first_origin=date(2022, 1, 1), exposure="x")),
    (
        "origin_grain",
        lambda: TRIANGLE.from_array(ROWS, first_origin=date(2022, 1, 1), origin_grain=ANY),
    ),
    ("pmpm", lambda: seasonal_factors("high", 1)),
    ("link_ratios", lambda: DecayTail().factor(["1.5"])),
    ("origin", lambda: read(origin=["o"])),
    ("kind", lambda: fit_severity(["lognormal"], AMOUNTS)),
    ("kind", lambda: fit_counts(np.array(["poisson", "x"]), [1, 2])),
    ("above", lambda: fit_severity("pareto", AMOUNTS, above="5")),
    ("fits", lambda: compare_fits(FIT)),
    ("kinds", lambda: compare_counts([0, 1, 2], kinds="poisson")),
    ("counts", lambda: ground_up_counts(Poisson(mean=1), FIT)),
    ("amounts", lambda: ground_up_counts(COUNTS, COST)),
    ("relativity", lambda: conditional_dispersion(COUNTS, ["a", "b"])),
    ("seed", lambda: goodness_of_fit(FIT, 19, seed=None)),
    ("name", lambda: FIT.interval(["mu"])),
    ("aggregate.frequency", lambda: aggregate(["a", "b"], COST)),
    ("aggregate.severity", lambda: aggregate(Poisson(mean=2), Lognormal)),
    ("aggregate.grid", lambda: aggregate(Poisson(mean=2), COST, grid=None)),
    ("aggregate.amount", lambda: YEAR.sf("much")),
    ("total.parts", lambda: total(Collective(Poisson(mean=2), COST))),
    ("total.parts[1]", lambda: total([YEAR, COST])),
    ("individual_risks.number", lambda: individual_risks(2, [0.1], [COST])),
    ("amount", lambda: COST.sf("much")),
    ("count", lambda: Poisson(mean=1).pmf("two")),
    ("cost", lambda: AnnualPlan(deductible=1).member_pays(["much"])),
    ("plan.p_zero", lambda: AnnualPlan(deductible=1).expected(COST, p_zero=[0.1])),
    ("cost", lambda: AnnualPlan(deductible=1).expected(Lognormal)),
    ("cost", lambda: LossCover(deductible=1).variance_per_payment(100.0)),
    ("ruin.premium_rate", lambda: SurplusProcess(1.0, COST, premium_rate=[1.5])),
    ("ruin.capital", lambda: RUIN.ruin_by([1.0, 2.0], 1.0)),
    ("by", lambda: example_study().pmpm(by=[["line"]])),
    ("line", lambda: example_study().completion(["dental"])),
    ("amount", lambda: COST.sf(10**400)),
    ("cumulative", lambda: replace(TRIANGLE, cumulative=[[1.0, 2.0], [3.0]])),
    ("exposure", lambda: replace(TRIANGLE, exposure=Exponential)),
    ("currency", lambda: replace(TRIANGLE, currency=np.array(["EUR", "USD"]))),
    ("origin", lambda: read(origin=None)),
    ("amount", lambda: read(amount=PAYMENTS["a"])),
    ("seasonality", lambda: CompletionFactors(seasonality=1.0)),
    ("later", lambda: CHAIN.share_at("next")),
    ("later", lambda: CHAIN.expected_by([1, 2])),
    ("later", lambda: CHAIN.expected_by([2.0, 2.0, 1.5])),
    ("later", lambda: CHAIN.expected_by([2.0, 2.0, np.inf])),
    ("later", lambda: CHAIN.expected_by(TRIANGLE.ages - 1)),
    ("trials", lambda: fit_counts("binomial", [0, 1, 2], trials="3")),
    ("severity.trended.rate_per_year", lambda: COST.trended("much")),
    ("severity.trended.years", lambda: COST.trended(0.05, None)),
    ("severity.trended.rate_per_year", lambda: COST.trended(-1.5, 0.5)),
    ("frequency.count", lambda: Poisson(mean=1).pmf_at(1.0, np.nan)),
    ("cost", lambda: AnnualPlan(deductible=1).fund_pays(np.inf)),
    ("probabilities", lambda: YEAR.table("0.5")),
    ("rate", lambda: example_study().trend(np.array(["pmpm", "x"]))),
    ("monthly", lambda: fit_trend("pmpm", STUDY, STUDY.period)),
    ("period", lambda: fit_trend("pmpm", STUDY.monthly(), ("2024-01-01", "2024-12-31"))),
    ("known", lambda: fit_trend("pmpm", STUDY.monthly(), STUDY.period, known=1.0)),
    ("cost", lambda: plan_with_actuarial_value(0.6, Lognormal)),
    ("plan", lambda: plan_with_actuarial_value(0.6, COST, plan=LossCover(deductible=1))),
    ("change", lambda: plan_with_actuarial_value(0.6, COST, change=["deductible"])),
    ("age_bands", lambda: study(age_bands=40)),
    ("age_bands", lambda: study(age_bands=[0, 17.5])),
    ("overlap", lambda: study(overlap="refues")),
    ("column", lambda: STUDY.exposure()["member_month"]),
    ("largest", lambda: STUDY.exposure().suppressed(largest=None)),
    ("rounding", lambda: STUDY.exposure().suppressed(rounding=0)),
    ("path", lambda: ClaimRecords.read_csv(PAYMENTS, CHECKS)),
    ("path", lambda: ClaimRecords.read_parquet(None, CHECKS)),
    ("delimiter", lambda: ClaimRecords.read_csv("claims.csv", CHECKS, delimiter=None)),
    ("claims.weights", lambda: ErlangMixture(1.0, [1], [1.0])),
    ("claims.isf.q", lambda: ERLANG.isf("rarely")),
    ("claims.quantile.p", lambda: ERLANG.quantile(1.5)),
    ("claims.scaled.factor", lambda: ERLANG.scaled("twice")),
]


@pytest.mark.parametrize(("field", "call"), REFUSED, ids=[field for field, _ in REFUSED])
def test_a_wrong_kind_of_argument_is_refused_by_its_name(
    field: str, call: Callable[[], object]
) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert [fault.field for fault in caught.value.faults] == [field]


def test_several_shares_of_members_may_come_in_any_shape() -> None:
    tables = [example_study().concentration(shares) for shares in ([0.25, 0.5], [[0.25, 0.5]])]
    assert tables[0]["cost_share"].tolist() == tables[1]["cost_share"].tolist()

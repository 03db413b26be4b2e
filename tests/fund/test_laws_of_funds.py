"""Laws that hold for any small fund, tried on many: a relation between runs instead of a figure for one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fund.funds import CARE, tables
from mutualfund.fund import simulate
from mutualfund.portfolio import Portfolio
from mutualfund.results import FundRun
from mutualfund.results.measures import MEASURES
from mutualfund.scenario import Scenario
from mutualfund.types import FloatArray

pytestmark = pytest.mark.usefixtures("short_pilot")

START = tables()["fund"]["start"]


class Flat:
    """A severity of one's own that knows nothing but its quantiles: uniform between two amounts."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def quantile(self, p: FloatArray) -> FloatArray:
        return self.low + (self.high - self.low) * np.asarray(p)


def fund(
    severity: object, *, frequency: float = 0.8, members: int = 30, **parts: object
) -> dict[str, object]:
    line = CARE | {"severity": severity, "frequency": {"kind": "poisson", "mean": frequency}}
    return tables(members=members, **({"paths": 6, "years": 2} | parts)) | {
        "assumptions": {"lines": [line]}
    }


def run_of(data: dict[str, object], portfolio: Portfolio | None = None) -> FundRun:
    if portfolio is not None:
        data["members"] = {"mortality": "none"}
    return simulate(Scenario.from_dict(data, portfolio=portfolio))


def test_a_severity_of_ones_own_costs_its_mean() -> None:
    run = run_of(fund(Flat(100.0, 500.0), members=200, paths=400, years=1))
    per_claim = run.measure("billed").sum() / run.lines["claim_count"].sum()
    count = 0.8 * 200 * 400
    sd = 400.0 / np.sqrt(12.0)
    # 64,000 claims know their mean to 0.5; the table of quantiles and the cent add less than 0.1.
    assert abs(per_claim - 300.0) < 5 * sd / np.sqrt(count) + 0.1
    assert abs(run.lines["claim_count"].sum() - count) < 5 * np.sqrt(count)


@settings(max_examples=6)
@given(k=st.sampled_from([2, 4, 8, 16]), low=st.integers(1, 200), width=st.integers(0, 300))
def test_money_times_k_gives_results_times_k(k: int, low: int, width: int) -> None:
    plain, larger = fund(Flat(low, low + width)), fund(Flat(k * low, k * (low + width)))
    larger["fund"] = plain["fund"] | {"opening_reserve": k * 20_000.0}
    larger["rules"] = {"contributions": {"kind": "flat", "monthly": k * 25.0}}
    run, more = run_of(plain), run_of(larger)
    claims = float(run.lines["claim_count"].sum(axis=1).max())
    for name, measure in MEASURES.items():
        factor = k if measure.unit == "currency" else 1
        # Each claim is rounded to the cent before and after, and paid in two parts at most.
        np.testing.assert_allclose(
            more.ledger[name],
            factor * run.ledger[name],
            rtol=1e-5,
            atol=0.02 * k * claims,
            err_msg=name,
        )


@settings(max_examples=6)
@given(monthly=st.integers(0, 90), opening=st.integers(0, 10**6), members=st.integers(1, 40))
def test_nobody_ill_leaves_the_reserve_exact(monthly: int, opening: int, members: int) -> None:
    data = fund(Flat(1.0, 2.0), frequency=0.0, members=members)
    data["fund"] = data["fund"] | {"opening_reserve": float(opening)}
    data["rules"] = {"contributions": {"kind": "flat", "monthly": float(monthly)}}
    run = run_of(data)
    reserve = opening + members * 12.0 * monthly * np.arange(1, 3)
    np.testing.assert_array_equal(run.measure("reserve_close"), np.tile(reserve, (6, 1)))


@settings(max_examples=6)
@given(order=st.permutations(range(25)))
def test_the_order_of_the_members_file_changes_no_bit(order: list[int]) -> None:
    rows = {
        "member_id": [f"m{row}" for row in range(25)],
        "age": [3 * row for row in range(25)],
        "sex": [("F", "M")[row % 2] for row in range(25)],
    }
    table = pa.table(rows)
    shuffled = table.take(pa.array(order))
    digests = [
        run_of(fund(Flat(1.0, 900.0)), Portfolio.from_frame(rows_, start=START)).digest()
        for rows_ in (table, shuffled)
    ]
    assert digests[0] == digests[1]


@settings(max_examples=2)
@given(members=st.integers(20, 60), seed=st.integers(1, 10**6))
def test_pooling_two_equal_funds_keeps_the_mean_and_steadies_the_year(
    members: int, seed: int
) -> None:
    paths = 1500
    one, two = (
        fund(Flat(1.0, 900.0), members=n, paths=paths, years=1) for n in (members, 2 * members)
    )
    for data in (one, two):
        data["settings"] = data["settings"] | {"seed": seed}
    alone, pooled = (run_of(data).at("claims_incurred", 1) for data in (one, two))
    error = np.hypot(2 * alone.std(), pooled.std()) / np.sqrt(paths)
    assert abs(2 * alone.mean() - pooled.mean()) < 5 * error
    # 1 / sqrt 2 = 0.71; 1,500 paths know each spread to 2 %, so 0.6 to 0.82 is four errors and more.
    relative = (pooled.std() / pooled.mean()) / (alone.std() / alone.mean())
    assert 0.6 < relative < 0.82


def test_splitting_a_group_in_two_keeps_the_law_of_the_total() -> None:
    # Power: a total 4 % higher is a quarter of its sd, so the two laws lie 0.096 apart; 2,000 paths each
    # refuse at 0.062 (level 0.001) and know the distance to 0.016, so it is found 49 times in 50.
    from scipy.stats import ks_2samp

    paths = 2000
    whole = run_of(fund(Flat(1.0, 900.0), members=60, paths=paths, years=1))
    parts = []
    for seed in (11, 12):
        half = fund(Flat(1.0, 900.0), members=30, paths=paths, years=1)
        half["settings"] = half["settings"] | {"seed": seed}
        parts.append(run_of(half).at("claims_incurred", 1))
    total, claims = parts[0] + parts[1], whole.at("claims_incurred", 1)
    assert ks_2samp(total, claims).pvalue > 0.001
    assert ks_2samp(1.04 * total, claims).pvalue < 0.001

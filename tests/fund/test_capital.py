"""Required capital in the fund's year: any capital rule may be the reserve's target (definition 30).

Source of truth: the requirement recomputed from the exported measures of the run, by hand-written formulas.
"""

from __future__ import annotations

import tomllib
from datetime import date

import numpy as np
import pytest

from fund.funds import same, village
from mutualfund.errors import InputError
from mutualfund.fund import simulate
from mutualfund.results import FundRun
from mutualfund.results.facts import FundFacts
from mutualfund.rules import Books, HealthRbc
from mutualfund.scenario import Scenario
from mutualfund.types import FloatArray

pytestmark = pytest.mark.usefixtures("short_pilot")

MONTHS = {"kind": "months_of_claims", "months": 4}
SOLVENCY = {"kind": "solvency_ii_nslt", "ratio": 1.5}
FLAT = {"kind": "flat", "monthly": 25.0}


def fund(target: object, **rules: object) -> Scenario:
    reserve = {"target": target, **rules.pop("reserve", {})}  # type: ignore[dict-item]
    return village(rules={"contributions": FLAT, "reserve": reserve, **rules})


def booked_claims(run: FundRun) -> FloatArray:
    """Paid, plus the change of what was booked as outstanding, from the exported rows alone."""
    booked = run.measure("outstanding_booked")
    opening = run.measure("assets_open")[:, :1] - run.measure("reserve_open")[:, :1]
    return run.measure("claims_paid") + np.diff(booked, axis=1, prepend=opening)


def test_months_of_claims_follow_the_booked_claims_of_every_path_and_year() -> None:
    run = simulate(fund(MONTHS))
    wanted = np.maximum(0.0, booked_claims(run)) * 4 / 12
    np.testing.assert_allclose(run.measure("capital_required"), wanted, rtol=1e-9)
    ratio = run.measure("reserve_close") / run.measure("capital_required")
    np.testing.assert_array_equal(run.measure("solvency_ratio"), ratio)
    assert run.facts.targets == (None,) * 3


def test_solvency_ii_follows_dues_and_booked_outstanding() -> None:
    run = simulate(fund(SOLVENCY))
    vp, vr = run.measure("contributions_due"), run.measure("outstanding_booked")
    risk = np.sqrt((0.05 * vp) ** 2 + 0.05 * 0.057 * vp * vr + (0.057 * vr) ** 2)
    np.testing.assert_allclose(run.measure("capital_required"), 4.5 * risk, rtol=1e-12)
    assert np.unique(run.measure("capital_required")).size > 100


def test_a_share_as_a_rule_and_as_a_number_is_the_same_to_the_bit() -> None:
    surplus = {"refund": 0.5}
    as_rule = fund({"kind": "share_of_contributions", "share": 0.25}, surplus=surplus)
    runs = [simulate(one) for one in (as_rule, fund(0.25, surplus=surplus))]
    assert runs[0].measure("refunds").sum() > 0
    assert same(*runs, tuple(runs[0].ledger))


def test_surplus_is_shared_only_above_the_capital_required_and_above_the_floor() -> None:
    low = {"kind": "months_of_claims", "months": 0.1}
    run = simulate(fund(low, reserve={"floor": 0.4}, surplus={"refund": 1.0}))
    refunds, floor = run.measure("refunds"), 0.4 * run.measure("contributions_due")
    assert (refunds > 0).sum() > 20
    assert np.all(run.measure("capital_required") < floor)
    assert np.all(run.measure("reserve_close")[refunds > 0] >= floor[refunds > 0] - 1e-6)


def test_assets_count_as_they_stand_before_the_surplus_is_shared() -> None:
    charges = {"kind": "prescribed_amount", "claims_charge": 0.0, "assets_charge": 0.3}
    run = simulate(fund(charges, surplus={"refund": 0.5}))
    before = run.measure("assets_close") + run.measure("refunds") + run.measure("allocations")
    wanted = 0.3 * np.maximum(0.0, before)
    np.testing.assert_allclose(run.measure("capital_required"), wanted, rtol=1e-12)


def test_a_capital_rule_can_be_voted_and_its_parts_amended() -> None:
    amendments = [
        {"effective": date(2028, 1, 1), "rule": "reserve.target.months", "value": 8},
        {"effective": date(2029, 1, 1), "rule": "reserve.target", "value": 0.25},
    ]
    run = simulate(fund(MONTHS, amendments=amendments))
    claims, required = np.maximum(0.0, booked_claims(run)), run.measure("capital_required")
    np.testing.assert_allclose(required[:, 0], claims[:, 0] / 3, rtol=1e-9)
    np.testing.assert_allclose(required[:, 1], claims[:, 1] * 2 / 3, rtol=1e-9)
    np.testing.assert_allclose(required[:, 2], 0.25 * run.measure("contributions_due")[:, 2])
    assert run.facts.targets == (None, None, 0.25)
    assert FundFacts.from_dict(run.facts.to_dict()) == run.facts


def test_a_capital_rule_stands_in_a_file() -> None:
    tiers = [{"up_to": 5_000.0, "factor": 0.15}, {"factor": 0.09}]
    scenario = fund({"kind": "naic_health_rbc", "tiers": tiers})
    again = Scenario.from_dict(tomllib.loads(scenario.to_toml()))
    assert again.rules.reserve == scenario.rules.reserve
    assert isinstance(again.rules.reserve.target, HealthRbc)


class Stressed:
    """A capital rule of one's own."""

    def __init__(self, share: float) -> None:
        self.share = share

    def required(self, books: Books) -> FloatArray:
        return self.share * np.maximum(books.claims, 0.0)


def test_a_rule_of_ones_own_may_set_the_target() -> None:
    run = simulate(fund(Stressed(0.5)))
    wanted = 0.5 * np.maximum(0.0, booked_claims(run))
    np.testing.assert_allclose(run.measure("capital_required"), wanted, rtol=1e-9)
    with pytest.raises(InputError, match=r"rules\.reserve\.target: got -.*Correct the rule"):
        simulate(fund(Stressed(-0.5)))

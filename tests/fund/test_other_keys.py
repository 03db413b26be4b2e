"""Keys that the example file leaves at their defaults, each changed alone (as in `test_every_key`)."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest

from fund.keys import (
    CLAIMS,
    EVERYTHING,
    ILLNESS,
    PAYMENTS,
    PERSONS,
    Key,
    Tables,
    check_row,
    mean,
    of_line,
    put,
    sd,
    text_of,
)
from mutualfund.fund import simulate
from mutualfund.fund.simulate import most_paths
from mutualfund.portfolio import Portfolio
from mutualfund.results import FundRun
from mutualfund.scenario import Scenario
from mutualfund.sim.plan import lower

pytestmark = pytest.mark.usefixtures("short_pilot")

AMENDMENT = {"effective": date(2028, 7, 1), "rule": "benefits.care.copay", "value": 150.0}
CHILDREN = {"kind": "community", "monthly": 42.0, "child_age": 18, "child_share": 0.5}
TIERS = {"kind": "tier", "monthly": {"basic": 40.0, "full": 70.0}}
CARE, DUE = "assumptions.lines.care", "contributions_due"


def most_at_once(run: FundRun) -> int:
    """Paths that a block of the run may have; so small a fund's blocks are smaller."""
    return most_paths(lower(Scenario.from_dict(tomllib.loads(run.scenario_toml))))


def broad() -> Tables:
    """A fund in which every optional part has something to act on."""
    return {
        "fund": {
            "name": "Broad fund",
            "currency": "EUR",
            "start": date(2027, 1, 1),
            "opening_reserve": 9_000.0,
        },
        "settings": {"paths": 80, "years": 4, "seed": 3},
        "members": {
            "synthetic": {
                "n": 150,
                "age_mix": "N",
                "seed": 1,
                "plans": {"basic": 0.5, "full": 0.5},
            },
            "lapse_per_year": 0.05,
            "joins_per_year": 0.05,
        },
        "assumptions": {
            "lines": [
                {
                    "name": "care",
                    "frequency": {"kind": "poisson", "mean": 1.2},
                    "severity": {"kind": "gamma", "mean": 350, "cv": 1.0},
                    "age_factors": {"0-44": 0.5, "45+": 2.0},
                    "uncertainty": {"frequency": 0.1, "severity": 0.1},
                    "lag_months": 2.0,
                },
                {
                    "name": "drugs",
                    "frequency": {"kind": "poisson", "mean": 2.0},
                    "severity": {"kind": "exponential", "mean": 40},
                },
                {
                    "name": "ambulance",
                    "level": "fund",
                    "severity": {"kind": "normal", "mean": 2_000, "sd": 500},
                    "uncertainty": {"severity": 0.1},
                },
            ],
            "health_states": {
                "names": ["well", "ill"],
                "share": [0.8, 0.2],
                "relativity": [0.6, 2.6],
                "transition": [[0.95, 0.05], [0.2, 0.8]],
            },
            "economy": {"investment_return": {"mean": 0.08}, "inflation": 0.10},
        },
        "rules": {
            "contributions": CHILDREN,
            "benefits": {
                "deductible": 50.0,
                "care": {"copay": 30.0, "waiting_months": 8, "starts": date(2027, 3, 1)},
            },
            "plans": {"full": {"deductible": 0.0, "care": {"copay": 5.0}}},
            "providers": {"drugs": {"share": 0.5, "per_member": 30.0}},
            "reinsurance": [
                {
                    "kind": "excess_of_loss",
                    "retention": 1_500,
                    "limit": 3_000,
                    "premium_loading": 0.2,
                }
            ],
            "expenses": {"fixed_per_year": 2_000.0},
            "reserve": {"booking": "share_of_contributions", "booking_share": 0.1},
            "amendments": [AMENDMENT],
        },
    }


KEYS = [
    Key("fund.opening_outstanding", 90_000.0, mean("claims_paid", 1), "up", same=CLAIMS),
    Key("settings.parameter_risk", False, sd("billed"), "down", same=PERSONS),
    Key("settings.investment_weights", [1.0, 0.0], mean("investment_income"), "up", same=PAYMENTS),
    Key("settings.run_off", True, mean("members_end"), "down", same_first=EVERYTHING),
    Key("settings.memory_mib", 1, most_at_once, "down", same=EVERYTHING),
    Key("settings.keep", [], lambda run: len(run.lines), "down", same=EVERYTHING),
    Key("prepared_by", "An actuary", text_of, "other", same=EVERYTHING),
    Key("members.synthetic.n", 200, mean("members_start"), "up"),
    Key("members.synthetic.age_mix", "Y", mean(DUE), "down"),
    Key("members.synthetic.seed", 2, mean("billed"), "other"),
    Key(
        "members.synthetic.plans",
        {"basic": 0.1, "full": 0.9},
        mean("claims_incurred"),
        "up",
        same=ILLNESS,
    ),
    Key("members.price_reference", 0.5, mean("lapsed"), "down", keen=True, same=("joined",)),
    Key(
        f"{CARE}.sex_factors",
        {"F": 5.0, "M": 1.0},
        of_line("billed", "care"),
        "other",
        same=PERSONS,
    ),
    Key(
        f"{CARE}.seasonality",
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 4],
        mean("outstanding_true"),
        "up",  # most claims at the end of the fund year, not yet paid
        same=PERSONS,
    ),
    Key(f"{CARE}.uncertainty.frequency", 0.5, sd("billed"), "up", same=PERSONS),
    Key(
        f"{CARE}.uncertainty.severity",
        0.5,
        sd("billed"),
        "up",
        same=PERSONS,
        same_lines=(("claim_count", "care"), ("billed", "drugs")),
    ),
    Key(
        f"{CARE}.uncertainty.shapes",
        [{"severity": {"kind": "lognormal", "mean": 1, "cv": 5.0}, "relative_mean": 3.0}],
        sd("reinsurance_recovery"),
        "up",
        same=PERSONS,
        same_lines=(("claim_count", "care"), ("billed", "drugs")),
    ),
    Key(
        f"{CARE}.use_response",
        {"share": [0.0, 0.5], "use": [1.0, 0.4]},
        of_line("claim_count", "care"),
        "down",
        same=PERSONS,
        same_lines=(("billed", "drugs"),),
    ),
    Key(
        "assumptions.lines.ambulance.severity.mean",
        3_000,
        mean("claims_incurred"),
        "up",
        same=PERSONS,
        same_lines=(("claims_incurred", "care"),),
    ),
    Key(
        "assumptions.lines.ambulance.trend_per_year",
        0.2,
        mean("billed"),
        "up",
        same_first=("billed",),
    ),
    Key("assumptions.lines.ambulance.lag_months", 6.0, mean("outstanding_true"), "up", same=CLAIMS),
    Key(
        "assumptions.lines.ambulance.uncertainty.severity",
        0.8,
        of_line("billed", "ambulance", spread=True),
        "up",
        same_lines=(("billed", "care"),),
    ),
    Key("assumptions.frailty", {"cv": 0.8}, sd("billed"), "up", same=PERSONS),
    Key(
        "assumptions.frailty",
        {"cv": 0.8, "lines": ["care"]},
        of_line("claim_count", "care", spread=True),
        "up",
        same=PERSONS,
        same_lines=(("claim_count", "drugs"), ("billed", "drugs"), ("billed", "ambulance")),
    ),
    Key(
        "assumptions.health_states.join_share",
        [0.0, 1.0],
        of_line("claim_count", "drugs"),
        "up",
        same=PERSONS,
    ),
    Key(
        "assumptions.health_states.relativity",
        {"care": [0.6, 2.6]},
        of_line("claim_count", "drugs", spread=True),
        "down",
        same=PERSONS,
        same_lines=(("billed", "care"),),
    ),
    Key(
        "assumptions.health_states.mortality_relativity",
        [1.0, 40.0],
        mean("died"),
        "up",
        same=("joined",),
    ),
    Key(
        "assumptions.health_states.lapse_relativity",
        [1.0, 9.0],
        mean("lapsed"),
        "up",
        same=("joined",),
    ),
    Key("rules.contributions.monthly", 80.0, mean(DUE), "up", same=PAYMENTS),
    Key("rules.contributions.child_age", 30, mean(DUE), "down", same=PAYMENTS),
    Key("rules.contributions.child_share", 0.9, mean(DUE), "up", same=PAYMENTS),
    Key("rules.contributions.previous_monthly", 30.0, mean("lapsed", 1), "up", keen=True),
    Key(
        "rules.contributions.target_loss_ratio",
        0.4,
        mean(DUE),
        "up",
        same=PAYMENTS,
        same_first=(DUE,),
    ),
    Key("rules.contributions", TIERS, mean(DUE), "other", same=PAYMENTS),
    Key("rules.benefits.annual_limit", 300.0, mean("claims_incurred"), "down", same=ILLNESS),
    Key(
        "rules.benefits.indexed",
        True,
        mean("claims_incurred"),
        "down",
        same=ILLNESS,
        same_first=("claims_incurred",),
    ),
    Key(
        "rules.benefits.care.indexed",
        True,
        of_line("claims_incurred", "care"),
        "down",
        same=ILLNESS,
        same_first=("claims_incurred",),
    ),
    Key("rules.benefits.care.covered", False, of_line("allowed", "care"), "down", same=ILLNESS),
    Key("rules.benefits.care.external_share", 0.3, mean("external_paid"), "up", same=ILLNESS),
    Key(
        "rules.benefits.care.waive_for_existing",
        True,
        of_line("allowed", "care"),
        "up",
        same=ILLNESS,
    ),
    Key("rules.plans.full.deductible", 400.0, mean("claims_incurred"), "down", same=ILLNESS),
    Key(
        "rules.providers.drugs.share",
        1.0,
        mean("provider_borne"),
        "up",
        same=(*ILLNESS, "member_paid"),
    ),
    Key("rules.providers.drugs.per_member", 60.0, mean("provider_fixed"), "up", same=PAYMENTS),
    Key(
        "rules.reinsurance.0",
        {"kind": "excess_of_loss", "retention": 1_500, "limit": 3_000, "premium": 50_000.0},
        mean("reinsurance_premium"),
        "up",
        same=(*PAYMENTS, "reinsurance_recovery"),
    ),
    Key("rules.expenses.fixed_per_year", 5_000.0, mean("expenses"), "up", same=PAYMENTS),
    Key(
        "rules.expenses.indexed",
        True,
        mean("expenses"),
        "up",
        same=PAYMENTS,
        same_first=("expenses",),
    ),
    Key("rules.reserve.booking_share", 0.3, mean("outstanding_booked"), "up", same=PAYMENTS),
    Key(
        "rules.amendments.0.effective",
        date(2029, 7, 1),
        of_line("claims_incurred", "care", year=2),
        "up",
        same=ILLNESS,
        same_first=EVERYTHING,
    ),
    Key(
        "rules.amendments.0.value",
        250.0,
        of_line("claims_incurred", "care"),
        "down",
        same=ILLNESS,
        same_first=EVERYTHING,
    ),
    Key(
        "rules.amendments.0.rule",
        "benefits.care.annual_limit",
        of_line("claims_incurred", "care"),
        "other",
        same=ILLNESS,
        same_first=EVERYTHING,
    ),
    Key("rules.amendments.0.motion", "Motion 7", text_of, "other", same=EVERYTHING),
    Key(
        "rules.amendments.0",
        {"effective": date(2029, 1, 1), "rule": "contributions.monthly", "value": 90.0},
        mean(DUE, 3),
        "up",
        same=PERSONS,
        same_first=EVERYTHING,
    ),
]


@cache
def base(keen: bool) -> FundRun:
    return simulate(Scenario.from_dict(with_response(keen)))


def with_response(keen: bool) -> Tables:
    data = deepcopy(broad())
    if keen:
        # A table voted for the second year is a rise that members mind.
        data["members"]["price_response"] = 1.0
        data["rules"]["contributions"]["increase_per_year"] = 0.3
    return data


@pytest.mark.parametrize("row", KEYS, ids=lambda row: row.key)
def test_key_moves_its_figure_and_nothing_upstream(row: Key) -> None:
    data = with_response(row.keen)
    put(data, row.key, row.value)
    check_row(row, base(row.keen), simulate(Scenario.from_dict(data)))


INCOME = {"kind": "income", "rate": 0.03, "minimum": 20.0, "maximum": 90.0}
INCOME_KEYS: list[tuple[str, Any, Callable[[FundRun], float], str]] = [
    ("rate", 0.04, mean(DUE), "up"),
    ("minimum", 40.0, mean(DUE), "up"),
    ("maximum", 60.0, mean(DUE), "down"),
    ("previous_rate", 0.01, mean("lapsed", 1), "up"),
]


def by_income(**terms: Any) -> FundRun:
    import pandas as pd

    rows = pd.DataFrame(
        {
            "member_id": [f"m{number}" for number in range(120)],
            "age": 40,
            "sex": "F",
            "income": np.linspace(0.0, 60_000.0, 120),
        }
    )
    data = broad()
    data["members"] = {"price_response": 0.5}
    del data["rules"]["plans"]
    data["rules"]["contributions"] = INCOME | terms
    portfolio = Portfolio.from_frame(rows, start=data["fund"]["start"])
    return simulate(Scenario.from_dict(data, portfolio=portfolio))


@pytest.mark.parametrize(("key", "value", "figure", "how"), INCOME_KEYS)
def test_key_of_income_related_dues(
    key: str, value: float, figure: Callable[[FundRun], float], how: str
) -> None:
    row = Key(key, value, figure, how, same=() if key == "previous_rate" else PERSONS)
    check_row(row, by_income(), by_income(**{key: value}))


def test_income_related_dues_are_the_sum_over_members() -> None:
    income = np.linspace(0.0, 60_000.0, 120)
    cents = np.floor(100 * np.clip(income * 0.03 / 12, 20.0, 90.0) + 0.5)
    data = by_income()
    start = data.measure("members_start")[:, 0]
    assert (start == 120).all()
    nobody_left = (
        (data.at("lapsed", 1) == 0) & (data.at("died", 1) == 0) & (data.at("joined", 1) == 0)
    )
    assert nobody_left.any()
    np.testing.assert_allclose(data.at(DUE, 1)[nobody_left], 12 * cents.sum() / 100, rtol=1e-12)


def test_some_paths_of_the_base_are_ruined_and_most_are_not() -> None:
    insolvent = base(False).measure("insolvent").max(axis=1)
    assert 0.02 < insolvent.mean() < 0.9

"""Every key of the example file, changed one at a time, does what its comment says and nothing before it.

A row names a key, its new value, the figure that moves and how, and what must stay equal to the bit because
it lies upstream. A key of the file without a row, or a row that moves nothing, is a failure. The fund is the
example's on 250 made-up members, poor enough that calls are made. Unless the row is about price, members do
not respond to it: else a dearer year would reach everything in the next.
"""

from __future__ import annotations

import tomllib
from copy import deepcopy
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from fund.funds import HARBOUR, harbour
from fund.keys import (
    CEDED,
    CLAIMS,
    DENTAL,
    EVERYTHING,
    HOSPITAL,
    ILLNESS,
    PAYMENTS,
    PERSONS,
    Key,
    Tables,
    believed,
    check_row,
    counts_stay,
    leaves,
    line_stays,
    mean,
    of_line,
    put,
    sd,
    text_of,
)
from mutualfund.errors import InputError
from mutualfund.fund import pilot, simulate
from mutualfund.results import FundRun
from mutualfund.scenario import Scenario

pytestmark = pytest.mark.usefixtures("short_pilot")

TAIL = {"kind": "pareto", "above": 29_000, "alpha": 2.2}
SEVERITY = {"kind": "lognormal", "mean": 2_900, "cv": 1.8, "tail": TAIL}
LAYER = {"kind": "excess_of_loss", "retention": 15_000, "limit": 10_000, "premium_loading": 0.3}
STOP = {"kind": "stop_loss", "attachment": 1.15, "limit": 0.25, "premium_loading": 0.5}
STAY = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
BILLED = of_line("billed", HOSPITAL)
COUNT = of_line("claim_count", HOSPITAL)
PAID_DENTAL = of_line("claims_incurred", DENTAL)
DUE = "contributions_due"
WARD = "assumptions.lines.hospital"

HEADING = [
    Key("title", "Another title", text_of, "other", same=EVERYTHING),
    Key("intended_use", "A test", text_of, "other", same=EVERYTHING),
    Key("fund.name", "Another fund", text_of, "other", same=EVERYTHING),
    Key("fund.currency", "JPY", mean("billed"), "other", same=PERSONS),
    Key(
        "fund.start",
        date(2027, 7, 1),
        of_line("claims_incurred", DENTAL, year=1),
        "up",  # dental cover starts with the fund instead of half a year into it
        same=PERSONS,
        same_lines=(("billed", DENTAL),),
    ),
    Key("fund.opening_reserve", 30_000, mean("reserve_close"), "up", same=PAYMENTS),
    Key("settings.paths", 30, lambda run: run.n_paths, "down"),
    Key("settings.years", 2, lambda run: run.n_years, "down"),
    Key("settings.seed", 2027, mean("billed"), "other"),
]
MEMBERS = [
    Key("members.joins_per_year", 0.2, mean("joined"), "up", same_first=("members_start",)),
    Key("members.lapse_per_year", 0.3, mean("lapsed"), "up", same=("joined",)),
    Key("members.mortality", "none", mean("died"), "down", same=("joined",)),
    Key("members.price_response", 3.0, mean("lapsed"), "up", same=("joined",), keen=True),
]
LINES = [
    Key(f"{WARD}.name", "ward", mean("billed"), "other", same=PERSONS),
    Key(
        f"{WARD}.frequency.kind",
        {"kind": "poisson", "mean": 0.11},
        COUNT,
        "other",
        at=f"{WARD}.frequency",
        same=PERSONS,
        same_lines=line_stays(DENTAL),
    ),
    Key(
        f"{WARD}.frequency.mean",
        0.2,
        COUNT,
        "up",
        same=PERSONS,
        same_lines=line_stays(DENTAL),
    ),
    Key(
        f"{WARD}.frequency.dispersion",
        0.2,
        of_line("claim_count", HOSPITAL, spread=True),
        "up",
        same=PERSONS,
        same_lines=line_stays(DENTAL),
    ),
    Key(
        f"{WARD}.severity.kind",
        SEVERITY | {"kind": "gamma"},
        BILLED,
        "other",
        at=f"{WARD}.severity",
        same=PERSONS,
        same_lines=counts_stay(),
    ),
    Key(f"{WARD}.severity.mean", 3_500, BILLED, "up", same=PERSONS, same_lines=counts_stay()),
    Key(
        f"{WARD}.severity.cv",
        1.0,
        of_line("billed", HOSPITAL, spread=True),
        "down",
        same=PERSONS,
        same_lines=counts_stay(),
    ),
    Key(
        f"{WARD}.severity.tail.kind",
        {"kind": "generalised_pareto", "above": 29_000, "xi": 0.2, "beta": 9_000},
        BILLED,
        "other",
        at=f"{WARD}.severity.tail",
        same=PERSONS,
        same_lines=counts_stay(),
    ),
    Key(
        f"{WARD}.severity.tail.above",
        60_000,
        BILLED,
        "other",
        same=PERSONS,
        same_lines=counts_stay(),
    ),
    Key(
        f"{WARD}.severity.tail.alpha",
        1.5,
        of_line("billed", HOSPITAL, spread=True),
        "up",
        same=PERSONS,
        same_lines=counts_stay(),
    ),
    *(
        Key(
            f"{WARD}.age_factors.{band}",
            9.0,
            believed(cell),
            "up",
            same=PERSONS,
            same_lines=line_stays(DENTAL),
        )
        for band, cell in (("0-17", 0), ("18-44", 3), ("45-64", 5), ("65+", 7))
    ),
    Key(f"{WARD}.trend_per_year", 0.12, BILLED, "up", same=PERSONS, same_first=("billed",)),
    Key(f"{WARD}.lag_months", 5.0, mean("outstanding_true"), "up", same=CLAIMS),
    Key("assumptions.lines.dental.name", "teeth", mean("billed"), "other", same=PERSONS),
    Key(
        "assumptions.lines.dental.frequency.kind",
        {"kind": "negative_binomial", "mean": 0.7, "dispersion": 0.5},
        of_line("claim_count", DENTAL),
        "other",
        at="assumptions.lines.dental.frequency",
        same=PERSONS,
    ),
    Key(
        "assumptions.lines.dental.frequency.mean",
        1.0,
        of_line("claim_count", DENTAL),
        "up",
        same=PERSONS,
    ),
    Key(
        "assumptions.lines.dental.severity.kind",
        "lognormal",
        of_line("billed", DENTAL),
        "other",
        same=PERSONS,
        same_lines=(("claim_count", DENTAL), ("billed", HOSPITAL)),
    ),
    Key(
        "assumptions.lines.dental.severity.mean", 200, of_line("billed", DENTAL), "up", same=PERSONS
    ),
    Key(
        "assumptions.lines.dental.severity.cv",
        3.0,
        of_line("billed", DENTAL, spread=True),
        "up",
        same=PERSONS,
        same_lines=(("claim_count", DENTAL),),
    ),
    Key(
        "assumptions.lines.dental.trend_per_year",
        0.1,
        of_line("billed", DENTAL),
        "up",
        same_first=("billed",),
    ),
    Key("assumptions.lines.dental.lag_months", 4.0, mean("outstanding_true"), "up", same=CLAIMS),
]
STATES = "assumptions.health_states"
HAZARDS = [
    # Names of states are for the members file; here nobody's state is given.
    Key(f"{STATES}.names", ["fit", "chronic", "complex"], text_of, "other", same=EVERYTHING),
    Key(f"{STATES}.share", [0.5, 0.3, 0.2], COUNT, "other", same=PERSONS),
    Key(
        f"{STATES}.relativity",
        [1.0, 1.0, 1.0],
        of_line("claim_count", HOSPITAL, spread=True),
        "down",
        same=PERSONS,
    ),
    Key(
        f"{STATES}.transition", STAY, mean("billed"), "other", same=PERSONS, same_first=("billed",)
    ),
    Key(
        "assumptions.shocks.bad winter.name",
        "cold",
        COUNT,
        "other",
        same=PERSONS,
        same_lines=line_stays(DENTAL),
    ),
    Key(
        "assumptions.shocks.bad winter.probability_per_year",
        0.9,
        COUNT,
        "up",
        same=PERSONS,
        same_lines=line_stays(DENTAL),
    ),
    Key(
        "assumptions.shocks.bad winter.months",
        [12, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        COUNT,
        "up",
        same=PERSONS,
        same_lines=line_stays(DENTAL),
    ),
    Key(
        "assumptions.shocks.bad winter.frequency_factor.hospital",
        8.0,
        COUNT,
        "up",
        same=PERSONS,
        same_lines=line_stays(DENTAL),
    ),
    Key(
        "assumptions.economy.investment_return.mean",
        0.06,
        mean("investment_income"),
        "up",
        same=PAYMENTS,
    ),
    Key(
        "assumptions.economy.investment_return.sd",
        0.2,
        sd("investment_income"),
        "up",
        same=PAYMENTS,
    ),
    Key(
        "assumptions.economy.inflation",
        0.10,
        mean("expenses"),
        "up",
        same=PAYMENTS,
        same_first=("expenses",),
    ),
]
DUES = "rules.contributions"
CONTRIBUTIONS = [
    Key(f"{DUES}.kind", {"kind": "flat", "monthly": 50.0}, mean(DUE), "up", at=DUES, same=PAYMENTS),
    *(
        Key(f"{DUES}.monthly.{band}", 90.0, mean(DUE), "up", same=PAYMENTS)
        for band in ("0-17", "18-39", "40-64", "65+")
    ),
    *(
        Key(
            f"{DUES}.previous_monthly.{band}",
            5.0,
            mean("lapsed", 1),
            "up",
            keen=True,
            same=("joined",),
        )
        for band in ("0-17", "18-39", "40-64", "65+")
    ),
    Key(f"{DUES}.increase_per_year", 0.09, mean(DUE), "up", same=PAYMENTS, same_first=(DUE,)),
    Key(
        f"{DUES}.collection_rate",
        0.7,
        mean("contributions_collected"),
        "down",
        same=PAYMENTS,
        same_first=(DUE,),
    ),
]
BENEFITS = [
    Key("rules.benefits.deductible", 500, mean("claims_incurred"), "down", same=ILLNESS),
    Key("rules.benefits.out_of_pocket_maximum", 400, mean("claims_incurred"), "up", same=ILLNESS),
    Key("rules.benefits.hospital.coinsurance", 0.4, mean("claims_incurred"), "down", same=ILLNESS),
    Key(
        "rules.benefits.hospital.annual_limit", 5_000, mean("claims_incurred"), "down", same=ILLNESS
    ),
    Key("rules.benefits.dental.starts", date(2026, 7, 1), PAID_DENTAL, "up", same=ILLNESS),
    Key("rules.benefits.dental.waiting_months", 0, PAID_DENTAL, "up", same=ILLNESS),
    Key("rules.benefits.dental.copay", 60.0, PAID_DENTAL, "down", same=ILLNESS),
    Key("rules.benefits.dental.deductible_applies", True, PAID_DENTAL, "down", same=ILLNESS),
]
BEFORE_CEDING = (*PAYMENTS, "outstanding_booked")
TREATIES = "rules.reinsurance"
REINSURANCE = [
    Key(
        f"{TREATIES}.0.kind",
        [STOP, STOP],
        mean("reinsurance_recovery"),
        "other",
        at=TREATIES,
        same=BEFORE_CEDING,
    ),
    Key(f"{TREATIES}.0.retention", 5_000, mean("reinsurance_recovery"), "up", same=BEFORE_CEDING),
    Key(f"{TREATIES}.0.limit", 40_000, mean("reinsurance_premium"), "up", same=BEFORE_CEDING),
    Key(
        f"{TREATIES}.0.premium_loading",
        1.0,
        mean("reinsurance_premium"),
        "up",
        same=(*BEFORE_CEDING, "reinsurance_recovery"),
    ),
    Key(
        f"{TREATIES}.1.kind",
        [LAYER, LAYER],
        mean("reinsurance_recovery"),
        "other",
        at=TREATIES,
        same=BEFORE_CEDING,
    ),
    Key(f"{TREATIES}.1.attachment", 0.9, mean("reinsurance_recovery"), "up", same=BEFORE_CEDING),
    Key(f"{TREATIES}.1.limit", 2.0, mean("reinsurance_recovery"), "up", same=BEFORE_CEDING),
    Key(
        f"{TREATIES}.1.premium_loading",
        3.0,
        mean("reinsurance_premium"),
        "up",
        same=(*BEFORE_CEDING, "reinsurance_recovery"),
    ),
]
MONEY = [
    Key("rules.expenses.share_of_contributions", 0.2, mean("expenses"), "up", same=CEDED),
    Key("rules.expenses.per_member", 20.0, mean("expenses"), "up", same=CEDED),
    Key(
        "rules.reserve.booking",
        "bornhuetter_ferguson",
        mean("outstanding_booked"),
        "other",
        same=PAYMENTS,
    ),
    Key("rules.reserve.floor", 0.24, mean("calls"), "up", same=CEDED, same_first=("result",)),
    Key("rules.reserve.target", 0.6, mean("refunds"), "down", same=CEDED, same_first=("result",)),
    Key(
        "rules.surplus.statutory_reserve",
        0.3,
        mean("statutory_reserve"),
        "up",
        same=tuple(name for name in EVERYTHING if name != "statutory_reserve"),
    ),
    Key(
        "rules.surplus.prevention_fund",
        0.3,
        mean("allocations"),
        "up",
        same=CEDED,
        same_first=("result",),
    ),
    Key("rules.surplus.refund", 0.8, mean("refunds"), "up", same=CEDED, same_first=("result",)),
    Key("rules.calls.maximum", 0.02, mean("calls"), "down", same=CEDED, same_first=("result",)),
    Key(
        "rules.calls.collection_rate",
        0.3,
        mean("calls"),
        "down",
        same=CEDED,
        same_first=("result",),
    ),
    Key(
        "rules.governance.data_lag_months", 18, mean(DUE), "down", same=CEDED, same_first=EVERYTHING
    ),
    Key(
        "rules.governance.effect_lag_months",
        18,
        mean(DUE),
        "down",
        same=CEDED,
        same_first=EVERYTHING,
    ),
    Key(
        "rules.governance.maximum_increase",
        0.05,
        mean(DUE),
        "down",
        same=CEDED,
        same_first=EVERYTHING,
    ),
    Key(
        "rules.governance.restore_floor",
        False,
        mean(DUE),
        "down",
        same=CEDED,
        same_first=EVERYTHING,
    ),
]
KEYS = [
    *HEADING,
    *MEMBERS,
    *LINES,
    *HAZARDS,
    *CONTRIBUTIONS,
    *BENEFITS,
    *REINSURANCE,
    *MONEY,
]
ELSEWHERE = {"schema_version", "members.file"}  # tests of their own, below


def example() -> Tables:
    data = harbour(members=250, paths=80, years=4)
    data["fund"]["opening_reserve"] = -10_000  # so that every rule of hard times is used
    return data


def renamed(data: Tables, old: str, new: str) -> None:
    """Rename a line wherever the rules and shocks speak of it."""
    put(data, f"assumptions.lines.{old}.name", new)
    data["rules"]["benefits"][new] = data["rules"]["benefits"].pop(old)
    for shock in data["assumptions"]["shocks"]:
        if old in shock["frequency_factor"]:
            shock["frequency_factor"][new] = shock["frequency_factor"].pop(old)


@cache
def base(keen: bool) -> FundRun:
    data = example()
    if not keen:
        data["members"]["price_response"] = 0.0
    return simulate(Scenario.from_dict(data))


def changed(row: Key) -> FundRun:
    data = deepcopy(example())
    if not row.keen:
        data["members"]["price_response"] = 0.0
    if row.key.endswith(".name") and row.key.startswith("assumptions.lines."):
        renamed(data, row.key.split(".")[2], row.value)
    else:
        put(data, row.at or row.key, row.value)
    return simulate(Scenario.from_dict(data))


def test_the_table_has_a_row_for_every_key_of_the_file() -> None:
    data = tomllib.loads(HARBOUR.read_text(encoding="utf-8"))
    assert set(leaves(data)) == {row.key for row in KEYS} | ELSEWHERE
    assert len(KEYS) == len({row.key for row in KEYS})


@pytest.mark.parametrize("row", KEYS, ids=lambda row: row.key)
def test_key_moves_its_figure_and_nothing_upstream(row: Key) -> None:
    check_row(row, base(row.keen), changed(row))


def test_another_schema_version_is_refused() -> None:
    with pytest.raises(InputError, match="schema_version"):
        Scenario.from_dict(example() | {"schema_version": 2})


def test_members_come_from_the_file_that_is_named(tmp_path: Path) -> None:
    data = example()
    data["settings"] |= {"paths": 5, "years": 1}
    del data["members"]["synthetic"]
    for name, members in (("few.csv", 30), ("many.csv", 50)):
        rows = "".join(f"m{number},{20 + number % 60},F\n" for number in range(members))
        (tmp_path / name).write_text("member_id,age,sex\n" + rows, encoding="utf-8")
        data["members"]["file"] = name
        run = simulate(Scenario.from_dict(data, tmp_path))
        assert (run.measure("members_start") == members).all()


def test_calls_refunds_and_automatic_rises_all_happen_in_the_base() -> None:
    run = base(False)
    for name in ("calls", "refunds", "reinsurance_recovery"):
        assert 0.0 < (run.measure(name) > 0).mean() < 1.0, name
    stated = run.measure(DUE)[:, 3] / run.measure(DUE)[:, 0]
    assert len(np.unique(stated.round(9))) > 1
    assert pilot.MOST_PATHS == 60

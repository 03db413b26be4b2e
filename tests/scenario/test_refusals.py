"""What a scenario file may not say, and what the reader is told instead."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from mutualfund.errors import Fault, InputError
from mutualfund.scenario import Fund, Scenario

Tables = dict[str, Any]


def refusal(tables: Tables) -> tuple[Fault, ...]:
    with pytest.raises(InputError) as refused:
        Scenario.from_dict(tables, read_members=False)
    return refused.value.faults


def put(tables: Tables, path: str, value: object) -> None:
    *parents, key = path.split("/")
    here: Any = tables
    for part in parents:
        here = here[int(part)] if part.isdigit() else here[part]
    here[int(key) if key.isdigit() else key] = value


HOSPITAL = "assumptions/lines/0"
CASES = [
    # (where, what is written, field of the fault, allowed, remedy)
    ("fund/currency", "euro", "fund.currency", "capital", ""),
    ("fund/start", "2027-01-01", "fund.start", "without quotes", ""),
    ("fund/start", date(2027, 1, 15), "fund.start", "first day of a month", ""),
    ("fund/start", datetime(2027, 1, 1, 12), "fund.start", "date", ""),
    ("settings/paths", 0, "settings.paths", "1 to 100000000", ""),
    ("settings/paths", 1.5, "settings.paths", "a whole number", ""),
    ("settings/paths", "20000", "settings.paths", "a whole number", "Write 20000 without quotes."),
    ("settings/years", -1, "settings.years", "1 to 100", ""),
    ("settings/seed", True, "settings.seed", "a whole number", ""),
    ("members/lapse_per_year", 3, "members.lapse_per_year", "0 to 1", "For 3 % write 0.03."),
    ("members/lapse_per_year", "3%", "members.lapse_per_year", "number", "For 3% write 0.03."),
    ("members/joins_per_year", -0.1, "members.joins_per_year", "0 to 1", ""),
    ("members/joins_per_year", 4, "members.joins_per_year", "0 to 1", "For 4 % write 0.04."),
    ("rules/reserve/target", 25, "rules.reserve.target", "0 to 10", "For 25 % write 0.25."),
    ("rules/reinsurance/1/attachment", 115, "rules.reinsurance[1].attachment", "10", "write 1.15."),
    (
        f"{HOSPITAL}/trend_per_year",
        5,
        "assumptions.lines.hospital.trend_per_year",
        "1",
        "write 0.05",
    ),
    (f"{HOSPITAL}/lag_months", -1, "assumptions.lines.hospital.lag_months", "0 to 36", ""),
    (
        f"{HOSPITAL}/frequency/kind",
        "negativ_binomial",
        "assumptions.lines.hospital.frequency.kind",
        "poisson, negative_binomial, binomial, zero_modified",
        "Did you mean 'negative_binomial'?",
    ),
    (f"{HOSPITAL}/severity/mean", -1.0, "assumptions.lines.hospital.severity.mean", "than 0", ""),
    (f"{HOSPITAL}/level", "found", "assumptions.lines.hospital.level", "member, fund", "'fund'"),
    (
        f"{HOSPITAL}/seasonality",
        [1.0] * 11,
        "assumptions.lines.hospital.seasonality",
        "12 items",
        "",
    ),
    ("assumptions/health_states/share/0", 0.9, "assumptions.health_states.share", "sum to 1", ""),
    (
        "assumptions/health_states/names",
        ["a", "b"],
        "assumptions.health_states.share",
        "2, one",
        "",
    ),
    (
        "assumptions/health_states/relativity",
        [1.0],
        "assumptions.health_states.relativity",
        "3",
        "",
    ),
    ("assumptions/shocks/0/months/1", 13, "assumptions.shocks.bad winter.months[1]", "1 to 12", ""),
    (
        "assumptions/shocks/0/months",
        [12, 2, 1],
        "assumptions.shocks.bad winter.months",
        "order",
        "",
    ),
    ("assumptions/frailty", {}, "assumptions.frailty.cv", "", ""),
    ("assumptions/frailty", {"cv": 0.0}, "assumptions.frailty.cv", "more than 0", ""),
    ("assumptions/frailty", {"cv": 50}, "assumptions.frailty.cv", "2", "write 0.5"),
    ("assumptions/frailty", {"cv": 0.5, "lines": []}, "assumptions.frailty.lines", "1", ""),
    ("assumptions/frailty", {"cv": 0.5, "line": ["dental"]}, "assumptions.frailty.line", "", ""),
    ("rules/contributions/kind", "age-band", "rules.contributions.kind", "flat", "'age_band'"),
    ("rules/contributions/monthly", {"0-17": 1.0}, "rules.contributions.monthly", "bands", "18+"),
    (
        "rules/contributions/previous_monthly",
        {"0-64": 1.0, "65+": 2.0},
        "rules.contributions.previous_monthly",
        "keys of monthly",
        "",
    ),
    ("rules/benefits/hospital/coinsurance", 20, "rules.benefits.hospital.coinsurance", "1", "0.2."),
    ("rules/benefits/dental/starts", date(2027, 7, 2), "rules.benefits.dental.starts", "month", ""),
    ("rules/benefits/dental/covered", 1, "rules.benefits.dental.covered", "true or false", ""),
    ("rules/reinsurance/0/premium", 1.0, "rules.reinsurance[0].premium", "one of them", ""),
    ("rules/reinsurance/0/limit", 0, "rules.reinsurance[0].limit", "0", ""),
    ("rules/reserve/booking", "completoin", "rules.reserve.booking", "completion", "'completion'"),
    ("rules/reserve/booking", "share_of_contributions", "rules.reserve.booking_share", "share", ""),
    ("rules/reserve/target", 0.05, "rules.reserve.target", "at least the floor", ""),
    ("rules/surplus/refund", 0.9, "rules.surplus", "at most 1", ""),
    ("rules/calls/collection_rate", 0.0, "rules.calls.collection_rate", "more than 0", ""),
    ("rules/governance/data_lag_months", 6.5, "rules.governance.data_lag_months", "whole", ""),
    ("schema_version", 2, "schema_version", "1", ""),
    ("fund", 3, "fund", "a table", ""),
    ("assumptions/lines", [], "assumptions.lines", "1 to 64 items", ""),
]


@pytest.mark.parametrize(("where", "written", "field", "allowed", "remedy"), CASES)
def test_a_wrong_value_is_refused_with_what_is_allowed(
    where: str, written: object, field: str, allowed: str, remedy: str, tables: Tables
) -> None:
    put(tables, where, written)
    faults = [fault for fault in refusal(tables) if fault.field == field]
    assert len(faults) == 1
    assert allowed in faults[0].allowed
    assert remedy in faults[0].remedy


def numbers_of(node: Any, path: str = "") -> list[str]:
    if isinstance(node, dict):
        pairs = list(node.items())
    elif isinstance(node, list):
        pairs = list(enumerate(node))
    else:
        is_number = isinstance(node, int | float) and not isinstance(node, bool)
        return [path] if is_number else []
    return [found for key, item in pairs for found in numbers_of(item, f"{path}/{key}".lstrip("/"))]


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf], ids=["nan", "inf", "minus inf"])
def test_every_number_refuses_what_is_not_finite(odd: float, tables: Tables) -> None:
    places = numbers_of(tables)
    assert len(places) > 70
    for place in places:
        changed = copy.deepcopy(tables)
        put(changed, place, odd)
        assert refusal(changed), place


def test_every_text_number_is_refused_and_never_read_as_a_number(tables: Tables) -> None:
    for place in numbers_of(tables):
        changed = copy.deepcopy(tables)
        put(changed, place, "1")
        assert refusal(changed), place


def test_all_faults_come_at_once(tables: Tables) -> None:
    put(tables, "fund/currency", "euro")
    put(tables, "settings/paths", 0)
    put(tables, "assumptions/lines/0/severity/cv", math.nan)
    put(tables, "assumptions/lines/1/frequency/mean", -1)
    put(tables, "rules/benefits/hospital/coinsurance", 20)
    put(tables, "rules/calls/maximum", "much")
    put(tables, "titel", "A")
    put(tables, "members/price_response", math.inf)
    fields = {fault.field for fault in refusal(tables)}
    assert fields == {
        "fund.currency",
        "settings.paths",
        "assumptions.lines.hospital.severity.cv",
        "assumptions.lines.dental.frequency.mean",
        "rules.benefits.hospital.coinsurance",
        "rules.calls.maximum",
        "titel",
        "members.price_response",
    }


def test_unknown_lines_are_named_even_while_other_parts_are_wrong(tables: Tables) -> None:
    put(tables, "assumptions/lines/0/severity/cv", -1)
    put(tables, "rules/benefits/dentl", {"copay": 3.0})
    remedies = {fault.field: fault.remedy for fault in refusal(tables)}
    assert remedies["rules.benefits.dentl"] == "Did you mean 'dental'?"
    assert "assumptions.lines.hospital.severity.cv" in remedies


def test_a_missing_required_part_is_asked_for(tables: Tables) -> None:
    del tables["fund"]["currency"], tables["assumptions"]
    faults = {fault.field: fault for fault in refusal(tables)}
    assert faults["fund.currency"].remedy == "Add currency."
    assert "capital letters" in faults["fund.currency"].allowed
    assert faults["assumptions"].code == "missing"


def _nested(tables: Tables) -> None:
    put(tables, "assumptions/lines/0/severity", 2_900)


def _listed(tables: Tables) -> None:
    put(tables, "rules/benefits", [1])


@pytest.mark.parametrize("break_it", [_nested, _listed])
def test_a_value_where_a_table_belongs_is_refused(
    break_it: Callable[[Tables], None], tables: Tables
) -> None:
    break_it(tables)
    assert refusal(tables)


LAW = "assumptions.lines.hospital.severity"


@pytest.mark.parametrize(
    ("written", "field", "got", "allowed"),
    [
        ({"kind": "lognormal", "mean": 100}, LAW, "mean", "mu and sigma, or mean and cv"),
        ({"kind": "lomax", "mean": 100, "cv": 0.5}, LAW, "cv 0.5", "a Lomax has cv above 1"),
        (
            {
                "kind": "gamma",
                "mean": 9,
                "cv": 1,
                "tail": {"kind": "pareto", "above": 50, "alpha": 0.9},
            },
            f"{LAW}.tail",
            "an infinite mean",
            "a finite one",
        ),
        ({"kind": "gama", "mean": 9}, f"{LAW}.kind", "'gama'", "exponential, gamma, lognormal"),
        ({"mean": 9, "cv": 1}, f"{LAW}.kind", "nothing", "exponential, gamma, lognormal"),
    ],
)
def test_a_severity_that_is_none_is_refused_with_the_ways_to_write_it(
    written: Tables, field: str, got: str, allowed: str, tables: Tables
) -> None:
    put(tables, f"{HOSPITAL}/severity", written)
    faults = refusal(tables)
    assert [(fault.field, fault.got) for fault in faults] == [(field, got)]
    assert allowed in faults[0].allowed


@pytest.mark.parametrize(
    ("where", "written", "field", "got", "allowed"),
    [
        (f"{HOSPITAL}/sex_factors", {"W": 1.0}, ".sex_factors.W", "an unknown key", "F, M, X"),
        ("settings/investment_weights", [1.0], "settings.investment_weights", "1 item", "2 items"),
        ("settings/keep", ["line"], "settings.keep[0]", "'line'", "lines"),
    ],
)
def test_lists_and_tables_of_a_closed_kind_say_what_they_take(
    where: str, written: object, field: str, got: str, allowed: str, tables: Tables
) -> None:
    put(tables, where, written)
    faults = refusal(tables)
    assert len(faults) == 1
    assert faults[0].field.endswith(field)
    assert faults[0].got == got
    assert allowed in faults[0].allowed


@pytest.mark.parametrize("start", [date(1, 1, 1), date(1899, 12, 1), date(2201, 1, 1)])
def test_a_start_in_no_living_year_is_refused(start: date) -> None:
    with pytest.raises(InputError, match="1900-01-01 to 2200-12-01"):
        Fund(name="A", currency="EUR", start=start, opening_reserve=0.0)


def test_a_line_stated_twice_is_found_beside_other_faults_and_each_fault_by_its_place(
    tables: Tables,
) -> None:
    lines = tables["assumptions"]["lines"]
    lines.append(copy.deepcopy(lines[0]) | {"lag_months": -1})
    fields = {(fault.field, fault.code) for fault in refusal(tables)}
    place = f"assumptions.lines[{len(lines) - 1}].lag_months"
    assert fields == {("assumptions.lines", "duplicate_name"), (place, "range")}
    lines[-1]["lag_months"] = 1
    assert [fault.field for fault in refusal(tables)] == ["assumptions.lines"]


def test_keys_that_all_kinds_share_are_checked_where_the_kind_is_unknown(tables: Tables) -> None:
    tables["rules"]["contributions"] = {
        "kind": "flatt",
        "monthly": 9.0,
        "collection_rate": 97,
        "increase_per_year": "3%",
        "colection": 1,
    }
    found = {fault.field.removeprefix("rules.contributions."): fault for fault in refusal(tables)}
    assert set(found) == {"kind", "collection_rate", "increase_per_year", "colection"}
    assert "0.97" in found["collection_rate"].remedy
    assert "collection_rate" in found["colection"].remedy


def test_a_missing_table_is_named_with_the_keys_it_needs(tables: Tables) -> None:
    del tables["fund"]
    (fault,) = refusal(tables)
    assert fault.allowed == "a table [fund] with name, currency, start, opening_reserve"


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("settings/seed", -1, "allowed: 0 to 9223372036854775807."),
        ("settings/seed", 10**400, "got a whole number of more than 20 digits"),
        ("members/lapse_per_year", 1.5, "For 1.5 % write 0.015; 1.5 itself is 150 %"),
    ],
)
def test_numbers_are_written_as_they_can_be_read(
    key: str, value: object, words: str, tables: Tables
) -> None:
    put(tables, key, value)
    (fault,) = refusal(tables)
    assert words in str(fault)

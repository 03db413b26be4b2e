"""Subsidies, arrears, entry fees and shares in the fund's year: by hand, then key by key."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest

from fund.keys import PAYMENTS, Key, Tables, check_row, mean, put
from fund.test_other_keys import broad
from mutualfund.errors import InputError
from mutualfund.fund import simulate, synthetic_records
from mutualfund.fund.collecting import collect, opening_claims
from mutualfund.results import FundRun
from mutualfund.rules import Rulebook
from mutualfund.scenario import Scenario

pytestmark = pytest.mark.usefixtures("short_pilot")

FLAT = {"kind": "flat", "monthly": 10.0}
STATE = {"payer": "State", "share": 0.5, "delay_months": 9, "default": 0.2, "owed_at_start": 90.0}
TOWN = {"payer": "Town", "share": 0.1}
LATE = {"late": 0.3, "collected": 0.5, "delay_months": 15}
JOINING = {"entry_fee": 20.0, "entry_fee_from_age": 0, "share": 60.0}
DUE = "contributions_due"


def test_three_years_of_late_money_by_hand() -> None:
    rules = Rulebook(contributions=FLAT, subsidies=[STATE, TOWN], arrears=LATE)
    to_come, found = opening_claims(rules, 2), []
    for year in range(3):
        due = np.array([1000.0, 500.0]) * (1.0 + 0.1 * year)
        got = collect(rules, due, to_come)
        to_come = got.to_come
        found.append((got.contributions.tolist(), got.subsidies.tolist()))
    # Members owe 40 %: 400, 440, 480. In time 70 %. Of 30 % half comes 15 months late: 9/12 of it the
    # year after, 3/12 two years after. State: 80 % of half, 400, 440, 480: a quarter at once, the rest a year
    # later; 90 of before in year 1. Town: 100, 110, 120 at once.
    assert found[0] == (pytest.approx([280.0, 140.0]), pytest.approx([290.0, 190.0]))
    second = 308.0 + 0.75 * 60.0
    assert found[1][0] == pytest.approx([second, second / 2])
    assert found[1][1] == pytest.approx([110.0 + 110.0 + 300.0, 260.0])
    third = 336.0 + 0.75 * 66.0 + 0.25 * 60.0
    assert found[2][0] == pytest.approx([third, third / 2])
    assert found[2][1] == pytest.approx([120.0 + 120.0 + 330.0, 285.0])
    assert to_come.dues[0, :2].sum() == pytest.approx(0.25 * 66.0 + 72.0)


def test_without_subsidies_and_arrears_the_collection_rate_decides_to_the_bit() -> None:
    rules = Rulebook(contributions=FLAT | {"collection_rate": 0.93})
    due = np.array([1234.567, 0.1])
    got = collect(rules, due, opening_claims(rules, 2))
    assert got.contributions.tolist() == (0.93 * due).tolist()
    assert not got.subsidies.any()


def with_terms() -> Tables:
    data = deepcopy(broad())
    data["settings"]["paths"] = 40
    data["members"]["joins_per_year"] = 0.2
    terms = {"subsidies": [STATE, TOWN], "arrears": LATE, "joining": JOINING}
    data["rules"] |= deepcopy(terms)
    data["rules"]["governance"] = {"restore_floor": False}
    data["rules"]["surplus"] = {"refund": 0.5}
    data["rules"]["reserve"] |= {"target": 0.05}
    return data


@cache
def base() -> FundRun:
    return simulate(Scenario.from_dict(with_terms()))


def test_the_ledger_holds_each_flow_and_adds_up_from_exported_rows() -> None:
    """The identity by signs, recomputed here; fees and shares from the persons in the same rows."""
    run = base()
    rows = {name: run.measure(name) for name in run.facts.registry}
    signs = {name: measure.sign for name, measure in run.facts.registry.items()}
    assert [signs[n] for n in ("entry_fees", "shares_paid_in", "shares_redeemed", "subsidies")] == [
        1,
        1,
        -1,
        1,
    ]
    total = sum(sign * rows[name] for name, sign in signs.items() if sign)
    np.testing.assert_allclose(total, rows["assets_close"], rtol=1e-9, atol=1e-6)
    np.testing.assert_array_equal(rows["entry_fees"], 20.0 * rows["joined"])
    np.testing.assert_array_equal(rows["shares_paid_in"], 60.0 * rows["joined"])
    left = rows["lapsed"] + rows["died"]
    np.testing.assert_array_equal(rows["shares_redeemed"], 60.0 * left)
    first = rows[DUE][:, 0]
    np.testing.assert_allclose(
        rows["subsidies"][:, 0], 0.1 * first + 0.1 * first + 90.0, rtol=1e-12
    )
    np.testing.assert_allclose(rows["contributions_collected"][:, 0], 0.4 * 0.7 * first, rtol=1e-12)


def test_the_young_owe_no_entry_fee_as_the_records_of_a_path_count_them() -> None:
    """By hand from birthdays and months of joining on file: the age is that at the opening of the year."""
    data = with_terms()
    data["settings"]["paths"] = 2
    data["rules"]["joining"]["entry_fee_from_age"] = 30
    scenario = Scenario.from_dict(data)
    run, on_file = simulate(scenario), synthetic_records(scenario, path=1).everything.members
    born, came = (on_file[name].to_pylist() for name in ("birth_date", "joined"))
    for place, year in enumerate(range(2027, 2031)):
        ages = [
            year - birth.year - ((birth.month, birth.day) > (1, 1))
            for birth, day in zip(born, came, strict=True)
            if day is not None and day.year == year
        ]
        owing = sum(age >= 30 for age in ages)
        assert 0 < owing < len(ages) == run.measure("joined")[1, place]
        assert run.measure("entry_fees")[1, place] == 20.0 * owing
    np.testing.assert_array_equal(run.measure("shares_paid_in"), 60.0 * run.measure("joined"))


def test_members_shares_are_no_surplus_to_be_refunded() -> None:
    run = simulate(Scenario.from_dict(with_terms()).replace("rules.contributions.level", 4.0))
    net = run.measure("shares_paid_in") - run.measure("shares_redeemed")
    reserve = run.measure("reserve_close") + run.measure("refunds") - run.measure("calls")
    free = reserve - 60.0 * run.measure("members_end") - 0.05 * run.measure(DUE)
    surplus = np.maximum(0.0, np.minimum(run.measure("result") - net, free))
    np.testing.assert_allclose(run.measure("refunds"), 0.5 * surplus, rtol=1e-9, atol=1e-6)
    assert (surplus[free < run.measure("result") - net] > 0.0).any()
    assert (surplus[free > run.measure("result") - net] > 0.0).any()


COLLECTED = "contributions_collected"
KEYS = [
    Key("rules.subsidies.0.payer", "Region", mean("subsidies"), "same", same=("subsidies", COLLECTED)),
    Key("rules.subsidies.0.share", 0.6, mean("subsidies"), "up", same=(*PAYMENTS, DUE)),
    Key("rules.subsidies.0.delay_months", 30, mean("subsidies"), "down", same=(*PAYMENTS, COLLECTED)),
    Key("rules.subsidies.0.default", 0.5, mean("subsidies"), "down", same=(*PAYMENTS, COLLECTED)),
    Key("rules.subsidies.0.owed_at_start", 500.0, mean("subsidies", 1), "up", same=(*PAYMENTS, COLLECTED)),
    Key("rules.arrears.late", 0.6, mean(COLLECTED), "down", same=(*PAYMENTS, "subsidies")),
    Key("rules.arrears.collected", 0.9, mean(COLLECTED), "up", same=(*PAYMENTS, "subsidies")),
    Key("rules.arrears.delay_months", 30, mean(COLLECTED), "down", same=(*PAYMENTS, "subsidies")),
    Key("rules.joining.entry_fee", 90.0, mean("entry_fees"), "up", same=(*PAYMENTS, COLLECTED)),
    Key("rules.joining.entry_fee_from_age", 40, mean("entry_fees"), "down", same=(*PAYMENTS, COLLECTED)),
    Key("rules.joining.share", 10.0, mean("shares_redeemed"), "down", same=(*PAYMENTS, COLLECTED)),
    Key("rules.contributions.level", 1.2, mean(DUE), "up", same=PAYMENTS),
    Key("rules.contributions.trend_share", 0.5, mean(DUE), "same", same=(*PAYMENTS, DUE)),
]  # fmt: skip


@pytest.mark.parametrize("row", KEYS, ids=lambda row: row.key)
def test_key_moves_its_figure_and_nothing_upstream(row: Key) -> None:
    data = with_terms()
    put(data, row.key, row.value)
    after = simulate(Scenario.from_dict(data))
    if row.how == "same":  # a name; or a share of a trend that this fund's lines do not have
        assert row.figure(base()) == row.figure(after)
        return
    check_row(row, base(), after)


def test_a_share_of_the_claim_trend_raises_the_tariff_every_year() -> None:
    data = with_terms()
    data["assumptions"]["lines"] = [
        line | {"trend_per_year": 0.08} for line in data["assumptions"]["lines"]
    ]
    data["rules"]["contributions"] = {
        "kind": "flat",
        "monthly": 30.0,
        "trend_share": 0.5,
        "increase_per_year": 0.01,
    }
    data["members"] |= {"joins_per_year": 0.0, "lapse_per_year": 0.0, "mortality": "none"}
    due = simulate(Scenario.from_dict(data)).measure(DUE)
    np.testing.assert_allclose(due[:, 1:] / due[:, :-1], 1.01 * 1.04, rtol=1e-12)


def test_terms_that_the_simulation_cannot_follow_are_refused() -> None:
    data = with_terms()
    account = {"suspends": True, "grace_months": 2, "reinstated": "within grace"}
    data["rules"]["arrears"] = LATE | account
    with pytest.raises(InputError) as refused:
        Scenario.from_dict(data)
    assert [str(fault).partition(" in a simulation")[0] for fault in refused.value.faults] == [
        "rules.arrears.suspends: got true; allowed: false",
        "rules.arrears.grace_months: got 2; allowed: 0",
        "rules.arrears.reinstated: got within grace; allowed: when all is paid",
    ]
    assert all("Leave it out: cover goes on." in str(fault) for fault in refused.value.faults)
    data["rules"]["arrears"] = LATE
    data["rules"]["contributions"] = FLAT | {"collection_rate": 0.9}
    with pytest.raises(InputError, match=r"rules\.contributions\.collection_rate: got 0\.9"):
        Scenario.from_dict(data)


def test_another_share_for_members_already_there_is_refused() -> None:
    amendment = {"effective": date(2028, 1, 1), "rule": "joining.share", "value": 90.0}
    data: dict[str, Any] = with_terms()
    data["rules"]["amendments"] = [amendment]
    with pytest.raises(InputError, match=r"rules\.amendments: got another joining\.share"):
        simulate(Scenario.from_dict(data))


def test_a_subsidy_voted_later_is_nought_before() -> None:
    data = with_terms()
    del data["rules"]["subsidies"]
    data["rules"]["amendments"] = [
        {"effective": date(2029, 1, 1), "rule": "subsidies", "value": [TOWN]}
    ]
    run = simulate(Scenario.from_dict(data))
    assert not run.measure("subsidies")[:, :2].any()
    np.testing.assert_allclose(run.at("subsidies", 3), 0.1 * run.at(DUE, 3), rtol=1e-12)


def test_a_fund_in_run_off_pays_no_share_back_and_still_receives_what_is_late() -> None:
    data = with_terms()
    data["fund"]["opening_reserve"] = 1.0
    data["settings"]["run_off"] = True
    run = simulate(Scenario.from_dict(data))
    closed = run.measure("members_start")[:, 1:] * (run.measure(DUE)[:, 1:] == 0)
    assert (closed > 0).any()
    assert not run.measure("shares_redeemed")[:, 1:][closed > 0].any()
    assert run.measure("subsidies")[:, 1:][closed > 0].all()

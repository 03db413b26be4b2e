"""Synthetic records are what `simulate` settled, claim by claim, and what was put in can be found in them.

Sources of truth: the ledger of the same path, the assumptions' laws, and the readers of `claims` and
`portfolio`, which accept the files without a fault.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from fund.funds import CARE, harbour, tables, village
from mutualfund.claims import ClaimChecks, ClaimRecords
from mutualfund.errors import InputError
from mutualfund.fund import RecordTables, SyntheticRecords, simulate, synthetic_records
from mutualfund.portfolio import CoverSpells, Portfolio
from mutualfund.results import FundRun
from mutualfund.scenario import Scenario
from mutualfund.sim.plan import lower

PATH = 5
CLOSE, END = date(2029, 12, 31), date(2040, 1, 1)  # of the simulated years; of all payments
PARTS = (
    "billed",
    "allowed",
    "external_paid",
    "member_paid",
    "provider_borne",
    "claims_incurred",
)


def moving_village() -> Scenario:
    """Members come, go and die, half of them wait, two lines, yearly amounts, payments with lags."""
    line = {"name": "drugs", "frequency": {"kind": "negative_binomial", "mean": 3, "dispersion": 2}}
    drugs = line | {"severity": {"kind": "lognormal", "mean": 60, "cv": 1.2}, "lag_months": 0.5}
    rules = {
        "contributions": {"kind": "flat", "monthly": 25.0},
        "benefits": {
            "deductible": 100,
            "out_of_pocket_maximum": 400,
            "drugs": {"coinsurance": 0.2, "copay": 3, "annual_limit": 500, "waiting_months": 3},
        },
    }
    members = {
        "synthetic": {"n": 400, "age_mix": "O"},
        "mortality": "population",
        "lapse_per_year": 0.08,
        "joins_per_year": 0.1,
    }
    plain = tables(assumptions={"lines": [CARE, drugs]}, rules=rules)
    return Scenario.from_dict(plain | {"members": members})


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return moving_village()


@pytest.fixture(scope="module")
def records(scenario: Scenario) -> SyntheticRecords:
    return synthetic_records(scenario, path=PATH, reversals=0.05)


def by_line_and_year(records: SyntheticRecords, run: FundRun) -> dict[str, np.ndarray]:
    """Sums of the truth, (n_years, n_lines) minor units."""
    truth = records.truth
    labels = [str(label) for label in run.marginal("line").labels]
    line = np.array([labels.index(name) for name in truth["line"].to_pylist()], np.int64)
    year = truth["year"].to_numpy() - 1
    found = {}
    for name in PARTS:
        sums = np.zeros((run.measure("billed").shape[1], len(labels)), np.int64)
        np.add.at(sums, (year, line), truth[name].to_numpy())
        found[name] = sums
    return found


def assert_same_sums(
    scenario: Scenario, records: SyntheticRecords, run: FundRun, path: int
) -> None:
    level = {line.name: line.level for line in scenario.assumptions.lines}
    labels = [str(label) for label in run.marginal("line").labels]
    member = [k for k, name in enumerate(labels) if level[name] == "member"]
    for name, sums in by_line_and_year(records, run).items():
        ledger = np.rint(run.lines[name][path] * records.minor).astype(np.int64)
        np.testing.assert_array_equal(sums[:, member], ledger[:, member])


@pytest.mark.usefixtures("short_pilot")
def test_every_amount_of_every_line_and_year_is_the_simulation_s() -> None:
    """The example scenario, every key of it, members who answer to the price among them."""
    data = harbour(members=250, paths=20, years=4)
    data["members"] |= {"price_response": 3.0, "price_reference": -0.02}
    scenario = Scenario.from_dict(data)
    run = simulate(scenario)
    lapsed = simulate(scenario.replace("members.price_response", 0.0)).measure("lapsed")
    assert (run.measure("lapsed").sum(axis=1) > lapsed.sum(axis=1) + 10).all()
    for path in (3, 17):
        records = synthetic_records(scenario, path=path)
        assert_same_sums(scenario, records, run, path)


@pytest.mark.usefixtures("short_pilot")
def test_an_insolvent_fund_in_run_off_has_no_later_claims() -> None:
    data = tables(paths=20, years=4, settings={"paths": 20, "years": 4, "seed": 7, "run_off": True})
    data["rules"] = {"contributions": {"kind": "flat", "monthly": 12.0}}
    scenario = Scenario.from_dict(data)
    run = simulate(scenario)
    ruined = np.flatnonzero(run.measure("insolvent")[:, 1] > 0)
    assert ruined.size
    records = synthetic_records(scenario, path=int(ruined[0]))
    assert_same_sums(scenario, records, run, int(ruined[0]))
    assert records.truth["year"].to_numpy().max() < 4


def test_what_is_still_to_be_paid_is_the_ledger_s_true_provision() -> None:
    """And it is what nobody has told of, and what is reported and not paid, each counted claim by claim."""
    scenario = moving_village().replace("fund.opening_outstanding", 0.0)
    run, records = simulate(scenario), synthetic_records(scenario, path=PATH)
    truth = records.truth.to_pandas()
    for year in (1, 2, 3):
        ledger, day = run.measure("outstanding_true")[PATH, year - 1], date(2026 + year, 12, 31)
        assert records.true_outstanding(day) == pytest.approx(ledger, abs=1e-6)
        assert ledger > 100.0
        told = truth[(truth.incurred <= day) & (truth.reported <= day) & (truth.paid > day)]
        reported = told.claims_incurred.sum() / records.minor
        assert records.true_ibnr(day) + reported == pytest.approx(ledger, abs=1e-6)
        assert min(records.true_ibnr(day), reported) > 0.1 * ledger


@pytest.mark.parametrize("day", [date(2027, 4, 30), date(2028, 2, 29), date(2029, 12, 31)])
def test_paid_and_unpaid_make_up_what_treatments_cost_in_the_end(
    records: SyntheticRecords, day: date
) -> None:
    truth = records.truth.to_pandas()
    cost = truth.loc[truth.incurred <= day, "claims_incurred"].sum()
    known = records.known_on(day).claims.to_pandas()
    paid = np.rint(known.amount.sum() * records.minor)
    unpaid = records.unpaid(day).to_pandas()
    assert (unpaid.paid > day).all()
    assert (unpaid.incurred <= day).all()
    assert round(unpaid.amount.sum(), 2) == pytest.approx(records.true_outstanding(day), abs=1e-9)
    assert paid + np.rint(records.true_outstanding(day) * records.minor) == cost
    assert 0.0 < records.true_outstanding(day) < cost / records.minor


@pytest.mark.parametrize("day", [date(2028, 8, 17), END])
def test_the_readers_accept_the_files_without_a_fault(records: SyntheticRecords, day: date) -> None:
    """Lines belong to members and to days of cover, dates are in order, each reversal finds its payment."""
    known = records.known_on(day)
    checks = ClaimChecks(
        as_of=day,
        lines=("care", "drugs"),
        members=Portfolio.from_frame(known.members, start=min(day, CLOSE)),
        cover=CoverSpells.from_frame(known.cover),
    )
    read = ClaimRecords.from_frame(known.claims, checks)
    assert (len(read), read.currency) == (known.claims.num_rows, "EUR")
    assert dict(read.notes)["reversals"] > 20


def test_reversals_come_at_their_rate_and_take_nothing_away_in_the_end(
    records: SyntheticRecords,
) -> None:
    lines = records.everything.claims.to_pandas()
    back = lines[lines.kind == "reversal"].merge(
        lines[lines.kind == "payment"], on="claim_id", suffixes=("", "_of_payment")
    )
    assert (back.amount == -back.amount_of_payment).all()
    assert back.amount.lt(0).all()
    days = (back.paid - back.paid_of_payment).apply(lambda gap: gap.days)
    assert 1 <= days.min() < 10 < 80 < days.max() <= 90
    paid = int((records.truth["claims_incurred"].to_numpy() > 0).sum())
    assert len(back) == (lines.kind == "reversal").sum()
    assert abs(len(back) - 0.05 * paid) < 5 * np.sqrt(0.05 * 0.95 * paid)
    by_line = lines.groupby("line").amount.sum() * records.minor
    truth = records.truth.to_pandas().groupby("line").claims_incurred.sum()
    assert np.rint(by_line).astype(int).to_dict() == truth.to_dict()


def test_rows_copied_by_mistake_are_caught_by_the_reader_and_are_no_truth(
    scenario: Scenario, records: SyntheticRecords
) -> None:
    clean = synthetic_records(scenario, path=PATH).everything.claims.to_pandas()
    dirty = synthetic_records(scenario, path=PATH, duplicates=0.02).everything.claims
    copies = dirty.num_rows - len(clean)
    assert abs(copies - 0.02 * len(clean)) < 5 * np.sqrt(0.02 * len(clean))
    dirty_records = synthetic_records(scenario, path=PATH, duplicates=0.02, reversals=0.05)
    day = date(2028, 2, 29)
    assert dirty_records.true_outstanding(day) == records.true_outstanding(day)
    assert dirty_records.true_ibnr(day) == records.true_ibnr(day)
    frame = dirty.to_pandas()
    assert frame.drop_duplicates().reset_index(drop=True).equals(clean)
    with pytest.raises(InputError) as refused:
        ClaimRecords.from_frame(dirty, ClaimChecks(as_of=END))
    assert {fault.code for fault in refused.value.faults} == {"duplicate_row"}


def test_payment_lags_follow_the_stated_law() -> None:
    """Geometric in whole months: at 6,000 claims five standard errors are 8 % of the mean delay."""
    scenario = village(members=2500)
    truth = synthetic_records(scenario, path=1).truth.to_pandas()
    paid, incurred = (truth[x].astype("datetime64[s]") for x in ("paid", "incurred"))
    months = (paid.dt.year - incurred.dt.year) * 12 + paid.dt.month - incurred.dt.month
    assert (months == truth.delay_months).all()
    n, mean = len(truth), 1.5
    assert n > 5_500
    assert abs(months.mean() - mean) < 5 * np.sqrt(mean * (1 + mean) / n)
    for k in range(4):
        chance = (mean / (1 + mean)) ** k / (1 + mean)
        assert abs((months == k).mean() - chance) < 5 * np.sqrt(chance * (1 - chance) / n)
    assert ((truth.incurred <= truth.reported) & (truth.reported <= truth.paid)).all()
    day = incurred.dt.day
    # uniform over the days of a month: a day more or less in the mean would be seen
    assert abs(day.mean() - 15.72) < 5 * 8.8 / np.sqrt(n)
    assert (day.min(), day.max()) == (1, 31)


def test_frequency_and_claim_size_can_be_found_again() -> None:
    """Five standard errors at 7,500 member-years are 6 % of the frequency and 6 % of the mean claim."""
    scenario = village(members=2500)
    records = synthetic_records(scenario, path=2)
    cover = CoverSpells.from_frame(records.everything.cover)
    member_days = cover.days_covered(date(2027, 1, 1), date(2029, 12, 31))
    assert member_days == 2500 * (365 + 366 + 365)
    n = records.truth.num_rows
    assert abs(n - 0.8 * 7500) < 5 * np.sqrt(0.8 * 7500)
    billed = records.truth["billed"].to_numpy() / records.minor
    assert abs(billed.mean() - 300) < 5 * 270 / np.sqrt(n)


def test_claims_fall_on_covered_days_and_in_the_order_in_which_they_were_settled(
    records: SyntheticRecords,
) -> None:
    truth = records.truth.to_pandas()
    cover = CoverSpells.from_frame(records.everything.cover)
    assert len(cover) == 520
    spells = records.everything.cover.to_pandas().set_index("member_id")
    own = spells.loc[truth.member_id].reset_index(drop=True)
    assert (own.cover_start <= truth.incurred).all()
    assert (truth.incurred <= own.cover_end).all()
    assert truth.groupby(["year", "member_id"]).incurred.is_monotonic_increasing.all()
    ends = spells.cover_end.to_numpy()
    assert len(np.unique(ends)) > 20  # people do leave


def test_birthdays_give_the_ages_that_were_simulated(
    scenario: Scenario, records: SyntheticRecords
) -> None:
    plan, members = lower(scenario), records.everything.members
    slot = np.array([int(text[1:]) for text in members["member_id"].to_pylist()])
    joiners = plan.slots.join_year[slot]
    assert (joiners > 0).sum() == 3 * 40
    for year, day in ((1, date(2027, 1, 1)), (3, date(2029, 1, 1))):
        there = joiners < year  # joiners of the year itself may have been born in it
        opening = members.filter(np.asarray(there)).drop_columns(["joined"])
        read = Portfolio.from_frame(opening, start=day)
        simulated = plan.tables.age[slot[there]] + year - 1
        assert sorted(read.age.tolist()) == sorted(simulated.tolist())
    born = members["birth_date"].to_pandas().astype("datetime64[s]")
    assert born.dt.day_of_year.nunique() > 200


def test_the_same_address_gives_the_same_records_and_another_path_others(
    scenario: Scenario, records: SyntheticRecords
) -> None:
    again = synthetic_records(scenario, path=PATH, reversals=0.05)
    assert again.everything.claims.equals(records.everything.claims)
    assert again.everything.members.equals(records.everything.members)
    other = synthetic_records(scenario, path=PATH + 1, reversals=0.05)
    assert not other.truth.equals(records.truth)
    # who they are does not change from path to path; who comes, when, and who falls ill does
    opening = slice(0, 400)
    for name in ("birth_date", "sex"):
        same = [x.everything.members[name].to_pylist()[opening] for x in (records, other)]
        assert same[0] == same[1]


def test_records_of_a_day_hold_nothing_later(records: SyntheticRecords) -> None:
    day = date(2028, 5, 14)
    known = records.known_on(day)
    members, cover, claims = (x.to_pandas() for x in (known.members, known.cover, known.claims))
    assert members.joined.dropna().max() <= day
    assert cover.cover_start.max() <= cover.cover_end.max() == day
    assert claims.paid.max() <= day
    assert len(claims) < records.everything.claims.num_rows
    assert set(claims.member_id) <= set(cover.member_id) <= set(members.member_id)


def test_files_are_written_whole_and_read_back(records: SyntheticRecords, tmp_path: Path) -> None:
    records.write(tmp_path / "records")
    names = sorted(path.name for path in (tmp_path / "records").iterdir())
    assert names == ["claims.parquet", "cover.parquet", "members.parquet", "truth.parquet"]
    read = ClaimRecords.read_parquet(
        tmp_path / "records" / "claims.parquet", ClaimChecks(as_of=END)
    )
    assert len(read) == records.everything.claims.num_rows
    assert len(Portfolio.read_parquet(tmp_path / "records" / "members.parquet", start=CLOSE)) == 520


def test_what_the_fund_does_not_recognise_is_in_the_truth_alone(records: SyntheticRecords) -> None:
    truth = records.truth.to_pandas()
    refused = truth[truth.allowed < truth.billed]
    assert set(refused.line) == {"drugs"}
    assert refused.allowed.eq(0).all()
    assert not set(refused.claim_id) & set(records.everything.claims["claim_id"].to_pylist())
    parts = truth[["external_paid", "member_paid", "provider_borne", "claims_incurred"]].sum(axis=1)
    assert (parts == truth.allowed).all()


def test_no_representation_shows_a_row(records: SyntheticRecords) -> None:
    assert "m0000" not in repr(records) + repr(records.everything)
    assert isinstance(records.everything, RecordTables)


@pytest.mark.parametrize("asked", ["known_on", "unpaid", "true_outstanding", "true_ibnr"])
def test_a_day_of_records_may_be_a_text_that_is_one(records: SyntheticRecords, asked: str) -> None:
    found, same = (getattr(records, asked)(day) for day in ("2028-08-17", date(2028, 8, 17)))
    assert repr(found) == repr(same)
    with pytest.raises(InputError, match="day: got 'August 2028'; allowed: a day"):
        getattr(records, asked)("August 2028")


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": -1},
        {"path": 60},
        {"path": 1.5},
        {"path": True},
        {"reversals": 2},
        {"duplicates": -1},
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_by_its_name(scenario: Scenario, wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError) as refused:
        synthetic_records(scenario, **wrong)
    assert refused.value.faults[0].field == next(iter(wrong))


def test_members_keep_their_attributes_and_joiners_have_those_of_whom_they_copy() -> None:
    """Hand-made: three members, all different; a joiner belongs to nobody's household."""
    frame = {
        "member_id": ["a", "b", "c"],
        "age": [3, 50, 80],
        "sex": ["F", "M", "X"],
        "joined": [date(2026, 5, 1), None, date(2019, 2, 1)],
        "plan": ["p", None, "q"],
        "household": ["h1", "h1", None],
        "income": [1.0, 2.0, 3.5],
    }
    data = tables() | {"members": {"joins_per_year": 0.7, "mortality": "none"}}
    data["rules"] |= {"plans": {"p": {}, "q": {"deductible": 5.0}}}
    portfolio = Portfolio.from_frame(pa.table(frame), start=date(2027, 1, 1))
    records = synthetic_records(Scenario.from_dict(data, portfolio=portfolio), path=2)
    members = records.everything.members.to_pylist()
    assert len(members) == 3 + 3 * 2
    by_sex = {row["sex"]: row for row in members[:3]}
    assert [by_sex[x]["plan"] for x in "FMX"] == ["p", None, "q"]
    assert [by_sex[x]["joined"] for x in "FMX"] == [date(2026, 5, 1), None, date(2019, 2, 1)]
    assert by_sex["F"]["household"] == by_sex["M"]["household"] is not None
    for row in members[3:]:
        assert (row["plan"], row["income"]) == tuple(
            by_sex[row["sex"]][x] for x in ("plan", "income")
        )
        assert row["household"] is None
        assert row["joined"].year >= 2027
    known = records.known_on(date(2027, 1, 1)).members
    again = Portfolio.from_frame(known, start=date(2027, 1, 1))
    opening = sorted(again.age[again.joined_month < 0].tolist())
    assert opening == [3, 50, 80]


def test_a_fund_of_fund_level_lines_has_members_and_no_claims() -> None:
    line = {
        "name": "building",
        "level": "fund",
        "severity": {"kind": "gamma", "mean": 300, "cv": 1},
    }
    scenario = village(members=20, assumptions={"lines": [line]})
    records = synthetic_records(scenario, reversals=0.5, duplicates=0.5)
    tables_ = records.everything
    assert (tables_.members.num_rows, tables_.cover.num_rows, tables_.claims.num_rows) == (
        20,
        20,
        0,
    )
    assert records.true_outstanding(date(2028, 1, 1)) == 0.0

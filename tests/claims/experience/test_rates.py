"""Rates by any keys add up, and their errors are those of a slow twin that walks over members."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from claims.experience.village import (
    CHECKS,
    YEAR,
    claims_table,
    cover_table,
    members_table,
    study_of,
)
from mutualfund.claims import ClaimChecks, ClaimRecords, ControlTotals
from mutualfund.claims.experience import ExperienceStudy
from mutualfund.claims.experience.moments import Moments
from mutualfund.errors import InputError

MEMBERS = {
    "ann": ("1990-05-01", "F"),
    "bob": ("1950-02-01", "M"),
    "cai": ("2010-08-08", "M"),
    "dee": ("1999-01-01", "F"),
}
SPELLS = [
    ("ann", "2023-01-01", "2024-12-31"),
    ("bob", "2024-01-01", "2024-07-10"),
    ("cai", "2023-03-16", "2024-12-31"),
    ("dee", "2023-08-01", "2023-11-30"),
    ("dee", "2024-02-01", "2024-12-31"),
]
CLAIMS = [
    ("ann", "drugs", "2023-01-10", 20.10),
    ("ann", "drugs", "2024-01-10", 31.25),
    ("ann", "dental", "2024-03-01", 140.00),
    ("bob", "drugs", "2024-02-29", 12.34),
    ("bob", "hospital", "2024-07-10", 5120.77),
    ("cai", "dental", "2023-04-01", 60.00),
    ("dee", "drugs", "2024-12-31", 9.99),
]
PERIOD = (date(2023, 1, 1), date(2024, 12, 31))


@pytest.fixture(scope="module")
def study():
    return study_of(SPELLS, CLAIMS, MEMBERS, PERIOD)


def test_pmpm_by_hand(study):
    """In 2024 ann and cai have 12 months, bob 6 + 10/31, dee 11."""
    table = study.pmpm("year")
    months = 12 + 12 + 6 + 10 / 31 + 11
    assert table["member_months"][1] == pytest.approx(months)
    assert table["amount"].tolist() == [80.10, 5314.35]
    assert table["pmpm"][1] == pytest.approx(5314.35 / months)
    counts = study.per_thousand("year")
    assert counts["per_thousand"][1] == pytest.approx(5 / months * 12_000)
    assert study.cost_per_claim("line")["cost_per_claim"].tolist() == pytest.approx(
        [100.0, (20.10 + 31.25 + 12.34 + 9.99) / 4, 5120.77]
    )


@pytest.mark.parametrize(
    "by", [("year",), ("sex", "year"), ("line", "sex"), ("year", "line", "age_band")]
)
def test_the_error_of_a_rate_is_that_of_a_ratio_of_sums_over_members(study, by):
    """The twin adds up each member's own cost and months in plain Python, then Cochran's formula."""
    table = study.pmpm(by)
    months = {who: months_by_year(who) for who in MEMBERS}
    for row in range(len(table)):
        label = {key: table.labels[key][row] for key in by}
        who, cost = {}, defaultdict(float)
        for member, (born, sex) in MEMBERS.items():
            for year in (2023, 2024):
                if fits(label, member, born, sex, year) and months[member][year] > 0:
                    who[member] = who.get(member, 0.0) + months[member][year]
        for member, line, treated, amount in CLAIMS:
            born, sex = MEMBERS[member]
            if label.get("line", line) == line and fits(label, member, born, sex, int(treated[:4])):
                cost[member] += amount
        e, x = sum(who.values()), sum(cost.values())
        n = len(who)
        assert table["persons"][row] == n
        assert table["pmpm"][row] == pytest.approx(x / e)
        if n < 2 or x == 0:
            assert math.isnan(table["standard_error"][row])
            continue
        squares = sum((cost[member] - x / e * who[member]) ** 2 for member in who)
        error = math.sqrt(n / (n - 1) * squares) / e
        assert table["standard_error"][row] == pytest.approx(error, rel=1e-9, abs=1e-9)
        t = stats.t.ppf(0.975, n - 1)
        assert table["low"][row] == pytest.approx(x / e * math.exp(-t * error / (x / e)))
        assert table["high"][row] == pytest.approx(x / e * math.exp(t * error / (x / e)))


def months_by_year(who):
    found = dict.fromkeys((2023, 2024), 0.0)
    for member, first, last in SPELLS:
        for day in range(
            date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal() + 1
        ):
            if member == who:
                on = date.fromordinal(day)
                after = date(on.year + on.month // 12, on.month % 12 + 1, 1)
                found[on.year] += 1 / (after - on.replace(day=1)).days
    return found


def fits(label, member, born, sex, year):
    age = year - int(born[:4]) - (born[5:] > "01-01")
    band = next(
        name
        for name, top in (("0-17", 17), ("18-44", 44), ("45-64", 64), ("65+", 200))
        if age <= top
    )
    facts = {"sex": sex, "year": str(year), "age_band": band}
    return all(facts.get(key, text) == text for key, text in label.items())


KEYS = ("line", "year", "quarter", "month", "calendar_month", "sex", "age_band")


@given(st.lists(st.sampled_from(KEYS), unique=True, max_size=4))
@settings(max_examples=15)
def test_cells_add_up_to_the_whole_whatever_the_keys(by):
    study = study_of(SPELLS, CLAIMS, MEMBERS, PERIOD)
    whole, parts = study.pmpm(), study.pmpm(by)
    assert round(100 * parts["amount"].sum()) == round(100 * whole["amount"].sum())
    assert study.per_thousand(by)["claims"].sum() == len(CLAIMS)
    plain = [key for key in by if key != "line"]
    months = study.exposure(plain)["member_months"].sum()
    assert months == pytest.approx(whole["member_months"][0], rel=1e-12)
    if "line" in by:
        assert parts["member_months"].sum() == pytest.approx(3 * months)


@given(st.permutations(range(len(CLAIMS))))
@settings(max_examples=5)
def test_the_order_of_rows_changes_nothing(order):
    first = study_of(SPELLS, CLAIMS, MEMBERS, PERIOD).pmpm(("line", "sex"))
    shuffled = [CLAIMS[place] for place in order]
    second = study_of(SPELLS[::-1], shuffled, MEMBERS, PERIOD).pmpm(("line", "sex"))
    for column in first.values:
        np.testing.assert_array_equal(first[column], second[column])


def test_where_no_claim_was_seen_the_upper_end_is_a_poissons(study):
    """With no claim in e years, the 97.5 % limit of a rate is -ln(0.025) / e: Poisson, exact."""
    table = study.per_thousand(("line", "sex"))
    row = list(zip(table.labels["line"], table.labels["sex"], strict=True)).index(("hospital", "F"))
    years = table["member_months"][row] / 12
    assert table["claims"][row] == table["low"][row] == 0.0
    assert table["high"][row] / 1000 * years == pytest.approx(-math.log(0.025))
    assert math.isnan(table["standard_error"][row])


@pytest.mark.parametrize(("members", "floor"), [(2, True), (29, True), (30, False)])
def test_a_few_members_who_claimed_alike_are_no_proof_of_a_rate(members, floor):
    """Three claims each: their spread is nought; a Poisson's error is 1 / sqrt(claims) of the rate."""
    spells = [(f"m{place}", "2024-01-01", "2024-12-31") for place in range(members)]
    claims = [(who, "drugs", f"2024-0{month}-01", 9.0) for who, *_ in spells for month in (1, 2, 3)]
    table = study_of(spells, claims).per_thousand()
    error = 3000.0 / math.sqrt(3 * members) if floor else 0.0
    assert table["standard_error"][0] == pytest.approx(error)
    t = stats.t.ppf(0.975, members - 1)
    assert table["high"][0] == pytest.approx(3000.0 * math.exp(t * error / 3000.0))


def test_nobody_claims():
    study = study_of(SPELLS, [], MEMBERS, PERIOD)
    assert study.pmpm()["amount"].tolist() == [0.0]
    assert len(study.pmpm("line")) == 0
    checks = ClaimChecks(as_of=CHECKS.as_of, currency="EUR", lines=("dental", "drugs"))
    known = study_of(SPELLS, [], MEMBERS, PERIOD, checks=checks)
    assert known.per_thousand("line")["claims"].tolist() == [0.0, 0.0]


def test_intervals_cover_the_truth_where_a_members_claims_come_in_bunches():
    """400 studies of 150 members whose rates differ (gamma, cv 1): 95 % intervals hold the true rate.

    The share covered has a standard error of 1.1 points; an interval that took claims as independent
    (Poisson) would cover about 80 %, and is seen to fail.
    """
    rng = np.random.default_rng(20240101)
    covered = naive = 0
    for _ in range(400):
        e = rng.uniform(0.2, 2.0, 150)
        x = rng.poisson(2.0 * e * rng.gamma(1.0, 1.0, 150)).astype(float)
        sums = [np.array([value.sum()]) for value in (x, e, x * x, x * e, e * e)]
        found = Moments(np.array([150]), np.array([100]), *sums)
        low, high = found.interval(0.95, found.standard_error)
        covered += bool(low[0] <= 2.0 <= high[0])
        naive += bool(abs(x.sum() / e.sum() - 2.0) <= 1.96 * math.sqrt(x.sum()) / e.sum())
    assert 0.90 <= covered / 400 <= 0.99
    assert naive / 400 < 0.88


def movements(*rows):
    """Claim lines with their reversals: (claim_id, kind, day of treatment, day paid, amount)."""
    names = ("claim_id", "kind", "incurred", "paid", "amount")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    n = len(rows)
    return pa.table({**columns, "member_id": ["ann"] * n, "line": ["drugs"] * n})


@pytest.mark.parametrize(
    ("rows", "claims", "amount"),
    [
        pytest.param(
            [("c", "payment", "2024-03-10", "2024-03-20", 80.0)], [("2024-03", 1)], 80.0, id="paid"
        ),
        pytest.param(
            [
                ("c", "payment", "2024-03-10", "2024-03-20", 80.0),
                ("c", "reversal", "2024-04-02", "2024-05-01", -30.0),
            ],
            [("2024-03", 1)],
            50.0,
            id="taken back in part, and dated another month",
        ),
        pytest.param(
            [
                ("c", "payment", "2024-03-10", "2024-03-20", 80.0),
                ("c", "reversal", "2024-03-10", "2024-05-01", -30.0),
                ("c", "reversal", "2024-03-10", "2024-06-01", -50.0),
            ],
            [],
            0.0,
            id="taken back whole",
        ),
        pytest.param(
            [
                ("c", "payment", "2023-12-31", "2024-03-20", 80.0),
                ("d", "payment", "2024-01-01", "2025-03-20", 7.0),
            ],
            [("2024-01", 1)],
            7.0,
            id="treated before the period, or paid after it",
        ),
        pytest.param(
            [("c", "payment", "2024-03-10", "2024-03-20", 0.0)], [], 0.0, id="nothing was paid"
        ),
    ],
)
def test_a_claim_is_what_its_reversals_leave(rows, claims, amount):
    study = ExperienceStudy.from_tables(
        members_table(MEMBERS),
        cover_table(SPELLS),
        movements(*rows),
        period=YEAR,
        checks=CHECKS,
    )
    table = study.per_thousand("month")
    found = zip(table.labels["month"], table["claims"].tolist(), strict=True)
    assert [(month, count) for month, count in found if count] == claims
    assert study.pmpm()["amount"].sum() == amount
    assert dict(study.notes)["claims counted"] == sum(count for _, count in claims)


def test_half_a_cent_is_rounded_up_and_taken_back_whole():
    """0.125 is half a cent above 12 in binary too: 13 (half up), where half to even gives 12."""
    whole = ("c", "payment", "2024-03-10", "2024-03-20", 0.125)
    for back, amount in ((), 0.13), ((("c", "reversal", "2024-03-10", "2024-05-01", -0.125),), 0.0):
        frame = movements(whole, *back)
        tables = members_table(MEMBERS), cover_table(SPELLS), frame
        study = ExperienceStudy.from_tables(*tables, period=YEAR, checks=CHECKS)
        assert study.pmpm()["amount"].sum() == amount


def test_members_without_a_region_and_of_one_called_none_are_one_label():
    regions = {"ann": "north", "bob": None, "cai": "(none)", "dee": None}
    for named in (regions, {**regions, "cai": "north"}):
        members = members_table(MEMBERS).append_column("region", pa.array(list(named.values())))
        tables = members, cover_table(SPELLS), claims_table(CLAIMS)
        study = ExperienceStudy.from_tables(*tables, period=PERIOD, checks=CHECKS)
        table = study.pmpm("region")
        assert sorted(table.labels["region"]) == ["(none)", "north"]
        own = dict(zip(table.labels["region"], table["persons"], strict=True))
        assert own["(none)"] == sum(name in (None, "(none)") for name in named.values())


def test_the_recognised_charge_may_be_studied_instead():
    frame = movements(("c", "payment", "2024-03-10", "2024-03-20", 80.0))
    tables = members_table(MEMBERS), cover_table(SPELLS)
    options = {"period": YEAR, "checks": CHECKS, "measure": "allowed"}
    with pytest.raises(InputError, match="Add the column allowed"):
        ExperienceStudy.from_tables(*tables, frame, **options)
    charged = frame.append_column("allowed", pa.array([100.0]))
    assert ExperienceStudy.from_tables(*tables, charged, **options).pmpm()["amount"] == [100.0]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"incurred": "2025-02-01", "paid": "2025-03-01"}, "outside_cover"),
        ({"member_id": "zed"}, "unknown_member, outside_cover"),
        ({"paid": "2024-03-09"}, "paid_before_incurred"),
        ({"paid": "2027-01-01"}, "future_date"),
        ({"amount": -80.0}, "negative_amount"),
        ({"line": "massage"}, "unknown_line"),
        ({"kind": "reversal", "amount": -80.0}, "unmatched_reversal"),
    ],
)
def test_what_is_wrong_with_claim_lines_is_refused(change, code):
    row = {
        "claim_id": "c1",
        "member_id": "ann",
        "line": "drugs",
        "incurred": "2024-03-10",
        "paid": "2024-03-20",
        "amount": 80.0,
        "kind": "payment",
    }
    checks = ClaimChecks(as_of=CHECKS.as_of, currency="EUR", lines=("drugs",))
    frame = pa.table({name: [value] for name, value in {**row, **change}.items()})
    with pytest.raises(InputError) as caught:
        ExperienceStudy.from_tables(
            members_table(MEMBERS), cover_table(SPELLS), frame, period=YEAR, checks=checks
        )
    assert ", ".join(fault.code for fault in caught.value.faults) == code


def test_checks_that_are_none_are_refused_with_the_way_to_write_them():
    tables = members_table(MEMBERS), cover_table(SPELLS)
    for call in (
        lambda: ExperienceStudy.from_tables(*tables, claims_table([]), period=YEAR, checks="EUR"),
        lambda: ClaimRecords.from_frame(claims_table([]), "EUR"),
    ):
        with pytest.raises(InputError, match=r"checks: got a str; allowed: ClaimChecks"):
            call()


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda study: study.pmpm("colour"), "by"),
        (lambda study: study.pmpm(("sex", "sex")), "by"),
        (lambda study: study.pmpm(None), "by"),
        (lambda study: study.trend(holidays=["New Year"]), "holidays"),
        (lambda study: study.trend(holidays=date(2024, 1, 1)), "holidays.*a list of dates"),
        (lambda study: study.exposure("line"), "by"),
        (lambda study: study.pmpm(level=95), "level"),
        (lambda study: study.trend(line="massage"), "line"),
        (lambda study: study.trend("severity"), "rate"),
        (lambda study: study.trend(working_days="some"), "working_days"),
        (lambda study: study.pooled(-1.0), "at"),
        (lambda study: study.concentration([10]), "shares"),
        (lambda study: study.concentration("all"), "shares"),
        (lambda study: study.persistence(classes=None), "classes"),
        (lambda study: study.persistence(classes=(0.5, 0.4)), "classes"),
        (lambda study: study.persistence(minimum_months=13), "minimum_months"),
    ],
)
def test_what_cannot_be_asked_says_what_can(study, call, field):
    with pytest.raises(InputError, match=rf"^{field}"):
        call(study)


def test_more_cells_than_memory_should_hold_are_refused(study, monkeypatch):
    monkeypatch.setattr("mutualfund.claims.experience.moments.MAX_CELLS", 100)
    with pytest.raises(InputError, match="Split by fewer keys"):
        study.pmpm(("month", "age_band", "line"))


def test_pandas_and_polars_give_the_same_study():
    tables = members_table(MEMBERS), cover_table(SPELLS), claims_table(CLAIMS)
    options = {"period": PERIOD, "checks": CHECKS}
    arrow = ExperienceStudy.from_tables(*tables, **options).pmpm("line")
    for convert in (lambda table: table.to_pandas(), pl.from_arrow):
        other = ExperienceStudy.from_tables(*map(convert, tables), **options).pmpm("line")
        np.testing.assert_array_equal(arrow["pmpm"], other["pmpm"])


def test_records_read_elsewhere_are_held_against_this_study():
    records = ClaimRecords.from_frame(claims_table(CLAIMS), CHECKS)
    tables = members_table(MEMBERS), cover_table(SPELLS)
    study = ExperienceStudy.from_tables(*tables, records, period=PERIOD, checks=CHECKS)
    assert study.pmpm()["amount"].tolist() == [round(sum(c[3] for c in CLAIMS), 2)]
    kept = {who: facts for who, facts in MEMBERS.items() if who != "bob"}
    short = [spell for spell in SPELLS[2:] if spell[0] != "bob"] + [
        ("ann", "2024-01-01", "2024-12-31")
    ]
    francs = ClaimChecks(as_of=date(2024, 12, 31), currency="CHF", lines=("drugs", "dental"))
    with pytest.raises(InputError) as caught:
        ExperienceStudy.from_tables(
            members_table(kept), cover_table(short), records, period=PERIOD, checks=francs
        )
    codes = [fault.code for fault in caught.value.faults]
    # the last claim, of 31 December, was paid in January: nobody knew of it on the day of the study
    assert codes == [
        "mixed_currency",
        "future_date",
        "unknown_line",
        "unknown_member",
        "outside_cover",
    ]
    assert "1 lines of a later day" in str(caught.value)
    whole = ClaimChecks(as_of=CHECKS.as_of, currency="EUR", control=ControlTotals(rows=9))
    with pytest.raises(InputError, match="control total"):
        ExperienceStudy.from_tables(*tables, records, period=PERIOD, checks=whole)


def test_no_member_is_named_anywhere():
    """Identifiers are canaries: no repr and no table of the study holds one."""
    spells = [(f"canary{who}", first, last) for who, first, last in SPELLS]
    claims = [(f"canary{who}", *rest) for who, *rest in CLAIMS]
    members = {f"canary{who}": facts for who, facts in MEMBERS.items()}
    study = study_of(spells, claims, members, PERIOD)
    held = [study, study.source, study.source.ledger, study.source.cover, study.members]
    tables = [study.pmpm(("month", "line")), study.pooled(10.0), study.concentration()]
    tables += [study.persistence(minimum_months=0)]
    tables.append(study.trend(seasonal=False, working_days="none"))
    texts = [repr(one) for one in (*held, *tables)]
    texts += [one.to_pandas().to_string() for one in tables[:-1]]
    assert "canary" not in " ".join(texts)

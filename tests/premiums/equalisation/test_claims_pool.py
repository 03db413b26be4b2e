"""Ex-post claims equalisation. Source of truth: hand-worked quarters, exact fractions beside any input."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutualfund.errors import InputError
from mutualfund.premiums import AgePoolTable, ClaimsEqualisation

SHARES = {"0-54": 0.0, "55-64": 0.25, "65+": 0.75}


def table(**stated: object) -> AgePoolTable:
    given_keys = {
        "valid_from": date(2025, 4, 1),
        "source": "made up for the test",
        "pooled_share": SHARES,
        "high_cost_threshold": 50_000.0,
        "high_cost_share": 0.5,
    }
    return AgePoolTable(**{**given_keys, **stated})


SCHEME = ClaimsEqualisation(tables=[table()])
QUARTER = date(2026, 1, 1)


def test_a_quarter_worked_by_hand() -> None:
    moved = SCHEME.transfers(
        QUARTER,
        ["A", "B"],
        units=[100, 400],
        benefits=[[7_000, 4_000, 8_000], [90_000, 1_000, 1_000]],
        residuals=[[58_000, 51_000], [70_000]],
        notified=[[3_000, 0], [12_000]],
    )
    # A: age 1000 + 6000; high cost 4000 - 3000 + 500 = 1500. B: 250 + 750; 10000 - 12000 = -2000.
    assert moved.parts["age_based_pool"].tolist() == [7_000.0, 1_000.0]
    assert moved.parts["high_cost_pool"].tolist() == [1_500.0, -2_000.0]
    # 7500 over 500 units: 15 each; A 8500 - 1500, B -1000 - 6000.
    assert moved.rates == {"levy_per_unit": 15.0}
    assert moved.amounts.tolist() == [7_000.0, -7_000.0]


def test_members_are_sorted_into_the_pools_by_age_and_quarter() -> None:
    ages, benefits = [54, 55, 65, 120], [100.0, 100.0, 80.0, 40.0]
    assert table().pooled(ages, benefits).tolist() == [0.0, 25.0, 60.0, 30.0]
    assert table().residual(ages, benefits).tolist() == [100.0, 75.0, 20.0, 10.0]
    assert table().by_band(ages, benefits).tolist() == [100.0, 100.0, 120.0]
    assert table().high_cost([40_000.0, 60_000.0], [0.0, 1_000.0]).tolist() == [0.0, 4_000.0]


amounts = st.integers(0, 10**8)
funds = st.lists(
    st.tuples(
        st.integers(1, 10**6),
        st.tuples(amounts, amounts, amounts),
        st.lists(st.integers(0, 10**6), max_size=3),
    ),
    min_size=1,
    max_size=6,
)


@settings(deadline=None, max_examples=60)
@given(funds)
def test_any_quarter_equals_exact_fractions_and_sums_to_zero_to_the_cent(
    drawn: list[tuple[int, tuple[int, int, int], list[int]]],
) -> None:
    units, benefits, large = (list(column) for column in zip(*drawn, strict=True))
    moved = SCHEME.transfers(
        QUARTER,
        [f"f{i}" for i in range(len(drawn))],
        units=units,
        benefits=benefits,
        residuals=large,
    )
    pooled = [
        Fraction(b[1], 4) + Fraction(3 * b[2], 4) + sum(Fraction(max(x - 50_000, 0), 2) for x in xs)
        for _, b, xs in drawn
    ]
    levy = sum(pooled) / sum(units)
    net = [100 * float(p - levy * u) for p, u in zip(pooled, units, strict=True)]
    assert int(moved.net.sum()) == moved.outside == 0
    np.testing.assert_allclose(moved.net, net, atol=1.001)


def test_nothing_pooled_moves_nothing() -> None:
    moved = SCHEME.transfers(QUARTER, ["A", "B"], units=[1, 2], benefits=[[5, 0, 0], [9, 0, 0]])
    assert moved.net.tolist() == [0, 0]


def test_the_table_in_force_on_the_day_applies() -> None:
    later = table(valid_from=date(2026, 4, 1), pooled_share={"0-64": 0.0, "65+": 1.0})
    scheme = ClaimsEqualisation(tables=[later, table(valid_until=date(2026, 3, 31))])
    before = scheme.transfers(QUARTER, ["A"], units=[1], benefits=[[0, 0, 100]])
    after = scheme.transfers(date(2026, 4, 1), ["A"], units=[1], benefits=[[0, 100]])
    assert before.rates["levy_per_unit"] == 75.0
    assert after.rates["levy_per_unit"] == 100.0


def test_a_table_dated_after_its_use_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        SCHEME.transfers(date(2025, 1, 1), ["A"], units=[1], benefits=[[0, 0, 1]])
    (fault,) = refused.value.faults
    assert fault.code == "table_after_use"
    assert str(fault) == (
        "tables[0].valid_from: got 2025-04-01, the earliest; allowed: a day on or before its use on "
        "2025-01-01. Add the table that was in force then."
    )


def test_a_table_that_has_ended_is_refused() -> None:
    scheme = ClaimsEqualisation(tables=[table(valid_until=date(2025, 12, 31))])
    with pytest.raises(InputError, match=r"tables\[0\]\.valid_until: got 2025-12-31"):
        scheme.transfers(QUARTER, ["A"], units=[1], benefits=[[0, 0, 1]])


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({"pooled_share": {"0-54": 0.0, "56+": 0.5}}, "pooled_share: got no band for age 55"),
        ({"pooled_share": {"0-55": 0.0, "55+": 0.5}}, r"pooled_share: got '55\+' overlapping"),
        ({"pooled_share": {"0+": 15}}, "0 to 1. For 15 % write 0.15"),
        ({"high_cost_share": 1.2}, "high_cost_share: got 1.2; allowed: 0 to 1"),
        ({"valid_until": date(2020, 1, 1)}, "valid_until: got 2020-01-01; .* 2025-04-01"),
        ({"source": ""}, "source"),
    ],
)
def test_tables_that_cannot_be_used_are_refused(stated: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        table(**stated)


def test_two_tables_from_one_day_are_refused() -> None:
    with pytest.raises(InputError, match=r"tables.*\[1\]\.valid_from: got 2025-04-01"):
        ClaimsEqualisation(tables=[table(), table()])


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({"units": [0, 0]}, "units: got 0 in all; .* in which no fund insures anybody"),
        ({"units": [10, -1]}, r"units\[1\]: got -1"),
        ({"market": ["NSW"]}, "market: got 1 names; allowed: 2 names"),
        ({"market": "WA"}, "market: got a str; allowed: a list of names, one per row"),
        ({"market": [None, "WA"]}, r"market\[0\]: got a NoneType"),
        ({"units": [10]}, "units: got an array of shape"),
        ({"benefits": [[1, 2], [3, 4]]}, "a column for each of 0-54, 55-64, 65+"),
        (
            {"benefits": [[1, 2, 3], [3, -4, 5]]},
            r"benefits\[1\]\.55-64: got -4; .* settle that quarter anew",
        ),
        ({"residuals": [[1.0]]}, "residuals: got 1 lists; allowed: 2 lists"),
        (
            {"residuals": [[1.0], ["much"]]},
            r"residuals\[1\]: got \(value not shown\); allowed: numbers",
        ),
        ({"residuals": [[9.0], []], "notified": [[1.0, 2.0], []]}, r"notified\[0\]"),
    ],
)
def test_figures_that_cannot_be_pooled_are_refused(stated: dict[str, object], message: str) -> None:
    figures = {"units": [10, 20], "benefits": [[1, 2, 3], [3, 4, 5]], **stated}
    with pytest.raises(InputError, match=message):
        SCHEME.transfers(QUARTER, ["A", "B"], **figures)  # type: ignore[arg-type]


def test_a_fund_in_run_off_receives_what_it_pooled_and_pays_no_levy() -> None:
    moved = SCHEME.transfers(
        QUARTER, ["A", "B"], units=[0, 300], benefits=[[500, 0, 4_000], [0, 0, 6_000]]
    )
    # Pooled 3000 and 4500: 25 a unit, all of it B's.
    assert moved.rates == {"levy_per_unit": 25.0}
    assert moved.amounts.tolist() == [3_000.0, -3_000.0]


def test_a_recovery_settles_its_own_quarter_anew() -> None:
    """A recovers 1000 of a benefit of an earlier quarter: 750 of it was pooled, 250 of that its own levy."""
    before, anew = (
        SCHEME.transfers(
            QUARTER, ["A", "B"], units=[100, 200], benefits=[[0, 0, paid], [0, 0, 2_000]]
        )
        for paid in (4_000, 3_000)
    )
    assert anew.true_up(before).amounts.tolist() == [-500.0, 500.0]


def test_two_jurisdictions_at_once_are_each_settled_by_itself() -> None:
    """A is in both, B and C in one: what each moves, and what one levy over all would have moved."""
    rows = {
        "units": np.array([100, 300, 200, 100]),
        "benefits": np.array([[0, 0, 4_000], [0, 0, 0], [0, 0, 1_000], [0, 0, 8_000]]),
        "residuals": [[], [], [], [70_000.0]],
    }
    funds, states = ["A", "B", "A", "C"], ["NSW", "NSW", "WA", "WA"]
    moved = SCHEME.transfers(QUARTER, funds, market=states, **rows)
    # NSW pools 3000 over 400 units, 7.50 each; WA 750 + 6000 + 10000 over 300.
    assert moved.rates == {
        "levy_per_unit.NSW": 7.5,
        "levy_per_unit.WA": pytest.approx(16_750 / 300),
    }
    assert moved.funds == ("A", "B", "C")
    assert moved.amounts.tolist() == [2_250 + 750 - 11_166.67, -2_250.0, 10_416.67]
    apart = [
        SCHEME.transfers(QUARTER, funds[at], **{name: part[at] for name, part in rows.items()})  # type: ignore[index]
        for at in (slice(0, 2), slice(2, 4))
    ]
    assert moved.net.tolist() == apart[0].plus(apart[1]).net.tolist()
    assert [one.outside for one in apart] == [0, 0]
    with pytest.raises(InputError, match=r"funds\[2\]: got 'A in NSW'; .* each fund once"):
        SCHEME.transfers(QUARTER, funds, market=["NSW", "NSW", "NSW", "WA"], **rows)


def test_an_amount_of_a_member_is_never_shown() -> None:
    with pytest.raises(InputError) as refused:
        SCHEME.transfers(QUARTER, ["A"], units=[1], benefits=[[1, 2, 3]], residuals=[[-61_803.0]])
    assert "61" not in str(refused.value)
    assert "residuals[0][0]" in str(refused.value)


@pytest.mark.parametrize(
    ("ages", "benefits", "message"),
    [
        ([40.5], [1.0], r"ages\[0\]: got \(value not shown\); allowed: whole years"),
        ([float("nan")], [1.0], r"ages\[0\]"),
        (["MEMBER-1"], [1.0], r"ages: got \(value not shown\)"),
        ([40], [-1.0], r"benefits\[0\]: got \(value not shown\)"),
    ],
)
def test_members_figures_that_cannot_be_are_refused(
    ages: list[float], benefits: list[float], message: str
) -> None:
    table = AgePoolTable(
        valid_from=date(2025, 4, 1),
        source="made up",
        high_cost_share=0.8,
        high_cost_threshold=50_000,
        pooled_share={"0-64": 0.0, "65+": 0.5},
    )
    for asked in (table.pooled, table.residual, table.by_band):
        with pytest.raises(InputError, match=message):
            asked(ages, benefits)
    with pytest.raises(InputError, match="on: got 'July 2025'; allowed: a day"):
        ClaimsEqualisation(tables=[table]).transfers(
            "July 2025",  # type: ignore[arg-type]
            ["A"],
            units=[1],
            benefits=[[1.0, 1.0]],
        )

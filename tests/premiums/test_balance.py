"""Rules balanced to a required total, to the cent, and age bands brought within a ratio."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutualfund.errors import InputError
from mutualfund.portfolio import Portfolio
from mutualfund.premiums import (
    AgeBandContribution,
    CommunityContribution,
    Contribution,
    EntryAgeLoading,
    FamilyAdjustment,
    FlatContribution,
    IncomeContribution,
    TierContribution,
    balance,
)
from mutualfund.premiums.cents import shared_out
from mutualfund.premiums.contributions.compression import compressed_prices
from premiums.people import people

MEMBERS = people(
    age=[4, 11, 34, 37, 62, 80, 29],
    months=[10, 20, 0, 130, 14, 70, None],
    household=[1, 1, 1, 1, 2, 2, -1],
    income=[0.0, 0.0, 31_000.0, 18_500.0, 22_222.0, 9_999.0, 55_000.0],
    plan=["full", "full", "full", "basic", "basic", "full", "basic"],
    group=["mill", "mill", "mill", "port", "", "port", "mill"],
)
LHC = EntryAgeLoading.lifetime_health_cover(hospital_part=0.7)
RULES: dict[str, Contribution] = {
    "flat": FlatContribution(monthly=31.0),
    "community": CommunityContribution(monthly=47.0, child_share=0.35),
    "age band": AgeBandContribution(monthly={"0-17": 12.0, "18-59": 40.0, "60+": 71.5}),
    "tier": TierContribution(monthly={"basic": 20.0, "full": 55.0}),
    "income": IncomeContribution(rate=0.061, minimum=9.0, maximum=170.0, moves="all"),
    "adjusted": FlatContribution(
        monthly=38.0,
        adjustments=[LHC, FamilyAdjustment(average_adults=True, paying_children=1)],
    ),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@pytest.mark.parametrize("total", [0.01, 1_000.0, 3_333.33, 987_654.32])
def test_every_rule_hits_its_required_total_to_the_cent(rule: Contribution, total: float) -> None:
    done = balance(rule, MEMBERS, total, currency="EUR")
    assert int(done.yearly.sum()) == round(total * 100)
    assert done.total == total
    owed = 12 * rule.monthly_dues(MEMBERS)
    exact = owed * (total / owed.sum()) * 100
    assert (np.abs(done.yearly - exact) < 1.0 + 1e-6).all()  # nobody is a whole cent off
    assert not done.yearly[owed == 0].any()
    # The rule itself, not rounded, brings in the same.
    assert 12 * done.rule.monthly_dues(MEMBERS).sum() == pytest.approx(total, rel=1e-12)
    assert done.rule.level == pytest.approx(rule.level * done.factor)


def test_the_last_cents_go_to_those_who_were_cut_most() -> None:
    """Hand-worked: 10.00 over shares of 3.3333 (1/3 each) leaves one cent, for the first in order."""
    done = balance(FlatContribution(monthly=1.0), people(age=[50, 20, 35]), 10.0, currency="EUR")
    assert done.yearly.tolist() == [334, 333, 333]
    # 100 cents by 12 : 40 : 71.5 -> 9.716, 32.389, 57.895: two cents left, for .895 and then .716
    rule = AgeBandContribution(monthly={"0-17": 12.0, "18-59": 40.0, "60+": 71.5})
    done = balance(rule, people(age=[30, 70, 3]), 1.0, currency="EUR")
    assert done.yearly.tolist() == [32, 58, 10]


@pytest.mark.parametrize("currency", ["JPY", "XOF"])
def test_a_yen_and_a_cfa_franc_are_not_split(currency: str) -> None:
    flat, three = FlatContribution(monthly=1.0), people(age=[50, 20, 35])
    done = balance(flat, three, 100_000.0, currency=currency)
    assert (done.yearly.tolist(), done.total) == ([33_334, 33_333, 33_333], 100_000.0)


@given(
    parts=st.lists(st.integers(0, 10_000), min_size=1, max_size=40).filter(any),
    total=st.integers(1, 10**12),
)
def test_largest_remainders_follow_exact_fractions(parts: list[int], total: int) -> None:
    whole = Fraction(total, sum(parts))
    got = shared_out(np.array(parts, np.float64) * (total / sum(parts)), total)
    assert int(got.sum()) == total
    assert all(
        abs(g - p * whole) <= 1 + Fraction(1, 10**3)
        for g, p in zip(got.tolist(), parts, strict=True)
    )


def test_a_rule_under_which_nobody_owes_cannot_be_balanced() -> None:
    with pytest.raises(InputError, match="rule: got no contribution due"):
        balance(FlatContribution(monthly=0.0), MEMBERS, 100.0, currency="EUR")
    with pytest.raises(InputError, match="required_total"):
        balance(FlatContribution(monthly=1.0), MEMBERS, -5.0, currency="EUR")


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_scaled_rule_scales_every_member_alike(rule: Contribution) -> None:
    before, after = rule.monthly_dues(MEMBERS), rule.scaled(1.07).scaled(2.0).monthly_dues(MEMBERS)
    assert after == pytest.approx(2.14 * before, rel=1e-14)
    assert rule.scaled(0.0).monthly_dues(MEMBERS).tolist() == [0.0] * 7


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@pytest.mark.parametrize("year", [1, 2, 30])
def test_monthly_dues_are_price_of_the_cell_times_units_member_by_member(
    rule: Contribution, year: int
) -> None:
    from mutualfund.premiums import Standing

    cells, prices = rule.cell_table(MEMBERS.plan_names), rule.prices()
    units = rule.units_of(Standing(MEMBERS, year))
    for i, dues in enumerate(rule.monthly_dues(MEMBERS, year)):
        cell = cells[min(MEMBERS.age[i] + year - 1, 120), MEMBERS.plan_code[i]]
        assert dues == pytest.approx(prices[cell] * (1 if units is None else units[i]), rel=1e-15)


def test_dues_by_age_and_plan_together_are_looked_up_in_both() -> None:
    class Both(FlatContribution):
        def cell_labels(self) -> tuple[str, ...]:
            return tuple("abcd")

        def cell_table(self, plan_names: Any) -> Any:
            old = (np.arange(121) >= 35).astype(np.int64)[:, None]
            return 2 * old + np.array([0, 1, 1])[None, :]

        def written(self) -> Any:
            return np.array([1.0, 2.0, 3.0, 4.0])

    # plans in order: full, basic, none
    assert Both(monthly=0.0).monthly_dues(MEMBERS).tolist() == [1.0, 1.0, 1.0, 4.0, 4.0, 3.0, 2.0]


def test_a_member_without_a_price_is_refused_without_a_name() -> None:
    rule = TierContribution(monthly={"basic": 20.0})
    with pytest.raises(InputError, match=r"members\.plan: got no price in 4 rows"):
        rule.monthly_dues(MEMBERS)


@pytest.mark.parametrize("start", [date(2027, 1, 1), date(2026, 7, 1)])
def test_a_day_stands_for_the_fund_year_it_lies_in(start: date) -> None:
    one = people(age=[34], start=start)
    bands = {"0-34": 10.0, "35-35": 20.0, "36-36": 30.0, "37+": 40.0}
    rule, first = AgeBandContribution(monthly=bands), start.year
    for year in range(1, 5):
        opens = start.replace(year=first + year - 1)
        closes = date.fromordinal(start.replace(year=first + year).toordinal() - 1)
        for at in (year, opens, closes):
            assert rule.monthly_dues(one, at).tolist() == [10.0 * year]
    with pytest.raises(InputError, match=rf"at: got \S+; allowed: a day not before {start}"):
        rule.monthly_dues(one, date.fromordinal(start.toordinal() - 1))
    with pytest.raises(InputError, match="at: got 0; allowed: 1 to 1000"):
        rule.monthly_dues(one, 0)


@pytest.mark.parametrize("start", [date(2027, 1, 1), date(2026, 7, 1)])
def test_a_table_dated_after_its_use_is_refused(start: date) -> None:
    fourth, third = start.replace(year=start.year + 3), start.replace(year=start.year + 2)
    one = people(age=[34], start=start)
    rule = FlatContribution(monthly=10.0, valid_from=fourth)
    for at in (4, fourth):
        assert rule.monthly_dues(one, at).tolist() == [10.0]
    eve = date.fromordinal(fourth.toordinal() - 1)
    for sooner, day in ((3, third), (eve, eve)):
        with pytest.raises(
            InputError, match=f"valid_from: got {fourth}; allowed: a day not after {day}"
        ):
            rule.monthly_dues(one, sooner)


@pytest.mark.parametrize("at", [4, date(2030, 3, 31)])  # a fund that starts on 1 July
def test_a_later_year_is_balanced_by_the_ages_of_then(at: int | date) -> None:
    """In year 4 they are 19, 19, 48 and 70: 10, 10, 30 and 30 parts of 0.18 are 2.25, 2.25, 6.75, 6.75 cents.

    The two of 16 count for the ratio by then, so that two cents beside seven, 3.5 times as much, are too few.
    """
    members = people(age=[16, 16, 45, 67], start=date(2026, 7, 1))
    prices = {"0-17": 1.0, "18-39": 10.0, "40+": 30.0}
    rule = AgeBandContribution(monthly=prices, maximum_ratio=3.0, ratio_from_age=18)
    done = balance(rule, members, 0.18, at=at, currency="EUR")
    assert sorted(done.yearly.tolist()) == [3, 3, 6, 6]
    assert 12 * done.rule.monthly_dues(members, at).sum() == pytest.approx(0.18, rel=1e-12)


# ---- what is billed each month ------------------------------------------------------------------------


def test_the_first_months_bill_what_twelve_equal_parts_leave_over() -> None:
    """Hand-worked: 100.00 in parts of 3 : 1 are 7500 and 2500 cents, 12 x 625 and 12 x 208 + 4."""
    rule = AgeBandContribution(monthly={"0-17": 1.0, "18+": 3.0})
    done = balance(rule, people(age=[40, 5]), 100.0, currency="EUR")
    assert done.monthly.tolist() == [[625] * 12, [209] * 4 + [208] * 8]


@settings(max_examples=30, deadline=None)
@given(
    ages=st.lists(st.sampled_from([4, 30, 70]), min_size=1, max_size=9),
    units=st.integers(1, 10**6),
    currency=st.sampled_from(["EUR", "XOF", "KWD"]),
)
def test_twelve_bills_are_the_year_of_each_member_and_the_required_total(
    ages: list[int], units: int, currency: str
) -> None:
    minor = {"EUR": 100, "XOF": 1, "KWD": 1000}[currency]
    rule = AgeBandContribution(monthly={"0-17": 12.0, "18-59": 40.0, "60+": 71.5})
    done = balance(rule, people(age=ages), units / minor, currency=currency)
    assert done.monthly.shape == (len(ages), 12)
    assert done.monthly.sum(axis=1).tolist() == done.yearly.tolist()
    assert int(done.monthly.sum()) == units
    assert (np.ptp(done.monthly, axis=1) <= 1).all()
    assert (np.diff(done.monthly, axis=1) <= 0).all()  # what is left over comes first


# ---- the greatest ratio between age bands ---------------------------------------------------------------


def test_prices_beyond_the_ratio_are_refused_with_a_way_out() -> None:
    prices = {"0-17": 10.0, "18-64": 30.0, "65+": 91.0}
    with pytest.raises(InputError, match=r"monthly: got 91 over 30; .* 3, times .*compressed"):
        AgeBandContribution(monthly=prices, maximum_ratio=3.0, ratio_from_age=18)
    AgeBandContribution(monthly=prices | {"65+": 90.0}, maximum_ratio=3.0, ratio_from_age=18)
    # a band counts where it holds the age from which bands count, if only as its last
    AgeBandContribution(monthly=prices, maximum_ratio=3.0, ratio_from_age=65)
    with pytest.raises(InputError, match="monthly: got 91 over 30"):
        AgeBandContribution(monthly=prices, maximum_ratio=3.0, ratio_from_age=64)
    with pytest.raises(InputError, match=r"maximum_ratio: got 0\.5"):
        AgeBandContribution(monthly=prices, maximum_ratio=0.5)


def test_compressed_prices_bring_in_the_same_where_adjustments_differ_by_age() -> None:
    """The old are loaded by half more: 2 x 20 + 1.5 x 100 = 190, and 2 x 50 + 1.5 x 60 at a ratio of 1.2."""
    members = people(age=[30, 40, 70], months=[0, 0, 0], entry_age=[30, 30, 70])
    loading = EntryAgeLoading(from_age=50, per_year=0.025, maximum=0.5)
    rule = AgeBandContribution(monthly={"0-59": 20.0, "60+": 100.0}, adjustments=[loading])
    within = rule.compressed(1.2, members)
    assert list(within.monthly.values()) == pytest.approx([50.0, 60.0])
    assert within.monthly_dues(members).sum() == pytest.approx(190.0)


@pytest.mark.parametrize(("at", "of_57"), [(1, 60), (4, 57)])
def test_compression_by_hand(at: int, of_57: int) -> None:
    """10 members at 20, 4 at 100: 600 in all. At 3 : 1 a floor of f gives 10 f + 4 x 3 f = 22 f."""
    rule = AgeBandContribution(
        monthly={"0-17": 5.0, "18-59": 20.0, "60+": 100.0}, ratio_from_age=18
    )
    members = people(age=[40] * 10 + [70] * 3 + [of_57] + [3] * 9)
    new = rule.compressed(3.0, members, at)
    assert list(new.monthly.values()) == pytest.approx([5.0, 600 / 22, 1800 / 22], rel=1e-14)
    assert new.monthly_dues(members, at).sum() == pytest.approx(
        rule.monthly_dues(members, at).sum(), rel=1e-14
    )
    assert new.maximum_ratio == 3.0


def test_prices_within_the_ratio_stay_also_where_nobody_pays_them() -> None:
    old = np.array([1.0, 2.0])
    assert compressed_prices(old, np.array([1.0, 0.0]), 2.0).tolist() == [1.0, 2.0]


@given(
    prices=st.lists(st.floats(0.0, 1e4), min_size=2, max_size=8),
    members=st.lists(st.integers(0, 500), min_size=8, max_size=8),
    ratio=st.floats(1.0, 20.0),
)
def test_the_maximum_ratio_is_never_exceeded_and_the_income_stays(
    prices: list[float], members: list[int], ratio: float
) -> None:
    old, count = np.array(prices), np.array(members[: len(prices)], np.float64)
    if not (old * count).sum() > 1e-6:
        return
    new = compressed_prices(old, count, ratio)
    assert new.max() <= ratio * new.min() * (1.0 + 1e-12)
    assert (new * count).sum() == pytest.approx((old * count).sum(), rel=1e-9)
    within = old.max() <= ratio * old.min()
    if within:
        assert new == pytest.approx(old, rel=1e-9)


def test_a_ratio_below_one_and_bands_without_members_are_refused() -> None:
    rule = AgeBandContribution(monthly={"0-59": 20.0, "60+": 100.0})
    with pytest.raises(InputError, match="maximum_ratio"):
        rule.compressed(0.9, Portfolio.synthetic(10))
    free = AgeBandContribution(monthly={"0-59": 0.0, "60+": 100.0})
    with pytest.raises(InputError, match="portfolio: got nobody"):
        free.compressed(3.0, people(age=[20, 30]))

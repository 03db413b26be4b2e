"""The premium build-up: hand-worked pages, sums to the cent, and what must be refused.

Source of truth: the rows reckoned by hand in exact fractions.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutualfund.claims import Gamma, Normal
from mutualfund.errors import InputError
from mutualfund.premiums import (
    Loading,
    StandardDeviationPrinciple,
    TailPrinciple,
    mutual_build_up,
    premium_build_up,
)

EVERYTHING = [
    Loading(item="safety margin", share=0.08, of="pure premium"),
    Loading(item="running cost", amount=18.4),
    *Loading.reinsurance(premium=9.3, expected_recovery=6.1),
    Loading(item="commission", share=0.05, of="contribution"),
    Loading(item="cost of capital", amount=4.2),
    Loading(item="surplus", share=0.06, of="rows above"),
]


def test_a_page_with_every_kind_of_row_is_the_one_worked_by_hand() -> None:
    """C = sum; commission is 0.05 C; surplus is 0.06 of all above, commission included."""
    pure = Fraction(150)
    known = pure + pure * Fraction(8, 100) + Fraction(184, 10) + Fraction(32, 10) + Fraction(42, 10)
    # C = (known + 0.05 C) x 1.06
    contribution = known * Fraction(106, 100) / (1 - Fraction(5, 100) * Fraction(106, 100))
    page = premium_build_up(150.0, EVERYTHING, currency="EUR")
    assert page.contribution == pytest.approx(float(contribution), rel=1e-14)
    commission = float(contribution * Fraction(5, 100))
    surplus = float((known + contribution * Fraction(5, 100)) * Fraction(6, 100))
    wanted = [150.0, 12.0, 18.4, 9.3, -6.1, commission, 4.2, surplus]
    assert page.amounts == pytest.approx(wanted, rel=1e-13)
    assert page.loading_ratio == pytest.approx(float(contribution) / 150, rel=1e-13)


def test_the_error_of_the_pure_premium_is_carried_by_what_depends_on_it() -> None:
    page = premium_build_up(150.0, EVERYTHING, standard_error=3.0, currency="EUR")
    more = premium_build_up(153.0, EVERYTHING, currency="EUR")
    assert page.standard_error == pytest.approx(more.contribution - page.contribution, rel=1e-10)


def test_the_table_reads_like_a_page_of_a_report() -> None:
    table = premium_build_up(150.0, EVERYTHING, currency="EUR").table()
    assert list(table.columns) == ["item", "basis", "amount", "total", "share_of_contribution"]
    assert table["item"].tolist()[0] == "pure premium"
    assert table["item"].tolist()[-1] == "contribution"
    assert table["basis"].tolist()[1] == "8 % of pure premium"
    assert table["share_of_contribution"].tolist()[-1] == 1.0
    assert table["total"].tolist()[-2] == table["amount"].tolist()[-1]


def test_the_handbook_s_four_rows_are_worked_by_hand() -> None:
    """60 pure, 15 % margin 9, running cost 21, surplus 10 % of 90."""
    page = mutual_build_up(60.0, safety_margin=0.15, running_cost=21.0, surplus=0.1, currency="EUR")
    assert page.table()["amount"].tolist() == [60.0, 9.0, 21.0, 9.0, 99.0]


def test_thirds_add_up_although_none_of_them_can_be_paid() -> None:
    """100 / 12 = 8.33...; with 100 / 12 and 100 / 12 more a month is 25.00, not 24.99."""
    rows = [Loading(item="a", amount=100.0), Loading(item="b", amount=100.0)]
    table = premium_build_up(100.0, rows, currency="EUR").table("month")
    assert table["amount"].tolist() == [8.34, 8.33, 8.33, 25.0]


@pytest.mark.parametrize(("currency", "wanted"), [("XOF", [7001, 350]), ("KWD", [7000600, 350030])])
def test_amounts_are_rounded_to_the_currency_s_own_minor_unit(
    currency: str, wanted: list[int]
) -> None:
    page = premium_build_up(7000.6, [Loading(item="s", share=0.05)], currency=currency)
    assert [row.amount for row in page.rows()] == wanted


@pytest.mark.parametrize("currency", ["zzz", "EURO", "", None])
def test_a_currency_that_is_no_code_is_refused(currency: Any) -> None:
    with pytest.raises(InputError, match=r"^currency: got .*three capital letters. Write EUR"):
        premium_build_up(100.0, currency=currency)
    with pytest.raises(InputError, match=r"^currency: "):
        mutual_build_up(100.0, running_cost=1.0, currency=currency)


loading = st.one_of(
    st.builds(lambda x: {"amount": x}, st.floats(-3, 80)),
    st.builds(
        lambda s, of: {"share": s, "of": of},
        st.floats(0.001, 0.15),
        st.sampled_from(["pure premium", "rows above", "contribution"]),
    ),
)


@settings(deadline=None, max_examples=80)
@given(st.floats(30, 5000), st.lists(loading, max_size=6), st.sampled_from(["year", "month"]))
def test_every_page_adds_up_to_the_cent(
    pure: float, rows: list[dict[str, object]], per: str
) -> None:
    made = [Loading(item=f"row {k}", **row) for k, row in enumerate(rows)]  # type: ignore[arg-type]
    page = premium_build_up(pure, made, currency="EUR")
    exact = page.contribution / (1 if per == "year" else 12)
    printed = page.rows(per)  # type: ignore[arg-type]
    assert sum(row.amount for row in printed) == printed[-1].total
    assert abs(printed[-1].total / 100 - exact) <= 0.005 + 1e-9
    for row, amount in zip(printed, page.amounts, strict=True):
        assert abs(row.amount - amount * 100 / (1 if per == "year" else 12)) < 1.0 + 1e-6
    table = page.table(per)  # type: ignore[arg-type]
    cents = [round(100 * x) for x in table["amount"]]
    assert sum(cents[:-1]) == cents[-1]


def test_without_loadings_the_contribution_is_the_pure_premium() -> None:
    page = premium_build_up(123.45, currency="EUR")
    assert page.contribution == 123.45
    assert page.loading_ratio == 1.0


def test_a_principle_s_loading_is_spread_over_the_members() -> None:
    fund = Normal(mean=300_000, sd=40_000)
    row = Loading.from_principle(TailPrinciple(probability=0.9), fund, 2000)
    phi = math.exp(-(1.2815515655446004**2) / 2) / math.sqrt(2 * math.pi)
    assert row.amount == pytest.approx(40_000 * phi / 0.1 / 2000, rel=1e-7)
    assert row.item == "safety margin"


def test_a_larger_fund_needs_a_smaller_margin_a_member() -> None:
    """Independent members: sd grows with the root, so four times the members halve the margin."""
    rule = StandardDeviationPrinciple(loading=1.0)
    small = Loading.from_principle(rule, Gamma(mean=1e5, cv=0.2), 500).amount
    large = Loading.from_principle(rule, Gamma(mean=4e5, cv=0.1), 2000).amount
    assert small == pytest.approx(2 * large, rel=1e-9)


def test_shares_of_the_contribution_that_leave_nothing_are_refused() -> None:
    rows = [
        Loading(item="a", share=0.6, of="contribution"),
        Loading(item="b", share=0.4, of="contribution"),
    ]
    with pytest.raises(InputError, match="add up to 1; allowed: less than 1") as caught:
        premium_build_up(10.0, rows, currency="EUR")
    assert caught.value.faults[0].code == "shares"


def test_an_exposure_of_zero_is_refused_with_the_way_out() -> None:
    with pytest.raises(InputError, match=r"loading.member_years: got 0.*State the amount"):
        Loading.spread("running cost", total=1000.0, member_years=0.0)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Loading(item="a", share=10.0),
        lambda: Loading(item="a", share=-0.1),
        lambda: Loading(item="a", share=0.1, amount=3.0),
        lambda: Loading(item="a", share=0.1, of="premium"),
        lambda: Loading.cost_of_capital(100.0, required_return=0.02, earned_return=0.05),
        lambda: Loading.reinsurance(premium=-1.0, expected_recovery=0.0),
        lambda: premium_build_up(-1.0, currency="EUR"),
        lambda: premium_build_up(
            10.0, [Loading(item="a", amount=1), Loading(item="a", amount=2)], currency="EUR"
        ),
        lambda: premium_build_up(10.0, [Loading(item="less", amount=-11.0)], currency="EUR"),
        lambda: premium_build_up(10.0, currency="EUR").rows("week"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_a_row_is_refused(wrong: object) -> None:
    with pytest.raises(InputError):
        wrong()  # type: ignore[operator]


def test_a_share_that_cannot_be_is_refused_under_its_own_name() -> None:
    with pytest.raises(InputError, match="safety_margin: got 10; allowed: 0 to 3"):
        mutual_build_up(75.0, safety_margin=10.0, running_cost=12.5, currency="EUR")


def test_a_margin_may_exceed_the_pure_premium_but_nothing_the_contribution() -> None:
    """30 + 120 % of it + 4, a commission of 20 % of the whole: 70 / 0.8; a surplus of the same size again."""
    rows = [
        Loading(item="margin", share=1.2, of="pure premium"),
        Loading(item="running cost", amount=4.0),
        Loading(item="commission", share=0.2, of="contribution"),
    ]
    page = premium_build_up(30.0, rows, currency="EUR")
    assert page.amounts == pytest.approx([30.0, 36.0, 4.0, 17.5], rel=1e-13)
    mutual = mutual_build_up(30.0, safety_margin=1.2, running_cost=4.0, surplus=1.0, currency="EUR")
    assert mutual.contribution == pytest.approx(140.0, rel=1e-13)
    with pytest.raises(InputError, match="share: got 1; allowed: below 1 of the contribution"):
        Loading(item="commission", share=1.0, of="contribution")
    with pytest.raises(InputError, match=r"share: got 5; allowed: 0 to 3. For 5 % write 0\.05"):
        Loading(item="margin", share=5.0, of="pure premium")

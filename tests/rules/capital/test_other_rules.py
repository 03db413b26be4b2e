"""Rules of thumb, a prescribed amount, health RBC. Source of truth: the arithmetic in the comments."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutualfund.errors import InputError
from mutualfund.rules import (
    Books,
    ContributionShareCapital,
    HealthRbc,
    MonthsOfClaims,
    PrescribedAmount,
    Reserve,
    SolvencyNslt,
    action_level,
    risk_based_capital,
)
from mutualfund.rules.capital import examples
from mutualfund.rules.view import YearView
from rules.views import year_view

BOOKS = Books(
    contributions=[1_000.0, 3_000.0],
    claims=[800.0, 2_000.0],
    outstanding=[100.0, 700.0],
    assets=[400.0, -50.0],
    expenses=[40.0, 100.0],
    reinsurance_premium=[30.0, 90.0],
    reinsurance_recovery=[20.0, 500.0],
)


def test_books_are_what_was_booked_not_what_was_incurred() -> None:
    view: YearView = year_view(
        contributions_due=[1_000.0],
        claims_incurred=[999.0],
        claims_paid=[700.0],
        outstanding_booked=[180.0],
        assets_open=[500.0],
        reserve_open=[350.0],
        reinsurance_recovery=[60.0],
    )
    books = Books.of(view, np.array([620.0]))
    # Opening outstanding 150: claims 700 + 180 - 150.
    assert (books.claims[0], books.net_claims[0], books.assets[0]) == (730.0, 670.0, 620.0)
    with pytest.raises(ValueError, match="read-only"):
        books.claims[0] = 1.0


def test_a_share_of_contributions_and_months_of_claims() -> None:
    rule = ContributionShareCapital(share=0.25, minimum=300.0)
    assert rule.required(BOOKS).tolist() == [300.0, 750.0]
    assert MonthsOfClaims(months=3).required(BOOKS).tolist() == [195.0, 375.0]
    assert MonthsOfClaims(months=3, with_expenses=True).required(BOOKS).tolist() == [205.0, 400.0]


def test_a_prescribed_amount_adds_its_charges_less_the_benefit() -> None:
    rule = PrescribedAmount(
        claims_charge=0.10,
        outstanding_charge=0.30,
        assets_charge=0.20,
        concentration=7.0,
        operational_charge=0.02,
        correlation=0.25,
    )
    # Path A: I 78 + 30 = 108, A 80, root of 11664 + 6400 + 4320; B: I 150 + 210, no assets.
    first = (108**2 + 80**2 + 0.5 * 108 * 80) ** 0.5 + 7 + 20
    assert rule.required(BOOKS) == pytest.approx([first, 360.0 + 7 + 60])
    without = rule.model_copy(update={"correlation": 1.0})
    assert without.required(BOOKS) == pytest.approx([108 + 80 + 7 + 20, 427.0])
    least = rule.model_copy(update={"minimum": 400.0})
    assert least.required(BOOKS) == pytest.approx([400.0, 427.0])


def test_health_rbc_from_the_books() -> None:
    rule = HealthRbc(
        tiers=[{"up_to": 2_000.0, "factor": 0.15}, {"factor": 0.09}],
        managed_care_credit=0.2,
        assets_charge=0.1,
        credit_charge=0.05,
        business_charge=0.02,
        level=3.0,
    )
    # A: 150 x 0.78 x 0.8 = 93.6; B: (300 + 90) x 0.5 x 0.8 = 156.
    assert rule.underwriting(BOOKS) == pytest.approx([93.6, 156.0])
    first = (40**2 + 93.6**2 + 1**2 + 20**2) ** 0.5
    second = (0 + 156**2 + 25**2 + 60**2) ** 0.5
    assert rule.required(BOOKS) == pytest.approx([1.5 * 1.03 * first, 1.5 * 1.03 * second])
    floored = rule.model_copy(update={"minimum_underwriting": 100.0})
    assert floored.underwriting(BOOKS) == pytest.approx([100.0, 156.0])


def test_risk_based_capital_adds_affiliates_and_the_rest_as_if_independent() -> None:
    assert float(risk_based_capital(7.0, 1.0, 4.0, 8.0, 0.0)) == pytest.approx(1.03 * 16.0)
    with pytest.raises(InputError, match=r"credit: got -1"):
        risk_based_capital(credit=-1.0)


def test_action_levels_begin_where_they_are_stated() -> None:
    ratios = {2.0: "none", 1.5: "company action", 1.0: "regulatory action"}
    for ratio, name in (ratios | {0.7: "authorised control", -1.0: "mandatory control"}).items():
        assert action_level(50.0 * ratio, 100.0) == name
    assert action_level(99.9, 100.0) == "company action"
    trend = [action_level(50.0 * ratio, 100.0, trend_test=True) for ratio in (3.0, 2.99, 2.0, 1.4)]
    assert trend == ["none", "company action", "company action", "regulatory action"]
    with pytest.raises(InputError, match="rbc: got 0; allowed: more than 0"):
        action_level(5.0, 0.0)


@pytest.mark.parametrize(
    ("tiers", "message"),
    [
        ([{"up_to": 5.0, "factor": 0.1}], r"tiers\[0\]\.up_to: got 5; .* Leave up_to out"),
        (
            [{"up_to": 5.0, "factor": 0.1}, {"up_to": 5.0, "factor": 0.1}, {"factor": 0.1}],
            r"tiers\[1\]\.up_to: got 5; allowed: more than the tier before it",
        ),
        ([{"factor": 0.1}, {"factor": 0.1}], r"tiers\[1\]\.up_to"),
        ([{"factor": 15}], "For 15 % write 0.15"),
    ],
)
def test_tiers_with_gaps_or_overlaps_are_refused(
    tiers: list[dict[str, float]], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        HealthRbc(tiers=tiers)


RULES = (
    ContributionShareCapital(share=0.2),
    MonthsOfClaims(months=2),
    SolvencyNslt(profit_in_reserves=0.1),
    HealthRbc(tiers=[{"up_to": 1e4, "factor": 0.15}, {"factor": 0.09}], business_charge=0.01),
    PrescribedAmount(claims_charge=0.1, assets_charge=0.1, correlation=0.3),
)
figures = st.lists(st.floats(-1e8, 1e8), min_size=3, max_size=3)


@settings(deadline=None, max_examples=40)
@given(figures, figures, st.lists(st.floats(0, 1e8), min_size=3, max_size=3))
def test_every_rule_asks_a_finite_amount_path_by_path(
    claims: list[float], assets: list[float], contributions: list[float]
) -> None:
    def books(one: slice) -> Books:
        return Books(
            contributions=contributions[one],
            claims=claims[one],
            outstanding=claims[one],
            assets=assets[one],
        )

    for rule in RULES:
        together = rule.required(books(slice(None)))
        assert np.all(np.isfinite(together) & (together >= 0.0))
        alone = [float(rule.required(books(slice(k, k + 1)))[0]) for k in range(3)]
        assert together.tolist() == alone


def test_examples_say_that_they_are_examples() -> None:
    assert "not law" in (examples.naic_style_medical.__doc__ or "")
    books = Books(contributions=[40e6], claims=[32e6])
    # 15 % of 25 million and 9 % of 15, at a claims ratio of 0.8, with 3 % on top.
    assert examples.naic_style_medical().required(books) == pytest.approx([1.03 * 0.8 * 5.1e6])


def test_capitation_and_salaries_are_claims_to_be_ready_for() -> None:
    """A fund that pays its providers 900 a head and no claim must hold three months of that."""
    view = year_view(
        contributions_due=[1_000.0], provider_fixed=[900.0], reinsurance_recovery=[50.0]
    )
    books = Books.of(view, np.array([0.0]))
    assert MonthsOfClaims(months=3).required(books).tolist() == [225.0]
    rule = HealthRbc(tiers=[{"factor": 0.1}])
    assert rule.underwriting(books) == pytest.approx([0.1 * 900.0])
    both = Books(contributions=[1_000.0], claims=[800.0], provider_fixed=[100.0])
    assert PrescribedAmount(claims_charge=0.1).required(both) == pytest.approx([90.0])


def test_books_of_different_paths_and_action_levels_of_no_number_are_refused() -> None:
    with pytest.raises(InputError, match="claims: got 2 paths; allowed: 3"):
        Books(contributions=[1.0, 2.0, 3.0], claims=[1.0, 2.0])
    with pytest.raises(InputError, match="capital: got nan"):
        action_level(float("nan"), 100.0)
    with pytest.raises(InputError, match="rbc: got inf"):
        action_level(1.0, float("inf"))


def test_the_floor_holds_for_a_share_however_it_is_written() -> None:
    with pytest.raises(
        InputError, match=r"target\.share: got 0\.1; allowed: at least the floor, 0\.2"
    ):
        Reserve(floor=0.2, target={"kind": "share_of_contributions", "share": 0.1})
    with pytest.raises(InputError, match=r"share_of_contributions, months_of_claims"):
        Reserve(target="months")

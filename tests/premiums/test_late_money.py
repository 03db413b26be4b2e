"""Subsidies, arrears and joining. Source of truth: arithmetic in comments, and month-by-month twins."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mutualfund.errors import InputError
from mutualfund.premiums import Arrears, Joining, Subsidy, members_part
from mutualfund.premiums.lateness import arrears_by_year, arrives_by_year
from mutualfund.rules import Rulebook


@given(st.integers(0, 60))
def test_a_delay_moves_every_month_by_as_much(delay: int) -> None:
    """Twin: the twelve months one by one, and the months before the first day one by one."""
    later, earlier = [0.0] * 6, [0.0] * 6
    for month in range(12):
        later[(month + delay) // 12] += 1 / 12
    for month_before in range(1, delay + 1):
        earlier[(delay - month_before) // 12] += 1 / delay
    assert arrives_by_year(delay).tolist() == pytest.approx(later)
    if delay:
        assert arrears_by_year(delay).tolist() == pytest.approx(earlier)


def test_a_steady_subsidy_brings_in_every_year_what_falls_due_in_it() -> None:
    """Nine months late: in year 1 nine months of before and three of its own, as in every year."""
    opening = 9 / 12 * arrears_by_year(9)
    assert opening[0] + arrives_by_year(9)[0] == pytest.approx(1.0)


def test_an_account_settles_the_oldest_due_first() -> None:
    rule = Arrears(late=0.3, grace_months=2, suspends=True)
    owed = np.array([[10.0] * 6, [20.0, 0.0, 20.0, 20.0, 20.0, 20.0], [5.0] * 6])
    paid = np.array([[10.0, 0.0, 0.0, 15.0, 0.0, 45.0], [0.0] * 6, [30.0, 0.0, 0.0, 0.0, 0.0, 0.0]])
    book = rule.account(owed, paid)
    # First: nothing open; 10 open; 20; 30 - 15 = 15, of month 3 and 4; 25; nothing, 10 ahead
    assert book.balance[0].tolist() == [0.0, 10.0, 20.0, 15.0, 25.0, -10.0]
    assert book.months_overdue.tolist() == [[0, 1, 2, 2, 3, 0], [1, 2, 3, 4, 5, 6], [0] * 6]
    assert book.suspended.tolist() == [
        [False, False, False, False, True, False],
        [False, False, True, True, True, True],
        [False] * 6,
    ]
    assert repr(book) == "Arrears account of 3 members over 6 months"
    assert not Arrears(late=0.3, grace_months=2).account(owed, paid).suspended.any()


@pytest.mark.parametrize(
    ("reinstated", "suspended"), [("when all is paid", "FFTTTTT"), ("within grace", "FFTTFFF")]
)
def test_cover_comes_back_when_all_is_paid_or_when_the_rest_is_within_grace(
    reinstated: Any, suspended: str
) -> None:
    """Hand-worked: 10 a month, two months of grace; 30 in the fifth month leave 20 of the last two."""
    rule = Arrears(late=0.3, grace_months=2, suspends=True, reinstated=reinstated)
    paid = np.array([[0.0, 0.0, 0.0, 0.0, 30.0, 10.0, 10.0]])
    book = rule.account(np.full((1, 7), 10.0), paid)
    assert book.balance.tolist() == [[10.0, 20.0, 30.0, 40.0, 20.0, 20.0, 20.0]]
    assert book.months_overdue.tolist() == [[1, 2, 3, 4, 2, 2, 2]]
    assert "".join("T" if each else "F" for each in book.suspended[0]) == suspended
    cleared = rule.account(np.full((1, 7), 10.0), np.where(paid == 30.0, 50.0, paid))
    assert cleared.suspended.tolist() == [[False, False, True, True, False, False, False]]


def test_a_due_is_open_until_the_last_of_it_is_paid() -> None:
    """A fils is missing in the third month; a tenth and two tenths do not differ from three."""
    owed = np.array([[0.1, 0.2, 0.3], [0.3, 0.3, 0.3]])
    paid = np.array([[0.1, 0.2, 0.299], [0.1 + 0.2, 0.3, 0.3]])
    assert Arrears(late=0.1).account(owed, paid).months_overdue.tolist() == [[0, 0, 1], [0, 0, 0]]


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.int64, (3, 8), elements=st.integers(0, 4)),
    arrays(np.int64, (3, 8), elements=st.integers(0, 9)),
    st.integers(0, 3),
    st.booleans(),
)
def test_accounts_follow_a_twin_that_keeps_a_list_of_open_dues(
    owed: Any, paid: Any, grace: int, all_paid: bool
) -> None:
    reinstated: Any = "when all is paid" if all_paid else "within grace"
    rule = Arrears(late=0.1, grace_months=grace, suspends=True, reinstated=reinstated)
    book = rule.account(owed, paid)
    for member in range(3):
        open_dues: list[list[float]] = []
        ahead = 0.0
        covered = True
        for month in range(8):
            open_dues.append([month, float(owed[member, month])])
            ahead += float(paid[member, month])
            while open_dues and open_dues[0][1] <= ahead:
                ahead -= open_dues.pop(0)[1]
            overdue = 0 if not open_dues else month - int(open_dues[0][0]) + 1
            assert book.months_overdue[member, month] == overdue
            if covered:
                covered = overdue <= grace
            elif not open_dues or (not all_paid and overdue <= grace):
                covered = True
            assert book.suspended[member, month] == (not covered)
            balance = sum(due for _, due in open_dues) - ahead
            assert book.balance[member, month] == pytest.approx(balance)


def test_shares_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(InputError, match=r"subsidies: got shares of 1\.2 together"):
        Rulebook(subsidies=[{"payer": "State", "share": 0.7}, {"payer": "Town", "share": 0.5}])
    with pytest.raises(InputError, match="subsidies: got State, State; allowed: each payer once"):
        Rulebook(subsidies=[{"payer": "State", "share": 0.2}, {"payer": "State", "share": 0.5}])
    thirds = [{"payer": name, "share": 1 / 3} for name in "abc"]
    assert len(Rulebook(subsidies=thirds).subsidies) == 3
    # a billionth too much, as shares written with few figures may be, leaves nobody owing less than nothing
    whole = [Subsidy(payer="a", share=0.6), Subsidy(payer="b", share=0.4000000005)]
    assert members_part(np.array([30.0, 12.0]), whole).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("table", "field"),
    [
        ({"subsidies": [{"payer": "S", "share": 0.5, "delay_months": 61}]}, "subsidies[0].delay_months"),
        ({"subsidies": [{"payer": "S", "share": 0.5, "owed_at_start": 9.0}]}, "subsidies[0].owed_at_start"),
        ({"subsidies": [{"payer": "S", "share": 50}]}, "subsidies[0].share"),
        ({"arrears": {"late": 0.2, "collected": 1.5}}, "arrears.collected"),
        ({"arrears": {"late": 0.2, "grace_months": -1}}, "arrears.grace_months"),
        ({"joining": {"entry_fee": -5.0}}, "joining.entry_fee"),
        ({"joining": {"entry_fee_from_age": 121}}, "joining.entry_fee_from_age"),
    ],
)  # fmt: skip
def test_impossible_terms_are_refused_where_they_stand(table: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as refused:
        Rulebook(**table)
    assert refused.value.faults[0].field == field


def test_accounts_of_other_shapes_or_below_nought_are_refused() -> None:
    rule = Arrears(late=0.1)
    with pytest.raises(InputError, match=r"paid: got \(2, 3\)"):
        rule.account(np.ones((2, 4)), np.ones((2, 3)))
    with pytest.raises(InputError, match=r"paid\[1\]: got \(value not shown\)"):
        rule.account(np.ones((1, 2)), np.array([[1.0, -1.0]]))


def test_the_entry_fee_is_owed_from_its_age_on() -> None:
    from_eighteen = Joining(entry_fee=25.0, entry_fee_from_age=18)
    assert from_eighteen.owing(np.array([17, 18, 0, 70, 17])) == 2 / 5
    assert Joining(entry_fee=25.0).owing(np.array([17, 18, 0])) == 1.0
    assert from_eighteen.owing(np.zeros(0, np.int64)) == 0.0
    with pytest.raises(InputError, match=r"ages\[1\]: got \(value not shown\)"):
        from_eighteen.owing(np.array([20, -1]))


def test_what_the_terms_come_to() -> None:
    assert Subsidy(payer="S", share=0.4, default=0.25).expected == pytest.approx(0.3)
    assert Arrears(late=0.2, collected=0.4).collected_in_the_end == pytest.approx(0.88)
    assert Joining(share=50.0).held(np.array([2.0, 3.0])).tolist() == [100.0, 150.0]

"""Who decides what on which accounts (definitions 4, 18 and 28), by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from fund.funds import CARE, tables, village
from mutualfund.errors import InputError
from mutualfund.fund import simulate
from mutualfund.fund.govern import accounts_seen
from mutualfund.fund.tariff import Tariff, adopted, extra_lapse, opening_tariff, raised
from mutualfund.premiums.accounts import Accounts
from mutualfund.results import FundRun
from mutualfund.scenario import Scenario

pytestmark = pytest.mark.usefixtures("short_pilot")


def accounts_of(year: int) -> Accounts:
    one = np.ones(2)
    return Accounts(year, one, one, one, one, tariff_level=one * year, tariff_now=one * year)


def amended(*amendments: tuple[date, str, object], **rules: object) -> FundRun:
    data = tables(members=50, paths=4, years=4)
    listed = [{"effective": day, "rule": rule, "value": value} for day, rule, value in amendments]
    data["rules"] = data["rules"] | {"amendments": listed} | rules
    return simulate(Scenario.from_dict(data))


def monthly_price(run: FundRun) -> list[float]:
    """Dues over member-months: nobody joins, leaves or dies in these funds."""
    due = run.measure("contributions_due")
    assert (due == due[0]).all()
    return [round(float(value), 9) for value in due[0] / (12 * 50)]


def test_the_accounts_seen_are_those_of_the_lagged_year_at_todays_tariff() -> None:
    closed = tuple(accounts_of(year) for year in (1, 2, 3))
    now = Tariff(np.ones((2, 1)), np.array([7.0, 8.0]), np.ones(2))
    seen = accounts_seen(closed, now, last_year=2)
    assert seen is not None
    assert (seen.year, seen.tariff_level[0], seen.tariff_now.tolist()) == (2, 2.0, [7.0, 8.0])
    assert accounts_seen(closed, now, last_year=0) is None


@pytest.mark.parametrize(("lag", "first_rise"), [(0, 2), (6, 3), (12, 3), (13, 4)])
def test_a_shortfall_raises_the_tariff_once_it_is_seen(lag: int, first_rise: int) -> None:
    # Nobody pays enough: dues 25 a month against claims of 20 and expenses of 10, from a reserve of nothing.
    data = tables(members=100, paths=30, years=4)
    data["fund"] = data["fund"] | {"opening_reserve": 0.0}
    data["rules"] = data["rules"] | {
        "expenses": {"per_member": 120.0},
        "governance": {"data_lag_months": lag, "maximum_increase": 0.2},
    }
    run = simulate(Scenario.from_dict(data))
    due = run.measure("contributions_due")
    short = run.measure("reserve_close")[:, 0] < 0
    assert short.any()
    rises = due[short][:, 1:] / due[short][:, :-1] - 1.0
    assert (rises[:, : first_rise - 2] == 0).all()
    assert (rises[:, first_rise - 2] > 0).all()
    assert (rises <= 0.2 + 1e-12).all()


def test_a_voted_table_is_what_members_pay_and_rises_from_the_year_after() -> None:
    contributions = {"kind": "flat", "monthly": 20.0, "increase_per_year": 0.1}
    vote = (date(2029, 1, 1), "contributions.monthly", 21.0)
    run = amended(vote, contributions=contributions)
    assert monthly_price(run) == [20.0, 22.0, 21.0, 23.1]


@pytest.mark.parametrize("voted", [40.0, 40.01])
def test_a_vote_back_to_the_opening_table_counts_like_any_other(voted: float) -> None:
    contributions = {"kind": "flat", "monthly": 40.0, "increase_per_year": 0.04}
    vote = (date(2029, 1, 1), "contributions.monthly", voted)
    run = amended(vote, contributions=contributions)
    assert monthly_price(run) == [40.0, 41.6, voted, round(1.04 * voted, 9)]


def test_a_vote_on_the_whole_table_states_its_prices() -> None:
    flat = {"kind": "flat", "monthly": 40.0, "increase_per_year": 0.04}
    run = amended((date(2029, 1, 1), "contributions", flat), contributions=flat)
    assert monthly_price(run) == [40.0, 41.6, 40.0, 41.6]


def test_a_voted_table_cannot_rise_by_more_than_the_maximum() -> None:
    vote = (date(2028, 1, 1), "contributions.monthly", 40.0)
    run = amended(vote, governance={"maximum_increase": 0.1})
    assert monthly_price(run) == [25.0, 27.5, 27.5, 27.5]


def test_an_amended_increase_binds_from_its_year() -> None:
    run = amended((date(2029, 1, 1), "contributions.increase_per_year", 0.2))
    assert monthly_price(run) == [25.0, 25.0, 30.0, 36.0]


def test_other_rules_bind_from_their_year_too() -> None:
    run = amended(
        (date(2028, 1, 1), "expenses.fixed_per_year", 700.0),
        (date(2029, 1, 1), "contributions.collection_rate", 0.5),
    )
    assert run.measure("expenses")[0].tolist() == [0.0, 700.0, 700.0, 700.0]
    share = run.measure("contributions_collected") / run.measure("contributions_due")
    assert share[0].tolist() == [1.0, 1.0, 0.5, 0.5]


def test_an_indexed_amount_is_money_of_the_first_day_also_when_amended() -> None:
    data = tables(members=50, paths=4, years=4)
    always = {"kind": "binomial", "mean": 1.0, "trials": 1}
    claim = {"kind": "fixed", "amount": 1_000.0}
    data["assumptions"] = {
        "lines": [CARE | {"frequency": always, "severity": claim}],
        "economy": {"inflation": 0.1},
    }
    data["fund"] = data["fund"] | {"opening_reserve": 1e6}
    first = date(2030, 1, 1)
    data["rules"] = data["rules"] | {
        "benefits": {"care": {"copay": 10.0, "indexed": True}},
        "expenses": {"per_member": 6.0},
        "amendments": [
            {"effective": first, "rule": "benefits.care.copay", "value": 20.0},
            {"effective": first, "rule": "expenses.per_member", "value": 6.0},
            {"effective": first, "rule": "contributions.monthly", "value": 30.0},
        ],
    }
    run = simulate(Scenario.from_dict(data))
    copay = [10.0, 11.0, 12.10, 26.62]  # 20 x 1.1^3 in year 4
    np.testing.assert_allclose(run.measure("member_paid")[0] / 50, copay, rtol=1e-12)
    np.testing.assert_allclose(run.measure("expenses")[0] / 50, 6.0 * 1.1 ** np.arange(4))
    assert monthly_price(run) == [25.0, 25.0, 25.0, 30.0]  # dues are as voted


def test_amendments_that_move_tariff_cells_are_refused() -> None:
    with pytest.raises(InputError, match=r"rules\.amendments.*tariff cells"):
        amended((date(2028, 1, 1), "contributions", {"kind": "community", "monthly": 30.0}))


def test_amended_treaty_is_priced_on_its_own_years() -> None:
    def stop(attachment: float) -> list[dict[str, object]]:
        treaty = {"kind": "stop_loss", "limit": 1.0, "premium_loading": 0.0}
        return [treaty | {"attachment": attachment}]

    run = amended((date(2029, 1, 1), "reinsurance", stop(1.5)), reinsurance=stop(1.0))
    ratios = [year[0] for year in run.manifest["expected"]["stop_loss_ratio"]]
    assert ratios[0] == ratios[1] > ratios[2] == ratios[3] > 0


def test_members_mind_the_part_of_a_rise_above_the_reference() -> None:
    prices, before = np.array([[11.0, 5.0], [10.0, 0.0]]), np.array([[10.0, 5.0], [10.0, 0.0]])
    extra = extra_lapse(prices, before, np.array([0.0, 0.3]), response=2.0, reference=0.04)
    # 2 x (10 % - 4 %), nothing, 2 x (30 % call - 4 %); what cost nothing has no relative rise of its own.
    np.testing.assert_allclose(extra, [[0.12, 0.0], [0.52, 0.52]])
    surely = extra_lapse(100 * prices, before, np.zeros(2), response=2.0, reference=0.04)
    assert surely.max() == 1.0


def test_year_one_compares_with_what_members_paid_before() -> None:
    base = village(members=400, paths=30).replace("members.price_response", 1.0)
    calm = base.replace("rules.contributions.previous_monthly", 25.0)
    dearer = base.replace("rules.contributions.previous_monthly", 20.0)
    assert simulate(calm).digest() == simulate(base).digest()
    lapsed = simulate(dearer).measure("lapsed")
    # A rise of 25 % where no claim trend excuses it: a quarter leave, five standard errors being 0.02.
    assert abs(lapsed[:, 0].mean() / 400 - 0.25) < 0.02
    assert (lapsed[:, 1:] == 0).all()


def test_level_follows_the_changes() -> None:
    first = opening_tariff(np.array([10.0, 30.0]), 2)
    second = raised(first, np.array([0.1, 0.0]), wanted=np.zeros(2))
    np.testing.assert_allclose(second.prices, [[11.0, 33.0], [10.0, 30.0]])
    units, rule = np.array([[3, 1], [0, 0]]), np.array([0.25, 0.0])
    third = adopted(second, np.array([11.0, 66.0]), units, maximum=None, wanted=rule)
    np.testing.assert_allclose(third.prices, [[11.0, 66.0]] * 2)
    # Dues of 3 x 11 + 33 become 3 x 11 + 66: half as much again; where nobody owed, nothing moves.
    np.testing.assert_allclose(third.level, [1.1 * 1.5, 1.0])
    np.testing.assert_allclose(third.beyond, [1.1 * 1.5 / 1.25, 1.0])


def lagging(**governance: object) -> FundRun:
    """Dues that cover the claims, from a reserve of nothing, under a floor of a tenth of the dues."""
    data = tables(members=50, paths=3, years=7)
    data["fund"] = data["fund"] | {"opening_reserve": 0.0, "opening_outstanding": 0.0}
    data["assumptions"] = {"lines": [CARE | {"frequency": {"kind": "poisson", "mean": 0.0}}]}
    data["rules"] = {
        "contributions": {"kind": "flat", "monthly": 20.0, "increase_per_year": 0.05},
        "expenses": {"share_of_contributions": 1.0},
        "reserve": {"floor": 0.1, "target": 0.1},
        "governance": {"data_lag_months": 12} | governance,
    }
    return simulate(Scenario.from_dict(data))


def test_one_shortfall_is_answered_once() -> None:
    # All dues are spent, so every close is a tenth of them short. Year 3 sees year 1 and adds 10 points to
    # the stated 5. Year 4 sees year 2, from before that rise: of its tenth, 0.1 / 1.05 is answered already.
    # Year 5 sees year 3, which the rise has not cured; only year 4's small rise has come since.
    price = np.array(monthly_price(lagging()))
    third = 0.1 - 0.1 / 1.05
    added = price[1:] / price[:-1] - 1.05
    np.testing.assert_allclose(added[:4], [0.0, 0.1, third, 0.1 - third / 1.05], atol=1e-8)


def test_the_floor_is_not_restored_where_the_by_laws_do_not_say_so() -> None:
    price = monthly_price(lagging(restore_floor=False))
    np.testing.assert_allclose(price, 20.0 * 1.05 ** np.arange(7), rtol=1e-8)

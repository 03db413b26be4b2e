"""Drawn member-years against the closed form, against orders worked out by hand, and what never may happen.

Source of truth: `expected_sharing` where a design has a closed form; elsewhere every order of a few certain
claims by definition 15. A mistake of 2 % in the fund's part is more than five standard errors at these sizes.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from mutualfund.claims import Binomial, Exponential, Fixed, Gamma, NegativeBinomial, Poisson
from mutualfund.errors import InputError
from mutualfund.rules import Benefits, LineYear, expected_sharing, sampled_sharing

DRUGS = LineYear(Poisson(mean=4), Exponential(mean=50))
CARE = LineYear(NegativeBinomial(mean=0.6, dispersion=0.8), Gamma(mean=900, cv=1.2))


def certain(amount: float) -> LineYear:
    """One claim a year, always of the same amount."""
    return LineYear(Binomial(mean=1.0, trials=1), Fixed(amount=amount))


CLOSED = {
    "in full": Benefits(),
    "copays": Benefits(drugs={"copay": 12.0}, care={"coinsurance": 0.2}),
    "a deductible": Benefits(deductible=300.0),
    "a maximum": Benefits(
        deductible=200.0,
        out_of_pocket_maximum=500.0,
        drugs={"coinsurance": 0.3},
        care={"coinsurance": 0.3},
    ),
    "limits": Benefits(annual_limit=1500.0),
    "someone else": Benefits(care={"external_share": 0.4}, drugs={"covered": False}),
}


@pytest.mark.parametrize("design", CLOSED)
def test_a_design_with_a_closed_form_comes_out_as_that(design: str) -> None:
    benefits, costs = CLOSED[design], {"drugs": DRUGS, "care": CARE}
    shares = {} if benefits.deductible or benefits.annual_limit else {"care": 0.25}
    exact = expected_sharing(benefits, costs, provider_shares=shares, trend=0.1).whole
    found = sampled_sharing(
        benefits, costs, members=60_000, seed=3, provider_shares=shares, trend=0.1
    )
    whole = found.whole
    assert abs(whole.fund - exact.fund) < 5 * found.fund_error[-1] < 0.05 * exact.fund + 1e-9
    assert abs(whole.member - exact.member) <= 5 * found.member_error[-1]
    parts = whole.member + whole.external + whole.provider + whole.fund
    assert parts == pytest.approx(whole.total, rel=1e-12)


def test_either_order_of_two_claims_is_as_likely_and_shared_out_by_hand() -> None:
    """A 100 at 50 %, B 200 at 10 %, a deductible of 150.

    A first: A 100; B 50 + 15. B first: B 150 + 5; A 50.
    """
    benefits = Benefits(deductible=150.0, a={"coinsurance": 0.5}, b={"coinsurance": 0.1})
    costs = {"a": certain(100.0), "b": certain(200.0)}
    found = sampled_sharing(benefits, costs, members=20_000, seed=1)
    a, b = found.lines
    assert abs(a.member - 75.0) < 5 * found.member_error[0]
    assert abs(b.member - 110.0) < 5 * found.member_error[1]
    assert abs(found.whole.member - 185.0) < 5 * found.member_error[2]
    assert found.member_error[2] == pytest.approx(20.0 / math.sqrt(20_000), rel=0.01)
    assert found.whole.total == pytest.approx(300.0, rel=1e-12)


def test_a_copay_counts_towards_the_maximum_by_hand() -> None:
    """Copays of 30 and a coinsurance of 10 % beside a maximum of 33, and a limit that leaves the rest."""
    benefits = Benefits(
        out_of_pocket_maximum=33.0, annual_limit=150.0, a={"copay": 30.0, "coinsurance": 0.1}
    )
    one = sampled_sharing(benefits, {"a": certain(100.0)}, members=100)
    assert one.whole.member == pytest.approx(33.0, rel=1e-12)  # not 30 + 7
    assert one.member_error[-1] == pytest.approx(0.0, abs=1e-12)
    costs = {"a": certain(100.0), "b": certain(120.0)}
    two = sampled_sharing(benefits, costs, members=100, seed=2)
    # a costs the member 33 in either order; b nothing; of 67 + 120 the fund pays 150
    assert two.whole.fund == pytest.approx(150.0, rel=1e-12)
    assert two.whole.member == pytest.approx(70.0, rel=1e-12)


def test_more_generous_terms_never_cost_a_member_more_on_the_same_draws() -> None:
    costs = {"drugs": DRUGS, "care": CARE}
    member = [
        sampled_sharing(
            Benefits(out_of_pocket_maximum=most, drugs={"copay": copay}, deductible=100.0),
            costs,
            members=2_000,
        ).whole.member
        for copay, most in ((0.0, 300.0), (5.0, 300.0), (5.0, 600.0), (20.0, 600.0))
    ]
    assert member == sorted(member) and member[0] < member[-1]


def test_a_seed_repeats_itself_and_what_is_drawn_does_not_depend_on_the_table() -> None:
    costs = {"drugs": DRUGS, "care": CARE}
    one = sampled_sharing(Benefits(), costs, members=500, seed=7)
    same = sampled_sharing(Benefits(deductible=50.0), costs, members=500, seed=7)
    other = sampled_sharing(Benefits(), costs, members=500, seed=8)
    assert one.whole.total == pytest.approx(same.whole.total, rel=1e-12)
    assert one.whole.total != other.whole.total
    assert not one.fund_error.flags.writeable


def test_another_line_or_more_members_change_no_claim_that_was_drawn() -> None:
    alone = sampled_sharing(Benefits(), {"drugs": DRUGS}, members=400).lines[0]
    beside = sampled_sharing(Benefits(), {"care": CARE, "drugs": DRUGS}, members=400).lines[1]
    assert alone.total == pytest.approx(beside.total, rel=1e-12)


def test_a_line_that_is_not_covered_is_left_to_the_members() -> None:
    found = sampled_sharing(Benefits(a={"covered": False}), {"a": certain(80.0)}, members=100)
    assert (found.whole.member, found.whole.fund) == (80.0, 0.0)


def test_members_without_a_claim_cost_nothing() -> None:
    never = LineYear(Binomial(mean=0.0, trials=1), Fixed(amount=10.0))
    found = sampled_sharing(Benefits(deductible=5.0), {"a": never}, members=100)
    assert found.whole.total == 0.0 and np.all(found.fund_error == 0.0)


def test_what_cannot_be_drawn_is_refused_with_the_way_out() -> None:
    costs = {"drugs": DRUGS}
    with pytest.raises(InputError, match=r"costs\.care: got a Gamma; allowed: a LineYear"):
        sampled_sharing(Benefits(), {"care": Gamma(mean=5.0, cv=1.0)})  # type: ignore[dict-item]
    with pytest.raises(InputError, match=r"provider_shares\.durgs: got a line without a cost"):
        sampled_sharing(Benefits(), costs, provider_shares={"durgs": 0.1})
    with pytest.raises(InputError, match=r"benefits\.care: got a line without a cost"):
        sampled_sharing(Benefits(care={"copay": 5.0}), costs)
    with pytest.raises(InputError, match="members: got 10"):
        sampled_sharing(Benefits(), costs, members=10)
    with pytest.raises(InputError, match="Ask for fewer members"):
        sampled_sharing(
            Benefits(), {"a": LineYear(Poisson(mean=900.0), Fixed(amount=1.0))}, members=10**6
        )
    with pytest.raises(InputError, match="at least one"):
        sampled_sharing(Benefits(), {})

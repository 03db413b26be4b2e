"""A benefit table rated: the price of the terms typed by hand, or a refusal that names what has none.

Source of truth: definition 15, worked out here for exponential claims; that a simulation of a table agrees
is tested with the premiums by cell.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from mutualfund.assumptions import Assumptions, Line
from mutualfund.claims import AnnualPlan
from mutualfund.errors import InputError
from mutualfund.portfolio import Portfolio
from mutualfund.premiums import RiskPremiums, risk_premiums
from mutualfund.rules import Rulebook, rated_benefits

ASSUMPTIONS = Assumptions(
    lines=[
        Line(
            name=name,
            frequency={"kind": "poisson", "mean": mean},
            severity={"kind": "exponential", "mean": 100.0},
        )
        for name, mean in (("visits", 3.0), ("drugs", 2.0), ("dental", 1.0))
    ]
)
MEMBERS = Portfolio.synthetic(20, age_mix="N", seed=1)


def priced(rules: Rulebook, plan: str | None = None) -> RiskPremiums:
    terms = rated_benefits(rules, ASSUMPTIONS, plan)
    return risk_premiums(
        ASSUMPTIONS, MEMBERS, terms.covers, yearly_design=terms.yearly_design, age_bands=["0+"]
    )


def test_terms_of_each_claim_are_those_of_definition_15() -> None:
    """0.9 of a claim is exponential of mean 90; above 18 there is 90 exp(-0.2) of it, of which 0.8 x 0.75."""
    rules = Rulebook(
        benefits={
            "visits": {"external_share": 0.1, "copay": 18.0, "coinsurance": 0.2},
            "drugs": {"external_share": 1.0, "copay": 5.0},
            "dental": {"covered": False},
        },
        providers={"visits": {"share": 0.25, "per_member": 40.0}},
        plans={"full": {"deductible": 0.0}},
    )
    wanted = [3.0 * 90.0 * np.exp(-0.2) * 0.8 * 0.75, 0.0, 0.0]
    np.testing.assert_allclose(priced(rules).by_line, wanted, rtol=1e-12)
    np.testing.assert_allclose(priced(rules, "full").by_line, [225.0, 200.0, 100.0], rtol=1e-12)


def test_a_yearly_amount_goes_to_its_line_or_to_all_of_them() -> None:
    one = Rulebook(
        benefits={
            "deductible": 150.0,
            "visits": {"deductible_applies": False, "annual_limit": 400.0, "waiting_months": 2},
            "drugs": {"coinsurance": 0.2},
            "dental": {"deductible_applies": False},
        }
    )
    terms = rated_benefits(one, ASSUMPTIONS)
    assert terms.yearly_design is None
    assert terms.covers["drugs"].design == AnnualPlan(deductible=150.0, coinsurance=0.2)
    assert terms.covers["visits"].design == AnnualPlan(annual_limit=400.0)
    assert (terms.covers["dental"].design, terms.covers["visits"].waiting_months) == (None, 2)
    shared = Rulebook(
        benefits={
            "deductible": 150.0,
            "out_of_pocket_maximum": 700.0,
            "annual_limit": 9000.0,
            "visits": {"coinsurance": 0.1},
            "drugs": {"coinsurance": 0.1, "waiting_months": 3},
            "dental": {"covered": False},
        }
    )
    terms = rated_benefits(shared, ASSUMPTIONS)
    assert terms.yearly_design == AnnualPlan(150.0, 0.1, 700.0, 9000.0)
    assert [terms.covers[name].design for name in ("visits", "drugs")] == [None, None]
    assert terms.covers["drugs"].waiting_months == 3
    assert not terms.covers["dental"].covered


@pytest.mark.parametrize(
    ("benefits", "got"),
    [
        ({"deductible": 9.0, "dental": {"deductible_applies": False}}, "not all covered lines"),
        ({"out_of_pocket_maximum": 9.0, "drugs": {"coinsurance": 0.1}}, "differ in coinsurance"),
        ({"annual_limit": 9.0, "drugs": {"annual_limit": 5.0}}, "limit of one line"),
        ({"out_of_pocket_maximum": 9.0, "drugs": {"copay": 5.0}}, "beside a yearly amount"),
        ({"drugs": {"annual_limit": 9.0, "external_share": 0.5}}, "beside a yearly amount"),
        ({"drugs": {"starts": date(2027, 5, 1)}}, "opens on a day of its own"),
        ({"drugs": {"waiting_months": 3, "waive_for_existing": True}}, "some members are spared"),
    ],
)
def test_a_table_without_a_closed_form_is_refused_with_the_reason(
    benefits: dict[str, Any], got: str
) -> None:
    with pytest.raises(InputError, match=got) as caught:
        rated_benefits(Rulebook(benefits=benefits), ASSUMPTIONS)
    assert {fault.code for fault in caught.value.faults} == {"no_closed_form"}


def test_a_plan_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="no such plan"):
        rated_benefits(Rulebook(), ASSUMPTIONS, "gold")

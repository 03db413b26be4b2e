"""Frequency and severity, two parts, and the rates they give.

Source of truth: averages of cells worked out by hand, and the balance of each part.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mutualfund.errors import InputError
from mutualfund.portfolio import Portfolio
from mutualfund.premiums import AgeBandContribution, TierContribution
from mutualfund.premiums.tariff import (
    Family,
    FrequencySeverity,
    RateTable,
    TariffModel,
    TwoPart,
    balance,
    fit_glm,
)

# Two plans and two ages; claims, their cost and member-years differ in every row.
ROWS = pd.DataFrame(
    {
        "age": [10, 12, 40, 44, 70, 71],
        "plan": ["basic", "full", "basic", "full", "basic", "full"],
        "claims": [0, 1, 2, 3, 0, 5],
        "cost": [0.0, 80.0, 240.0, 270.0, 0.0, 1500.0],
        "years": [1.0, 0.5, 1.0, 2.0, 0.25, 1.0],
    }
)


def test_frequency_times_severity_by_hand() -> None:
    """basic: 2 claims in 2.25 years, 240 for 2 claims; full: 9 in 3.5 years, 1,850 for 9."""
    model = FrequencySeverity.fit(
        ROWS, "claims ~ factor(plan)", "cost ~ factor(plan)", exposure="years"
    )
    rates = model.rate(ROWS)
    assert rates[0] == pytest.approx(2 / 2.25 * 240 / 2, rel=1e-8)
    assert rates[1] == pytest.approx(9 / 3.5 * 1850 / 9, rel=1e-8)
    np.testing.assert_allclose(model.predict(ROWS), rates * ROWS["years"], rtol=1e-12)
    assert balance(model, ROWS, "cost") == pytest.approx(1.0, rel=1e-8)
    assert isinstance(model, TariffModel)


def test_two_parts_by_hand() -> None:
    """M: one of two has a cost, 270; F: two of three, 240 and 1,500."""
    people = ROWS.drop(index=1).assign(sex=list("MFMFF"))
    model = TwoPart.fit(people, "cost ~ factor(sex)")
    found = model.predict(pd.DataFrame({"sex": ["M", "F"]}))
    assert found[0] == pytest.approx((0.0 + 270.0) / 2, rel=1e-8)
    assert found[1] == pytest.approx((240.0 + 0.0 + 1500.0) / 3, rel=1e-8)
    np.testing.assert_array_equal(model.rate(ROWS.assign(sex="M")), np.full(6, found[0]))


def test_each_base_goes_to_the_parts_that_know_its_factor() -> None:
    model = FrequencySeverity.fit(
        ROWS, "claims ~ factor(plan)", "cost ~ age", exposure="years", base={"plan": "basic"}
    )
    assert model.frequency.names == ("intercept", "plan[full]")
    with pytest.raises(InputError, match="a factor of either formula"):
        FrequencySeverity.fit(ROWS, "claims ~ age", "cost ~ age", base={"plan": "basic"})


def test_another_family_of_severity_may_be_named() -> None:
    family = Family("inverse_gaussian")
    model = FrequencySeverity.fit(ROWS, "claims ~ 1", "cost ~ 1", severity_family=family)
    assert model.severity.family.name == "inverse_gaussian"
    assert model.severity.rate(ROWS)[0] == pytest.approx(2090 / 11, rel=1e-8)


def test_a_rate_table_by_age_is_the_average_of_its_members_and_brings_in_the_same() -> None:
    model = fit_glm(ROWS, "claims ~ age", "poisson", exposure="years")
    table = RateTable.by_age(model, ROWS, ["0-17", "18-64", "65+"], exposure="years")
    rate = model.rate(ROWS)
    assert table.cost[0] == pytest.approx((rate[0] + 0.5 * rate[1]) / 1.5, rel=1e-12)
    assert table.exposure.tolist() == [1.5, 3.0, 1.25]
    assert table.cost @ table.exposure == pytest.approx(model.predict(ROWS).sum(), rel=1e-12)
    shown = table.to_pandas()
    assert shown["relativity"] @ shown["exposure"] == pytest.approx(5.75, rel=1e-12)


def test_a_table_becomes_the_rule_that_charges_it() -> None:
    model = fit_glm(ROWS, "cost ~ age", Family("tweedie", power=1.5))
    ages = RateTable.by_age(model, ROWS, ["0-17", "18-64", "65+"]).scaled(1.25)
    rule = ages.contribution(collection_rate=0.98)
    assert isinstance(rule, AgeBandContribution) and rule.collection_rate == 0.98
    assert list(rule.monthly.values()) == [round(x, 2) for x in ages.cost / 12]
    members = Portfolio.from_frame(
        pd.DataFrame({"member_id": ["a", "b"], "age": [70, 3], "sex": ["F", "M"]}),
        start=pd.Timestamp("2027-01-01").date(),
    )
    cells = rule.cell_table([])[members.age, 0]
    assert rule.prices()[cells].tolist() == [rule.monthly["65+"], rule.monthly["0-17"]]
    plans = RateTable.by_label(model, ROWS, "plan").contribution()
    assert isinstance(plans, TierContribution) and set(plans.monthly) == {"basic", "full"}


def test_what_cannot_be_priced_is_refused() -> None:
    model = fit_glm(ROWS, "cost ~ age", Family("tweedie", power=1.5))
    with pytest.raises(InputError, match=r"45-60: got no exposure"):
        RateTable.by_age(model, ROWS, ["0-44", "45-60", "61+"])
    with pytest.raises(InputError, match="no band for age 18"):
        RateTable.by_age(model, ROWS, ["0-17", "19+"])
    with pytest.raises(InputError, match="whole years"):
        RateTable.by_age(model, ROWS.assign(age=ROWS["age"] + 0.5), ["0+"])
    with pytest.raises(InputError, match="more than 0"):
        RateTable.by_age(model, ROWS, ["0+"]).scaled(-1.0)
    with pytest.raises(InputError, match="a total above 0"):
        balance(model, ROWS.assign(cost=0.0), "cost")


def test_a_cost_without_a_claim_is_refused_with_its_rows() -> None:
    rows = ROWS.assign(claims=[0, *ROWS["claims"][1:]], cost=[50.0, *ROWS["cost"][1:]])
    with pytest.raises(InputError, match=r"cost: got .*row.*allowed: 0 where claims is 0"):
        FrequencySeverity.fit(rows, "claims ~ 1", "cost ~ 1")

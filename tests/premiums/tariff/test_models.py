"""Frequency and severity, two parts, and the rates they give.

Source of truth: averages of cells worked out by hand, and the balance of each part.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mutualfund.errors import InputError
from mutualfund.portfolio import Portfolio
from mutualfund.premiums import (
    AgeBandContribution,
    EntryAgeLoading,
    RatingFactor,
    TierContribution,
)
from mutualfund.premiums.tariff import (
    Family,
    FrequencySeverity,
    RateTable,
    TariffModel,
    TwoPart,
    expected_over_observed,
    fit_glm,
)
from mutualfund.premiums.tariff.marginal_totals import marginal_totals
from premiums.people import people

LHC = EntryAgeLoading.lifetime_health_cover()

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
    assert expected_over_observed(model, ROWS, "cost") == pytest.approx(1.0, rel=1e-8)
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
    table = RateTable.by_age(
        model, ROWS, ["0-17", "18-64", "65+"], exposure="years", currency="EUR"
    )
    rate = model.rate(ROWS)
    assert table.cost[0] == pytest.approx((rate[0] + 0.5 * rate[1]) / 1.5, rel=1e-12)
    assert table.exposure.tolist() == [1.5, 3.0, 1.25]
    assert table.cost @ table.exposure == pytest.approx(model.predict(ROWS).sum(), rel=1e-12)
    shown = table.table()
    assert shown["relativity"] @ shown["exposure"] == pytest.approx(5.75, rel=1e-12)


def test_a_table_becomes_the_rule_that_charges_it() -> None:
    model = fit_glm(ROWS, "cost ~ age", Family("tweedie", power=1.5))
    ages = RateTable.by_age(model, ROWS, ["0-17", "18-64", "65+"], currency="EUR").scaled(1.25)
    rule = ages.contribution(collection_rate=0.98)
    assert isinstance(rule, AgeBandContribution) and rule.collection_rate == 0.98
    assert list(rule.monthly.values()) == [round(x, 2) for x in ages.cost / 12]
    members = Portfolio.from_frame(
        pd.DataFrame({"member_id": ["a", "b"], "age": [70, 3], "sex": ["F", "M"]}),
        start=pd.Timestamp("2027-01-01").date(),
    )
    cells = rule.cell_table([])[members.age, 0]
    assert rule.prices()[cells].tolist() == [rule.monthly["65+"], rule.monthly["0-17"]]
    plans = RateTable.by_label(model, ROWS, "plan", currency="EUR").contribution()
    assert isinstance(plans, TierContribution) and set(plans.monthly) == {"basic", "full"}


def test_what_cannot_be_priced_is_refused() -> None:
    model = fit_glm(ROWS, "cost ~ age", Family("tweedie", power=1.5))
    with pytest.raises(InputError, match=r"45-60: got no exposure"):
        RateTable.by_age(model, ROWS, ["0-44", "45-60", "61+"], currency="EUR")
    with pytest.raises(InputError, match="bands: got no band for age 18"):
        RateTable.by_age(model, ROWS, ["0-17", "19+"], currency="EUR")
    with pytest.raises(InputError, match="whole years"):
        RateTable.by_age(model, ROWS.assign(age=ROWS["age"] + 0.5), ["0+"], currency="EUR")
    with pytest.raises(InputError, match="factor: got -1; allowed: 1e-09"):
        RateTable.by_age(model, ROWS, ["0+"], currency="EUR").scaled(-1.0)
    with pytest.raises(InputError, match="a total above 0"):
        expected_over_observed(model, ROWS.assign(cost=0.0), "cost")


def test_a_cost_without_a_claim_is_refused_with_its_rows() -> None:
    rows = ROWS.assign(claims=[0, *ROWS["claims"][1:]], cost=[50.0, *ROWS["cost"][1:]])
    with pytest.raises(InputError, match=r"cost: got .*row.*allowed: 0 where claims is 0"):
        FrequencySeverity.fit(rows, "claims ~ 1", "cost ~ 1")


def test_relativities_of_a_cost_are_those_of_both_parts_multiplied() -> None:
    model = FrequencySeverity.fit(ROWS, "claims ~ factor(plan)", "cost ~ factor(plan) + age")
    table = model.relativities().set_index(["term", "label"])
    often, costly = (
        part.relativities().set_index(["term", "label"])
        for part in (model.frequency, model.severity)
    )
    for row in [("plan", "basic"), ("plan", "full"), ("intercept", "")]:
        both = often["relativity"][row] * costly["relativity"][row]
        assert table["relativity"][row] == pytest.approx(both, rel=1e-12)
        wide = [np.log(part["high"][row] / part["relativity"][row]) for part in (often, costly)]
        found = np.log(table["high"][row] / table["relativity"][row])
        assert found == pytest.approx(np.hypot(*wide), rel=1e-9, abs=1e-15)
    assert table["relativity"]["age", ""] == pytest.approx(costly["relativity"]["age", ""])
    change = model.rate(ROWS.assign(plan="full")) / model.rate(ROWS.assign(plan="basic"))
    one, other = (table["relativity"]["plan", label] for label in ("full", "basic"))
    np.testing.assert_allclose(change, one / other)


def test_relativities_of_two_bases_or_another_link_are_refused() -> None:
    parts = [
        fit_glm(ROWS, "claims ~ factor(plan)", "poisson", base={"plan": plan})
        for plan in ("basic", "full")
    ]
    with pytest.raises(InputError, match=r"relativities\.plan: got two base labels"):
        FrequencySeverity(*parts).relativities()
    normal = fit_glm(ROWS, "cost ~ age", Family("normal", "identity"))
    with pytest.raises(InputError, match="a log link in both parts"):
        FrequencySeverity(parts[0], normal).relativities()


def test_models_of_two_parts_are_balanced_by_the_cost_part_s_intercept() -> None:
    for model in (
        FrequencySeverity.fit(ROWS, "claims ~ age", "cost ~ factor(plan)", exposure="years"),
        TwoPart.fit(ROWS, "cost ~ age", exposure="years"),
    ):
        assert model.fitted_over_observed == pytest.approx(
            expected_over_observed(model, ROWS, "cost")
        )
        assert expected_over_observed(model, ROWS, "cost") != pytest.approx(1.0, abs=1e-6)
        even = model.balanced()
        assert expected_over_observed(even, ROWS, "cost") == pytest.approx(1.0, rel=1e-12)
        ratio = even.rate(ROWS) / model.rate(ROWS)
        np.testing.assert_allclose(ratio, ratio[0])
    with pytest.raises(InputError, match="a model made by fit"):
        TwoPart(model.any_cost, model.cost).balanced()  # type: ignore[union-attr]


def test_a_two_part_model_prices_a_year_from_rows_of_part_of_it() -> None:
    """By hand: 900 in 4 member-years, so 225 a member-year and 112.50 for half of one."""
    rows = pd.DataFrame({"cost": [0.0, 600.0, 300.0], "years": [1.0, 2.0, 1.0]})
    model = TwoPart.fit(rows, "cost ~ 1", exposure="years")
    np.testing.assert_allclose(model.rate(rows), 225.0, rtol=1e-8)
    half = rows.assign(years=0.5)
    np.testing.assert_allclose(model.predict(half), 112.5, rtol=1e-8)


def test_rates_are_rounded_to_what_can_be_paid_in_the_currency() -> None:
    model = fit_glm(ROWS, "claims ~ age", "poisson", exposure="years")
    coarse = RateTable.by_age(model, ROWS, ["0-17", "18+"], currency="JPY").scaled(500.0)
    fine = RateTable.by_age(model, ROWS, ["0-17", "18+"], currency="KWD")
    for table, digits in ((coarse, 0), (fine, 3)):
        assert list(table.monthly.values()) == [round(x / 12, digits) for x in table.cost]
    with pytest.raises(
        InputError, match=r"0-17: got a rate that rounds to 0; allowed: 1/1 of a unit"
    ):
        coarse.scaled(0.0001).contribution()


BANDS, REGIONS = ["0-17", "18-64", "65+"], ["coast", "hills", "town"]


def several_factors(n: int = 400) -> tuple[pd.DataFrame, Portfolio]:
    """Members of every band, sex and region, unequally exposed, as a study and as a portfolio."""
    rng = np.random.Generator(np.random.PCG64(3))
    age = np.r_[np.tile([9, 40, 77], 6), rng.integers(0, 90, n - 18)]
    region = np.r_[np.repeat(REGIONS, 6), rng.choice(REGIONS, n - 18)]
    band = pd.cut(age, [-1, 17, 64, 120], labels=BANDS).astype(str)
    sex = np.where(np.arange(n) % 2, "M", "F")  # as `people` has them
    years, income = rng.uniform(0.2, 1.0, n), rng.lognormal(10.0, 0.5, n)
    level = np.array([900.0, 1500.0, 5200.0])[(age > 17) + 1 * (age > 64)]
    cost = level * np.where(sex == "F", 1.2, 1.0) * years * rng.gamma(4.0, 0.25, n)
    frame = pd.DataFrame({"age": age, "band": band, "sex": sex, "region": region, "years": years})
    frame = frame.assign(income=income, cost=cost * (rng.random(n) < 0.8))
    return frame, people(age=age.tolist(), region=region.tolist())


def test_a_tariff_of_several_factors_becomes_the_rule_that_charges_it_member_by_member() -> None:
    """The model's own product of band, sex and region, a twelfth of it, but for half a cent on the band."""
    frame, members = several_factors()
    terms = "factor(band) + factor(sex) + factor(region)"
    model = fit_glm(frame, f"cost ~ {terms}", Family("tweedie", power=1.5), exposure="years")
    table = RateTable.by_age(
        model, frame, BANDS, factors=["sex", "region"], exposure="years", currency="EUR"
    )
    rule = table.contribution(increase_per_year=0.02, adjustments=[LHC])
    assert [one.kind for one in rule.adjustments] == ["rating_factor"] * 2 + ["entry_age_loading"]
    by_label = {tuple(row[:2]): row[2] for row in table.relativities().itertuples(index=False)}
    shown = model.relativities().set_index(["term", "label"])["relativity"]
    for label in REGIONS:
        wanted = shown["region", label] / shown["region", "coast"]
        found = by_label["region", label] / by_label["region", "coast"]
        assert found == pytest.approx(wanted, rel=1e-9)
    dues = table.contribution().monthly_dues(members)
    np.testing.assert_allclose(dues, model.rate(frame) / 12, atol=0.005 * 1.5)


def test_a_rating_factor_beside_the_table_s_own_is_refused() -> None:
    """It would charge the same sex twice."""
    frame, _ = several_factors()
    table = RateTable.by_age(
        fit_glm(frame, "cost ~ factor(sex)", Family("tweedie", power=1.5)),
        frame,
        BANDS,
        factors=["sex"],
        currency="EUR",
    )
    again = [LHC, RatingFactor(by="sex", factors={"F": 1.2, "M": 1.0})]
    with pytest.raises(
        InputError, match=r"adjustments\[1\]\.by: got sex, as a factor of the rate table"
    ):
        table.contribution(adjustments=again)


def test_every_band_and_label_is_charged_what_the_model_expects_of_its_members() -> None:
    """Whatever else the model looks at: here age within a band, income, and women's region."""
    frame, _ = several_factors()
    model = TwoPart.fit(frame, "cost ~ age + log(income) + factor(sex, region)", exposure="years")
    table = RateTable.by_age(
        model, frame, BANDS, factors=["sex", "region"], exposure="years", currency="EUR"
    )
    rate = frame["band"].map(dict(zip(table.labels, table.cost, strict=True))).astype(float)
    for column in ("sex", "region"):
        rate = rate * frame[column].map(table.factors[column])
        assert 1.0 in table.factors[column].values()
    charged, expected = rate * frame["years"], pd.Series(model.predict(frame))
    for column in ("band", "sex", "region"):
        np.testing.assert_allclose(
            charged.groupby(frame[column]).sum(), expected.groupby(frame[column]).sum(), rtol=1e-9
        )


def test_a_label_of_which_nothing_is_expected_pays_nothing() -> None:
    age, sex, one = np.array([0, 0, 1, 1, 1]), np.array([0, 1, 0, 1, 2]), np.ones(5)
    level, by_sex = marginal_totals(
        np.array([0.0, 4.0, 0.0, 8.0, 2.0]), one, {"age": age, "sex": sex}
    )
    np.testing.assert_allclose(level[age] * by_sex[sex], [0.0, 4.0, 0.0, 8.0, 2.0], rtol=1e-9)
    assert by_sex[0] == 0.0


def test_a_factor_that_no_rule_charges_by_is_refused_with_the_way_out() -> None:
    model = fit_glm(ROWS, "claims ~ age", "poisson", exposure="years")
    for factors, got in ((["county"], "county"), (["plan", "plan"], "plan"), (["age"], "age")):
        with pytest.raises(InputError, match=rf"factors\[\d\]: got {got}; allowed: sex, region, "):
            RateTable.by_age(model, ROWS, BANDS, factors=factors, currency="EUR")
    with pytest.raises(InputError, match="allowed: sex, region, group, each once"):
        RateTable.by_label(model, ROWS, "plan", factors=["plan"], currency="EUR")
    empty = ROWS.assign(years=[1.0, 0.0, 1.0, 0.0, 1.0, 0.0])
    with pytest.raises(InputError, match=r"plan\.full: got no exposure"):
        RateTable.by_age(model, empty, BANDS, factors=["plan"], exposure="years", currency="EUR")


def test_a_table_in_a_currency_that_is_no_code_is_refused() -> None:
    model = fit_glm(ROWS, "claims ~ age", "poisson", exposure="years")
    with pytest.raises(InputError, match=r"^currency: got 'zzz'"):
        RateTable.by_label(model, ROWS, "plan", currency="zzz")


def test_a_table_by_what_no_rule_charges_by_is_refused() -> None:
    model = fit_glm(ROWS, "claims ~ age", "poisson", exposure="years")
    table = RateTable.by_label(model, ROWS.assign(sex=ROWS["plan"]), "sex", currency="EUR")
    with pytest.raises(InputError, match="by: got sex; allowed: age bands, or plan"):
        table.contribution()


def test_factors_whose_labels_coincide_are_refused_by_name() -> None:
    """The same members under two labels: whose factor a cost is, nothing tells; age is another thing."""
    one, age, sex = np.ones(6), np.array([0, 1, 2, 0, 1, 2]), np.array([0, 0, 0, 1, 1, 1])
    for plan in (sex, 1 - sex):
        with pytest.raises(InputError, match="factors: got sex, plan, whose labels say the same"):
            marginal_totals(one, one, {"age": age, "sex": sex, "plan": plan})
    county = np.array([0, 1, 2, 0, 1, 3])  # each lies within one band of age
    with pytest.raises(InputError, match="factors: got age, county, whose"):
        marginal_totals(one, one, {"age": age, "county": county})
    marginal_totals(one, one, {"age": age, "sex": sex, "plan": np.array([0, 0, 1, 1, 1, 1])})


def test_factors_of_labels_that_all_but_coincide_are_found() -> None:
    """Costs that are products, 1 in 1,000 crossing the labels: the factors are known beforehand."""
    age = np.repeat([0, 0, 1, 1], [999, 1, 1, 999])
    plan = np.repeat([0, 1, 0, 1], [999, 1, 1, 999])
    cost = np.array([100.0, 300.0])[age] * np.array([1.0, 0.8])[plan]
    level, by_plan = marginal_totals(cost, np.ones(2000), {"age": age, "plan": plan})
    assert by_plan == pytest.approx([1.0, 0.8], rel=1e-6)
    assert level == pytest.approx([100.0, 300.0], rel=1e-6)

"""Generalised linear models against statsmodels, against tables worked out by hand, and what is refused.

Source of truth: statsmodels' own iteratively reweighted least squares on the same rows; for a model of one
factor the averages of its cells.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.genmod import families

from mutualfund.claims import FitError
from mutualfund.errors import InputError
from mutualfund.premiums.tariff import GLM, Family, fit_glm

N = 400
LOG = families.links.Log()
ORACLES: dict[str, Any] = {
    "poisson": families.Poisson(),
    "binomial": families.Binomial(),
    "gamma": families.Gamma(LOG),
    "inverse_gaussian": families.InverseGaussian(LOG),
    "tweedie": families.Tweedie(LOG, var_power=1.6),
    "normal": families.Gaussian(),
}


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """Four hundred who exist nowhere; the young of region C are few."""
    rng = np.random.default_rng(5)
    age = rng.integers(0, 90, N)
    region = rng.choice(list("ABC"), N, p=[0.3, 0.6, 0.1])
    years = rng.uniform(0.2, 1.0, N)
    mean = np.exp(-0.5 + 0.015 * age + 0.4 * (region == "A"))
    return pd.DataFrame(
        {
            "age": age,
            "region": region,
            "years": years,
            "visits": rng.poisson(mean * years),
            "any": rng.random(N) < mean / (1 + mean),
            "cost": rng.gamma(2.0, 100 * mean),
            "claims": rng.integers(1, 5, N),
        }
    )


def responses(name: str, people: pd.DataFrame) -> str:
    return {"poisson": "visits", "binomial": "any"}.get(name, "cost")


@pytest.mark.parametrize("name", ORACLES)
def test_coefficients_and_standard_errors_equal_statsmodels(
    name: str, people: pd.DataFrame
) -> None:
    response = responses(name, people)
    family = Family(name, power=1.6 if name == "tweedie" else None)  # type: ignore[arg-type]
    weights = None if name in ("poisson", "binomial") else "claims"
    fit = fit_glm(people, f"{response} ~ factor(region) + age / 10", family, weights=weights)
    terms = np.column_stack(
        [np.ones(N), people["region"] == "A", people["region"] == "C", people["age"] / 10]
    ).astype(float)
    weight = {} if weights is None else {"var_weights": people["claims"].astype(float)}
    oracle = sm.GLM(people[response].astype(float), terms, family=ORACLES[name], **weight)
    want = oracle.fit(tol=1e-13, maxiter=200)
    assert fit.names == ("intercept", "region[A]", "region[C]", "age / 10")  # B is the base
    np.testing.assert_allclose(fit.coefficients, want.params, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(fit.standard_errors, want.bse, rtol=1e-6)
    np.testing.assert_allclose(fit.covariance, want.cov_params(), rtol=1e-5, atol=1e-12)
    assert fit.deviance == pytest.approx(want.deviance, rel=1e-9)
    assert fit.pearson_dispersion == pytest.approx(want.pearson_chi2 / (N - 4), rel=1e-6)


def test_a_negative_binomial_equals_statsmodels_likelihood(people: pd.DataFrame) -> None:
    rng = np.random.default_rng(9)
    people = people.assign(visits=rng.poisson(people["visits"] * rng.gamma(0.8, 1.3, N)))
    fit = fit_glm(people, "visits ~ factor(region) + age / 10", "negative_binomial")
    terms = np.column_stack(
        [np.ones(N), people["region"] == "A", people["region"] == "C", people["age"] / 10]
    ).astype(float)
    want = sm.NegativeBinomial(people["visits"], terms).fit(disp=0, maxiter=500, gtol=1e-9)
    np.testing.assert_allclose(fit.coefficients, want.params[:-1], rtol=1e-6)
    assert fit.family.alpha == pytest.approx(want.params.iloc[-1], rel=1e-6)
    assert fit.log_likelihood == pytest.approx(want.llf, abs=1e-9)
    family = families.NegativeBinomial(alpha=fit.family.alpha)
    given = sm.GLM(people["visits"], terms, family=family).fit(tol=1e-13)
    np.testing.assert_allclose(fit.coefficients, given.params, rtol=1e-6)
    np.testing.assert_allclose(fit.standard_errors, given.bse, rtol=1e-6)


@pytest.fixture(scope="module")
def rand() -> pd.DataFrame:
    """The RAND experiment's first year; neighbours of one plan and income are taken for a family."""
    frame = pd.read_csv(Path(__file__).parents[2] / "published" / "data" / "rand_hie_year1.csv")
    shared = frame[["site", "coins", "idp", "mdeoff", "num", "income"]]
    return frame.assign(family=shared.ne(shared.shift()).any(axis=1).cumsum())


@pytest.mark.parametrize(
    ("name", "response", "oracle"),
    [
        ("poisson", "mdvis", families.Poisson()),
        ("negative_binomial", "mdvis", families.NegativeBinomial(alpha=1.25)),
        ("inverse_gaussian", "meddol", families.InverseGaussian(LOG)),
    ],
)
def test_errors_of_every_kind_equal_statsmodels(
    name: str, response: str, oracle: Any, rand: pd.DataFrame
) -> None:
    """An inverse Gaussian's curvature as observed is not the expected one, and has rows below zero."""
    used = rand[rand["meddol"] > 0] if name == "inverse_gaussian" else rand
    family = Family(name, alpha=1.25 if name == "negative_binomial" else None)  # type: ignore[arg-type]
    kinds: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"errors": "pearson"}, {"scale": "X2"}),
        ({"errors": "robust"}, {"cov_type": "HC0"}),
        (
            {"errors": "robust", "cluster": "family"},
            {"cov_type": "cluster", "cov_kwds": {"groups": used["family"]}},
        ),
    ]
    terms = np.column_stack([np.ones(len(used)), np.log(used["coins"] + 1), used["female"]])
    model = sm.GLM(used[response].astype(float), terms, family=oracle)
    for ours, theirs in kinds:
        fit = fit_glm(used, f"{response} ~ log(coins + 1) + female", family, **ours)
        want = model.fit(tol=1e-13, maxiter=200, start_params=fit.coefficients, **theirs)
        np.testing.assert_allclose(fit.standard_errors, want.bse, rtol=1e-6)


def test_intervals_hold_the_truth_as_often_as_they_say_where_counts_spread() -> None:
    """300 regions of 150 members against one whose rate is known: intervals on independent counts.

    Counts spread as visits do (mean 2.4, variance 2.4 + 2 x 2.4^2): the model's own errors hold it in 57
    of 100 regions. Within five standard errors of 95 in 100; the note sends its reader there.
    """
    regions, members, truth = 300, 150, 0.8
    rng = np.random.default_rng(11)
    visits = rng.poisson(3.0 * truth * rng.gamma(0.5, 2.0, regions * members))
    region = np.repeat([f"r{place}" for place in range(regions)], members)
    frame = pd.DataFrame({"visits": visits, "region": region, "weight": 1.0})
    known = pd.DataFrame({"visits": [3.0], "region": ["known"], "weight": [1e6]})
    frame = pd.concat([frame, known])
    held = {}
    for errors in ("model", "pearson", "robust"):
        fit = fit_glm(
            frame,
            "visits ~ factor(region)",
            "poisson",
            weights="weight",
            errors=errors,
        )
        table = fit.relativities()
        apart = table[(table["term"] == "region") & (table["label"] != "known")]
        held[errors] = ((apart["low"] <= truth) & (truth <= apart["high"])).mean()
        assert table.attrs == fit.summary().attrs == {"errors": errors, "notes": fit.notes}
        if errors == "model":
            assert "2.4 times too small" in fit.notes[0] and "2.4 times too small" in repr(fit)
    assert held["model"] < 0.7
    for errors in ("pearson", "robust"):
        assert abs(held[errors] - 0.95) < 5.0 * np.sqrt(0.95 * 0.05 / regions)


def test_groups_are_summed_however_they_are_named_and_few_of_them_are_said(
    people: pd.DataFrame,
) -> None:
    """By hand for an average: the groups' summed strays, 3 groups, over the sum of the means."""
    fit = fit_glm(people, "visits ~ 1", "poisson", errors="robust", cluster="region")
    stray = (people["visits"] - people["visits"].mean()).groupby(people["region"]).sum()
    by_hand = np.sqrt(3 / 2 * (stray**2).sum()) / people["visits"].sum()
    assert fit.standard_errors[0] == pytest.approx(by_hand, rel=1e-9)
    numbered = people.assign(place=people["region"].map({"A": 1.0, "B": 2.0, "C": 3.0}))
    same = fit_glm(numbered, "visits ~ 1", "poisson", errors="robust", cluster="place * 2 + 1")
    np.testing.assert_allclose(same.covariance, fit.covariance, rtol=1e-12)
    assert "rest on 3 groups" in fit.notes[0]
    assert not fit_glm(people, "cost ~ age", "gamma").notes


def test_exposure_is_an_offset(people: pd.DataFrame) -> None:
    fit = fit_glm(people, "visits ~ age", "poisson", exposure="years")
    oracle = sm.GLM(
        people["visits"],
        sm.add_constant(people["age"]),
        families.Poisson(),
        exposure=people["years"],
    )
    want = oracle.fit(tol=1e-13)
    np.testing.assert_allclose(fit.coefficients, want.params, rtol=1e-7)
    np.testing.assert_allclose(fit.predict(people), want.fittedvalues, rtol=1e-7)
    np.testing.assert_allclose(fit.rate(people), want.fittedvalues / people["years"], rtol=1e-7)


def test_one_factor_gives_the_averages_of_its_cells_and_the_base_of_most_exposure() -> None:
    """By hand: 3 visits in 4 years of A, 8 in 2 years of B, 1 in half a year of C."""
    frame = pd.DataFrame(
        {"cell": list("AABC"), "visits": [1, 2, 8, 1], "years": [1.0, 3.0, 2.0, 0.5]}
    )
    fit = fit_glm(frame, "visits ~ factor(cell)", "poisson", exposure="years")
    table = fit.relativities().set_index("label")["relativity"]
    assert table["A"] == 1.0
    assert table["B"] == pytest.approx((8 / 2) / (3 / 4), rel=1e-9)
    assert table["C"] == pytest.approx((1 / 0.5) / (3 / 4), rel=1e-9)
    assert fit.standard_errors[1] == pytest.approx(np.sqrt(1 / 3 + 1 / 8), rel=1e-9)
    assert fit_glm(frame, "visits ~ factor(cell)", "poisson").names[1:] == ("cell[B]", "cell[C]")
    other = fit_glm(frame, "visits ~ factor(cell)", "poisson", base={"cell": "C"})
    assert other.names == ("intercept", "cell[A]", "cell[B]")


def test_intervals_widen_with_their_level_and_hold_the_relativity(people: pd.DataFrame) -> None:
    fit = fit_glm(people, "cost ~ factor(region)", "gamma")
    narrow, wide = fit.relativities(0.5), fit.relativities(0.99)
    rows = wide["high"] > wide["low"]
    assert rows.sum() == 3  # the intercept and two labels: the base has no error
    assert (wide["low"] <= narrow["low"]).all() and (wide["high"] >= narrow["high"]).all()
    assert ((wide["low"] <= wide["relativity"]) & (wide["relativity"] <= wide["high"])).all()
    z = np.log(wide["high"][rows] / wide["relativity"][rows]) / fit.standard_errors
    np.testing.assert_allclose(z, 2.5758293035489004, rtol=1e-12)


def test_the_order_of_rows_and_the_kind_of_frame_change_nothing(people: pd.DataFrame) -> None:
    import polars as pl

    plain = fit_glm(people, "cost ~ factor(region) + age", "gamma")
    turned = fit_glm(people.iloc[::-1], "cost ~ factor(region) + age", "gamma")
    other = fit_glm(pl.from_pandas(people), "cost ~ factor(region) + age", "gamma")
    coded = people.assign(region=people["region"].astype("category"))
    for fit in (turned, other, fit_glm(coded, "cost ~ factor(region) + age", "gamma")):
        assert fit.names == plain.names
        np.testing.assert_allclose(fit.coefficients, plain.coefficients, rtol=1e-8)


def test_crossed_factors_have_a_coefficient_for_each_pair_that_occurs(people: pd.DataFrame) -> None:
    young = people.assign(old=people["age"] > 50)
    young = young[~((young["region"] == "C") & young["old"])]
    fit = fit_glm(young, "cost ~ factor(region, old)", "gamma")
    assert len(fit.names) == 5
    cells = young.groupby(["region", "old"])["cost"].mean()
    np.testing.assert_allclose(
        sorted(fit.predict(young).round(6).tolist()),
        sorted(cells.loc[list(zip(young["region"], young["old"], strict=True))].round(6).tolist()),
    )


def test_rows_left_out_are_those_where_the_condition_fails(people: pd.DataFrame) -> None:
    some = fit_glm(people, "cost ~ age", "gamma", where="age >= 30")
    same = fit_glm(people[people["age"] >= 30], "cost ~ age", "gamma")
    assert some.n == same.n < N
    np.testing.assert_allclose(some.coefficients, same.coefficients, rtol=1e-9)


def test_a_balanced_model_brings_in_what_was_paid_and_keeps_its_relativities(
    people: pd.DataFrame,
) -> None:
    fit = fit_glm(people, "cost ~ age", "gamma")
    assert abs(fit.fitted_over_observed - 1.0) > 1e-4  # a log is not the gamma's canonical link
    balanced = fit.balanced()
    assert balanced.predict(people).sum() == pytest.approx(people["cost"].sum(), rel=1e-12)
    np.testing.assert_array_equal(balanced.coefficients[1:], fit.coefficients[1:])
    canonical = fit_glm(people, "visits ~ age", "poisson")
    assert canonical.fitted_over_observed == pytest.approx(1.0, abs=1e-9)


def test_a_model_is_frozen_and_shows_no_row(people: pd.DataFrame) -> None:
    fit = fit_glm(people, "cost ~ age", "gamma")
    with pytest.raises(ValueError, match="read-only"):
        fit.coefficients[0] = 0.0
    assert isinstance(fit, GLM) and not hasattr(fit, "__dict__")


BAD = {
    "unknown label": ("region", "one of B, A, C"),
    "missing value": ("age", "a number in every row"),
    "no such column": ("income", "column income"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_a_model_has_never_met_is_refused_without_the_value(
    what: str, people: pd.DataFrame
) -> None:
    fit = fit_glm(people, "cost ~ factor(region) + age", "gamma")
    frames = {
        "unknown label": people.assign(region="Atlantis"),
        "missing value": people.assign(age=np.where(people["age"] > 80, np.nan, people["age"])),
        "no such column": people.drop(columns="age"),
    }
    name, words = BAD[what]
    with pytest.raises(InputError) as refused:
        fit.predict(frames[what])
    said = str(refused.value)
    assert "Atlantis" not in said
    if what == "no such column":
        assert "column age" in said
    else:
        assert name in said and words in said and "rows" in said


def refuse(people: pd.DataFrame, formula: str = "cost ~ age", **terms: Any) -> str:
    family = terms.pop("family", "gamma")
    with pytest.raises((InputError, FitError)) as refused:
        fit_glm(people, formula, family, **terms)
    return str(refused.value)


def test_inputs_that_cannot_be_used_are_refused_with_the_way_out(people: pd.DataFrame) -> None:
    assert "numbers. Write factor(region)" in refuse(people, "cost ~ region")
    assert "log(age)" in refuse(people, "cost ~ log(age)")  # some are 0 years old
    assert "more than 0" in refuse(people.assign(cost=0.0))
    assert "0 to 1" in refuse(people, family="binomial")
    assert "weights: age: got" in refuse(people, weights="age")
    assert "exposure: age - 200" in refuse(people, exposure="age - 200")
    assert "a log link" in refuse(people, exposure="years", link="identity")
    assert "at least one row" in refuse(people, where="age > 1000")
    assert "a factor of the formula" in refuse(people, base={"region": "A"})
    assert "one of A, B, C" in refuse(people, "cost ~ factor(region)", base={"region": "D"})
    assert "poisson, negative_binomial" in refuse(people, family="poison")
    assert "power" in refuse(people, power=1.5)
    assert "1.001 to 1.999" in refuse(people, family="tweedie", power=2.0)
    assert "a log link and an intercept" in str(_unbalanced(people))
    assert "errors: got 'sandwich'; allowed: model or pearson or robust" in refuse(
        people, errors="sandwich"
    )
    assert "cluster: got errors model; allowed: errors = robust" in refuse(people, cluster="region")
    missing = people.assign(region=people["region"].where(people["age"] < 80))
    assert "region: got" in refuse(missing, errors="robust", cluster="region")
    assert "two groups or more" in refuse(people, errors="robust", cluster="age > 1000")


def _unbalanced(people: pd.DataFrame) -> InputError:
    with pytest.raises(InputError) as refused:
        fit_glm(people, "cost ~ 0 + age + log(age + 1)", "gamma").balanced()
    return refused.value


def test_what_has_no_estimate_is_not_returned(people: pd.DataFrame) -> None:
    twice = people.assign(again=people["age"] * 2 + 1)
    assert "terms intercept, age, again say the same" in refuse(twice, "cost ~ age + again")
    nobody = people.assign(visits=np.where(people["region"] == "C", 0, people["visits"]))
    assert "region[C]" in refuse(nobody, "visits ~ factor(region)", family="poisson")
    assert "no more rows" in refuse(people.head(2), "cost ~ age")
    even = pd.DataFrame({"visits": [1, 1, 1, 2, 1, 1]})
    assert "fit family poisson" in refuse(even, "visits ~ 1", family="negative_binomial")


@pytest.mark.parametrize("family", ["poisson", "gamma"])
@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ("age + twice", "terms age, twice say the same"),
        ("age + age*0", "age*0 has nothing to be estimated from"),
        ("zero", "zero has nothing to be estimated from"),
        ("zero + age + 2", "zero has nothing"),
        ("age + in_c + factor(region)", "terms in_c, factor(region) say the same"),
        ("0 + age + twice + factor(region)", "terms age, twice say the same"),
    ],
)
def test_terms_that_say_the_same_are_named(
    people: pd.DataFrame, family: Any, terms: str, said: str
) -> None:
    """glum stops at some of these with a traceback of its own, and finds a top that is none for others."""
    frame = people.assign(
        twice=people["age"] * 2, zero=0.0, in_c=1.0 * (people["region"] == "C"), n=people["cost"]
    )
    assert said in refuse(frame, f"n ~ {terms}", family=family)


def test_rows_of_which_some_do_not_tell_the_terms_apart_are_all_asked() -> None:
    """One row in 30,000 has the label that makes the terms differ: it decides."""
    n = 30_000
    frame = pd.DataFrame({"n": np.arange(n) % 3, "a": np.ones(n), "b": np.ones(n)})
    frame.loc[1, "b"] = 5.0
    assert fit_glm(frame, "n ~ b", "poisson").coefficients.size == 2
    assert "intercept, a" in refuse(frame, "n ~ a", family="poisson")


def test_labels_that_may_be_members_are_not_shown() -> None:
    """One row each: identifiers by mistake. Of groups the labels are the way out, and are shown."""
    rows = pd.DataFrame({"who": [f"MEMBER-{k}" for k in range(6)], "n": [1, 2, 1, 3, 0, 2]})
    with pytest.raises(FitError, match="same extreme answer") as fit_refused:
        fit_glm(rows, "n ~ factor(who)", "poisson")
    assert "MEMBER" not in str(fit_refused.value)
    twice = pd.concat([rows, rows.assign(n=rows["n"] + 1)])
    for frame, shown in ((rows.assign(n=1 + rows["n"] % 2), False), (twice, True)):
        groups = frame.assign(
            who=frame["who"].str.replace("MEMBER", "GROUP") if shown else frame["who"]
        )
        extra = pd.concat([groups, groups.assign(who=groups["who"].iloc[0])])
        model = fit_glm(
            extra if shown else pd.concat([groups, groups.iloc[:3]]), "n ~ factor(who)", "poisson"
        )
        with pytest.raises(InputError) as refused:
            model.predict(groups.assign(who="MEMBER-99"))
        assert "MEMBER" not in str(refused.value)
        assert ("GROUP-3" in str(refused.value)) is shown


def test_a_likelihood_more_curved_than_expected_is_climbed_by_shorter_steps():
    """Source of truth: the score at statsmodels' optimum by Newton's method is 1e-15 (seed 4)."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=30)
    y = rng.wald(np.exp(1.0 + 0.8 * x), 0.3)
    model = fit_glm(pd.DataFrame({"x": x, "y": y}), "y ~ x", "inverse_gaussian")
    mean = np.exp(model.coefficients[0] + model.coefficients[1] * x)
    score = [((y - mean) / mean**2 * column).sum() for column in (np.ones(30), x)]
    assert np.abs(score).max() < 1e-6
    assert model.coefficients.tolist() == pytest.approx([0.19302, 0.42631], abs=1e-5)


@pytest.mark.parametrize(
    ("family", "response"), [("poisson", [1, 2, 1, 0, 0, 0]), ("binomial", [0, 0, 0, 1, 1, 1])]
)
def test_a_top_at_infinity_is_refused_and_not_returned_with_an_endless_error(family, response):
    frame = pd.DataFrame({"age": [20, 30, 40, 50, 60, 70], "y": response})
    with pytest.raises(FitError, match="no top"):
        fit_glm(frame, "y ~ (age > 45)", family)

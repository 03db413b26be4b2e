"""Actual over expected: by hand, and 1 where what is expected is what happened."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from scipy import stats

from claims.experience.village import study_of
from mutualfund.errors import InputError

PERIOD = (date(2023, 1, 1), date(2024, 12, 31))
MEMBERS = {"a": ("1980-01-01", "F"), "b": ("1950-01-01", "M"), "c": ("1985-01-01", "M")}
SPELLS = [
    ("a", "2023-01-01", "2024-12-31"),
    ("b", "2023-01-01", "2024-06-30"),
    ("c", "2024-01-01", "2024-12-31"),
]
CLAIMS = [
    ("a", "drugs", "2023-02-01", 30.0),
    ("a", "dental", "2024-02-01", 100.0),
    ("b", "drugs", "2023-03-01", 70.0),
    ("b", "drugs", "2024-03-01", 50.0),
    ("c", "dental", "2024-08-01", 200.0),
]


@pytest.fixture(scope="module")
def study():
    return study_of(SPELLS, CLAIMS, MEMBERS, PERIOD)


def test_by_hand(study):
    """Expected 5 a month for women and 10 for men: a 24 x 5, b 18 x 10, c 12 x 10; actual 130, 120, 200."""
    table = study.actual_to_expected({"F": 5.0, "M": 10.0}, expected_by="sex", by="sex")
    assert table["expected"].tolist() == [120.0, 300.0]
    assert table["actual"].tolist() == [130.0, 320.0]
    ratio = 320 / 300
    squares = (120 - ratio * 180) ** 2 + (200 - ratio * 120) ** 2
    assert table["ratio"][1] == pytest.approx(ratio)
    assert table["standard_error"][1] == pytest.approx(math.sqrt(2 / 1 * squares) / 300)


def test_lines_are_expected_apart_and_together(study):
    rates = {
        ("drugs", "2023"): 2.0,
        ("drugs", "2024"): 3.0,
        ("dental", "2023"): 4.0,
        ("dental", "2024"): 5.0,
    }
    options = {"expected_by": ("line", "year")}
    apart = study.actual_to_expected(rates, by=("year", "line"), **options)
    # 24 months in 2023; 12 + 6 + 12 in 2024
    assert apart["expected"].tolist() == [24 * 4.0, 24 * 2.0, 30 * 5.0, 30 * 3.0]
    together = study.actual_to_expected(rates, by="year", **options)
    assert together["expected"].tolist() == [24 * 6.0, 30 * 8.0]
    assert together["actual"].tolist() == [100.0, 350.0]


def test_claims_may_be_expected_instead_of_cost(study):
    table = study.actual_to_expected(1000.0, of="per_thousand")
    assert table["expected"].tolist() == pytest.approx([54 / 12])
    assert table["actual"].tolist() == [5.0]


def test_where_no_claim_was_seen_the_interval_is_a_poissons(study):
    """No woman saw a dentist in 2023, where 2.5 visits were expected: Garwood's exact limit of 0 is 3.689."""
    by = ("year", "sex", "line")
    rates = {"dental": 2500.0, "drugs": 1.0}
    table = study.actual_to_expected(rates, expected_by="line", of="per_thousand", by=by)
    row = list(zip(*(table.labels[key] for key in by), strict=True)).index(("2023", "F", "dental"))
    assert (table["actual"][row], table["low"][row]) == (0.0, 0.0)
    assert table["high"][row] == pytest.approx(stats.chi2.ppf(0.975, 2) / 2 / 2.5)
    assert table["high"][row] * 2.5 == pytest.approx(3.689, abs=5e-4)
    cost = study.actual_to_expected(rates, expected_by="line", by=by)
    assert math.isnan(cost["high"][row])


@pytest.mark.parametrize("by", ["sex", "line", ("line", "sex"), ("year", "age_band", "line")])
@pytest.mark.parametrize("of", ["pmpm", "per_thousand"])
def test_what_happened_is_what_was_expected_of_itself(by, of):
    """Everybody is of one cell or another that has exposure, so the study's own table states all rates."""
    spells = [(who, "2023-01-01", "2024-12-31") for who in ("a", "b", "c", "d", "x", "y")]
    born = {"a": 1980, "b": 1960, "c": 2015, "d": 1940, "x": 1985, "y": 1950}
    sexes = ("F", "M", "X")
    members = {f"{who}{sex}": (f"{year}-01-01", sex) for who, year in born.items() for sex in sexes}
    spells = [(who, first, last) for who in members for _, first, last in spells[:1]]
    claims = [(who, "drugs", "2023-02-01", 10.0 + len(who)) for who in members]
    claims += [(who, "dental", "2024-02-01", 7.0) for who in list(members)[::2]]
    study = study_of(spells, claims, members, PERIOD)
    own = getattr(study, of)(by)
    table = study.actual_to_expected(own, by=by, of=of)
    seen = table["actual"] > 0
    np.testing.assert_allclose(table["ratio"][seen], 1.0)
    np.testing.assert_allclose(study.actual_to_expected(own, of=of)["ratio"], 1.0)


@pytest.mark.parametrize(
    ("expected", "options", "words"),
    [
        ({"F": 5.0}, {"expected_by": "sex"}, "no rate for 1 cells that have"),
        ({"F": 5.0, "M": 1.0, "canary": 1.0}, {"expected_by": "sex"}, "1 labels that do not occur"),
        ({"F": 5.0, "M": 1.0, 7: 1.0}, {"expected_by": "sex"}, "1 labels that do not occur"),
        ({"F": 5.0, "M": "canary"}, {"expected_by": "sex"}, "expected: got .value not shown"),
        ({"F": 5.0, "M": [1.0]}, {"expected_by": "sex"}, "expected: got .value not shown"),
        ({"F": [5.0], "M": [1.0]}, {"expected_by": "sex"}, "one for each label"),
        ("canary", {}, "expected: got .value not shown"),
        (None, {}, "expected: got nothing"),
        ([1.0, 2.0], {}, "expected: got an array"),
        ({"F": 5.0, "M": 1.0}, {"expected_by": None}, "names of keys"),
        ({"F": -5.0, "M": 1.0}, {"expected_by": "sex"}, "expected"),
        (5.0, {"by": "line"}, "a rate for each line"),
        (5.0, {"of": "frequency"}, "pmpm, per_thousand"),
        ({"F": 5.0}, {"expected_by": "colour"}, "colour"),
    ],
)
def test_an_expectation_that_cannot_be_used_is_refused(study, expected, options, words):
    with pytest.raises(InputError, match=words) as caught:
        study.actual_to_expected(expected, **options)
    assert "canary" not in str(caught.value)


def test_a_table_of_cost_states_no_claims(study):
    with pytest.raises(InputError, match="of: got 'per_thousand'"):
        study.actual_to_expected(study.pmpm("sex"), of="per_thousand")

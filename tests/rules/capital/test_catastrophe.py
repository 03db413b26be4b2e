"""Health catastrophe under Solvency II. Source of truth: articles 160 to 163, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mutualfund.errors import InputError
from mutualfund.rules import (
    Books,
    SolvencyNslt,
    accident_risk,
    health_catastrophe,
    pandemic_risk,
)


def test_a_mass_accident_costs_what_the_insured_of_each_country_are_due() -> None:
    """Deaths and treatments: 0.002 x (0.1 x 4m + 0.3 x 1m) and 0.001 x (0.1 x 3m + 0.3 x 6m)."""
    got = accident_risk([0.002, 0.001], [0.1, 0.3], [[4e6, 1e6], [3e6, 6e6]])
    assert got == pytest.approx((1_400.0**2 + 2_100.0**2) ** 0.5, rel=1e-14)


def test_a_concentration_counts_persons_and_what_one_of_them_is_due() -> None:
    """250 persons in one building, due 20,000 for death and 8,000 for treatment: 250 x (2000 + 2400)."""
    assert accident_risk(250.0, [0.1, 0.3], [[20_000.0, 8_000.0]]) == pytest.approx(1.1e6)


def test_a_pandemic_makes_four_in_ten_ill_and_disables_a_few() -> None:
    """0.4 x (5000 x 70 + 1000 x 20) and 75 in a million of 40 million."""
    got = pandemic_risk([5_000, 1_000], [70.0, 20.0], income_protection=40e6)
    assert got == pytest.approx(148_000.0 + 3_000.0, rel=1e-14)


def test_the_charges_are_added_as_if_independent_and_then_correlated_with_the_rest() -> None:
    cat = health_catastrophe(3.0, 4.0, 12.0)
    assert cat == 13.0
    books = Books(contributions=[100.0, 400.0], claims=[80.0, 80.0])
    # Without reserves 3 x 0.05 x 100 and x 400; a quarter of the product is counted twice.
    wanted = [(x**2 + 13.0**2 + 0.5 * x * 13.0) ** 0.5 for x in (15.0, 60.0)]
    np.testing.assert_allclose(SolvencyNslt(catastrophe=cat).required(books), wanted, rtol=1e-13)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: accident_risk([0.1], [0.1], [[1.0, 2.0]]), r"benefits: got shape \(1, 2\)"),
        (lambda: accident_risk([0.1], [1.5], [[1.0]]), r"event_ratio\[0\]: got 1\.5"),
        (lambda: accident_risk([-1.0], [0.5], [[1.0]]), r"affected\[0\]: got -1"),
        (lambda: pandemic_risk([10, 20], 5.0), "cost: got 1 amounts; allowed: 2"),
        (lambda: pandemic_risk(10, 5.0, income_protection=-1.0), "income_protection: got -1"),
        (lambda: health_catastrophe(pandemic=-1.0), "pandemic: got -1"),
    ],
)
def test_what_is_no_exposure_is_refused(call: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()  # type: ignore[operator]

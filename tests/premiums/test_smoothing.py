"""Smoothed age curves.

Source of truth: statsmodels' Hodrick-Prescott filter, polynomials, the normal equations, and the likelihood
of the model by its covariance matrix.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.filters.hp_filter import hpfilter

from mutualfund.errors import InputError
from mutualfund.premiums import smooth_ages
from mutualfund.types import FloatArray

AGES = np.arange(20, 90)
EXPOSURE: FloatArray = 30.0 + 900.0 * np.exp(-(((AGES - 45) / 18.0) ** 2))
TRUTH: FloatArray = 1.0 + np.sin((AGES - 20) / 20.0)
NOISE = np.random.default_rng(7).normal(size=AGES.size)
RATES: FloatArray = TRUTH + 3.0 * NOISE / np.sqrt(EXPOSURE)


def test_with_equal_exposure_it_is_the_filter_of_hodrick_and_prescott() -> None:
    curve = smooth_ages(RATES, np.ones(RATES.size), first_age=20, strength=1600.0)
    _, trend = hpfilter(RATES, lamb=1600.0)
    np.testing.assert_allclose(curve.smoothed, trend, rtol=1e-9)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_it_solves_the_normal_equations(order: int) -> None:
    curve = smooth_ages(RATES, EXPOSURE, first_age=20, strength=300.0, order=order)
    d = np.diff(np.eye(RATES.size), n=order, axis=0)
    matrix = np.diag(EXPOSURE) + 300.0 * d.T @ d
    np.testing.assert_allclose(matrix @ curve.smoothed, EXPOSURE * RATES, rtol=1e-8)
    hat = np.linalg.solve(matrix, np.diag(EXPOSURE))
    freedom = np.trace(hat)
    assert curve.degrees_of_freedom == pytest.approx(freedom, rel=1e-9)
    left = EXPOSURE @ (RATES - curve.smoothed) ** 2 / (RATES.size - freedom)
    error = np.sqrt(left * np.diag(np.linalg.inv(matrix)))
    np.testing.assert_allclose(curve.standard_error, error, rtol=1e-7)


def test_a_weak_curve_is_what_was_seen_and_a_strong_one_a_line_through_it() -> None:
    weak = smooth_ages(RATES, EXPOSURE, first_age=20, strength=1e-9)
    strong = smooth_ages(RATES, EXPOSURE, first_age=20, strength=1e15)
    np.testing.assert_allclose(weak.smoothed, RATES, rtol=1e-7)
    line = np.polynomial.Polynomial.fit(AGES, RATES, 1, w=np.sqrt(EXPOSURE))
    np.testing.assert_allclose(strong.smoothed, line(AGES), rtol=1e-6)
    assert strong.degrees_of_freedom == pytest.approx(2.0, abs=1e-6)


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.tuples(st.floats(-1e4, -1e-3), st.floats(1, 1e4)), min_size=4, max_size=30),
    st.floats(0.01, 1e6),
)
def test_the_total_and_the_mean_age_are_kept(
    seen: list[tuple[float, float]], strength: float
) -> None:
    rates, exposure = (np.array(column) for column in zip(*seen, strict=True))
    curve = smooth_ages(rates, exposure, strength=strength)
    for moment in (np.ones(rates.size), np.arange(rates.size)):
        was, now = (moment * exposure * rates).sum(), (moment * exposure * curve.smoothed).sum()
        assert now == pytest.approx(was, rel=1e-6, abs=1e-6)


def test_the_strength_of_its_own_has_the_greatest_restricted_likelihood() -> None:
    curve = smooth_ages(RATES, EXPOSURE, first_age=20)
    line = np.vander(AGES, 2).astype(float)
    d = np.diff(np.eye(AGES.size), n=2, axis=0)
    rough = d.T @ np.linalg.inv(d @ d.T)  # a curve is a line plus `rough` x its second differences

    def likelihood(strength: float) -> float:
        """Profile restricted likelihood of rates = line + curve + error; no penalised fit in it."""
        v = np.diag(1.0 / EXPOSURE) + rough @ rough.T / strength
        inverse = np.linalg.inv(v)
        crossed = line.T @ inverse @ line
        projected = inverse - inverse @ line @ np.linalg.solve(crossed, line.T @ inverse)
        determinants = np.linalg.slogdet(v)[1] + np.linalg.slogdet(crossed)[1]
        return float(-(AGES.size - 2) * np.log(RATES @ projected @ RATES) - determinants)

    tried = curve.strength * np.logspace(-3, 3, 61)
    best = tried[np.argmax([likelihood(float(one)) for one in tried])]
    assert best == pytest.approx(curve.strength, rel=0.01)
    assert likelihood(curve.strength) >= likelihood(1.02 * curve.strength)
    assert likelihood(curve.strength) >= likelihood(curve.strength / 1.02)


def test_the_curve_is_nearer_to_the_truth_than_what_was_seen_and_knows_how_near() -> None:
    """A standard error that is a fifth too small would cover 0.89 instead of 0.95."""
    draws = np.random.default_rng(11).normal(size=(20, AGES.size))
    covered, gained = [], []
    for noise in draws:
        rates = TRUTH + 3.0 * noise / np.sqrt(EXPOSURE)
        curve = smooth_ages(rates, EXPOSURE, first_age=20)
        seen, smooth = (EXPOSURE @ (x - TRUTH) ** 2 for x in (rates, curve.smoothed))
        covered.append(np.abs(curve.smoothed - TRUTH) <= 1.96 * curve.standard_error)
        gained.append(smooth / seen)
    assert np.mean(gained) < 0.2
    assert 0.92 < np.mean(covered) < 0.98


def test_an_age_without_exposure_is_filled_in_and_its_rate_is_not_read() -> None:
    exposure = EXPOSURE.copy()
    exposure[[0, 30, 31]] = 0.0
    rates = RATES.copy()
    rates[[0, 30, 31]] = np.nan
    curve = smooth_ages(rates, exposure, first_age=20, strength=100.0)
    other = smooth_ages(np.nan_to_num(rates, nan=7.0), exposure, first_age=20, strength=100.0)
    assert np.array_equal(curve.smoothed, other.smoothed)
    assert abs(curve.smoothed[30] - TRUTH[30]) < 0.5
    assert np.isnan(curve.observed[30])
    assert curve.standard_error[30] > curve.standard_error[29]


def test_units_of_exposure_and_money_do_not_matter() -> None:
    one = smooth_ages(RATES, EXPOSURE)
    other = smooth_ages(100.0 * RATES, 12.0 * EXPOSURE)
    np.testing.assert_allclose(other.smoothed, 100.0 * one.smoothed, rtol=1e-6)
    np.testing.assert_allclose(other.standard_error, 100.0 * one.standard_error, rtol=1e-4)


@pytest.mark.parametrize(
    ("rates", "exposure", "options", "message"),
    [
        ([1.0, 2.0], [1.0], {}, "one rate and one exposure for each of at most 300 ages"),
        ([1.0, 2.0, np.nan], [1.0, 1.0, 1.0], {}, r"rates\[2\]: got nan"),
        ([1.0, 2.0, 3.0], [1.0, -1.0, 1.0], {}, r"exposure\[1\]: got -1"),
        ([1.0, 2.0, 3.0], [1.0, 0.0, 1.0], {}, "got 2 ages with exposure; .* Lower the order"),
        ([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], {"strength": 0.0}, "strength: got 0; allowed: 1e-18"),
        ([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], {"order": 5}, "order: got 5; allowed: 1 to 4"),
    ],
)
def test_curves_that_cannot_be_drawn_are_refused(
    rates: list[float], exposure: list[float], options: dict[str, float], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        smooth_ages(rates, exposure, **options)  # type: ignore[arg-type]


def test_the_curve_answers_by_age_as_a_table_and_as_a_picture() -> None:
    curve = smooth_ages(RATES, EXPOSURE, first_age=20)
    table = curve.table()
    assert table.loc[45, "smoothed"] == curve.at(45) == curve.smoothed[25]
    with pytest.raises(InputError, match="age: got 90; allowed: 20 to 89"):
        curve.at(90)
    ax = curve.plot.rates()
    drawn = [line.get_ydata() for line in ax.get_lines()]
    assert any(np.array_equal(np.asarray(y), curve.smoothed) for y in drawn)
    plt.close(ax.figure)  # type: ignore[arg-type]


def test_a_curve_that_falls_below_zero_is_refused_with_a_way_out() -> None:
    rates, exposure = [0.02, 0.0, 0.05, 0.4, 2.0, 6.0], [900.0, 900.0, 900.0, 300.0, 20.0, 2.0]
    with pytest.raises(InputError, match=r"below 0 at 2 ages.*order=1") as caught:
        smooth_ages(rates, exposure)
    assert caught.value.faults[0].code == "below_zero"
    assert smooth_ages(rates, exposure, order=1).smoothed.min() >= 0.0


def test_ages_and_orders_are_whole_and_rates_are_numbers() -> None:
    rates, exposure = [1.0, 2.0, 3.0, 4.0], [1.0] * 4
    with pytest.raises(InputError, match="order: got 2; allowed: a whole number"):
        smooth_ages(rates, exposure, order=2.0)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"first_age: got 30\.5"):
        smooth_ages(rates, exposure, first_age=30.5)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"rates: got \(value not shown\)"):
        smooth_ages(["MEMBER-1"] * 4, exposure)

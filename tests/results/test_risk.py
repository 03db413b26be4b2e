"""Risk measures against plain definitions, NumPy, exact binomials and repeated sampling.

Source of truth: the definitions themselves (smallest x with F(x) >= p; mean of the worst 1 - p), Wilson
(1927), and the spread of estimates over many samples.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mutualfund.errors import InputError, NotEnoughPathsError
from mutualfund.results import risk

LOSSES = st.lists(st.integers(-50, 50), min_size=1, max_size=40)
LEVELS = st.integers(1, 99).map(lambda percent: percent / 100)


def smallest_reaching(losses: list[int], p: float) -> float:
    """VaR in exact fractions."""
    level = Fraction(str(p))
    for x in sorted(losses):
        if Fraction(sum(loss <= x for loss in losses), len(losses)) >= level:
            return float(x)
    raise AssertionError("the largest loss reaches every level")


def mean_of_worst(losses: list[int], p: float) -> float:
    """TVaR in exact fractions: the worst outcomes one by one until 1 - p is used up."""
    left, total = 1 - Fraction(str(p)), Fraction(0)
    for loss in sorted(losses, reverse=True):
        part = min(left, Fraction(1, len(losses)))
        total += part * loss
        left -= part
    return float(total / (1 - Fraction(str(p))))


@given(LOSSES, LEVELS)
def test_var_and_tvar_are_their_definitions(losses: list[int], p: float) -> None:
    assert risk.var(losses, p) == smallest_reaching(losses, p)
    assert risk.tvar(losses, p) == pytest.approx(mean_of_worst(losses, p), abs=1e-9)


@given(LOSSES, LEVELS)
def test_the_lower_tail_is_the_upper_tail_turned_round(amounts: list[int], p: float) -> None:
    assert risk.lower_var(amounts, p) == -smallest_reaching([-x for x in amounts], p)
    assert risk.lower_tvar(amounts, p) == pytest.approx(
        -mean_of_worst([-x for x in amounts], p), abs=1e-9
    )
    assert risk.lower_tvar(amounts, p) <= risk.lower_var(amounts, p) + 1e-9


@given(LOSSES, LEVELS, st.integers(-1000, 1000), st.integers(1, 9))
def test_tvar_is_coherent_in_shift_scale_and_order(
    losses: list[int], p: float, shift: int, scale: int
) -> None:
    moved = [scale * loss + shift for loss in losses]
    assert risk.tvar(moved, p) == pytest.approx(scale * risk.tvar(losses, p) + shift, abs=1e-7)
    assert risk.tvar(losses, p) >= risk.var(losses, p) - 1e-12
    assert risk.tvar(losses[::-1], p) == pytest.approx(risk.tvar(losses, p), abs=1e-9)


def test_a_level_such_as_seven_percent_is_not_moved_by_rounding() -> None:
    """100 x 0.07 rounds to just above 7, which would take the eighth outcome."""
    assert 100 * 0.07 > 7
    assert risk.var(range(1, 101), 0.07) == 7.0
    assert risk.var(range(1, 101), 0.29) == 29.0


def test_quantiles_agree_with_numpys_inverted_distribution_function() -> None:
    losses = np.random.default_rng(1).normal(size=997)
    for p in (0.011, 0.1, 0.5, 0.9, 0.995):
        assert risk.var(losses, p) == np.quantile(losses, p, method="inverted_cdf")


@pytest.mark.parametrize("p", [0.0, 1.0, 99, -0.1, math.nan])
def test_a_level_that_is_no_fraction_is_refused(p: float) -> None:
    with pytest.raises(InputError, match="p: got"):
        risk.var([1.0, 2.0], p)
    with pytest.raises(InputError, match="p: got"):
        risk.tvar([1.0, 2.0], p)


def test_a_percentage_is_told_what_to_write() -> None:
    with pytest.raises(InputError, match=r"For 99 % write 0\.99"):
        risk.tvar(np.arange(5000.0), 99)


def test_a_quantile_without_ten_outcomes_beyond_it_is_refused() -> None:
    losses = np.arange(999.0)
    with pytest.raises(NotEnoughPathsError, match="at least 1,000 outcomes"):
        risk.var(losses, 0.99, minimum_beyond=risk.SUPPORT)
    with pytest.raises(NotEnoughPathsError):
        risk.tvar(losses, 0.99, minimum_beyond=risk.SUPPORT)
    with pytest.raises(NotEnoughPathsError):
        risk.lower_var(losses, 0.99, minimum_beyond=risk.SUPPORT)
    with pytest.raises(NotEnoughPathsError):
        risk.require_support(999, 0.01)
    risk.require_support(1000, 0.99)
    assert risk.var(losses, 0.99) == 989.0


def test_nothing_and_not_a_number_are_refused() -> None:
    for losses in ([], [1.0, math.nan]):
        with pytest.raises(InputError, match="at least one number"):
            risk.var(losses, 0.5)


@pytest.mark.parametrize(
    "measure",
    [
        *(lambda x, f=f: f(x, 0.5) for f in (risk.var, risk.tvar, risk.lower_var, risk.lower_tvar)),
        *(lambda x, f=f: f(x, 0.5) for f in (risk.var_error, risk.tvar_error)),
        *(risk.mean_error, risk.sd, risk.sd_error),
        *(lambda x: risk.ratio_with_error(x, x[0]), lambda x: risk.ratio_with_error(x[0], x)),
    ],
)
def test_a_table_of_outcomes_is_not_taken_for_one_long_sample(
    measure: Callable[[list[list[float]]], object],
) -> None:
    """Years beside paths, put in a row, would give the tail of neither."""
    with pytest.raises(InputError, match=r"outcomes: got an array of shape \(2, 3\); .*ravel"):
        measure([[1.0, 2.0, 3.0], [40.0, 50.0, 60.0]])


@pytest.mark.parametrize(
    ("count", "n"), [(0, 50), (1, 50), (25, 50), (49, 50), (50, 50), (7, 9000)]
)
def test_wilsons_interval_is_where_the_score_test_turns(count: int, n: int) -> None:
    """Its ends p solve |count/n - p| = z sqrt(p (1 - p) / n)."""
    low, high = (float(end) for end in risk.wilson_interval(count, n))
    z = stats.norm.ppf(0.975)
    for end in (low, high):
        if 0.0 < end < 1.0:
            distance = abs(count / n - end)
            assert distance == pytest.approx(z * math.sqrt(end * (1 - end) / n), rel=1e-9)
    assert 0.0 <= low <= count / n <= high <= 1.0
    assert (low == 0.0) == (count == 0)
    assert (high == 1.0) == (count == n)


def test_wilsons_interval_agrees_with_statsmodels_and_takes_arrays() -> None:
    from statsmodels.stats.proportion import proportion_confint

    counts = np.array([0, 3, 17, 200])
    low, high = risk.wilson_interval(counts, 200, level=0.9)
    theirs = proportion_confint(counts, 200, alpha=0.1, method="wilson")
    np.testing.assert_allclose(low, theirs[0], atol=1e-15)
    np.testing.assert_allclose(high, theirs[1], atol=1e-15)


def test_a_count_outside_the_outcomes_is_refused() -> None:
    for count in (-1, 11, math.nan):
        with pytest.raises(InputError, match="0 to 10"):
            risk.wilson_interval(count, 10)


def test_the_error_of_a_probability_is_never_zero() -> None:
    assert float(risk.probability_error(0, 1000)) > 0.0
    wide = float(risk.probability_error(300, 10_000))
    assert wide == pytest.approx(math.sqrt(0.03 * 0.97 / 10_000), rel=0.01)


def estimates(measure: str) -> tuple[np.ndarray, np.ndarray]:
    """Each measure and its stated error over 1,500 samples of 2,000 lognormal losses, seed fixed."""
    rng = np.random.default_rng(2026)
    found, errors = [], []
    for _ in range(1500):
        losses = rng.lognormal(0.0, 0.8, size=2000)
        if measure == "mean":
            found.append(losses.mean())
            errors.append(risk.mean_error(losses))
        elif measure == "sd":
            found.append(losses.std(ddof=1))
            errors.append(risk.sd_error(losses))
        elif measure == "var":
            found.append(risk.var(losses, 0.95))
            errors.append(risk.var_error(losses, 0.95))
        else:
            found.append(risk.tvar(losses, 0.95))
            errors.append(risk.tvar_error(losses, 0.95))
    return np.array(found), np.array(errors)


@pytest.mark.parametrize("measure", ["mean", "sd", "var", "tvar"])
def test_stated_errors_are_the_spread_over_repeated_samples(measure: str) -> None:
    """1,500 repetitions know the spread to 1.8 %; the bound of 9 % is five of those errors."""
    found, errors = estimates(measure)
    spread = found.std(ddof=1)
    middle = math.sqrt(float(np.mean(errors**2)))
    # The fourth moment of a lognormal is itself uncertain at 2,000 losses, so sd gets twice the room.
    assert middle == pytest.approx(spread, rel=0.18 if measure == "sd" else 0.09)


def test_one_outcome_says_nothing_of_its_error() -> None:
    assert math.isnan(risk.mean_error([3.0]))
    assert math.isnan(risk.sd_error([3.0]))
    assert math.isnan(risk.sd_error([3.0, 3.0]))
    assert math.isnan(risk.tvar_error([3.0], 0.5))

"""The bootstrap: the kernel against a twin in plain Python, its parts against closed results.

Sources of truth: `slow_replicate`, written from the method's words with NumPy's copy of the generator;
the hat matrix by its definition; scipy's normal and gamma laws; the analytic over-dispersed Poisson errors.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special, stats

from claims.reserving.triangles import printed, seen, unequal
from mutualfund import rng
from mutualfund._jit import kernel
from mutualfund.claims.reserving import Bootstrap, BootstrapReserve, OverDispersedPoisson, Triangle
from mutualfund.claims.reserving.bootstrap import leverage, scaled_residuals
from mutualfund.claims.reserving.normals import normal_quantile
from mutualfund.claims.reserving.sources import fitted_amounts
from mutualfund.errors import InputError, NotEnoughPathsError
from mutualfund.types import FloatArray, UIntArray


def words(c0: int, c1: int, c2: int, key: tuple[int, int]) -> tuple[int, int, int, int]:
    """One block of the generator."""
    counter = [np.array([word], np.uint64) for word in (c0, c1, c2, 0)]
    return tuple(rng.philox(*counter, *key)[0].tolist())


def as_unit(low: int, high: int) -> float:
    return (((low | high << 32) >> 11) + 0.5) * 2.0**-53


def slow_gamma(shape: float, cell: int, replicate: int, key: tuple[int, int]) -> float:
    boost = 1.0
    if shape < 1.0:
        boost = as_unit(*words(cell, 0xFFFFFFFF, replicate, key)[:2]) ** (1.0 / shape)
        shape += 1.0
    d = shape - 1.0 / 3.0
    for attempt in range(1000):
        block = words(cell, attempt, replicate, key)
        x = float(special.ndtri(as_unit(*block[:2])))
        v = (1.0 + x / math.sqrt(9.0 * d)) ** 3
        if v > 0.0 and math.log(as_unit(*block[2:])) < 0.5 * x * x + d * (1.0 - v + math.log(v)):
            return d * v * boost
    raise AssertionError("no attempt was taken")


def slow_replicate(
    triangle: Triangle, seed: int, number: int, by_cell: bool
) -> tuple[list[float], list[float], list[float]]:
    """Estimates and outcomes by origin, and payments by coming period."""
    fit = OverDispersedPoisson().fit(triangle)
    residuals = scaled_residuals(triangle, fit)
    fitted = np.diff(fitted_amounts(triangle, fit.pattern), axis=1, prepend=0.0)
    keys = [rng.stream_key(seed, f"reserving:{name}") for name in ("residuals", "payments")]
    redrawn = np.full(triangle.cumulative.shape, np.nan)
    drawn = 0
    for row, age in enumerate(triangle.ages):
        for column in range(age + 1):
            word = words(drawn // 4, 0, number, keys[0])[drawn % 4]
            residual = residuals[word * residuals.size >> 32]
            redrawn[row, column] = fitted[row, column] + residual * math.sqrt(fitted[row, column])
            drawn += 1
    amounts = redrawn.cumsum(axis=1)
    estimates, outcomes = np.zeros(triangle.n_origins), np.zeros(triangle.n_origins)
    comes, falls = np.zeros(triangle.n_origins), np.zeros(triangle.n_origins)
    coming = np.zeros(triangle.n_ages - 1)

    def paid(mean: float, cell: int) -> float:
        size = slow_gamma(abs(mean) / fit.dispersion, cell, number, keys[1])
        return math.copysign(fit.dispersion * size, mean)

    for step in range(triangle.n_ages - 1):
        shown = triangle.ages > step
        growth = amounts[shown, step + 1].sum() / amounts[shown, step].sum()
        for row in np.flatnonzero(~shown):
            mean = amounts[row, step] * (growth - 1.0)
            amounts[row, step + 1] = amounts[row, step] + mean
            estimates[row] += mean
            (comes if mean > 0.0 else falls)[row] += mean
            if by_cell:
                payment = paid(mean, row << 16 | step + 1)
                outcomes[row] += payment
                coming[step - triangle.ages[row]] += payment
    if not by_cell:
        for part, sums in enumerate((comes, falls)):
            outcomes += [paid(x, row << 16 | part) if x else 0.0 for row, x in enumerate(sums)]
    return estimates.tolist(), outcomes.tolist(), coming.tolist()


@pytest.mark.parametrize(
    "triangle",
    [unequal(), printed("taylor_ashe"), printed("raa")],
    ids=["tall", "square", "falling"],
)
@pytest.mark.parametrize("payments", ["by_cell", "by_origin"])
def test_the_kernel_equals_its_twin(triangle: Triangle, payments: str) -> None:
    found = Bootstrap(replicates=12, seed=2**63 + 5, payments=payments).fit(triangle)
    for number in (0, 4, 11):
        by_cell = payments == "by_cell"
        estimates, outcomes, coming = slow_replicate(triangle, 2**63 + 5, number, by_cell)
        assert found.estimates[number] == pytest.approx(estimates, rel=1e-11, abs=1e-9)
        assert found.outcomes[number] == pytest.approx(outcomes, rel=1e-9, abs=1e-9)
        if by_cell:
            assert found.payments[number] == pytest.approx(coming, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("triangle", [printed("raa"), unequal()], ids=["raa", "tall"])
def test_leverage_is_the_diagonal_of_the_hat_matrix(triangle: Triangle) -> None:
    fit = OverDispersedPoisson().fit(triangle)
    rows, columns = np.nonzero(triangle.known)
    design = np.hstack([np.eye(triangle.n_origins)[rows], np.eye(triangle.n_ages)[columns][:, 1:]])
    means = np.diff(fitted_amounts(triangle, fit.pattern), axis=1, prepend=0.0)[triangle.known]
    basis, _ = np.linalg.qr(np.sqrt(means)[:, None] * design)
    hat = (basis**2).sum(axis=1)
    found = leverage(triangle, fit)[triangle.known]
    assert found == pytest.approx(hat, rel=1e-7)
    assert found.sum() == pytest.approx(triangle.n_origins + triangle.n_ages - 1)


def test_residuals_are_centred_and_of_the_dispersions_size() -> None:
    """Each has the variance phi, so their mean square is near it: within half, over 53 of them."""
    triangle = printed("taylor_ashe")
    fit = OverDispersedPoisson().fit(triangle)
    residuals = scaled_residuals(triangle, fit)
    assert residuals.size == 55 - 2  # the two corners are fitted exactly
    assert residuals.mean() == pytest.approx(0.0, abs=1e-9)
    assert 0.5 < np.mean(residuals**2) / fit.dispersion < 1.5


@kernel
def many_quantiles(chance: FloatArray, out: FloatArray) -> None:
    for place in range(chance.size):
        out[place] = normal_quantile(chance[place])


def test_normal_quantiles_are_right_to_fifteen_figures() -> None:
    far = 10.0 ** -np.arange(1.0, 17.0)
    chance = np.concatenate([np.random.default_rng(1).random(2000), far, 1.0 - far[:15]])
    found = np.empty_like(chance)
    many_quantiles(chance, found)
    assert found == pytest.approx(special.ndtri(chance), rel=4e-15)


@pytest.mark.parametrize("payments", ["by_cell", "by_origin"])
@pytest.mark.parametrize(
    ("triangle", "origins"),
    [(unequal(), slice(2, 6)), (printed("raa"), slice(1, 2))],
    ids=["large shapes", "shapes mostly below 1"],
)
def test_payments_are_gammas(triangle: Triangle, origins: slice, payments: str) -> None:
    """Given the estimates, an origin's outcome over the dispersion is a gamma with their ratio as its shape.

    Kolmogorov-Smirnov on 3,000 replicates sees a distribution wrong by 0.04 at one in ten thousand.
    """
    found = Bootstrap(replicates=3000, seed=3, payments=payments).fit(triangle)
    shape = np.abs(found.estimates[:, origins]) / found.dispersion
    assert np.median(shape) > 10.0 if origins.start == 2 else np.median(shape) < 0.5
    chance = stats.gamma(shape).cdf(np.abs(found.outcomes[:, origins]) / found.dispersion)
    for column in chance.T:
        assert stats.kstest(column, "uniform").pvalue > 1e-4


@pytest.mark.parametrize("payments", ["by_cell", "by_origin"])
def test_what_is_taken_back_widens_the_error_whichever_way_it_is_drawn(payments: str) -> None:
    """Payments about the estimate spread by the process error stated, within five errors of 12,000 of them.

    Many replicates of RAA's triangle fall at late ages. A gamma for an origin's net sum would spread less
    than its cells do: by a fifth in the variance of two origins, which is seven errors.
    """
    found = Bootstrap(replicates=12_000, seed=6, payments=payments).fit(printed("raa"))
    net = found.dispersion * np.abs(found.estimates).mean(axis=0)
    assert (net[2:4] < 0.83 * found.process_variance[2:4]).all()
    missed = (found.outcomes - found.estimates)[:, 1:] ** 2
    error = missed.std(axis=0) / np.sqrt(12_000)
    assert (np.abs(missed.mean(axis=0) - found.process_variance[1:]) < 5 * error).all()


def test_errors_are_near_the_analytic_ones() -> None:
    """Five standard errors of a standard deviation over 20,000 replicates are 2.5 %; a refitted model is no
    linear function of the payments, which adds a little."""
    triangle = printed("taylor_ashe")
    analytic = OverDispersedPoisson().fit(triangle)
    found = Bootstrap(replicates=20_000, seed=1, payments="by_origin").fit(triangle)
    assert found.total_parameter_error == pytest.approx(analytic.total_parameter_error, rel=0.04)
    assert found.total_process_error == pytest.approx(analytic.total_process_error, rel=0.02)
    assert found.totals.std() == pytest.approx(found.total_standard_error, rel=0.025)
    assert found.standard_error[1:] == pytest.approx(analytic.standard_error[1:], rel=0.12)
    assert found.total_ibnr == analytic.total_ibnr < found.mean < 1.02 * analytic.total_ibnr


def test_threads_change_nothing_and_the_seed_everything() -> None:
    triangle = unequal()
    one, four = (Bootstrap(replicates=101, seed=9, workers=n).fit(triangle) for n in (1, 4))
    more = Bootstrap(replicates=150, seed=9).fit(triangle)
    other = Bootstrap(replicates=101, seed=10).fit(triangle)
    for name in ("estimates", "outcomes", "payments"):
        assert np.array_equal(getattr(one, name), getattr(four, name))
        assert np.array_equal(getattr(one, name), getattr(more, name)[:101])
        assert not np.any(getattr(one, name)[:, -1] == getattr(other, name)[:, -1])


def test_payments_by_period_add_up_to_outcomes_by_origin() -> None:
    found = Bootstrap(replicates=50, seed=2).fit(unequal())
    assert found.payments.sum(axis=1) == pytest.approx(found.totals)
    nothing = Bootstrap(replicates=50, seed=2, payments="none").fit(unequal())
    assert np.array_equal(nothing.estimates, found.estimates)
    assert np.array_equal(nothing.outcomes, nothing.estimates)
    assert nothing.total_process_error == 0.0


def test_a_quantile_has_ten_replicates_beyond_it() -> None:
    found = Bootstrap(replicates=200, seed=2).fit(unequal())
    assert found.quantile(0.95) == np.sort(found.totals)[189]
    with pytest.raises(NotEnoughPathsError, match="ten replicates"):
        found.quantile(0.96)
    with pytest.raises(InputError, match="level"):
        found.quantile(95)
    assert isinstance(found, BootstrapReserve)


def thin() -> Triangle:
    whole = (
        np.array([[1.0, 9.0, 90.0], [0.5, 30.0, 31.0], [2.0, 3.0, 60.0], [1.0, 2.0, 3.0]]) * 10.0
    )
    return Triangle.from_array(seen(whole), first_origin=unequal().first_origin)


@pytest.mark.parametrize(
    ("triangle", "code"),
    [
        (thin(), "thin_triangle"),
        (
            Triangle.from_array([[5.0, 6.0], [3.0, None]], first_origin=unequal().first_origin),
            "no_freedom",
        ),
    ],
    ids=["thin", "no freedom"],
)
def test_a_triangle_too_thin_to_be_redrawn_is_refused(triangle: Triangle, code: str) -> None:
    with pytest.raises(InputError) as caught:
        Bootstrap(replicates=500, seed=1).fit(triangle)
    assert [fault.code for fault in caught.value.faults] == [code]


@pytest.mark.parametrize(
    "bad",
    [
        {"replicates": 1},
        {"replicates": 10.5},
        {"replicates": "10"},
        {"seed": -1},
        {"seed": 2**64},
        {"seed": 1.5},
        {"payments": "all"},
        {"workers": 0},
        {"workers": 1.5},
    ],
)
def test_a_bootstrap_that_makes_no_sense_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        Bootstrap(**bad)
    assert [fault.field for fault in caught.value.faults] == list(bad)


def test_results_cannot_be_written_into() -> None:
    found = Bootstrap(replicates=5, seed=1).fit(unequal())
    for name in ("ultimate", "estimates", "outcomes", "payments"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(found, name)[0] = 1.0


def test_streams_of_residuals_and_payments_differ() -> None:
    """The two streams have keys of their own (docs/streams.md)."""
    keys: list[UIntArray | tuple[int, int]] = [
        rng.stream_key(1, f"reserving:{name}") for name in ("residuals", "payments")
    ]
    assert keys[0] != keys[1]

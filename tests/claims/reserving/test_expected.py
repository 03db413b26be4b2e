"""The methods of one pattern and a prior, and their errors.

Sources of truth: England and Verrall (2002) and Renshaw and Verrall (1998) on the Taylor-Ashe triangle;
statsmodels' generalised linear model; derivatives by finite differences of the methods themselves.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm

from claims.reserving.triangles import printed, unequal
from mutualfund.claims.reserving import (
    Benktander,
    Bootstrap,
    BornhuetterFerguson,
    CapeCod,
    ChainLadder,
    CompletionFactors,
    ConstantTail,
    LinkRatios,
    Mack,
    MerzWuethrich,
    OverDispersedPoisson,
    Reserve,
    Triangle,
)
from mutualfund.claims.reserving.sources import Sources, fitted_amounts
from mutualfund.errors import InputError
from mutualfund.types import FloatArray, IntArray


def test_the_errors_that_england_and_verrall_printed() -> None:
    """BAJ 8 (2002): prediction errors in per cent of the reserve, and 2,946 thousand in total."""
    fit = OverDispersedPoisson().fit(printed("taylor_ashe"))
    shares = [116, 46, 37, 31, 26, 23, 20, 24, 43]
    assert (100 * fit.standard_error[1:] / fit.ibnr[1:]).round().tolist() == shares
    assert round(fit.total_standard_error / 1000) == 2946
    assert round(100 * fit.total_standard_error / fit.total_ibnr) == 16


def factors(triangle: Triangle, rows: IntArray, columns: IntArray) -> FloatArray:
    """A column an origin and one for each age after the first."""
    ages = np.eye(triangle.n_ages)[columns][:, 1:]
    return np.hstack([np.eye(triangle.n_origins)[rows], ages])


def by_statsmodels(triangle: Triangle) -> tuple[float, FloatArray, FloatArray]:
    """Dispersion, reserves and (process + parameter) covariance of reserves from a GLM with a log link."""
    known = triangle.known
    rows, columns = np.nonzero(known)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # negative payments, which the quasi-likelihood allows
        fit = sm.GLM(
            triangle.incremental[known],
            factors(triangle, rows, columns),
            family=sm.families.Poisson(),
        ).fit(scale="X2", tol=1e-13, maxiter=200)
    later_rows, later_columns = np.nonzero(~known)
    later = factors(triangle, later_rows, later_columns)
    means = np.exp(later @ fit.params)
    by_origin = np.eye(triangle.n_origins)[:, later_rows]
    slope = by_origin @ (means[:, None] * later)
    parameter = slope @ fit.cov_params() @ slope.T
    return fit.scale, by_origin @ means, parameter + fit.scale * np.diag(by_origin @ means)


@pytest.mark.parametrize(
    "triangle", [printed("raa"), unequal()], ids=["raa", "more origins than ages"]
)
def test_the_closed_errors_are_those_of_the_generalised_linear_model(triangle: Triangle) -> None:
    fit = OverDispersedPoisson().fit(triangle)
    scale, reserves, covariance = by_statsmodels(triangle)
    assert fit.dispersion == pytest.approx(scale, rel=1e-6)
    assert fit.ibnr == pytest.approx(reserves, rel=1e-6, abs=1e-6)
    assert fit.standard_error == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-5, abs=1e-6)
    assert fit.total_standard_error == pytest.approx(np.sqrt(covariance.sum()), rel=1e-5)


def by_differences(method: Any, triangle: Triangle) -> tuple[FloatArray, FloatArray]:
    """Covariance of the estimates, and of the payments expected until the next two ages.

    Each payment is moved alone, at the amounts that the pattern fits.
    """
    centre: Reserve = method.fit(triangle)
    fitted = np.where(triangle.known, fitted_amounts(triangle, centre.pattern), np.nan)
    payments = np.diff(fitted, axis=1, prepend=0.0)
    size = triangle.n_origins
    covariance = np.zeros((2 * size, 2 * size))
    for row, column in np.argwhere(triangle.known):
        step = 1e-4 * payments[row, column]
        moved = []
        for sign in (1.0, -1.0):
            changed = payments.copy()
            changed[row, column] += sign * step
            again = method.fit(replace(triangle, cumulative=changed.cumsum(axis=1)))
            moved.append(np.append(again.ibnr, again.expected_by(triangle.ages + 2)))
        slope = (moved[0] - moved[1]) / (2.0 * step)
        covariance += centre.dispersion * payments[row, column] * np.outer(slope, slope)
    return covariance[:size, :size], covariance[size:, size:]


def check_against_differences(method: Any, triangle: Triangle) -> None:
    found = method.fit(triangle)
    to_the_end, of_two = by_differences(method, triangle)
    next_two = found.next_payments.until(triangle.ages + 2)
    for one, other in (
        (found.parameter_covariance, to_the_end),
        (next_two.parameter_covariance, of_two),
    ):
        assert one == pytest.approx(other, rel=1e-5, abs=1e-6 * one.max())
    assert next_two.process_variance == pytest.approx(found.dispersion * np.abs(next_two.mean))


METHODS = [
    ChainLadder(),
    ChainLadder(LinkRatios(average="simple")),
    ChainLadder(LinkRatios(latest=2)),
    ChainLadder(LinkRatios(exclude=(("2019", 1), ("2020", 2)))),
    BornhuetterFerguson(80.0),
    Benktander(80.0),
    Benktander(80.0, iterations=4),
    CapeCod(),
    CapeCod(decay=0.7),
    CapeCod(link_ratios=LinkRatios(average="simple", tail=1.1)),
]


@pytest.mark.parametrize(
    "method",
    [
        ChainLadder(),
        OverDispersedPoisson(),
        Bootstrap(),
        Mack(),
        MerzWuethrich(),
        CompletionFactors(),
    ],
    ids=lambda method: type(method).__name__,
)
def test_what_is_no_triangle_is_called_that(method: Any) -> None:
    for bad in (unequal().to_pandas(), [[1.0, 2.0], [1.0, None]], Triangle):
        with pytest.raises(InputError, match=r"a Triangle, as Triangle\.from_frame"):
            method.fit(bad)


@pytest.mark.parametrize(
    "method",
    [ChainLadder, Mack, CapeCod, partial(BornhuetterFerguson, 0.5), partial(Benktander, 0.5)],
    ids=str,
)
def test_what_is_no_selection_of_link_ratios_is_refused_at_once(method: Any) -> None:
    with pytest.raises(InputError, match="link_ratios: got a str"):
        method(link_ratios="simple")


@pytest.mark.parametrize("method", METHODS, ids=str)
def test_parameter_errors_are_the_estimates_own_derivatives(method: Any) -> None:
    check_against_differences(method, unequal())


def test_an_unsure_prior_and_an_unsure_tail_add_what_they_should() -> None:
    triangle = unequal()
    sure = BornhuetterFerguson(80.0).fit(triangle)
    unsure = BornhuetterFerguson(80.0, ratio_cv=0.1).fit(triangle)
    added = unsure.parameter_covariance - sure.parameter_covariance
    assert added == pytest.approx(0.01 * np.outer(sure.ibnr, sure.ibnr), rel=1e-9, abs=1e-9)
    tail = LinkRatios(tail=ConstantTail(1.1, standard_error=0.03))
    with_tail = ChainLadder(tail).fit(triangle)
    without = ChainLadder(LinkRatios(tail=1.1)).fit(triangle)
    added = with_tail.parameter_covariance - without.parameter_covariance
    expected = (0.03 / 1.1) ** 2 * np.outer(with_tail.ultimate, with_tail.ultimate)
    assert added == pytest.approx(expected, rel=1e-9)


def test_priors_by_hand() -> None:
    """Shares known 1, 1, ...: worked from the pattern that the chain ladder shows."""
    triangle = unequal()
    chain = ChainLadder().fit(triangle)
    share, paid, exposed = chain.pattern.share[triangle.ages], triangle.latest, triangle.exposure
    assert exposed is not None
    bf = [(1 - z) * 80.0 * e for z, e in zip(share, exposed, strict=True)]
    assert BornhuetterFerguson(80.0).fit(triangle).ibnr == pytest.approx(bf, abs=1e-9)
    ratio = sum(paid) / sum(z * e for z, e in zip(share, exposed, strict=True))
    assert CapeCod().expected_ratios(triangle) == pytest.approx(6 * [ratio])
    second = [(1 - z) * (p + r) for z, p, r in zip(share, paid, bf, strict=True)]
    assert Benktander(80.0).fit(triangle).ibnr == pytest.approx(second, abs=1e-9)
    near = [
        sum(p * 0.5 ** abs(i - j) for j, p in enumerate(paid))
        / sum(
            e * z * 0.5 ** abs(i - j) for j, (e, z) in enumerate(zip(exposed, share, strict=True))
        )
        for i in range(6)
    ]
    assert CapeCod(decay=0.5).expected_ratios(triangle) == pytest.approx(near)


def test_many_rounds_are_the_chain_ladder_and_one_is_bornhuetter_ferguson() -> None:
    triangle = unequal()
    chain = ChainLadder().fit(triangle)
    many = Benktander(80.0, iterations=400).fit(triangle)
    assert many.ultimate == pytest.approx(chain.ultimate)
    assert many.parameter_covariance == pytest.approx(
        chain.parameter_covariance, rel=1e-6, abs=1e-6
    )
    one, bf = Benktander(80.0, iterations=1).fit(triangle), BornhuetterFerguson(80.0).fit(triangle)
    assert one.ultimate.tolist() == bf.ultimate.tolist()


@pytest.mark.parametrize("method", [BornhuetterFerguson(0.6), Benktander(0.6), CapeCod()])
def test_a_prior_needs_exposure(method: Any) -> None:
    with pytest.raises(InputError, match=r"triangle\.exposure"):
        method.fit(printed("raa"))


@pytest.mark.parametrize("ratio", [[0.6, 0.7], "high", -0.1])
def test_an_expected_ratio_is_one_number(ratio: Any) -> None:
    for method in (BornhuetterFerguson, Benktander):
        with pytest.raises(InputError, match="expected_ratio: got"):
            method(ratio)
    with pytest.raises(InputError, match="decay: got"):
        CapeCod(decay=ratio)


def test_rounds_are_counted_in_whole_numbers() -> None:
    with pytest.raises(InputError, match="iterations: got"):
        Benktander(0.6, iterations=2.5)  # type: ignore[arg-type]


def test_an_age_that_is_paid_back_on_balance_has_no_poisson_model() -> None:
    triangle = Triangle.from_array([[5.0, 4.0], [3.0, None]], first_origin=unequal().first_origin)
    with pytest.raises(InputError, match="age 2 that add up to less than 0"):
        OverDispersedPoisson().fit(triangle)
    assert ChainLadder().fit(triangle).ultimate.tolist() == [4.0, pytest.approx(2.4)]


def test_what_comes_and_is_taken_back_again_spreads_both_times() -> None:
    """Amounts rise at age 3 and fall at age 4: little on balance, but two payments, each over-dispersed."""
    rows = [
        [50.0, 100, 125, 100],
        [60, 130, 150, None],
        [50, 100, None, None],
        [40, None, None, None],
    ]
    triangle = Triangle.from_array(rows, first_origin=unequal().first_origin)
    reserve = ChainLadder(LinkRatios(tail=1.1)).fit(triangle)
    two, three = reserve.pattern.link_ratios[1:]
    assert three < 1.0 < two
    steps = 100.0 * np.diff([1.0, two, two * three, two * three * 1.1])
    assert reserve.process_variance[2] == pytest.approx(reserve.dispersion * np.abs(steps).sum())
    until = reserve.next_payments.until(triangle.ages + 2)
    assert until.process_variance[2] == pytest.approx(reserve.dispersion * np.abs(steps[:2]).sum())


def test_two_origins_leave_no_degree_of_freedom_and_no_error() -> None:
    triangle = Triangle.from_array([[5.0, 6.0], [3.0, None]], first_origin=unequal().first_origin)
    reserve = ChainLadder().fit(triangle)
    assert reserve.total_ibnr == pytest.approx(0.6)
    assert np.isnan(reserve.total_standard_error)
    with pytest.raises(InputError, match="interval"):
        reserve.interval()


@pytest.mark.parametrize("average", ["simple", "medial"])
@pytest.mark.parametrize("latest", [0.0, -5.0])
def test_an_origin_that_stands_at_nothing_does_not_hide_the_error(
    average: Any, latest: float
) -> None:
    """Fitted amounts of the origin 2020 are not above 0, so its links count with the amounts observed.

    Its payments were taken back, from 20 and 36: of the first ratio, phi x f (f - 1) x sum of w^2 C.
    """
    rows = [
        [10.0, 30, 33, 34],
        [20, 36, latest, None],
        [12, 26, None, None],
        [15, None, None, None],
    ]
    triangle = Triangle.from_array(rows, first_origin=unequal().first_origin)
    pattern = LinkRatios(average=average).of(triangle)
    reserve = ChainLadder(LinkRatios(average=average)).fit(triangle)
    assert np.isfinite(reserve.standard_error).all()
    assert reserve.total_standard_error > 0.0
    fitted = fitted_amounts(triangle, pattern)[:, 0]
    before = np.where(fitted > 0.0, fitted, [10.0, 20.0, 12.0, 15.0])[pattern.used[:, 0]]
    f = pattern.link_ratios[0]
    of_first = reserve.dispersion * f * (f - 1) * np.mean(1.0 / before) / before.size
    sources = Sources.of(triangle, pattern)
    assert sources.variance[triangle.n_origins] == pytest.approx(of_first)


@pytest.mark.parametrize("method", [*METHODS, Mack(), OverDispersedPoisson()], ids=str)
def test_all_methods_answer_to_the_same_names(method: Any) -> None:
    reserve = method.fit(unequal())
    table = reserve.summary()
    assert reserve.ultimate == pytest.approx(reserve.ibnr + unequal().latest)
    assert reserve.total_ibnr == pytest.approx(reserve.ibnr.sum())
    assert reserve.standard_error.shape == (6,)
    assert 0.0 < reserve.total_standard_error < np.inf
    assert table.loc["total", "ibnr"] == pytest.approx(reserve.total_ibnr)
    assert table["standard error"].tolist() == pytest.approx(
        [*reserve.standard_error, reserve.total_standard_error]
    )
    low, high = reserve.interval(0.9)
    assert low < reserve.total_ibnr < high
    assert reserve.plot.ibnr().get_title(loc="left") == "Still to come"


def test_the_interval_has_the_reserves_mean_and_error() -> None:
    """The lognormal's own quantiles, from scipy."""
    from scipy import stats

    reserve = Mack().fit(printed("taylor_ashe"))
    sigma = np.sqrt(np.log1p((reserve.total_standard_error / reserve.total_ibnr) ** 2))
    law = stats.lognorm(sigma, scale=reserve.total_ibnr * np.exp(-0.5 * sigma**2))
    assert reserve.interval(0.9) == pytest.approx((law.ppf(0.05), law.ppf(0.95)))

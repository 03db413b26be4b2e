"""Ages in which nothing is paid, as where everything is settled within some months: they change no method.

Sources of truth: the same triangle without them; Pearson's chi-squared over the payments alone; money itself,
which is the same in any unit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from claims.reserving.triangles import monthly, seen
from mutualfund.claims.reserving import (
    Benktander,
    Bootstrap,
    BornhuetterFerguson,
    CapeCod,
    ChainLadder,
    CompletionFactors,
    LinkRatios,
    Mack,
    MerzWuethrich,
    OverDispersedPoisson,
    Triangle,
    sigma_squared,
)
from mutualfund.errors import InputError
from mutualfund.types import FloatArray

MEMBERS = 100.0 + np.arange(12.0) ** 1.5


def paid_within(months: int, empty: tuple[int, ...] = (), size: int = 12) -> FloatArray:
    """(size, size) cumulative: all is paid within some months, to the cent, and nothing at the empty ages."""
    rng = np.random.default_rng(4)
    payments = np.zeros((size, size))
    means = 100.0 * 0.5 ** np.arange(months)
    payments[:, :months] = np.round(rng.gamma(means / 5.0, 5.0, (size, months)), 2)
    payments[:, list(empty)] = 0.0
    return payments.cumsum(axis=1)


LATE = monthly(seen(paid_within(4)), MEMBERS)
BETWEEN = monthly(seen(paid_within(7, empty=(2, 5))), MEMBERS)
METHODS = [
    ChainLadder(),
    ChainLadder(LinkRatios(average="simple")),
    ChainLadder(LinkRatios(average="medial", latest=4)),
    OverDispersedPoisson(),
    Bootstrap(replicates=50, seed=1),
    BornhuetterFerguson(2.0),
    Benktander(2.0),
    CapeCod(),
    Mack(),
    Mack(last_sigma="log_linear"),
    MerzWuethrich(),
    CompletionFactors(),
    CompletionFactors(window=4, prior_months=2, trailing=5),
]


@pytest.mark.parametrize("method", METHODS, ids=str)
@pytest.mark.parametrize("triangle", [LATE, BETWEEN], ids=["late", "between"])
def test_the_unit_of_money_changes_no_estimate_and_no_error(
    method: Any, triangle: Triangle
) -> None:
    """An age without a payment has the ratio 1; in some units rounding would make it 1 + 2e-16."""
    plain = method.fit(triangle)
    assert plain.total_standard_error > 0.0
    for unit in (0.1, 7.0, 100.0):
        exposure = MEMBERS * unit if "Factors" not in plain.method else MEMBERS
        found = method.fit(monthly(triangle.cumulative * unit, exposure))
        for name in ("ultimate", "standard_error", "parameter_error"):
            expected = unit * getattr(plain, name)
            assert getattr(found, name) == pytest.approx(expected, rel=1e-9, abs=1e-9)


NOT_ON_A_LINE = [
    method
    for method in METHODS
    if not isinstance(method, Bootstrap | MerzWuethrich) and method != Mack(last_sigma="log_linear")
]


@pytest.mark.parametrize("method", NOT_ON_A_LINE, ids=str)
def test_late_ages_without_a_payment_change_nothing(method: Any) -> None:
    long, short = method.fit(LATE), method.fit(monthly(LATE.cumulative[:, :4], MEMBERS))
    assert long.ultimate == pytest.approx(short.ultimate, rel=1e-12)
    assert long.standard_error == pytest.approx(short.standard_error, rel=1e-9, abs=1e-12)
    assert long.total_standard_error == pytest.approx(short.total_standard_error, rel=1e-9)


@pytest.mark.parametrize(("triangle", "ages"), [(LATE, 4), (BETWEEN, 5)], ids=["late", "between"])
def test_only_ages_with_payments_are_degrees_of_freedom(triangle: Triangle, ages: int) -> None:
    fit = OverDispersedPoisson().fit(triangle)
    share = np.append(0.0, fit.pattern.share)
    expected = (triangle.latest / fit.pattern.share[triangle.ages])[:, None] * np.diff(share)
    cells = triangle.known & (expected > 0.0)
    missed = (triangle.incremental - expected)[cells]
    pearson = (missed**2 / expected[cells]).sum() / (cells.sum() - 12 - ages + 1)
    assert fit.dispersion == pytest.approx(pearson, rel=1e-9)


def test_the_bootstrap_pays_nothing_at_an_age_without_a_payment() -> None:
    found = Bootstrap(replicates=2000, seed=5).fit(LATE)
    analytic = OverDispersedPoisson().fit(LATE)
    assert not found.outcomes[:, :9].any() and found.outcomes[:, 9:].any(axis=0).all()
    assert not found.payments[:, 3:].any()
    # Five standard errors of a standard deviation over 2,000 replicates are 8 %.
    assert found.totals.std() == pytest.approx(analytic.total_standard_error, rel=0.08)


@pytest.mark.parametrize("method", METHODS, ids=str)
def test_a_last_digit_is_no_payment(method: Any) -> None:
    """0.1 + 0.2 is not 0.3 in binary: sums of the same payments differ by as little, up and down."""
    amounts = paid_within(7, empty=(2, 5))
    amounts[:, 2] = np.nextafter(amounts[:, 1], np.tile([0.0, np.inf, np.inf], 4))
    amounts[:, 5] = np.nextafter(amounts[:, 4], 0.0)
    assert np.diff(amounts)[:, [1, 4]].all()
    plain, found = method.fit(BETWEEN), method.fit(monthly(seen(amounts), MEMBERS))
    assert found.ultimate == pytest.approx(plain.ultimate, rel=1e-12)
    assert found.standard_error == pytest.approx(plain.standard_error, rel=1e-9, abs=1e-9)


def test_an_age_without_a_payment_is_not_on_the_line_of_the_variances() -> None:
    triangle = BETWEEN
    found = sigma_squared(triangle, LinkRatios().of(triangle), "log_linear")
    assert not found[[1, 4, 6, 7, 8, 9]].any()
    ages = np.array([0.0, 2.0, 3.0, 5.0])
    slope, level = np.polyfit(ages, np.log(found[ages.astype(int)]), 1)
    assert found[10] == pytest.approx(np.exp(level + 10 * slope))


def test_an_empty_age_says_nothing_of_the_spread_of_the_age_after_it() -> None:
    """Ages 0, 1 and 3 have two links, age 2 has no payment, age 4 one link: min(s1^2/s0, s0, s1) by hand.

    Where the age after it is as empty, nothing is to come of it, and its variance stays 0.
    """
    amounts = np.array(
        [
            [10.0, 30.0, 33.0, 33.0, 36.0],
            [20.0, 30.0, 36.0, 36.0, np.nan],
            [10.0, 20.0, 21.0, np.nan, np.nan],
            [40.0, 50.0, np.nan, np.nan, np.nan],
            [30.0, np.nan, np.nan, np.nan, np.nan],
        ]
    )
    ratios = 3.0, 1.5, 2.0, 1.25
    growth = 50.0 / 80.0
    first = (
        sum(w * (r - 1.0 - growth) ** 2 for w, r in zip((10, 20, 10, 40), ratios, strict=True)) / 3
    )
    growth = 10.0 / 80.0
    second = (
        sum(w * (g - growth) ** 2 for w, g in zip((30, 30, 20), (0.1, 0.2, 0.05), strict=True)) / 2
    )
    triangle = monthly(amounts, MEMBERS[:5])
    pattern = LinkRatios().of(triangle)
    expected = [first, second, 0.0, second**2 / first]
    assert sigma_squared(triangle, pattern) == pytest.approx(expected)
    for method in (Mack(), MerzWuethrich(), CompletionFactors()):
        reserve = method.fit(triangle)
        assert ((reserve.ibnr > 0.0) == (reserve.standard_error > 0.0)).all()
    amounts[0, 4] = 33.0
    quiet = monthly(amounts, MEMBERS[:5])
    assert sigma_squared(quiet, LinkRatios().of(quiet))[3] == 0.0


def test_payments_that_no_measured_age_knows_have_no_spread() -> None:
    """The only age with a payment has one link: no error can be stated, least of all 0."""
    triangle = monthly(
        seen(np.array([[5.0, 5, 5, 7], [6, 6, 6, 6], [7, 7, 7, 7], [8, 8, 8, 8]])), MEMBERS[:4]
    )
    with pytest.raises(InputError, match="payments only at ages with one link"):
        Mack().fit(triangle)
    assert np.isnan(CompletionFactors().fit(triangle).standard_error[1:]).all()


@pytest.mark.parametrize("method", [*METHODS[:4], *METHODS[5:8]], ids=str)
def test_a_triangle_of_zeros_owes_nothing_and_is_sure_of_it(method: Any) -> None:
    """Its dispersion is not known, but nothing asks for it: each payment and move of a ratio is 0."""
    found = method.fit(monthly(seen(np.zeros((6, 6))), MEMBERS[:6]))
    assert not found.ibnr.any() and not found.standard_error.any()

"""Hachemeister's regression on his own data.

Source of truth: the numbers of R's actuar 3.3 (`cm(~state, hachemeister, regformula = ~ time)`, vignette
*Credibility theory features of actuar*, section 5, after Goovaerts and Hoogstad (1987)), of which the
coefficients of the five states are those of Hachemeister (1975); and the exact predictor.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutualfund.errors import InputError
from mutualfund.premiums import buhlmann_straub, hachemeister
from premiums.credibility.oracle import predicted

DATA = pd.read_csv(Path(__file__).parents[2] / "published" / "data" / "hachemeister.csv")
RATIOS = DATA.filter(like="ratio_").to_numpy(float)
WEIGHTS = DATA.filter(like="weight_").to_numpy(float)


def test_hachemeister_s_own_results_are_met_with_the_intercept_at_the_origin() -> None:
    fit = hachemeister(RATIOS, WEIGHTS, intercept="origin")
    structure = fit.structure
    assert structure["within_variance"] == pytest.approx(49870187, abs=0.5)
    assert structure["collective_coefficient_1"] == pytest.approx(1469, abs=0.5)
    assert structure["collective_coefficient_2"] == pytest.approx(32.05, abs=0.005)
    found = [structure[f"between_{pair}"] for pair in ("1_1", "2_1", "2_2")]
    np.testing.assert_allclose(found, [24154, 2700, 301.8], rtol=2e-4)
    assert fit.coefficients is not None
    published = [
        [1693.52, 57.17],
        [1373.03, 21.35],
        [1545.36, 40.61],
        [1314.55, 14.81],
        [1417.41, 26.31],
    ]
    np.testing.assert_allclose(fit.coefficients, published, atol=0.0051)
    np.testing.assert_allclose(
        fit.premiums, [2436.75, 1650.53, 2073.30, 1507.07, 1759.40], atol=0.0051
    )


def test_time_counted_backwards_gives_the_same_premiums_and_its_own_covariance() -> None:
    """R's manual page of `cm` counts quarters 12 to 1 and prices at 0: between 145359, -6623, 302."""
    design = np.stack([np.ones(12), np.arange(12, 0, -1.0)], axis=1)
    fit = hachemeister(RATIOS, WEIGHTS, design=design, at=[1.0, 0.0], intercept="origin")
    found = [fit.structure[f"between_{pair}"] for pair in ("1_1", "2_1", "2_2")]
    np.testing.assert_allclose(found, [145359, -6623, 301.8], rtol=2e-4)
    assert fit.structure["collective_coefficient_1"] == pytest.approx(1885, abs=0.5)
    forwards = hachemeister(RATIOS, WEIGHTS, intercept="origin")
    np.testing.assert_allclose(fit.premiums, forwards.premiums, rtol=1e-7)


def test_the_intercept_at_the_barycentre_gives_actuar_s_other_results() -> None:
    fit = hachemeister(RATIOS, WEIGHTS)
    np.testing.assert_allclose(fit.premiums, [2457, 1651, 2071, 1597, 1698], atol=0.5)
    assert fit.factor_matrices is not None
    # In the order of the states: factors of level and trend, on the diagonal in either basis.
    level = [0.9947, 0.9740, 0.9627, 0.8865, 0.9855]
    trend = [0.9413, 0.7630, 0.6885, 0.4080, 0.8559]
    np.testing.assert_allclose(fit.factor_matrices[:, 0, 0], level, atol=5e-5)
    np.testing.assert_allclose(fit.factor_matrices[:, 1, 1], trend, atol=5e-5)


def test_a_line_stays_between_own_and_collective_at_the_barycentre_but_not_at_the_origin() -> None:
    """State 4, the complaint of Buhlmann and Gisler (1997): its trend leaves the range at the origin."""
    own_trend, collective = 27.81, 32.05
    at_origin = hachemeister(RATIOS, WEIGHTS, intercept="origin").coefficients
    at_centre = hachemeister(RATIOS, WEIGHTS).coefficients
    assert at_origin is not None and at_centre is not None
    assert at_origin[3, 1] < own_trend < at_centre[3, 1] < 33.68
    assert collective < 33.68


def test_premiums_and_errors_are_those_of_the_best_linear_unbiased_predictor() -> None:
    fit = hachemeister(RATIOS, WEIGHTS, intercept="origin")
    a = np.array(
        [
            [fit.structure["between_1_1"], fit.structure["between_2_1"]],
            [fit.structure["between_2_1"], fit.structure["between_2_2"]],
        ]
    )
    x = np.stack([np.ones(12), np.arange(1.0, 13.0)], axis=1)
    group, rows = np.repeat(np.arange(5), 12), np.tile(x, (5, 1))
    alike = group[:, None] == group[None, :]
    noise = np.diag(fit.structure["within_variance"] / WEIGHTS.ravel())
    covariance = (rows @ a @ rows.T) * alike + noise
    at = np.array([1.0, 13.0])
    for g in range(5):
        value, error = predicted(
            RATIOS.ravel(), rows, covariance, at, (rows @ a @ at) * (group == g), at @ a @ at
        )
        assert fit.premiums[g] == pytest.approx(value, rel=1e-6)
        assert fit.standard_errors[g] == pytest.approx(error, rel=1e-6)


def test_a_level_without_a_trend_at_the_barycentre_is_buhlmann_straub_but_for_one_pooling() -> None:
    """One regressor: the variance is a mean of the groups' own, which equals pooling for equal periods."""
    fit = hachemeister(RATIOS, WEIGHTS, design=np.ones((12, 1)), at=[1.0])
    flat = buhlmann_straub(RATIOS, WEIGHTS)
    for name in ("premiums", "factors", "standard_errors"):
        np.testing.assert_allclose(getattr(fit, name), getattr(flat, name), rtol=1e-10)


def test_trends_that_do_not_differ_are_the_collective_s_for_all_and_it_is_said() -> None:
    time = np.arange(6.0)
    wave = np.array([1.0, -1.0, 2.0, -2.0, 1.0, -1.0])
    values = np.stack([5 + 2 * time + wave, 25 + 2 * time - wave, 60 + 2 * time + wave[::-1]])
    fit = hachemeister(values, np.full((3, 6), 4.0))
    assert fit.coefficients is not None
    np.testing.assert_allclose(fit.coefficients[:, 1], fit.coefficients[0, 1])
    assert "Coefficient 2 differs between groups no more than chance" in fit.notes[0]


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.lists(st.floats(0.0, 9.0), min_size=5, max_size=5), min_size=4, max_size=4),
    st.lists(st.floats(0.2, 20.0), min_size=4, max_size=4),
)
def test_factors_lie_between_0_and_1_and_grow_with_exposure(
    values: list[list[float]], sizes: list[float]
) -> None:
    fit = hachemeister(values, np.outer(sizes, [1.0, 2.0, 1.0, 1.0, 3.0]))
    assert ((fit.factors >= 0.0) & (fit.factors <= 1.0)).all()
    assert (np.diff(fit.factors[np.argsort(sizes)]) >= -1e-9).all()


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"design": np.ones((12, 2)), "at": [1, 1]}, "design"),
        ({"design": np.ones((11, 1)), "at": [1]}, "design"),
        ({"design": np.ones((12, 1))}, "at"),
        ({"at": [1.0]}, "at"),
    ],
)
def test_a_design_that_does_not_fit_is_refused(arguments: dict[str, object], field: str) -> None:
    with pytest.raises(InputError) as caught:
        hachemeister(RATIOS, WEIGHTS, **arguments)  # type: ignore[arg-type]
    assert caught.value.faults[0].field == field


def test_a_group_with_too_few_periods_for_a_line_is_refused_by_its_place() -> None:
    weights = WEIGHTS.copy()
    weights[2, 2:] = 0.0
    with pytest.raises(InputError, match=r"observations\[2\]: got 2 periods seen"):
        hachemeister(RATIOS, weights)

"""Hachemeister's regression on his own data.

Sources of truth: what R's actuar 3.3 prints for the same data in its vignette *Credibility theory features
of actuar* (C. Dutang, V. Goulet, X. Milhaud, M. Pigeon), section 5, to the digits printed; slow twins of both
estimators, written out here (De Vylder's pseudo-estimator after M. Goovaerts, W. Hoogstad (1987) for the
intercept at the origin; H. Buhlmann, A. Gisler, *A Course in Credibility Theory* (2005), section 8.4, for the
barycentre); and the exact predictor.
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
from premiums.credibility.oracle import Array, predicted

DATA = pd.read_csv(Path(__file__).parents[2] / "published" / "data" / "hachemeister.csv")
RATIOS = DATA.filter(like="ratio_").to_numpy(float)
WEIGHTS = DATA.filter(like="weight_").to_numpy(float)


T = np.arange(1.0, 13.0)


def own_line(group: int) -> tuple[Array, Array, float]:
    """Weighted least squares of one state: level and trend, their covariance at variance 1, the variance."""
    x, w = np.stack([np.ones(12), T], axis=1), WEIGHTS[group]
    inverse = np.linalg.inv(x.T @ np.diag(w) @ x)
    line = inverse @ x.T @ np.diag(w) @ RATIOS[group]
    left = RATIOS[group] - x @ line
    return line, inverse, float(left @ np.diag(w) @ left) / (12 - 2)


def at_the_origin() -> tuple[Array, Array, Array, float]:
    """De Vylder's pseudo-estimator, state by state: adjusted lines, collective line, between, within."""
    lines, inverses, variances = zip(*map(own_line, range(5)), strict=True)
    within = sum(variances) / 5
    collective = sum(lines) / 5
    factors = [np.eye(2)] * 5
    for _ in range(60):
        spread = [
            z @ np.outer(line - collective, line - collective)
            for z, line in zip(factors, lines, strict=True)
        ]
        between = sum(spread) / (5 - 1)
        between = (between + between.T) / 2
        # Z = between x precision. Weighing lines with precisions is weighing them with Z, but it also holds
        # where the covariance loses its rank, as it all but does here: level and trend go together.
        precisions = [np.linalg.inv(between + within * inverse) for inverse in inverses]
        factors = [between @ precision for precision in precisions]
        weighted = [p @ line for p, line in zip(precisions, lines, strict=True)]
        collective = np.linalg.solve(sum(precisions), sum(weighted))
    adjusted = [
        z @ line + (np.eye(2) - z) @ collective for z, line in zip(factors, lines, strict=True)
    ]
    return np.array(adjusted), collective, between, within


def at_the_barycentre() -> tuple[Array, Array, Array]:
    """Level at the mean time, and trend, each as in Buhlmann-Straub: factors of both, values at 13."""
    shares = WEIGHTS.sum(axis=0) / WEIGHTS.sum()
    centre = float(shares @ T)
    lines, _, variances = zip(*map(own_line, range(5)), strict=True)
    within = sum(variances) / 5
    trend = np.array([line[1] for line in lines])
    level = np.array([line[0] + centre * line[1] for line in lines])
    # What each is known with: sums of weights, and of weights times squared time from the centre.
    volumes = (WEIGHTS.sum(axis=1), (WEIGHTS * (T - centre) ** 2).sum(axis=1))
    factors, values = [], []
    for own, volume in zip((level, trend), volumes, strict=True):
        total = volume.sum()
        mean = float(volume @ own) / total
        between = float(volume @ (own - mean) ** 2) - 4 * within
        between /= total - float(volume @ volume) / total
        z = volume / (volume + within / between)
        collective = float(z @ own) / z.sum()
        factors.append(z)
        values.append(z * own + (1 - z) * collective)
    return factors[0], factors[1], values[0] + (13.0 - centre) * values[1]


def test_actuar_s_printed_results_are_met_with_the_intercept_at_the_origin() -> None:
    fit = hachemeister(RATIOS, WEIGHTS, intercept="origin")
    structure = fit.structure
    assert structure["within_variance"] == pytest.approx(49870187, abs=0.5)
    assert structure["collective_coefficient_1"] == pytest.approx(1469, abs=0.5)
    assert structure["collective_coefficient_2"] == pytest.approx(32.05, abs=0.005)
    found = [structure[f"between_{pair}"] for pair in ("1_1", "2_1", "2_2")]
    np.testing.assert_allclose(found, [24154, 2700.0, 301.8], atol=0.5)
    assert fit.premiums.round().tolist() == [2437, 1651, 2073, 1507, 1759]


def test_the_origin_s_estimator_is_its_slow_twin() -> None:
    fit = hachemeister(RATIOS, WEIGHTS, intercept="origin")
    adjusted, collective, between, within = at_the_origin()
    assert fit.coefficients is not None
    np.testing.assert_allclose(fit.coefficients, adjusted, rtol=1e-7)
    np.testing.assert_allclose(fit.premiums, adjusted @ [1.0, 13.0], rtol=1e-8)
    structure = fit.structure
    found = [structure["collective_coefficient_1"], structure["collective_coefficient_2"]]
    np.testing.assert_allclose(found, collective, rtol=1e-7)
    found = [structure[f"between_{pair}"] for pair in ("1_1", "2_1", "2_2")]
    np.testing.assert_allclose(found, between[np.tril_indices(2)], rtol=1e-7)
    assert structure["within_variance"] == pytest.approx(within, rel=1e-12)


def test_time_counted_backwards_gives_the_same_premiums_and_the_covariance_seen_from_there() -> (
    None
):
    """Quarters 12 to 1, priced at 0, as in the manual page of `cm`: level + 13 trends, and -trend."""
    design = np.stack([np.ones(12), np.arange(12, 0, -1.0)], axis=1)
    fit = hachemeister(RATIOS, WEIGHTS, design=design, at=[1.0, 0.0], intercept="origin")
    adjusted, collective, between, _ = at_the_origin()
    turned = np.array([[1.0, 13.0], [0.0, -1.0]])
    there = turned @ between @ turned.T
    found = [fit.structure[f"between_{pair}"] for pair in ("1_1", "2_1", "2_2")]
    np.testing.assert_allclose(found, there[np.tril_indices(2)], rtol=1e-6)
    assert fit.structure["collective_coefficient_1"] == pytest.approx((turned @ collective)[0])
    np.testing.assert_allclose(fit.premiums, adjusted @ [1.0, 13.0], rtol=1e-7)


def test_the_intercept_at_the_barycentre_gives_actuar_s_other_printed_results() -> None:
    fit = hachemeister(RATIOS, WEIGHTS)
    assert fit.premiums.round().tolist() == [2457, 1651, 2071, 1597, 1698]
    assert fit.factor_matrices is not None
    # In the order of the states: factors of level and trend, on the diagonal in either basis.
    level = [0.9947, 0.9740, 0.9627, 0.8865, 0.9855]
    trend = [0.9413, 0.7630, 0.6885, 0.4080, 0.8559]
    np.testing.assert_allclose(fit.factor_matrices[:, 0, 0], level, atol=5e-5)
    np.testing.assert_allclose(fit.factor_matrices[:, 1, 1], trend, atol=5e-5)
    by_twin = at_the_barycentre()
    np.testing.assert_allclose(fit.factor_matrices[:, 0, 0], by_twin[0], rtol=1e-9)
    np.testing.assert_allclose(fit.factor_matrices[:, 1, 1], by_twin[1], rtol=1e-9)
    np.testing.assert_allclose(fit.premiums, by_twin[2], rtol=1e-9)


def test_a_line_stays_between_own_and_collective_at_the_barycentre_but_not_at_the_origin() -> None:
    """State 4, the complaint of Buhlmann and Gisler (1997): its trend leaves the range at the origin."""
    own, collective = own_line(3)[0][1], at_the_origin()[1][1]
    at_origin = hachemeister(RATIOS, WEIGHTS, intercept="origin").coefficients
    centre = hachemeister(RATIOS, WEIGHTS)
    assert at_origin is not None and centre.coefficients is not None
    assert at_origin[3, 1] < own < collective
    assert own < centre.coefficients[3, 1] < centre.structure["collective_coefficient_2"]


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


def test_the_origin_s_estimator_settles_at_the_edge_of_a_covariance() -> None:
    """Level and trend of all groups lie on one line: 1,000 steps do not get there."""
    values = [[102, 102, 101, 96, 109], [90, 104, 91, 106, 103], [97, 110, 98, 95, 96]]
    weights = [[3, 15, 7, 8, 6], [14, 6, 8, 5, 3], [17, 4, 14, 13, 19]]
    fit = hachemeister(values, weights, intercept="origin")
    found = fit.structure
    between = np.array(
        [
            [found["between_1_1"], found["between_2_1"]],
            [found["between_2_1"], found["between_2_2"]],
        ]
    )
    line = np.array([found["collective_coefficient_1"], found["collective_coefficient_2"]])
    regressors = np.stack([np.ones(5), np.arange(1.0, 6.0)], axis=1)
    again, precisions, weighted = np.zeros((2, 2)), np.zeros((2, 2)), np.zeros(2)
    for value, weight in zip(np.array(values, float), np.array(weights, float), strict=True):
        covariance = np.linalg.inv(regressors.T * weight @ regressors)
        own = covariance @ regressors.T @ (weight * value)
        precision = np.linalg.inv(between + found["within_variance"] * covariance)
        again += between @ precision @ np.outer(own - line, own - line) / 2
        precisions, weighted = precisions + precision, weighted + precision @ own
    np.testing.assert_allclose((again + again.T) / 2, between, rtol=1e-6)
    np.testing.assert_allclose(np.linalg.solve(precisions, weighted), line, rtol=1e-8)
    assert np.linalg.eigvalsh(between)[0] >= -1e-12


@pytest.mark.parametrize("intercept", ["origin", "barycentre"])
def test_lines_without_noise_are_the_groups_own(intercept: str) -> None:
    lists = [[1, 2, 3, 4], [2, 3, 4, 5], [5, 6, 7, 8]]
    fit = hachemeister(lists, np.ones((3, 4)), intercept=intercept)  # type: ignore[arg-type]
    np.testing.assert_allclose(fit.premiums, [5.0, 6.0, 9.0])
    np.testing.assert_allclose(fit.factors, 1.0)
    np.testing.assert_allclose(fit.standard_errors, 0.0, atol=1e-9)
    assert fit.notes

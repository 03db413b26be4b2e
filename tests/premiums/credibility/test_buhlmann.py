"""Buhlmann and Buhlmann-Straub against R's actuar on Hachemeister's data, loops and the exact predictor.

Source of truth: `tests/published` holds the published factors and premiums; here are missing cells, zero
weights, negative variances and standard errors, each computed in another way.
"""

from __future__ import annotations

import math
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from mutualfund.errors import InputError
from mutualfund.premiums import buhlmann, buhlmann_straub
from premiums.credibility.oracle import predicted

DATA = pd.read_csv(Path(__file__).parents[2] / "published" / "data" / "hachemeister.csv")
RATIOS = DATA.filter(like="ratio_").to_numpy(float)
WEIGHTS = DATA.filter(like="weight_").to_numpy(float)
GAPS = np.array([[1.0, math.nan, 3.0, 2.0], [5.0, 4.0, 9.0, math.nan], [2.0, 8.0, 4.0, 6.0]])
EXPOSURE = np.array([[2.0, 7.0, 1.0, 0.0], [3.0, 1.0, 2.0, 5.0], [0.0, 1.0, 1.0, 4.0]])


def by_loops(values: np.ndarray, weights: np.ndarray) -> tuple[float, float, list[float]]:
    """Within- and between-variance and own means, one cell at a time."""
    groups = []
    for row, exposure in zip(values, weights, strict=True):
        groups.append(
            [(x, w) for x, w in zip(row, exposure, strict=True) if w > 0 and not math.isnan(x)]
        )
    means = [sum(x * w for x, w in cells) / sum(w for _, w in cells) for cells in groups]
    within = sum(
        w * (x - mean) ** 2 for cells, mean in zip(groups, means, strict=True) for x, w in cells
    ) / sum(len(cells) - 1 for cells in groups)
    totals = [sum(w for _, w in cells) for cells in groups]
    whole = sum(totals)
    centre = sum(t * m for t, m in zip(totals, means, strict=True)) / whole
    spread = sum(t * (m - centre) ** 2 for t, m in zip(totals, means, strict=True))
    scale = whole - sum(t * t for t in totals) / whole
    return within, (spread - (len(groups) - 1) * within) / scale, means


def test_missing_cells_and_zero_weights_are_left_out() -> None:
    within, between, means = by_loops(GAPS, EXPOSURE)
    fit = buhlmann_straub(GAPS, EXPOSURE)
    assert fit.structure["within_variance"] == pytest.approx(within, rel=1e-12)
    assert fit.structure["between_variance_raw"] == pytest.approx(between, rel=1e-12)
    np.testing.assert_allclose(fit.own, means, rtol=1e-14)
    np.testing.assert_allclose(fit.exposure, [3.0, 6.0, 6.0])


def test_what_stands_in_a_cell_of_zero_weight_changes_nothing() -> None:
    other = GAPS.copy()
    other[0, 3], other[2, 0] = 1e9, math.inf
    np.testing.assert_array_equal(
        buhlmann_straub(other, EXPOSURE).premiums, buhlmann_straub(GAPS, EXPOSURE).premiums
    )


def test_premiums_and_errors_are_those_of_the_best_linear_unbiased_predictor() -> None:
    fit = buhlmann_straub(RATIOS, WEIGHTS)
    within, between = fit.structure["within_variance"], fit.structure["between_variance"]
    group = np.repeat(np.arange(5), 12)
    alike = (group[:, None] == group[None, :]).astype(float)
    covariance = between * alike + np.diag(within / WEIGHTS.ravel())
    for g in range(5):
        value, error = predicted(
            RATIOS.ravel(),
            np.ones((60, 1)),
            covariance,
            np.ones(1),
            between * (group == g),
            between,
        )
        assert fit.premiums[g] == pytest.approx(value, rel=1e-10)
        assert fit.standard_errors[g] == pytest.approx(error, rel=1e-10)


def test_the_error_is_larger_where_the_complement_is_weighted_by_exposure() -> None:
    """Hand-written for shares u: var(Z own + (1 - Z) sum(u own) - truth), term by term, by matrices."""
    best = buhlmann_straub(RATIOS, WEIGHTS)
    fit = buhlmann_straub(RATIOS, WEIGHTS, complement="exposure")
    within, between = fit.structure["within_variance"], fit.structure["between_variance"]
    shares = WEIGHTS.sum(axis=1) / WEIGHTS.sum()
    noise = np.diag(within / WEIGHTS.sum(axis=1))
    for g in range(5):
        row = (1 - fit.factors[g]) * shares
        row[g] += fit.factors[g]
        truth = row - np.eye(5)[g]
        variance = row @ noise @ row + between * truth @ truth
        assert fit.standard_errors[g] == pytest.approx(math.sqrt(variance), rel=1e-10)
    assert (fit.standard_errors > best.standard_errors).all()


def test_the_iterative_estimate_is_its_own_fixed_point() -> None:
    fit = buhlmann_straub(RATIOS, WEIGHTS, estimator="iterative")
    z, own = fit.factors, fit.own
    centre = (z * own).sum() / z.sum()
    assert (z * (own - centre) ** 2).sum() / 4 == pytest.approx(
        fit.structure["between_variance"], rel=1e-10
    )


def test_the_iterative_estimate_is_found_where_it_lies_near_zero() -> None:
    """The raw variance is 0.0024 of what chance makes of a mean: from sum to sum it would never arrive.

    The equation in the form of Paule and Mandel, solved by SciPy.
    """
    values = [[110, 104, 99, 95, 87], [94, 96, 102, 93, 97], [114, 80, 113, 102, 93]]
    values += [[100, 105, 87, 96, 95], [97, 118, 112, 104, 94]]
    weights = [[12, 15, 7, 11, 7], [15, 17, 6, 18, 15], [12, 10, 13, 3, 12], [14, 8, 16, 2, 9]]
    weights += [[9, 15, 8, 3, 13]]
    fit = buhlmann_straub(values, weights, estimator="iterative")
    noise = fit.structure["within_variance"] / np.sum(weights, axis=1)

    def surplus(between: float) -> float:
        precision = 1.0 / (between + noise)
        return float(precision @ (fit.own - np.average(fit.own, weights=precision)) ** 2) - 4.0

    assert 0.0 < fit.structure["between_variance"] < 0.05 * noise.min()
    root = optimize.brentq(surplus, 1e-9, 100.0, xtol=1e-14, rtol=1e-13)
    assert fit.structure["between_variance"] == pytest.approx(root, rel=1e-9)


@pytest.mark.parametrize("estimator", ["unbiased", "iterative"])
def test_a_negative_between_variance_is_zero_and_said(estimator: str) -> None:
    values = [[1.0, 9.0, 5.0], [9.0, 2.0, 4.0], [5.0, 5.0, 5.5]]
    weights = [[1.0, 2.0, 3.0], [2.0, 2.0, 2.0], [1.0, 1.0, 4.0]]
    _, raw, means = by_loops(np.array(values), np.array(weights))
    fit = buhlmann_straub(values, weights, estimator=estimator)  # type: ignore[arg-type]
    assert raw < 0.0
    assert fit.structure["between_variance_raw"] == pytest.approx(raw, rel=1e-12)
    assert fit.structure["between_variance"] == 0.0
    assert fit.factors.tolist() == [0.0, 0.0, 0.0]
    exposure = np.sum(weights, axis=1)
    collective = float(exposure @ np.array(means) / exposure.sum())
    np.testing.assert_allclose(fit.premiums, collective, rtol=1e-14)
    within = fit.structure["within_variance"]
    np.testing.assert_allclose(fit.standard_errors, math.sqrt(within / exposure.sum()), rtol=1e-12)
    assert "no more than chance explains" in fit.notes[0]
    assert fit.structure["credibility_constant"] == math.inf


@pytest.mark.parametrize("groups", [8, 50])
def test_errors_that_leave_out_those_of_the_structure_are_said_where_groups_are_few(
    groups: int,
) -> None:
    """Against the truth of 400 collectives: of 8 groups a third of the squared error is not in the errors."""
    made, stated, strayed = np.random.default_rng(1), [], []
    for _ in range(400):
        truth = 100 + 10 * made.normal(size=groups)
        weights = made.uniform(1, 20, (groups, 4))
        seen = truth[:, None] + made.normal(size=weights.shape) * 60 / np.sqrt(weights)
        fit = buhlmann_straub(seen, weights)
        stated.append((fit.standard_errors**2).mean())
        strayed.append(((fit.premiums - truth) ** 2).mean())
    short, error = np.mean(stated) / np.mean(strayed), np.std(strayed) / np.mean(strayed) / 20
    noted = any("premiums stray further" in note for note in fit.notes)
    assert noted is (groups == 8)
    assert short < 1 - 5 * error if noted else short > 0.85


def test_groups_that_never_vary_are_fully_credible() -> None:
    fit = buhlmann([[3.0, 3.0], [7.0, 7.0]])
    assert fit.factors.tolist() == [1.0, 1.0]
    assert fit.premiums.tolist() == [3.0, 7.0]
    assert len(fit.notes) == 1 and "estimated from 2 groups" in fit.notes[0]


def test_equal_weights_give_buhlmann_whatever_their_size() -> None:
    plain, weighted = buhlmann(RATIOS), buhlmann_straub(RATIOS, np.full(RATIOS.shape, 40.0))
    np.testing.assert_allclose(plain.premiums, weighted.premiums, rtol=1e-12)


cells = st.floats(0.0, 50.0)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(cells, min_size=4, max_size=4), min_size=3, max_size=6),
    st.lists(st.floats(0.1, 30.0), min_size=6, max_size=6),
)
def test_factors_lie_between_0_and_1_and_grow_with_exposure(
    values: list[list[float]], sizes: list[float]
) -> None:
    weights = np.outer(sizes[: len(values)], [1.0, 2.0, 1.0, 3.0])
    fit = buhlmann_straub(values, weights)
    assert ((fit.factors >= 0.0) & (fit.factors <= 1.0)).all()
    order = np.argsort(fit.exposure)
    assert (np.diff(fit.factors[order]) >= -1e-12).all()
    low, high = np.minimum(fit.own, fit.complement), np.maximum(fit.own, fit.complement)
    assert ((fit.premiums >= low - 1e-9) & (fit.premiums <= high + 1e-9)).all()


@settings(deadline=None, max_examples=30)
@given(st.floats(0.01, 100.0), st.floats(-50.0, 50.0))
def test_another_currency_or_level_moves_premiums_as_it_moves_the_data(a: float, b: float) -> None:
    base, moved = buhlmann_straub(RATIOS, WEIGHTS), buhlmann_straub(a * RATIOS + b, WEIGHTS)
    np.testing.assert_allclose(moved.premiums, a * base.premiums + b, rtol=1e-8)
    np.testing.assert_allclose(moved.factors, base.factors, rtol=1e-7)


@pytest.mark.parametrize(
    ("values", "weights", "field", "code"),
    [
        ([[1, 2], [3, 4]], [[0, 0], [1, 1]], "weights[0]", "exposure"),
        ([[1, 2], [3, 4]], [[1, -1], [1, 1]], "weights[0, 1]", "invalid"),
        ([[1, 2], [3, math.inf]], [[1, 1], [1, 1]], "observations[1, 1]", "not_finite"),
        ([[1, 2], [3, 4]], [[1, 1, 1], [1, 1, 1]], "weights", "length"),
        ([[1, math.nan], [math.nan, 4]], [[1, 1], [1, 1]], "observations", "too_few"),
        ([[1, 2, 3]], [[1, 1, 1]], "observations", "invalid"),
        ([[1, 2], [3]], [[1, 1], [1]], "observations", "not_a_table"),
        ([["a", 2], [3, 4]], [[1, 1], [1, 1]], "observations", "not_a_table"),
    ],
)
def test_bad_experience_is_refused_with_its_place(
    values: list[list[float]], weights: list[list[float]], field: str, code: str
) -> None:
    with pytest.raises(InputError) as caught:
        buhlmann_straub(values, weights)
    assert caught.value.faults[0].field == field
    assert caught.value.faults[0].code == code


def test_a_group_without_exposure_is_told_the_way_out() -> None:
    with pytest.raises(InputError, match=r"weights\[1\]: .*it pays the collective premium"):
        buhlmann_straub([[1, 2], [3, 4]], [[1, 1], [0, 0]], labels=["south", "north"])


@pytest.mark.parametrize("labels", [["a"], ["a", "a"]])
def test_labels_must_fit(labels: list[str]) -> None:
    with pytest.raises(InputError, match="labels"):
        buhlmann([[1, 2], [3, 4]], labels=labels)


def test_words_that_are_no_choice_are_refused() -> None:
    with pytest.raises(InputError, match="complement"):
        buhlmann([[1, 2], [3, 4]], complement="mean")  # type: ignore[arg-type]


def test_a_fit_is_frozen_and_survives_pickling() -> None:
    values = np.array([[1.0, 2.0], [3.0, 5.0]])
    fit = buhlmann(values)
    values[0, 0] = 99.0
    assert fit.own[0] == 1.5
    with pytest.raises(ValueError, match="read-only"):
        fit.premiums[0] = 0.0
    again = pickle.loads(pickle.dumps(fit))  # noqa: S301 - our own object
    assert again.structure == fit.structure
    np.testing.assert_array_equal(again.premiums, fit.premiums)


def test_the_repr_shows_no_group() -> None:
    assert "secret" not in repr(buhlmann([[1.0, 2.0], [3.0, 5.0]], labels=["secret", "other"]))


def test_relativities_are_premiums_over_the_collective() -> None:
    fit = buhlmann_straub(RATIOS, WEIGHTS)
    np.testing.assert_allclose(
        fit.relativities * fit.structure["collective_premium"], fit.premiums, rtol=1e-14
    )


def test_refusals_say_places_never_the_names_of_groups() -> None:
    """Groups may be members."""
    with pytest.raises(InputError) as caught:
        buhlmann_straub([[1, 2], [3, 4]], [[0, 0], [1, 1]], labels=["MEMBER-1", "MEMBER-2"])
    assert "MEMBER" not in str(caught.value)

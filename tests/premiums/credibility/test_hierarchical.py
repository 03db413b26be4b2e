"""Jewell's hierarchy on Hachemeister's states in two cohorts.

Source of truth: C. Dutang, V. Goulet, X. Milhaud, M. Pigeon, *Credibility theory features of actuar*
(vignette of R's actuar), section 3: states 1 and 3 against 2, 4 and 5, iterative estimators; and the exact
predictor.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutualfund.errors import InputError
from mutualfund.premiums import buhlmann_straub, hierarchical
from premiums.credibility.oracle import predicted

DATA = pd.read_csv(Path(__file__).parents[2] / "published" / "data" / "hachemeister.csv")
RATIOS = DATA.filter(like="ratio_").to_numpy(float)
WEIGHTS = DATA.filter(like="weight_").to_numpy(float)
COHORTS = ["1", "2", "1", "2", "2"]


def test_the_vignette_of_actuar_is_met() -> None:
    fit = hierarchical(RATIOS, WEIGHTS, COHORTS, estimator="iterative")
    structure = fit.structure
    assert structure["collective_premium"] == pytest.approx(1746, abs=0.5)
    assert structure["between_sectors_variance"] == pytest.approx(88981, abs=0.5)
    assert structure["between_groups_variance"] == pytest.approx(10952, abs=0.5)
    assert structure["within_variance"] == pytest.approx(139120026, abs=0.5)
    np.testing.assert_allclose(fit.factors, [0.8874, 0.6103, 0.5195, 0.2463, 0.7398], atol=5e-5)
    np.testing.assert_allclose(fit.premiums, [2048, 1524, 1875, 1497, 1585], atol=0.5)
    assert fit.upper is not None
    np.testing.assert_allclose(fit.upper.own, [1967, 1528], atol=0.5)
    np.testing.assert_allclose(fit.upper.exposure, [1.407, 1.596], atol=5e-4)
    np.testing.assert_allclose(fit.upper.factors, [0.9196, 0.9284], atol=5e-5)
    np.testing.assert_allclose(fit.upper.premiums, [1949, 1543], atol=0.5)


def pooled(
    weights: np.ndarray, means: np.ndarray, parent: list[str], within: float
) -> tuple[float, float]:
    """Squares beyond chance and their scale, by sector: Ohlsson's ratio, the average of the cut."""
    beyond, scale, own = 0.0, 0.0, []
    for sector in sorted(set(parent)):
        here = [place for place, name in enumerate(parent) if name == sector]
        w, x = weights[here], means[here]
        centre = (w * x).sum() / w.sum()
        more = sum(w * (x - centre) ** 2) - (len(here) - 1) * within
        per_unit = w.sum() - sum(w**2) / w.sum()
        beyond, scale = beyond + more, scale + per_unit
        own.append(max(more / per_unit, 0.0))
    return beyond / scale, sum(own) / len(own)


@pytest.mark.parametrize("turn", [0, 1])
def test_ohlsson_pools_the_sectors_where_buhlmann_and_gisler_average_their_cut_estimates(
    turn: int,
) -> None:
    """Computed sector by sector, at both levels; in turn 1 the states of cohort 2 are all but alike."""
    values = RATIOS
    if turn:
        level = (RATIOS * WEIGHTS).sum(axis=1) / WEIGHTS.sum(axis=1)
        second = np.array(COHORTS) == "2"
        values = RATIOS + np.where(second, 1500.0 - level, 0.0)[:, None]
    for place, estimator in enumerate(("ohlsson", "buhlmann_gisler")):
        fit = hierarchical(values, WEIGHTS, COHORTS, estimator=estimator)  # type: ignore[arg-type]
        found = fit.structure
        groups = pooled(fit.exposure, fit.own, COHORTS, found["within_variance"])[place]
        assert found["between_groups_variance"] == pytest.approx(groups, rel=1e-12)
        assert fit.upper is not None
        above = pooled(fit.upper.exposure, fit.upper.own, ["", ""], groups)[place]
        assert found["between_sectors_variance"] == pytest.approx(max(above, 0.0), rel=1e-12)
        moved = any("which moves the average" in note for note in fit.notes)
        assert moved is (turn == 1 and estimator == "buhlmann_gisler")


def test_only_the_pooled_estimate_of_few_groups_is_unbiased() -> None:
    """Three groups in each of five sectors, true variance 16: cut before averaging, about 28."""
    sectors, weights = np.repeat(np.arange(5), 3), np.full((15, 4), 5.0)
    made, raw, cut = np.random.default_rng(1), [], []
    for _ in range(400):
        truth = 100 + 8 * made.normal(size=5)[sectors] + 4 * made.normal(size=15)
        seen = truth[:, None] + made.normal(size=(15, 4)) * 30 / np.sqrt(weights)
        fit = hierarchical(seen, weights, sectors)
        raw.append(fit.structure["between_groups_variance_raw"])
        fit = hierarchical(seen, weights, sectors, estimator="buhlmann_gisler")
        cut.append(fit.structure["between_groups_variance"])
    error = np.std(raw) / np.sqrt(len(raw))
    assert abs(np.mean(raw) - 16.0) < 5.0 * error
    assert np.mean(cut) - 16.0 > 5.0 * error


def test_sectors_may_be_named_by_numbers_in_a_column_of_a_table() -> None:
    by_text = hierarchical(RATIOS, WEIGHTS, COHORTS)
    by_number = hierarchical(RATIOS, WEIGHTS, pd.Series([1, 2, 1, 2, 2], index=list("vwxyz")))
    np.testing.assert_array_equal(by_number.premiums, by_text.premiums)
    assert by_number.upper is not None and by_number.upper.labels == ("1", "2")


def covariances(parents: list[list[int]], variances: list[float]) -> np.ndarray:
    """Covariance of the groups' true means: each level adds its variance to those of one parent."""
    whole = np.zeros((len(parents[0]), len(parents[0])))
    for parent, variance in zip(parents, variances, strict=True):
        column = np.array(parent)
        whole += variance * (column[:, None] == column[None, :])
    return whole


def test_premiums_and_errors_are_those_of_the_best_linear_unbiased_predictor() -> None:
    fit = hierarchical(RATIOS, WEIGHTS, COHORTS)
    a, b = fit.structure["between_groups_variance"], fit.structure["between_sectors_variance"]
    truth = covariances([[0, 1, 2, 3, 4], [1, 2, 1, 2, 2]], [a, b])
    group = np.repeat(np.arange(5), 12)
    noise = np.diag(fit.structure["within_variance"] / WEIGHTS.ravel())
    covariance = truth[np.ix_(group, group)] + noise
    ones = np.ones((60, 1))
    for g in range(5):
        value, error = predicted(
            RATIOS.ravel(), ones, covariance, np.ones(1), truth[g, group], truth[g, g]
        )
        assert fit.premiums[g] == pytest.approx(value, rel=1e-9)
        assert fit.standard_errors[g] == pytest.approx(error, rel=1e-9)


def test_three_levels_are_predicted_as_well() -> None:
    """Nine groups in six towns in three regions; unequal weights; truth as above."""
    made = np.random.default_rng(7)
    region = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2])
    town = np.array([0, 0, 1, 1, 2, 2, 3, 4, 4])
    level = np.array([10.0, 25.0, 60.0])[region] + np.array([0.0, 6.0, 0.0, 9.0, 0.0])[town]
    weights = made.uniform(0.5, 8.0, (9, 6))
    values = level[:, None] + np.arange(9)[:, None] + made.normal(0, 4, (9, 6)) / np.sqrt(weights)
    names = [[f"t{t}" for t in town], [f"r{r}" for r in region]]
    fit = hierarchical(values, weights, names)
    variances = [
        fit.structure[f"between_{name}_variance"] for name in ("groups", "sectors_1", "sectors_2")
    ]
    assert min(variances) > 0.0
    truth = covariances([list(range(9)), list(town), list(region)], variances)
    group = np.repeat(np.arange(9), 6)
    noise = np.diag(fit.structure["within_variance"] / weights.ravel())
    covariance = truth[np.ix_(group, group)] + noise
    for g in range(9):
        value, error = predicted(
            values.ravel(), np.ones((54, 1)), covariance, np.ones(1), truth[g, group], truth[g, g]
        )
        assert fit.premiums[g] == pytest.approx(value, rel=1e-8)
        assert fit.standard_errors[g] == pytest.approx(error, rel=1e-8)
    assert fit.upper is not None and fit.upper.upper is not None
    assert fit.upper.upper.labels == ("r0", "r1", "r2")


def test_one_group_a_sector_is_buhlmann_straub_and_is_said_to_be() -> None:
    with pytest.raises(InputError, match=r"one node in every sector.*Leave this level out"):
        hierarchical(RATIOS, WEIGHTS, list("abcde"))


def test_groups_alike_within_their_sectors_pay_their_sector_s_premium() -> None:
    values = [[9.0, 11.0], [11.0, 9.0], [29.0, 31.0], [31.0, 29.0]]
    fit = hierarchical(values, np.full((4, 2), 3.0), ["a", "a", "b", "b"])
    assert fit.structure["between_groups_variance"] == 0.0
    assert fit.factors.tolist() == [0.0] * 4
    assert fit.upper is not None
    np.testing.assert_allclose(fit.premiums, fit.upper.premiums[[0, 0, 1, 1]])
    exact = buhlmann_straub(
        [[9.0, 11.0, 11.0, 9.0], [29.0, 31.0, 31.0, 29.0]], np.full((2, 4), 3.0)
    )
    between = exact.structure["between_variance"]
    # Own within-variances differ by degrees of freedom only; both sectors are all but fully credible.
    assert fit.structure["between_sectors_variance"] == pytest.approx(between, rel=0.01)
    assert any("groups differ no more than chance" in note for note in fit.notes)


def test_sectors_that_do_not_differ_leave_buhlmann_straub_s_idea_of_the_collective() -> None:
    values = [[9.0, 9.5], [31.0, 30.0], [30.0, 31.0], [9.5, 9.0]]
    fit = hierarchical(values, np.full((4, 2), 3.0), ["a", "a", "b", "b"])
    assert fit.structure["between_sectors_variance"] == 0.0
    flat = buhlmann_straub(values, np.full((4, 2), 3.0))
    assert fit.structure["collective_premium"] == pytest.approx(
        flat.structure["collective_premium"], rel=1e-12
    )
    assert any("sectors differ no more than chance" in note for note in fit.notes)


@pytest.mark.parametrize(
    ("sectors", "code"),
    [
        (["a", "a", "b"], "length"),
        ([["a", "a", "b", "b", "b"], ["x", "y", "y", "y", "y"]], "nesting"),
        (["a"] * 5, "too_few"),
    ],
)
def test_sectors_must_fit_and_nest(sectors: list[str], code: str) -> None:
    with pytest.raises(InputError) as caught:
        hierarchical(RATIOS, WEIGHTS, sectors)
    assert caught.value.faults[0].code == code


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(st.floats(0.0, 90.0), min_size=3, max_size=3), min_size=6, max_size=6))
def test_factors_lie_between_0_and_1_at_every_level(values: list[list[float]]) -> None:
    weights = np.outer([1.0, 2.0, 5.0, 9.0, 3.0, 0.4], [1.0, 1.0, 2.0])
    fit = hierarchical(values, weights, list("aabbcc"))
    assert fit.upper is not None
    for level in (fit, fit.upper):
        assert ((level.factors >= 0.0) & (level.factors <= 1.0)).all()
        assert np.isfinite(level.premiums).all() and (level.standard_errors >= 0.0).all()
    order = np.argsort(fit.exposure)
    assert (np.diff(fit.factors[order]) >= -1e-12).all()


def test_a_group_without_a_sector_is_refused() -> None:
    with pytest.raises(InputError, match=r"sectors\[0\]\[2\]: got nothing; allowed: a sector"):
        hierarchical([[1, 2], [3, 4], [5, 6], [7, 9]], np.ones((4, 2)), ["a", "a", None, "b"])

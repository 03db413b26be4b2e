"""What the shape of a fitted severity may be.

Source of truth: the normal law of all parameters on their working scale, integrated by brute force; the
covariance of the fit; and the way each family's parameters go when all claims grow, by its formula.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss

from mutualfund.assumptions import Uncertainty
from mutualfund.assumptions.fitted import severity_errors
from mutualfund.claims import Fit, FitError, fit_counts, fit_severity, fit_spliced
from mutualfund.claims.fitting.shapes import normal_points
from mutualfund.claims.severity import SeverityModel

N = 400
U = (np.arange(N) + 0.5) / N
LEVELS = np.random.default_rng(3).uniform(size=N)
SAMPLES = {
    "exponential": -200.0 * np.log(U),
    "lognormal": np.random.default_rng(1).lognormal(6.0, 1.2, N),
    "gamma": np.random.default_rng(2).gamma(0.7, 500.0, N),
    "weibull": 300.0 * (-np.log(LEVELS)) ** 1.4,
    "inverse_gaussian": np.random.default_rng(4).wald(400.0, 300.0, N),
    "lomax": 400.0 * (U**-0.3 - 1.0),
    "generalised_pareto": 400.0 * (LEVELS**-0.1 - 1.0),
    "burr": 400.0 * (LEVELS**-0.25 - 1.0) ** 0.5,
    "pareto": 100.0 * LEVELS**-0.3,
    "spliced": np.random.default_rng(1).lognormal(6.0, 0.8, N),
}
# How the parameters move, each on the scale where it may be any number, when all claims grow by 1 %, in %.
GROWTH = {
    "exponential": [1],
    "lognormal": [1, 0],
    "gamma": [0, 1],
    "weibull": [0, 1],
    "inverse_gaussian": [1, 1],
    "lomax": [0, 1],
    "generalised_pareto": [0, 1],
    "burr": [0, 1, 0],
    "pareto": None,  # the point above which all claims lie stays
    "spliced": None,
}
NEITHER = {
    "mu",
    "xi",
    "tail.xi",
}  # may be any number as they are, but for the mu of an inverse Gaussian


def fit_of(kind: str, times: float = 1.0) -> Fit:
    amounts = SAMPLES[kind] * times
    if kind == "spliced":
        return fit_spliced("lognormal", amounts, above=600.0 * times)
    return fit_severity(kind, amounts, **({"above": 100.0 * times} if kind == "pareto" else {}))


def on_working_scale(fit: Fit, severity: SeverityModel) -> np.ndarray:
    """The parameters of another severity less those of the fit: logarithms, or as they are."""
    found = []
    for name, value in fit.parameters.items():
        other = severity.model_dump()
        for part in name.split("."):
            other = other[part]
        plain = name in NEITHER and fit.kind != "inverse_gaussian"
        found.append(other - value if plain else math.log(other / value))
    return np.array(found)


def slopes(fit: Fit) -> np.ndarray:
    plain = [name in NEITHER and fit.kind != "inverse_gaussian" for name in fit.parameters]
    return np.where(plain, 1.0, list(fit.parameters.values()))


@pytest.mark.parametrize("kind", SAMPLES)
def test_shapes_and_scale_have_the_covariance_of_the_fit(kind: str) -> None:
    fit = fit_of(kind)
    together = fit.covariance.matrix / np.outer(slopes(fit), slopes(fit))
    moves = [on_working_scale(fit, each.severity) for each in fit.shapes]
    found = sum(
        (
            each.probability * np.outer(move, move)
            for each, move in zip(fit.shapes, moves, strict=True)
        ),
        np.zeros_like(together),
    )
    growth = GROWTH[kind]
    if growth is None:
        assert fit.scale_error == 0.0
    else:
        found = found + fit.scale_error**2 * np.outer(growth, growth)
        # what only scales claims is independent of the shape, and a shape's mean says where it lies
        assert fit.scale_error**2 == pytest.approx(1 / (growth @ np.linalg.inv(together) @ growth))
    np.testing.assert_allclose(found, together, atol=1e-9 * together.diagonal().max(), rtol=1e-6)
    centre = sum(x.probability * m for x, m in zip(fit.shapes, moves, strict=True))
    np.testing.assert_allclose(centre, 0.0, atol=1e-9)
    for each in fit.shapes:
        assert each.relative_mean == pytest.approx(each.severity.mean / fit.mean, rel=1e-12)
    if kind != "burr":  # whose mean is far from a straight line in its parameters
        unsure = Uncertainty(**severity_errors(fit))
        assert unsure.mean_cv == pytest.approx(fit.mean_cv, rel=0.15)


def brute_force(fit: Fit, deductibles: Sequence[float]) -> np.ndarray:
    """cv of the mean and of each stop-loss premium, parameters normal on the working scale: 144 points."""
    nodes, weights = hermegauss(12)
    together = fit.covariance.matrix / np.outer(slopes(fit), slopes(fit))
    root = np.linalg.cholesky(together)
    paid, chances = [], []
    for places in product(range(12), repeat=2):
        move = root @ nodes[list(places)]
        values = {
            name: value + step if name in NEITHER else value * math.exp(step)
            for (name, value), step in zip(fit.parameters.items(), move, strict=True)
        }
        severity = type(fit.distribution)(**values)
        paid.append([severity.mean, *severity.stop_loss(deductibles)])
        chances.append(weights[list(places)].prod())
    return cv_of(np.array(paid), np.array(chances))


def drawn(fit: Fit, keys: dict[str, object], deductibles: Sequence[float]) -> np.ndarray:
    """The same of what a simulation draws: shapes with their means times a lognormal factor."""
    unsure = Uncertainty(**keys)
    nodes, weights = hermegauss(12)
    spread = math.sqrt(math.log1p(unsure.severity**2))
    severities = [fit.distribution, *(each.severity for each in unsure.shapes)]
    paid, chances = [], []
    for severity, mean, chance in zip(
        severities, unsure.shape_means, unsure.shape_chances, strict=True
    ):
        for factor, weight in zip(np.exp(spread * nodes - spread**2 / 2), weights, strict=True):
            scaled = severity.scaled(float(factor * mean * fit.mean / severity.mean))
            paid.append([scaled.mean, *scaled.stop_loss(deductibles)])
            chances.append(chance * weight)
    return cv_of(np.array(paid), np.array(chances))


def cv_of(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    weights = weights / weights.sum()
    mean = weights @ values
    return np.sqrt(weights @ values**2 - mean**2) / mean


@pytest.mark.parametrize("kind", ["lognormal", "gamma"])
def test_layers_are_as_unsure_as_the_fit_leaves_them_and_far_more_than_their_mean(
    kind: str,
) -> None:
    """Above the claims of 1 in 10 and 1 in 1,000; with the mean's error alone the latter is far too sure."""
    fit = fit_of(kind)
    points = fit.distribution.quantile([0.9, 0.999])
    exact = brute_force(fit, points)
    np.testing.assert_allclose(drawn(fit, severity_errors(fit), points), exact, rtol=0.005)
    mean_only = drawn(fit, {"severity": fit.mean_cv}, points)
    assert mean_only[0] == pytest.approx(exact[0], rel=0.01)
    assert mean_only[2] < 0.85 * exact[2]


@pytest.mark.parametrize("kind", ["inverse_gaussian", "burr", "spliced"])
def test_shapes_do_not_depend_on_the_unit_of_money(kind: str) -> None:
    one, other = fit_of(kind), fit_of(kind, times=1_000.0)
    assert other.scale_error == pytest.approx(one.scale_error, rel=1e-4)
    for a, b in zip(one.shapes, other.shapes, strict=True):
        assert (b.probability, b.relative_mean) == pytest.approx(
            (a.probability, a.relative_mean), rel=1e-3
        )
        np.testing.assert_allclose(
            b.severity.quantile([0.1, 0.99]), 1_000.0 * a.severity.quantile([0.1, 0.99]), rtol=1e-3
        )


def moments(n: int) -> Iterator[tuple[np.ndarray, float]]:
    points, chances = normal_points(n)
    assert 0.0 < 1.0 - chances.sum() < 1.0
    yield from zip(points, chances.tolist(), strict=True)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_points_have_the_moments_of_the_normal_law(n: int) -> None:
    """Along the first coordinate to the ninth: 1, 3, 15, 105; along the others to the third."""
    for power, wanted in ((1, 0), (2, 1), (3, 0), (4, 3), (5, 0), (6, 15), (8, 105), (9, 0)):
        assert sum(c * p[0] ** power for p, c in moments(n)) == pytest.approx(wanted, abs=1e-9)
    together = sum(c * np.outer(p, p) for p, c in moments(n))
    np.testing.assert_allclose(together, np.eye(n), atol=1e-12)


def test_a_shape_that_may_have_no_mean_is_refused() -> None:
    few = fit_severity("lomax", SAMPLES["lomax"][::12])
    with pytest.raises(FitError, match=r"lomax (without a mean|whose mean).*fit\.mean_cv"):
        _ = few.shapes


def test_what_has_no_shape_has_none() -> None:
    assert fit_of("exponential").shapes == ()
    assert fit_of("exponential").scale_error == pytest.approx(1 / math.sqrt(N), rel=1e-6)
    count = fit_counts("poisson", [0, 1, 2])
    assert (count.shapes, count.scale_error) == ((), 0.0)  # its claims have no size
    assert severity_errors(fit_of("exponential")) == {"severity": fit_of("exponential").mean_cv}


def test_a_shape_whose_mean_is_not_above_nothing_is_refused() -> None:
    """A normal of mean 5.1 with an error of 3.0: less than two of them are between it and 0."""
    fit = fit_severity("normal", [1.0, 2.0, 3.0, 4.0, 5.0, 30.0, 0.1, 0.2, 0.5])
    assert fit.mean < 2.0 * fit.mean_error
    with pytest.raises(
        FitError, match=r"leave open a normal whose mean is 0 or less.*fit\.mean_cv"
    ):
        _ = fit.shapes

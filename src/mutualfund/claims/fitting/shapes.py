"""What the shape of a fitted severity may be: a few severities with chances that stand for its errors.

The errors of the parameters are nearly normal on the scale where a parameter may be any number. One direction
of that space only scales claims; a factor of its own says how unsure it is, and it is taken out. What remains
changes the shape, and the mean along with it, and is drawn from a few points instead of a normal law.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import reduce
from operator import getitem
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from mutualfund.claims.fitting.fit import Fit, with_values
from mutualfund.claims.fitting.maximum import FitError, natural, slope_to_working, working
from mutualfund.claims.severity import SeverityModel
from mutualfund.types import FloatArray

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_DEAR = 10.0
"""A shape with a greater mean, as just before there is none, would by itself decide the mean over paths."""
_NEXT = 1.001
"""The factor by which claims are scaled to see which way the parameters go."""
_NOTHING = 1e-9
"""A variance so much smaller than the others is none: the direction that was taken out."""


@dataclass(frozen=True, slots=True)
class FittedShape:
    """A severity that the data leave open beside the fitted one.

    Attributes
    ----------
    severity : of the fitted family.
    probability : its chance, 0 to 1.
    relative_mean : its mean over that of the fitted severity.

    >>> from mutualfund.claims import fit_severity
    >>> light = fit_severity("gamma", [10.0, 20.0, 40.0, 80.0, 90.0]).shapes[0]
    >>> round(light.probability, 4), 0.9 < light.relative_mean < 1.1
    (0.2221, True)
    """

    severity: SeverityModel
    probability: float
    relative_mean: float


def fitted_shapes(fit: Fit) -> tuple[FittedShape, ...]:
    """The shapes that a fitted severity may have instead of the fitted one, which has the rest of the chance.

    With the fitted one they have, to first order, the covariance of the parameters but for what only scales
    claims. They are none for a count and for a family that has a scale alone, four for one with one other
    parameter, two more for each further one.

    Raises
    ------
    FitError
        Where the data leave a shape without a mean, one of 0 or less, or one of more than ten times the
        fitted mean, within three standard errors.

    Source: the variance left of one direction, T. W. Anderson, *An Introduction to Multivariate Statistical
    Analysis*, 3rd ed. (2003), section 2.5; points and chances as in `normal_points`.

    >>> from mutualfund.claims import fit_severity
    >>> fit = fit_severity("lognormal", [10.0, 20.0, 40.0, 80.0])
    >>> [(round(each.severity.sigma, 2), round(each.probability, 3)) for each in fit.shapes]
    [(1.25, 0.222), (0.48, 0.222), (2.13, 0.011), (0.28, 0.011)]
    """
    if not isinstance(fit.distribution, SeverityModel):
        return ()
    axes = _axes(fit)
    points, chances = normal_points(axes.shape[1])
    start = np.array([working(each.scale, each.value) for each in fit.estimates])
    return tuple(
        _shape(fit, start + axes @ point, chance)
        for point, chance in zip(points, chances.tolist(), strict=True)
    )


def normal_points(n: int) -> tuple[FloatArray, FloatArray]:
    """Points (k, n) and chances (k,) that stand for n independent standard normals; the origin has the rest.

    Mean, variances and covariances are exact, and all odd moments; the first coordinate takes the five
    points of Gauss and Hermite, so its moments are exact up to the ninth.

    Source: M. Abramowitz, I. Stegun, *Handbook of Mathematical Functions* (1964), 25.4.46; for the other
    coordinates the symmetric points of S. Julier, J. Uhlmann, *A New Extension of the Kalman Filter to
    Nonlinear Systems* (1997).

    >>> points, chances = normal_points(3)
    >>> ((chances[:, None] * points).T @ points).round(12).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    if n == 0:
        return np.zeros((0, 0)), np.zeros(0)
    root = math.sqrt(10.0)
    ends = [
        (0, math.sqrt(5.0 - root), (7.0 + 2.0 * root) / 60.0),
        (0, math.sqrt(5.0 + root), (7.0 - 2.0 * root) / 60.0),
    ]
    square = max(3.0, 2.0 * (n - 1))  # so far out that the origin keeps a chance
    ends += [(axis, math.sqrt(square), 0.5 / square) for axis in range(1, n)]
    points = np.zeros((2 * len(ends), n))
    for k, (axis, reach, _) in enumerate(ends):
        points[2 * k : 2 * k + 2, axis] = reach, -reach
    return points, np.repeat([chance for _, _, chance in ends], 2)


def scale_error(fit: Fit) -> float:
    """Relative standard error of the size of a fitted severity's claims, were its shape known.

    0 where no parameter only scales claims, as beside a point above which a tail takes over; then the shapes
    bring all of the error of the mean. 0 of a count, whose claims have no size.

    >>> from mutualfund.claims import fit_severity
    >>> fit = fit_severity("exponential", [10.0, 20.0, 40.0, 80.0])
    >>> round(scale_error(fit), 6), round(fit.mean_cv, 6)
    (0.5, 0.5)
    """
    scaling = _scaling(fit)
    return 0.0 if scaling is None else math.sqrt(_left(_covariance(fit), scaling))


def _covariance(fit: Fit) -> FloatArray:
    """(p, p) of the parameters on their working scale."""
    slopes = np.array([slope_to_working(each.scale, each.value) for each in fit.estimates])
    return np.asarray(fit.covariance.matrix / np.outer(slopes, slopes))


def _left(covariance: FloatArray, direction: FloatArray) -> float:
    """Variance along a direction, given all that lies across it."""
    return 1.0 / float(direction @ np.linalg.solve(covariance, direction))


def _axes(fit: Fit) -> FloatArray:
    """(p, n) independent directions of the parameters' error but for what only scales claims, each as long as
    its standard error; along the first the mean changes, along the others it does not."""
    covariance, scaling = _covariance(fit), _scaling(fit)
    size = np.sqrt(np.diag(covariance))
    if scaling is not None:
        covariance = covariance - _left(covariance, scaling) * np.outer(scaling, scaling)
    values, vectors = np.linalg.eigh(covariance / np.outer(size, size))
    kept = values > _NOTHING
    axes = size[:, None] * vectors[:, kept] * np.sqrt(values[kept])
    slopes = [
        fit.slope_of_mean(each) * slope_to_working(each.scale, each.value) for each in fit.estimates
    ]
    turned, _ = np.linalg.qr(np.column_stack([axes.T @ slopes, np.eye(axes.shape[1])]))
    return _pointing_up(axes @ turned)


def _pointing_up(axes: FloatArray) -> FloatArray:
    """Each axis turned to where the first parameter that it moves much grows; either way is as good."""
    much = np.abs(axes) > 0.5 * np.abs(axes).max(axis=0)
    first = np.take_along_axis(axes, np.argmax(much, axis=0)[None], axis=0)
    return np.asarray(axes * np.sign(first))


def _scaling(fit: Fit) -> FloatArray | None:
    """Which way the parameters go, on their working scale, when all claims grow; none where they cannot.

    They cannot where a point of the law is not fitted: the point above which a tail takes over stays. A count
    has no such way.
    """
    if not isinstance(fit.distribution, SeverityModel):
        return None
    grown = fit.distribution.scaled(_NEXT)
    values = {each.name: _value(grown, each.name) for each in fit.estimates}
    if with_values(fit.distribution, values) != grown:
        return None
    moved = [working(e.scale, values[e.name]) - working(e.scale, e.value) for e in fit.estimates]
    return np.array(moved) / math.log(_NEXT)


def _value(distribution: SeverityModel, name: str) -> float:
    """A parameter by its name; "tail.xi" is the tail's."""
    table: Any = distribution.model_dump()
    return float(reduce(getitem, name.split("."), table))


def _shape(fit: Fit, point: FloatArray, chance: float) -> FittedShape:
    """The severity at a point of the parameters' working scale."""
    named = {
        each.name: natural(each.scale, value)
        for each, value in zip(fit.estimates, point.tolist(), strict=True)
    }
    try:
        severity = with_values(fit.distribution, named)
    except ValidationError:
        raise _too_unsure(fit, named, "without a mean") from None
    assert isinstance(severity, SeverityModel)
    if severity.mean <= 0.0:
        raise _too_unsure(fit, named, "whose mean is 0 or less")
    relative = severity.mean / fit.mean
    if relative > MOST_DEAR:
        raise _too_unsure(fit, named, f"whose mean is {relative:.3g} times the fitted one")
    return FittedShape(severity, chance, relative)


def _too_unsure(fit: Fit, named: Mapping[str, float], what: str) -> FitError:
    shown = ", ".join(f"{name} = {value:.3g}" for name, value in named.items())
    return FitError(
        f"the data leave open a {fit.kind} {what} ({shown}, within three standard errors): limit the claim, "
        "use more claims, or state the uncertainty yourself, as "
        '{"severity": fit.mean_cv}, which takes the shape as known'
    )

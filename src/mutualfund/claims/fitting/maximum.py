"""The numerical side of maximum likelihood: slope, curvature, Newton's climb, and what is refused.

The climb goes over a working scale on which every parameter may be any number (`Scale`), and differences are
taken over a hundredth of what one observation tells of a parameter, so neither the currency nor the number of
claims matters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mutualfund.errors import MutualFundError
from mutualfund.types import FloatArray

LogLikelihood = Callable[[FloatArray], float]
Scale = Literal["positive", "share", "any"]
"""What a parameter may be. Worked with as its logarithm, its log-odds, or itself."""


class FitError(MutualFundError):
    """The likelihood of these data has no maximum, or none with a standard error, in this family.

    >>> from mutualfund.claims import fit_counts
    >>> try:
    ...     fit_counts("negative_binomial", [1, 1, 1, 1])
    ... except FitError:
    ...     print("less spread than a Poisson")
    less spread than a Poisson
    """


@dataclass(frozen=True, slots=True)
class Unknown:
    """A parameter to be found: its name, what it may be, and a step on the working scale that is felt."""

    name: str
    scale: Scale = "positive"
    step: float = 1.0


@dataclass(frozen=True, slots=True)
class Top:
    """The top of a likelihood, on the parameters' own scale."""

    values: FloatArray  # (p,)
    covariance: FloatArray  # (p, p) inverse of the observed information
    loglik: float


def working(scale: Scale, value: float) -> float:
    """A parameter on the scale where it may be any number."""
    if scale == "any":
        return value
    return math.log(value) if scale == "positive" else math.log(value / (1.0 - value))


def natural(scale: Scale, value: float) -> float:
    """The parameter of a number on the working scale."""
    if scale == "any":
        return value
    if scale == "positive":
        return math.exp(min(value, 700.0))
    return 1.0 / (1.0 + math.exp(-max(value, -700.0)))


def slope_to_working(scale: Scale, value: float) -> float:
    """Change of the parameter for a small change on the working scale."""
    if scale == "any":
        return 1.0
    return value if scale == "positive" else value * (1.0 - value)


def derivatives(
    loglik: LogLikelihood, point: FloatArray, width: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Slope and curvature at `point`, by differences of fourth order over `width` and twice that."""
    n, level = point.size, loglik(point)
    ones, twos = _rises(loglik, point, width), _rises(loglik, point, 2.0 * width)
    slope = (8.0 * (ones[0] - ones[1]) - (twos[0] - twos[1])) / (12.0 * width)
    curvature = np.empty((n, n))
    for i in range(n):
        near, far = ones[0][i] + ones[1][i] - 2 * level, twos[0][i] + twos[1][i] - 2 * level
        curvature[i, i] = (16.0 * near - far) / (12.0 * width[i] ** 2)
        for j in range(i):
            pair = np.zeros(n)
            pair[[i, j]] = width[[i, j]]
            near, far = (
                loglik(point + pair * step) + loglik(point - pair * step)
                - rises[0][i] - rises[1][i] - rises[0][j] - rises[1][j] + 2.0 * level
                for step, rises in ((1.0, ones), (2.0, twos))
            )  # fmt: skip
            mixed = (16.0 * near - far) / (24.0 * width[i] * width[j])
            curvature[i, j] = curvature[j, i] = mixed
    return slope, curvature


def _rises(
    loglik: LogLikelihood, point: FloatArray, width: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The log-likelihood one `width` up and one down, parameter by parameter."""
    moves = np.diag(width)
    up = np.array([loglik(point + move) for move in moves])
    return up, np.array([loglik(point - move) for move in moves])


_MOST_STEPS = 100
_REACHED = 1e-14
"""A Newton step that promises less than this is not taken: a ten-millionth of a standard error."""
_ROUNDING = 1e-8
"""Where so little is promised and no step goes uphill, or none promises less, only rounding is left."""
_FARTHEST = 12.0
"""A parameter so many felt steps from its first guess is on its way to the border of what it may be."""
_FLAT = 4.0
"""A standard error of so many felt steps, a factor of fifty up or down for a positive parameter, is none."""


def climb(
    loglik: Callable[[FloatArray], float],
    unknowns: Sequence[Unknown],
    starts: Sequence[Sequence[float]],
    n: float,
    instead: str,
) -> Top:
    """The top of a log-likelihood of parameters on their own scale.

    starts: guesses at the parameters; the best three are tried in turn. n: observations. instead: what to
    do where the data do not determine the parameters.

    Raises
    ------
    FitError
        Where the search does not arrive, or the curvature at its end gives no variance.
    """
    scales = [unknown.scale for unknown in unknowns]

    def on_working(point: FloatArray) -> float:
        values = [natural(s, v) for s, v in zip(scales, point.tolist(), strict=True)]
        level = loglik(np.array(values))
        return level if level == level else -math.inf

    points = [
        np.array([working(s, v) for s, v in zip(scales, start, strict=True)]) for start in starts
    ]
    levels = np.array([on_working(point) for point in points])
    failure = FitError("no guess at the parameters agrees with the data")
    for place in np.argsort(-levels, kind="stable")[:3]:
        if math.isfinite(levels[place]):
            try:
                return _climb_from(on_working, unknowns, points[place], n, instead)
            except FitError as error:
                failure = error
    raise failure


def _climb_from(
    loglik: LogLikelihood, unknowns: Sequence[Unknown], point: FloatArray, n: float, instead: str
) -> Top:
    felt = np.array([unknown.step for unknown in unknowns])
    start, width, level, promised = point, 0.003 * felt, loglik(point), math.inf
    for _ in range(_MOST_STEPS):
        slope, curvature = _inside(loglik, point, width, instead)
        step, decrement = _newton(slope, curvature)
        if decrement < _REACHED or promised <= decrement < _ROUNDING:
            break
        promised = decrement
        step /= max(1.0, float(np.max(np.abs(step) / (1.5 * felt))))
        moved = _uphill(loglik, point, level, step)
        if moved is None and decrement < _ROUNDING:
            break
        if moved is None:
            raise FitError(f"the search stopped short of the top of the likelihood: {instead}")
        point, level = moved
        far = np.abs(point - start) > _FARTHEST * felt
        if np.any(far):
            raise _runs_off(unknowns[int(np.argmax(far))], instead)
        with np.errstate(divide="ignore"):
            told = np.sqrt(n / np.abs(np.diag(curvature)))
        width = 0.01 * np.clip(told, 0.01 * felt, 0.3 * felt)
    else:
        raise FitError(f"the search did not reach the top of the likelihood: {instead}")
    return _top(unknowns, point, level, curvature, instead)


def _inside(
    loglik: LogLikelihood, point: FloatArray, width: FloatArray, instead: str
) -> tuple[FloatArray, FloatArray]:
    """Derivatives over a width that stays where the likelihood is defined."""
    for _ in range(4):
        with np.errstate(invalid="ignore"):
            slope, curvature = derivatives(loglik, point, width)
        if np.all(np.isfinite(slope)) and np.all(np.isfinite(curvature)):
            return slope, curvature
        width = width / 10.0
    raise FitError(
        f"the likelihood rises to the border of what these data allow and has no top: {instead}"
    )


def _newton(slope: FloatArray, curvature: FloatArray) -> tuple[FloatArray, float]:
    """Newton's step, turned uphill where the likelihood is not a hill, and twice what it promises."""
    size = np.sqrt(np.maximum(np.abs(np.diag(curvature)), 1e-300))
    values, axes = np.linalg.eigh(-curvature / np.outer(size, size))
    along = axes.T @ (slope / size)
    steep = np.maximum(np.abs(values), 1e-10)
    return axes @ (along / steep) / size, float(along @ (along / steep))


def _uphill(
    loglik: LogLikelihood, point: FloatArray, level: float, step: FloatArray
) -> tuple[FloatArray, float] | None:
    """The first of the step and its halves that does not go downhill, rounding forgiven, if any."""
    for _ in range(40):
        moved = loglik(point + step)
        if moved >= level - 1e-13 * abs(level):
            return point + step, moved
        step = step / 2.0
    return None


def _runs_off(unknown: Unknown, instead: str) -> FitError:
    return FitError(f"the data do not determine {unknown.name}: {instead}")


def _top(
    unknowns: Sequence[Unknown],
    point: FloatArray,
    level: float,
    curvature: FloatArray,
    instead: str,
) -> Top:
    """The top at `point`, once its curvature has been looked at."""
    size = np.sqrt(np.maximum(np.abs(np.diag(curvature)), 1e-300))
    scaled = -curvature / np.outer(size, size)
    if not float(np.linalg.eigvalsh(scaled)[0]) > 1e-8:
        names = ", ".join(unknown.name for unknown in unknowns)
        raise FitError(f"the likelihood is flat: the data do not determine {names}: {instead}")
    covariance = np.linalg.inv(scaled) / np.outer(size, size)
    for unknown, error in zip(unknowns, np.sqrt(np.diag(covariance)).tolist(), strict=True):
        if not error < _FLAT * unknown.step:
            raise _runs_off(unknown, instead)
    pairs = list(zip(unknowns, point.tolist(), strict=True))
    values = np.array([natural(unknown.scale, at) for unknown, at in pairs])
    slopes = np.array(
        [slope_to_working(u.scale, v) for (u, _), v in zip(pairs, values.tolist(), strict=True)]
    )
    return Top(values, covariance * np.outer(slopes, slopes), level)

"""Hachemeister's regression credibility: a trend for each group between its own and the collective's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from mutualfund.errors import HIDDEN, Fault, InputError, MutualFundError, numbers
from mutualfund.premiums.credibility.buhlmann import few_note, require_choice
from mutualfund.premiums.credibility.experience import Experience, read_experience
from mutualfund.premiums.credibility.levels import Estimator, level_of
from mutualfund.premiums.credibility.result import CredibilityFit
from mutualfund.types import FloatArray

Intercept = Literal["barycentre", "origin"]
_ROUNDS = 1_000
_TOLERANCE = 1e-12
_SLOW_ROUNDS = 30_000
_SLOW_TOLERANCE = 1e-10
_EXACT = 1e-26


def hachemeister(
    observations: npt.ArrayLike,
    weights: npt.ArrayLike,
    *,
    design: npt.ArrayLike | None = None,
    at: npt.ArrayLike | None = None,
    labels: Iterable[str] | None = None,
    intercept: Intercept = "barycentre",
    estimator: Estimator = "unbiased",
) -> CredibilityFit:
    """Credibility of a regression, such as a level and a trend, priced at a future point.

    With ``intercept="origin"`` the coefficients are Hachemeister's own: their credibility is a full matrix,
    which can put a group's line outside the range between its own and the collective's. With
    ``"barycentre"``, the default, the design is first made orthogonal under the mean weights of the periods,
    so that level and trend get a factor of their own each.

    Parameters
    ----------
    observations, weights : (n_groups, n_periods), as for `buhlmann_straub`.
    design : (n_periods, n_coefficients) regressors, a column of ones among them where a level is meant;
        default a level and the period's number 1, 2, ....
    at : (n_coefficients,) the regressors to price at; default one period after the last.
    labels : names of the groups.
    intercept : ``"barycentre"`` (Buhlmann and Gisler) or ``"origin"`` (Hachemeister).
    estimator : of the between-variances at the barycentre; at the origin the estimate is iterative.

    Returns
    -------
    CredibilityFit. `coefficients` are the credibility-adjusted ones in the units of `design`,
    `factor_matrices` turn own into adjusted ones; premiums, own and complement are values at `at`.

    Raises
    ------
    InputError
        As for `buhlmann_straub`; where a group has no more periods than there are coefficients, or its
        design is singular.

    Source: C. Hachemeister, *Credibility for regression models with application to trend*, in
    P. Kahn (ed.), *Credibility: Theory and Applications* (1975); the iterative estimator: M. Goovaerts,
    W. Hoogstad, *Credibility Theory* (1987); the barycentre: H. Buhlmann, A. Gisler, *Credibility in the
    regression case revisited*, ASTIN Bulletin 27 (1997).

    >>> fit = hachemeister([[1.0, 2.1, 2.9, 4.2], [2.0, 2.4, 3.1, 3.4], [1.5, 3.0, 4.6, 6.1]],
    ...                    [[5, 5, 6, 6], [9, 9, 9, 9], [2, 2, 2, 3]])
    >>> fit.premiums.round(2).tolist()
    [5.16, 3.96, 7.59]
    """
    require_choice("intercept", intercept, ("barycentre", "origin"))
    require_choice("estimator", estimator, ("unbiased", "iterative"))
    experience = read_experience(observations, weights, labels)
    regressors, point = _regressors(design, at, experience.observations.shape[1])
    basis = np.eye(point.size)
    if intercept == "barycentre":
        basis = _orthogonal(regressors, experience.weights)
    lines = _own_lines(experience, regressors @ basis)
    model = _at_origin(lines) if intercept == "origin" else _at_barycentre(lines, estimator)
    return _result(experience, lines, model, basis, point, intercept)


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """Own regression of each group: coefficients (n, p), their covariance per unit of variance (n, p, p)."""

    coefficients: FloatArray
    covariance: FloatArray
    information: FloatArray
    variance: float

    @property
    def noise(self) -> FloatArray:
        return self.variance * self.covariance


@dataclass(frozen=True, slots=True, eq=False)
class _Collective:
    """Covariance of the coefficients between groups, factor matrices, collective line, its own covariance."""

    between: FloatArray
    factors: FloatArray
    line: FloatArray
    error: FloatArray
    notes: tuple[str, ...]


def _regressors(
    design: npt.ArrayLike | None, at: npt.ArrayLike | None, n_periods: int
) -> tuple[FloatArray, FloatArray]:
    periods = np.arange(1.0, n_periods + 1.0)
    columns = np.stack([np.ones(n_periods), periods], axis=1) if design is None else design
    x = np.atleast_2d(numbers("design", columns)).copy()
    if at is None and design is not None:
        allowed = "the regressors to price at, one for each column of design"
        raise InputError([Fault("at", "nothing", allowed, code="missing")])
    point = numbers("at", [1.0, n_periods + 1.0] if at is None else at)
    if x.shape[0] != n_periods or x.ndim != 2:
        allowed = f"({n_periods}, coefficients)"
        raise InputError([Fault("design", f"shape {x.shape}", allowed, code="length")])
    if point.shape != (x.shape[1],):
        allowed = f"{x.shape[1]} numbers, one for each column of design"
        raise InputError([Fault("at", f"shape {point.shape}", allowed, code="length")])
    for field, values in (("design", x), ("at", point)):
        if not np.isfinite(values).all():
            raise InputError([Fault(field, HIDDEN, "finite numbers", code="not_finite")])
    return x, point


def _orthogonal(design: FloatArray, weights: FloatArray) -> FloatArray:
    """(p, p) the change of basis that makes the design's columns orthonormal under the mean weights."""
    shares = weights.sum(axis=0) / weights.sum()
    triangle = np.linalg.qr(design * np.sqrt(shares)[:, None], mode="r")
    if np.linalg.matrix_rank(triangle) < design.shape[1]:
        raise InputError([_singular("design")])
    signs = np.sign(np.diag(triangle))
    return np.asarray(np.linalg.inv(triangle) * signs)


def _own_lines(experience: Experience, design: FloatArray) -> _Lines:
    """Weighted least squares of each group; the variance is the mean of the groups' own estimates."""
    n_periods = experience.seen.sum(axis=1)
    short = np.flatnonzero(n_periods <= design.shape[1])
    if short.size:
        group = int(short[0])
        allowed = f"more than {design.shape[1]}, one for each coefficient and one over"
        got = f"{n_periods[group]} periods seen"
        raise InputError([Fault(f"observations[{group}]", got, allowed, code="too_few")])
    information = np.einsum("it,tp,tq->ipq", experience.weights, design, design)
    for group, matrix in enumerate(information):
        if np.linalg.matrix_rank(matrix) < design.shape[1]:
            raise InputError([_singular(f"design over the periods seen of group {group}")])
    covariance = np.linalg.inv(information)
    right = np.einsum("it,it,tp->ip", experience.weights, experience.observations, design)
    own = np.einsum("ipq,iq->ip", covariance, right)
    left = experience.observations - own @ design.T
    squares = (experience.weights * left**2).sum(axis=1)
    sizes = (experience.weights * experience.observations**2).sum(axis=1)
    squares[squares <= _EXACT * sizes] = 0.0  # what is left of a line that fits exactly is rounding
    variance = float((squares / (n_periods - design.shape[1])).mean())
    return _Lines(own, covariance, information, variance)


def _at_barycentre(lines: _Lines, estimator: Estimator) -> _Collective:
    """Each coefficient by itself, as in Buhlmann-Straub, with the weight that the design gives it."""
    own, n_groups = lines.coefficients, lines.coefficients.shape[0]
    weights = np.einsum("ipp->ip", lines.information)
    everyone = np.zeros(n_groups, dtype=np.int64)
    levels = [
        level_of(weights[:, k], own[:, k], lines.variance, everyone, 1, estimator)
        for k in range(own.shape[1])
    ]
    factors = np.stack([np.diag(row) for row in np.stack([x.factors for x in levels], axis=1)])
    notes = tuple(
        f"Coefficient {k + 1} differs between groups no more than chance explains (raw variance "
        f"{level.raw:.6g}): it is the collective's for all."
        for k, level in enumerate(levels)
        if level.between <= 0.0
    )
    return _Collective(
        between=np.diag([level.between for level in levels]),
        factors=factors,
        line=np.array([float(level.parent_means[0]) for level in levels]),
        error=np.diag([level.parent_within / float(level.parent_weights[0]) for level in levels]),
        notes=notes,
    )


def _at_origin(lines: _Lines) -> _Collective:
    """The fixed point of A = sum Z (own - line)(own - line)' / (n - 1) with Z = A (A + noise)^-1.

    Where A runs to the edge of what a covariance can be, it gets there slowly or steps over it: then every
    step is brought back within, and many more are taken.
    """
    if lines.variance == 0.0:
        return _without_noise(lines)
    try:
        found = _fixed_point(lines, _ROUNDS, _TOLERANCE, within=False)
    except np.linalg.LinAlgError:  # it stepped so far over the edge that nothing can be inverted
        found = None
    found = found or _fixed_point(lines, _SLOW_ROUNDS, _SLOW_TOLERANCE, within=True)
    if found is None:
        raise MutualFundError(
            "Hachemeister's between-covariance did not settle: use intercept 'barycentre'"
        )
    return _closed(lines, *found)


def _fixed_point(
    lines: _Lines, rounds: int, tolerance: float, *, within: bool
) -> tuple[FloatArray, FloatArray] | None:
    """Between-covariance and collective line once the line stands still; None where it does not.

    within: whether variances below 0 are cut at every step, as seen in the groups' mean noise.
    """
    own, n_groups = lines.coefficients, lines.coefficients.shape[0]
    unit = np.linalg.cholesky(lines.noise.mean(axis=0))
    inverse = np.linalg.inv(unit)
    line = own.mean(axis=0)
    factors = np.tile(np.eye(line.size), (n_groups, 1, 1))
    for _ in range(rounds):
        apart = own - line
        between = _symmetric(np.einsum("ipq,iq,ir->pr", factors, apart, apart) / (n_groups - 1))
        if within:
            between = unit @ _cut(inverse @ between @ inverse.T) @ unit.T
        precision = np.linalg.inv(between + lines.noise)
        factors = between @ precision
        found = np.linalg.solve(precision.sum(axis=0), np.einsum("ipq,iq->p", precision, own))
        settled = np.abs(found - line).max() <= tolerance * np.abs(found).max()
        line = found
        if settled:
            return between, line
    return None


def _cut(matrix: FloatArray) -> FloatArray:
    """The matrix without its negative variances."""
    values, vectors = np.linalg.eigh(_symmetric(matrix))
    return np.asarray((vectors * np.maximum(values, 0.0)) @ vectors.T)


def _without_noise(lines: _Lines) -> _Collective:
    """Every group's line fits exactly: it is the group's own, and the groups alone differ."""
    own, n_groups = lines.coefficients, lines.coefficients.shape[0]
    between = np.atleast_2d(np.cov(own, rowvar=False))
    note = "Every group lies on its own line exactly: own experience has the whole weight."
    return _Collective(
        between=between,
        factors=np.tile(np.eye(own.shape[1]), (n_groups, 1, 1)),
        line=own.mean(axis=0),
        error=between / n_groups,
        notes=(note,),
    )


def _closed(lines: _Lines, between: FloatArray, line: FloatArray) -> _Collective:
    """Factors of the covariance found, once it is one: negative variances are cut at zero and said."""
    least = float(np.linalg.eigvalsh(between).min())
    notes: tuple[str, ...] = ()
    if least < 0.0:
        notes = (f"The between-covariance had a negative variance ({least:.6g}), cut at 0.",)
        between = _cut(between)
    precision = np.linalg.inv(between + lines.noise)
    return _Collective(
        between=between,
        factors=between @ precision,
        line=line,
        error=np.linalg.inv(precision.sum(axis=0)),
        notes=notes,
    )


def _symmetric(matrix: FloatArray) -> FloatArray:
    return np.asarray((matrix + matrix.T) / 2.0)


def _result(
    experience: Experience,
    lines: _Lines,
    model: _Collective,
    basis: FloatArray,
    point: FloatArray,
    intercept: Intercept,
) -> CredibilityFit:
    """Premiums at `point`, which in the changed basis is point @ basis."""
    here = point @ basis
    adjusted = model.line + np.einsum("ipq,iq->ip", model.factors, lines.coefficients - model.line)
    rest = np.eye(here.size) - model.factors
    left_open = rest @ model.between
    error = _mean_squared_error(lines, model, rest)
    prior = float(here @ model.between @ here)
    open_here = np.einsum("p,ipq,q->i", here, left_open, here)
    factors = 1.0 - open_here / prior if prior > 0.0 else np.zeros(open_here.size)
    inverse = np.linalg.inv(basis)
    collective = float(here @ model.line)
    between = basis @ model.between @ basis.T
    coefficients = basis @ model.line
    structure = {"within_variance": lines.variance, "collective_premium": collective}
    for k in range(here.size):
        structure[f"collective_coefficient_{k + 1}"] = float(coefficients[k])
        structure |= {f"between_{k + 1}_{m + 1}": float(between[k, m]) for m in range(k + 1)}
    return CredibilityFit(
        method=f"regression (Hachemeister, intercept at the {intercept})",
        labels=experience.labels,
        exposure=experience.exposure,
        own=lines.coefficients @ here,
        factors=np.clip(factors, 0.0, 1.0),
        complement=np.full(len(experience.labels), collective),
        premiums=adjusted @ here,
        standard_errors=np.sqrt(np.maximum(np.einsum("p,ipq,q->i", here, error, here), 0.0)),
        structure=structure,
        notes=(*model.notes, *few_note(len(experience.labels), "groups")),
        coefficients=adjusted @ basis.T,
        factor_matrices=basis @ model.factors @ inverse,
    )


def _mean_squared_error(lines: _Lines, model: _Collective, rest: FloatArray) -> FloatArray:
    """(n, p, p) of each adjusted line: own noise let in, own difference left out, the collective's own error.

    At the origin it equals (I - Z) A + (I - Z) error (I - Z)'; at the barycentre Z is not quite the best.
    """
    noise = model.factors @ lines.noise @ np.swapaxes(model.factors, 1, 2)
    return noise + rest @ (model.between + model.error) @ np.swapaxes(rest, 1, 2)


def _singular(field: str) -> Fault:
    return Fault(field, "regressors that repeat each other", "independent ones", code="singular")

"""What a study says of one service line, each number with its standard error and the place it came from.

A draft is a beginning, for an actuary to judge: it knows nothing of benefits to come or of who will join.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mutualfund.assumptions.fitted import severity_errors
from mutualfund.assumptions.uncertainty import Uncertainty
from mutualfund.claims import Fit, FitError, fit_counts, fit_severity
from mutualfund.claims.experience import ExperienceStudy, ExperienceTable
from mutualfund.types import FloatArray

FAMILIES = ("exponential", "gamma", "lognormal", "weibull")
_FEW = 30


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where one number of a draft came from.

    Parameters
    ----------
    field
        Its path in the assumptions, as ``lines.dental.frequency.mean``.
    value, standard_error
        The number and its error in the same unit; NaN where none can be given.
    n
        Claims, members or months it rests on.
    source
        The table of the study.
    method
        What was done with it, in words.

    >>> Provenance("lines.dental.lag_months", 1.2, 0.1, 400, "payment delays", "mean").n
    400
    """

    field: str
    value: float
    standard_error: float
    n: int
    source: str
    method: str


@dataclass(frozen=True, slots=True)
class Shrunk:
    """Estimates drawn towards a common centre: `value`, `error` and the `weight` on their own data, (n,)."""

    value: FloatArray
    error: FloatArray
    weight: FloatArray


def shrunk(value: FloatArray, error: FloatArray, centre: float | None = None) -> Shrunk:
    """Credibility: Z = t / (t + error^2), with t the variance between the true values.

    t is found by moments (R. DerSimonian and N. Laird, Controlled Clinical Trials 7 (1986) 177, the estimate
    with weights 1 / error^2), so what differs by no more than its errors explain goes to the centre. Without
    `centre` that is their mean with weights 1 / (t + error^2), as there: with 1 / error^2 the one most exact
    value would be the centre however much the others differ. Its own error, 1 / sqrt(sum of weights), is part
    of the errors then. value, error: (n,), an error of infinity meaning no data.

    >>> shrunk(np.array([0.5, 1.5]), np.array([0.1, 0.1]), 1.0).value.round(2).tolist()
    [0.51, 1.49]
    >>> shrunk(np.array([0.9, 1.1]), np.array([0.3, 0.3]), 1.0).value.tolist()
    [1.0, 1.0]
    """
    own = 1.0 / error**2
    if not own.any():
        middle = 0.0 if centre is None else centre
        return Shrunk(
            np.full_like(value, middle), np.full_like(value, np.inf), np.zeros_like(value)
        )
    mean = float((own * np.where(own > 0.0, value, 0.0)).sum() / own.sum())
    spread = own.sum() - (own**2).sum() / own.sum()
    surplus = float((own * np.where(own > 0.0, value - mean, 0.0) ** 2).sum()) - (
        np.count_nonzero(own) - 1
    )
    between = max(0.0, surplus / spread) if spread > 0.0 else 0.0
    weight = between / (between + error**2)
    middle, unsure = centre if centre is not None else mean, 0.0
    if centre is None:
        shares = 1.0 / (between + error**2)
        middle = float((shares * np.where(own > 0.0, value, 0.0)).sum() / shares.sum())
        unsure = 1.0 / float(shares.sum())
    drawn = middle + weight * np.where(own > 0.0, value - middle, 0.0)
    if between == 0.0:
        return Shrunk(drawn, np.full_like(value, 1.0 / math.sqrt(own.sum())), weight)
    variance = between * (1.0 - weight) + (1.0 - weight) ** 2 * unsure
    return Shrunk(drawn, np.sqrt(variance), weight)


Factors = dict[str, tuple[tuple[str, ...], Shrunk, FloatArray]]
"""By line: the labels of a key, the factors, and the claims of each label."""


def factors(
    study: ExperienceStudy, key: str, other: str, centre_rates: FloatArray, known: FloatArray
) -> Factors:
    """Relative claim rates by line over the labels of `key`, with `other` taken out.

    centre_rates (n_lines,) claims a thousand member-years; known (n_lines, n_months) share of claims on file,
    which is all that is expected of a month.

    The two sets of factors are those whose expected claims equal the actual ones in every label of either key
    (R. A. Bailey and L. J. Simon, ASTIN Bulletin 1 (1960) 192). Each is then weighted with its credibility
    against 1. Its error is by members, and at least that of a Poisson at the expected count.
    """
    by_month = (key, other, "month")
    months = _grid(study.exposure(by_month), "member_months", study, by_month)
    claims = _grid(study.per_thousand(("line", key, other)), "claims", study, ("line", key, other))
    expected: dict[tuple[str, ...], float] = {}
    for place, line in enumerate(study.lines):
        by_other = _margins(claims[place], months @ known[place])
        rate = centre_rates[place] * by_other
        for label, value in zip(study.keys[other].labels, rate, strict=True):
            for month, share in zip(study.period.month_labels, known[place], strict=True):
                expected[line, label, month] = float(value * share)
    table = study.actual_to_expected(
        expected, expected_by=("line", other, "month"), by=("line", key), of="per_thousand"
    )
    by = ("line", key)
    ratio, error, count = (
        _grid(table, name, study, by) for name in ("ratio", "standard_error", "expected")
    )
    actual = _grid(table, "actual", study, by)
    least = 1.0 / np.sqrt(np.maximum(count, 1e-300))
    error = np.where(count > 0.0, np.maximum(np.nan_to_num(error), least), np.inf)
    ratio = np.where(count > 0.0, np.nan_to_num(ratio), 1.0)
    return {
        line: (study.keys[key].labels, shrunk(ratio[place], error[place], 1.0), actual[place])
        for place, line in enumerate(study.lines)
    }


def _grid(
    table: ExperienceTable, column: str, study: ExperienceStudy, by: Sequence[str]
) -> FloatArray:
    """A column of a table over all combinations of its labels; nought where there is no row."""
    shape = [len(study.lines) if name == "line" else len(study.keys[name].labels) for name in by]
    whole = np.zeros(int(np.prod(shape)))
    whole[table.place] = table[column]
    return whole.reshape(shape)


def _margins(claims: FloatArray, exposure: FloatArray) -> FloatArray:
    """(n_other,) factors of the second key, mean 1 over exposure, that fit both margins."""
    if claims.sum() == 0.0:
        return np.ones(claims.shape[1])
    first, second = np.ones(claims.shape[0]), np.ones(claims.shape[1])
    for _ in range(200):
        before = second
        first = _ratio(claims.sum(axis=1), exposure @ second)
        second = _ratio(claims.sum(axis=0), first @ exposure)
        second = second * exposure.sum() / float((exposure @ second).sum())
        if np.abs(second - before).max() < 1e-12:
            break
    return second


def _ratio(actual: FloatArray, expected: FloatArray) -> FloatArray:
    return np.where(expected > 0.0, actual / np.maximum(expected, 1e-300), 1.0)


MOST_CV = 2.0
"""The greatest uncertainty that a scenario takes: that of a mean whose error is greater or not known."""


def drawn_cv(relative: float) -> float:
    """What parameter risk draws a mean with: its relative error as far as a scenario takes it."""
    return min(float(relative), MOST_CV) if math.isfinite(relative) else MOST_CV


@dataclass(frozen=True, slots=True)
class Size:
    """The severity of a line as a scenario writes it, with the errors of its parameters.

    `uncertainty` has the keys of `Uncertainty` that are a severity's.
    """

    spelling: dict[str, float | str]
    errors: dict[str, float]
    method: str
    uncertainty: dict[str, Any]


def size_of(amounts: FloatArray, mean: float, mean_error: float) -> Size:
    """The family that fits best by Akaike's criterion, with `mean` as observed and its cv as fitted.

    A fitted mean would move the cost of the line away from the one observed; the fit decides how the cost
    is spread, and what else its shape may be. Fewer than 30 claims, and those that no family fits, are given
    the cv they have, in a gamma.
    """
    errors = {"mean": mean_error}
    unsure = {"severity": drawn_cv(mean_error / mean)}
    if len(amounts) == 0 or float(amounts.min()) == float(amounts.max()):
        fixed: dict[str, float | str] = {"kind": "fixed", "amount": mean}
        return Size(fixed, {"amount": mean_error}, "all claims equal", unsure)
    fits = {}
    for family in FAMILIES if len(amounts) >= _FEW else ():
        try:
            fits[family] = fit_severity(family, amounts)  # type: ignore[arg-type]
        except FitError:
            continue
    if not fits:
        cv = float(amounts.std(ddof=1) / amounts.mean())
        spelling: dict[str, float | str] = {"kind": "gamma", "mean": mean, "cv": cv}
        why = "too few claims for a fit" if len(amounts) < _FEW else "no family could be fitted"
        return Size(spelling, {**errors, "cv": math.nan}, f"moments: {why}", unsure)
    family = min(fits, key=lambda name: fits[name].aic)
    method = f"{family}, least AIC of {', '.join(fits)}; mean as observed"
    if family == "exponential":
        return Size({"kind": family, "mean": mean}, errors, method, unsure)
    return _fitted(fits[family], family, Size({"mean": mean}, errors, method, unsure))


def _fitted(fit: Fit, family: str, plain: Size) -> Size:
    """The size with the cv of a fit and its shapes, where it can say what else the shape may be."""
    shape = {"gamma": "alpha", "lognormal": "sigma", "weibull": "tau"}[family]
    mean, error = float(plain.spelling["mean"]), plain.errors["mean"]
    cv = float(fit.distribution.cv)  # type: ignore[union-attr]
    spelling: dict[str, float | str] = {"kind": family, "mean": mean, "cv": cv}
    of_cv = _cv_slope(fit, shape) * fit.standard_errors[shape]
    method, unsure = plain.method, plain.uncertainty
    try:
        unsure = widened(severity_errors(fit), unsure["severity"])
    except FitError as refused:
        method += f"; without other shapes: {refused}"
    drawn = mean * Uncertainty(**unsure).mean_cv
    if drawn > error * (1.0 + 1e-9):
        method += "; the error of the mean is the fit's, greater than the records'"
        error = drawn
    return Size(spelling, {"mean": error, "cv": of_cv}, method, unsure)


def widened(fitted: Mapping[str, Any], relative: float) -> dict[str, Any]:
    """A fit's keys of `Uncertainty` with its factor widened until the mean is as unsure as `relative`.

    The shapes move the mean too: the factor has what they leave, and at least what the fit gives it.

    >>> widened({"severity": 0.03}, 0.05)
    {'severity': 0.05}
    """
    held = Uncertainty(**fitted)
    of_shapes = Uncertainty(shapes=held.shapes).mean_cv ** 2
    left = max(relative**2 - of_shapes, 0.0) / (1.0 + of_shapes)
    return {**fitted, "severity": max(held.severity, math.sqrt(left))}


def _cv_slope(fit: object, shape: str) -> float:
    """|d cv / d shape| at the fit, by central difference: the cv depends on the shape alone."""
    parameters = dict(fit.parameters)  # type: ignore[attr-defined]
    kind = type(fit.distribution)  # type: ignore[attr-defined]
    step = 1e-5 * parameters[shape]
    high, low = (
        kind(**{**parameters, shape: parameters[shape] + side}).cv for side in (step, -step)
    )
    return abs(float(high) - float(low)) / (2.0 * float(step))


def frequency_of(
    counts: FloatArray, expected: FloatArray, mean: float
) -> tuple[dict[str, float | str], float, str]:
    """The count of a line: its spelling, the error of its dispersion, and the method.

    counts, expected: (n_members, n_years), expected at rate 1 and the member's own factors, so that the
    dispersion is conditional on age and sex (docs/definitions.md, 8). Its error is by members, whose years
    go together where they differ for good, and at least that of independent years.
    """
    used = expected > 0.0
    try:
        if not used.any():
            raise FitError("nobody was covered of those whose years were looked at")
        fit = fit_counts("negative_binomial", counts[used], expected[used])
    except FitError as refused:
        return {"kind": "poisson", "mean": mean}, math.nan, f"Poisson: {refused}"
    spelling: dict[str, float | str] = {"kind": "negative_binomial", "mean": mean}
    spelling["dispersion"] = fit.parameters["dispersion"]
    error = max(_dispersion_error(fit, counts, expected), fit.standard_errors["dispersion"])
    return spelling, error, "negative binomial over member-years, error over members"


def _dispersion_error(fit: Fit, counts: FloatArray, expected: FloatArray) -> float:
    """Error of a negative binomial's dispersion with the scores of a member's years taken together.

    n / (n - 1) x C sum(U_i U_i') C over n members, with C the inverse information and U_i the sum of the
    slopes of member i's log-likelihood in mean and dispersion (K.-Y. Liang and S. L. Zeger, Biometrika 73
    (1986) 13). counts, expected: (n_members, n_years); a year with nothing expected has no slope.
    """
    from scipy import special

    mean, size = fit.parameters["mean"], fit.parameters["dispersion"]
    level = mean * expected
    more = (counts - level) / (size + level)
    of_size = special.digamma(counts + size) - special.digamma(size) - np.log1p(level / size) - more
    slopes = np.stack([more * size / mean, of_size], axis=-1)
    members = np.where((expected > 0.0)[..., np.newaxis], slopes, 0.0).sum(axis=1)
    n = int(np.count_nonzero((expected > 0.0).any(axis=1)))
    bread = fit.covariance.matrix[1]  # of the dispersion, with mean and dispersion
    return float(np.linalg.norm(members @ bread)) * math.sqrt(n / max(n - 1, 1))

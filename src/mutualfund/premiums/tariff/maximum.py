"""The top of a model's likelihood: glum climbs, and what it says is checked here.

A negative binomial's alpha is found by turns: the mean by glum for a given alpha, then alpha from the
likelihood of that mean. The two are orthogonal (J. Lawless, "Negative binomial and mixed Poisson regression",
Canadian Journal of Statistics 15 (1987), section 2), so a few turns are enough and each has its own standard
error.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from mutualfund.claims import FitError
from mutualfund.premiums.tariff.families import Family
from mutualfund.premiums.tariff.rank import gram, require_full_rank, require_independent
from mutualfund.types import FloatArray

if TYPE_CHECKING:
    import tabmat

NEAR = 1e-3  # gradient at which glum stops: from there a step of ours costs half of one of its own
LAST_STEPS = 100
LAST_STEP = 1e-7  # of a standard error: what is left after it is its square, or a fraction
SHORT_STEP = 1e-5  # of a coefficient, or of 1
MOST_STEPS = 300
MOST_TURNS = 100
ALPHA_SETTLED = 1e-9
ALPHA_RANGE = (1e-8, 1e8)
SINGULAR = 1e-11  # smallest eigenvalue of the information, each coefficient scaled to 1


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """What a model is fitted on; arrays (n,), `terms` (n, p less the intercept)."""

    terms: tabmat.MatrixBase
    response: FloatArray
    weight: FloatArray
    offset: FloatArray | None
    intercept: bool
    term_names: tuple[str, ...]  # (p,) the term that each coefficient belongs to

    def predictor(self, coefficients: FloatArray) -> FloatArray:
        """(n,) on the scale of the link."""
        return predictor(self.terms, self.offset, coefficients, intercept=self.intercept)


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """The top, and the curvature there."""

    family: Family
    coefficients: FloatArray  # (p,)
    covariance: FloatArray  # (p, p)
    mean: FloatArray  # (n,)
    dispersion: float
    pearson_dispersion: float
    deviance: float
    log_likelihood: float | None


def predictor(
    terms: tabmat.MatrixBase,
    offset: FloatArray | None,
    coefficients: FloatArray,
    *,
    intercept: bool,
) -> FloatArray:
    """(n,) on the scale of the link, from (n, p less the intercept) terms and (p,) coefficients."""
    first = int(intercept)
    found = np.full(terms.shape[0], coefficients[0] if intercept else 0.0)
    if terms.shape[1]:
        found += terms.matvec(np.array(coefficients[first:]))  # not a read-only one
    return found if offset is None else found + offset


def inverse_link(link: str | None, eta: FloatArray) -> FloatArray:
    """(n,) expected response for (n,) values on the scale of the link."""
    if link == "log":
        return np.exp(eta)
    if link == "logit":
        from scipy import special

        return special.expit(eta)
    return eta


def maximum(data: Data, family: Family) -> Maximum:
    """Climb to the top of the likelihood.

    Raises
    ------
    FitError
        Where two terms say the same, the top lies at infinity or was not reached.
    """
    if data.response.size <= len(data.term_names):
        raise FitError("no more rows than coefficients: nothing is left to judge the spread by")
    require_full_rank(data.terms, data.term_names, intercept=data.intercept)
    if family.name != "negative_binomial" or family.alpha is not None:
        return _climb(data, family)
    found = _climb(data, replace(family, alpha=1.0))
    for _ in range(MOST_TURNS):
        alpha = best_alpha(data.response, found.mean, data.weight)
        before, found = found, _climb(data, replace(family, alpha=alpha), found.coefficients)
        if abs(alpha / cast("float", before.family.alpha) - 1.0) < ALPHA_SETTLED:
            return found
    raise FitError("the dispersion of the counts did not settle; state alpha")


def _climb(data: Data, family: Family, start: FloatArray | None = None) -> Maximum:
    coefficients, covariance = _last_steps(data, family, _by_glum(data, family, start))
    mean = inverse_link(family.link, data.predictor(coefficients))
    kind = family.distribution()
    pearson = _pearson(data, mean, kind.unit_variance(mean))
    dispersion = 1.0 if family.has_given_dispersion else pearson
    return Maximum(
        family,
        coefficients,
        covariance * dispersion,
        mean,
        dispersion,
        pearson,
        family.deviance(data.response, mean, data.weight),
        log_likelihood(data, family, mean),
    )


def _last_steps(
    data: Data, family: Family, coefficients: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """(p,) coefficients at the top, by Fisher scoring from near it, and (p, p) covariance at dispersion 1.

    They are taken here: over a million rows, the gradient's rounding is near what glum waits for. Where the
    likelihood is more curved than expected, steps lead too far and grow: they are then taken by half. Towards
    a top at infinity steps stay as long as they were while errors grow without end: so a step must also be
    short beside its coefficient.
    """
    kind = family.distribution()
    taken, before = 1.0, math.inf
    for _ in range(LAST_STEPS):
        mean = inverse_link(family.link, data.predictor(coefficients))
        variance = kind.unit_variance(mean)
        if not (np.isfinite(mean).all() and (variance > 0.0).all()):
            break
        information, score = _information(data, family, mean, variance)
        require_independent(information, data.term_names, SINGULAR)
        covariance = np.asarray(np.linalg.inv(information), np.float64)
        step = covariance @ score
        length = float(np.abs(step / np.sqrt(np.diag(covariance))).max())
        taken = taken / 2.0 if length > before else taken
        coefficients, before = coefficients + taken * step, length
        beside = np.abs(step) <= SHORT_STEP * np.maximum(np.abs(coefficients), 1.0)
        if length <= LAST_STEP and beside.all():
            return coefficients, covariance
    raise FitError("the likelihood has no top that was reached; leave out or group thin terms")


def _by_glum(data: Data, family: Family, start: FloatArray | None) -> FloatArray:
    import glum

    # With fewer than two terms glum can neither fit nor start: the intercept is then a term of ones.
    as_term = data.intercept and data.terms.shape[1] < 2
    model = glum.GeneralizedLinearRegressor(
        alpha=0.0,
        family=family.distribution(),
        link=family.link,
        fit_intercept=data.intercept and not as_term,
        gradient_tol=NEAR,
        max_iter=MOST_STEPS,
        start_params=_average(data, family) if start is None else start,
        check_input=False,
        copy_X=False,
    )
    terms = _with_ones(data.terms) if as_term else data.terms
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it warns of is checked after the climb
        try:
            model.fit(terms, data.response, sample_weight=data.weight, offset=data.offset)
        except np.linalg.LinAlgError:
            raise FitError("the terms cannot be told apart; leave out or group thin ones") from None
    slope = np.asarray(model.coef_, np.float64)
    return np.append(model.intercept_, slope) if model.fit_intercept else slope


def _with_ones(terms: tabmat.MatrixBase) -> tabmat.DenseMatrix:
    import tabmat

    return tabmat.DenseMatrix(np.column_stack([np.ones(terms.shape[0]), terms.toarray()]))


def _average(data: Data, family: Family) -> FloatArray | None:
    """(p,) everybody at the average: from glum's own start an inverse Gaussian may climb away for ever."""
    if not data.intercept:
        return None
    usual = data.offset.mean() if data.offset is not None else 0.0
    mean = float(data.weight @ data.response / data.weight.sum())
    level = {
        "log": lambda: math.log(mean) - usual if mean > 0.0 else 0.0,
        "logit": lambda: math.log(mean / (1.0 - mean)) if 0.0 < mean < 1.0 else 0.0,
        "identity": lambda: mean,
    }
    start = np.zeros(data.terms.shape[1] + 1)
    start[0] = level[str(family.link)]()
    return start


def _information(
    data: Data, family: Family, mean: FloatArray, variance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """(p, p) expected information and (p,) score at dispersion 1."""
    slope = slope_of_mean(family.link, mean)
    counted = data.weight * slope / variance
    pull = counted * (data.response - mean)
    information = gram(data.terms, counted * slope, intercept=data.intercept)
    score = np.asarray(data.terms.transpose_matvec(pull))
    return information, np.concatenate([[pull.sum()], score]) if data.intercept else score


def slope_of_mean(link: str | None, mean: FloatArray) -> FloatArray:
    """(n,) change of the mean with the predictor."""
    if link == "log":
        return mean
    return mean * (1.0 - mean) if link == "logit" else np.ones_like(mean)


def _pearson(data: Data, mean: FloatArray, variance: FloatArray) -> float:
    freedom = data.response.size - len(data.term_names)
    statistic = float(data.weight @ ((data.response - mean) ** 2 / variance))
    return statistic / freedom


def log_likelihood(data: Data, family: Family, mean: FloatArray) -> float | None:
    """With every constant of a row, where the dispersion is 1 by definition; else None.

    A binomial row is one answer, yes or no, and its weight a number of such rows: of a share of several the
    logarithm of the ways to choose them, which no coefficient moves, is left out.

    An estimated dispersion is not one of maximum likelihood, so such a model has no likelihood to compare.
    """
    from scipy import special

    y = data.response
    terms: npt.NDArray[Any] | None = None
    if family.name == "poisson":
        terms = special.xlogy(y, mean) - mean - special.gammaln(y + 1.0)
    elif family.name == "binomial":
        terms = special.xlogy(y, mean) + special.xlog1py(1.0 - y, -mean)
    elif family.name == "negative_binomial":
        terms = _negative_binomial_terms(y, mean, 1.0 / cast("float", family.alpha))
    return None if terms is None else float(data.weight @ terms)


def _negative_binomial_terms(y: FloatArray, mean: FloatArray, size: float) -> FloatArray:
    from scipy import special

    ways = special.gammaln(y + size) - special.gammaln(size) - special.gammaln(y + 1.0)
    zeros = size * np.log1p(mean / size)
    return np.asarray(ways - zeros + special.xlogy(y, mean / (size + mean)))


def best_alpha(response: FloatArray, mean: FloatArray, weight: FloatArray) -> float:
    """The alpha of most likelihood for given means: variance = mean + alpha x mean^2.

    response, mean, weight: (n,).

    Raises
    ------
    FitError
        Where the counts spread no more than a Poisson's.
    """
    from scipy import optimize, special

    def slope(log_size: float) -> float:
        size = math.exp(log_size)
        apart = special.digamma(response + size) - special.digamma(size)
        terms = apart - np.log1p(mean / size) + (mean - response) / (size + mean)
        return float(weight @ terms)

    low, high = -math.log(ALPHA_RANGE[1]), -math.log(ALPHA_RANGE[0])
    # As the size grows the slope falls to zero as 1/size^2; its sign there is the sign of what is left over.
    left_over = float(weight @ ((response - mean) ** 2 - response))
    if left_over <= 0.0:
        raise FitError("the counts spread no more than a Poisson's; fit family poisson")
    while slope(high) >= 0.0 and high > low:
        high -= 1.0
    if high <= low:
        raise FitError("no dispersion of the counts is most likely; state alpha")
    return math.exp(-float(optimize.brentq(slope, low, high, xtol=1e-13, rtol=1e-14)))

"""What the standard errors of a fitted model rest on: its own variance, the data's spread, or each row's.

Counts of illness spread more than a Poisson's, and members of one family fall ill together: errors that take
the model's variance at its word are then too small. Pearson's are those of quasi-likelihood (R. Wedderburn,
"Quasi-likelihood functions, generalized linear models, and the Gauss-Newton method", Biometrika 61 (1974);
P. McCullagh, J. Nelder, *Generalized Linear Models*, 2nd ed. (1989), section 9.2). Robust ones need only the
mean to be right (H. White, "Maximum likelihood estimation of misspecified models", Econometrica 50 (1982);
summed by group: K. Liang, S. Zeger, "Longitudinal data analysis using generalized linear models", Biometrika
73 (1986)).
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from mutualfund.errors import Fault, InputError
from mutualfund.premiums.tariff.families import GIVEN_DISPERSION
from mutualfund.premiums.tariff.maximum import Data, Maximum, slope_of_mean
from mutualfund.premiums.tariff.rank import gram
from mutualfund.types import FloatArray, IntArray

ErrorKind = Literal["model", "pearson", "robust"]
ERROR_KINDS: tuple[ErrorKind, ...] = ("model", "pearson", "robust")
NOTED = 1.1  # times too small or too large that errors of the model may be without a word
FEW_GROUPS = 50
"""Groups under which errors summed by group are themselves uncertain, and most often too small
(A. Cameron, D. Miller, "A practitioner's guide to cluster-robust inference", Journal of Human Resources 50
(2015), section VI)."""


def require_kind(errors: str, cluster: str | None) -> None:
    """Refuse an unknown kind of errors, and groups with errors that do not look at them.

    Raises
    ------
    InputError
        In these two cases.
    """
    if errors not in ERROR_KINDS:
        allowed = " or ".join(ERROR_KINDS)
        raise InputError([Fault("errors", repr(errors), allowed, code="unknown_kind")])
    if cluster is not None and errors != "robust":
        raise InputError(
            [Fault("cluster", f"errors {errors}", "errors = robust", code="unknown_kind")]
        )


def covariance_of(
    data: Data, top: Maximum, errors: ErrorKind, groups: IntArray | None
) -> FloatArray:
    """(p, p) covariance of the coefficients at the top. groups: (n,) places of the rows' groups, from 0.

    Raises
    ------
    InputError
        Where all rows are of one group.
    """
    if errors == "robust":
        return _sandwich(data, top, groups)
    if errors == "pearson":
        return top.covariance * (top.pearson_dispersion / top.dispersion)
    return top.covariance


def notes_on(top: Maximum, errors: ErrorKind, groups: IntArray | None) -> tuple[str, ...]:
    """What a reader of the errors should know."""
    if errors == "model" and top.family.name in GIVEN_DISPERSION:
        off = math.sqrt(top.pearson_dispersion)
        if not 1.0 / NOTED <= off <= NOTED:
            small, more = ("small", "more") if off > 1.0 else ("large", "less")
            times = off if off > 1.0 else 1.0 / off
            return (
                f"The answers spread {more} than the family says: Pearson's dispersion is "
                f"{top.pearson_dispersion:.3g}, the standard errors take it as 1 and are about "
                f'{times:.2g} times too {small}. Fit with errors="pearson" or errors="robust".',
            )
    if groups is not None and (n_groups := int(groups.max()) + 1) < FEW_GROUPS:
        return (
            f"The standard errors rest on {n_groups} groups; with fewer than {FEW_GROUPS} they are "
            "uncertain themselves, and most often too small.",
        )
    return ()


def _sandwich(data: Data, top: Maximum, groups: IntArray | None) -> FloatArray:
    """Inverse curvature x the rows' own scores squared x inverse curvature.

    By group, the scores are summed first, and the whole is multiplied by G / (G - 1) x (n - 1) / (n - p), for
    G groups, as the usual programs do; row by row there is no factor.
    """
    variance = top.family.distribution().unit_variance(top.mean)
    pull = data.weight * slope_of_mean(top.family.link, top.mean) / variance
    pull *= data.response - top.mean
    bread = np.linalg.inv(gram(data.terms, _curvature(data, top), intercept=data.intercept))
    if groups is None:
        return np.asarray(bread @ gram(data.terms, pull**2, intercept=data.intercept) @ bread)
    n_groups, n, p = int(groups.max()) + 1, data.response.size, top.coefficients.size
    if n_groups < 2:
        raise InputError([Fault("cluster", "one group", "two groups or more", code="too_few")])
    sums = _sums_by_group(data, pull, groups)
    factor = n_groups / (n_groups - 1) * (n - 1) / (n - p)
    return np.asarray(factor * (bread @ (sums.T @ sums) @ bread))


def _curvature(data: Data, top: Maximum) -> FloatArray:
    """(n,) the observed information of each row's predictor, at dispersion 1.

    The expected one, which it is with the canonical link, has only the first part. The second is what is left
    of the derivative of slope / variance.
    """
    kind, link, mean = top.family.distribution(), top.family.link, top.mean
    variance, slope = kind.unit_variance(mean), slope_of_mean(link, mean)
    bend = {"log": slope, "logit": slope * (1.0 - 2.0 * mean)}.get(str(link), 0.0)
    change = bend / variance - slope**2 * kind.unit_variance_derivative(mean) / variance**2
    return np.asarray(data.weight * (slope**2 / variance - (data.response - mean) * change))


def _sums_by_group(data: Data, pull: FloatArray, groups: IntArray) -> FloatArray:
    """(n_groups, p) sums of the rows' scores, a coefficient at a time: the whole might not fit."""
    sums = [np.bincount(groups, pull)] if data.intercept else []
    for place in range(data.terms.shape[1]):
        only = np.zeros(data.terms.shape[1])
        only[place] = 1.0
        sums.append(np.bincount(groups, pull * data.terms.matvec(only)))
    return np.column_stack(sums)

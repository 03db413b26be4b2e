"""Buhlmann and Buhlmann-Straub: one premium for each group between its own mean and the collective's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
import numpy.typing as npt

from mutualfund.errors import Fault, InputError
from mutualfund.premiums.credibility.experience import Experience, read_experience
from mutualfund.premiums.credibility.levels import Estimator, Level, level_of
from mutualfund.premiums.credibility.result import CredibilityFit
from mutualfund.types import FloatArray

Complement = Literal["credibility", "exposure"]
FEW = 50
"""Groups from which on the structure's own error adds a tenth or less to a mean squared error where own
experience and the collective count about alike; of 8 groups it adds nearly half. What is left out: N. Prasad,
J. Rao, "The estimation of the mean squared error of small-area estimators", Journal of the American
Statistical Association 85 (1990)."""


def buhlmann(
    observations: npt.ArrayLike,
    *,
    labels: Iterable[str] | None = None,
    complement: Complement = "credibility",
    estimator: Estimator = "unbiased",
) -> CredibilityFit:
    """Credibility where every observation weighs the same.

    Parameters
    ----------
    observations : (n_groups, n_periods), at least two groups and one group seen twice; NaN where not seen.
    labels : names of the groups.
    complement, estimator : as for `buhlmann_straub`.

    Raises
    ------
    InputError
        As for `buhlmann_straub`.

    Source: H. Buhlmann, *Experience rating and credibility*, ASTIN Bulletin 4 (1967).

    >>> fit = buhlmann([[0, 1, 0], [2, 1, 2]])
    >>> fit.factors.round(3).tolist(), fit.structure["credibility_constant"].__round__(4)
    ([0.875, 0.875], 0.4286)
    """
    experience = read_experience(observations, None, labels)
    return _fit("Buhlmann", experience, complement, estimator)


def buhlmann_straub(
    observations: npt.ArrayLike,
    weights: npt.ArrayLike,
    *,
    labels: Iterable[str] | None = None,
    complement: Complement = "credibility",
    estimator: Estimator = "unbiased",
) -> CredibilityFit:
    """Credibility of groups whose experience has different exposure.

    Where the groups differ by less than chance alone explains, the between-variance comes out negative: it is
    set to zero, every group pays the collective premium, and `notes` says so. They also say where groups are
    so few that the errors of the structure parameters, which the standard errors leave out, matter.

    Parameters
    ----------
    observations : (n_groups, n_periods) claims per unit of exposure; NaN where not seen.
    weights : (n_groups, n_periods) exposure, 0 or more; a cell of weight 0 is left out, whatever it holds.
    labels : names of the groups; 1, 2, ... where left out.
    complement : the collective premium: ``"credibility"``, the mean weighted by credibility factors (the
        best linear unbiased one), or ``"exposure"``, the mean weighted by exposure.
    estimator : of the between-variance: ``"unbiased"``, or ``"iterative"`` (Bichsel and Straub).

    Returns
    -------
    CredibilityFit, with ``within_variance``, ``between_variance`` (and ``between_variance_raw`` as it came
    out), ``credibility_constant``, ``collective_premium`` and ``exposure_weighted_mean``.

    Raises
    ------
    InputError
        Where a group was never exposed, a weight is negative, or no group was seen twice.

    Source: H. Buhlmann, E. Straub, *Glaubwurdigkeit fur Schadensatze*, Mitteilungen der VSVM 70 (1970);
    H. Buhlmann, A. Gisler, *A Course in Credibility Theory and its Applications* (2005), chapter 4.

    >>> fit = buhlmann_straub([[1.0, 3.0], [4.0, 8.0]], [[1, 1], [3, 1]], labels=["a", "b"])
    >>> fit.premiums.round(3).tolist()
    [3.167, 4.417]
    """
    experience = read_experience(observations, weights, labels)
    return _fit("Buhlmann-Straub", experience, complement, estimator)


def within_variance(experience: Experience) -> float:
    """The variance of one observation of weight 1 about its group's mean, pooled over the groups."""
    freedom = int((experience.seen.sum(axis=1) - 1).sum())
    apart = experience.observations - experience.means[:, None]
    return float((experience.weights * apart**2).sum()) / freedom


def _fit(
    method: str, experience: Experience, complement: Complement, estimator: Estimator
) -> CredibilityFit:
    require_choice("complement", complement, ("credibility", "exposure"))
    require_choice("estimator", estimator, ("unbiased", "iterative"))
    exposure, own = experience.exposure, experience.means
    everyone = np.zeros(own.size, dtype=np.int64)
    level = level_of(exposure, own, within_variance(experience), everyone, 1, estimator)
    by_exposure = exposure / exposure.sum()
    shares = by_exposure
    if complement == "credibility" and level.between > 0.0:
        shares = level.factors / level.factors.sum()
    collective = float((shares * own).sum())
    factors = level.factors
    return CredibilityFit(
        method=method,
        labels=experience.labels,
        exposure=exposure,
        own=own,
        factors=factors,
        complement=np.full(own.size, collective),
        premiums=factors * own + (1.0 - factors) * collective,
        standard_errors=_standard_errors(level, shares),
        structure={
            "within_variance": level.within,
            "between_variance": level.between,
            "between_variance_raw": level.raw,
            "credibility_constant": level.within / level.between if level.between else np.inf,
            "collective_premium": collective,
            "exposure_weighted_mean": float((by_exposure * own).sum()),
        },
        notes=(*negative_note(level, "groups"), *few_note(own.size, "groups")),
    )


def _standard_errors(level: Level, shares: FloatArray) -> FloatArray:
    """Root mean squared error of Z x own + (1 - Z) x sum(shares x own) about each group's true mean.

    With shares in proportion to Z it is between x (1 - Z) x (1 + (1 - Z) / sum Z), Buhlmann and Gisler
    (2005), theorem 4.6; written here for any shares that sum to 1.
    """
    z, noise = level.factors, level.within / level.weights
    collective = float((shares**2 * (level.between + noise)).sum())
    apart = collective + level.between * (1.0 - 2.0 * shares)
    error = z**2 * noise + (1.0 - z) ** 2 * apart + 2.0 * z * (1.0 - z) * shares * noise
    return np.sqrt(np.maximum(error, 0.0))


def negative_note(level: Level, nodes: str) -> tuple[str, ...]:
    """What to say of a between-variance that is zero, or whose parts were cut at zero."""
    if level.between <= 0.0:
        return (
            f"The {nodes} differ no more than chance explains (raw between-variance {level.raw:.6g}): "
            "it is taken as zero and own experience has no weight.",
        )
    if level.truncated:
        return (
            f"The between-variance of {nodes} came out negative under {level.truncated} of the nodes "
            f"above and counts as zero there, which moves the average from {level.raw:.6g} to "
            f'{level.between:.6g}: estimator="ohlsson" does not cut before it averages.',
        )
    return ()


def few_note(n: int, nodes: str) -> tuple[str, ...]:
    """What to say of standard errors that rest on a structure estimated from few nodes."""
    if n >= FEW:
        return ()
    return (
        f"The standard errors take the structure parameters as known; estimated from {n} {nodes} they are "
        "not, and premiums stray further than the errors say.",
    )


def require_choice(field: str, got: str, allowed: tuple[str, ...]) -> None:
    """Refuse a word that is none of those allowed."""
    if got not in allowed:
        raise InputError([Fault(field, repr(got), " or ".join(allowed), code="unknown_choice")])

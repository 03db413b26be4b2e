"""Gamma-Poisson experience rating: a claim rate that what was seen moves, by Bayes' rule."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from mutualfund.claims import NegativeBinomial, fit_counts
from mutualfund.errors import HIDDEN, Fault, InputError, numbers
from mutualfund.premiums.credibility.experience import group_labels
from mutualfund.premiums.credibility.result import CredibilityFit
from mutualfund.types import FloatArray


def gamma_poisson(
    claims: npt.ArrayLike,
    exposure: npt.ArrayLike,
    *,
    prior: NegativeBinomial | None = None,
    labels: Iterable[str] | None = None,
) -> CredibilityFit:
    """Expected claim rate of each group, whose true rate is gamma distributed among groups.

    Counts given a group's rate are Poisson, so the posterior is exact: no linear approximation.

    Parameters
    ----------
    claims : (n_groups,) claims seen, whole numbers from 0.
    exposure : (n_groups,) member-years behind them, above 0.
    prior : the collective's rate and dispersion; fitted to these counts by maximum likelihood where left
        out. Counts that vary no more than a Poisson's give every group the collective rate, and `notes`
        says so.
    labels : names of the groups.

    Returns
    -------
    CredibilityFit; its standard errors are the posterior standard deviations of the rates.

    Raises
    ------
    InputError
        For an exposure of 0, counts that are not whole, or lengths that differ.
    FitError
        Where no claim was seen and no prior is given.

    Source: F. Bichsel, *Erfahrungs-Tarifierung in der Motorfahrzeughaftpflichtversicherung*, Mitteilungen
    der VSVM 64 (1964); Klugman, Panjer, Willmot, *Loss Models*, 4th ed. (2012), example 18.7.

    >>> prior = NegativeBinomial(mean=1.0, dispersion=2.0)
    >>> fit = gamma_poisson([4, 0], [2.0, 6.0], prior=prior)
    >>> fit.premiums.tolist(), fit.factors.tolist()
    ([1.5, 0.25], [0.5, 0.75])
    """
    seen, years = _counts(claims, exposure)
    names = group_labels(labels, seen.size)
    mean, dispersion, notes = _prior(seen, years, prior)
    if not math.isfinite(dispersion):
        rate = np.full(seen.size, mean)
        factors, error = np.zeros(seen.size), np.full(seen.size, math.sqrt(mean / years.sum()))
    else:
        belief = NegativeBinomial(mean=mean, dispersion=dispersion)
        rate = belief.posterior_rate(seen, years)
        factors = mean * years / (dispersion + mean * years)
        error = np.sqrt(rate * mean / (dispersion + mean * years))
    return CredibilityFit(
        method="gamma-Poisson",
        labels=names,
        exposure=years,
        own=seen / years,
        factors=factors,
        complement=np.full(seen.size, mean),
        premiums=rate,
        standard_errors=error,
        structure={
            "within_variance": mean,
            "between_variance": mean**2 / dispersion,
            "gamma_shape": dispersion,
            "gamma_rate": dispersion / mean if mean > 0.0 else math.inf,
            "collective_premium": mean,
        },
        notes=notes,
    )


def _prior(
    seen: FloatArray, years: FloatArray, prior: NegativeBinomial | None
) -> tuple[float, float, tuple[str, ...]]:
    """Mean and dispersion of the rates; an infinite dispersion where the groups do not differ."""
    if prior is not None:
        if not isinstance(prior, NegativeBinomial):
            remedy = "Write NegativeBinomial(mean=..., dispersion=...), claims a member-year."
            got = f"a {type(prior).__name__}"
            raise InputError([Fault("prior", got, "a NegativeBinomial", remedy, "type")])
        return prior.mean, prior.dispersion, ()
    poisson = fit_counts("poisson", seen, years)
    mean = poisson.parameters["mean"]
    # The slope of the likelihood in 1 / dispersion at the Poisson: below zero no gamma fits better.
    surplus = float(((seen - mean * years) ** 2 - seen).sum())
    if surplus <= 0.0:
        note = "The counts vary no more than a Poisson's: own experience has no weight."
        return mean, math.inf, (note,)
    fitted = fit_counts("negative_binomial", seen, years)
    return fitted.parameters["mean"], fitted.parameters["dispersion"], ()


def _counts(claims: npt.ArrayLike, exposure: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    seen = np.atleast_1d(numbers("claims", claims)).copy()
    years = np.atleast_1d(numbers("exposure", exposure)).copy()
    if seen.ndim != 1 or seen.shape != years.shape:
        allowed = f"one for each group, {seen.shape}"
        raise InputError([Fault("exposure", f"shape {years.shape}", allowed, code="length")])
    faults = []
    whole = (seen >= 0.0) & (seen == np.floor(seen)) & (seen < math.inf)
    for group in np.flatnonzero(~whole)[:1]:
        faults.append(
            Fault(f"claims[{group}]", HIDDEN, "a whole number from 0", code="not_a_count")
        )
    for group in np.flatnonzero(~((years > 0.0) & (years < math.inf)))[:1]:
        remedy = "Leave the group out: without experience it pays the collective rate."
        allowed = "above 0 and finite (member-years)"
        faults.append(Fault(f"exposure[{group}]", HIDDEN, allowed, remedy, "exposure"))
    if faults:
        raise InputError(faults)
    return seen, years

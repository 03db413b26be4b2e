"""From the dispersion of a whole membership to the one that is left given health state, age and sex.

Source: definition 8. A gamma effect of shape k on top of factors with squared coefficient of variation v has
1/k_m = (1 + v)(1 + 1/k) - 1 in all.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mutualfund.claims.fitting.fit import Covariance, Fit, require_fit
from mutualfund.claims.fitting.maximum import FitError
from mutualfund.claims.frequency import NegativeBinomial
from mutualfund.errors import Fault, InputError, numbers
from mutualfund.types import FloatArray


def conditional_dispersion(
    fit: Fit, relativity: npt.ArrayLike, share: npt.ArrayLike | None = None
) -> Fit:
    """The negative binomial that members have given factors which the fit did not know.

    A fit that knows each member's factors, ``fit_counts(..., relativity=...)``, is conditional already and
    more exact; this is for factors such as health states that are assumed and not seen.

    Parameters
    ----------
    fit : a negative binomial fitted to the whole membership.
    relativity : (n,) relative claim rates of the states, or of members; 0 or more.
    share : (n,) share of members with each; equal where left out.

    Returns
    -------
    Fit with the same mean and the dispersion k of definition 8, its errors carried over; the factors are
    taken as known. It has no data of its own, and the log-likelihood is that of the whole membership.

    Raises
    ------
    FitError
        Where the factors alone vary as much as the counts or more: (1 + 1/k_m) <= (1 + v).
    InputError
        Where the fit is no negative binomial, or shares and relativities do not fit.

    >>> from mutualfund.claims import fit_counts
    >>> whole = fit_counts("negative_binomial", [0, 1, 2, 3, 4, 6], weights=[500, 200, 130, 80, 50, 40])
    >>> given = conditional_dispersion(whole, relativity=[0.7, 2.2], share=[0.8, 0.2])
    >>> round(whole.parameters["dispersion"], 2), round(given.parameters["dispersion"], 2)
    (0.83, 1.62)
    """
    require_fit("fit", fit)
    if not isinstance(fit.distribution, NegativeBinomial) or fit.data is None:
        allowed = "a negative binomial of the whole membership"
        raise InputError([Fault("fit", f"kind {fit.kind}", allowed, code="kind")])
    v = _squared_cv(relativity, share)
    marginal = fit.parameters["dispersion"]
    inverse = (1.0 + 1.0 / marginal) / (1.0 + v) - 1.0
    if inverse <= 0.0:
        raise FitError(
            f"the factors alone (cv {np.sqrt(v):.3g}) vary as much as the counts or more "
            f"(dispersion {marginal:.3g}): bring the relativities closer together"
        )
    k = 1.0 / inverse
    slope = k**2 / (marginal**2 * (1.0 + v))
    scale = np.array([slope if name == "dispersion" else 1.0 for name in fit.covariance.names])
    estimates = tuple(
        replace(each, value=k, standard_error=each.standard_error * slope)
        if each.name == "dispersion"
        else each
        for each in fit.estimates
    )
    return replace(
        fit,
        distribution=NegativeBinomial(mean=fit.mean, dispersion=k),
        estimates=estimates,
        covariance=Covariance.of(
            fit.covariance.names, fit.covariance.matrix * np.outer(scale, scale)
        ),
        data=None,
        again=None,
        likelihood=None,
    )


def _squared_cv(relativity: npt.ArrayLike, share: npt.ArrayLike | None) -> float:
    factor = numbers("relativity", relativity).ravel()
    part: FloatArray = np.ones(factor.size) if share is None else numbers("share", share).ravel()
    fits = part.size == factor.size and np.all((part >= 0.0) & (part < np.inf)) and part.sum() > 0.0
    if not fits:
        got = f"{part.size} shares of {factor.size} relativities"
        raise InputError(
            [Fault("share", got, "one of 0 or more for each, not all 0", code="share")]
        )
    mean = float(part @ factor / part.sum()) if np.all((factor >= 0.0) & (factor < np.inf)) else 0.0
    if not mean > 0.0:
        raise InputError([Fault("relativity", "these", "0 or more, not all 0", code="relativity")])
    return float(part @ (factor / mean - 1.0) ** 2 / part.sum())

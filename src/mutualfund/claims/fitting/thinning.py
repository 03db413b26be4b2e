"""From the claims that were reported, those above a deductible, to all of them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from mutualfund.claims.fitting.fit import Covariance, Estimate, Fit, require_fit, with_values
from mutualfund.claims.fitting.observed import Observed
from mutualfund.claims.frequency import Binomial, NegativeBinomial, Poisson
from mutualfund.claims.severity import SeverityModel
from mutualfund.errors import Fault, InputError


def ground_up_counts(counts: Fit, amounts: Fit) -> Fit:
    """The count of all claims, from a count of those above a deductible.

    A claim is reported with the chance S(d) that it exceeds the deductible, so a Poisson, negative binomial
    or binomial of mean m becomes one of mean m / S(d), with the same dispersion or trials. The error of S(d),
    by its slope in each parameter of the severity, goes into that of the mean; that both are then unsure
    together is left out.

    Parameters
    ----------
    counts : a fit of the claims reported, of one of those three kinds.
    amounts : a fit of the ground-up amounts of the same claims, seen above one deductible.

    Returns
    -------
    Fit without data, marked as `ground_up`.

    Raises
    ------
    InputError
        Where the count is of another kind, or the amounts have not one deductible above 0.

    Source: S. Klugman, H. Panjer, G. Willmot, *Loss Models*, 4th ed. (2012), section 8.6.

    >>> from mutualfund.claims import Observed, fit_counts, fit_severity
    >>> seen = Observed([100.0 + 20.0 * k for k in range(1, 20)], deductible=100.0)
    >>> amounts = fit_severity("exponential", seen)
    >>> counts = fit_counts("poisson", [0, 1, 2, 1])
    >>> round(ground_up_counts(counts, amounts).mean, 4)  # exp(100 / 200)
    1.6487
    """
    require_fit("counts", counts)
    require_fit("amounts", amounts)
    if not isinstance(counts.distribution, Poisson | NegativeBinomial | Binomial):
        allowed = "a poisson, negative_binomial or binomial fit"
        raise InputError([Fault("counts", f"kind {counts.kind}", allowed, code="kind")])
    deductible = deductible_of(amounts)
    severity = amounts.distribution
    if not isinstance(severity, SeverityModel) or math.isnan(deductible) or deductible == 0.0:
        allowed = "a fit of ground-up amounts seen above one deductible"
        raise InputError([Fault("amounts", f"kind {amounts.kind}", allowed, code="deductible")])
    chance = float(severity.sf(deductible))
    mean = counts.parameters["mean"] / chance
    distribution = with_values(counts.distribution, {"mean": mean})
    scales = np.array([1.0 / chance if each.name == "mean" else 1.0 for each in counts.estimates])
    matrix = counts.covariance.matrix * np.outer(scales, scales)
    place = counts.covariance.names.index("mean")
    matrix[place, place] += (mean * _chance_error(amounts, deductible) / chance) ** 2
    estimates = tuple(
        Estimate(each.name, mean, math.sqrt(matrix[place, place]), each.scale)
        if each.name == "mean"
        else each
        for each in counts.estimates
    )
    return replace(
        counts,
        distribution=distribution,
        estimates=estimates,
        covariance=Covariance.of(counts.covariance.names, matrix),
        data=None,
        again=None,
        likelihood=None,
        ground_up=True,
    )


def deductible_of(amounts: Fit) -> float:
    """The deductible above which a severity's amounts were seen: zero for none, NaN for several."""
    if not isinstance(amounts.data, Observed):
        return 0.0
    found = np.unique(amounts.data.deductible[amounts.data.weights > 0.0])
    return float(found[0]) if found.size == 1 else math.nan


def _chance_error(amounts: Fit, deductible: float) -> float:
    """Standard error of S(deductible), by the delta method."""
    slopes, beyond = [], np.array([deductible])
    for each in amounts.estimates:
        step = 1e-4 * each.standard_error
        up, down = (
            with_values(amounts.distribution, {each.name: each.value + move}).law.sf(beyond)[0]
            for move in (step, -step)
        )
        slopes.append(float(up - down) / (2.0 * step))
    slope = np.array(slopes)
    return math.sqrt(float(slope @ amounts.covariance.matrix @ slope))

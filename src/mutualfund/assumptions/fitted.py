"""What a fit brings to a line: its distribution, and the errors of its parameters as uncertainty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mutualfund.assumptions.uncertainty import SeverityShape, Uncertainty
from mutualfund.claims import Fit, Observed
from mutualfund.claims.frequency import FrequencyModel
from mutualfund.errors import Fault, InputError


def _refuse_parts(fits: Mapping[str, Fit]) -> None:
    """Refuse fits of a part of the claims, which would be taken for all of them."""
    severity, frequency = fits.get("severity"), fits.get("frequency")
    if severity is None:
        return
    if severity.excess_above > 0.0:
        got = f"a fit of the parts of claims above {severity.excess_above:g}"
        remedy = "Use fit_spliced, which joins such a tail to the amounts below."
        raise InputError([Fault("severity", got, "a fit of whole claims", remedy, "excess_fit")])
    data = severity.data
    hidden = isinstance(data, Observed) and bool((data.deductible > 0.0).any())
    if hidden and frequency is not None and not frequency.ground_up:
        got = "a count of reported claims beside amounts fitted ground-up, above a deductible"
        remedy = (
            "Write frequency=ground_up_counts(frequency, severity); where the count is of all claims "
            "already, pass its fit.distribution."
        )
        raise InputError([Fault("frequency", got, "a count of all claims", remedy, "reported")])


def with_fits(data: Mapping[str, Any]) -> dict[str, Any]:
    """The line's keys with each fit taken apart: its distribution, and its parameters' errors as uncertainty.

    An uncertainty that is stated stays as it is stated: where it says something of the amounts, their fit
    adds nothing to it.
    """
    fits = {key: data[key] for key in ("frequency", "severity") if isinstance(data.get(key), Fit)}
    for key, fit in fits.items():
        counts = isinstance(fit.distribution, FrequencyModel)
        if counts != (key == "frequency"):
            allowed = "a fit of a claim count" if key == "frequency" else "a fit of claim amounts"
            raise InputError([Fault(key, f"a fit of kind {fit.kind}", allowed, code="wrong_fit")])
    _refuse_parts(fits)
    distributions = {key: fit.distribution for key, fit in fits.items()}
    stated = data.get("uncertainty") or {}
    if isinstance(stated, Uncertainty):
        stated = {key: getattr(stated, key) for key in stated.model_fields_set}
    elif not isinstance(stated, Mapping):
        return {**data, **distributions}
    errors: dict[str, Any] = {}
    if "frequency" in fits and "frequency" not in stated:
        errors["frequency"] = fits["frequency"].mean_cv
    if "severity" in fits and not {"severity", "shapes"} & set(stated):
        errors |= severity_errors(fits["severity"])
    return {**data, **distributions, "uncertainty": {**stated, **errors}}


def severity_errors(fit: Fit) -> dict[str, Any]:
    """A severity's keys of `Uncertainty`: what its shape may be, and how unsure the size is beside the shape.

    Raises
    ------
    FitError
        Where the data do not even say that there is a mean.

    >>> from mutualfund.claims import fit_severity
    >>> keys = severity_errors(fit_severity("lognormal", [10.0, 20.0, 40.0, 80.0, 90.0, 110.0]))
    >>> len(keys["shapes"]), round(keys["severity"], 3)
    (4, 0.355)
    """
    of_mean = fit.mean_cv
    shapes = [
        SeverityShape(
            severity=shape.severity,
            probability=shape.probability,
            relative_mean=shape.relative_mean,
        )
        for shape in fit.shapes
    ]
    return {"severity": fit.scale_error, "shapes": shapes} if shapes else {"severity": of_mean}

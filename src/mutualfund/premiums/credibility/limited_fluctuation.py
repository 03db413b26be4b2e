"""Limited fluctuation: experience counts in full once chance moves it little, and in part before that."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from mutualfund.errors import Fault, InputError, numbers, one_number, require
from mutualfund.premiums.credibility.experience import group_labels
from mutualfund.premiums.credibility.result import CredibilityFit
from mutualfund.types import FloatArray


@dataclass(frozen=True, slots=True)
class FullCredibilityStandard:
    """When experience is fully credible: within `tolerance` of its mean with `probability`.

    Claim counts alone have ``severity_cv=0``; aggregate cost needs the severity's cv as well.

    Parameters
    ----------
    probability : above 0 and below 1.
    tolerance : largest relative deviation, above 0, at most 1.
    count_dispersion : variance over mean of the claim count, above 0; 1 for Poisson.
    severity_cv : coefficient of variation of one claim, 0 or more.

    Raises
    ------
    InputError
        For a value outside its range.

    Source: A. Mowbray, *How extensive a payroll exposure is necessary to give a dependable pure premium?*,
    Proceedings of the Casualty Actuarial Society 1 (1914); Klugman, Panjer, Willmot, *Loss Models*, 4th ed.
    (2012), section 17.3. Exact normal quantiles, not the two figures of a table.

    >>> round(FullCredibilityStandard(probability=0.9, tolerance=0.05).claims, 1)
    1082.2
    """

    probability: float = 0.9
    tolerance: float = 0.05
    count_dispersion: float = 1.0
    severity_cv: float = 0.0

    def __post_init__(self) -> None:
        least, below_one = 5e-324, math.nextafter(1.0, 0.0)
        ranges = {
            "probability": (1e-9, below_one, "probability between 0 and 1"),
            "tolerance": (least, 1.0, "relative deviation"),
            "count_dispersion": (least, 1e9, "variance over mean of the count"),
            "severity_cv": (0.0, 1e6, "coefficient of variation"),
        }
        for name, (low, high, unit) in ranges.items():
            one_number(
                f"standard.{name}", getattr(self, name), minimum=low, maximum=high, unit=unit
            )

    @property
    def claims(self) -> float:
        """Expected number of claims at which experience is fully credible."""
        z = NormalDist().inv_cdf((1.0 + self.probability) / 2.0)
        return (z / self.tolerance) ** 2 * self.variance_per_claim

    @property
    def variance_per_claim(self) -> float:
        """Squared cv of the aggregate of one expected claim: count dispersion + squared severity cv."""
        return self.count_dispersion + self.severity_cv**2

    def factors(self, claims: npt.ArrayLike) -> FloatArray:
        """Partial credibility of experience with so many claims (any shape, >= 0): the square-root rule.

        >>> FullCredibilityStandard(probability=0.9, tolerance=0.05).factors([541.1, 5000]).round(3).tolist()
        [0.707, 1.0]
        """
        require("claims", claims, minimum=0.0, maximum=1e15, unit="claims", show=False)
        return np.minimum(np.sqrt(numbers("claims", claims) / self.claims), 1.0)


def limited_fluctuation(
    own: npt.ArrayLike,
    claims: npt.ArrayLike,
    complement: npt.ArrayLike,
    *,
    standard: FullCredibilityStandard | None = None,
    labels: Iterable[str] | None = None,
) -> CredibilityFit:
    """Partial credibility of groups against a premium known from elsewhere.

    Parameters
    ----------
    own : (n_groups,) premium that the group's own experience gives.
    claims : (n_groups,) claims behind it, 0 or more.
    complement : a number or (n_groups,): the manual premium.
    standard : of full credibility; default 90 % within 5 %, counts alone.
    labels : names of the groups.

    Returns
    -------
    CredibilityFit; its standard errors are those that chance gives Z x own, the complement taken as known,
    and its collective premium is the mean complement.

    Raises
    ------
    InputError
        For lengths that differ, a negative number of claims, or values that are not finite.

    >>> fit = limited_fluctuation([120.0, 90.0], [541, 2000], 100.0)
    >>> fit.factors.round(3).tolist(), fit.premiums.round(2).tolist()
    ([0.707, 1.0], [114.14, 90.0])
    """
    rule = FullCredibilityStandard() if standard is None else standard
    if not isinstance(rule, FullCredibilityStandard):
        got, remedy = f"a {type(rule).__name__}", "Write FullCredibilityStandard(probability=0.9)."
        raise InputError([Fault("standard", got, "a FullCredibilityStandard", remedy, "type")])
    seen = np.atleast_1d(numbers("own", own)).copy()
    counted = np.atleast_1d(numbers("claims", claims)).copy()
    if seen.ndim != 1 or counted.shape != seen.shape:
        allowed = f"one for each group, {seen.shape}"
        raise InputError([Fault("claims", f"shape {counted.shape}", allowed, code="length")])
    other = numbers("complement", complement)
    if other.shape not in ((), seen.shape):
        allowed = f"a number, or one for each of {seen.size} groups"
        raise InputError([Fault("complement", f"shape {other.shape}", allowed, code="length")])
    for field, values in (("own", seen), ("complement", other)):
        require(field, values, minimum=-1e15, maximum=1e15, unit="premium", show=False)
    factors = rule.factors(counted)
    rest = np.broadcast_to(other, seen.shape)
    # Z x cv of the aggregate: the square-root rule keeps it level below the standard, and finite at 0 claims.
    cv = np.sqrt(rule.variance_per_claim / np.maximum(counted, rule.claims))
    noise = np.where(factors > 0.0, np.abs(seen) * cv, 0.0)
    return CredibilityFit(
        method="limited fluctuation",
        labels=group_labels(labels, seen.size),
        exposure=counted,
        own=seen,
        factors=factors,
        complement=rest,
        premiums=factors * seen + (1.0 - factors) * rest,
        standard_errors=noise,
        structure={
            "full_credibility_claims": rule.claims,
            "variance_per_claim": rule.variance_per_claim,
            "collective_premium": float(rest.mean()),
        },
    )

"""From sums over members to the tables of a study: each rate with its error and interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mutualfund.claims.experience.moments import Moments
from mutualfund.claims.experience.tables import ExperienceTable, table_of
from mutualfund.errors import one_number
from mutualfund.types import FloatArray

Labels = Sequence[tuple[str, Sequence[str]]]
_THOUSAND_YEARS = 12_000.0


def exposure_table(sums: Moments, labels: Labels) -> ExperienceTable:
    """Member-months."""
    columns = {"member_months": sums.exposure}
    return table_of("exposure", labels, sums.persons > 0, sums.persons, columns)


def pmpm_table(sums: Moments, labels: Labels, units: int, level: float) -> ExperienceTable:
    """Cost a member-month; `units` is minor units in a unit of currency."""
    columns = {
        "member_months": sums.exposure,
        "claimants": sums.claimants.astype(np.float64),
        "amount": sums.total / units,
        **_rate("pmpm", sums, 1.0 / units, level),
    }
    return table_of("pmpm", labels, sums.seen, sums.persons, columns)


def per_thousand_table(sums: Moments, labels: Labels, level: float) -> ExperienceTable:
    """Claims a thousand member-years; where none was seen, the upper end of a Poisson."""
    columns = {
        "member_months": sums.exposure,
        "claimants": sums.claimants.astype(np.float64),
        "claims": sums.total,
        **_rate_of_claims("per_thousand", sums, _THOUSAND_YEARS, level),
    }
    return table_of("claims per 1,000", labels, sums.seen, sums.persons, columns)


def cost_per_claim_table(
    sums: Moments, labels: Labels, units: int, level: float
) -> ExperienceTable:
    """Mean cost of a claim; the exposure of `sums` is claims."""
    columns = {
        "claimants": sums.claimants.astype(np.float64),
        "claims": sums.exposure,
        "amount": sums.total / units,
        **_rate("cost_per_claim", sums, 1.0 / units, level),
    }
    return table_of("cost per claim", labels, sums.exposure > 0.0, sums.persons, columns)


def actual_table(sums: Moments, labels: Labels, units: int | None, level: float) -> ExperienceTable:
    """Actual over expected; the exposure of `sums` is what was expected. `units` is None for claims."""
    rate = _rate_of_claims if units is None else _rate
    columns = {
        "claimants": sums.claimants.astype(np.float64),
        "actual": sums.total / (units or 1),
        "expected": sums.exposure,
        **rate("ratio", sums, 1.0 / (units or 1), level),
    }
    return table_of("actual to expected", labels, sums.seen, sums.persons, columns)


def _rate(name: str, sums: Moments, unit: float, level: float) -> Mapping[str, FloatArray]:
    return _columns(name, sums, sums.standard_error, unit, level)


def _rate_of_claims(
    name: str, sums: Moments, unit: float, level: float
) -> Mapping[str, FloatArray]:
    """A rate of counts, whose interval is an exact Poisson's where no claim was seen."""
    columns = dict(_columns(name, sums, sums.count_error, unit, level))
    nothing = (sums.total == 0.0) & (sums.exposure > 0.0)
    most = -np.log((1.0 - level) / 2.0) * unit / np.where(nothing, sums.exposure, 1.0)
    columns["low"] = np.where(nothing, 0.0, columns["low"])
    columns["high"] = np.where(nothing, most, columns["high"])
    return columns


def _columns(
    name: str, sums: Moments, error: FloatArray, unit: float, level: float
) -> Mapping[str, FloatArray]:
    one_number("level", level, minimum=0.5, maximum=0.9999, unit="probability")
    low, high = sums.interval(level, error)
    columns = {name: sums.rate, "standard_error": error, "low": low, "high": high}
    return {column: values * unit for column, values in columns.items()}

"""What one claim costs, by line: lognormal bodies, and a generalised Pareto tail for admissions.

The mean is always dollars over claims, so that all dollars are accounted for; the records'
likelihood decides the shape.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mutualfund.claims import Lognormal, fit_severity, fit_spliced
from records import Records

INPATIENT_THRESHOLD = 1_500.0  # dollars an admission: the tail's shape is stable from here on
PURCHASE_CV = 0.5  # assumed: the records have a year's drugs, not the single purchase


@dataclass(frozen=True)
class SeverityFit:
    """A line's cost per claim as the scenario states it: `cv` is the body's, `mean` the whole's."""

    mean: float
    cv: float
    mean_error: float  # standard error of the mean, as a share of it
    tail: dict[str, float | str] | None = None

    def table(self) -> dict[str, object]:
        """The severity's table in a scenario."""
        body: dict[str, object] = {
            "kind": "lognormal",
            "mean": round(self.mean, 3),
            "cv": round(self.cv, 4),
        }
        return body if self.tail is None else body | {"tail": self.tail}

    def distribution(self) -> Lognormal:
        return Lognormal.model_validate(self.table())


def fit_severities(records: Records) -> dict[str, SeverityFit]:
    """By line; `outpatient` and `drugs` hold a year's dollars until `fit` has solved the count."""
    return {
        "visits": _visits(records),
        "outpatient": _yearly(records.dollars["outpatient"]),
        "drugs": _yearly(records.dollars["drugs"]),
        "inpatient": _admissions(records),
    }


def _visits(records: Records) -> SeverityFit:
    """Shape from people with a single visit: only theirs is the price of one visit."""
    count, dollars = records.counts["visits"], records.dollars["visits"]
    single = fit_severity("lognormal", dollars[count == 1])
    cv = lognormal_cv(single.parameters["sigma"])
    return SeverityFit(float(dollars.sum() / count.sum()), cv, _ratio_error(dollars, count))


def _yearly(dollars: np.ndarray) -> SeverityFit:
    positive = dollars[dollars > 0]
    error = positive.std() / positive.mean() / np.sqrt(positive.size)
    return SeverityFit(float(positive.mean()), PURCHASE_CV, float(error))


def _admissions(records: Records) -> SeverityFit:
    """A lognormal body with a generalised Pareto for what exceeds the threshold."""
    count, dollars = records.counts["inpatient"], records.dollars["inpatient"]
    admitted = count > 0
    each = np.repeat(dollars[admitted] / count[admitted], count[admitted])
    found = fit_spliced("lognormal", each, above=INPATIENT_THRESHOLD).parameters
    tail: dict[str, float | str] = {
        "kind": "generalised_pareto",
        "above": INPATIENT_THRESHOLD,
        "xi": round(found["tail.xi"], 3),
        "beta": round(found["tail.beta"], 1),
    }
    mean = float(dollars.sum() / count.sum())
    cv = lognormal_cv(found["sigma"])
    return SeverityFit(mean, cv, _ratio_error(dollars[admitted], count[admitted]), tail)


def lognormal_cv(sigma: float) -> float:
    return float(np.sqrt(np.expm1(sigma**2)))


def _ratio_error(dollars: np.ndarray, count: np.ndarray) -> float:
    """Standard error of dollars / claims over people, as a share of it."""
    mean = dollars.sum() / count.sum()
    return float(np.sqrt(((dollars - mean * count) ** 2).sum()) / dollars.sum())

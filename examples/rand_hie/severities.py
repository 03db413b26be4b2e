"""What one claim costs, by line: lognormal bodies, and a generalised Pareto tail for admissions.

The mean is always dollars over claims, so that all dollars are accounted for; the records'
likelihood decides the shape.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.optimize import minimize

from mutualfund.claims import Lognormal
from mutualfund.claims.fitting import fit_excess, fit_severity
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
    """Body by likelihood censored at the threshold, generalised Pareto for what exceeds it."""
    count, dollars = records.counts["inpatient"], records.dollars["inpatient"]
    admitted = count > 0
    each = np.repeat(dollars[admitted] / count[admitted], count[admitted])
    excess = fit_excess(each, above=INPATIENT_THRESHOLD).parameters
    tail: dict[str, float | str] = {
        "kind": "generalised_pareto",
        "above": INPATIENT_THRESHOLD,
        "xi": round(excess["xi"], 3),
        "beta": round(excess["beta"], 1),
    }
    mean = float(dollars.sum() / count.sum())
    cv = lognormal_cv(_censored_sigma(each, INPATIENT_THRESHOLD))
    return SeverityFit(mean, cv, _ratio_error(dollars[admitted], count[admitted]), tail)


def _censored_sigma(amounts: np.ndarray, above: float) -> float:
    """Sigma of a lognormal of which amounts beyond `above` are only known to be beyond."""
    logs, cut = np.log(amounts[amounts <= above]), np.log(above)
    beyond = int((amounts > above).sum())

    def minus_likelihood(theta: np.ndarray) -> float:
        mu, sigma = theta[0], np.exp(theta[1])
        inside = stats.norm.logpdf(logs, mu, sigma).sum()
        return -float(inside + beyond * stats.norm.logsf(cut, mu, sigma))

    best = minimize(minus_likelihood, x0=[logs.mean(), np.log(logs.std())], method="Nelder-Mead")
    if not best.success:
        raise RuntimeError("the body of admissions did not settle")
    return float(np.exp(best.x[1]))


def lognormal_cv(sigma: float) -> float:
    return float(np.sqrt(np.expm1(sigma**2)))


def _ratio_error(dollars: np.ndarray, count: np.ndarray) -> float:
    """Standard error of dollars / claims over people, as a share of it."""
    mean = dollars.sum() / count.sum()
    return float(np.sqrt(((dollars - mean * count) ** 2).sum()) / dollars.sum())

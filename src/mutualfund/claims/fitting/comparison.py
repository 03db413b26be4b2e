"""Several families fitted to the same data, side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mutualfund.claims.fitting.counted import ObservedCounts
from mutualfund.claims.fitting.counts import CountKind, fit_counts
from mutualfund.claims.fitting.fit import Fit
from mutualfund.claims.fitting.maximum import FitError
from mutualfund.claims.fitting.observed import Observed, observed
from mutualfund.claims.fitting.severities import SeverityKind, fit_severity
from mutualfund.errors import Fault, InputError

if TYPE_CHECKING:
    import pandas as pd

SEVERITIES: tuple[SeverityKind, ...] = (
    "exponential",
    "gamma",
    "lognormal",
    "weibull",
    "lomax",
    "burr",
    "inverse_gaussian",
)
COUNTS: tuple[CountKind, ...] = (
    "poisson",
    "negative_binomial",
    "zero_modified_poisson",
    "zero_modified_negative_binomial",
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The fits of several families to the same data.

    fits: by kind, the smallest AIC first. refused: by kind, why there is no fit; no family is left out
    without a word.
    """

    fits: Mapping[str, Fit]
    refused: Mapping[str, str]

    @property
    def best(self) -> Fit:
        """The fit with the smallest AIC."""
        return next(iter(self.fits.values()))

    def to_pandas(self) -> pd.DataFrame:
        """One row a family: parameters, log-likelihood, AIC, BIC, mean, its error, sd; refused ones last.

        `aic_more` is what the AIC exceeds the best one's by, `weight` Akaike's weight exp(-aic_more / 2) as a
        share of their sum (K. Burnham, D. Anderson, *Model selection*, 2nd ed. (2002), section 2.9). `sd` is
        infinite where the variance does not exist.
        """
        import pandas as pd

        rows = [_row(kind, fit, self.best.aic) for kind, fit in self.fits.items()]
        table = pd.DataFrame(rows)
        weight = np.exp(-table["aic_more"].to_numpy() / 2.0)
        table.insert(list(table).index("aic_more") + 1, "weight", weight / weight.sum())
        missing = pd.DataFrame([{"kind": k, "refused": why} for k, why in self.refused.items()])
        parts = [table] if missing.empty else [table, missing]
        return pd.concat(parts, ignore_index=True).set_index("kind")


def _row(kind: str, fit: Fit, best: float) -> dict[str, object]:
    variance = fit.distribution.variance
    return {
        "kind": kind,
        "parameters": len(fit.estimates),
        "loglik": fit.loglik,
        "aic": fit.aic,
        "aic_more": fit.aic - best,
        "bic": fit.bic,
        "mean": fit.mean,
        "mean_error": fit.mean_error,
        "sd": math.sqrt(variance) if math.isfinite(variance) else math.inf,
        "refused": "",
    }


def compare_severities(
    amounts: npt.ArrayLike | Observed, kinds: Iterable[SeverityKind] = SEVERITIES
) -> Comparison:
    """Fit several severity families to the same amounts.

    amounts: (n,) currency, or `Observed`. kinds: families; all that need no more than amounts where left out.

    Raises
    ------
    InputError
        Where the amounts cannot be used, or a family is none.
    FitError
        Where no family can be fitted.

    >>> sizes = [100 * (1 - (k + 0.5) / 400) ** -0.4 for k in range(400)]
    >>> compare_severities(sizes, kinds=("exponential", "inverse_gaussian")).best.kind
    'inverse_gaussian'
    """
    seen = observed(amounts)
    return _compared(kinds, lambda kind: fit_severity(kind, seen))


def compare_counts(
    counts: npt.ArrayLike | ObservedCounts,
    exposure: npt.ArrayLike | None = None,
    kinds: Iterable[CountKind] = COUNTS,
) -> Comparison:
    """Fit several count families to the same members.

    counts, exposure: as in `fit_counts`. kinds: families; all but the binomials where left out.

    Raises
    ------
    InputError
        Where the counts cannot be used, or a family is none.
    FitError
        Where no family can be fitted.

    >>> members = ObservedCounts([0, 1, 2, 3, 4], weights=[500, 300, 130, 50, 20])
    >>> compare_counts(members, kinds=("poisson", "negative_binomial")).best.kind
    'negative_binomial'
    """
    seen = counts if isinstance(counts, ObservedCounts) else ObservedCounts(counts, exposure)
    return _compared(kinds, lambda kind: fit_counts(kind, seen))


def _compared(kinds: Iterable[Any], fitted: Callable[[Any], Fit]) -> Comparison:
    found: dict[str, Fit] = {}
    refused: dict[str, str] = {}
    for kind in kinds:
        try:
            found[kind] = fitted(kind)
        except FitError as reason:
            refused[kind] = str(reason)
    if not found:
        if not refused:
            raise InputError([Fault("kinds", "none", "at least one family", code="no_kind")])
        raise FitError("; ".join(f"{kind}: {reason}" for kind, reason in refused.items()))
    ordered = dict(sorted(found.items(), key=lambda pair: pair[1].aic))
    return Comparison(MappingProxyType(ordered), MappingProxyType(refused))

"""Several fits to the same data, side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mutualfund.claims.aggregate.amounts import tail_index
from mutualfund.claims.fitting.counted import ObservedCounts
from mutualfund.claims.fitting.counts import CountKind, fit_counts
from mutualfund.claims.fitting.fit import Data, Fit, require_fit
from mutualfund.claims.fitting.likelihood import merged
from mutualfund.claims.fitting.maximum import FitError
from mutualfund.claims.fitting.observed import Observed, observed
from mutualfund.claims.fitting.severities import SeverityKind, fit_severity
from mutualfund.claims.severity import SeverityModel
from mutualfund.errors import Fault, InputError, MutualFundError, listed
from mutualfund.types import FloatArray

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


@dataclass(frozen=True, slots=True, repr=False)
class Comparison:
    """Several fits to the same data.

    fits: by kind, or the name given, the smallest AIC first. refused: by kind, why there is no fit; no family
    is left out without a word.
    """

    fits: Mapping[str, Fit]
    refused: Mapping[str, str]

    def __repr__(self) -> str:
        name, best = next(iter(self.fits.items()))
        shown = f"{len(self.fits)} fit{'' if len(self.fits) == 1 else 's'}"
        refused = f", {len(self.refused)} refused" if self.refused else ""
        return f"Comparison of {shown}{refused}: best {name}, AIC {best.aic:,.1f}"

    @property
    def best(self) -> Fit:
        """The fit with the smallest AIC."""
        return next(iter(self.fits.values()))

    def to_pandas(self, *, replicates: int = 0, seed: int = 1) -> pd.DataFrame:
        """One row a fit: parameters, log-likelihood, criteria, mean, its error, sd, tail; refused ones last.

        `aic_more` is what the AIC exceeds the best one's by, `weight` Akaike's weight exp(-aic_more / 2) as a
        share of their sum (K. Burnham, D. Anderson, *Model selection*, 2nd ed. (2002), section 2.9). `sd` is
        infinite where the variance does not exist; so is `tail_index`, of amounts, where every moment does,
        else it is the order from which none exists (alpha, or 1 / xi).

        Parameters
        ----------
        replicates, seed : 19 samples or more give the p-value of each test of `goodness_of_fit` a column, NaN
            where a fit cannot be tested; none are drawn where left out.
        """
        import pandas as pd

        rows = [_row(kind, fit, self.best.aic) for kind, fit in self.fits.items()]
        table = pd.DataFrame(rows)
        if replicates:
            table = table.join(pd.DataFrame(self._chances(replicates, seed)))
        weight = np.exp(-table["aic_more"].to_numpy() / 2.0)
        table.insert(list(table).index("aic_more") + 1, "weight", weight / weight.sum())
        missing = pd.DataFrame([{"kind": k, "refused": why} for k, why in self.refused.items()])
        parts = [table] if missing.empty else [table, missing]
        return pd.concat(parts, ignore_index=True).set_index("kind")

    def _chances(self, replicates: int, seed: int) -> list[dict[str, float]]:
        """The p-values of each fit by test; refused only where no fit can be tested."""
        found: list[dict[str, float]] = []
        reasons: list[MutualFundError] = []
        for fit in self.fits.values():
            try:
                tests = fit.goodness_of_fit(replicates, seed).tests
                found.append({test.name: test.p_value for test in tests})
            except (FitError, InputError) as reason:
                reasons.append(reason)
                found.append({})
        if len(reasons) == len(found):
            raise reasons[0]
        return found


def _row(kind: str, fit: Fit, best: float) -> dict[str, object]:
    variance = fit.distribution.variance
    row: dict[str, object] = {
        "kind": kind,
        "parameters": len(fit.estimates),
        "loglik": fit.loglik,
        "aic": fit.aic,
        "aic_more": fit.aic - best,
        "aicc": fit.aicc,
        "bic": fit.bic,
        "mean": fit.mean,
        "mean_error": fit.mean_error,
        "sd": math.sqrt(variance) if math.isfinite(variance) else math.inf,
    }
    if isinstance(fit.distribution, SeverityModel):
        row["tail_index"] = tail_index(fit.distribution.law)
    return {**row, "refused": ""}


def compare_fits(fits: Iterable[Fit] | Mapping[str, Fit]) -> Comparison:
    """Fits that are at hand, spliced ones included, side by side.

    fits: to the same data, one or more: named by their families and the points they start at, or by the keys
    of a mapping.

    Raises
    ------
    InputError
        Where two were fitted to different data (the parts above a point are other data than the whole
        amounts), one was derived from another, or two have the same name.

    >>> sizes = [100 * (1 - (k + 0.5) / 400) ** -0.5 for k in range(400)]
    >>> from mutualfund.claims import fit_severity, fit_spliced
    >>> whole, joined = fit_severity("lognormal", sizes), fit_spliced("gamma", sizes, 300, "pareto")
    >>> compare_fits([whole, joined]).to_pandas()["tail_index"].round(2).to_dict()
    {'gamma, pareto above 300': 2.0, 'lognormal': inf}
    >>> compare_fits([whole])
    Comparison of 1 fit: best lognormal, AIC 4,663.4
    """
    if isinstance(fits, Mapping):
        given = list(fits.items())
    else:
        given = [("", fit) for fit in listed("fits", fits, "fits, as [one, other]")]
    for _, fit in given:
        require_fit("fits", fit)
    named = [(name or _name(fit), fit) for name, fit in given]
    if not named:
        raise InputError([Fault("fits", "none", "at least one fit", code="no_fit")])
    _refuse_unlike(named)
    ordered = dict(sorted(named, key=lambda pair: pair[1].aic))
    return Comparison(MappingProxyType(ordered), MappingProxyType({}))


def _name(fit: Fit) -> str:
    """The family, and where the whole or its tail starts at a point, that."""
    above = getattr(fit.distribution, "above", None)
    own = fit.kind if above is None else f"{fit.kind} above {above:g}"
    tail = getattr(fit.distribution, "tail", None)
    return own if tail is None else f"{own}, {tail.kind} above {tail.above:g}"


def _refuse_unlike(named: list[tuple[str, Fit]]) -> None:
    """Refuse names that are there twice, and fits whose likelihoods are of different data."""
    names, first = [name for name, _ in named], named[0][1]
    faults: list[Fault] = []
    for place, (name, fit) in enumerate(named):
        if fit.data is None:
            allowed = "fits to data; this one was derived from another"
            faults.append(Fault("fits", f"{name} without data", allowed, code="no_data"))
        elif fit is not first and first.data is not None and not _same(fit.data, first.data):
            remedy = "Fit each family to the same Observed, or the same counts."
            got = f"{name}, fitted to other data than {names[0]}"
            faults.append(Fault("fits", got, "fits to the same data", remedy, "other_data"))
        elif name in names[:place]:
            remedy = "Give fits by name: {name: fit}."
            faults.append(Fault("fits", f"{name} twice", "one of each name", remedy, "twice"))
    if faults:
        raise InputError(faults)


def _same(one: Data, other: Data) -> bool:
    """Whether a likelihood sees the same in both: the same rows in any order, merged or one by one."""
    if one is other:
        return True
    rows, others = (_seen_by_likelihood(data) for data in (one, other))
    return len(rows) == len(others) and all(
        np.array_equal(*pair) for pair in zip(rows, others, strict=True)
    )


def _seen_by_likelihood(data: Data) -> tuple[FloatArray, ...]:
    used = data.weights > 0.0
    columns = (
        (data.low, data.high, data.deductible)
        if isinstance(data, Observed)
        else (data.counts, data.factor)
    )
    return merged(data.weights[used], *(column[used] for column in columns))


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
    for kind in listed("kinds", kinds, "names of families"):
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

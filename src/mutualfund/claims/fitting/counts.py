"""Maximum likelihood for claim counts over exposure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

from mutualfund.claims.count_laws import (
    BinomialLaw,
    CountLaw,
    NegativeBinomialLaw,
    PoissonLaw,
    ZeroModifiedLaw,
)
from mutualfund.claims.fitting.counted import ObservedCounts
from mutualfund.claims.fitting.fit import Covariance, Estimate, Fit
from mutualfund.claims.fitting.likelihood import CountLikelihood, of_parameters
from mutualfund.claims.fitting.maximum import FitError, LogLikelihood, Unknown, climb
from mutualfund.claims.frequency import FrequencyModel, FrequencySpec
from mutualfund.errors import Fault, InputError, require_choice, require_whole

CountKind = Literal[
    "poisson",
    "negative_binomial",
    "binomial",
    "zero_modified_poisson",
    "zero_modified_negative_binomial",
    "zero_modified_binomial",
]
Guess = tuple[float, ...]
BaseLaw = PoissonLaw | NegativeBinomialLaw | BinomialLaw
_MODIFIED = "zero_modified_"


@dataclass(frozen=True, slots=True)
class CountFamily:
    """A count to be fitted: its unknowns, the law of given values, first guesses, what to do instead."""

    unknowns: tuple[Unknown, ...]
    law: Callable[..., CountLaw]
    guesses: tuple[Guess, ...]
    instead: str


def fit_counts(
    kind: CountKind,
    counts: npt.ArrayLike | ObservedCounts,
    exposure: npt.ArrayLike | None = None,
    *,
    weights: npt.ArrayLike | None = None,
    relativity: npt.ArrayLike | None = None,
    trials: int | None = None,
) -> Fit:
    """Fit claims per fully covered member-year to counts seen over `exposure`.

    Parameters
    ----------
    kind : the family; a zero-modified one has its chance of no claim, `p0`, at full exposure as a parameter.
    counts : (n,) whole numbers >= 0, one a member; or `ObservedCounts`, which holds the three that follow.
    exposure : (n,) member-years > 0, one each where left out.
    weights : (n,) how many members each row stands for.
    relativity : (n,) how many times the average rate is expected of each member; the dispersion is then
        conditional on it (definition 8).
    trials : for the binomials, the most claims possible in a year.

    The gamma effect of a negative binomial is the member's, constant over their exposure.

    Raises
    ------
    InputError
        Where a count is not whole or negative, or an exposure is not positive.
    FitError
        Where there are no claims at all, where a negative binomial is asked of counts that vary no more than
        a Poisson's, or the data do not determine the parameters.

    >>> fit = fit_counts("poisson", [0, 2, 1, 0], exposure=[1.0, 1.0, 0.5, 0.5])
    >>> fit.parameters["mean"], round(fit.standard_errors["mean"], 4)
    (1.0, 0.5774)
    >>> seen = [0, 1, 2, 3, 4, 5]  # of so many members:
    >>> fit = fit_counts("zero_modified_poisson", seen, weights=[600, 150, 130, 70, 30, 20])
    >>> round(fit.parameters["p0"], 3), round(fit.parameters["base.mean"], 2)
    (0.6, 1.73)
    """
    seen = _observed(counts, exposure, weights, relativity)
    require_choice("kind", kind, get_args(CountKind), code="unknown_kind")
    base = kind.removeprefix(_MODIFIED)
    _check_trials(base, seen, trials)
    trials = None if trials is None else int(trials)
    if seen.claims == 0.0:
        raise FitError("no claim was seen: the rate could be anything near zero")
    modified = kind.startswith(_MODIFIED)
    family = _family(kind, seen, trials)
    loglik = of_parameters(CountLikelihood(seen), family.law)
    top = climb(loglik, family.unknowns, family.guesses, seen.n, family.instead)
    names = tuple(unknown.name for unknown in family.unknowns)
    values = dict(zip(names, top.values.tolist(), strict=True))
    errors = np.sqrt(np.diag(top.covariance)).tolist()
    estimates = tuple(
        Estimate(unknown.name, values[unknown.name], error, unknown.scale)
        for unknown, error in zip(family.unknowns, errors, strict=True)
    )
    return Fit(
        distribution=_distribution(base, modified, values, trials),
        estimates=estimates,
        covariance=Covariance.of(names, top.covariance),
        loglik=top.loglik,
        n=seen.n,
        data=seen,
        again=partial(fit_counts, kind, trials=trials),
        likelihood=partial(_likelihood, kind, trials),
    )


def _likelihood(kind: str, trials: int | None, seen: ObservedCounts) -> LogLikelihood:
    return of_parameters(CountLikelihood(seen), _family(kind, seen, trials).law)


def _family(kind: str, seen: ObservedCounts, trials: int | None) -> CountFamily:
    base = kind.removeprefix(_MODIFIED)
    return _plain(base, seen, trials) if base == kind else _modified(base, seen, trials)


def _observed(
    counts: npt.ArrayLike | ObservedCounts,
    exposure: npt.ArrayLike | None,
    weights: npt.ArrayLike | None,
    relativity: npt.ArrayLike | None,
) -> ObservedCounts:
    if not isinstance(counts, ObservedCounts):
        return ObservedCounts(counts, exposure, weights, relativity)
    twice = {"exposure": exposure, "weights": weights, "relativity": relativity}
    faults = [
        Fault(name, "a value", "nothing: ObservedCounts holds it")
        for name, value in twice.items()
        if value is not None
    ]
    if faults:
        raise InputError(faults)
    return counts


def _check_trials(base: str, seen: ObservedCounts, trials: int | None) -> None:
    if base != "binomial":
        if trials is not None:
            raise InputError([Fault("trials", str(trials), "nothing but with a binomial")])
        return
    most = int(seen.counts[seen.weights > 0.0].max())
    remedy = "Write trials=, the most claims possible in a year."
    unit = "trials, at least the largest count seen"
    require_whole("trials", trials, minimum=max(most, 1), maximum=1e9, unit=unit, remedy=remedy)


def _plain(base: str, seen: ObservedCounts, trials: int | None) -> CountFamily:
    rate = seen.claims / float(seen.weights @ seen.factor)
    if base == "poisson":
        return CountFamily((Unknown("mean"),), PoissonLaw, ((rate,),), "give more members")
    if base == "binomial":
        most = int(trials or 1)
        largest = most / float(seen.factor.max())
        start = min(rate, 0.99 * largest)
        instead = "every trial was a claim, give more members or raise trials"
        return CountFamily(
            (Unknown("mean"),), lambda mean: BinomialLaw(mean, most), ((start,),), instead
        )
    expected = rate * seen.factor
    # The likelihood's slope in 1/k where it is a Poisson: without it, no k is better than infinity.
    surplus = float(seen.weights @ ((seen.counts - expected) ** 2 - seen.counts))
    if surplus <= 0.0:
        raise FitError(
            "the counts vary no more than a Poisson's: fit kind poisson instead (or binomial)"
        )
    dispersion = float(seen.weights @ expected**2) / surplus
    return CountFamily(
        (Unknown("mean"), Unknown("dispersion")),
        NegativeBinomialLaw,
        tuple((rate, dispersion * part) for part in (1.0, 0.3, 3.0)),
        "the counts vary hardly more than a Poisson's, fit kind poisson",
    )


def _modified(base: str, seen: ObservedCounts, trials: int | None) -> CountFamily:
    """A chance of no claim of its own, and the base's proportions above zero."""
    none = float(seen.weights @ (seen.counts == 0.0)) / seen.n
    if none == 0.0:
        raise FitError(
            "every member had a claim, which puts p0 at its border 0: fit the base kind instead"
        )
    mean = seen.claims / float(seen.weights @ (seen.factor * (seen.counts > 0.0)))
    most = int(trials or 1)
    laws: dict[str, Callable[..., BaseLaw]] = {
        "poisson": PoissonLaw,
        "negative_binomial": NegativeBinomialLaw,
        "binomial": lambda mean: BinomialLaw(mean, most),
    }
    parent = laws[base]

    def law(p0: float, *values: float) -> ZeroModifiedLaw:
        inner = parent(*values)
        return ZeroModifiedLaw(inner, (1.0 - p0) / float(inner.sf(np.zeros(1))[0]))

    unknowns = [Unknown("p0", "share"), Unknown("base.mean")]
    unknowns += [Unknown("base.dispersion")] if base == "negative_binomial" else []
    return CountFamily(
        tuple(unknowns),
        law,
        tuple(_modified_guesses(base, none, min(mean, 0.9 * most) if trials else mean)),
        "members with claims have too few different counts, fit the base kind",
    )


def _modified_guesses(base: str, none: float, mean: float) -> Iterator[Guess]:
    for part in (0.9, 0.6, 0.3):
        if base == "negative_binomial":
            yield from ((none, mean * part, k) for k in (0.4, 2.0))
        else:
            yield none, mean * part


def _distribution(
    base: str, modified: bool, values: dict[str, float], trials: int | None
) -> FrequencyModel:
    table: dict[str, Any] = {name.removeprefix("base."): value for name, value in values.items()}
    table |= {"kind": base} | ({"trials": trials} if base == "binomial" else {})
    if modified:
        table = {"kind": "zero_modified", "p0": table.pop("p0"), "base": table}
    made: FrequencyModel = TypeAdapter(FrequencySpec).validate_python(table)
    return made

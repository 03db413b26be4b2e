"""Maximum likelihood for the amounts of claims: one family, a tail alone, or a body with its tail."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from mutualfund.claims.fitting.families import FAMILIES, SeverityFamily, Sketch, pareto_above
from mutualfund.claims.fitting.fit import Covariance, Estimate, Fit
from mutualfund.claims.fitting.likelihood import SeverityLikelihood, of_parameters
from mutualfund.claims.fitting.maximum import FitError, LogLikelihood, Top, climb
from mutualfund.claims.fitting.observed import Observed, observed, rows_fault
from mutualfund.claims.severity import SeverityModel
from mutualfund.errors import Fault, InputError, numbers, one_number, require_choice

SeverityKind = Literal[
    "exponential",
    "gamma",
    "lognormal",
    "weibull",
    "lomax",
    "pareto",
    "generalised_pareto",
    "burr",
    "inverse_gaussian",
    "normal",
]
BodyKind = Literal["gamma", "lognormal", "weibull", "lomax", "burr", "inverse_gaussian"]
"""No exponential: with a tail, its one parameter would be the mean of body and tail (definition 10)."""
TailKind = Literal["pareto", "generalised_pareto", "exponential", "lognormal", "weibull"]

FEWEST_EXCESSES = FEWEST_BELOW = 10
_REGULAR_XI = -0.5
"""At this shape and below the generalised Pareto's likelihood is irregular and its errors do not exist."""


def fit_severity(
    kind: SeverityKind, amounts: npt.ArrayLike | Observed, *, above: float | None = None
) -> Fit:
    """Fit a severity family to claim amounts by maximum likelihood.

    Parameters
    ----------
    kind : the family.
    amounts : (n,) currency, all above 0, not all equal; or `Observed`, where deductibles, limits, weights or
        groups hide a part of them. The distribution is then that of the ground-up amount.
    above : for kind pareto, the point that every amount exceeds, currency.

    Raises
    ------
    InputError
        Where an amount is not positive, or the family is not one of these.
    FitError
        Where the likelihood has no maximum or no standard errors there, or the fitted law has no mean.

    A count of claims that were reported is that of claims above their deductible: divided by the fitted
    ``distribution.sf(deductible)`` it is the count of all claims, which goes with this severity in a line.

    Source: S. Klugman, H. Panjer, G. Willmot, *Loss Models*, 4th ed. (2012), sections 13.1 to 13.3.

    >>> fit = fit_severity("lognormal", [10.0, 20.0, 40.0, 80.0])
    >>> round(fit.parameters["mu"], 4), round(fit.standard_errors["mu"], 4)
    (3.3423, 0.3875)

    Three claims above a deductible of 100, one of them known only to reach 1,000: the sum above the
    deductible over the claims known exactly.

    >>> seen = Observed([300.0, 900.0, 1000.0], deductible=100.0, limit=1000.0)
    >>> round(fit_severity("exponential", seen).parameters["mean"], 9)
    950.0
    """
    seen = observed(amounts)
    family = _family(kind, seen, above)
    top = _maximum(family, seen)
    if kind == "generalised_pareto":
        _refuse_irregular(float(top.values[0]))
    again = partial(fit_severity, kind, above=above)
    fit = _fit_of(family, top, seen, again, {} if above is None else {"above": above})
    return replace(fit, likelihood=partial(_likelihood, kind, above))


def _likelihood(kind: str, above: float | None, seen: Observed) -> LogLikelihood:
    return of_parameters(SeverityLikelihood(seen), _family(kind, seen, above).law)


def fit_excess(amounts: npt.ArrayLike | Observed, above: float) -> Fit:
    """Fit a generalised Pareto to what exceeds `above`.

    amounts: (n,) currency, or `Observed`. above: currency; only the parts beyond it of the claims that exceed
    it are used, and the fit is of those parts. A shape xi of 0.5 or more has no variance: `Fit.sd` says so.

    Raises
    ------
    InputError
        Where fewer than ten amounts exceed `above`.
    FitError
        Where the fitted tail has no mean (xi >= 1) or its likelihood is irregular (xi <= -0.5).

    Source: R. Davison, R. Smith, *Models for exceedances over high thresholds*, JRSS B 52 (1990).

    >>> sizes = [100 * (1 - (k + 0.5) / 1000) ** -0.5 for k in range(1000)]
    >>> round(fit_excess(sizes, above=120).parameters["xi"], 2)
    0.5
    """
    return replace(
        fit_severity("generalised_pareto", _excesses(amounts, above)), excess_above=float(above)
    )


def fit_spliced(
    body: BodyKind,
    amounts: npt.ArrayLike | Observed,
    above: float,
    tail: TailKind = "generalised_pareto",
) -> Fit:
    """Fit a body with another law's tail joined on above a point (definition 10).

    The tail keeps the body's chance of exceeding the point, so the likelihood falls into two parts with no
    parameter in common: the body's, to which an amount beyond the point is known only to be beyond, and the
    tail's, of amounts given that they exceed it. Each is at its own top; their errors are independent.

    Parameters
    ----------
    body, tail : the families below and above.
    amounts : (n,) currency, or `Observed`.
    above : currency, the point; at least ten amounts must not exceed it, and ten must.

    Returns
    -------
    Fit with the tail's parameters named "tail.xi" and so on.

    Raises
    ------
    InputError, FitError
        As in `fit_severity`.

    >>> sizes = [100 * (1 - (k + 0.5) / 1000) ** -0.5 for k in range(1000)]
    >>> fit = fit_spliced("lognormal", sizes, above=300, tail="pareto")
    >>> sorted(fit.parameters), round(fit.parameters["tail.alpha"], 2)
    (['mu', 'sigma', 'tail.alpha'], 2.0)
    """
    seen = observed(amounts)
    _require_family("body", body, BodyKind)
    _require_body(seen, above)
    lower = fit_severity(body, seen.capped_at(above))
    upper = _fit_tail(tail, seen, above)
    table = {**upper.parameters, "kind": tail, "above": above}
    model = _built(FAMILIES[body].model, {"kind": body, **lower.parameters, "tail": table})
    names = tuple(f"tail.{name}" for name in upper.parameters)
    return Fit(
        distribution=model,
        estimates=(*lower.estimates, *_renamed(upper, names)),
        covariance=_apart(lower.covariance, upper.covariance, names),
        loglik=lower.loglik + upper.loglik,
        n=lower.n,
        data=seen,
        again=partial(_spliced_again, body, above, tail),
        likelihood=partial(_spliced_likelihood, body, above, tail),
    )


def _require_body(seen: Observed, above: float) -> None:
    """Refuse a point with next to nothing up to it, where a body could only be guessed."""
    one_number("above", above, minimum=0.0, maximum=1e300, unit="currency")
    bodys = np.where(seen.exact, seen.low <= above, seen.low < above)  # the tail's are beyond it
    below = float(seen.weights[bodys].sum())
    if below < FEWEST_BELOW:
        got = f"{below:g} amounts up to {above:g}"
        allowed = f"at least {FEWEST_BELOW} amounts up to it"
        remedy = "Raise the point, or fit one family to all amounts with fit_severity."
        raise InputError([Fault("above", got, allowed, remedy, "too_few")])


def _spliced_again(body: BodyKind, above: float, tail: TailKind, amounts: Observed) -> Fit:
    return fit_spliced(body, amounts, above, tail)


def _spliced_likelihood(
    body: BodyKind, above: float, tail: TailKind, amounts: Observed
) -> LogLikelihood:
    lower = _likelihood(body, None, amounts.capped_at(above))
    excess, start = _of_tail(tail, amounts, above)
    upper, first = _likelihood(tail, start, excess), len(FAMILIES[body].unknowns)
    return lambda values: lower(values[:first]) + upper(values[first:])


def _fit_tail(kind: TailKind, seen: Observed, above: float) -> Fit:
    """The law of amounts given that they exceed `above`, which becomes every claim's deductible."""
    _require_family("tail", kind, TailKind)
    excess, start = _of_tail(kind, seen, above)
    return fit_severity(kind, excess, above=start)


def _of_tail(kind: TailKind, seen: Observed, above: float) -> tuple[Observed, float | None]:
    """The amounts that a tail is fitted to, and the point that a Pareto's exceed."""
    excess = _excesses(seen, above)
    if kind == "generalised_pareto":
        return excess, None
    return excess.shifted(above), above if kind == "pareto" else None


def _renamed(fit: Fit, names: tuple[str, ...]) -> tuple[Estimate, ...]:
    return tuple(
        Estimate(name, each.value, each.standard_error, each.scale)
        for name, each in zip(names, fit.estimates, strict=True)
    )


def _apart(lower: Covariance, upper: Covariance, names: tuple[str, ...]) -> Covariance:
    """Two independent sets of errors side by side."""
    first = len(lower.names)
    matrix = np.zeros((first + len(names),) * 2)
    matrix[:first, :first], matrix[first:, first:] = lower.matrix, upper.matrix
    return Covariance.of((*lower.names, *names), matrix)


def _excesses(amounts: npt.ArrayLike | Observed, above: float) -> Observed:
    """The parts above a point, where enough claims exceed it."""
    one_number("above", above, minimum=0.0, maximum=1e300, unit="currency")
    if isinstance(amounts, Observed):
        return _enough(amounts.excess_over(above), above)
    values = numbers("amounts", amounts).ravel()
    if not np.all(np.isfinite(values)):
        bad = np.flatnonzero(~np.isfinite(values))
        raise InputError([rows_fault("amounts", bad, "finite", "", "not_finite")])
    beyond = values[values > above] - above
    known, unlimited = np.zeros(beyond.size), np.full(beyond.size, math.inf)
    return _enough(Observed.of_columns(beyond, beyond, known, unlimited, known + 1.0), above)


def _enough(excess: Observed, above: float) -> Observed:
    """The excesses, where they are claims enough."""
    if excess.n < FEWEST_EXCESSES:
        got = f"{excess.n:g} amounts above {above:g}"
        allowed = f"at least {FEWEST_EXCESSES} amounts above it"
        raise InputError([Fault("above", got, allowed, code="too_few")])
    return excess


def _family(kind: str, seen: Observed, above: float | None) -> SeverityFamily:
    _require_family("kind", kind, SeverityKind)
    if kind == "pareto":
        remedy = "Write above=, the point that every amount exceeds."
        if above is None:
            raise InputError([Fault("above", "nothing", "currency above 0", remedy, "missing")])
        one_number("above", above, minimum=5e-324, maximum=1e300, unit="currency", remedy=remedy)
        if np.any(np.where(seen.exact, seen.low <= above, seen.low < above)):
            remedy = "Use fit_excess or fit_spliced, which take the amounts beyond a point."
            got = "amounts at or below it"
            raise InputError([Fault("above", got, "below every amount", remedy, "not_above")])
        return pareto_above(above)
    if above is not None:
        raise InputError([Fault("above", f"{above!r:.40}", "nothing but with kind pareto")])
    return FAMILIES[kind]


def _require_family(field: str, kind: object, listed: object) -> None:
    known = isinstance(kind, str) and kind in ("fixed", "empirical")
    remedy = "Those have no parameters to fit; write them as they are." if known else ""
    require_choice(field, kind, get_args(listed), remedy=remedy, code="unknown_kind")


def _maximum(family: SeverityFamily, seen: Observed) -> Top:
    sketch = Sketch.of(seen)
    low = float(sketch.amount.min())
    exact = bool(np.all(seen.exact[seen.weights > 0.0]))
    if exact and len(family.unknowns) > 1 and low == float(sketch.amount.max()):
        raise FitError("all amounts are equal: the likelihood has no maximum, write kind fixed")
    starts = list(family.guesses(sketch))
    loglik = of_parameters(SeverityLikelihood(seen), family.law)
    return climb(loglik, family.sized(starts[0]), starts, seen.n, family.instead)


def _refuse_irregular(xi: float) -> None:
    if xi <= _REGULAR_XI:
        raise FitError(
            f"these excesses have no generalised Pareto fit with standard errors (xi = {xi:.3g}): "
            "start the tail at a higher point, or fit kind weibull"
        )


def _fit_of(
    family: SeverityFamily,
    top: Top,
    seen: Observed,
    again: Callable[[Observed], Fit],
    known: dict[str, float],
) -> Fit:
    names = tuple(unknown.name for unknown in family.unknowns)
    values = top.values.tolist()
    shown = ", ".join(f"{name} = {value:.3g}" for name, value in zip(names, values, strict=True))
    if not math.isfinite(family.law(*values).mean):
        raise FitError(
            f"the fitted tail has no mean ({shown}): start it at a higher point, or limit the claim"
        )
    kind = str(family.model.model_fields["kind"].default)
    model = _built(family.model, {"kind": kind, **dict(zip(names, values, strict=True)), **known})
    errors = np.sqrt(np.diag(top.covariance)).tolist()
    estimates = tuple(
        Estimate(unknown.name, value, error, unknown.scale)
        for unknown, value, error in zip(family.unknowns, values, errors, strict=True)
    )
    covariance = Covariance.of(names, top.covariance)
    return Fit(model, estimates, covariance, top.loglik, seen.n, data=seen, again=again)


def _built(model: type[SeverityModel], table: dict[str, object]) -> SeverityModel:
    """The severity of fitted parameters; refused where no premium could pay for it."""
    try:
        return model.model_validate(table)
    except ValidationError as reason:
        why = "; ".join(error["msg"] for error in reason.errors(include_input=False))
        raise FitError(f"the fitted {table['kind']} is not usable: {why}") from None

"""Maximum likelihood for the severities and counts of an experience study.

A fit gives the distribution, the standard error of each parameter (from the observed information, that is
the curvature of the log-likelihood at its top) and the log-likelihood with every constant. What has no
maximum, or whose curvature gives no variance, is refused rather than returned with a plausible number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
import numpy.typing as npt

from mutualfund.claims.frequency import NegativeBinomial, Poisson
from mutualfund.claims.likelihood import FitError as FitError
from mutualfund.claims.likelihood import LogLikelihood, climb, derivatives, falling_root
from mutualfund.claims.severity import Exponential, Gamma, GeneralisedPareto, Lognormal, Weibull
from mutualfund.errors import HIDDEN, Fault, InputError
from mutualfund.types import FloatArray

SeverityKind = Literal["exponential", "gamma", "lognormal", "weibull"]
CountKind = Literal["poisson", "negative_binomial"]
Fitted = Exponential | Gamma | Lognormal | Weibull | GeneralisedPareto | Poisson | NegativeBinomial

_REGULAR_XI = -0.5
"""Below this shape the generalised Pareto's likelihood is irregular and its errors do not exist."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted distribution and how sure the data are of it.

    parameters, standard_errors: by name, in the parameter's own unit. loglik: natural logarithm, all
    constants included. n: observations used. converged: always true; what does not converge is not returned.

    >>> fit = fit_severity("exponential", [1.0, 2.0, 3.0])
    >>> fit.distribution.mean, fit.n, round(fit.aic, 3)
    (2.0, 3, 12.159)
    """

    distribution: Fitted
    parameters: Mapping[str, float]
    standard_errors: Mapping[str, float]
    loglik: float
    n: int
    converged: bool = True

    @property
    def aic(self) -> float:
        """Akaike's criterion: 2 x parameters - 2 x log-likelihood; smaller is better."""
        return 2.0 * len(self.parameters) - 2.0 * self.loglik

    def __reduce__(self) -> tuple[object, ...]:
        plain = (dict(self.parameters), dict(self.standard_errors))
        return _rebuild, (self.distribution, *plain, self.loglik, self.n, self.converged)


def _rebuild(
    distribution: Fitted,
    parameters: dict[str, float],
    errors: dict[str, float],
    loglik: float,
    n: int,
    converged: bool,
) -> Fit:
    return Fit(
        distribution, MappingProxyType(parameters), MappingProxyType(errors), loglik, n, converged
    )


def fit_severity(kind: SeverityKind, amounts: npt.ArrayLike) -> Fit:
    """Fit a severity family to claim amounts by maximum likelihood.

    kind: the family. amounts: (n,) currency, all above 0, not all equal.

    Raises
    ------
    InputError
        Where an amount is not positive, or the family is not one of these.
    FitError
        Where the likelihood has no maximum.

    >>> fit = fit_severity("lognormal", [10.0, 20.0, 40.0, 80.0])
    >>> round(fit.parameters["mu"], 4), round(fit.standard_errors["mu"], 4)
    (3.3423, 0.3875)
    """
    fits = {
        "exponential": _fit_exponential,
        "gamma": _fit_gamma,
        "lognormal": _fit_lognormal,
        "weibull": _fit_weibull,
    }
    if kind not in fits:
        raise InputError([Fault("kind", repr(kind), ", ".join(fits), code="unknown_kind")])
    return fits[kind](_positive(amounts))


def fit_excess(amounts: npt.ArrayLike, above: float) -> Fit:
    """Fit a generalised Pareto to what exceeds `above`.

    amounts: (n,) currency. above: currency; only amounts beyond it are used.

    Raises
    ------
    InputError
        Where fewer than ten amounts exceed `above`.
    FitError
        Where the fitted tail has no mean (xi >= 1) or its likelihood is irregular (xi <= -0.5).

    >>> sizes = [100 * (1 - (k + 0.5) / 1000) ** -0.5 for k in range(1000)]
    >>> round(fit_excess(sizes, above=120).parameters["xi"], 2)
    0.5
    """
    values = np.asarray(amounts, dtype=np.float64).ravel()
    excess = values[values > above] - above
    if excess.size < 10:
        got = f"{excess.size} amounts above {above:g}"
        raise InputError([Fault("above", got, "at least 10 amounts above it", code="too_few")])
    return _fit_generalised_pareto(_positive(excess))


def fit_counts(
    kind: CountKind, counts: npt.ArrayLike, exposure: npt.ArrayLike | None = None
) -> Fit:
    """Fit claims per member-year to counts seen over `exposure`.

    counts: (n,) whole numbers >= 0, one a member. exposure: (n,) member-years > 0, one each where left out.
    The gamma effect of a negative binomial is the member's, constant over their exposure.

    Raises
    ------
    InputError
        Where a count is not whole or negative, or an exposure is not positive.
    FitError
        Where there are no claims at all, or a negative binomial is asked of counts that vary no more than
        a Poisson's.

    >>> fit = fit_counts("poisson", [0, 2, 1, 0], exposure=[1.0, 1.0, 0.5, 0.5])
    >>> fit.parameters["mean"], round(fit.standard_errors["mean"], 4)
    (1.0, 0.5774)
    """
    seen, years = _counts(counts, exposure)
    if seen.sum() == 0.0:
        raise FitError("no claim was seen: the rate could be anything near zero")
    if kind == "poisson":
        return _fit_poisson(seen, years)
    if kind == "negative_binomial":
        return _fit_negative_binomial(seen, years)
    allowed = "poisson, negative_binomial"
    raise InputError([Fault("kind", repr(kind), allowed, code="unknown_kind")])


def _fit_exponential(x: FloatArray) -> Fit:
    def loglik(parameters: FloatArray) -> float:
        return -x.size * math.log(parameters[0]) - float(x.sum()) / float(parameters[0])

    mean = float(x.mean())
    return _fit(Exponential(mean=mean), {"mean": mean}, loglik, x.size)


def _fit_lognormal(x: FloatArray) -> Fit:
    logs = np.log(_varied(x))
    constant = float(logs.sum()) + x.size * math.log(2.0 * math.pi) / 2.0

    def loglik(parameters: FloatArray) -> float:
        mu, sigma = parameters
        scores = float((((logs - mu) / sigma) ** 2).sum())
        return -x.size * math.log(sigma) - scores / 2.0 - constant

    mu, sigma = float(logs.mean()), float(logs.std())
    return _fit(Lognormal(mu=mu, sigma=sigma), {"mu": mu, "sigma": sigma}, loglik, x.size)


def _fit_gamma(x: FloatArray) -> Fit:
    from scipy import special

    total, logs = float(x.sum()), float(np.log(_varied(x)).sum())

    def loglik(parameters: FloatArray) -> float:
        alpha, theta = parameters
        normed = math.lgamma(alpha) + alpha * math.log(theta)
        return float((alpha - 1.0) * logs - total / theta - x.size * normed)

    # Jensen's gap is positive for amounts that vary, and falls from infinity to zero in alpha.
    gap = math.log(x.mean()) - logs / x.size
    alpha = falling_root(lambda a: math.log(a) - float(special.digamma(a)) - gap)
    theta = float(x.mean()) / alpha
    return _fit(Gamma(alpha=alpha, theta=theta), {"alpha": alpha, "theta": theta}, loglik, x.size)


def _fit_weibull(x: FloatArray) -> Fit:
    largest = float(_varied(x).max())
    logs = np.log(x / largest)  # at most zero: no power of it can overflow
    mean_log = float(logs.mean())

    def loglik(parameters: FloatArray) -> float:
        tau, theta = parameters
        shifted = logs - math.log(theta / largest)
        total = (tau - 1.0) * float(shifted.sum()) - float(np.exp(tau * shifted).sum())
        return float(total + x.size * math.log(tau / theta))

    def slope(tau: float) -> float:
        weight = np.exp(tau * logs)
        return 1.0 / tau + mean_log - float((weight * logs).sum() / weight.sum())

    tau = falling_root(slope)
    theta = largest * float(np.mean(np.exp(tau * logs))) ** (1.0 / tau)
    return _fit(Weibull(tau=tau, theta=theta), {"tau": tau, "theta": theta}, loglik, x.size)


def _fit_generalised_pareto(x: FloatArray) -> Fit:
    unit = float(x.mean())
    ratio = _best_ratio(_varied(x) / unit)
    xi = float(np.log1p(ratio * x / unit).mean())
    if xi >= 1.0:
        raise FitError(f"the fitted tail has no mean (xi = {xi:.3g}): start it at a higher point")
    beta = unit * xi / ratio

    def loglik(parameters: FloatArray) -> float:
        shape, scale = parameters
        growth = np.log1p(shape * x / scale) if shape != 0.0 else x / scale
        hazards = (1.0 / shape + 1.0) * growth if shape != 0.0 else growth
        return -x.size * math.log(scale) - float(hazards.sum())

    fitted = GeneralisedPareto(xi=xi, beta=beta)
    return _fit(fitted, {"xi": xi, "beta": beta}, loglik, x.size)


def _best_ratio(x: FloatArray) -> float:
    """xi / beta at the top of the likelihood of `x` (of mean 1), by its profile in that one unknown.

    Source: S. D. Grimshaw, *Computing maximum likelihood estimates for the generalized Pareto
    distribution*, Technometrics 35 (1993). The likelihood is unbounded at its left end; only its regular
    part is searched.
    """
    from scipy import optimize

    def cost(ratio: float) -> float:
        xi = float(np.log1p(ratio * x).mean())
        return float(np.log(xi / ratio)) + xi if xi > _REGULAR_XI else math.inf

    falling = -(1.0 - np.geomspace(1e-6, 1.0 - 1e-4, 80)) / float(x.max())
    grid = np.concatenate([falling, np.geomspace(1e-4, 1e4, 160)])
    costs = np.array([cost(ratio) for ratio in grid])
    place = int(np.argmin(costs))
    if place in (0, grid.size - 1) or not math.isfinite(costs[place - 1]):
        raise FitError("these excesses have no generalised Pareto fit with standard errors")
    bounds = (grid[place - 1], grid[place + 1])
    found = optimize.minimize_scalar(
        cost, bounds=bounds, method="bounded", options={"xatol": 1e-10 * abs(grid[place])}
    )
    return float(found.x)


def _fit_poisson(seen: FloatArray, years: FloatArray) -> Fit:
    from scipy import special

    constant = float((seen * np.log(years) - special.gammaln(seen + 1.0)).sum())

    def loglik(parameters: FloatArray) -> float:
        rate = float(parameters[0])
        return float(seen.sum()) * math.log(rate) - rate * float(years.sum()) + constant

    rate = float(seen.sum() / years.sum())
    return _fit(Poisson(mean=rate), {"mean": rate}, loglik, seen.size)


def _fit_negative_binomial(seen: FloatArray, years: FloatArray) -> Fit:
    from scipy import optimize, special

    rate = float(seen.sum() / years.sum())
    expected = rate * years
    # The likelihood's slope in 1/k where it is a Poisson: without it, no k is better than infinity.
    surplus = float(((seen - expected) ** 2 - seen).sum())
    if surplus <= 0.0:
        raise FitError("the counts vary no more than a Poisson's: fit kind poisson instead")

    def loglik(parameters: FloatArray) -> float:
        mean, k = parameters
        mu = mean * years
        ways = special.gammaln(seen + k) - special.gammaln(k) - special.gammaln(seen + 1.0)
        logs = special.xlogy(seen, mu / (k + mu)) - k * np.log1p(mu / k)
        return float((ways + logs).sum())

    def cost(logs: FloatArray) -> float:
        return -loglik(np.exp(logs)) / seen.size

    start = np.log([rate, float((expected**2).sum()) / surplus])
    found = optimize.minimize(cost, start, method="BFGS", options={"gtol": 1e-9})
    mean, k = climb(loglik, np.exp(found.x))
    fitted = NegativeBinomial(mean=mean, dispersion=k)
    return _fit(fitted, {"mean": mean, "dispersion": k}, loglik, seen.size)


def _fit(distribution: Fitted, parameters: dict[str, float], loglik: LogLikelihood, n: int) -> Fit:
    """The fit at `parameters`, once its top and its curvature have been looked at.

    Raises
    ------
    FitError
        Where the likelihood still rises from here, or its curvature gives no variance.
    """
    point = np.array(list(parameters.values()))
    slope, curvature = derivatives(loglik, point)
    try:
        covariance = np.linalg.inv(-curvature)
    except np.linalg.LinAlgError:
        covariance = np.full_like(curvature, math.nan)
    variances = np.diag(covariance)
    if not (np.all(np.isfinite(variances)) and np.all(variances > 0.0)):
        raise FitError(
            "the likelihood is flat at its top: the data do not determine the parameters"
        )
    if float(slope @ covariance @ slope) > 1e-6:
        raise FitError("the search did not reach the top of the likelihood")
    errors = dict(zip(parameters, np.sqrt(variances).tolist(), strict=True))
    return _rebuild(distribution, parameters, errors, loglik(point), n, True)


def _positive(amounts: npt.ArrayLike) -> FloatArray:
    values = np.asarray(amounts, dtype=np.float64).ravel()
    if values.size < 2:
        raise InputError([Fault("amounts", f"{values.size} amounts", "at least two", code="few")])
    bad = np.flatnonzero(~((values > 0.0) & (values < math.inf)))
    if bad.size:
        rows = ", ".join(str(row) for row in bad[:5])
        remedy = "Leave zeros to the frequency; reversals belong to the claim they reverse."
        fault = Fault(
            f"amounts (rows {rows})", HIDDEN, "above 0 and finite", remedy, code="not_positive"
        )
        raise InputError([fault])
    return values


def _varied(x: FloatArray) -> FloatArray:
    if float(x.min()) == float(x.max()):
        raise FitError("all amounts are equal: the likelihood has no maximum, write kind fixed")
    return x


def _counts(counts: npt.ArrayLike, exposure: npt.ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    seen = np.asarray(counts, dtype=np.float64).ravel()
    years = np.ones(seen.size) if exposure is None else np.asarray(exposure, np.float64).ravel()
    faults = []
    if seen.size < 2 or seen.size != years.size:
        got = f"{seen.size} counts and {years.size} exposures"
        faults.append(Fault("counts", got, "as many of each, at least two", code="length"))
    if not np.all((seen >= 0.0) & (seen == np.floor(seen)) & (seen < math.inf)):
        faults.append(Fault("counts", HIDDEN, "whole numbers from 0", code="not_a_count"))
    if not np.all((years > 0.0) & (years < math.inf)):
        remedy = "Leave out members who were never covered."
        faults.append(Fault("exposure", HIDDEN, "above 0 and finite", remedy, code="exposure"))
    if faults:
        raise InputError(faults)
    return seen, years

"""The adjustment coefficient: the positive R with 1 + (c / lambda) R = E[exp(R X)].

S. Asmussen and H. Albrecher, *Ruin Probabilities*, 2nd ed. (2010), section IV.5. It exists where large claims
are rarer than some exponential; heavy tails have none.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mutualfund.claims.aggregate.amounts import CoveredLaw, atoms_of, largest_amount
from mutualfund.claims.laws import GammaLaw, Law, LognormalLaw, NormalLaw, WeibullLaw, times
from mutualfund.claims.laws_discrete import DiscreteLaw
from mutualfund.claims.laws_heavy import BurrLaw, GeneralisedParetoLaw, InverseGaussianLaw
from mutualfund.claims.laws_spliced import ExceedingLaw, SplicedLaw
from mutualfund.claims.ruin.erlang import ErlangMixture
from mutualfund.errors import Fault, InputError

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_DECADES = 10.0 ** -np.arange(0.0, 300.0, 0.25)


def decay_rate(law: Any) -> float:
    """The limit of -log S(x) / x: zero for a heavy tail, infinite for one lighter than any exponential.

    NaN where the law does not say: one of the user's own, or a year's total.
    """
    match law:
        case ErlangMixture():
            return min(law.rates)
        case GammaLaw():
            return 1.0 / law.theta
        case WeibullLaw():
            return 1.0 / law.theta if law.tau == 1.0 else (0.0 if law.tau < 1.0 else math.inf)
        case InverseGaussianLaw():
            return law.shape / (2.0 * law.mu**2)
        case GeneralisedParetoLaw():
            return 0.0 if law.xi > 0.0 else (1.0 / law.beta if law.xi == 0.0 else math.inf)
        case LognormalLaw() | BurrLaw():
            return 0.0
        case DiscreteLaw() | NormalLaw():
            return math.inf
        case SplicedLaw():
            return decay_rate(law.tail)
        case ExceedingLaw():
            return decay_rate(law.law)
        case CoveredLaw():
            return math.inf if law.limit < math.inf else decay_rate(law.law) / law.share
    if largest_amount(law) < math.inf:
        return math.inf
    return float(getattr(law, "decay_rate", math.nan))


def mgf_less_one(law: Any) -> Callable[[float], float]:
    """E[exp(r X)] - 1 as a function of r below the decay rate."""
    match law:
        case ErlangMixture():
            return law.mgf_less_one
        case GammaLaw():
            return lambda r: math.expm1(-law.alpha * math.log1p(-r * law.theta))
        case InverseGaussianLaw():
            return lambda r: math.expm1(_inverse_gaussian_exponent(law, r))
        case NormalLaw():
            return lambda r: math.expm1(r * law.mean + r**2 * law.variance / 2.0)
        case DiscreteLaw():
            return lambda r: float(np.expm1(r * law.values) @ law.share)
    return _integrated(law)


def _inverse_gaussian_exponent(law: InverseGaussianLaw, r: float) -> float:
    rest = max(1.0 - 2.0 * law.mu**2 * r / law.shape, 0.0)
    return law.shape / law.mu * (1.0 - math.sqrt(rest))


def _integrated(law: Law) -> Callable[[float], float]:
    """r x integral of exp(r x) S(x), by Gauss-Legendre between quantiles."""
    edges = np.concatenate(
        [[0.0], law.isf(_DECADES), law.quantile(_DECADES[4:80]), atoms_of(law)[0]]
    )
    edges = np.unique(edges[np.isfinite(edges) & (edges >= 0.0)])
    width = np.diff(edges)
    x = edges[:-1, None] + width[:, None] * (_NODES + 1.0) / 2.0
    survival, rate, last = law.sf(x), decay_rate(law), float(edges[-1])
    beyond = float(law.sf(last))

    def value(r: float) -> float:
        inside = times(np.exp(np.minimum(r * x, 700.0)), survival) @ _WEIGHTS / 2.0
        total = float(inside @ width)
        if beyond > 0.0 and rate < math.inf:  # an exponential tail beyond the last decade
            total += math.exp(r * last + math.log(beyond)) / (rate - r)
        return r * total

    return value


def adjustment_coefficient(law: Any, claim_rate: float, premium_rate: float) -> float:
    """The positive root.

    Raises
    ------
    InputError
        Where there is none: a heavy tail, a premium that does not exceed the expected claims, or moments that
        end before the root.
    """
    from scipy import optimize

    rate = decay_rate(law)
    if math.isnan(rate):
        _refuse(
            "claims of which the decay rate is known",
            "Give the law an attribute `decay_rate`, the limit of -log S(x) / x, or limit each claim.",
            "decay_unknown",
        )
    if rate == 0.0:
        _refuse(
            "claims whose large amounts are rarer than an exponential's",
            "With a heavy tail use `ruin` and `ruin_bounds`; Lundberg's bound does not exist.",
            "heavy_tail",
        )
    if premium_rate <= claim_rate * law.mean:
        _refuse("a premium above the expected claims", "Raise the loading above zero.", "no_profit")
    mgf = mgf_less_one(law)

    def gap(r: float) -> float:
        try:
            return claim_rate * mgf(r) - premium_rate * r
        except OverflowError:
            return math.inf

    high = rate * (1.0 - 1e-12) if rate < math.inf else _first_positive(gap, 1.0 / law.mean)
    if gap(high) <= 0.0:
        _refuse("claims whose moments reach the root", "Lower the premium.", "no_root")
    low = high
    while gap(low) >= 0.0:
        low /= 2.0
    return float(optimize.brentq(gap, low, high, xtol=1e-300, rtol=1e-14, maxiter=500))


def _first_positive(gap: Callable[[float], float], start: float) -> float:
    high = start
    while gap(high) <= 0.0:
        high *= 2.0
    return high


def _refuse(allowed: str, remedy: str, code: str) -> None:
    got = "claims and premium without one"
    raise InputError([Fault("ruin.adjustment_coefficient", got, allowed, remedy, code=code)])

"""The severity families as things to be fitted: their unknowns, the law of given values, first guesses.

A guess reads the amounts as if nothing were hidden, groups at their middle; the climb does the rest.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from types import MappingProxyType

import numpy as np

from mutualfund.claims.fitting.likelihood import weighted
from mutualfund.claims.fitting.maximum import Unknown
from mutualfund.claims.fitting.observed import Observed
from mutualfund.claims.laws import GammaLaw, LognormalLaw, NormalLaw, SmoothLaw, WeibullLaw
from mutualfund.claims.laws_heavy import BurrLaw, GeneralisedParetoLaw, InverseGaussianLaw
from mutualfund.claims.severity import (
    Burr,
    Exponential,
    Gamma,
    GeneralisedPareto,
    InverseGaussian,
    Lognormal,
    Lomax,
    Normal,
    Pareto,
    SeverityModel,
    Weibull,
)
from mutualfund.types import FloatArray

_EULER = 0.5772156649015329
_GUMBEL_SD = math.pi / math.sqrt(6.0)

Guess = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Sketch:
    """The amounts as first guesses read them, nothing hidden."""

    amount: FloatArray  # (n,) ground-up, middle of a group
    deductible: FloatArray  # (n,)
    weight: FloatArray  # (n,)
    known: FloatArray  # (n,) 1 where the amount is known, 0 where it is at least `amount`

    @classmethod
    def of(cls, seen: Observed) -> Sketch:
        middle = np.where(np.isfinite(seen.high), (seen.low + seen.high) / 2.0, seen.low)
        smallest = float(np.min(middle[middle > 0.0])) if np.any(middle > 0.0) else 1.0
        known = np.isfinite(seen.high).astype(np.float64)
        used = seen.weights > 0.0
        columns = (np.maximum(middle, smallest), seen.deductible, seen.weights, known)
        return cls(*(column[used] for column in columns))

    def average(self, values: FloatArray) -> float:
        """Weighted mean of one value a claim."""
        return weighted(self.weight, values) / float(self.weight.sum())

    @property
    def mean(self) -> float:
        return self.average(self.amount)

    @property
    def logs(self) -> tuple[float, float]:
        """Mean and standard deviation of the logarithms."""
        logs = np.log(self.amount)
        mean = self.average(logs)
        return mean, max(math.sqrt(self.average((logs - mean) ** 2)), 1e-8)

    @property
    def median_excess(self) -> float:
        """Median of what exceeds the deductible, the amount itself where there is none."""
        excess = self.amount - self.deductible
        order = np.argsort(excess)
        place = np.searchsorted(np.cumsum(self.weight[order]), self.weight.sum() / 2.0)
        return max(float(excess[order[place]]), 1e-12 * self.mean)

    @property
    def scales(self) -> Guess:
        """How much smaller than it looks the scale may be, where small claims are hidden."""
        return (1.0, 0.4, 0.1) if np.any(self.deductible > 0.0) else (1.0,)


@dataclass(frozen=True, slots=True)
class SeverityFamily:
    """A family to be fitted. `instead` is the way out where its data do not determine it."""

    model: type[SeverityModel]
    unknowns: tuple[Unknown, ...]
    law: Callable[..., SmoothLaw]
    guesses: Callable[[Sketch], Iterator[Guess]]
    instead: str

    def sized(self, guess: Guess) -> tuple[Unknown, ...]:
        """The unknowns, the step of a location being that of the spread beside it."""
        if self.unknowns[0].step == 0.0:
            return (replace(self.unknowns[0], step=guess[1]), *self.unknowns[1:])
        return self.unknowns


def _exponential(seen: Sketch) -> Iterator[Guess]:
    """The answer itself where no claim is grouped: all money above the deductible over the claims known."""
    excess = weighted(seen.weight, (seen.amount - seen.deductible))
    yield (excess / max(weighted(seen.weight, seen.known), 0.5),)


def _lognormal(seen: Sketch) -> Iterator[Guess]:
    mean, sd = seen.logs
    for scale in seen.scales:
        yield mean + math.log(scale), sd * (1.0 - math.log(scale) / 4.0)


def _gamma(seen: Sketch) -> Iterator[Guess]:
    """Shape from Jensen's gap, Thom (1958), good to 1.5 %."""
    gap = max(math.log(seen.mean) - seen.logs[0], 1e-12)
    alpha = (1.0 + math.sqrt(1.0 + 4.0 * gap / 3.0)) / (4.0 * gap)
    for scale, part in product(seen.scales, (1.0, 0.5)):
        yield alpha * part * scale, seen.mean / (alpha * part)


def _weibull(seen: Sketch) -> Iterator[Guess]:
    """Logarithms of a Weibull are Gumbel's, whose mean and spread are known."""
    mean, sd = seen.logs
    tau = _GUMBEL_SD / sd
    for scale in seen.scales:
        yield tau * scale**0.5, math.exp(mean + _EULER / tau) * scale


def _lomax(seen: Sketch) -> Iterator[Guess]:
    for alpha in (1.3, 2.5, 6.0):
        theta = seen.median_excess / math.expm1(math.log(2.0) / alpha)
        for scale in seen.scales:
            yield alpha, theta * scale


def _generalised_pareto(seen: Sketch) -> Iterator[Guess]:
    for xi in (-0.2, 0.05, 0.3, 0.7, 1.2):
        beta = seen.median_excess * xi / math.expm1(xi * math.log(2.0))
        for scale in seen.scales:
            yield xi, beta * scale


def _burr(seen: Sketch) -> Iterator[Guess]:
    for alpha, gamma in product((0.6, 1.2, 3.0), (0.8, 1.4, 2.5)):
        ratio = math.expm1(math.log(2.0) / alpha) ** (1.0 / gamma)
        for scale in seen.scales:
            yield alpha, seen.median_excess / ratio * scale, gamma


def _inverse_gaussian(seen: Sketch) -> Iterator[Guess]:
    gap = max(seen.average(1.0 / seen.amount) - 1.0 / seen.mean, 1e-12 / seen.mean)
    for scale in seen.scales:
        yield seen.mean * scale, scale / gap


def _normal(seen: Sketch) -> Iterator[Guess]:
    sd = math.sqrt(seen.average((seen.amount - seen.mean) ** 2))
    yield seen.mean, max(sd, 1e-12 * seen.mean)


def _lomax_law(alpha: float, theta: float) -> SmoothLaw:
    return GeneralisedParetoLaw(1.0 / alpha, theta / alpha)


def pareto_above(above: float) -> SeverityFamily:
    """The single-parameter Pareto of amounts that exceed `above`, which is known."""

    def guesses(seen: Sketch) -> Iterator[Guess]:
        """The answer itself where no claim is grouped (Hill 1975)."""
        start = np.maximum(seen.deductible, above)
        logs = weighted(seen.weight, np.log(seen.amount / start))
        yield (weighted(seen.weight, seen.known) / max(logs, 1e-12),)

    return SeverityFamily(
        Pareto,
        (Unknown("alpha"),),
        lambda alpha: GeneralisedParetoLaw(1.0 / alpha, above / alpha, above),
        guesses,
        "all amounts are close to the point they exceed",
    )


_VARY = "the amounts hardly vary (write kind fixed), or another family suits them better"
_ALPHA, _THETA = Unknown("alpha"), Unknown("theta")

FAMILIES: Mapping[str, SeverityFamily] = MappingProxyType(
    {
        "exponential": SeverityFamily(
            Exponential,
            (Unknown("mean"),),
            lambda mean: WeibullLaw(1.0, mean),
            _exponential,
            "no claim is known to end: give some whose amount is not at its limit",
        ),
        "gamma": SeverityFamily(Gamma, (_ALPHA, _THETA), GammaLaw, _gamma, _VARY),
        "lognormal": SeverityFamily(
            Lognormal,
            (Unknown("mu", "any", 0.0), Unknown("sigma")),
            LognormalLaw,
            _lognormal,
            _VARY,
        ),
        "weibull": SeverityFamily(Weibull, (Unknown("tau"), _THETA), WeibullLaw, _weibull, _VARY),
        "lomax": SeverityFamily(
            Lomax,
            (_ALPHA, _THETA),
            _lomax_law,
            _lomax,
            "the tail is no heavier than an exponential's, fit kind exponential or weibull",
        ),
        "generalised_pareto": SeverityFamily(
            GeneralisedPareto,
            (Unknown("xi", "any", 0.25), Unknown("beta")),
            GeneralisedParetoLaw,
            _generalised_pareto,
            "start the tail at another point",
        ),
        "burr": SeverityFamily(
            Burr,
            (_ALPHA, _THETA, Unknown("gamma")),
            BurrLaw,
            _burr,
            "three parameters are too many here, fit kind weibull, lomax or lognormal",
        ),
        "inverse_gaussian": SeverityFamily(
            InverseGaussian,
            (Unknown("mu"), Unknown("lambda")),
            InverseGaussianLaw,
            _inverse_gaussian,
            _VARY,
        ),
        "normal": SeverityFamily(
            Normal, (Unknown("mean", "any", 0.0), Unknown("sd")), NormalLaw, _normal, _VARY
        ),
    }
)
"""Every severity with parameters but the Pareto, which needs the point it starts at: `pareto_above`."""

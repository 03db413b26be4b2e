"""Intervals by the likelihood ratio: the values of a parameter that the data do not speak against.

The profile of a parameter is the log-likelihood at a value of it, the others being what suits it best. Twice
its fall from the top has, in large samples, the chi-squared law of one degree of freedom; the interval is
where it falls less than that law's quantile. It is the same however the parameter is written, and lies as
lopsided as the likelihood does. Source: D. Cox, D. Hinkley, *Theoretical Statistics* (1974), section 9.3; for
a tail's shape S. Coles, *An introduction to statistical modeling of extreme values* (2001), section 4.3.3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mutualfund.claims.fitting.fit import Estimate, Fit
from mutualfund.claims.fitting.maximum import (
    LogLikelihood,
    Scale,
    Unknown,
    climb,
    natural,
    slope_to_working,
    working,
)
from mutualfund.errors import Fault, InputError, one_number, require_choice
from mutualfund.types import FloatArray

_BORDERS: dict[Scale, tuple[float, float]] = {
    "positive": (0.0, math.inf),
    "share": (0.0, 1.0),
    "any": (-math.inf, math.inf),
}
_WIDER = 1.5
"""Each step outward is so much longer than the one before."""
_FARTHEST = 12.0
"""A parameter beyond so many felt steps has no end on that side: for a positive one a factor of e^12."""


def profile_interval(fit: Fit, name: str, level: float = 0.95) -> tuple[float, float]:
    """`Fit.profile_interval`."""
    named = {each.name: place for place, each in enumerate(fit.estimates)}
    require_choice("name", name, named, code="unknown_parameter")
    one_number("level", level, minimum=0.0, maximum=1.0 - 1e-12, unit="confidence, below 1")
    if fit.likelihood is None or fit.data is None:
        got, remedy = (
            "a fit derived from another",
            "Ask Fit.interval, or the fit that has the data.",
        )
        raise InputError([Fault("fit", got, "a fit that has its data", remedy, "no_data")])
    from scipy import special

    profile = _Profile(fit, fit.likelihood(fit.data), named[name])
    allowed = float(special.ndtri(0.5 + level / 2.0)) ** 2
    return profile.end(-1.0, allowed), profile.end(1.0, allowed)


@dataclass(frozen=True, slots=True)
class _Profile:
    """The likelihood of one parameter, by its place among all."""

    fit: Fit
    loglik: LogLikelihood
    place: int

    @property
    def own(self) -> Estimate:
        return self.fit.estimates[self.place]

    def end(self, side: float, allowed: float) -> float:
        """The value on one side of the estimate where the fall reaches `allowed`; the border if nowhere."""
        from scipy import optimize

        if allowed == 0.0:
            return self.own.value
        scale, value = self.own.scale, self.own.value
        error = self.own.standard_error / slope_to_working(scale, value)
        top, farthest = working(scale, value), _FARTHEST * _felt(self.own, self.fit.n)
        inner, step = 0.0, math.sqrt(allowed) * error
        outer = min(step, farthest)
        while self.fall(side * outer) < allowed:
            if outer >= farthest:
                return _BORDERS[scale][int(side > 0.0)]
            step *= _WIDER
            inner, outer = outer, min(outer + step, farthest)
        found = optimize.brentq(
            lambda moved: self.fall(side * moved) - allowed, inner, outer, xtol=1e-9 * error
        )
        return natural(scale, top + side * float(found))

    def fall(self, moved: float) -> float:
        """Twice what the log-likelihood loses where this parameter is so far from its estimate."""
        own = self.own
        at = natural(own.scale, working(own.scale, own.value) + moved)
        values = [each.value for each in self.fit.estimates]
        values[self.place] = at
        if len(values) == 1:
            return 2.0 * (self.fit.loglik - self.loglik(np.array(values)))
        others = [each for each in self.fit.estimates if each is not own]

        def of_others(rest: FloatArray) -> float:
            return self.loglik(np.insert(rest, self.place, at))

        instead = f"no interval of {own.name} by its likelihood, ask Fit.interval"
        unknowns = [Unknown(each.name, each.scale, _felt(each, self.fit.n)) for each in others]
        along = self._along(others, moved)
        # A bounded tail ends beyond the largest amount: of a wider one the guess agrees with the data.
        starts = [
            [
                value * wider if each.scale == "positive" else value
                for each, value in zip(others, along, strict=True)
            ]
            for wider in (1.0, 2.0, 4.0, 0.5)
        ]
        top = climb(of_others, unknowns, starts, self.fit.n, instead)
        return 2.0 * (self.fit.loglik - top.loglik)

    def _along(self, others: Sequence[Estimate], moved: float) -> list[float]:
        """What the others are expected to be there: along the covariance, on the working scale."""
        own, covariance = self.own, self.fit.covariance
        per = (
            moved * slope_to_working(own.scale, own.value) / covariance.between(own.name, own.name)
        )
        found = []
        for each in others:
            with_own = per * covariance.between(each.name, own.name)
            slope = slope_to_working(each.scale, each.value)
            found.append(natural(each.scale, working(each.scale, each.value) + with_own / slope))
        return found


def _felt(each: Estimate, n: float) -> float:
    """A step of a parameter that is felt, on the working scale: of a location, what one observation tells."""
    return each.standard_error * math.sqrt(n) if each.scale == "any" else 1.0

"""The classical surplus process: capital, steady premiums, claims at the times of a Poisson process."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mutualfund.claims.aggregate.amounts import amount_law, is_signed
from mutualfund.claims.laws import GammaLaw, Law, WeibullLaw
from mutualfund.claims.ruin.adjustment import adjustment_coefficient
from mutualfund.claims.ruin.erlang import ErlangMixture, whole_amounts
from mutualfund.claims.ruin.exact import exponential_ruin_by, phase_type_ruin
from mutualfund.claims.ruin.ladder import record_losses
from mutualfund.errors import Fault, InputError, one_number, require
from mutualfund.types import FloatArray

_MOST_PHASES = 200


class RuinBounds(NamedTuple):
    """Two numbers between which the chance of ruin lies, at each capital.

    >>> RuinBounds(low=0.1, high=0.2).high
    0.2
    """

    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class SurplusProcess:
    """Capital u + c t - S(t): claims at `claim_rate` a unit of time, premiums at a steady rate c.

    Give the premium as `premium_rate`, currency a unit of time, or as `loading` over the expected claims:
    c = (1 + loading) x claim_rate x mean. severity: any severity, or an object with a law's questions.

    Raises
    ------
    InputError
        Where a term is out of its range, amounts may be negative, or not exactly one of premium and loading
        is given.

    >>> from mutualfund.claims import Exponential
    >>> fund = SurplusProcess(claim_rate=1.0, severity=Exponential(mean=1.0), loading=0.25)
    >>> round(fund.adjustment_coefficient, 10), round(float(fund.ruin(10.0)), 6)
    (0.2, 0.108268)
    >>> round(float(fund.ruin_by(2.0, time=5.0)), 6)
    0.310369
    """

    claim_rate: float
    severity: Any
    premium_rate: float | None = None
    loading: float | None = None
    law: Law = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        one_number("ruin.claim_rate", self.claim_rate, minimum=1e-300, maximum=1e300, unit="claims")
        law = amount_law(self.severity)
        if is_signed(law):
            allowed = "amounts of at least zero"
            raise InputError([Fault("ruin.severity", "amounts below zero", allowed, code="signed")])
        expected = self.claim_rate * law.mean
        require("ruin.expected_claims", expected, minimum=1e-300, maximum=1e300, unit="currency")
        if (self.premium_rate is None) == (self.loading is None):
            got = "neither" if self.loading is None else "both"
            allowed = "one of premium_rate and loading"
            raise InputError([Fault("ruin.premium_rate", got, allowed, code="premium")])
        if self.loading is not None:
            one_number("ruin.loading", self.loading, minimum=-0.999, maximum=1e6, unit="share")
            object.__setattr__(self, "premium_rate", (1.0 + self.loading) * expected)
        else:
            rate, money = self.premium_rate, "currency"
            one_number("ruin.premium_rate", rate, minimum=1e-300, maximum=1e300, unit=money)
            object.__setattr__(self, "loading", self._premium / expected - 1.0)
        object.__setattr__(self, "law", law)

    @property
    def _premium(self) -> float:
        return float(self.premium_rate or 0.0)

    @property
    def _again(self) -> float:
        """P(one more record loss) = P(ruin from capital zero)."""
        return self.claim_rate * self.law.mean / self._premium

    @property
    def mean_claim(self) -> float:
        """Expected amount of a claim, currency."""
        return self.law.mean

    @property
    def adjustment_coefficient(self) -> float:
        """Lundberg's R: the chance of ruin falls at least as fast as exp(-R u).

        Raises
        ------
        InputError
            Where it does not exist: heavy tails, or no profit in the premium.
        """
        return adjustment_coefficient(self._claims, self.claim_rate, self._premium)

    def lundberg_bound(self, capital: npt.ArrayLike) -> FloatArray:
        """exp(-R u), above the chance of ruin at every capital; any shape."""
        return np.exp(-self.adjustment_coefficient * whole_amounts(capital))

    @property
    def is_exact(self) -> bool:
        """Whether `ruin` is a closed form: mixtures of exponentials and Erlangs."""
        return isinstance(self._claims, ErlangMixture)

    @property
    def _claims(self) -> Any:
        """The law, as a mixture of Erlangs where it is one."""
        law = self.law
        if isinstance(law, WeibullLaw) and law.tau == 1.0:
            return ErlangMixture([1.0], [1], [1.0 / law.theta])
        if isinstance(law, GammaLaw) and law.alpha == round(law.alpha) <= _MOST_PHASES:
            return ErlangMixture([1.0], [int(law.alpha)], [1.0 / law.theta])
        return law

    def ruin(self, capital: npt.ArrayLike, *, points: int = 2**17) -> FloatArray:
        """P(the surplus is ever below zero) from each capital (currency, >= 0), any shape.

        Exact for mixtures of exponentials and Erlangs. Otherwise by the Pollaczek-Khinchine formula on a
        lattice of `points` points up to the largest capital, record losses spread so that their mean stays;
        `ruin_bounds` says how far that can be off. One where the premium does not exceed the claims.
        """
        u = whole_amounts(capital)
        if self._again >= 1.0:
            return np.ones(u.shape)
        if self.is_exact:
            return phase_type_ruin(self._claims, self.claim_rate, self._premium, u)
        return self._on_lattice(u, points, "mean")

    def ruin_bounds(self, capital: npt.ArrayLike, *, points: int = 2**17) -> RuinBounds:
        """Bounds on `ruin` for any severity, from rounding record losses down and up to a lattice.

        points: 64 to 2^22; twice as many halve the gap. Aliasing and rounding may add 1e-10 to either.

        >>> from mutualfund.claims import Lomax
        >>> heavy = SurplusProcess(1.0, Lomax(alpha=3.0, theta=2.0), premium_rate=1.2)
        >>> low, high = heavy.ruin_bounds(10.0)
        >>> bool(low <= 0.3132756 <= high), bool(high - low < 1e-4)
        (True, True)
        """
        u = whole_amounts(capital)
        if self._again >= 1.0:
            return RuinBounds(np.ones(u.shape), np.ones(u.shape))
        return RuinBounds(self._on_lattice(u, points, "down"), self._on_lattice(u, points, "up"))

    def _on_lattice(self, u: FloatArray, points: int, rounding: Any) -> FloatArray:
        one_number("ruin.points", points, minimum=64, maximum=2**22, unit="points")
        largest = float(np.max(u, initial=0.0)) or self.law.mean
        losses = record_losses(self.law, self._again, largest, points, rounding)
        if rounding == "mean":
            return np.where(u == 0.0, self._again, losses.sf(u))
        return losses.sf(u)

    def ruin_by(self, capital: float, time: float) -> float:
        """P(the surplus is below zero at some time up to `time`); exponential claims only.

        capital: currency, >= 0. time: >= 0, in the unit of `claim_rate`.

        Raises
        ------
        InputError
            Where claims are not exponential: simulate the fund instead.
        """
        one_number("ruin.capital", capital, minimum=0.0, maximum=1e300, unit="currency")
        one_number("ruin.time", time, minimum=0.0, maximum=math.inf, unit="units of time")
        claims = self._claims
        if not isinstance(claims, ErlangMixture) or len(claims.terms) > 1 or claims.shapes[0] != 1:
            allowed = "exponential claims"
            remedy = "For other claims simulate the fund."
            raise InputError(
                [Fault("ruin.severity", "other claims", allowed, remedy, code="finite")]
            )
        mean = claims.mean
        if not math.isfinite(time):
            return float(self.ruin(capital))
        return exponential_ruin_by(mean, self.claim_rate, self._premium, capital, time)

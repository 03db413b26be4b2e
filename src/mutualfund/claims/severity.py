"""What one claim costs: severity distributions with the questions an actuary asks of them.

Each class is written by its native parameters or by ``mean`` and ``cv`` and may carry a ``tail`` that takes
over above a point. With a tail, ``cv`` is the body's, the tail keeps the body's probability of exceeding the
point, and a body given by its mean is scaled until the *overall* mean is the one stated; a body given by
native parameters stays as it is.

Anything with a ``quantile`` method is a severity (`Severity`); the classes here answer the rest as well.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Annotated, Protocol, Self, runtime_checkable

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mutualfund.claims.families import (
    BurrFamily,
    EmpiricalFamily,
    ExponentialFamily,
    Family,
    FixedFamily,
    GammaFamily,
    GeneralisedParetoFamily,
    InverseGaussianFamily,
    LognormalFamily,
    LomaxFamily,
    NormalFamily,
    ParetoFamily,
    WeibullFamily,
)
from mutualfund.claims.laws import Law
from mutualfund.claims.laws_spliced import SplicedLaw, splice_to_mean
from mutualfund.claims.questions import LawQuestions
from mutualfund.claims.tails import TailSpec
from mutualfund.errors import one_number, require
from mutualfund.types import FloatArray


@runtime_checkable
class Severity(Protocol):
    """All that a user's own severity must offer: the amount at each probability.

    `quantile` takes probabilities in (0, 1), any shape, and returns amounts of that shape, in currency.

    >>> class UpToThousand:
    ...     def quantile(self, p):
    ...         return 1000.0 * p
    >>> import numpy as np
    >>> UpToThousand().quantile(np.array([0.25, 0.5])).tolist()
    [250.0, 500.0]
    """

    def quantile(self, p: FloatArray) -> FloatArray: ...


@lru_cache(maxsize=512)
def _law_of(severity: SeverityModel) -> Law:
    return severity.build_law()


class SeverityModel(LawQuestions, Family):
    """A severity and the questions one may ask of it.

    Amounts are in the fund's currency, probabilities are fractions; every method takes numbers or arrays of
    any shape and keeps the shape.
    """

    def build_law(self) -> Law:
        """The law, tail included."""
        return self.family_law()

    @property
    def law(self) -> Law:
        """The mathematics behind this severity (solved once and remembered)."""
        return _law_of(self)

    @model_validator(mode="after")
    def _finite_mean(self) -> Self:
        try:
            law = self.build_law()
            mean, _ = law.mean, law.variance
        except PydanticCustomError:
            raise
        except OverflowError as reason:
            raise PydanticCustomError(
                "too_extreme", "amounts too large to compute with"
            ) from reason
        except ValueError as reason:
            raise PydanticCustomError("no_such_law", "{why}", {"why": str(reason)}) from reason
        if not math.isfinite(mean):
            raise PydanticCustomError(
                "infinite_mean",
                "this {kind} has an infinite mean: no premium can pay for it",
                {"kind": getattr(self, "kind", "severity")},
            )
        return self

    @property
    def cv(self) -> float:
        """sd / mean of the whole severity, tail included."""
        return self.sd / self.mean

    def quantile(self, p: npt.ArrayLike) -> FloatArray:
        """Smallest amount x with P(X <= x) >= p, p in 0 to 1."""
        require("severity.quantile.p", p, minimum=0.0, maximum=1.0, unit="probability")
        return self.law.quantile(p)

    def isf(self, q: npt.ArrayLike) -> FloatArray:
        """Smallest amount exceeded with probability at most q, to full precision however small q."""
        require("severity.isf.q", q, minimum=0.0, maximum=1.0, unit="probability")
        return self.law.isf(q)

    def mean_excess(self, d: npt.ArrayLike) -> FloatArray:
        """E[X - d given X > d]; not a number where nothing exceeds `d`."""
        chance = self.sf(d)
        with np.errstate(invalid="ignore"):
            return np.where(
                chance > 0.0, self.stop_loss(d) / np.where(chance > 0, chance, 1), np.nan
            )

    def layer(self, d: npt.ArrayLike, u: npt.ArrayLike) -> FloatArray:
        """E[min(max(X - d, 0), u - d)]: the part of a claim between `d` and `u`."""
        return self.stop_loss(d) - self.stop_loss(u)

    def loss_elimination_ratio(self, d: npt.ArrayLike) -> FloatArray:
        """E[min(X, d)] / E[X]: the share of cost that a deductible `d` keeps from the fund."""
        return self.limited_mean(d) / self.mean

    def scaled(self, factor: float) -> Self:
        """The same severity with every amount multiplied by `factor` (> 0), tail point included."""
        one_number("severity.scaled.factor", factor, minimum=5e-324, maximum=1e300, unit="factor")
        return type(self)(**self.scaled_fields(factor))

    def trended(self, rate_per_year: float, years: float = 1.0) -> Self:
        """The severity after `years` (-100 to 100) of cost growth at `rate_per_year` (-0.99 to 100)."""
        field = "severity.trended"
        rate = one_number(
            f"{field}.rate_per_year", rate_per_year, minimum=-0.99, maximum=100.0, unit="growth"
        )
        passed = one_number(f"{field}.years", years, minimum=-100.0, maximum=100.0, unit="years")
        return self.scaled((1.0 + rate) ** passed)


class WithTail(SeverityModel):
    """A severity whose upper end may be replaced by another law's tail."""

    tail: TailSpec | None = Field(default=None, description="The law above a point.")

    def build_law(self) -> Law:
        body, tail = self.family_law(), self.tail
        if tail is None:
            return body
        stated: float | None = getattr(self, "stated_mean", None)
        if stated is None:
            return SplicedLaw(body, tail.tail_law(), tail.above)
        return splice_to_mean(body, tail.tail_law(), tail.above, stated)

    def scaled_fields(self, factor: float) -> dict[str, object]:
        fields = super().scaled_fields(factor)
        if self.tail is not None:
            fields["tail"] = self.tail.scaled(factor)
        return fields


class Exponential(WithTail, ExponentialFamily):
    """S(x) = exp(-x / mean). Spelling: ``mean``.

    >>> round(float(Exponential(mean=1000).limited_mean(500)), 2)
    393.47
    """


class Gamma(WithTail, GammaFamily):
    """Density proportional to x^(alpha-1) exp(-x/theta). Spellings: ``alpha, theta`` or ``mean, cv``.

    >>> round(Gamma(mean=140, cv=0.6).sd, 6)
    84.0
    """


class Lognormal(WithTail, LognormalFamily):
    """log X ~ Normal(mu, sigma^2). Spellings: ``mu, sigma`` or ``mean, cv``.

    >>> hospital = Lognormal(mean=2900, cv=1.8, tail={"kind": "pareto", "above": 29000, "alpha": 2.2})
    >>> round(hospital.mean, 6), round(hospital.cv, 2)
    (2900.0, 2.75)
    """


class Weibull(WithTail, WeibullFamily):
    """S(x) = exp(-(x/theta)^tau). Spellings: ``tau, theta`` or ``mean, cv``.

    >>> float(Weibull(tau=1, theta=800).mean)
    800.0
    """


class Lomax(WithTail, LomaxFamily):
    """Pareto II, S(x) = (theta/(x+theta))^alpha.

    Spellings: ``alpha, theta``, ``mean, alpha`` or ``mean, cv``.

    >>> round(Lomax(alpha=3, theta=2000).mean, 6)
    1000.0
    """


class Pareto(WithTail, ParetoFamily):
    """Single-parameter Pareto, S(x) = (above/x)^alpha for x > above. Spelling: ``alpha, above``.

    >>> float(Pareto(alpha=2, above=500).sf(1000))
    0.25
    """


class GeneralisedPareto(WithTail, GeneralisedParetoFamily):
    """S(x) = (1 + xi x/beta)^(-1/xi). Spelling: ``xi, beta``.

    >>> round(GeneralisedPareto(xi=0.5, beta=100).mean, 9)
    200.0
    """


class Burr(WithTail, BurrFamily):
    """Burr XII, S(x) = (1 + (x/theta)^gamma)^(-alpha). Spelling: ``alpha, theta, gamma``.

    >>> float(Burr(alpha=1, theta=700, gamma=2).sf(700))
    0.5
    """


class InverseGaussian(WithTail, InverseGaussianFamily):
    """Mean mu, variance mu^3/lambda. Spellings: ``mu, lambda`` (``shape=`` in Python) or ``mean, cv``.

    >>> InverseGaussian(mu=800, shape=800).cv
    1.0
    """


class Fixed(SeverityModel, FixedFamily):
    """Every claim costs the same. Spelling: ``amount``.

    >>> float(Fixed(amount=25).stop_loss(10))
    15.0
    """


class Empirical(WithTail, EmpiricalFamily):
    """The amounts of a sample, each as likely as its weight. Spelling: ``values`` and optional ``weights``.

    >>> float(Empirical(values=(10, 20, 40)).quantile(0.5))
    20.0
    """


class Normal(SeverityModel, NormalFamily):
    """Normal(mean, sd^2), for one amount a year of the whole fund. Spelling: ``mean, sd``.

    >>> round(float(Normal(mean=100, sd=15).tvar(0.99)), 3)
    139.978
    """


SeveritySpec = Annotated[
    Exponential
    | Gamma
    | Lognormal
    | Weibull
    | Lomax
    | Pareto
    | GeneralisedPareto
    | Burr
    | InverseGaussian
    | Fixed
    | Empirical
    | Normal,
    Field(discriminator="kind"),
]
"""Any severity of a scenario file, told apart by its ``kind``."""

"""The severity families as a user writes them: parameters and spellings, without body or tail.

Each class knows its spellings, its law, and itself with every amount multiplied by a factor. `severity` adds
the questions one may ask of them, `tails` the point above which they may take over from a body.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any, ClassVar, Literal

from pydantic import AliasChoices, Field
from pydantic_core import PydanticCustomError

from mutualfund.claims.laws import GammaLaw, Law, LognormalLaw, NormalLaw, WeibullLaw
from mutualfund.claims.laws_discrete import DiscreteLaw
from mutualfund.claims.laws_heavy import BurrLaw, GeneralisedParetoLaw, InverseGaussianLaw
from mutualfund.claims.spelling import NonNegative, Number, Positive, Spelled

Spellings = tuple[tuple[str, ...], ...]


def given(value: float | None) -> float:
    """A parameter that the chosen spelling is known to contain."""
    if value is None:
        raise TypeError("a spelling was accepted without one of its parameters")
    return value


class Family(Spelled):
    """A severity family's parameters; `amounts` names the keys that are amounts of money."""

    amounts: ClassVar[tuple[str, ...]] = ("mean", "theta")

    @abstractmethod
    def family_law(self) -> Law:
        """The law of these parameters alone, any tail left out."""

    def scaled_fields(self, factor: float) -> dict[str, Any]:
        """The keys of the same severity with every amount multiplied by `factor`."""
        return {
            key: value * factor if key in self.amounts else value
            for key, value in self._given().items()
        }


class ExponentialFamily(Family):
    kind: Literal["exponential"] = "exponential"
    stated_mean: Positive | None = Field(default=None, alias="mean", description="Mean, currency.")
    spellings: ClassVar[Spellings] = (("mean",),)

    def family_law(self) -> Law:
        return WeibullLaw(tau=1.0, theta=given(self.stated_mean))


class GammaFamily(Family):
    kind: Literal["gamma"] = "gamma"
    alpha: Positive | None = Field(default=None, description="Shape.")
    theta: Positive | None = Field(default=None, description="Scale, currency.")
    stated_mean: Positive | None = Field(default=None, alias="mean", description="Mean, currency.")
    stated_cv: Positive | None = Field(default=None, alias="cv", description="sd / mean.")
    spellings: ClassVar[Spellings] = (("alpha", "theta"), ("mean", "cv"))

    def family_law(self) -> Law:
        if self.stated_mean is None or self.stated_cv is None:
            return GammaLaw(given(self.alpha), given(self.theta))
        shape = self.stated_cv**-2
        return GammaLaw(shape, self.stated_mean / shape)


class LognormalFamily(Family):
    kind: Literal["lognormal"] = "lognormal"
    mu: Number | None = Field(default=None, description="Mean of the logarithm.")
    sigma: Positive | None = Field(default=None, description="sd of the logarithm.")
    stated_mean: Positive | None = Field(default=None, alias="mean", description="Mean, currency.")
    stated_cv: Positive | None = Field(default=None, alias="cv", description="sd / mean.")
    spellings: ClassVar[Spellings] = (("mu", "sigma"), ("mean", "cv"))

    def family_law(self) -> Law:
        if self.stated_mean is None or self.stated_cv is None:
            return LognormalLaw(given(self.mu), given(self.sigma))
        variance = math.log1p(self.stated_cv**2)
        return LognormalLaw(math.log(self.stated_mean) - variance / 2.0, math.sqrt(variance))

    def scaled_fields(self, factor: float) -> dict[str, Any]:
        fields = super().scaled_fields(factor)
        if self.mu is not None:
            fields["mu"] = self.mu + math.log(factor)
        return fields


class WeibullFamily(Family):
    kind: Literal["weibull"] = "weibull"
    tau: Positive | None = Field(default=None, description="Shape; below 1 the tail is heavy.")
    theta: Positive | None = Field(default=None, description="Scale, currency.")
    stated_mean: Positive | None = Field(default=None, alias="mean", description="Mean, currency.")
    stated_cv: Positive | None = Field(default=None, alias="cv", description="sd / mean.")
    spellings: ClassVar[Spellings] = (("tau", "theta"), ("mean", "cv"))

    def family_law(self) -> Law:
        if self.stated_mean is None or self.stated_cv is None:
            return WeibullLaw(given(self.tau), given(self.theta))
        tau = _weibull_shape(self.stated_cv)
        return WeibullLaw(tau, self.stated_mean / math.gamma(1.0 + 1.0 / tau))


def _weibull_shape(cv: float) -> float:
    """The shape whose coefficient of variation is `cv`."""
    from scipy import optimize

    def gap(log_tau: float) -> float:
        inverse = math.exp(-log_tau)
        second = math.lgamma(1.0 + 2.0 * inverse) - 2.0 * math.lgamma(1.0 + inverse)
        return second - math.log1p(cv**2)

    ends = (math.log(0.02), math.log(1e4))
    if not gap(ends[0]) > 0.0 > gap(ends[1]):
        raise ValueError(f"no Weibull of shape 0.02 to 10,000 has cv {cv:g}")
    return math.exp(optimize.brentq(gap, *ends, xtol=1e-15, rtol=1e-14))


class LomaxFamily(Family):
    kind: Literal["lomax"] = "lomax"
    alpha: Positive | None = Field(default=None, description="Tail index; the mean needs > 1.")
    theta: Positive | None = Field(default=None, description="Scale, currency.")
    stated_mean: Positive | None = Field(default=None, alias="mean", description="Mean, currency.")
    stated_cv: Positive | None = Field(
        default=None, alias="cv", description="sd / mean; above 1 for this family."
    )
    spellings: ClassVar[Spellings] = (("alpha", "theta"), ("mean", "alpha"), ("mean", "cv"))

    def family_law(self) -> Law:
        alpha = self._index()
        if self.stated_mean is None:
            return GeneralisedParetoLaw(1.0 / alpha, given(self.theta) / alpha)
        return GeneralisedParetoLaw(1.0 / alpha, self.stated_mean * (alpha - 1.0) / alpha)

    def _index(self) -> float:
        if self.stated_cv is None:
            return given(self.alpha)
        if self.stated_cv <= 1.0:
            raise PydanticCustomError(
                "lomax_cv", "a Lomax has cv above 1; got cv {cv}", {"cv": self.stated_cv}
            )
        return 2.0 / (1.0 - self.stated_cv**-2)


class ParetoFamily(Family):
    kind: Literal["pareto"] = "pareto"
    alpha: Positive = Field(description="Tail index; the mean needs > 1.")
    above: Positive = Field(description="Every amount exceeds this, currency.")
    amounts: ClassVar[tuple[str, ...]] = ("above",)
    spellings: ClassVar[Spellings] = (("alpha", "above"),)

    def family_law(self) -> Law:
        return GeneralisedParetoLaw(1.0 / self.alpha, self.above / self.alpha, self.above)


class GeneralisedParetoFamily(Family):
    kind: Literal["generalised_pareto"] = "generalised_pareto"
    xi: Number = Field(description="Shape; the mean needs < 1, the variance < 0.5.")
    beta: Positive = Field(description="Scale, currency.")
    amounts: ClassVar[tuple[str, ...]] = ("beta",)
    spellings: ClassVar[Spellings] = (("xi", "beta"),)

    def family_law(self) -> Law:
        return GeneralisedParetoLaw(self.xi, self.beta)


class BurrFamily(Family):
    kind: Literal["burr"] = "burr"
    alpha: Positive = Field(description="Shape; the mean needs alpha x gamma > 1.")
    theta: Positive = Field(description="Scale, currency.")
    gamma: Positive = Field(description="Shape.")
    spellings: ClassVar[Spellings] = (("alpha", "theta", "gamma"),)

    def family_law(self) -> Law:
        return BurrLaw(self.alpha, self.theta, self.gamma)


class InverseGaussianFamily(Family):
    kind: Literal["inverse_gaussian"] = "inverse_gaussian"
    mu: Positive | None = Field(default=None, description="Mean, currency.")
    shape: Positive | None = Field(
        default=None,
        validation_alias=AliasChoices("lambda", "shape"),
        serialization_alias="lambda",
        description="Shape, currency: variance = mu^3 / lambda.",
    )
    stated_mean: Positive | None = Field(default=None, alias="mean", description="Mean, currency.")
    stated_cv: Positive | None = Field(default=None, alias="cv", description="sd / mean.")
    amounts: ClassVar[tuple[str, ...]] = ("mu", "lambda", "mean")
    spellings: ClassVar[Spellings] = (("mu", "lambda"), ("mean", "cv"))

    def family_law(self) -> Law:
        if self.stated_mean is None or self.stated_cv is None:
            return InverseGaussianLaw(given(self.mu), given(self.shape))
        return InverseGaussianLaw(self.stated_mean, self.stated_mean / self.stated_cv**2)


class FixedFamily(Family):
    kind: Literal["fixed"] = "fixed"
    amount: NonNegative = Field(description="Every claim is this amount, currency.")
    amounts: ClassVar[tuple[str, ...]] = ("amount",)
    spellings: ClassVar[Spellings] = (("amount",),)

    def family_law(self) -> Law:
        return DiscreteLaw.of([self.amount])


class EmpiricalFamily(Family):
    kind: Literal["empirical"] = "empirical"
    values: tuple[NonNegative, ...] = Field(min_length=1, description="Amounts seen, currency.")
    weights: tuple[NonNegative, ...] | None = Field(
        default=None, description="Weight of each value; equal where left out."
    )
    spellings: ClassVar[Spellings] = (("values",), ("values", "weights"))

    def family_law(self) -> Law:
        if self.weights is None:
            return DiscreteLaw.of(self.values)
        if len(self.weights) != len(self.values) or not sum(self.weights) > 0.0:
            raise PydanticCustomError(
                "weights", "weights must be as many as values, with a positive sum"
            )
        return DiscreteLaw.of(self.values, self.weights)

    def scaled_fields(self, factor: float) -> dict[str, Any]:
        fields = super().scaled_fields(factor)
        fields["values"] = tuple(value * factor for value in self.values)
        return fields


class NormalFamily(Family):
    kind: Literal["normal"] = "normal"
    stated_mean: Number | None = Field(default=None, alias="mean", description="Mean, currency.")
    stated_sd: Positive | None = Field(default=None, alias="sd", description="sd, currency.")
    amounts: ClassVar[tuple[str, ...]] = ("mean", "sd")
    spellings: ClassVar[Spellings] = (("mean", "sd"),)

    def family_law(self) -> Law:
        return NormalLaw(given(self.stated_mean), given(self.stated_sd))

"""Tails: which law takes over above a point, written as ``tail = { kind, above, ... }`` inside a body.

A Pareto tail is a Pareto above that point; a generalised Pareto tail is the law of the excess over it; any
other kind is its law conditioned on exceeding the point.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mutualfund.claims.families import (
    BurrFamily,
    ExponentialFamily,
    Family,
    GammaFamily,
    GeneralisedParetoFamily,
    InverseGaussianFamily,
    LognormalFamily,
    LomaxFamily,
    ParetoFamily,
    WeibullFamily,
)
from mutualfund.claims.laws import Law
from mutualfund.claims.laws_heavy import GeneralisedParetoLaw
from mutualfund.claims.laws_spliced import ExceedingLaw
from mutualfund.claims.spelling import Positive


class Tail(Family):
    """The severity of a claim known to exceed `above`."""

    above: Positive = Field(description="The tail takes over above this amount, currency.")

    def tail_law(self) -> Law:
        """The law of the amount, given that it exceeds `above`."""
        return ExceedingLaw(self.family_law(), self.above)

    def scaled(self, factor: float) -> Self:
        """The same tail with every amount multiplied by `factor`, its starting point included."""
        return type(self).model_validate(
            {**self.scaled_fields(factor), "above": self.above * factor}
        )

    @model_validator(mode="after")
    def _usable(self) -> Self:
        family = self.family_law()
        if not family.mean < float("inf"):
            raise PydanticCustomError(
                "infinite_mean", "this tail has an infinite mean: no premium can pay for it"
            )
        if not float(family.sf(self.above)) > 0.0 and not isinstance(self, ParetoTail):
            raise PydanticCustomError(
                "empty_tail", "this tail never exceeds {above}", {"above": self.above}
            )
        return self


class ParetoTail(Tail, ParetoFamily):
    """S(x) = (above / x)^alpha above `above`."""

    def tail_law(self) -> Law:
        return self.family_law()


class GeneralisedParetoTail(Tail, GeneralisedParetoFamily):
    """The excess over `above` is generalised Pareto."""

    def tail_law(self) -> Law:
        return GeneralisedParetoLaw(self.xi, self.beta, self.above)


class ExponentialTail(Tail, ExponentialFamily):
    """An exponential conditioned on exceeding `above`."""


class GammaTail(Tail, GammaFamily):
    """A gamma conditioned on exceeding `above`."""


class LognormalTail(Tail, LognormalFamily):
    """A lognormal conditioned on exceeding `above`."""


class WeibullTail(Tail, WeibullFamily):
    """A Weibull conditioned on exceeding `above`."""


class LomaxTail(Tail, LomaxFamily):
    """A Lomax conditioned on exceeding `above`."""


class BurrTail(Tail, BurrFamily):
    """A Burr conditioned on exceeding `above`."""


class InverseGaussianTail(Tail, InverseGaussianFamily):
    """An inverse Gaussian conditioned on exceeding `above`."""


TailSpec = Annotated[
    ParetoTail
    | GeneralisedParetoTail
    | ExponentialTail
    | GammaTail
    | LognormalTail
    | WeibullTail
    | LomaxTail
    | BurrTail
    | InverseGaussianTail,
    Field(discriminator="kind"),
]

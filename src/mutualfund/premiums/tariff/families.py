"""The families of response a tariff is fitted with, and which dispersion each of them has."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mutualfund.errors import Fault, InputError, one_number, require_kind
from mutualfund.types import FloatArray

if TYPE_CHECKING:
    import glum

FamilyName = Literal[
    "poisson", "negative_binomial", "binomial", "gamma", "inverse_gaussian", "tweedie", "normal"
]
LinkName = Literal["log", "logit", "identity"]

RANGES = {
    "poisson": (0.0, math.inf),
    "negative_binomial": (0.0, math.inf),
    "binomial": (0.0, 1.0),
    "gamma": (math.nextafter(0.0, 1.0), math.inf),
    "inverse_gaussian": (math.nextafter(0.0, 1.0), math.inf),
    "tweedie": (0.0, math.inf),
    "normal": (-math.inf, math.inf),
}
"""Least and greatest response of each family."""
IN_WORDS = {
    "poisson": "0 or more",
    "negative_binomial": "0 or more",
    "binomial": "0 to 1",
    "gamma": "more than 0",
    "inverse_gaussian": "more than 0",
    "tweedie": "0 or more",
    "normal": "any number",
}
GIVEN_DISPERSION = ("poisson", "negative_binomial", "binomial")
"""Families whose dispersion is 1 by definition; the others' is estimated by Pearson's statistic."""
LINKS: dict[str, tuple[LinkName, ...]] = {
    "binomial": ("logit", "log", "identity"),
    "normal": ("identity", "log"),
}
"""Links a family may have, its usual one first; other families have the log, or the identity."""


@dataclass(frozen=True, slots=True)
class Family:
    """A family of response with its link.

    name: variance 1, mean (poisson), mean + alpha mean^2 (negative_binomial), mean (1 - mean) (binomial),
    mean^2 (gamma), mean^3 (inverse_gaussian), mean^power (tweedie), each times the dispersion. power:
    1 < p < 2, tweedie only. alpha: more than 0, negative_binomial only; None is estimated. link: None is the
    usual one.

    Raises
    ------
    InputError
        Where a name is unknown or a number does not belong to the family.

    >>> Family("gamma").link, Family("binomial").link, Family("tweedie", power=1.6).power
    ('log', 'logit', 1.6)
    """

    name: FamilyName
    link: LinkName | None = None
    power: float | None = None
    alpha: float | None = None

    def __post_init__(self) -> None:
        require_kind("family", self.name, str, ", ".join(RANGES))
        if self.name not in RANGES:
            raise InputError(
                [Fault("family", repr(self.name), ", ".join(RANGES), code="unknown_kind")]
            )
        links = LINKS.get(self.name, ("log", "identity"))
        if self.link is None:
            object.__setattr__(self, "link", links[0])
        elif self.link not in links:
            raise InputError(
                [Fault("link", repr(self.link), ", ".join(links), code="unknown_kind")]
            )
        self._check_numbers()

    def _check_numbers(self) -> None:
        if (self.name == "tweedie") != (self.power is not None):
            allowed = 'a power with family = "tweedie", and only there'
            raise InputError([Fault("power", str(self.power), allowed, code="power")])
        if self.power is not None:
            one_number("power", self.power, minimum=1.001, maximum=1.999, unit="variance power")
        if self.alpha is not None:
            if self.name != "negative_binomial":
                allowed = 'nothing but with family = "negative_binomial"'
                raise InputError([Fault("alpha", f"{self.alpha}", allowed, code="alpha")])
            one_number(
                "alpha", self.alpha, minimum=1e-8, maximum=1e8, unit="1 over the dispersion k"
            )

    @property
    def has_given_dispersion(self) -> bool:
        """Whether the dispersion is 1 by definition."""
        return self.name in GIVEN_DISPERSION

    def deviance(self, response: FloatArray, mean: FloatArray, weight: FloatArray) -> float:
        """Twice the likelihood lost against a model that knows every answer; arrays (n,)."""
        if self.power is None:
            return float(self.distribution().deviance(response, mean, sample_weight=weight))
        # glum moves a response near zero a little. B. Jorgensen, Theory of Dispersion Models (1997), ch. 4.
        a, b = 1.0 - self.power, 2.0 - self.power
        unit = response**b / (a * b) - response * mean**a / a + mean**b / b
        return 2.0 * float(weight @ unit)

    def distribution(self) -> glum.ExponentialDispersionModel:
        """The family as glum knows it."""
        import glum

        if self.name == "tweedie":
            return glum.TweedieDistribution(self.power)
        if self.name == "negative_binomial":
            return glum.NegativeBinomialDistribution(theta=self.alpha)
        if self.name == "inverse_gaussian":
            return glum.TweedieDistribution(3)
        plain = {
            "poisson": glum.PoissonDistribution,
            "binomial": glum.BinomialDistribution,
            "gamma": glum.GammaDistribution,
            "normal": glum.NormalDistribution,
        }
        return plain[self.name]()

"""How many claims a member has in a fully covered year.

Each model answers for itself (`pmf`, `cdf`, `sf`) and for a member whose rate is a multiple of its own
(`pmf_at`). Counts are defined at full exposure; a member covered for part of the year keeps each claim with
the covered share, which for all four kinds is the same law at the reduced rate.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, Strict, model_validator
from pydantic_core import PydanticCustomError

from mutualfund.claims.count_laws import (
    BinomialLaw,
    CountLaw,
    NegativeBinomialLaw,
    PoissonLaw,
    ZeroModifiedLaw,
)
from mutualfund.claims.spelling import NonNegative, Positive
from mutualfund.errors import Fault, InputError, numbers, one_number, require_whole
from mutualfund.inputs.base import Refusing
from mutualfund.types import FloatArray


class FrequencyModel(Refusing):
    """A claim-count distribution, in claims per fully covered member-year."""

    @property
    @abstractmethod
    def law(self) -> CountLaw:
        """The mathematics behind this count."""

    @property
    def variance(self) -> float:
        """Var[N]."""
        return self.law.variance

    def pmf(self, k: npt.ArrayLike) -> FloatArray:
        """P(N = k), k of any shape; zero where k is negative or not whole."""
        count = numbers("count", k)
        whole = np.isfinite(count) & (count >= 0.0) & (count == np.floor(count))
        return np.where(whole, self.law.pmf(np.where(whole, count, 0.0)), 0.0)

    def cdf(self, k: npt.ArrayLike) -> FloatArray:
        """P(N <= k)."""
        count = np.floor(numbers("count", k))
        return np.where(count < 0.0, 0.0, self.law.cdf(np.maximum(count, 0.0)))

    def sf(self, k: npt.ArrayLike) -> FloatArray:
        """P(N > k), to full precision in the far tail."""
        count = np.floor(numbers("count", k))
        return np.where(count < 0.0, 1.0, self.law.sf(np.maximum(count, 0.0)))

    def pmf_at(self, factor: float, count: int) -> FloatArray:
        """(count,) P(N = 0), ..., P(N = count - 1) at `factor` (>= 0) times this rate.

        Raises
        ------
        InputError
            As `law_at`; where `count` is no whole number from 0 to 10,000,000.
        """
        require_whole("frequency.count", count, minimum=0, maximum=10_000_000, unit="counts")
        return self.law_at(factor).pmf(np.arange(count, dtype=np.float64))

    def law_at(self, factor: float) -> CountLaw:
        """The law at `factor` (>= 0) times this rate.

        Raises
        ------
        InputError
            Where no such law exists: a binomial of more claims than trials, or a zero-modified count that
            would need a negative chance of no claim.
        """
        one_number(
            "frequency.factor", factor, minimum=0.0, maximum=1e12, unit="multiple of the rate"
        )
        try:
            return self.law.at(float(factor))
        except ValueError as reason:
            remedy = (
                "Lower the mean or what multiplies it: relativities, the cv of a shared frailty."
            )
            fault = Fault("frequency.factor", f"{factor:g}", str(reason), remedy, "rate_too_high")
            raise InputError([fault]) from reason


class Poisson(FrequencyModel):
    """Poisson counts: variance = mean.

    >>> float(Poisson(mean=0.7).cdf(0).round(6))
    0.496585
    """

    kind: Literal["poisson"] = "poisson"
    mean: NonNegative = Field(description="Claims per member-year.")

    @property
    def law(self) -> PoissonLaw:
        return PoissonLaw(self.mean)


class NegativeBinomial(FrequencyModel):
    """A Poisson whose rate differs between member-years (gamma with shape `dispersion`).

    >>> NegativeBinomial(mean=2.0, dispersion=0.5).variance
    10.0
    """

    kind: Literal["negative_binomial"] = "negative_binomial"
    mean: NonNegative = Field(description="Claims per member-year.")
    dispersion: Positive = Field(description="k in variance = mean + mean^2 / k.")

    @property
    def law(self) -> NegativeBinomialLaw:
        return NegativeBinomialLaw(self.mean, self.dispersion)

    @property
    def beta(self) -> float:
        """Variance / mean - 1, the second parameter of *Loss Models*.

        >>> NegativeBinomial(mean=2.0, dispersion=0.5).beta
        4.0
        """
        return self.mean / self.dispersion

    def posterior_rate(self, claims: npt.ArrayLike, exposure: npt.ArrayLike) -> FloatArray:
        """Expected rate per year of a member seen with `claims` in `exposure` years (Bayes, gamma prior).

        >>> float(NegativeBinomial(mean=1.0, dispersion=2.0).posterior_rate(4, 2))
        1.5
        """
        seen = self.dispersion + np.asarray(claims, dtype=np.float64)
        return seen * self.mean / (self.dispersion + self.mean * np.asarray(exposure, np.float64))


class Binomial(FrequencyModel):
    """At most `trials` claims a year, each equally likely.

    >>> Binomial(mean=0.9, trials=3).variance
    0.63
    """

    kind: Literal["binomial"] = "binomial"
    mean: NonNegative = Field(description="Claims per member-year.")
    trials: Annotated[int, Strict(), Field(ge=1, description="Most claims possible in a year.")]

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.mean > self.trials:
            raise PydanticCustomError(
                "binomial_mean",
                "a binomial mean cannot exceed its trials; got mean {mean} with {trials} trials",
                {"mean": self.mean, "trials": self.trials},
            )
        return self

    @property
    def law(self) -> BinomialLaw:
        return BinomialLaw(self.mean, self.trials)


BaseFrequency = Annotated[Poisson | NegativeBinomial | Binomial, Field(discriminator="kind")]


class ZeroModified(FrequencyModel):
    """A count whose chance of zero is stated; the other counts keep the proportions of `base`.

    `base.mean` is the parent's mean, `mean` the resulting one.

    >>> round(ZeroModified(p0=0.5, base=Poisson(mean=3)).mean, 6)
    1.578594
    """

    kind: Literal["zero_modified"] = "zero_modified"
    p0: Annotated[float, Strict(), Field(ge=0.0, lt=1.0, description="P(no claim), full year.")]
    base: BaseFrequency = Field(description="The count whose proportions above zero are kept.")

    @model_validator(mode="after")
    def _has_claims(self) -> Self:
        if self.base.mean == 0.0:
            raise PydanticCustomError(
                "zero_base", "the base of a zero-modified count needs mean > 0"
            )
        return self

    @property
    def mean(self) -> float:
        """E[N] of the modified count."""
        return self.law.mean

    @property
    def never(self) -> float:
        """Chance of a member who never claims, the others having the base count; negative with fewer zeros.

        The zero-inflated way to say the same.

        >>> round(ZeroModified(p0=0.5, base=Poisson(mean=3)).never, 6)
        0.473802
        """
        return 1.0 - self.law.weight

    @property
    def law(self) -> ZeroModifiedLaw:
        return ZeroModifiedLaw(self.base.law, (1.0 - self.p0) / float(self.base.sf(0)))


FrequencySpec = Annotated[
    Poisson | NegativeBinomial | Binomial | ZeroModified, Field(discriminator="kind")
]
"""Any claim count of a scenario file, told apart by its ``kind``."""

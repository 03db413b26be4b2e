"""The premium principles. Each has one parameter, 0 or more: at 0 every premium is the mean, never less.

`loss` is a distribution of this library (a severity, a count in claims, or the total cost that `aggregate`
found), an array of simulated outcomes (then with its Monte Carlo error), a frozen distribution of
`scipy.stats`, or any object with ``quantile(p)``.

Sources: R. Kaas, M. Goovaerts, J. Dhaene, M. Denuit, *Modern Actuarial Risk Theory*, 2nd ed. (2008), chapter
5; S. Wang, *Insurance pricing and increased limits ratemaking by proportional hazards transforms*, Insurance:
Mathematics and Economics 17 (1995); S. Wang, *A class of distortion operators for pricing financial and
insurance risks*, Journal of Risk and Insurance 67 (2000).
"""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from mutualfund.assumptions.model import Input, Number
from mutualfund.errors import InputError
from mutualfund.premiums.principles.distortions import (
    Distortion,
    NormalDistortion,
    PowerDistortion,
    TailDistortion,
)
from mutualfund.premiums.principles.integration import WORST, DivergesError
from mutualfund.premiums.principles.losses import Loss, loss_of
from mutualfund.premiums.principles.premium import LoadedPremium, Priced
from mutualfund.premiums.principles.refusals import no_such_premium

Loading = Annotated[Number, Field(ge=0.0, le=1e6)]
Level = Annotated[Number, Field(ge=0.0, lt=1.0)]


class PremiumPrinciple(Input):
    """What every principle has in common: a name, a parameter, and `premium`.

    >>> ExpectedValuePrinciple(loading=0.1).label, isinstance(WangPrinciple(shift=1.0), PremiumPrinciple)
    ('expected value', True)
    """

    label: ClassVar[str]
    number_field: ClassVar[str]
    """The field that holds its number."""
    below_mean: ClassVar[str] = ""
    """What to say where the premium would be below the mean; empty where it cannot be."""

    @property
    def parameter(self) -> float:
        """The rule's number; at 0 the premium is the mean."""
        return float(getattr(self, self.number_field))

    @abstractmethod
    def _price(self, loss: Loss) -> Priced:
        """The premium for a parameter above 0."""

    def premium(self, loss: Any) -> LoadedPremium:
        """The premium for `loss`: a distribution, SciPy's too, outcomes (n,), or an object with ``quantile``.

        Of such an object steps may be missed, without a word in `numerical_error`: hand a count over as one
        of `claims` or SciPy.

        Raises
        ------
        InputError
            Where the premium does not exist for this loss, with the reason.
        NotEnoughPathsError
            Where outcomes are too few to carry it.
        """
        risk = loss_of(loss)
        mean = self._mean(risk)
        found = risk.moments(0.0, 0.0) if self.parameter == 0.0 else self._checked(risk)
        note = ""
        if found.value < mean:
            self._require_rounding(risk, found, mean)
            note = self.below_mean
            found = risk.moments(0.0, 0.0)
        return LoadedPremium(
            principle=self.label,
            parameter=self.parameter,
            mean=mean,
            premium=found.value,
            standard_error=found.standard_error,
            numerical_error=found.numerical_error,
            note=note,
        )

    def _mean(self, risk: Loss) -> float:
        try:
            mean = risk.mean
        except DivergesError:
            mean = math.inf
        if not math.isfinite(mean):
            remedy = "Cap the loss: no premium can pay for it."
            raise no_such_premium(self.label, "an infinite mean", "a finite mean", remedy)
        return mean

    def _checked(self, risk: Loss) -> Priced:
        try:
            found = self._price(risk)
        except DivergesError:
            raise self._too_heavy() from None
        if not math.isfinite(found.value):
            raise self._too_heavy()
        return found

    def _too_heavy(self) -> InputError:
        got = f"a tail too heavy for {self.parameter:g}"
        allowed = "a loss for which this premium is finite"
        remedy = "Lower the parameter, or cap the loss by its benefit limit or reinsurance."
        return no_such_premium(self.label, got, allowed, remedy)

    def _require_rounding(self, risk: Loss, found: Priced, mean: float) -> None:
        """Rounding apart, only a principle with a note for it can fall below the mean."""
        sd = math.sqrt(max(risk.variance, 0.0))
        size = abs(mean) + (sd if math.isfinite(sd) else 0.0)
        if self.below_mean or mean - found.value <= found.numerical_error + WORST * size:
            return
        got = "a mean above what its quantiles give"
        remedy = "State the mean of the same loss, or none."
        raise no_such_premium(self.label, got, "a loss of one mean", remedy)


class ExpectedValuePrinciple(PremiumPrinciple):
    """mean x (1 + loading); of a mean below zero, the loading is of its size. Exists wherever the mean does.

    >>> from mutualfund.claims import Exponential
    >>> ExpectedValuePrinciple(loading=0.1).premium(Exponential(mean=200)).premium.__round__(6)
    220.0
    """

    label: ClassVar[str] = "expected value"
    number_field: ClassVar[str] = "loading"
    kind: Literal["expected_value"] = "expected_value"
    loading: Loading = Field(description="share of the mean added")

    def _price(self, loss: Loss) -> Priced:
        plain = loss.moments(0.0, 0.0)
        factor = 1.0 + math.copysign(self.loading, plain.value)
        return Priced(factor * plain.value, abs(factor) * plain.standard_error)


class StandardDeviationPrinciple(PremiumPrinciple):
    """mean + loading x standard deviation. Does not exist where the variance is infinite.

    >>> from mutualfund.claims import Gamma
    >>> StandardDeviationPrinciple(loading=0.5).premium(Gamma(mean=200, cv=0.6)).premium.__round__(6)
    260.0
    """

    label: ClassVar[str] = "standard deviation"
    number_field: ClassVar[str] = "loading"
    kind: Literal["standard_deviation"] = "standard_deviation"
    loading: Loading = Field(description="standard deviations added")

    def _price(self, loss: Loss) -> Priced:
        return loss.moments(self.loading, 0.0)


class VariancePrinciple(PremiumPrinciple):
    """mean + loading x variance. Does not exist where the variance is infinite.

    >>> from mutualfund.claims import Gamma
    >>> VariancePrinciple(loading=0.001).premium(Gamma(mean=200, cv=0.6)).premium.__round__(6)
    214.4
    """

    label: ClassVar[str] = "variance"
    number_field: ClassVar[str] = "loading"
    kind: Literal["variance"] = "variance"
    loading: Loading = Field(description="added per unit of variance, 1 / currency")

    def _price(self, loss: Loss) -> Priced:
        return loss.moments(0.0, self.loading)


class _LightTailed(PremiumPrinciple):
    """Principles that rest on exponential moments."""

    def _require_light(self, loss: Loss, rate: float) -> None:
        limit = loss.exponential_limit()
        if limit is not None and rate < limit:
            return
        if limit is None:
            got = "a tail of which it is not known whether it is light"
            allowed = "a loss known to have a light tail or an end"
        elif limit == 0.0:
            got, allowed = (
                "a tail heavier than every exponential",
                "a loss with a light tail or an end",
            )
        else:
            got, allowed = f"{rate:g}", f"below {limit:g}, where exponential moments end"
        remedy = (
            "Use the standard deviation, TVaR, proportional hazards or Wang principle, or cap the loss. "
            "A loss of your own may state exponential_limit, up to which E[exp(a X)] is finite."
        )
        raise no_such_premium(self.label, got, allowed, remedy)


class ExponentialPrinciple(_LightTailed):
    """log E[exp(a X)] / a: zero utility under constant risk aversion a. Needs exponential moments.

    >>> from mutualfund.claims import Normal
    >>> ExponentialPrinciple(risk_aversion=0.01).premium(Normal(mean=100, sd=20)).premium.__round__(6)
    102.0
    """

    label: ClassVar[str] = "exponential"
    number_field: ClassVar[str] = "risk_aversion"
    kind: Literal["exponential"] = "exponential"
    risk_aversion: Loading = Field(description="constant absolute risk aversion, 1 / currency")

    def _price(self, loss: Loss) -> Priced:
        self._require_light(loss, self.risk_aversion)
        return loss.log_moment(self.risk_aversion)


class EsscherPrinciple(_LightTailed):
    """E[X exp(h X)] / E[exp(h X)]. Needs exponential moments.

    >>> from mutualfund.claims import Gamma
    >>> EsscherPrinciple(tilt=0.001).premium(Gamma(alpha=2, theta=100)).premium.__round__(6)
    222.222222
    """

    label: ClassVar[str] = "Esscher"
    number_field: ClassVar[str] = "tilt"
    kind: Literal["esscher"] = "esscher"
    tilt: Loading = Field(description="h, 1 / currency")

    def _price(self, loss: Loss) -> Priced:
        self._require_light(loss, self.tilt)
        return loss.tilted_mean(self.tilt)


class PercentilePrinciple(PremiumPrinciple):
    """The amount not exceeded with the stated probability, and never less than the mean; it always exists.

    Of a very skewed loss even a high percentile can lie below the mean; then the mean is the premium and the
    answer's `note` says so.

    >>> from mutualfund.claims import Exponential
    >>> PercentilePrinciple(probability=0.95).premium(Exponential(mean=200)).premium.__round__(2)
    599.15
    """

    label: ClassVar[str] = "percentile"
    number_field: ClassVar[str] = "probability"
    below_mean: ClassVar[str] = "The principle falls below the mean; the mean is the premium."
    kind: Literal["percentile"] = "percentile"
    probability: Level = Field(description="probability of not exceeding the premium, below 1")

    def _price(self, loss: Loss) -> Priced:
        return loss.quantile(self.probability)


class _Distorting(PremiumPrinciple):
    """Principles that make bad outcomes more likely, then take the mean."""

    @abstractmethod
    def _distortion(self) -> Distortion: ...

    def _price(self, loss: Loss) -> Priced:
        return loss.distorted(self._distortion())


class TailPrinciple(_Distorting):
    """The mean of the worst 1 - p of outcomes (TVaR); exists wherever the mean does.

    >>> from mutualfund.claims import Exponential
    >>> TailPrinciple(probability=0.95).premium(Exponential(mean=200)).premium.__round__(2)
    799.15
    """

    label: ClassVar[str] = "TVaR"
    number_field: ClassVar[str] = "probability"
    kind: Literal["tvar"] = "tvar"
    probability: Level = Field(description="share of the better outcomes left out, below 1")

    def _distortion(self) -> Distortion:
        return TailDistortion(self.probability)


class ProportionalHazardsPrinciple(_Distorting):
    """The integral of S(x)^(1 / (1 + loading)). Does not exist where the tail index is at most 1 + loading.

    >>> from mutualfund.claims import Exponential
    >>> ProportionalHazardsPrinciple(loading=0.2).premium(Exponential(mean=200)).premium.__round__(6)
    240.0
    """

    label: ClassVar[str] = "proportional hazards"
    number_field: ClassVar[str] = "loading"
    kind: Literal["proportional_hazards"] = "proportional_hazards"
    loading: Loading = Field(description="risk aversion: the hazard is divided by 1 + loading")

    def _distortion(self) -> Distortion:
        return PowerDistortion(self.loading)


class WangPrinciple(_Distorting):
    """The mean after the normal score of every exceedance probability is raised by `shift`.

    Exists wherever some moment above the first does.

    >>> from mutualfund.claims import Normal
    >>> WangPrinciple(shift=0.25).premium(Normal(mean=100, sd=20)).premium.__round__(6)
    105.0
    """

    label: ClassVar[str] = "Wang"
    number_field: ClassVar[str] = "shift"
    kind: Literal["wang"] = "wang"
    shift: Annotated[Number, Field(ge=0.0, le=20.0)] = Field(description="market price of risk")

    def _distortion(self) -> Distortion:
        return NormalDistortion(self.shift)


PrincipleSpec = Annotated[
    ExpectedValuePrinciple
    | StandardDeviationPrinciple
    | VariancePrinciple
    | ExponentialPrinciple
    | EsscherPrinciple
    | PercentilePrinciple
    | TailPrinciple
    | ProportionalHazardsPrinciple
    | WangPrinciple,
    Field(discriminator="kind"),
]
"""Any premium principle, told apart by its ``kind``."""

"""A loss, asked in the same way whether it is a distribution, a few values or simulated outcomes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from mutualfund.claims.aggregate.result import Aggregate
from mutualfund.claims.frequency import FrequencyModel
from mutualfund.claims.laws_discrete import DiscreteLaw
from mutualfund.errors import HIDDEN, Fault, InputError, kind_of, numbers, one_sample
from mutualfund.premiums.principles.distortions import Distortion
from mutualfund.premiums.principles.integration import (
    OCTAVES,
    DivergesError,
    mean_over,
    quantiles_of,
)
from mutualfund.premiums.principles.lattices import OnGrid, of_count, of_discrete
from mutualfund.premiums.principles.light_tails import exponential_limit
from mutualfund.premiums.principles.outcomes import SUPPORT, Outcomes, too_few
from mutualfund.premiums.principles.premium import Priced
from mutualfund.types import FloatArray

_LOSS = "a distribution, an array of outcomes, or an object with quantile(p) or ppf(p)"


class Loss(Protocol):
    """What a principle may ask. Every answer carries its errors."""

    @property
    def mean(self) -> float: ...
    @property
    def variance(self) -> float: ...
    def moments(self, sd_weight: float, variance_weight: float) -> Priced:
        """mean + sd_weight x sd + variance_weight x variance."""
        ...

    def quantile(self, p: float) -> Priced: ...
    def distorted(self, distortion: Distortion) -> Priced: ...
    def exponential_limit(self) -> float | None:
        """Up to which rate exponential moments exist; None where that is not known."""
        ...

    def log_moment(self, rate: float) -> Priced:
        """log E[exp(rate x X)] / rate."""
        ...

    def tilted_mean(self, rate: float) -> Priced:
        """E[X exp(rate x X)] / E[exp(rate x X)]."""
        ...


def loss_of(loss: Any) -> Loss:
    """A severity, a count, an aggregate, simulated outcomes, or any object with `quantile`, as a `Loss`.

    So is a frozen distribution of SciPy, which says `ppf` for it.

    Raises
    ------
    InputError
        For anything else, outcomes that are not finite numbers, or a table of them.
    NotEnoughPathsError
        For fewer than ten outcomes.
    """
    if isinstance(loss, type):
        raise InputError([Fault("loss", kind_of(loss), _LOSS, code="type")])
    if isinstance(loss, FrequencyModel):
        return of_count(loss)
    if isinstance(loss, Aggregate):
        return OnGrid.of(loss)
    if callable(getattr(loss, "quantile", None)) and not hasattr(loss, "__array__"):
        law = getattr(loss, "law", loss)
        if isinstance(law, DiscreteLaw):
            return Outcomes(law.values, law.share, sampled=False)
        _require_one_loss(loss.quantile(np.array([0.5])), (1,))
        return Distribution(loss)
    if callable(getattr(loss, "ppf", None)) and not hasattr(
        loss, "freeze"
    ):  # else without parameters
        _require_one_loss(loss.ppf(0.5), ())
        return of_discrete(loss) if hasattr(loss, "pmf") else Distribution(FromSciPy(loss))
    try:
        values = numbers("loss", loss)
    except InputError:
        raise InputError([Fault("loss", kind_of(loss), _LOSS, code="type")]) from None
    values = np.sort(one_sample("loss", values))
    if values.size == 0 or not np.isfinite(values).all():
        raise InputError([Fault("loss", HIDDEN, "finite numbers, one or more", code="outcomes")])
    if values.size < SUPPORT:
        raise too_few(values.size)
    return Outcomes(values, np.full(values.size, 1.0 / values.size), sampled=True)


def _require_one_loss(median: Any, shape: tuple[int, ...]) -> None:
    """Refuse a law that answers for several losses at once, or with no numbers at all."""
    found = numbers("loss", median).shape
    if found != shape:
        got = f"medians of shape {found} from one probability"
        allowed, remedy = "the law of one loss", "Price each of the losses by itself."
        raise InputError([Fault("loss", got, allowed, remedy, "shape")])


@dataclass(frozen=True, eq=False)
class FromSciPy:
    """A frozen distribution of `scipy.stats`, in the words of this library."""

    frozen: Any

    @property
    def mean(self) -> float:
        return float(self.frozen.mean())

    @property
    def variance(self) -> float:
        return float(self.frozen.var())

    def quantile(self, p: FloatArray) -> FloatArray:
        return np.asarray(self.frozen.ppf(p), np.float64)

    def isf(self, u: FloatArray) -> FloatArray:
        """Amounts exceeded with probability `u`."""
        return np.asarray(self.frozen.isf(u), np.float64)

    @property
    def exponential_limit(self) -> Any:
        """As it was noted on the distribution, which SciPy itself does not know; else there is none."""
        return self.frozen.exponential_limit


@dataclass(frozen=True, eq=False)
class Distribution:
    """A law known by its quantiles; moments as it states them, else integrated."""

    source: Any

    @cached_property
    def mean(self) -> float:
        stated = getattr(self.source, "mean", None)
        if isinstance(stated, int | float):
            return float(stated)
        return mean_over(self._amounts).value

    @cached_property
    def variance(self) -> float:
        stated = getattr(self.source, "variance", None)
        if isinstance(stated, int | float):
            return float(stated)
        mean = self.mean
        try:
            return mean_over(lambda u, p: (self._amounts(u, p) - mean) ** 2).value
        except DivergesError:
            return math.inf

    @cached_property
    def _amounts(self) -> Any:
        return quantiles_of(self.source)

    def moments(self, sd_weight: float, variance_weight: float) -> Priced:
        sd = math.sqrt(max(self.variance, 0.0))
        return Priced(self.mean + sd_weight * sd + variance_weight * self.variance)

    def quantile(self, p: float) -> Priced:
        return Priced(float(self.source.quantile(np.array([p]))[0]))

    def distorted(self, distortion: Distortion) -> Priced:
        return mean_over(lambda v, d: self._amounts(*distortion.lowered(v, d)))

    def exponential_limit(self) -> float | None:
        return exponential_limit(self.source)

    def log_moment(self, rate: float) -> Priced:
        shift = self._largest_exponent(rate)
        found = mean_over(lambda u, p: np.exp(rate * self._amounts(u, p) - shift))
        relative = found.numerical_error / found.value
        return Priced((math.log(found.value) + shift) / rate, 0.0, relative / rate)

    def tilted_mean(self, rate: float) -> Priced:
        shift = self._largest_exponent(rate)

        def weight(u: FloatArray, p: FloatArray) -> FloatArray:
            return np.asarray(np.exp(rate * self._amounts(u, p) - shift))

        top = mean_over(lambda u, p: self._amounts(u, p) * weight(u, p))
        bottom = mean_over(weight)
        value = top.value / bottom.value
        error = (top.numerical_error + abs(value) * bottom.numerical_error) / bottom.value
        return Priced(value, 0.0, error)

    def _largest_exponent(self, rate: float) -> float:
        """The largest of rate x amount + log probability over octaves: nothing overflows beside it."""
        exponents = [rate * float(self._amounts(np.array([0.75]), np.array([0.25]))[0])]
        for octave in range(1, OCTAVES):
            chance = np.array([2.0**-octave])
            try:
                amount = float(self._amounts(chance, 1.0 - chance)[0])
            except InputError:
                break
            if not math.isfinite(amount):
                break
            exponents.append(rate * amount - octave * math.log(2.0))
            if exponents[-1] < max(exponents) - 60.0:
                break
        return max(exponents)

"""Tail factors: the growth after the last age of a triangle."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from mutualfund.errors import Fault, InputError, numbers, one_number, require_whole
from mutualfund.types import FloatArray


@runtime_checkable
class Tail(Protocol):
    """What gives the growth after the last age; one of your own is any object with this method."""

    def factor(self, link_ratios: FloatArray, /) -> tuple[float, float]:
        """Growth from the last age to the end, and its standard error, from the (n_ages - 1,) link ratios."""
        ...


@dataclass(frozen=True, slots=True)
class ConstantTail:
    """A stated tail factor.

    value: multiple, 0.5 to 10. standard_error: how sure it is, 0 to 1.

    >>> ConstantTail(1.02, standard_error=0.01).factor(np.array([2.0]))
    (1.02, 0.01)
    """

    value: float
    standard_error: float = 0.0

    def __post_init__(self) -> None:
        one_number("tail", self.value, minimum=0.5, maximum=10.0, unit="multiple")
        one_number(
            "tail.standard_error", self.standard_error, minimum=0.0, maximum=1.0, unit="multiple"
        )

    def factor(self, _link_ratios: FloatArray) -> tuple[float, float]:
        """The stated factor, whatever the link ratios are."""
        return self.value, self.standard_error


@dataclass(frozen=True, slots=True)
class DecayTail:
    """A tail from link ratios whose excess over 1 falls along a curve, by least squares of logarithms.

    exponential: the excess falls by the same share each age. Otherwise it is an inverse power of the age at
    which the step begins (Sherman, *Extrapolating, smoothing, and interpolating development factors*, PCAS
    71, 1984, without a shift of the age; Clark, *Estimation of inverse power parameters via GLM*, Actuarial
    Review, 2017, spells out which age). Such a tail has no end where the power is 1 or less (Evans, CAS
    E-Forum, Fall 2014): there `periods` decides what it is. from_age: first age (from 1) whose ratio is used.
    periods: steps beyond the last age that count.

    >>> ratios = 1.0 + 0.5 ** np.arange(1.0, 6.0)
    >>> factor, _ = DecayTail(periods=60).factor(ratios)
    >>> round(factor, 6) == round(float(np.prod(1.0 + 0.5 ** np.arange(6.0, 66.0))), 6)
    True
    """

    exponential: bool = True
    from_age: int = 1
    periods: int = 100

    def __post_init__(self) -> None:
        require_whole("tail.from_age", self.from_age, minimum=1, maximum=1000, unit="age")
        require_whole("tail.periods", self.periods, minimum=1, maximum=10_000, unit="steps")

    def factor(self, link_ratios: FloatArray) -> tuple[float, float]:
        """The product of the curve's ratios beyond the last age; no standard error.

        Raises
        ------
        InputError
            Where fewer than two ratios exceed 1, or their excess does not fall.
        """
        ratios = numbers("link_ratios", link_ratios)
        step = np.arange(1, ratios.size + 1, dtype=np.float64)
        used = (ratios > 1.0) & (step >= self.from_age)
        if used.sum() < 2:
            got, remedy = f"{int(used.sum())} link ratios above 1", "State the tail factor instead."
            raise InputError([Fault("tail", got, "at least two", remedy, "too_few")])
        slope, level = np.polyfit(self._scale(step[used]), np.log(ratios[used] - 1.0), 1)
        if slope >= 0.0:
            got, remedy = "link ratios that do not fall towards 1", "State the tail factor instead."
            raise InputError(
                [Fault("tail", got, "an excess that falls with age", remedy, "no_decay")]
            )
        beyond = ratios.size + 1.0 + np.arange(self.periods, dtype=np.float64)
        return math.exp(float(np.log1p(np.exp(level + slope * self._scale(beyond))).sum())), 0.0

    def _scale(self, step: FloatArray) -> FloatArray:
        return step if self.exponential else np.log(step)

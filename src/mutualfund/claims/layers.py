"""Expected payments by layer: what every closed form of cost sharing is made of.

A fund that bears a share of each of some layers of a cost pays f(X), which rises from layer to layer. Then
``E[f(X)]`` is the sum of share x (E[min(X, end)] - E[min(X, start)]), and ``E[f(X)^2]`` follows from
integrating 2 f f' over the survival function (S. Klugman, H. Panjer, G. Willmot, *Loss Models*, 4th ed.
(2012), sections 3.1 and 8.5).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import numpy.typing as npt

from mutualfund.errors import Fault, InputError
from mutualfund.types import FloatArray


@runtime_checkable
class LimitedMean(Protocol):
    """The law of a cost, as far as expectations need it; every severity and every law of a total offers this.

    >>> from mutualfund.claims import Exponential
    >>> isinstance(Exponential(mean=1000), LimitedMean)
    True
    """

    @property
    def mean(self) -> float: ...
    def sf(self, x: npt.ArrayLike) -> FloatArray: ...
    def limited_mean(self, d: npt.ArrayLike) -> FloatArray: ...


@runtime_checkable
class LimitedMoments(LimitedMean, Protocol):
    """What variances need as well; every `SeverityModel` offers it."""

    @property
    def variance(self) -> float: ...
    def second_limited_moment(self, d: npt.ArrayLike) -> FloatArray: ...
    def stop_loss(self, d: npt.ArrayLike) -> FloatArray: ...


def require_positive(cost: LimitedMean) -> None:
    """Refuse what is no law of a cost, or may be below zero, where no cost sharing makes sense.

    Raises
    ------
    InputError
        With one fault.
    """
    if isinstance(cost, type) or not isinstance(cost, LimitedMean):
        allowed = "a law that answers mean, sf and limited_mean"
        remedy = "Of a fit pass fit.distribution."
        raise InputError([Fault("cost", type(cost).__name__, allowed, remedy, code="no_law")])
    if float(cost.sf(-1e-300)) < 1.0:
        allowed = "amounts of at least zero"
        raise InputError([Fault("cost", "amounts below zero", allowed, code="signed")])


class CostLayer(NamedTuple):
    """A layer of a cost and the share of it that the fund bears.

    >>> CostLayer(start=100, end=600, share=0.8).most
    400.0
    """

    start: float  # currency
    end: float  # currency, may be infinite
    share: float  # above 0, at most 1

    @property
    def most(self) -> float:
        """The fund's greatest payment for the layer."""
        return self.share * (self.end - self.start)


def layer_mean(cost: LimitedMean, start: float, end: float) -> float:
    """E[min(max(X - start, 0), end - start)]."""
    stop_loss = getattr(cost, "stop_loss", None)
    if stop_loss is not None:
        # what lies above two far points keeps its digits, the difference of two limited means does not
        beyond = 0.0 if end == math.inf else float(stop_loss(end))
        return float(stop_loss(start)) - beyond
    upper = float(cost.mean) if end == math.inf else float(cost.limited_mean(end))
    return upper - float(cost.limited_mean(start))


def layer_second_moment(cost: LimitedMoments, start: float, end: float) -> float:
    """E[min(max(X - start, 0), end - start)^2]; infinite where it does not exist."""
    layer = layer_mean(cost, start, end)
    below = float(cost.second_limited_moment(start))
    if end == math.inf:
        return float(cost.variance) + float(cost.mean) ** 2 - below - 2.0 * start * layer
    return float(cost.second_limited_moment(end)) - below - 2.0 * start * layer


def mean_of_layers(cost: LimitedMean, layers: Sequence[CostLayer], scale: float = 1.0) -> float:
    """E[f(scale x X)], the fund's expected payment; scale > 0.

    A layer of a cost twice as large is twice the layer between half the points.

    Raises
    ------
    InputError
        Where the cost may be below zero.
    """
    require_positive(cost)
    return sum(
        layer.share * scale * layer_mean(cost, layer.start / scale, layer.end / scale)
        for layer in layers
    )


def second_moment_of_layers(cost: LimitedMoments, layers: Sequence[CostLayer]) -> float:
    """E[f(X)^2]; infinite where it does not exist."""
    second, reached = 0.0, 0.0
    for layer in layers:
        second += 2.0 * reached * layer.share * layer_mean(cost, layer.start, layer.end)
        second += layer.share**2 * layer_second_moment(cost, layer.start, layer.end)
        reached += layer.most
    return second

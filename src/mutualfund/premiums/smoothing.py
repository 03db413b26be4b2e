"""Smoothed age curves: the Whittaker-Henderson method, fit against roughness.

Whittaker, "On a New Method of Graduation", Proceedings of the Edinburgh Mathematical Society 41 (1923);
Henderson, "A New Method of Graduation", Transactions of the Actuarial Society of America 25 (1924); its
uncertainty as in Biessy, "Revisiting Whittaker-Henderson Smoothing" (2023), section 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mutualfund import plot_style as style
from mutualfund.errors import Fault, InputError, numbers, one_number, require, require_whole
from mutualfund.types import FloatArray, IntArray, frozen

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST_AGES = 300
_LOGARITHMS = np.linspace(-3.0, 9.0, 25)
"""To base 10, of the strengths that are tried, times the mean exposure, before the best is refined."""
_GOLDEN = (5.0**0.5 - 1.0) / 2.0
_REFINEMENTS = 20
_ROUNDING = 1e-20


@dataclass(frozen=True, eq=False)
class SmoothedCurve:
    """A curve over consecutive ages, as seen and smoothed; arrays (n_ages,).

    Parameters
    ----------
    ages : consecutive whole numbers.
    exposure : weight of each age; 0 where nothing was seen.
    observed : rates as seen; not a number where nothing was seen.
    smoothed : rates of the curve, at every age.
    standard_error : of the curve, given its smoothness.
    strength : weight of roughness against fit, in units of exposure.
    degrees_of_freedom : how many free parameters the curve is worth.

    >>> curve = smooth_ages([1.0, 2.0, 3.0, 4.0, 5.0], [10.0] * 5, first_age=30)
    >>> curve, round(curve.at(33), 9), curve.smoothed.round(9).tolist()
    (SmoothedCurve of ages 30 to 34, worth 2.0 parameters, 4.0, [1.0, 2.0, 3.0, 4.0, 5.0])
    """

    ages: IntArray
    exposure: FloatArray
    observed: FloatArray
    smoothed: FloatArray
    standard_error: FloatArray
    strength: float
    order: int
    degrees_of_freedom: float

    def __repr__(self) -> str:
        return (
            f"SmoothedCurve of ages {self.ages[0]} to {self.ages[-1]}, "
            f"worth {self.degrees_of_freedom:.1f} parameters"
        )

    def at(self, age: int) -> float:
        """The smoothed rate of one age.

        Raises
        ------
        InputError
            For an age outside the curve.
        """
        first, last = int(self.ages[0]), int(self.ages[-1])
        one_number("age", age, minimum=first, maximum=last, unit="age on the curve")
        return float(self.smoothed[int(age) - first])

    def table(self) -> pd.DataFrame:
        """One row an age: exposure, observed and smoothed rate, standard error."""
        import pandas as pd

        return pd.DataFrame(
            {
                "exposure": self.exposure,
                "observed": self.observed,
                "smoothed": self.smoothed,
                "standard_error": self.standard_error,
            },
            index=pd.Index(self.ages, name="age"),
        )

    @property
    def plot(self) -> CurvePlots:
        """Pictures of the curve."""
        return CurvePlots(self)


@dataclass(frozen=True, slots=True)
class CurvePlots:
    """The pictures of one curve, as ``curve.plot``."""

    curve: SmoothedCurve

    def rates(self, ax: Axes | None = None) -> Axes:
        """What was seen as points, the curve through it, and two standard errors to each side.

        >>> curve = smooth_ages([1.0, 2.5, 3.0, 4.0], [10.0] * 4, first_age=30)
        >>> curve.plot.rates().get_title(loc="left")
        'Rate by age'
        """
        curve = self.curve
        ax = style.new_axes(ax)
        low = curve.smoothed - 2.0 * curve.standard_error
        high = curve.smoothed + 2.0 * curve.standard_error
        ax.fill_between(curve.ages, low, high, color=style.SKY, alpha=0.35, linewidth=0.0)
        ax.plot(curve.ages, curve.smoothed, color=style.BLUE, linewidth=1.8)
        ax.plot(curve.ages, curve.observed, ".", color=style.GREY, markersize=4.0)
        style.title(ax, "Rate by age", "points as seen; curve with two standard errors")
        ax.set_xlabel("age")
        return ax


def smooth_ages(
    rates: npt.ArrayLike,
    exposure: npt.ArrayLike,
    *,
    first_age: int = 0,
    strength: float | None = None,
    order: int = 2,
) -> SmoothedCurve:
    """The curve that minimises sum of exposure x (rate - curve)^2 + strength x sum of squared differences.

    The weighted total of the rates is kept, and with order 2 their weighted mean age too. Ages without
    exposure are filled in from their neighbours.

    Parameters
    ----------
    rates : (n_ages,) rates of consecutive ages, such as cost per member-year; ignored without exposure.
    exposure : (n_ages,) member-years, not negative.
    first_age : age of the first rate.
    strength : weight of roughness, more than 0, in units of exposure. Unless stated, the one of greatest
        restricted likelihood, where the curve's differences are taken as normal (Biessy, section 4).
    order : of the differences, 1 to 4; a stronger curve approaches a polynomial of one degree less.

    Returns
    -------
    SmoothedCurve

    Raises
    ------
    InputError
        For rates that are no numbers where there is exposure, fewer ages with exposure than order + 1,
        columns of different lengths, a strength that is not above zero, or a curve that falls below zero
        although no rate does.

    >>> smooth_ages([1.0, 3.0, 2.0, 4.0], [5.0, 5.0, 0.0, 5.0], strength=1e9).smoothed.round(3).tolist()
    [1.429, 2.357, 3.286, 4.214]
    """
    require_whole("order", order, minimum=1, maximum=4, unit="order of differences")
    require_whole("first_age", first_age, minimum=0, maximum=MOST_AGES, unit="age")
    seen, weights = _columns(rates, exposure, order)
    scale = float(weights.sum() / np.count_nonzero(weights))
    if strength is None:
        strength = _best_strength(seen, weights, order, scale)
    else:
        one_number("strength", strength, minimum=1e-18, maximum=1e18, unit="units of exposure")
    fit = _fitted(seen, weights, order, strength)
    _require_no_less_than_nothing(seen, fit.curve, first_age)
    ages = first_age + np.arange(seen.size)
    return SmoothedCurve(
        ages=frozen(ages, np.int64),
        exposure=frozen(weights),
        observed=frozen(np.where(weights > 0.0, seen, np.nan)),
        smoothed=frozen(fit.curve),
        standard_error=frozen(np.sqrt(fit.variance * fit.spread)),
        strength=float(strength),
        order=order,
        degrees_of_freedom=fit.freedom,
    )


def _require_no_less_than_nothing(seen: FloatArray, curve: FloatArray, first_age: int) -> None:
    """A steep rise at ages with little exposure can pull a smooth curve below zero before it."""
    below = np.flatnonzero(curve < -1e-9 * np.abs(seen).max())
    if below.size and seen.min() >= 0.0:
        got = f"a curve below 0 at {below.size} ages, the first {first_age + below[0]}"
        allowed = "0 or more, as all rates are"
        remedy = (
            "Use order=1, which stays within the rates, leave thin ages out, or state a strength."
        )
        raise InputError([Fault("smoothed", got, allowed, remedy, "below_zero")])


def _columns(
    rates: npt.ArrayLike, exposure: npt.ArrayLike, order: int
) -> tuple[FloatArray, FloatArray]:
    weights = numbers("exposure", exposure)
    given = numbers("rates", rates)
    if weights.ndim != 1 or given.shape != weights.shape or weights.size > MOST_AGES:
        got = f"rates of shape {given.shape} and exposure of shape {weights.shape}"
        allowed = f"one rate and one exposure for each of at most {MOST_AGES} ages"
        raise InputError([Fault("rates", got, allowed, code="length")])
    require("exposure", weights, minimum=0.0, maximum=1e15, unit="member-years")
    seen = np.where(weights > 0.0, given, 0.0)
    require("rates", seen, minimum=-1e15, maximum=1e15, unit="rate, where there is exposure")
    known = int(np.count_nonzero(weights))
    if known <= order:
        allowed = f"{order + 1} ages or more for order {order}"
        got = f"{known} ages with exposure"
        raise InputError([Fault("exposure", got, allowed, "Lower the order.", "zero_exposure")])
    return seen, weights


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    curve: FloatArray
    spread: FloatArray  # (n,) variance of the curve where a rate with exposure 1 has variance 1
    freedom: float
    variance: float  # of a rate with exposure 1
    score: float  # -2 x logarithm of the restricted likelihood, but for a constant


def _fitted(seen: FloatArray, weights: FloatArray, order: int, strength: float) -> _Fit:
    """Least squares over the weighted rates and the roughness, by orthogonal factors.

    The factors square the condition number away that (W + strength D'D) would have.
    """
    differences = np.diff(np.eye(seen.size), n=order, axis=0)
    root = np.sqrt(weights)
    stacked = np.concatenate([np.diag(root), np.sqrt(strength) * differences])
    orthogonal, triangle = np.linalg.qr(stacked)
    solved = np.linalg.inv(triangle)
    curve = solved @ (orthogonal[: seen.size].T @ (root * seen))
    spread = (solved**2).sum(axis=1)
    freedom = float((spread * weights).sum())
    known = np.count_nonzero(weights) - order
    misfit = float((weights * (seen - curve) ** 2).sum())
    roughness = strength * float(((differences @ curve) ** 2).sum())
    exact = _ROUNDING * float((weights * seen**2).sum())  # a fit without any error but rounding
    spent = max(misfit + roughness, exact, 1e-300)
    determinant = 2.0 * float(np.log(np.abs(np.diag(triangle))).sum())
    evidence = known * np.log(spent) + determinant - (seen.size - order) * np.log(strength)
    left = max(np.count_nonzero(weights) - freedom, 1e-9)
    return _Fit(curve, spread, freedom, misfit / left, float(evidence))


def _best_strength(seen: FloatArray, weights: FloatArray, order: int, scale: float) -> float:
    """The strength of least score: the best of a grid, refined by golden sections between its neighbours."""

    def score(logarithm: float) -> float:
        return _fitted(seen, weights, order, scale * 10.0**logarithm).score

    scores = [score(float(one)) for one in _LOGARITHMS]
    best = int(np.argmin(scores))
    low, high = (
        float(_LOGARITHMS[max(best - 1, 0)]),
        float(_LOGARITHMS[min(best + 1, len(scores) - 1)]),
    )
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = score(left), score(right)
    for _ in range(_REFINEMENTS):
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = score(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = score(right)
    return float(scale * 10.0 ** ((low + high) / 2.0))

"""Value at risk, tail value at risk and the error of what is read off a finite number of outcomes.

A loss is positive when it hurts. VaR at p is the smallest x with F(x) >= p; TVaR is the mean of the worst
1 - p of outcomes, where an outcome that straddles the boundary counts in part (C. Acerbi, D. Tasche, *On the
coherence of expected shortfall*, Journal of Banking & Finance 26, 2002). For a reserve, where small is bad,
the same is taken of its lower tail.

The functions describe the outcomes given. Used as estimates of what lies behind them they need support: with
``minimum_beyond=10`` a level beyond which fewer than ten outcomes lie is refused. Ten puts the relative
standard error of the tail's frequency near a third; with fewer the quantile is little more than the largest
outcome.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from mutualfund.errors import Fault, InputError, NotEnoughPathsError, one_sample
from mutualfund.types import FloatArray

SUPPORT = 10
"""Outcomes that must lie beyond a quantile before it is given as an estimate."""

Z95 = NormalDist().inv_cdf(0.975)
"""The 0.975 quantile of the standard normal: half-width of a 95 % interval in standard errors."""


def var(losses: npt.ArrayLike, p: float, *, minimum_beyond: int = 0) -> float:
    """Value at risk: the smallest loss x with P(loss <= x) >= p.

    losses: (n,) any order, no NaN. p: fraction, above 0 and below 1. minimum_beyond: outcomes that must
    lie beyond p; 0 for a plain description of the losses, `SUPPORT` for an estimate.

    Raises
    ------
    InputError
        Where p is not such a fraction, or the losses are empty, contain NaN or are a table.
    NotEnoughPathsError
        Where fewer than `minimum_beyond` outcomes lie beyond p.

    >>> var([1, 2, 3, 4], 0.75)
    3.0
    """
    values = _outcomes(losses)
    require_support(values.size, p, minimum_beyond)
    place = _place(values.size, p)
    return float(np.partition(values, place)[place])


def tvar(losses: npt.ArrayLike, p: float, *, minimum_beyond: int = 0) -> float:
    """Tail value at risk: the mean of the worst 1 - p of outcomes, the one at the boundary in part.

    Arguments and refusals as for `var`.

    >>> tvar([1, 2, 3, 4], 0.75), tvar([1, 2, 3, 4], 0.6)
    (4.0, 3.625)
    """
    values = _outcomes(losses)
    threshold = var(values, p, minimum_beyond=minimum_beyond)
    excess = np.maximum(values - threshold, 0.0)
    return threshold + float(excess.mean()) / (1.0 - p)


def lower_var(amounts: npt.ArrayLike, p: float, *, minimum_beyond: int = 0) -> float:
    """The amount kept with probability at least p: VaR of the amount seen as a loss, sign turned back.

    >>> lower_var([10, 20, 30, 40], 0.75)
    20.0
    """
    return -var(-_outcomes(amounts), p, minimum_beyond=minimum_beyond)


def lower_tvar(amounts: npt.ArrayLike, p: float, *, minimum_beyond: int = 0) -> float:
    """The mean of the lowest 1 - p of amounts.

    >>> lower_tvar([10, 20, 30, 40], 0.75)
    10.0
    """
    return -tvar(-_outcomes(amounts), p, minimum_beyond=minimum_beyond)


def require_support(n_outcomes: int, p: float, minimum_beyond: int = SUPPORT) -> None:
    """Refuse a level that is not a fraction, or beyond which too few outcomes lie.

    Raises
    ------
    InputError
        Where p does not lie strictly between 0 and 1.
    NotEnoughPathsError
        Where fewer than `minimum_beyond` of `n_outcomes` lie beyond p on its nearer side.

    >>> require_support(1_000, 0.99)
    """
    if not 0.0 < p < 1.0:
        remedy = f"For {p:g} % write {p / 100.0:g}." if 1.0 <= p < 100.0 else ""
        raise InputError([Fault("p", f"{p:g}", "above 0 and below 1", remedy, code="range")])
    beyond = min(p, 1.0 - p)
    needed = math.ceil(minimum_beyond / beyond - 1e-6)
    if n_outcomes < needed:
        raise NotEnoughPathsError(
            f"a quantile at {p:g} needs at least {needed:,} outcomes, so that {minimum_beyond} lie "
            f"beyond it; there are {n_outcomes:,}. Use more paths or a milder level."
        )


def wilson_interval(
    count: npt.ArrayLike, n_outcomes: int, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Wilson's interval for a probability seen `count` times in `n_outcomes`.

    Unlike the estimate plus and minus two standard errors it stays inside 0 to 1 and says something when
    nothing was seen at all. count: any shape, 0 to n_outcomes. level: of confidence, above 0 and below 1.

    Source: E. B. Wilson, *Probable inference, the law of succession, and statistical inference*, JASA 22
    (1927).

    >>> low, high = wilson_interval(0, 1000)
    >>> float(low), round(float(high), 6)
    (0.0, 0.003827)
    """
    seen = np.asarray(count, dtype=np.float64)
    if n_outcomes < 1 or not np.all((seen >= 0.0) & (seen <= n_outcomes)):
        fault = Fault("count", "a count outside the outcomes", f"0 to {n_outcomes}", code="range")
        raise InputError([fault])
    z = NormalDist().inv_cdf(0.5 + level / 2.0)
    share = seen / n_outcomes
    centre = share + z * z / (2.0 * n_outcomes)
    half = z * np.sqrt(share * (1.0 - share) / n_outcomes + (z / (2.0 * n_outcomes)) ** 2)
    scale = 1.0 + z * z / n_outcomes
    low = np.where(seen == 0.0, 0.0, np.maximum((centre - half) / scale, 0.0))
    high = np.where(seen == n_outcomes, 1.0, np.minimum((centre + half) / scale, 1.0))
    return low, high


def probability_error(count: npt.ArrayLike, n_outcomes: int) -> FloatArray:
    """Standard error of a probability seen `count` times in `n_outcomes`: that of Wilson's interval.

    It is never zero: an event that was not seen is not shown to be impossible.

    >>> round(float(probability_error(50, 1000)), 5)
    0.00693
    """
    low, high = wilson_interval(count, n_outcomes)
    return (high - low) / (2.0 * Z95)


def mean_error(values: npt.ArrayLike) -> float:
    """Standard error of the mean of `values` (n,); NaN for fewer than two.

    >>> mean_error([1.0, 2.0, 3.0, 4.0]).__round__(6)
    0.645497
    """
    outcomes = _outcomes(values)
    return sd(outcomes) / math.sqrt(outcomes.size)


def ratio_with_error(above: npt.ArrayLike, below: npt.ArrayLike) -> tuple[float, float]:
    """Mean of `above` over mean of `below`, both (n,), and its standard error by the delta method.

    NaN, both, where the mean of `below` is zero; the error also for fewer than two outcomes.

    >>> ratio_with_error([1.0, 3.0], [4.0, 4.0])
    (0.5, 0.25)
    """
    top, bottom = _outcomes(above), _outcomes(below)
    if bottom.sum() == 0.0:
        return math.nan, math.nan
    ratio = float(top.sum() / bottom.sum())
    return ratio, mean_error((top - ratio * bottom) / bottom.mean())


def sd(values: npt.ArrayLike) -> float:
    """Standard deviation (divisor n - 1) of `values` (n,); NaN for fewer than two.

    >>> sd([1.0, 2.0, 3.0, 4.0, 5.0]).__round__(4)
    1.5811
    """
    outcomes = _outcomes(values)
    return float(outcomes.std(ddof=1)) if outcomes.size > 1 else math.nan


def sd_error(values: npt.ArrayLike) -> float:
    """Standard error of the standard deviation (divisor n - 1) of `values` (n,), by their fourth moment.

    NaN for fewer than two values or where they do not vary.

    >>> sd_error([1.0, 2.0, 3.0, 4.0, 5.0]).__round__(4)
    0.2366
    """
    outcomes = _outcomes(values)
    if outcomes.size < 2 or outcomes.min() == outcomes.max():
        return math.nan
    squares = (outcomes - outcomes.mean()) ** 2
    return float(squares.std()) / (2.0 * sd(outcomes) * math.sqrt(outcomes.size))


def var_error(losses: npt.ArrayLike, p: float) -> float:
    """Standard error of `var`, read off the outcomes one binomial standard error either side of it.

    No density has to be estimated, and a coarse tail shows itself as a wide error.

    >>> var_error(range(10_000), 0.9)
    30.0
    """
    values = np.sort(_outcomes(losses))
    require_support(values.size, p, 0)
    steps = math.sqrt(values.size * p * (1.0 - p))
    centre = _place(values.size, p)
    low = values[max(math.floor(centre - steps + 1e-9), 0)]
    high = values[min(math.ceil(centre + steps - 1e-9), values.size - 1)]
    return float(high - low) / 2.0


def tvar_error(losses: npt.ArrayLike, p: float) -> float:
    """Standard error of `tvar`: that of the mean excess over VaR, divided by 1 - p; NaN for fewer than two.

    Source: the influence function of expected shortfall, e.g. S. X. Chen, *Nonparametric estimation of
    expected shortfall*, Journal of Financial Econometrics 6, 2008.

    >>> tvar_error(range(1000), 0.5).__round__(3)
    10.224
    """
    values = _outcomes(losses)
    excess = np.maximum(values - var(values, p), 0.0)
    return mean_error(excess) / (1.0 - p)


def _outcomes(values: npt.ArrayLike) -> FloatArray:
    outcomes = one_sample("outcomes", values)
    if outcomes.size == 0 or np.isnan(outcomes).any():
        fault = Fault("outcomes", "none, or NaN among them", "at least one number", code="outcomes")
        raise InputError([fault])
    return outcomes


def _place(n_outcomes: int, p: float) -> int:
    """Index in rising order of the smallest outcome whose share reaches p.

    k/n is compared with p as both are written: n times 0.07 may round above 7, 7/100 is never above 0.07.
    """
    rank = max(math.ceil(n_outcomes * p), 1)
    while rank > 1 and (rank - 1) / n_outcomes >= p:
        rank -= 1
    while rank / n_outcomes < p:
        rank += 1
    return rank - 1

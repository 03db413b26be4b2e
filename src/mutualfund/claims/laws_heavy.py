"""Laws with heavy or awkward tails: generalised Pareto (Lomax and Pareto inside it), Burr, inverse Gaussian.

Their second moment may not exist; `variance` is then infinite while every *limited* moment stays finite.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from mutualfund.claims.laws import amounts, log_amounts, neg_log, neg_log1m, times
from mutualfund.types import FloatArray

_EXPONENTIAL = 1e-15
"""A generalised Pareto of smaller shape is the exponential to the last digit."""

_NEARLY_EXPONENTIAL = 0.25
"""Below this shape the generalised Pareto's second moment exists and its formula loses no digits."""


@dataclass(frozen=True, slots=True)
class GeneralisedParetoLaw:
    """S(x) = (1 + xi (x - loc)/beta)^(-1/xi) for x > loc; xi = 0 is the exponential.

    Lomax(alpha, theta) is xi = 1/alpha, beta = theta/alpha; the single-parameter Pareto above `loc` is the
    same with theta = loc.
    """

    xi: float
    beta: float
    loc: float = 0.0

    @property
    def mean(self) -> float:
        return self.loc + self.beta / (1.0 - self.xi) if self.xi < 1.0 else math.inf

    @property
    def variance(self) -> float:
        if self.xi >= 0.5:
            return math.inf
        return self.beta**2 / ((1.0 - self.xi) ** 2 * (1.0 - 2.0 * self.xi))

    def _excess(self, x: npt.ArrayLike) -> FloatArray:
        """Amount above `loc`, ending at the law's finite end where it has one (xi < 0)."""
        end = -self.beta / self.xi if self.xi <= -_EXPONENTIAL else math.inf
        return np.clip(np.asarray(x, dtype=np.float64) - self.loc, 0.0, end)

    def _scale_beyond(self, excess: FloatArray) -> FloatArray:
        """Scale of what lies beyond `excess`: again generalised Pareto with the same shape."""
        return self.beta + (
            self.xi * excess if abs(self.xi) >= _EXPONENTIAL else np.zeros_like(excess)
        )

    def _hazard(self, excess: FloatArray) -> FloatArray:
        """-log S at `excess` above `loc`."""
        if abs(self.xi) < _EXPONENTIAL:
            return excess / self.beta
        with np.errstate(divide="ignore"):
            return np.log1p(np.maximum(self.xi * excess / self.beta, -1.0)) / self.xi

    def _from_hazard(self, hazard: FloatArray) -> FloatArray:
        if abs(self.xi) < _EXPONENTIAL:
            return self.loc + self.beta * hazard
        return self.loc + self.beta * np.expm1(self.xi * hazard) / self.xi

    def sf(self, x: npt.ArrayLike) -> FloatArray:
        return np.exp(-self._hazard(self._excess(x)))

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        return -np.expm1(-self._hazard(self._excess(x)))

    def logsf(self, x: npt.ArrayLike) -> FloatArray:
        return -self._hazard(self._excess(x))

    def logpdf(self, x: npt.ArrayLike) -> FloatArray:
        amount, excess = np.asarray(x, dtype=np.float64), self._excess(x)
        with np.errstate(invalid="ignore"):
            logs = -(1.0 + self.xi) * self._hazard(excess) - math.log(self.beta)
            return np.where(amount - self.loc == excess, logs, -np.inf)

    def quantile(self, p: npt.ArrayLike) -> FloatArray:
        return self._from_hazard(neg_log1m(p))

    def isf(self, q: npt.ArrayLike) -> FloatArray:
        return self._from_hazard(neg_log(q))

    def stop_loss(self, d: npt.ArrayLike) -> FloatArray:
        excess = self._excess(d)
        at_excess = times(self._scale_beyond(excess) / (1.0 - self.xi), self.sf(d))
        return at_excess + np.maximum(self.loc - np.asarray(d, dtype=np.float64), 0.0)

    def limited_mean(self, d: npt.ArrayLike) -> FloatArray:
        below_loc = np.minimum(np.asarray(d, dtype=np.float64), self.loc)
        return below_loc + self._limited_excess(self._excess(d))

    def _limited_excess(self, excess: FloatArray) -> FloatArray:
        """E[min(X - loc, excess)], also exact where it is small against the mean."""
        return -(self.beta / (1.0 - self.xi)) * np.expm1(-(1.0 - self.xi) * self._hazard(excess))

    def second_limited_moment(self, d: npt.ArrayLike) -> FloatArray:
        excess = self._excess(d)
        below_loc = np.minimum(np.asarray(d, dtype=np.float64), self.loc)
        cross = 2.0 * self.loc * self._limited_excess(excess)
        return below_loc**2 + cross + self._second_limited_excess(excess)

    def _second_limited_excess(self, excess: FloatArray) -> FloatArray:
        """E[min(X - loc, excess)^2] = 2 x integral of x S(x)."""
        hazard = self._hazard(excess)
        if self.xi < _NEARLY_EXPONENTIAL:
            one, two = 1.0 - self.xi, 1.0 - 2.0 * self.xi
            integral = -(self.beta**2) * np.expm1(-two * hazard) / (one * two)
            ends = times(excess * self._scale_beyond(excess), np.exp(-hazard)) / one
            return 2.0 * (integral - ends)
        theta = self.beta / self.xi
        two_minus = _powers(2.0 * self.xi - 1.0, hazard)
        one_minus = _powers(self.xi - 1.0, hazard)
        return 2.0 * theta**2 * self.xi * (two_minus - one_minus)

    def scaled(self, factor: float) -> Self:
        return replace(self, beta=self.beta * factor, loc=self.loc * factor)


def _powers(rate: float, hazard: FloatArray) -> FloatArray:
    """(exp(rate x hazard) - 1) / rate, which is the hazard itself at rate zero."""
    return hazard if rate == 0.0 else np.expm1(rate * hazard) / rate


@dataclass(frozen=True, slots=True)
class BurrLaw:
    """Burr XII: S(x) = (1 + (x/theta)^gamma)^(-alpha)."""

    alpha: float
    theta: float
    gamma: float

    def _moment(self, order: int) -> float:
        left = self.alpha - order / self.gamma
        if left <= 0.0:
            return math.inf
        logs = math.lgamma(1.0 + order / self.gamma) + math.lgamma(left) - math.lgamma(self.alpha)
        return self.theta**order * math.exp(logs)

    @property
    def mean(self) -> float:
        return self._moment(1)

    @property
    def variance(self) -> float:
        second = self._moment(2)
        return second - self.mean**2 if math.isfinite(second) else math.inf

    def _ratio(self, x: npt.ArrayLike) -> FloatArray:
        return (amounts(x) / self.theta) ** self.gamma

    def sf(self, x: npt.ArrayLike) -> FloatArray:
        return np.exp(-self.alpha * np.log1p(self._ratio(x)))

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        return -np.expm1(-self.alpha * np.log1p(self._ratio(x)))

    def logsf(self, x: npt.ArrayLike) -> FloatArray:
        return -self.alpha * np.log1p(self._ratio(x))

    def logpdf(self, x: npt.ArrayLike) -> FloatArray:
        logs = log_amounts(x) - math.log(self.theta)
        known = math.log(self.alpha * self.gamma / self.theta)
        lasting = np.logaddexp(0.0, self.gamma * logs)
        return known + (self.gamma - 1.0) * logs - (self.alpha + 1.0) * lasting

    def _from_hazard(self, hazard: FloatArray) -> FloatArray:
        return self.theta * np.maximum(np.expm1(hazard / self.alpha), 0.0) ** (1.0 / self.gamma)

    def quantile(self, p: npt.ArrayLike) -> FloatArray:
        return self._from_hazard(neg_log1m(p))

    def isf(self, q: npt.ArrayLike) -> FloatArray:
        return self._from_hazard(neg_log(q))

    def limited_mean(self, d: npt.ArrayLike) -> FloatArray:
        return self._below(d, 1) + times(amounts(d), self.sf(d))

    def second_limited_moment(self, d: npt.ArrayLike) -> FloatArray:
        return self._below(d, 2) + times(amounts(d) ** 2, self.sf(d))

    def _below(self, d: npt.ArrayLike, order: int) -> FloatArray:
        """E[X^order; X <= d], finite also where the whole moment is not."""
        from scipy import special

        first, left = 1.0 + order / self.gamma, self.alpha - order / self.gamma
        ratio = self._ratio(d)
        with np.errstate(invalid="ignore"):
            share = np.where(np.isinf(ratio), 1.0, ratio / (1.0 + ratio))
        if left > 0.0:
            return self._moment(order) * special.betainc(first, left, share)
        # The incomplete beta function with a non-positive second argument, as a Gauss series.
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            series = special.hyp2f1(first + left, 1.0, first + 1.0, share) / first
            tail = np.exp(first * np.log(share) - left * np.log1p(ratio))
        below = self.alpha * self.theta**order * tail * series
        return np.where(ratio == 0.0, 0.0, np.where(np.isinf(ratio), np.inf, below))

    def stop_loss(self, d: npt.ArrayLike) -> FloatArray:
        from scipy import special

        left = self.alpha - 1.0 / self.gamma
        above = self.mean * special.betainc(
            left, 1.0 + 1.0 / self.gamma, 1.0 / (1.0 + self._ratio(d))
        )
        return above - times(amounts(d), self.sf(d))

    def scaled(self, factor: float) -> Self:
        return replace(self, theta=self.theta * factor)


@dataclass(frozen=True, slots=True)
class InverseGaussianLaw:
    """Mean mu, shape lambda: variance mu^3 / lambda."""

    mu: float
    shape: float

    @property
    def mean(self) -> float:
        return self.mu

    @property
    def variance(self) -> float:
        return self.mu**3 / self.shape

    def _scores(self, x: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """(near, far) with S(x) = Phi(-near) - exp(2 lambda/mu) Phi(-far)."""
        amount = np.asarray(x, dtype=np.float64)
        root = np.sqrt(self.shape / amount)
        return root * (amount / self.mu - 1.0), root * (amount / self.mu + 1.0)

    def _parts(self, x: npt.ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Phi(near), Phi(-near) and exp(2 lambda/mu) Phi(-far), the last without overflow."""
        from scipy import special

        near, far = self._scores(x)
        image = np.exp(-(near**2) / 2.0) * special.erfcx(far / math.sqrt(2.0)) / 2.0
        return special.ndtr(near), special.ndtr(-near), image

    def _inside(
        self,
        x: npt.ArrayLike,
        at_zero: float,
        at_end: float,
        value: Callable[[FloatArray], FloatArray],
    ) -> FloatArray:
        """`value` for amounts strictly between zero and infinity, the two limits elsewhere."""
        amount = np.asarray(x, dtype=np.float64)
        inner = (amount > 0.0) & (amount < math.inf)
        return np.where(
            amount <= 0.0, at_zero, np.where(inner, value(np.where(inner, amount, 1.0)), at_end)
        )

    def sf(self, x: npt.ArrayLike) -> FloatArray:
        return self._inside(x, 1.0, 0.0, self._sf_inside)

    def _sf_inside(self, x: FloatArray) -> FloatArray:
        from scipy import special

        near, far = self._scores(x)
        _, upper, image = self._parts(x)
        ahead = np.maximum(near, 0.0)
        # Above the mean both terms are tiny and alike: take their scaled forms apart first.
        scaled = special.erfcx(ahead / math.sqrt(2.0)) - special.erfcx(far / math.sqrt(2.0))
        return np.where(near > 0.0, np.exp(-(ahead**2) / 2.0) * scaled / 2.0, upper - image)

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        return self._inside(x, 0.0, 1.0, self._cdf_inside)

    def _cdf_inside(self, x: FloatArray) -> FloatArray:
        lower, _, image = self._parts(x)
        return lower + image

    def logsf(self, x: npt.ArrayLike) -> FloatArray:
        return -neg_log(self.sf(x))

    def logpdf(self, x: npt.ArrayLike) -> FloatArray:
        near, _ = self._scores(x)
        return (math.log(self.shape / (2.0 * math.pi)) - 3.0 * log_amounts(x) - near**2) / 2.0

    def _density(self, x: FloatArray) -> FloatArray:
        near, _ = self._scores(x)
        return np.sqrt(self.shape / (2.0 * math.pi * x**3)) * np.exp(-(near**2) / 2.0)

    def quantile(self, p: npt.ArrayLike) -> FloatArray:
        chance = np.asarray(p, dtype=np.float64)
        lower = self._invert(np.minimum(chance, 0.5), self._cdf_inside, rising=True)
        upper = self._invert(1.0 - np.maximum(chance, 0.5), self._sf_inside, rising=False)
        return np.where(chance <= 0.5, lower, upper)

    def isf(self, q: npt.ArrayLike) -> FloatArray:
        chance = np.asarray(q, dtype=np.float64)
        upper = self._invert(np.minimum(chance, 0.5), self._sf_inside, rising=False)
        lower = self._invert(1.0 - np.maximum(chance, 0.5), self._cdf_inside, rising=True)
        return np.where(chance <= 0.5, upper, lower)

    def _invert(
        self, chance: FloatArray, tail: Callable[[FloatArray], FloatArray], *, rising: bool
    ) -> FloatArray:
        """Amounts at which `tail` equals `chance`: Newton on logs, kept inside a bisected bracket."""
        if chance.size == 0:
            return chance.copy()
        inner = chance > 0.0
        target = np.log(np.where(inner, chance, 0.5))
        low, high = np.full(chance.shape, -690.0), np.full(chance.shape, 690.0)
        sign = 1.0 if rising else -1.0
        point = np.full(chance.shape, math.log(self.mu))
        for _ in range(200):
            amount = np.exp(point)
            with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
                level = tail(amount)
                gap = np.log(level) - target
                step = gap * level / (sign * amount * self._density(amount))
            over = sign * gap > 0.0
            low, high = np.where(over, low, point), np.where(over, point, high)
            aimed = point - step
            inside = np.isfinite(aimed) & (aimed >= low) & (aimed <= high)
            moved = np.where(inside, aimed, (low + high) / 2.0)
            done = np.abs(moved - point) <= 4e-16 * np.maximum(1.0, np.abs(moved))
            point = moved
            if np.all(done):
                break
        return np.where(inner, np.exp(point), 0.0 if rising else math.inf)

    def limited_mean(self, d: npt.ArrayLike) -> FloatArray:
        return self._inside(d, 0.0, self.mean, self._limited_inside)

    def _limited_inside(self, d: FloatArray) -> FloatArray:
        lower, _, image = self._parts(d)
        return self.mu * (lower - image) + d * self._sf_inside(d)

    def second_limited_moment(self, d: npt.ArrayLike) -> FloatArray:
        return self._inside(d, 0.0, self.variance + self.mean**2, self._second_inside)

    def _second_inside(self, d: FloatArray) -> FloatArray:
        lower, _, image = self._parts(d)
        first = self.mu * (lower - image)
        density = d**2 * self._density(d)
        below = self.mu**2 * ((first - 2.0 * density) / self.shape + lower + image)
        return below + d**2 * self._sf_inside(d)

    def stop_loss(self, d: npt.ArrayLike) -> FloatArray:
        amount = np.asarray(d, dtype=np.float64)
        above = self._inside(d, self.mean, 0.0, self._stop_loss_inside)
        return above + np.maximum(-amount, 0.0)

    def _stop_loss_inside(self, d: FloatArray) -> FloatArray:
        _, upper, image = self._parts(d)
        return self.mu * (upper + image) - d * self._sf_inside(d)

    def scaled(self, factor: float) -> Self:
        return replace(self, mu=self.mu * factor, shape=self.shape * factor)

"""Whole minor units that add up to a total and keep a greatest ratio, which rounding alone may break.

Where the dearest price is exactly the greatest allowed, a cheap member rounded down or a dear one rounded up
is beyond it. So a least price is sought, between the units, such that everybody owes at least that and
nobody more than the ratio times it, and the total lies between what both bounds bring in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mutualfund.errors import Fault, InputError
from mutualfund.premiums.cents import shared_out
from mutualfund.types import BoolArray, FloatArray, IntArray, frozen

HALVINGS = 100
ROUNDING = 1e-9  # of a unit: products of the same factors
MOST_APART = 2.0**20  # units from a member's share, beyond which no ratio is worth it


def shared_out_in_ratio(
    shares: FloatArray, total: int, times: FloatArray, ratio: float
) -> IntArray:
    """Whole numbers that add up to `total`, near their shares, no price above `ratio` times another.

    Parameters
    ----------
    shares : (n,) not negative, adding up to `total` but for rounding, and within the ratio.
    total : what the result adds up to.
    times : (n,) how many times a member owes the price that counts for the ratio; 0 where none does.
    ratio : 1 or more.

    Returns
    -------
    (n,) whole numbers: each within one of its share, or within as few more as the ratio asks.

    Raises
    ------
    InputError
        Where no whole numbers with both the total and the ratio are found.

    >>> shared_out_in_ratio(np.array([1.25, 1.25, 1.25, 3.75, 3.75, 3.75]), 15, np.ones(6), 3.0).tolist()
    [2, 2, 2, 3, 3, 3]
    """
    simple = shared_out(shares, total)
    times = np.where(shares > 0.0, times, 0.0)  # nobody is charged who owes nothing
    if _keeps(simple, times, ratio):
        return simple
    pairs, kind, members = np.unique(shares + 1j * times, return_inverse=True, return_counts=True)
    kinds = _Kinds(pairs.real, pairs.imag, members.astype(np.float64), total, ratio)
    apart = 1.0
    while apart <= min(2.0 * ratio * total + 2.0, MOST_APART):
        bounds = _Bounds(kinds, apart)
        price = bounds.price()
        if price is not None:
            lower, upper = (bound[kind.ravel()] for bound in bounds.at(price))
            return _filled(shares, lower, upper, total)
        apart *= 2.0
    raise InputError([_not_found(kinds)])


def _keeps(units: IntArray, times: FloatArray, ratio: float) -> bool:
    price = units[times > 0.0] / times[times > 0.0]
    if not price.size:
        return True
    return bool(price.max() <= ratio * price.min() * (1.0 + 1e-12))


@dataclass(frozen=True, eq=False)
class _Kinds:
    """Members of the same share and times, (n_kinds,) each, and what is asked of them together."""

    shares: FloatArray
    times: FloatArray
    members: FloatArray
    total: int
    ratio: float

    @cached_property
    def counted(self) -> BoolArray:
        """(n_kinds,) whether the ratio holds for them."""
        return np.asarray(self.times > 0.0)


@dataclass(frozen=True, eq=False)
class _Bounds:
    """What members may owe: near their share, and from a least price to the ratio times it."""

    kinds: _Kinds
    apart: float

    def at(self, price: float) -> tuple[FloatArray, FloatArray]:
        """(n_kinds,) twice: the least and the most where no price is below `price`."""
        return self._lower(price), self._upper(price)

    def _lower(self, price: float) -> FloatArray:
        nearest = np.maximum(np.ceil(self.kinds.shares - self.apart), 0.0)
        least = np.ceil(price * self.kinds.times - ROUNDING)
        return np.where(self.kinds.counted, np.maximum(nearest, least), nearest)

    def _upper(self, price: float) -> FloatArray:
        shares = self.kinds.shares
        nearest = np.where(shares > 0.0, np.floor(shares + self.apart), 0.0)
        most = np.floor(self.kinds.ratio * (price * self.kinds.times) + ROUNDING)
        return np.where(self.kinds.counted, np.minimum(nearest, most), nearest)

    def price(self) -> float | None:
        """A least price at which the total can be reached, near the one of the shares; None where none."""
        kinds, counted = self.kinds, self.kinds.counted
        own = float((kinds.shares[counted] / kinds.times[counted]).min())
        top = own + float((self.apart + 1.0) / kinds.times[counted].min())

        def enough(price: float) -> bool:
            return float(kinds.members @ self._upper(price)) >= kinds.total

        def too_much(price: float) -> bool:
            return float(kinds.members @ self._lower(price)) > kinds.total

        low, high = _first(enough, 0.0, top)[1], _first(too_much, 0.0, top)[0]
        tried = (min(max(own, low), high), np.floor(own), np.ceil(own), low, high)
        fits = [price for price in tried if low <= price <= high and self._is_whole(price)]
        return fits[0] if fits else None

    def _is_whole(self, price: float) -> bool:
        """Whether every member has a whole number between the bounds."""
        lower, upper = self.at(price)
        return bool((lower <= upper).all())


def _first(true: Callable[[float], bool], low: float, high: float) -> tuple[float, float]:
    """The last number where a rising condition is false, and the first where it is true."""
    if true(low):
        return low, low
    if not true(high):
        return high, high * (1.0 + 1e-9)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if true(middle) else (middle, high)
    return low, high


def _filled(shares: FloatArray, lower: FloatArray, upper: FloatArray, total: int) -> IntArray:
    """Rounded down within the bounds, and then one unit after the other to those cut the most."""
    units = np.clip(np.floor(shares), lower, upper)
    missing = total - int(units.sum())
    while missing:
        step = 1 if missing > 0 else -1
        room = np.flatnonzero(units < upper if step > 0 else units > lower)
        first = room[np.argsort(step * (units - shares)[room], kind="stable")][: abs(missing)]
        units[first] += step
        missing -= step * first.size
    return frozen(units, np.int64)


def _not_found(kinds: _Kinds) -> Fault:
    members = int(kinds.members[kinds.counted].sum())
    allowed = (
        f"a total that {members:,} members can owe in whole units, the dearest of them no more than "
        f"maximum_ratio, {kinds.ratio:g}, times the cheapest"
    )
    remedy = "Raise maximum_ratio a little, or ask for another total."
    return Fault("required_total", f"{kinds.total:,} minor units", allowed, remedy, "ratio")

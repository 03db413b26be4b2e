"""From amounts to money that can be paid: whole minor units that add up to the total, to the last one.

Amounts that sum to nothing rarely do so once each is rounded by itself. The largest-remainder method
(Hamilton; Balinski and Young, *Fair Representation*, 1982, chapter 2) rounds every amount down and hands
the units that are then missing, one each, to those that lost most by it. Equal losses between funds are
settled by the fund's name, so the order in which funds are listed decides nothing; between members by their
order, which no file decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from mutualfund.errors import require, require_whole
from mutualfund.types import FloatArray, IntArray, frozen

LARGEST = 2.0**52
"""Minor units below which a float tells every cent from the next."""

MOST_MINOR = 1_000_000


def require_minor(minor: int) -> None:
    """Refuse what cannot be the minor units of a currency unit."""
    require_whole("minor", minor, minimum=1, maximum=MOST_MINOR, unit="minor units of a unit")


def settled(
    field: str, amounts: FloatArray, names: Sequence[str], *, minor: int, total: int
) -> IntArray:
    """Whole minor units nearest to `amounts` that add up to `total` exactly.

    Parameters
    ----------
    field : what an error calls the amounts.
    amounts : (n_funds,) fund currency, of either sign, adding up to about `total`.
    names : (n_funds,) names of the funds, which settle equal remainders.
    minor : minor units per currency unit.
    total : minor units that the result adds up to.

    Returns
    -------
    (n_funds,) minor units; each within one of its own amount where the amounts add up to the total.

    Raises
    ------
    InputError
        For an amount that is too large to have cents, or not a number.

    >>> import numpy as np
    >>> settled("net", np.array([0.014, 0.014, -0.028]), ["A", "B", "C"], minor=100, total=0).tolist()
    [2, 1, -3]
    """
    exact = _in_units(field, amounts, minor)
    whole = np.floor(exact)
    return _handed_out(whole.astype(np.int64), _first(exact - whole, names), total)


def rounded(field: str, amounts: FloatArray, *, minor: int) -> IntArray:
    """Each amount by itself in whole minor units, half up: where nothing has to add up.

    >>> import numpy as np
    >>> rounded("net", np.array([0.125, -0.125]), minor=100).tolist()
    [13, -12]
    """
    return frozen(np.floor(_in_units(field, amounts, minor) + 0.5), np.int64)


def _in_units(field: str, amounts: FloatArray, minor: int) -> FloatArray:
    require_minor(minor)
    most = LARGEST / minor
    require(field, amounts, minimum=-most, maximum=most, unit="fund currency")
    return amounts * minor


def prorated(weights: IntArray, names: Sequence[str], *, total: int) -> IntArray:
    """`total` minor units shared out in proportion to `weights`, by exact arithmetic.

    weights: (n,) whole numbers, not negative. Returns (n,) minor units; zeros where all weights are zero.

    >>> import numpy as np
    >>> prorated(np.array([200, 100, 0]), ["A", "B", "C"], total=100).tolist()
    [67, 33, 0]
    """
    whole = sum(int(weight) for weight in weights)
    if whole == 0:
        return frozen([0] * len(names), np.int64)
    exact = [Fraction(int(weight) * total, whole) for weight in weights]
    units = np.array([int(share // 1) for share in exact], np.int64)
    return _handed_out(units, _first([share % 1 for share in exact], names), total)


def shared_out(shares: FloatArray, total: int) -> IntArray:
    """Whole numbers that add up to `total`, each within one of its share; among equals the first.

    shares: (n,) not negative, adding up to `total` but for rounding.

    >>> import numpy as np
    >>> shared_out(np.array([1.25, 3.5, 0.25]), 5).tolist()
    [1, 4, 0]
    """
    whole = np.floor(shares)
    first = np.argsort(whole - shares, kind="stable")
    return _handed_out(whole.astype(np.int64), first, total)


def _first(lost: Sequence[float | Fraction] | FloatArray, names: Sequence[str]) -> list[int]:
    """Places by what each lost, the most first."""
    return sorted(range(len(names)), key=lambda place: (-lost[place], names[place]))


def _handed_out(units: IntArray, first: Sequence[int] | IntArray, total: int) -> IntArray:
    """Add what is missing from `total`: the same to each, and one more to the first of `first`."""
    each, more = divmod(total - int(units.sum()), units.size)
    out = units + each
    out[first[:more]] += 1
    return frozen(out, np.int64)

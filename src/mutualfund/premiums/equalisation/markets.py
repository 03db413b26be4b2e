"""Several markets at once: each is settled by itself, and a fund that is in several has the sum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce

from mutualfund.assumptions.model import FrozenTable
from mutualfund.errors import Fault, InputError, listed
from mutualfund.premiums.equalisation.transfers import Transfers


def market_names(market: Sequence[str] | None, n: int) -> tuple[str, ...] | None:
    """(n,) names of the markets by row, or nothing where all rows are one market.

    Raises
    ------
    InputError
        Where there is not one name per row.

    >>> market_names(["NY", "VT"], 2)
    ('NY', 'VT')
    """
    if market is None:
        return None
    names = listed("market", market, "names, one per row", of=str)
    if len(names) != n:
        got = f"{len(names)} names"
        raise InputError([Fault("market", got, f"{n} names, one per row", code="length")])
    return names


def each_market(
    market: Sequence[str] | None, n: int, settle: Callable[[list[int]], Transfers]
) -> Transfers:
    """Settle the rows of each market, from the first named on, and add the transfers up.

    Parameters
    ----------
    market : (n,) names by row, or nothing where all rows are one market.
    n : rows.
    settle : gives the transfers of the rows at these places.

    Returns
    -------
    Transfers that sum to zero within each market where each one's do; with markets named, the rates have the
    market after their name, as in ``average_premium.NY``.

    Raises
    ------
    InputError
        Where there is not one name per row.
    """
    names = market_names(market, n)
    if names is None:
        return settle(list(range(n)))
    apart = {
        name: settle([row for row in range(n) if names[row] == name])
        for name in dict.fromkeys(names)
    }
    whole = reduce(Transfers.plus, apart.values())
    rates = {
        f"{rate}.{name}": value for name, one in apart.items() for rate, value in one.rates.items()
    }
    return replace(whole, rates=FrozenTable(rates))

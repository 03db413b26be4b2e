"""Prices brought within a greatest ratio at the same income: where the floor has to lie."""

from __future__ import annotations

import numpy as np

from mutualfund.errors import Fault, InputError, one_number
from mutualfund.types import FloatArray

ROUNDING = 1e-13  # of the income: a sum of some products


def compressed_prices(prices: FloatArray, members: FloatArray, maximum_ratio: float) -> FloatArray:
    """Prices between a floor and `maximum_ratio` times it that bring in what `prices` do.

    What they bring in grows with the floor along straight lines that bend where a price meets the floor or
    the ceiling; the lowest floor that brings in enough is read off exactly between two bends.

    Parameters
    ----------
    prices : (n_bands,) monthly price of a member.
    members : (n_bands,) members who pay it, each as many times as they pay it.
    maximum_ratio : 1 or more.

    Raises
    ------
    InputError
        Where the ratio is below 1, or nobody pays any of these prices.

    >>> compressed_prices(np.array([20.0, 100.0]), np.array([3.0, 1.0]), 2.0).tolist()
    [32.0, 64.0]
    """
    one_number(
        "maximum_ratio", maximum_ratio, minimum=1.0, maximum=1000.0, unit="times the cheapest"
    )
    owed = float((prices * members).sum())
    if not owed > 0.0:
        allowed = "members who pay in the bands that count for the ratio"
        raise InputError([Fault("portfolio", "nobody", allowed, code="empty")])
    if prices.max() <= maximum_ratio * prices.min():
        return prices.copy()  # a band without members could stand anywhere, and stays where it is
    bends = np.unique(np.concatenate([[0.0], prices, prices / maximum_ratio]))
    brought_in = np.clip(prices, bends[:, None], maximum_ratio * bends[:, None]) @ members
    # 0 brings in nothing: never the first
    enough = int(np.argmax(brought_in >= owed * (1.0 - ROUNDING)))
    around = slice(enough - 1, enough + 1)
    floor = float(np.interp(owed, brought_in[around], bends[around]))
    return np.clip(prices, floor, maximum_ratio * floor)

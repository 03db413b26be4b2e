"""The reserving formulas, each in one place: over the last axis, for one triangle or many paths at once."""

from __future__ import annotations

import numpy as np

from mutualfund.types import BoolArray, FloatArray


def ratio_or(after: FloatArray, before: FloatArray, otherwise: FloatArray | float) -> FloatArray:
    """`after` over `before`, and `otherwise` where `before` is not above zero.

    >>> ratio_or(np.array([3.0, 1.0]), np.array([2.0, 0.0]), 1.0).tolist()
    [1.5, 1.0]
    """
    there = before > 0.0
    return np.asarray(np.where(there, after / np.where(there, before, 1.0), otherwise))


def growth_to_end(link_ratios: FloatArray, tail: FloatArray | float = 1.0) -> FloatArray:
    """What an amount at each age grows to in the end, as a multiple.

    link_ratios: (..., n_ages - 1) growth from each age to the next. Returns (..., n_ages).

    >>> growth_to_end(np.array([2.0, 1.5]), 1.1).round(9).tolist()
    [3.3, 1.65, 1.1]
    """
    last = np.ones((*link_ratios.shape[:-1], 1)) * np.asarray(tail)[..., None]
    steps = np.concatenate([link_ratios, last], axis=-1)
    return np.asarray(np.cumprod(steps[..., ::-1], axis=-1)[..., ::-1])


def cape_cod_ratio(latest: FloatArray, exposure: FloatArray, share: FloatArray) -> FloatArray:
    """Amounts to date over the exposure that they stand for, (...); 0 where there is none.

    latest, exposure, share: (..., n_origins); share is the part of the ultimate known by now.
    Source: Stanard, *A simulation test of prediction errors of loss reserve estimation techniques*,
    PCAS 72 (1985); Buehlmann's "Cape Cod".
    """
    return ratio_or(latest.sum(axis=-1), (exposure * share).sum(axis=-1), 0.0)


def still_to_come(
    prior: FloatArray, latest: FloatArray, share: FloatArray, iterations: int = 1
) -> FloatArray:
    """What is not known yet, by a prior ultimate; all arrays (..., n_origins).

    One iteration is Bornhuetter and Ferguson's estimate (*The actuary and IBNR*, PCAS 59, 1972). The next one
    takes the ultimate so found as its prior; two are Benktander's (*An approach to credibility in calculating
    IBNR*, The Actuarial Review, April 1976), and with many it goes over into the chain ladder.

    >>> still_to_come(np.array([100.0]), np.array([60.0]), np.array([0.5]), 2).tolist()
    [55.0]
    """
    outstanding = (1.0 - share) * prior
    for _ in range(1, iterations):
        outstanding = (1.0 - share) * (latest + outstanding)
    return np.asarray(outstanding)


def trailing_pmpm(
    ultimate: FloatArray, member_months: FloatArray, usable: BoolArray, months: int
) -> tuple[FloatArray, BoolArray]:
    """Cost per member-month of the last `months` usable months; arrays (..., n_months).

    Returns
    -------
    (...) cost per member-month, 0 where no month is usable; and (..., n_months) which months it was taken of.
    """
    newest_first = usable[..., ::-1].cumsum(axis=-1)[..., ::-1]
    within = usable & (newest_first <= months)
    exposed = np.where(within, member_months, 0.0).sum(axis=-1)
    cost = np.where(within, ultimate, 0.0).sum(axis=-1)
    return ratio_or(cost, exposed, 0.0), within

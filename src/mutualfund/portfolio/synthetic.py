"""Members who exist nowhere, with one of three age structures.

The structures are the young (Y), national (N) and older (O) mixes: shares of the ages 0-18, 19-44,
45-64 and 65+. Within a band ages are spread evenly, except that from 65 to 94 the share falls in a
straight line to nought at 95. The quotas are exact up to rounding and each sex takes every second place
along the ages, so a small fund has the structure too; the seed gives the members their identifiers,
hence their random numbers.
"""

from __future__ import annotations

import numpy as np

from mutualfund.errors import Fault, InputError, one_number
from mutualfund.portfolio.keys import member_keys
from mutualfund.portfolio.members import LONG_STANDING, AgeMix, Portfolio
from mutualfund.types import FloatArray

AGE_MIXES: dict[str, tuple[float, float, float, float]] = {
    "Y": (0.45, 0.40, 0.12, 0.03),
    "N": (0.22, 0.36, 0.26, 0.16),
    "O": (0.15, 0.28, 0.30, 0.27),
}
BANDS = ((0, 18), (19, 44), (45, 64), (65, 94))


def age_shares(age_mix: AgeMix) -> FloatArray:
    """(95,) share of each age 0 to 94 in a mix; together 1.

    Raises
    ------
    InputError
        Where there is no such mix.

    >>> round(float(age_shares("Y")[:19].sum()), 9)
    0.45
    """
    if age_mix not in AGE_MIXES:
        raise InputError([Fault("age_mix", repr(age_mix), ", ".join(AGE_MIXES), code="choice")])
    shares = np.zeros(BANDS[-1][1] + 1)
    for (first, last), band_share in zip(BANDS, AGE_MIXES[age_mix], strict=True):
        weight = np.ones(last - first + 1)
        if first == BANDS[-1][0]:
            weight = np.arange(weight.size, 0, -1, dtype=np.float64)
        shares[first : last + 1] = band_share * weight / weight.sum()
    return shares


def synthetic_members(n: int, *, age_mix: AgeMix = "N", seed: int = 1) -> Portfolio:
    """`n` members with the ages of `age_mix`, half of them women, long-standing, without a plan.

    Parameters
    ----------
    n
        1 to 100 million.
    age_mix
        ``"Y"``, ``"N"`` or ``"O"``.
    seed
        Part of every identifier: two seeds give two funds that share no member.

    Raises
    ------
    InputError
        Where `n` or `age_mix` is out of range.

    >>> portfolio = synthetic_members(1000, age_mix="N")
    >>> int((portfolio.age >= 65).sum()), int((portfolio.sex == 0).sum())
    (160, 500)
    """
    one_number("synthetic.n", n, minimum=1, maximum=100_000_000, unit="members")
    middles = (np.arange(n) + 0.5) / n
    ages = np.searchsorted(np.cumsum(age_shares(age_mix))[:-1], middles, side="right")
    keys = member_keys(f"synthetic-{seed}-{number}" for number in range(n))
    order = np.argsort(keys, kind="stable")
    return Portfolio(
        member_key=keys[order],
        age=ages[order],
        sex=(np.arange(n) % 2).astype(np.int8)[order],
        joined_month=np.full(n, LONG_STANDING),
        plan_code=np.full(n, -1),
    )

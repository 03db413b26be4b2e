"""What a meeting sees: the accounts of an earlier year, as booked, not as they truly were."""

from __future__ import annotations

from dataclasses import dataclass

from mutualfund.types import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Accounts:
    """One closed year of a block of paths; arrays (n_paths,), money in fund currency.

    `claims_incurred` is booked: paid plus the change of the booked outstanding amount.
    `tariff_level` is the tariff of that year relative to the opening tariff, `tariff_now` the one
    in force while the meeting decides.

    >>> import numpy as np
    >>> seen = Accounts(1, *(np.array([x]) for x in (100.0, 80.0, 24.0, 9.0, 1.0, 1.0)))
    >>> (seen.claims_incurred / seen.contributions_due).tolist()
    [0.8]
    """

    year: int
    contributions_due: FloatArray
    claims_incurred: FloatArray
    member_months: FloatArray
    reserve_close: FloatArray
    tariff_level: FloatArray
    tariff_now: FloatArray

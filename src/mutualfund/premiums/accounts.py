"""What a meeting sees: the accounts of an earlier year, as booked, not as they truly were."""

from __future__ import annotations

from dataclasses import dataclass

from mutualfund.types import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Accounts:
    """One closed year of a block of paths; every array has shape (n_paths,), money in fund
    currency.

    `claims_incurred` is booked: paid plus the change of the booked outstanding amount.
    `tariff_level` is the tariff of that year relative to the opening tariff, `tariff_now` the one
    in force while the meeting decides.
    """

    year: int
    contributions_due: FloatArray
    claims_incurred: FloatArray
    member_months: FloatArray
    reserve_close: FloatArray
    tariff_level: FloatArray
    tariff_now: FloatArray

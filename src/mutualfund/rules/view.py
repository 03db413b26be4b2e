"""What a fund-year rule may look at: this year's sums per path. Rules never draw random numbers."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Literal, Protocol, runtime_checkable

import numpy as np

from mutualfund.types import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class YearView:
    """One fund year of a block of paths; arrays (n_paths,), money in fund currency, flows positive
    as named; `equalisation` is below zero where it is paid, `equalisation_pending` (what the pool
    still owes at the close, and at the opening) where the fund owes it.

    `reserve` is the booked reserve so far this year, before calls, refunds and allocations;
    `result` is its change over the year. `floor`, `capital_required` and `target` are amounts: the
    target is the capital required, or the floor where that is higher. `claims_incurred` is the
    fund's part, gross of reinsurance. The arrays are read-only: a rule looks, the fund year writes.
    """

    year: int
    start: date
    inflation_factor: float
    members_start: FloatArray
    members_end: FloatArray
    member_months: FloatArray
    contributions_due: FloatArray
    contributions_collected: FloatArray
    claims_incurred: FloatArray
    claims_paid: FloatArray
    outstanding_booked: FloatArray
    reinsurance_premium: FloatArray
    reinsurance_recovery: FloatArray
    equalisation: FloatArray
    equalisation_pending_open: FloatArray
    equalisation_pending: FloatArray
    provider_fixed: FloatArray
    expenses: FloatArray
    investment_income: FloatArray
    assets_open: FloatArray
    reserve_open: FloatArray
    reserve: FloatArray
    result: FloatArray
    floor: FloatArray
    capital_required: FloatArray
    target: FloatArray

    def __post_init__(self) -> None:
        """Hand out the fund year's own arrays in a form that nobody can write into."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray) and value.flags.writeable:
                seen = value.view()
                seen.flags.writeable = False
                object.__setattr__(self, field.name, seen)


@runtime_checkable
class CashFlowRule(Protocol):
    """A rule of one's own: a yearly amount that enters (+1) or leaves (-1) the fund's assets.

    Write a frozen class with these three and put an instance into ``Rulebook(extra=(...,))``. The
    amount becomes a measure of the ledger under the rule's name.

    >>> class Grant:
    ...     name, sign = "sponsor_grant", 1
    ...     def amount(self, view):
    ...         return 0.5 * view.contributions_due
    >>> isinstance(Grant(), CashFlowRule)
    True
    """

    @property
    def name(self) -> str:
        """Name of the flow in the ledger, such as ``"sponsor_grant"``."""
        ...

    @property
    def sign(self) -> Literal[1, -1]:
        """+1 where the amount enters the assets, -1 where it leaves them."""
        ...

    def amount(self, view: YearView) -> FloatArray:
        """(n_paths,) amount of the year, fund currency, not negative."""
        ...

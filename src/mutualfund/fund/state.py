"""What a path carries from one fund year to the next, apart from its members."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mutualfund.fund.collecting import StillToCome
from mutualfund.fund.payments import YEARS_TO_PAY
from mutualfund.fund.tariff import Tariff
from mutualfund.premiums.accounts import Accounts
from mutualfund.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class BookedYear:
    """What booking remembers of a treatment year."""

    triangle: IntArray  # (n_paths, 12, n_delays) minor units by treatment month and delay
    member_months: FloatArray  # (n_paths,)
    contributions_due: FloatArray  # (n_paths,) currency


@dataclass(frozen=True, slots=True, eq=False)
class PoolDebt:
    """What a pool of funds still owes, or is owed, for a closed year, at its final figure."""

    due: int  # fund year in which it is settled
    amount: FloatArray  # (n_paths,) currency; below zero: the fund owes it


def pending(pool: tuple[PoolDebt, ...], like: FloatArray) -> FloatArray:
    """(n_paths,) what the pool owes in all, as many paths as in `like`; below zero where the fund owes it."""
    total = np.zeros_like(like)
    for debt in pool:
        total = total + debt.amount
    return total


@dataclass(frozen=True, slots=True, eq=False)
class FundState:
    """The fund at the close of a year (or on its first day), (n_paths,) currency unless said."""

    assets: FloatArray  # the cash account
    outstanding_true: FloatArray  # the provision account: what is really still to be paid
    outstanding_booked: FloatArray  # what the fund's own booking rule sets aside
    statutory_reserve: FloatArray  # ring-fenced part of the reserve
    tariff: Tariff | None  # last year's; none on the first day
    units: IntArray | None  # (n_paths, n_cells) owed last year; none on the first day
    beyond: tuple[FloatArray, ...]  # of every closed year: tariff factor beyond the rule's rises
    call_rate: FloatArray  # call levied at the close, share of the year's contributions
    to_come: StillToCome  # late dues and subsidies that will be paid
    schedule: IntArray  # (n_paths, YEARS_TO_PAY) minor units due in the closed year and after it
    history: tuple[BookedYear, ...]  # treatment years booking looks at, oldest first
    accounts: tuple[Accounts, ...]  # of every closed year
    pool: tuple[PoolDebt, ...]  # equalisation that is not settled yet
    members: IntArray  # (n_paths,) persons in force
    closed: BoolArray  # (n_paths,) in run-off

    @property
    def reserve(self) -> FloatArray:
        """Assets less booked outstanding claims, with what is pending between the fund and the pool."""
        return self.assets - self.outstanding_booked + pending(self.pool, self.assets)


def first_day(
    opening_reserve: float,
    opening_due: FloatArray,
    n_members: int,
    n_paths: int,
    to_come: StillToCome,
) -> FundState:
    """The fund before its first year: the opening reserve is net of the claims outstanding.

    opening_due: (YEARS_TO_PAY,) currency, opening outstanding claims by year of payment. to_come: what others
    still owe the fund for the time before.
    """
    outstanding = np.full(n_paths, float(sum(opening_due)))
    return FundState(
        assets=opening_reserve + outstanding,
        outstanding_true=outstanding,
        outstanding_booked=outstanding,
        statutory_reserve=np.zeros(n_paths),
        tariff=None,
        units=None,
        beyond=(),
        call_rate=np.zeros(n_paths),
        to_come=to_come,
        schedule=np.zeros((n_paths, YEARS_TO_PAY), np.int64),
        history=(),
        accounts=(),
        pool=(),
        members=np.full(n_paths, n_members, np.int64),
        closed=np.zeros(n_paths, np.bool_),
    )

"""Arrears: dues not paid when they fall due, what comes in later, and who stays covered meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from mutualfund.assumptions.model import Flag, Input, Share, Whole
from mutualfund.errors import Fault, InputError, numbers, require
from mutualfund.premiums.subsidy import Delay
from mutualfund.types import BoolArray, FloatArray, IntArray

ROUNDING = 1e-9  # of the dues so far: sums of floats

Reinstated = Literal["when all is paid", "within grace"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ArrearsAccount:
    """Every member's account at the end of every month; arrays are (n_members, n_months).

    Attributes
    ----------
    balance
        Dues not yet paid, fund currency; below 0 where a member has paid ahead.
    months_overdue
        For how many months the oldest unpaid due has been unpaid, its own month included; 0 for none.
    suspended
        Whether cover is suspended in the next month.
    """

    balance: FloatArray
    months_overdue: IntArray
    suspended: BoolArray

    def __repr__(self) -> str:
        members, months = self.balance.shape
        return f"Arrears account of {members:,} members over {months} months"


class Arrears(Input):
    """Some dues are late; some of those come in `delay_months` later, the rest is written off.

    A member has `grace_months` to pay. After that cover is suspended where `suspends` says so. It comes back
    once nothing is owed any more or, by the milder rule, once no due has been unpaid for longer than the
    grace: `reinstated` says which. In a simulation cover goes on, as it knows how much is late and not whose:
    these three would move nothing there, and are refused.

    >>> Arrears(late=0.25, collected=0.6, delay_months=4).collected_in_the_end
    0.9
    """

    late: Share = Field(description="share of the members' dues that is not paid when it falls due")
    collected: Share = Field(default=0.0, description="share of that which comes in later")
    delay_months: Delay = Field(default=0, description="months after which it comes in, at most 60")
    grace_months: Annotated[Whole, Field(ge=0, le=60)] = Field(
        default=0, description="months a due may be unpaid before cover is suspended"
    )
    suspends: Flag = Field(default=False, description="whether cover is suspended after the grace")
    reinstated: Reinstated = Field(
        default="when all is paid", description="when cover that was suspended comes back"
    )

    @property
    def collected_in_the_end(self) -> float:
        """Share of the dues that is paid, in time or late."""
        return 1.0 - self.late * (1.0 - self.collected)

    def account(self, owed: FloatArray, paid: FloatArray) -> ArrearsAccount:
        """Keep the members' accounts: every payment settles the oldest due first.

        Parameters
        ----------
        owed, paid : (n_members, n_months) what fell due and what came in each month, fund currency.

        Raises
        ------
        InputError
            Where the shapes differ or an amount is below 0.

        >>> rule = Arrears(late=0.2, grace_months=1, suspends=True)
        >>> book = rule.account(np.array([[10.0] * 4]), np.array([[10.0, 0.0, 0.0, 30.0]]))
        >>> book.months_overdue.tolist(), book.suspended.tolist()
        ([[0, 1, 2, 0]], [[False, False, True, False]])
        """
        due, received = numbers("owed", owed), numbers("paid", paid)
        if due.ndim != 2 or not due.shape[1]:
            allowed = "(n_members, n_months), a month or more"
            raise InputError([Fault("owed", f"{due.shape}", allowed, code="length")])
        if due.shape != received.shape:
            allowed = f"(n_members, n_months) as owed, {due.shape}"
            raise InputError([Fault("paid", f"{received.shape}", allowed, code="length")])
        for field, amounts in (("owed", due), ("paid", received)):
            require(field, amounts.ravel(), minimum=0.0, maximum=1e15, unit="currency", show=False)
        due_so_far, paid_so_far = np.cumsum(due, axis=1), np.cumsum(received, axis=1)
        enough = paid_so_far + ROUNDING * due_so_far
        settled = np.stack(
            [
                (due_so_far[:, : month + 1] <= enough[:, month, None]).sum(1)
                for month in range(due.shape[1])
            ],
            axis=1,
        )
        overdue = np.arange(1, due.shape[1] + 1) - settled
        return ArrearsAccount(
            balance=due_so_far - paid_so_far,
            months_overdue=overdue,
            suspended=self._suspended(overdue),
        )

    def _suspended(self, overdue: IntArray) -> BoolArray:
        """(n_members, n_months) whether cover is suspended, from how long the oldest due is unpaid."""
        suspended = self.suspends & (overdue > self.grace_months)
        if self.reinstated == "within grace":
            return np.asarray(suspended)
        for month in range(1, overdue.shape[1]):
            suspended[:, month] |= suspended[:, month - 1] & (overdue[:, month] > 0)
        return np.asarray(suspended)

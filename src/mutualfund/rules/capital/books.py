"""What a capital rule may look at: one year of the fund's accounts, as booked, not as it truly was."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Protocol, Self, runtime_checkable

import numpy as np

from mutualfund.errors import Fault, InputError, numbers, require, require_kind
from mutualfund.rules.view import YearView
from mutualfund.types import FloatArray, frozen

_MOST = 1e300  # what a simulation may come to; NaN and infinity are no accounts


def _nothing() -> FloatArray:
    """An amount that no path has; it takes the shape of the others."""
    return np.zeros(1)


@dataclass(frozen=True, slots=True, eq=False)
class Books:
    """The close of a year; arrays (n_paths,), fund currency, flows positive as named.

    `claims` are booked: paid, plus the change of the booked outstanding amount, gross of reinsurance;
    `provider_fixed` is what care costs beside them, capitation and salaries of providers. `outstanding` is
    booked, gross of reinsurance, and `recoverable` what reinsurers will still pay of it. `assets` is the cash
    account before calls, refunds and allocations.

    >>> books = Books(contributions=[1000.0], claims=[800.0], reinsurance_premium=[20.0],
    ...     outstanding=[150.0], recoverable=[30.0])
    >>> books.net_contributions.tolist(), books.net_claims.tolist(), books.net_outstanding.tolist()
    ([980.0], [800.0], [120.0])
    """

    contributions: FloatArray
    claims: FloatArray
    outstanding: FloatArray = field(default_factory=_nothing)
    assets: FloatArray = field(default_factory=_nothing)
    expenses: FloatArray = field(default_factory=_nothing)
    provider_fixed: FloatArray = field(default_factory=_nothing)
    reinsurance_premium: FloatArray = field(default_factory=_nothing)
    reinsurance_recovery: FloatArray = field(default_factory=_nothing)
    recoverable: FloatArray = field(default_factory=_nothing)

    def __post_init__(self) -> None:
        """Keep copies that nobody can write into, of amounts for the same paths."""
        sizes = {}
        for entry in fields(self):
            amount = frozen(numbers(entry.name, getattr(self, entry.name)))
            least = 0.0 if entry.name in ("contributions", "recoverable") else -_MOST
            require(entry.name, amount, minimum=least, maximum=_MOST, unit="fund currency")
            object.__setattr__(self, entry.name, amount)
            sizes[entry.name] = amount.size
        n_paths = max(sizes.values())
        faults = [
            Fault(name, f"{size} paths", f"{n_paths}, as the others have, or 1", code="length")
            for name, size in sizes.items()
            if size not in (1, n_paths)
        ]
        if faults:
            raise InputError(faults)

    @classmethod
    def of(cls, view: YearView, assets: FloatArray) -> Self:
        """The accounts that a fund year closes with.

        A simulated treaty pays in the year of treatment what it will owe on the true amounts, so nothing of
        the outstanding is recoverable any more.
        """
        opening = view.assets_open + view.equalisation_pending_open - view.reserve_open
        return cls(
            contributions=view.contributions_due,
            claims=view.claims_paid + view.outstanding_booked - opening,
            outstanding=view.outstanding_booked,
            assets=assets,
            expenses=view.expenses,
            provider_fixed=view.provider_fixed,
            reinsurance_premium=view.reinsurance_premium,
            reinsurance_recovery=view.reinsurance_recovery,
        )

    @property
    def net_contributions(self) -> FloatArray:
        """Contributions less reinsurance premiums, not below zero."""
        return np.maximum(0.0, self.contributions - self.reinsurance_premium)

    @property
    def net_claims(self) -> FloatArray:
        """Booked claims less recoveries, not below zero, and the fixed fees of providers."""
        return np.maximum(0.0, self.claims - self.reinsurance_recovery) + self.provider_fixed

    @property
    def net_outstanding(self) -> FloatArray:
        """Booked outstanding claims less what reinsurers will pay of them, not below zero."""
        return np.maximum(0.0, self.outstanding - self.recoverable)


def require_books(books: Books) -> None:
    """Refuse what are no books of a fund.

    Raises
    ------
    InputError
        With one fault.
    """
    remedy = "Write Books(contributions=..., claims=...)."
    require_kind("books", books, Books, "Books", remedy)


@runtime_checkable
class CapitalRule(Protocol):
    """Anything that says how much reserve a fund must hold, from what its books show.

    Give one as ``rules.reserve.target``: a listed kind, or an object of your own with this method.

    >>> class HalfTheAssets:
    ...     def required(self, books):
    ...         return 0.5 * books.assets
    >>> isinstance(HalfTheAssets(), CapitalRule)
    True
    """

    def required(self, books: Books) -> FloatArray:
        """(n_paths,) reserve required, fund currency, not negative."""
        ...

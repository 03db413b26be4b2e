"""What a contribution rule of one's own must offer; the listed kinds offer the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from mutualfund.premiums.accounts import Accounts
from mutualfund.types import FloatArray, IntArray

if TYPE_CHECKING:
    from mutualfund.portfolio import Portfolio


@runtime_checkable
class ContributionRule(Protocol):
    """What a contribution rule of one's own must offer; the listed kinds offer the same.

    A rulebook asks for all of it. `balance` and `who_pays` ask for `cell_table`, `prices` and `units`: a
    member owes the price of their cell at their age in the fund year, times their units on its first day,
    which is what a simulation charges. A rule that is balanced comes back with its prices times the factor.

    >>> from mutualfund.premiums import FlatContribution
    >>> rule: ContributionRule = FlatContribution(monthly=30.0)
    >>> rule.cell_labels(), rule.prices().tolist(), rule.collection_rate
    (('all',), [30.0], 1.0)
    >>> rule.cell_table(("basic",)).shape
    (121, 2)
    """

    @property
    def collection_rate(self) -> float:
        """Share of the dues that is paid."""
        ...

    def cell_labels(self) -> tuple[str, ...]:
        """Names of the tariff cells."""
        ...

    def cell_table(self, plan_names: Sequence[str]) -> IntArray:
        """(121, n_plans + 1) cell by age and plan; the last column is for members without a plan."""
        ...

    def prices(self) -> FloatArray:
        """(n_cells,) monthly price of one unit, fund currency, year 1."""
        ...

    def previous_prices(self) -> FloatArray:
        """(n_cells,) the same before the fund's start."""
        ...

    def units(self, portfolio: Portfolio) -> IntArray | None:
        """(n_members,) units owed by each member; None for one each."""
        ...

    def increase(
        self, seen: Accounts | None, year: int, n_paths: int, trend: float | FloatArray
    ) -> FloatArray:
        """(n_paths,) relative change of the tariff wanted for `year`, 2 or later."""
        ...

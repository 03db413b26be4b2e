"""A study month by month, and how the months of its members go together.

A member who claims much in one month does so in others, and members come and go: months are no independent
draws, members are. What the error of a trend needs of them is the sum over members of the products of any
two months' figures; it is gathered in one pass, and does not grow with the number of members.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from mutualfund.claims.experience.ledger import Rows
from mutualfund.claims.experience.moments import Source
from mutualfund.types import BoolArray, FloatArray

RateName = Literal["pmpm", "frequency", "cost_per_claim"]


class Products(NamedTuple):
    """Sums over `members` of products of two months' x, x and e, or e: (n_months, n_months) each.

    `claimants` of the members had claims.
    """

    members: int
    claimants: int
    xx: FloatArray
    xe: FloatArray
    ee: FloatArray

    def of_residuals(self, rate: FloatArray) -> FloatArray:
        """(n_months, n_months) of x - rate e, where rate (n_months,) is e's; months in both axes."""
        crossed = self.xe * rate
        products: FloatArray = self.xx - crossed - crossed.T + np.outer(rate, rate) * self.ee
        return products


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Together:
    """Products of two months' figures of a member, summed over members.

    `members` were covered or had claims, `claimants` had claims. `paid` (2 n_months, 2 n_months) is of claims
    and amount, `covered` (2 n_months, n_months) of those and member-months, `months` (n_months, n_months) of
    member-months.
    """

    members: int
    claimants: int
    paid: FloatArray
    covered: FloatArray
    months: FloatArray

    def of(self, rate: RateName) -> Products:
        """With x what a rate counts and e what it is divided by."""
        n = len(self.months)
        claims, amount = slice(n), slice(n, None)
        x = claims if rate == "frequency" else amount
        if rate == "cost_per_claim":
            members, xe, ee = self.claimants, self.paid[x, claims], self.paid[claims, claims]
        else:
            members, xe, ee = self.members, self.covered[x], self.months
        return Products(members, self.claimants, self.paid[x, x], xe, ee)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Monthly:
    """Month by month: `claims` and `amount` (n_months, n_lines), `member_months` (n_months,).

    `together` has the products of each line and, last, of all lines as one. It is empty where only the months
    are known: then the error of a trend takes months as independent.
    """

    claims: FloatArray
    amount: FloatArray
    member_months: FloatArray
    together: tuple[Together, ...] = ()

    def of(self, line: int) -> Monthly:
        """One line alone."""
        chosen = slice(line, line + 1)
        claims, amount = self.claims[:, chosen], self.amount[:, chosen]
        return Monthly(claims, amount, self.member_months, self.together[chosen])

    def rate(self, rate: RateName) -> tuple[FloatArray, FloatArray]:
        """(n_months,) what is counted, and what it is divided by, all lines together."""
        claims, amount = self.claims.sum(axis=1), self.amount.sum(axis=1)
        total = claims if rate == "frequency" else amount
        return total, claims if rate == "cost_per_claim" else self.member_months

    def products(self, rate: RateName) -> Products | None:
        """Products over members of what `rate` gives; None where only the months are known."""
        return self.together[-1].of(rate) if self.together else None


def monthly_of(source: Source) -> Monthly:
    """All lines of a study, in one pass over its members."""
    n, n_lines, units = source.cover.period.n_months, len(source.ledger.lines), source.ledger.units
    lines = [_Line(n) for _ in range(n_lines)]
    whole = _Line(n)
    member_months, months, members = np.zeros(n), np.zeros((n, n)), 0
    for first, last in source.chunks():
        covered = source.cover.months(first, last)
        rows = source.ledger.source.between(first, last)
        covered_ever = np.flatnonzero(covered.any(axis=1))
        members += len(np.union1d(covered_ever, rows.member - first))
        member_months += covered.sum(axis=0)
        months += covered.T @ covered
        for place, line in enumerate(lines):
            line.add(rows, rows.line == place, first, covered)
        whole.add(rows, np.ones(len(rows.line), np.bool_), first, covered)
    unit = np.repeat([1.0, 1.0 / units], n)
    together = tuple(
        Together(
            members,
            line.claimants,
            line.paid * np.outer(unit, unit),
            line.covered * unit[:, None],
            months,
        )
        for line in (*lines, whole)
    )
    totals = np.reshape([line.total for line in lines], (n_lines, 2, n))
    return Monthly(totals[:, 0].T, totals[:, 1].T / units, member_months, together)


class _Line:
    """What adds up of one line: (2 n_months,) claims and then minor units, as `Together` has them."""

    def __init__(self, n: int) -> None:
        self.claimants = 0
        self.total = np.zeros(2 * n)
        self.paid = np.zeros((2 * n, 2 * n))
        self.covered = np.zeros((2 * n, n))

    def add(self, rows: Rows, own: BoolArray, first: int, covered: FloatArray) -> None:
        """The line's `own` rows (n_rows,) of the members from `first` on; covered (n_members, n_months)."""
        from scipy import sparse

        n_members, n = covered.shape
        member, month = rows.member[own] - first, rows.month[own]
        # most members claim in few months: a whole matrix would be nearly all noughts
        x = sparse.csr_array(
            (
                np.concatenate([rows.claims[own], rows.cents[own]]).astype(np.float64),
                (np.tile(member, 2), np.concatenate([month, n + month])),
            ),
            shape=(n_members, 2 * n),
        )
        self.claimants += len(np.unique(member))
        self.total += np.asarray(x.sum(axis=0))
        self.paid += (x.T @ x).toarray()
        self.covered += np.asarray(x.T @ covered)

"""Member slots: the opening members in order of their key, then the joiners of each year.

Joiners are the same on every path: a slot's key and the opening member it copies come from its address
("join", year, slot). Only the month of joining differs by path.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mutualfund.errors import Fault, InputError
from mutualfund.portfolio import Portfolio
from mutualfund.rng import Purpose, blocks, stream_key
from mutualfund.types import IntArray, UIntArray

LARGEST_FUND = 50_000_000


@dataclass(frozen=True)
class Slots:
    """One row per member who is or may be in the fund; all arrays (n_slots,)."""

    member_key: UIntArray
    source: IntArray  # row of the portfolio whose attributes the slot has
    join_year: IntArray  # 0 for opening members
    n_opening: int

    def __len__(self) -> int:
        return int(self.member_key.size)

    def copied_in(self, year: int) -> IntArray:
        """(n_joiners,) rows of the portfolio whose attributes those who join in a fund year have."""
        first, last = np.searchsorted(self.join_year, [year, year + 1])
        return self.source[first:last]


def joiners_per_year(rate: float, n_opening: int) -> int:
    """round(rate x opening members), half up (definition of joins: a fixed number a year)."""
    return int(np.floor(rate * n_opening + 0.5))


def member_slots(portfolio: Portfolio, joins_per_year: float, years: int, seed: int) -> Slots:
    """Lay out the slots of a scenario.

    Raises
    ------
    InputError
        If opening members and joiners together are more than fifty million.
    """
    n = len(portfolio)
    per_year = joiners_per_year(joins_per_year, n)
    if n + per_year * years > LARGEST_FUND:
        raise InputError(
            [
                Fault(
                    "members.joins_per_year",
                    f"{joins_per_year:g} a year for {years} years",
                    f"at most {LARGEST_FUND:,} members and joiners together",
                    code="too_many_members",
                )
            ]
        )
    stream = stream_key(seed, "join")
    slot = np.arange(per_year, dtype=np.uint64)
    keys, sources, join_years = [portfolio.member_key], [np.arange(n)], [np.zeros(n, np.int64)]
    for year in range(1, years + 1):
        words = blocks(stream, path=slot, year=year, purpose=Purpose.JOIN)
        keys.append((words[:, 1] << np.uint64(32)) | words[:, 0])
        sources.append(((words[:, 2] * np.uint64(n)) >> np.uint64(32)).astype(np.int64))
        join_years.append(np.full(per_year, year))
    return Slots(
        member_key=np.concatenate(keys),
        source=np.concatenate(sources).astype(np.int64),
        join_year=np.concatenate(join_years).astype(np.int64),
        n_opening=n,
    )

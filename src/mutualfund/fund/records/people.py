"""Who is covered on one path, year by year: the member-year's people, drawn again from their addresses.

The kernel counts people and forgets them; records need each of them. Everything here reads the lowered tables
and the words that `docs/streams.md` lays down, in plain NumPy over members; tests hold it to the kernel.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mutualfund.rng import Purpose, blocks
from mutualfund.schema import MAX_AGE
from mutualfund.sim.kernels.layout import MONTHS, MemberTables, YearTables
from mutualfund.types import BoolArray, IntArray, UIntArray


class CoveredYear(NamedTuple):
    """The members of one fund year on one path, one row each, in order of slot; arrays (n,)."""

    slot: IntArray  # row of the member tables
    age: IntArray  # age last birthday, fixed for the year
    health: IntArray  # health state, a place in the assumptions' list
    enter: IntArray  # first covered month of the year, 0 to 11
    leave: IntArray  # month after the last covered one; `enter` where no month is covered
    joined: IntArray  # month of joining from the start of year 1, negative before it


class People:
    """The members of one path as they pass through the years; `year` moves them on."""

    def __init__(self, tables: MemberTables, path: int) -> None:
        self.tables, self.path = tables, path
        self.gone = np.zeros(tables.member_key.size, np.bool_)
        self.health = np.zeros(tables.member_key.size, np.int64)
        self.joined = tables.joined_month.astype(np.int64)

    def year(self, rules: YearTables, lapse_extra: UIntArray) -> CoveredYear:
        """Everybody in the fund in a year, those who leave at its opening included.

        lapse_extra: (n_cells,) extra lapse at renewal by tariff cell, thresholds on 2^32.
        """
        tables, year = self.tables, rules.year
        slot = np.flatnonzero((tables.join_year <= year) & ~self.gone)
        joining = tables.join_year[slot] == year
        age = np.minimum(tables.age[slot] + year - 1, MAX_AGE)
        self.health[slot] = health = self._health(year, slot)
        enter = np.zeros(slot.size, np.int64)
        enter[joining] = _month(self._words(year, slot[joining], Purpose.ENTRY)[:, 0])
        self.joined[slot[joining]] = MONTHS * (year - 1) + enter[joining]
        extra = lapse_extra[rules.tariff_cell[age, tables.plan[slot]]].astype(np.int64)
        renews, last = self._exits(year, slot, age, health, enter, np.where(joining, 0, extra))
        self.gone[slot] = ~renews | (last < MONTHS)
        leave = np.where(renews, np.minimum(last + 1, MONTHS), 0)
        return CoveredYear(slot, age, health, enter, leave, self.joined[slot])

    def _exits(
        self,
        year: int,
        slot: IntArray,
        age: IntArray,
        health: IntArray,
        enter: IntArray,
        extra: IntArray,
    ) -> tuple[BoolArray, IntArray]:
        """Whether each member renews at the opening, and the month of death or lapse, 12 for neither."""
        tables = self.tables
        lapse, death, lapse_time, death_time = self._words(year, slot, Purpose.EXIT).T
        base = tables.lapse[health].astype(np.int64)
        dies = death < tables.death[age, tables.sex[slot], health].astype(np.int64)
        renews = (lapse < base) | (lapse >= base + extra)
        last = np.full(slot.size, MONTHS)
        for happens, time in ((lapse < base, lapse_time), (dies, death_time)):
            month = _month(time)
            last = np.minimum(last, np.where(happens & (month >= enter), month, MONTHS))
        return renews, last

    def _health(self, year: int, slot: IntArray) -> IntArray:
        """Health state of the year: as given or drawn on arrival, then a step of the chain."""
        tables = self.tables
        if len(tables.transition) == 1:
            return np.zeros(slot.size, np.int64)
        word = self._words(year, slot, Purpose.STATE)[:, :1].astype(np.uint64)
        arriving = np.maximum(tables.join_year[slot], 1) == year
        opening = tables.state_share[(tables.join_year[slot] > 0).astype(np.int64)]
        step = tables.transition[self.health[slot]]
        thresholds = np.where(arriving[:, np.newaxis], opening, step)
        drawn = (thresholds <= word).sum(axis=1)
        given = tables.given_state[slot]
        return np.where(arriving & (given >= 0), given, drawn)

    def _words(self, year: int, slot: IntArray, purpose: Purpose) -> IntArray:
        """The four words of each member's block, (n, 4)."""
        low, high = self.tables.member_stream[0].tolist()
        member = self.tables.member_key[slot]
        drawn = blocks((low, high), member=member, path=self.path, year=year, purpose=purpose)
        return drawn.astype(np.int64)


def _month(word: IntArray) -> IntArray:
    """A uniform month of the fund year, 0 to 11, from a word of 32 bits."""
    return (word * MONTHS) >> 32

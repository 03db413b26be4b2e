"""The members of a block on one path: their health state, who is in force in which months, who owes what.

`member` is the scratch of `workspace`, a row for each thing known of the block's members. What is alike on
all paths is written once a block; a path's own rows are written over by the next path.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mutualfund._jit import inline, stage, widest_vectors
from mutualfund._philox import HALF, LOW, U, Word, philox
from mutualfund.rng import Purpose
from mutualfund.schema import MAX_AGE
from mutualfund.sim.kernels.layout import (
    CELL_MONTHS,
    DIED,
    END,
    JOINED,
    LAPSED,
    MONTHS,
    START,
    MemberState,
    MemberTables,
    MemberYear,
)
from mutualfund.sim.kernels.vectors import Whole, draw_blocks, fill, product, take
from mutualfund.sim.kernels.workspace import (
    AGE_CELL,
    CELL,
    COVERED,
    DEATH_ROW,
    DIES,
    ENTER,
    FOUND,
    HEALTH,
    LEAVE,
    LEVEL,
    OPEN,
    PLACE,
    ROW_NOW,
)
from mutualfund.types import IntArray, UIntArray

STATE, EXIT, ENTRY = U(Purpose.STATE << 16), U(Purpose.EXIT << 16), U(Purpose.ENTRY << 16)
FRAILTY = U(Purpose.FRAILTY << 16)


@inline
def month_of(word: Word) -> Whole:
    """A uniform month 0..11 from 32 bits."""
    return np.int64((word * U(MONTHS)) >> HALF)


@inline
def steps_passed(word: Word, thresholds: UIntArray, row: Whole) -> Whole:
    """How many cumulative thresholds of a row lie at or below `word`: a discrete law inverted."""
    step = 0
    for k in range(thresholds.shape[1] - 1):
        step += word >= thresholds[row, k]
    return step


# ---- alike on all paths ----------------------------------------------------------------------------------


@stage
def cells_of(
    tables: MemberTables,
    year: Whole,
    tariff_cell: IntArray,
    begin: Whole,
    n: Whole,
    member: IntArray,
) -> None:
    """Rows DEATH_ROW, CELL and AGE_CELL: what age, sex and plan say of each member."""
    for i in range(n):
        slot = begin + i
        age = min(tables.age[slot] + year - 1, MAX_AGE)
        member[DEATH_ROW, i] = age * 3 + tables.sex[slot]
        member[CELL, i] = tariff_cell[age, tables.plan[slot]]
        member[AGE_CELL, i] = tables.age_cell[age]


@stage
def count_rows(
    tables: MemberTables,
    year: Whole,
    line: Whole,
    use: IntArray,
    begin: Whole,
    n: Whole,
    row: IntArray,
) -> None:
    """Each member's count row on a line, health state and frailty aside; row: (n,). use: (n_plans,)."""
    states = tables.transition.shape[0]
    each = states * tables.frailty_levels[line] * tables.use_count[line]
    for i in range(n):
        slot = begin + i
        age = min(tables.age[slot] + year - 1, MAX_AGE)
        band = tables.factor_band[line, age] * 3 + tables.sex[slot]
        row[i] = band * each + use[tables.plan[slot]]


@stage
def count_settled(
    tables: MemberTables,
    before: Whole,
    begin: Whole,
    n: Whole,
    member: IntArray,
    units: IntArray,
    by_age: IntArray,
) -> Whole:
    """Members of earlier years as if all stayed all year: units a month by cell, and members by age.

    before: slots of earlier years. Writes units: (n_cells,), by_age: (10,). Returns how many the block has.
    """
    units[:] = 0
    by_age[:] = 0
    settled = min(n, max(before - begin, 0))
    for i in range(settled):
        units[member[CELL, i]] += tables.units[begin + i]
        by_age[member[AGE_CELL, i]] += 1
    return settled


# ---- on one path -----------------------------------------------------------------------------------------


@stage
def next_health(
    tables: MemberTables,
    transition: UIntArray,
    year: Whole,
    path: Word,
    before: Whole,
    begin: Whole,
    n: Whole,
    kept: npt.NDArray[np.uint8],
    first: UIntArray,
    second: UIntArray,
    member: IntArray,
) -> None:
    """Row HEALTH: from the file, from the shares on arrival, else one step of the chain.

    transition: (n_states * n_states,). before: slots of earlier years. kept: (n_slots,) states of the path,
    carried on.
    """
    widest_vectors()
    tag = (U(year) << U(20)) | STATE
    draw_blocks(tables.member_key, begin, n, path, tag, tables.member_stream, 0, first, second)
    states = tables.transition.shape[0]
    health, row, threshold = member[HEALTH], member[PLACE], member[FOUND]
    for i in range(n):
        row[i] = np.int64(product(kept[U(begin) + U(i)], states))
        health[i] = 0
    for step in range(states - 1):
        take(transition, step, row, 0, threshold, 0, n)
        for i in range(n):
            health[i] += np.int64(first[i] & LOW) >= threshold[i]
    for i in range(max(before - begin, 0), n):
        slot = begin + i
        joiner = 1 if tables.join_year[slot] > 0 else 0
        health[i] = tables.given_state[slot]
        if health[i] < 0:
            health[i] = steps_passed(first[i] & LOW, tables.state_share, joiner)
    for i in range(n):
        kept[U(begin) + U(i)] = np.uint8(health[i])


@stage
def frailty_levels(
    tables: MemberTables,
    year: Whole,
    path: Word,
    begin: Whole,
    n: Whole,
    first: UIntArray,
    second: UIntArray,
    member: IntArray,
) -> None:
    """Row LEVEL: levels of the yearly frailty that lines share."""
    widest_vectors()
    tag = (U(year) << U(20)) | FRAILTY
    draw_blocks(tables.member_key, begin, n, path, tag, tables.member_stream, 0, first, second)
    level = member[LEVEL]
    fill(level, n, 0)
    for step in range(tables.frailty_share.size - 1):
        threshold = np.int64(tables.frailty_share[step])
        for i in range(n):
            level[i] += np.int64(first[i] & LOW) >= threshold


@inline
def month_of_entry(key: Word, year: Whole, path: Word, stream: UIntArray) -> Whole:
    """A joiner's first covered month."""
    tag = (U(year) << U(20)) | ENTRY
    return month_of(philox(key, key >> HALF, path, tag, stream[0, 0], stream[0, 1])[0] & LOW)


@inline
def covered_months(
    joining: bool, enter: Whole, chances: Word, times: Word, base: Word, extra: Word, death: Word
) -> tuple[Whole, Whole, int]:
    """First covered month, first month no longer covered, and how the member left (LAPSED, DIED or END).

    One uniform decides both lapses: below the base, the member leaves at the end of a uniform month; in the
    extra part above it, at renewal. So a dearer tariff only adds leavers. Exits before a joiner's entry do
    not count; of two exits the earlier counts, and of two in one month the death.
    """
    leave: Whole = MONTHS
    how = END
    lapse = chances & LOW
    if not joining and lapse >= base and lapse < base + extra:
        enter, leave, how = 0, 0, LAPSED
    else:
        if lapse < base:
            month = month_of(times & LOW)
            if month >= enter:
                leave, how = month + 1, LAPSED
        if (chances >> HALF) < death:
            month = month_of(times >> HALF)
            if month >= enter and month + 1 <= leave:
                leave, how = month + 1, DIED
    return enter, leave, how


@stage
def find_movers(
    tables: MemberTables,
    death: UIntArray,
    year: Whole,
    path: Word,
    begin: Whole,
    n: Whole,
    extra: UIntArray,
    gone: npt.NDArray[np.uint8],
    first: UIntArray,
    second: UIntArray,
    member: IntArray,
) -> Whole:
    """List in row OPEN who is gone, joins or may leave this year, and returns how many; the rest stay.

    death: (121 * 3 * n_states,). extra: (n_cells,) lapse at renewal. Everybody is written down as covered all
    year; `move` corrects that for those listed.
    """
    widest_vectors()
    tag = (U(year) << U(20)) | EXIT
    draw_blocks(tables.member_key, begin, n, path, tag, tables.member_stream, 0, first, second)
    states, health, row = tables.transition.shape[0], member[HEALTH], member[PLACE]
    lapses, dies, more = member[FOUND], member[DIES], member[ROW_NOW]
    for i in range(n):
        row[i] = np.int64(product(member[DEATH_ROW, i], states)) + health[i]
    take(death, 0, row, 0, dies, 0, n)
    take(tables.lapse, 0, health, 0, lapses, 0, n)
    take(extra, 0, member[CELL], 0, more, 0, n)
    fill(member[ENTER], n, 0)
    fill(member[LEAVE], n, MONTHS)
    fill(member[COVERED], n, -1)
    for i in range(n):
        slot = U(begin) + U(i)
        leaving = np.int64(first[i] & LOW) < lapses[i] + more[i]
        dying = np.int64(first[i] >> HALF) < dies[i]
        row[i] = leaving | dying | (gone[slot] != 0) | (tables.join_year[slot] == year)
    listed, movers = member[OPEN], 0
    for i in range(n):
        listed[U(movers)] = i
        movers += row[i]
    return movers


@stage
def move(
    tables: MemberTables,
    year: Whole,
    path: Word,
    begin: Whole,
    movers: Whole,
    extra: UIntArray,
    first: UIntArray,
    second: UIntArray,
    p: Whole,
    state: MemberState,
    member: IntArray,
    out: MemberYear,
) -> None:
    """Who is gone, joins or leaves: rows ENTER, LEAVE and COVERED, and what `add_settled` counted too much.

    Marks the leavers as gone and notes the joiners' months.
    """
    opening_slots = tables.member_key.size - state.joined.shape[1]
    for k in range(movers):
        i = member[OPEN, k]
        slot, cell, age_cell, health = (
            begin + i,
            member[CELL, i],
            member[AGE_CELL, i],
            member[HEALTH, i],
        )
        joining = tables.join_year[slot] == year
        enter: Whole = 0
        leave: Whole = 0
        how = END
        if not state.gone[p, slot]:
            if joining:
                enter = month_of_entry(tables.member_key[slot], year, path, tables.member_stream)
            row = member[DEATH_ROW, i]
            dies = tables.death[row // 3, row % 3, health]
            lapses, more = tables.lapse[health], extra[cell]
            enter, leave, how = covered_months(
                joining, enter, first[i], second[i], lapses, more, dies
            )
            state.gone[p, slot] = how != END
            out.persons[p, how] += 1
            if joining:
                state.joined[p, slot - opening_slots] = MONTHS * (year - 1) + enter
                out.persons[p, JOINED] += 1
            else:
                out.persons[p, START] += 1
        months = leave - enter
        if not joining:  # counted as settled, all year
            out.persons[p, START] -= 1
            out.persons[p, END] -= 1
            out.start_by_age[p, age_cell] -= leave == 0
            months -= MONTHS
        out.months[p] += months
        out.units[p, cell] += months * tables.units[slot]
        out.age_cells[p, age_cell, CELL_MONTHS] += months
        member[ENTER, i], member[LEAVE, i] = enter, leave
        member[COVERED, i] = -1 if leave > enter else 0


@stage
def add_settled(n: Whole, units: IntArray, by_age: IntArray, p: Whole, out: MemberYear) -> None:
    """The n members of earlier years, all year: what `count_settled` counted goes to the sums of a path."""
    out.persons[p, START] += n
    out.persons[p, END] += n
    out.months[p] += MONTHS * n
    for cell in range(units.size):
        out.units[p, cell] += MONTHS * units[cell]
    for cell in range(by_age.size):
        out.start_by_age[p, cell] += by_age[cell]
        out.age_cells[p, cell, CELL_MONTHS] += MONTHS * by_age[cell]

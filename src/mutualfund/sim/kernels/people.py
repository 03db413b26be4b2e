"""The members of a block on one path: their health state, who is in force in which months, who owes what."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mutualfund._jit import inline, kernel
from mutualfund.rng import Purpose
from mutualfund.schema import MAX_AGE
from mutualfund.sim.kernels.layout import (
    CELL_MONTHS,
    DIED,
    END,
    FRAILTY_BITS,
    JOINED,
    LAPSED,
    MONTHS,
    START,
)
from mutualfund.sim.kernels.vectors import HALF, LOW, U, Whole, Word, draw_blocks, philox
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


@kernel
def rate_rows(
    year: Whole,
    begin: Whole,
    n: Whole,
    age: IntArray,
    sex: IntArray,
    plan: IntArray,
    cell_of_age: IntArray,
    tariff_cell: IntArray,
    death_row: IntArray,
    cell: IntArray,
    age_cell: IntArray,
) -> None:
    """What age, sex and plan say of each member of a block, alike on all paths; writes the last three, (n,)."""
    for i in range(n):
        slot = begin + i
        now = min(age[slot] + year - 1, MAX_AGE)
        death_row[i] = now * 3 + sex[slot]
        cell[i] = tariff_cell[now, plan[slot]]
        age_cell[i] = cell_of_age[now]


@kernel
def count_rows(
    year: Whole,
    begin: Whole,
    n: Whole,
    age: IntArray,
    sex: IntArray,
    plan: IntArray,
    band: IntArray,
    each: Whole,
    use: IntArray,
    row: IntArray,
) -> None:
    """Each member's count row on a line, health state and frailty aside; row: (n,).

    band: (121,) age band. each: rows of one band and sex. use: (n_plans,) use response.
    """
    for i in range(n):
        slot = begin + i
        now = min(age[slot] + year - 1, MAX_AGE)
        row[i] = (band[now] * 3 + sex[slot]) * each + use[plan[slot]]


@kernel
def next_health(
    member: UIntArray,
    year: Whole,
    path: Word,
    begin: Whole,
    n: Whole,
    stream: UIntArray,
    join_year: IntArray,
    given: IntArray,
    share: UIntArray,
    transition: UIntArray,
    first: UIntArray,
    second: UIntArray,
    kept: npt.NDArray[np.uint8],
    health: IntArray,
) -> None:
    """This year's health states: from the file, from the shares on arrival, else one step of the chain.

    kept: (n_slots,) states of the path, carried on. Writes health: (n,).
    """
    draw_blocks(member, begin, n, path, (U(year) << U(20)) | STATE, stream, 0, first, second)
    for i in range(n):
        slot = begin + i
        word = first[i] & LOW
        if year > max(join_year[slot], 1):
            health[i] = steps_passed(word, transition, kept[slot])
        elif given[slot] >= 0:
            health[i] = given[slot]
        else:
            health[i] = steps_passed(word, share, 1 if join_year[slot] > 0 else 0)
        kept[slot] = np.uint8(health[i])


@kernel
def frailty_levels(
    member: UIntArray,
    year: Whole,
    path: Word,
    begin: Whole,
    n: Whole,
    stream: UIntArray,
    first: UIntArray,
    second: UIntArray,
    level: IntArray,
) -> None:
    """Levels of the yearly frailty that lines share, (n,)."""
    draw_blocks(member, begin, n, path, (U(year) << U(20)) | FRAILTY, stream, 0, first, second)
    for i in range(n):
        level[i] = np.int64((first[i] & LOW) >> U(32 - FRAILTY_BITS))


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


@kernel
def leave_or_stay(
    member: UIntArray,
    year: Whole,
    path: Word,
    begin: Whole,
    n: Whole,
    stream: UIntArray,
    join_year: IntArray,
    lapse: UIntArray,
    death: UIntArray,
    extra: UIntArray,
    health: IntArray,
    death_row: IntArray,
    cell: IntArray,
    first: UIntArray,
    second: UIntArray,
    gone: npt.NDArray[np.uint8],
    enter: IntArray,
    leave: IntArray,
    how: IntArray,
) -> None:
    """Covered months of the block's members on a path, and how each left; (n,) each."""
    draw_blocks(member, begin, n, path, (U(year) << U(20)) | EXIT, stream, 0, first, second)
    for i in range(n):
        slot = begin + i
        if gone[slot]:
            continue
        joining, month = join_year[slot] == year, 0
        if joining:
            month = month_of_entry(member[slot], year, path, stream)
        dies = death[death_row[i] // 3, death_row[i] % 3, health[i]]
        enter[i], leave[i], how[i] = covered_months(
            joining, month, first[i], second[i], lapse[health[i]], extra[cell[i]], dies
        )


@kernel
def count_moving(
    year: Whole,
    begin: Whole,
    n: Whole,
    join_year: IntArray,
    units: IntArray,
    cell: IntArray,
    age_cell: IntArray,
    enter: IntArray,
    leave: IntArray,
    how: IntArray,
    gone: npt.NDArray[np.uint8],
    joined: npt.NDArray[np.int16],
    covered: IntArray,
    persons: IntArray,
    months: IntArray,
    p: Whole,
    units_out: IntArray,
    start_by_age: IntArray,
    age_cells: IntArray,
) -> None:
    """Count the block's members on a path; marks the leavers as gone, notes the joiners' months.

    Writes covered: (n,) -1 with a covered month, else 0. Adds to persons: (5,), months: (n_paths,),
    units_out: (n_cells,), start_by_age: (10,), age_cells: (10, 2).
    """
    opening_slots = join_year.size - joined.size
    for i in range(n):
        slot = begin + i
        covered[i] = 0
        if gone[slot]:
            continue
        here = leave[i] - enter[i]
        if join_year[slot] == year:
            joined[slot - opening_slots] = MONTHS * (year - 1) + enter[i]
            persons[JOINED] += 1
        else:
            persons[START] += 1
            start_by_age[age_cell[i]] += leave[i] > 0
        persons[how[i]] += 1
        gone[slot] = how[i] != END
        months[p] += here
        units_out[cell[i]] += here * units[slot]
        age_cells[age_cell[i], CELL_MONTHS] += here
        covered[i] = -1 if here > 0 else 0


@kernel
def count_settled(
    begin: Whole,
    n: Whole,
    units: IntArray,
    cell: IntArray,
    age_cell: IntArray,
    covered: IntArray,
    units_out: IntArray,
    by_age: IntArray,
) -> None:
    """The block's members by tariff cell and age where nobody comes or goes: alike on all paths.

    Writes covered: (n,) -1, units_out: (n_cells,) units a month, by_age: (10,) members.
    """
    units_out[:] = 0
    by_age[:] = 0
    for i in range(n):
        covered[i] = -1
        units_out[cell[i]] += units[begin + i]
        by_age[age_cell[i]] += 1


@kernel
def add_settled(
    n: Whole,
    units: IntArray,
    by_age: IntArray,
    persons: IntArray,
    months: IntArray,
    p: Whole,
    units_out: IntArray,
    start_by_age: IntArray,
    age_cells: IntArray,
) -> None:
    """Every opening member, all year: what `count_settled` counted goes to the sums of a path."""
    persons[START] += n
    persons[END] += n
    months[p] += MONTHS * n
    for cell in range(units.size):
        units_out[cell] += MONTHS * units[cell]
    for cell in range(by_age.size):
        start_by_age[cell] += by_age[cell]
        age_cells[cell, CELL_MONTHS] += MONTHS * by_age[cell]

"""The member-year, compiled: one fund year of every member on every path of a block.

For each path and member, in this order: health state, exits, covered months and dues, a claim count per
line, the claims themselves, their split between those who bear them, and the sums. Nothing here is a float:
money is int64 minor units, probabilities are thresholds on a power of two, so sums do not depend on order and
threads cannot change a digit. The slow twin in ``tests/reference`` gives the same integers from the same
tables.

A claim is one 64-bit word, most significant part first, so that sorting words sorts claims by moment and
equal words are equal claims (the order of ties cannot matter):

    month 4 | part of the month 12 | line 6 | payment delay 6 | amount 36

Random words come from Philox4x32-10 at the address (member, path, year, purpose, index): `mutualfund.rng`.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from numba.cpython.unsafe.numbers import leading_zeros

from mutualfund._jit import inline, kernel
from mutualfund.rng import Purpose
from mutualfund.schema import MAX_AGE
from mutualfund.types import IntArray, SmallIntArray, UIntArray

U = np.uint64
Word: TypeAlias = np.uint64
Whole: TypeAlias = int | np.int64
LOW, HALF = U(0xFFFFFFFF), U(32)
COUNT, CLAIM = U(Purpose.COUNT << 16), U(Purpose.CLAIM << 16)
STATE, EXIT, ENTRY = U(Purpose.STATE << 16), U(Purpose.EXIT << 16), U(Purpose.ENTRY << 16)

MONTHS = 12
DELAYS = 64  # delays 0..62 in whole months; the last column holds everything later
AGE_CELLS = 10
CLAIM_MAX = (1 << 33) - 1  # minor units; a share on a 2^30 scale times this still fits 63 bits
OCTAVES, NODES_PER_OCTAVE = 36, 32
HALF_NODES = OCTAVES * NODES_PER_OCTAVE + 1
ACCEPT_ONE = 1 << 28  # acceptance of a thinned claim: 28 bits of its block
SCALE_BITS = 24  # severity scale (trend and parameter error), fixed point
SHARE_BITS = 30  # coinsurance and other shares, fixed point
GUIDE_BITS = 8  # slots of a count's guide table
NEVER = 1 << 40  # a month that does not come, an amount that is no limit

# Columns of `MemberYear.persons`, `.lines` and `.age_cells`
START, JOINED, LAPSED, DIED, END = range(5)
CLAIMS, BILLED, ALLOWED, EXTERNAL, MEMBER, PROVIDER, FUND = range(7)
CELL_MONTHS, CELL_FUND = range(2)
# Columns of `YearTables.terms` and `.limits`
COPAY, COINSURANCE, DEDUCTIBLE_APPLIES, LINE_LIMIT, EXTERNAL_SHARE, PROVIDER_SHARE = range(6)
OPENS, WAITS, WAIVED_BEFORE = range(3)
DEDUCTIBLE, OUT_OF_POCKET, PLAN_LIMIT = range(3)


class MemberTables(NamedTuple):
    """What does not change from year to year. Member arrays have one row per slot: first the opening members
    in order of their key, then the joiners' slots, year by year."""

    member_key: UIntArray  # (n_slots,)
    age: IntArray  # (n_slots,) age last birthday at the opening of year 1
    sex: IntArray  # (n_slots,) 0 F, 1 M, 2 X
    plan: IntArray  # (n_slots,) row of the plan's terms
    units: IntArray  # (n_slots,) tariff units a month
    join_year: IntArray  # (n_slots,) 0 for opening members
    joined_month: IntArray  # (n_slots,) months from the start of year 1; opening members only
    given_state: IntArray  # (n_slots,) health state from the members file, or -1
    member_stream: UIntArray  # (1, 2) key words
    line_stream: UIntArray  # (n_lines, 2) key words
    state_share: UIntArray  # (2, n_states) cumulative thresholds on 2^32: opening, joiners
    transition: UIntArray  # (n_states, n_states) cumulative thresholds on 2^32
    death: UIntArray  # (121, 3, n_states) thresholds on 2^32
    lapse: UIntArray  # (n_states,) base lapse, thresholds on 2^32
    age_cell: IntArray  # (121,)
    factor_band: IntArray  # (n_lines, 121) age band of the line's factors
    rate_row: IntArray  # (n_lines, n_rungs) first row of the count tables
    use_count: IntArray  # (n_lines,) number of distinct use responses
    count_cdf: UIntArray  # (n_rows, width) P(N <= k), thresholds on 2^32
    count_guide: SmallIntArray  # (n_rows, 256) smallest count of each slot
    severity: IntArray  # (n_lines, 2 * HALF_NODES) folded quantile table, minor units
    month_start: (
        UIntArray  # (n_lines, 12) cumulative seasonal thresholds on 2^32, the last one 2^32
    )
    delay_start: UIntArray  # (n_lines, 64) cumulative delay thresholds on 2^20, the last one 2^20


class YearTables(NamedTuple):
    """The rules in force in one fund year, lowered."""

    year: int
    ordered: int  # 1 where an accumulator spans claims, so that their order matters
    full_exposure: (
        int  # 1: the opening members are in force all year, nobody joins (expected loss ratio)
    )
    waits_served: int  # 1: every line has started and every wait is over
    tariff_cell: IntArray  # (121, n_plans) tariff cell by age and plan
    use: IntArray  # (n_lines, n_plans) which use response the plan's members have
    segment: IntArray  # (12,) which set of terms is in force in each month
    terms: IntArray  # (n_segments, n_plans, n_lines, 6)
    # (n_segments, n_plans, n_lines, 3) month the line opens; waiting months; who joined before this month
    # does not wait. Months count from the start of year 1.
    opening: IntArray
    limits: IntArray  # (n_segments, n_plans, 3)
    layers: IntArray  # (n_layers, 2) excess of loss: retention, limit


class PathInputs(NamedTuple):
    """What a path brings to the year."""

    path: UIntArray  # (n_paths,) path numbers
    rung: IntArray  # (n_paths, n_lines) which rung of the rate ladder the counts are drawn on
    accept: (
        UIntArray  # (n_paths, n_lines, 12) chance on 2^28 that a claim drawn on that rung is real
    )
    scale: IntArray  # (n_paths, n_lines) severity scale on 2^24
    lapse_extra: UIntArray  # (n_paths, n_cells) extra lapse at renewal, thresholds on 2^32


class MemberState(NamedTuple):
    """Member state of the paths in flight."""

    gone: npt.NDArray[np.uint8]  # (n_paths, n_slots)
    health: npt.NDArray[np.uint8]  # (n_paths, n_slots)
    joined: npt.NDArray[
        np.int16
    ]  # (n_paths, n_joiner_slots) month of joining from the start of year 1


class MemberYear(NamedTuple):
    """Exact sums per path. Money in minor units."""

    persons: IntArray  # (n_paths, 5) start, joined, lapsed, died, end
    months: IntArray  # (n_paths,) covered member-months
    units: IntArray  # (n_paths, n_cells) covered months x tariff units
    start_by_age: IntArray  # (n_paths, 10) opening members still there after renewal
    lines: IntArray  # (n_paths, n_lines, 7)
    triangle: IntArray  # (n_paths, 12, 64) fund amounts by treatment month and payment delay
    excess: IntArray  # (n_paths, n_layers) recoveries under excess of loss
    age_cells: IntArray  # (n_paths, 10, 2) months, fund amounts


def empty_year(n_paths: int, n_cells: int, n_lines: int, n_layers: int) -> MemberYear:
    """Zeroed sums for the kernel to add to."""
    shapes = [
        (5,),
        (),
        (n_cells,),
        (AGE_CELLS,),
        (n_lines, 7),
        (12, DELAYS),
        (n_layers,),
        (AGE_CELLS, 2),
    ]
    return MemberYear(*(np.zeros((n_paths, *shape), np.int64) for shape in shapes))


# ---- random words ----------------------------------------------------------------------------------------


@inline
def philox(c0: Word, c1: Word, c2: Word, c3: Word, k0: Word, k1: Word) -> tuple[Word, Word]:
    """Philox4x32-10: two words of 64 bits (words 0, 1 and words 2, 3 of the block)."""
    for _ in range(10):
        p0 = U(0xD2511F53) * c0
        p2 = U(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (p2 >> HALF) ^ c1 ^ k0, p2 & LOW, (p0 >> HALF) ^ c3 ^ k1, p0 & LOW
        k0 = (k0 + U(0x9E3779B9)) & LOW
        k1 = (k1 + U(0xBB67AE85)) & LOW
    return c0 | (c1 << HALF), c2 | (c3 << HALF)


@inline
def block(key: Word, path: Word, tag: Word, stream: UIntArray, row: Whole) -> tuple[Word, Word]:
    """The block at one member's address. `stream` (n, 2) holds key words, `row` says whose."""
    return philox(key & LOW, key >> HALF, path, tag, stream[row, 0], stream[row, 1])


@inline
def steps_passed(word: Word, thresholds: UIntArray, row: Whole) -> int:
    """How many cumulative thresholds of a row lie at or below `word`: a discrete law inverted."""
    step = 0
    while word >= thresholds[row, step]:
        step += 1
    return step


@inline
def few_steps_passed(word: Word, thresholds: UIntArray, row: Whole, few: int) -> Whole:
    """`steps_passed` where nearly all draws end within `few` steps: counted without branches."""
    step = np.int64(0)
    for k in range(few):
        step += np.int64(word >= thresholds[row, k])
    while word >= thresholds[row, step]:
        step += 1
    return step


@inline
def month_of(word: Word) -> Whole:
    """A uniform month 0..11 from 32 bits."""
    return np.int64((word * U(12)) >> HALF)


# ---- the member --------------------------------------------------------------------------------------------


@inline
def health_state(tables: MemberTables, year: int, path: Word, slot: int, before: Whole) -> Whole:
    """This year's health state: from the file, from the shares on arrival, else one step of the chain."""
    if tables.transition.shape[0] == 1:
        return 0
    arriving = year == max(tables.join_year[slot], 1)
    if arriving and tables.given_state[slot] >= 0:
        return tables.given_state[slot]
    tag = (U(year) << U(20)) | STATE
    word = block(tables.member_key[slot], path, tag, tables.member_stream, 0)[0] & LOW
    if arriving:
        return steps_passed(word, tables.state_share, 1 if tables.join_year[slot] > 0 else 0)
    return steps_passed(word, tables.transition, before)


@inline
def covered_months(
    tables: MemberTables, year: int, path: Word, slot: int, health: Whole, age: Whole, extra: Word
) -> tuple[Whole, Whole, int]:
    """First covered month, first month no longer covered, and how the member left (LAPSED, DIED or END).

    One uniform decides both lapses: below the base, the member leaves at the end of a uniform month; in the
    extra part above it, at renewal. So a dearer tariff only adds leavers. Exits before a joiner's entry do
    not count; of two exits the earlier counts, and of two in one month the death.
    """
    key, year_tag = tables.member_key[slot], U(year) << U(20)
    enter: Whole = 0
    joining = tables.join_year[slot] == year
    if joining:
        enter = month_of(block(key, path, year_tag | ENTRY, tables.member_stream, 0)[0] & LOW)
    chances, times = block(key, path, year_tag | EXIT, tables.member_stream, 0)
    lapse, base = chances & LOW, tables.lapse[health]
    if not joining and lapse >= base and lapse < base + extra:
        return 0, 0, LAPSED
    leave: Whole = MONTHS
    how = END
    if lapse < base:
        month = month_of(times & LOW)
        if month >= enter:
            leave, how = month + 1, LAPSED
    if (chances >> HALF) < tables.death[age, tables.sex[slot], health]:
        month = month_of(times >> HALF)
        if month >= enter and month + 1 <= leave:
            leave, how = month + 1, DIED
    return enter, leave, how


# ---- claims ------------------------------------------------------------------------------------------------


@inline
def draw_count(word: Word, cdf: UIntArray, guide: SmallIntArray, row: Whole) -> Whole:
    """A claim count by inversion, so that a higher rate only adds claims."""
    count = np.int64(guide[row, np.int64(word >> U(32 - GUIDE_BITS))])
    while word >= cdf[row, count]:
        count += 1
    return count


@inline
def draw_amount(bits: Word, nodes: IntArray, line: Whole) -> Whole:
    """A claim amount from 36 random bits: linear between the nodes of the line's folded quantile table.

    The top bit chooses the half (below or above the median), the rest the distance v from its far end; nodes
    are equally spaced within each octave of v, so both tails are resolved. Rounded half up.
    """
    upper = np.int64(bits >> U(35))
    v = U(2) * (bits & U((1 << 35) - 1)) + U(1)  # v / 2^36 in (0, 1)
    octave = np.int64(63) - np.int64(leading_zeros(v))  # type: ignore[call-arg]  # the compiler passes the first one
    mantissa = (v << U(63 - octave)) & U((1 << 63) - 1)  # 63 bits below the leading one
    node = upper * HALF_NODES + octave * NODES_PER_OCTAVE + np.int64(mantissa >> U(58))
    fraction = np.int64((mantissa >> U(38)) & U((1 << 20) - 1))
    low = nodes[line, node]
    return low + (((nodes[line, node + 1] - low) * fraction + (1 << 19)) >> 20)


@inline
def scaled(amount: Whole, scale: Whole) -> Whole:
    """The amount times the year's severity scale, half up, never above what a claim may be."""
    return min((amount * scale + (1 << (SCALE_BITS - 1))) >> SCALE_BITS, CLAIM_MAX)


@inline
def pack(month: Whole, part: Word, line: Whole, delay: Whole, amount: Whole) -> Word:
    """A claim as one word."""
    head = (U(month) << U(60)) | (part << U(48)) | (U(line) << U(42))
    return head | (U(delay) << U(36)) | U(amount)


@inline
def draw_claims(
    tables: MemberTables,
    rules: YearTables,
    paths: PathInputs,
    p: int,
    slot: int,
    line: int,
    row: Whole,
    enter: Whole,
    leave: Whole,
    words: UIntArray,
    n: int,
) -> int:
    """Append the line's claims in covered months to `words`; returns the new number of words."""
    key, path, stream = tables.member_key[slot], paths.path[p], tables.line_stream
    year_tag = U(rules.year) << U(20)
    word = block(key, path, year_tag | COUNT, stream, line)[0] & LOW
    count = draw_count(word, tables.count_cdf, tables.count_guide, row)
    for index in range(count):
        first, second = block(key, path, year_tag | CLAIM | U(index), stream, line)
        month = few_steps_passed(second & LOW, tables.month_start, line, MONTHS - 1)
        real = (first & U(ACCEPT_ONE - 1)) < paths.accept[p, line, month]
        if not real or month < enter or month >= leave:
            continue
        part = (second >> HALF) & U(0xFFF)
        delay = few_steps_passed(second >> U(44), tables.delay_start, line, 8)
        amount = scaled(draw_amount(first >> U(28), tables.severity, line), paths.scale[p, line])
        words[n] = pack(month, part, line, delay, amount)
        n += 1
    return n


@kernel
def sort_words(words: UIntArray, n: int) -> None:
    """Insertion sort: members have few claims."""
    for right in range(1, n):
        word = words[right]
        left = right
        while left > 0 and words[left - 1] > word:
            words[left] = words[left - 1]
            left -= 1
        words[left] = word


@inline
def share_of(amount: Whole, share: Whole) -> Whole:
    """amount x share, half up; `share` on a 2^30 scale."""
    return (amount * share + (1 << (SHARE_BITS - 1))) >> SHARE_BITS


@inline
def recognised(
    rules: YearTables, segment: Whole, plan: Whole, line: Whole, month: Whole, joined: Whole
) -> bool:
    """Whether the line is open and the member's waiting clock has run out in this month."""
    opens = rules.opening[segment, plan, line, OPENS]
    if rules.waits_served:
        return opens < NEVER
    now = MONTHS * (rules.year - 1) + month
    if now < opens:
        return False
    if joined < rules.opening[segment, plan, line, WAIVED_BEFORE]:
        return True
    return now >= max(joined, opens) + rules.opening[segment, plan, line, WAITS]


@inline
def share_claims(
    rules: YearTables,
    p: int,
    plan: Whole,
    joined: Whole,
    words: UIntArray,
    n: int,
    used: IntArray,
    out: MemberYear,
) -> Whole:
    """Split the member's claims, in order of moment, between those who bear them; returns the fund's part.

    used: (2 + n_lines,) what the member has used of the deductible, the out-of-pocket maximum and each line's
    limit; the plan's own limit is the sum of the lines. Adds to `out.lines` and `out.triangle`.
    """
    used[:] = 0
    fund_total: Whole = 0
    paid_total: Whole = 0
    for k in range(n):
        word = words[k]
        month, line = np.int64(word >> U(60)), np.int64((word >> U(42)) & U(63))
        billed = np.int64(word & U((1 << 36) - 1))
        out.lines[p, line, CLAIMS] += 1
        out.lines[p, line, BILLED] += billed
        segment = rules.segment[month]
        if not recognised(rules, segment, plan, line, month, joined):
            continue
        terms, limits = rules.terms, rules.limits
        external = share_of(billed, terms[segment, plan, line, EXTERNAL_SHARE])
        own = billed - external
        copay = min(own, terms[segment, plan, line, COPAY])
        deductible = 0
        if terms[segment, plan, line, DEDUCTIBLE_APPLIES]:
            deductible = min(own - copay, max(limits[segment, plan, DEDUCTIBLE] - used[0], 0))
        rest = own - copay - deductible
        member = copay + deductible + share_of(rest, terms[segment, plan, line, COINSURANCE])
        member = min(member, max(limits[segment, plan, OUT_OF_POCKET] - used[1], 0))
        room = min(
            terms[segment, plan, line, LINE_LIMIT] - used[2 + line],
            limits[segment, plan, PLAN_LIMIT] - paid_total,
        )
        covered = min(own - member, max(room, 0))
        used[0] += deductible
        used[1] += member
        used[2 + line] += covered
        paid_total += covered
        provider = share_of(covered, terms[segment, plan, line, PROVIDER_SHARE])
        fund = covered - provider
        fund_total += fund
        out.lines[p, line, ALLOWED] += billed
        out.lines[p, line, EXTERNAL] += external
        out.lines[p, line, MEMBER] += own - covered
        out.lines[p, line, PROVIDER] += provider
        out.lines[p, line, FUND] += fund
        out.triangle[p, month, np.int64((word >> U(36)) & U(63))] += fund
    return fund_total


# ---- the year ----------------------------------------------------------------------------------------------


@inline
def member_year(
    tables: MemberTables,
    rules: YearTables,
    paths: PathInputs,
    p: int,
    slot: int,
    state: MemberState,
    words: UIntArray,
    used: IntArray,
    out: MemberYear,
) -> None:
    """One member's year on one path, from the opening to the sums."""
    opening_slots = tables.member_key.size - state.joined.shape[1]
    year, path = rules.year, paths.path[p]
    age = min(tables.age[slot] + year - 1, MAX_AGE)
    plan, age_cell = tables.plan[slot], tables.age_cell[age]
    health = health_state(tables, year, path, slot, state.health[p, slot])
    state.health[p, slot] = health
    cell = rules.tariff_cell[age, plan]
    enter: Whole = 0
    leave: Whole = MONTHS
    how = END
    if not rules.full_exposure:
        extra = paths.lapse_extra[p, cell]
        enter, leave, how = covered_months(tables, year, path, slot, health, age, extra)
    joining = tables.join_year[slot] == year
    if joining:
        state.joined[p, slot - opening_slots] = MONTHS * (year - 1) + enter
        out.persons[p, JOINED] += 1
    else:
        out.persons[p, START] += 1
        out.start_by_age[p, age_cell] += leave > 0
    out.persons[p, how] += 1
    state.gone[p, slot] = how != END
    months = leave - enter
    units = months * tables.units[slot]
    out.months[p] += months
    out.units[p, cell] += units
    out.age_cells[p, age_cell, CELL_MONTHS] += months
    if months == 0:
        return
    n = 0
    for line in range(tables.line_stream.shape[0]):
        band = tables.factor_band[line, age] * 3 + tables.sex[slot]
        rate = (band * tables.transition.shape[0] + health) * tables.use_count[line]
        row = tables.rate_row[line, paths.rung[p, line]] + rate + rules.use[line, plan]
        n = draw_claims(tables, rules, paths, p, slot, line, row, enter, leave, words, n)
    if n == 0:
        return
    if rules.ordered:
        sort_words(words, n)
    joined: Whole = tables.joined_month[slot]
    if slot >= opening_slots:
        joined = np.int64(state.joined[p, slot - opening_slots])
    fund = share_claims(rules, p, plan, joined, words, n, used, out)
    out.age_cells[p, age_cell, CELL_FUND] += fund
    for layer in range(rules.layers.shape[0]):
        above = fund - rules.layers[layer, 0]
        out.excess[p, layer] += min(max(above, 0), rules.layers[layer, 1])


@kernel
def simulate_year(
    tables: MemberTables,
    rules: YearTables,
    paths: PathInputs,
    state: MemberState,
    out: MemberYear,
    words: UIntArray,
    used: IntArray,
) -> None:
    """One fund year of every member on every path of the block; adds to the zeroed sums in `out`.

    tables: MemberTables. rules: YearTables. paths: PathInputs. state: MemberState, carried to the next year.
    out: MemberYear. words: room for the most claims a member-year can have. used: (2 + n_lines,) scratch.
    """
    last_to_join = 0 if rules.full_exposure else rules.year
    for p in range(paths.path.size):
        for slot in range(tables.member_key.size):
            if tables.join_year[slot] > last_to_join:
                break
            if state.gone[p, slot] == 0:
                member_year(tables, rules, paths, p, slot, state, words, used, out)

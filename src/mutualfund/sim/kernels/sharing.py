"""Who bears each claim: the by-laws' cost sharing, claim by claim in order of moment, 32 members at once.

The terms of a plan and line are one or two words (`packing`), looked up for all claims of a chunk before
any is shared out. What a member has left of deductible, out-of-pocket maximum and annual limit are rows of
`left`. Every stage is a loop of its own; those that a scenario does not need are not run.
"""

from __future__ import annotations

from mutualfund._jit import inline, stage, widest_vectors
from mutualfund._philox import U, Word
from mutualfund.sim.kernels.claims import AMOUNT, cell_at, line_in, month_in
from mutualfund.sim.kernels.layout import DEDUCTIBLE, OUT_OF_POCKET, PLAN_LIMIT
from mutualfund.sim.kernels.packing import COPAY_AT, FAR, FLAG_AT, OPEN_AT, OVER_AT, RATE, WAIT_AT
from mutualfund.sim.kernels.vectors import Whole, share_of, take
from mutualfund.sim.kernels.workspace import (
    DEDUCTIBLE_LEFT,
    LANES,
    LIMIT_LEFT,
    N_LEFT,
    OVERDRAWN,
    POCKET_LEFT,
    SEGMENT_NOW,
)
from mutualfund.types import IntArray


@inline
def left_at(row: Word, i: Whole) -> Word:
    return row * U(LANES) + U(i)


@stage
def find_terms(
    n: Whole,
    segments: Whole,
    segment_row: IntArray,
    plan_row: IntArray,
    word: IntArray,
    at: IntArray,
) -> None:
    """Which row of the terms each claim falls under; plan_row: (LANES,), segment_row: (16,) by month.

    The loop over lanes ends where `plan_row` does: one of known length LLVM writes out word by word.
    """
    widest_vectors()
    for j in range(n // LANES):
        for i in range(plan_row.size):
            t = cell_at(j, i)
            at[t] = plan_row[i] + line_in(word[t])
    if segments > 1:
        for claim in range(n):
            at[claim] += segment_row[month_in(word[claim])]


@stage
def billed(n: Whole, word: IntArray, own: IntArray) -> None:
    """The amount of each claim."""
    widest_vectors()
    for t in range(n):
        own[t] = word[t] & AMOUNT


@stage
def recognise(
    n: Whole,
    opening: IntArray,
    at: IntArray,
    joined: IntArray,
    word: IntArray,
    clock: IntArray,
    own: IntArray,
) -> None:
    """Nothing is allowed of a claim before its line opens or while the member waits: its amount becomes 0.

    joined: (LANES,) month of joining from the first of the year. clock: scratch.
    """
    widest_vectors()
    take(opening, 0, at, 0, clock, 0, n)
    for j in range(n // LANES):
        for i in range(LANES):
            t = cell_at(j, i)
            rule = clock[t]
            month = month_in(word[t])
            waived = joined[i] < (rule & 0xFFFFFFFF) - FAR
            served = (month >= ((rule >> OVER_AT) & 15)) & (
                month >= joined[i] + ((rule >> WAIT_AT) & 0xFFFF)
            )
            allowed = (month >= ((rule >> OPEN_AT) & 15)) & (waived | served)
            own[t] = own[t] if allowed else 0


@stage
def split_off(n: Whole, share: IntArray, at: IntArray, amount: IntArray, part: IntArray) -> None:
    """part = a share of each amount, half up, taken off it; share: by row of the terms, on a 2^30 scale."""
    widest_vectors()
    take(share, 0, at, 0, part, 0, n)
    for t in range(n):
        part[t] = share_of(amount[t], part[t])
        amount[t] -= part[t]


@stage
def open_accounts(limits: IntArray, plan: IntArray, left: IntArray) -> None:
    """What each member may use in the year; limits: (n_plans, 3) of the year's first segment."""
    for i in range(LANES):
        left[left_at(DEDUCTIBLE_LEFT, i)] = limits[plan[i], DEDUCTIBLE]
        left[left_at(POCKET_LEFT, i)] = limits[plan[i], OUT_OF_POCKET]
        left[left_at(LIMIT_LEFT, i)] = limits[plan[i], PLAN_LIMIT]
        for row in range(SEGMENT_NOW, N_LEFT):
            left[left_at(U(row), i)] = 0


@stage
def renew_accounts(
    j: Whole, segment: IntArray, limits: IntArray, plan: IntArray, word: IntArray, left: IntArray
) -> None:
    """Where column j falls under later terms than the one before: new limits, less what has been used.

    segment: (16,) by month. limits: (n_segments, n_plans, 3).
    """
    for i in range(LANES):
        now, before = segment[month_in(word[cell_at(j, i)])], left[left_at(SEGMENT_NOW, i)]
        if now != before:
            for row in range(3):
                change = limits[now, plan[i], row] - limits[before, plan[i], row]
                here, over = left_at(U(row), i), left_at(OVERDRAWN + U(row), i)
                free = left[here] - left[over] + change
                left[here], left[over] = max(free, 0), max(-free, 0)
            left[left_at(SEGMENT_NOW, i)] = now


@stage
def share_columns(
    first: Whole, end: Whole, terms: IntArray, own: IntArray, left: IntArray, covered: IntArray
) -> None:
    """Columns first to end - 1: copay, deductible, coinsurance, out-of-pocket maximum, annual limit.

    terms, own, covered: (n,) by claim; covered is what the plan pays.
    """
    widest_vectors()
    for j in range(first, end):
        for i in range(LANES):
            t = cell_at(j, i)
            term, amount = terms[t], own[t]
            deductible_left = left[left_at(DEDUCTIBLE_LEFT, i)]
            pocket_left, limit_left = left[left_at(POCKET_LEFT, i)], left[left_at(LIMIT_LEFT, i)]
            copay = min(amount, (term >> COPAY_AT) & 0xFFFFFFFF)
            rest = amount - copay
            deductible = min(rest & -((term >> FLAG_AT) & 1), deductible_left)
            rest -= deductible
            member = min(copay + deductible + share_of(rest, term & RATE), pocket_left)
            paid = min(amount - member, limit_left)
            left[left_at(DEDUCTIBLE_LEFT, i)] = deductible_left - deductible
            left[left_at(POCKET_LEFT, i)] = pocket_left - member
            left[left_at(LIMIT_LEFT, i)] = limit_left - paid
            covered[t] = paid


@stage
def cap_column(
    j: Whole,
    limit: IntArray,
    at: IntArray,
    word: IntArray,
    used: IntArray,
    left: IntArray,
    covered: IntArray,
) -> None:
    """Column j again, under the annual limits of lines; what a line does not pay, the plan's limit keeps.

    limit: by row of the terms. used: (n_lines, LANES) what the plan has paid on each line.
    """
    for i in range(LANES):
        t = cell_at(j, i)
        line, paid = line_in(word[t]), covered[t]
        capped = min(paid, max(limit[at[t]] - used[line, i], 0))
        used[line, i] += capped
        left[left_at(LIMIT_LEFT, i)] += paid - capped
        covered[t] = capped

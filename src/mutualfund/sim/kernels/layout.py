"""What the kernel reads and writes: its tables, its sums, and the size of everything it keeps at hand.

Nothing here is compiled. Money is int64 minor units, probabilities are thresholds on a power of two.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mutualfund.types import IntArray, SmallIntArray, UIntArray

MONTHS = 12
DELAYS = 64  # delays 0..62 in whole months; the last one holds everything later
AGE_CELLS = 10
CLAIM_MAX = (1 << 33) - 1  # minor units; a share on a 2^30 scale times this still fits 63 bits
COPAY_MAX = (1 << 32) - 1  # minor units
STEP_MAX = (1 << 31) - 2  # minor units between neighbouring nodes of a severity, rounding aside
OCTAVES, NODES_PER_OCTAVE = 36, 32
HALF_NODES = OCTAVES * NODES_PER_OCTAVE + 1
ACCEPT_ONE = 1 << 28  # acceptance of a thinned claim: 28 bits of its block
SCALE_BITS = 24  # severity scale of a path (parameter error), fixed point
SHARE_BITS = 30  # coinsurance and other shares, fixed point
GUIDE_BITS = 8  # a count's first byte decides it in most slots of its guide
MONTH_SLOTS, MONTH_BITS = 16, 28  # alias table of the month: 4 bits choose the slot, 28 the side
DELAY_SLOTS, DELAY_BITS = 64, 14  # alias table of the delay: 6 bits and 14
NEVER = 1 << 40  # a month that does not come, an amount that is no limit
PATHS_PER_SCREEN = 16  # neighbouring paths that share a block of first bytes

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
    frailty_share: UIntArray  # (n_levels,) cumulative thresholds on 2^32; 1 level without a frailty
    transition: UIntArray  # (n_states, n_states) cumulative thresholds on 2^32
    death: UIntArray  # (121, 3, n_states) thresholds on 2^32
    lapse: UIntArray  # (n_states,) base lapse, thresholds on 2^32
    age_cell: IntArray  # (121,)
    factor_band: IntArray  # (n_lines, 121) age band of the line's factors
    rate_row: IntArray  # (n_lines, n_rungs) first row of the count tables
    frailty_levels: IntArray  # (n_lines,) rows by level of the shared frailty: 1 or n_levels
    use_count: IntArray  # (n_lines,) number of distinct use responses
    count_cdf: UIntArray  # (n_rows, width) P(N <= k), thresholds on 2^32
    # (n_rows, 256) by first byte of the draw: the count, or -1 - the smallest where the byte leaves it open
    count_guide: SmallIntArray
    screen: IntArray  # (n_lines,) sparse lines: how many highest first bytes may mean a claim
    month: UIntArray  # (n_lines, 16) alias table: threshold on 2^28 << 8 | month beyond it
    delay: UIntArray  # (n_lines, 64) alias table: threshold on 2^14 << 8 | delay beyond it


class YearTables(NamedTuple):
    """The rules in force in one fund year, lowered."""

    year: int
    ordered: int  # 1 where an accumulator spans claims, so that their order matters
    full_exposure: (
        int  # 1: the opening members are in force all year, nobody joins (expected loss ratio)
    )
    waits_served: int  # 1: every line has started and every wait is over
    moving: int  # 1 where somebody may join, lapse or die in some year
    by_age: int  # 1 where the fund's part is wanted by age
    # (n_tables, 2 * HALF_NODES) folded quantile tables at the year's prices: one a line, in order, then those
    # that the truth of a path may have in their place
    severity: IntArray
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
    # (n_paths, n_lines, 12) chance on 2^28 that a claim drawn on that rung is real
    accept: UIntArray
    table: IntArray  # (n_paths, n_lines) row of the severity tables that a line's claims are drawn from
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
    age_cells: IntArray  # (n_paths, 10, 2) months, fund amounts (where `by_age`)


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

"""A year's rules and a block's paths as the chunks read them: words to look up, and which stages to run.

Made once a call, in NumPy. The tables of `layout` stay as a reader would write them; these are short forms.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from mutualfund.sim.kernels.layout import (
    ACCEPT_ONE,
    COINSURANCE,
    COPAY,
    DEDUCTIBLE_APPLIES,
    DELAY_BITS,
    EXTERNAL_SHARE,
    HALF_NODES,
    LINE_LIMIT,
    MONTHS,
    NEVER,
    OPENS,
    PROVIDER_SHARE,
    SCALE_BITS,
    WAITS,
    WAIVED_BEFORE,
    MemberTables,
    PathInputs,
    YearTables,
)
from mutualfund.types import IntArray, UIntArray

# Bits of a word of severity: node 33 | way to the next node 31
WAY_BITS: Final = 31
WAY: Final = (1 << WAY_BITS) - 1
# Bits of a word of terms: copay 32 | deductible applies 1 | coinsurance 31
FLAG_AT, COPAY_AT = 31, 32
RATE: Final = (1 << FLAG_AT) - 1
# Bits of a word of opening: open from month 4 | wait over in month 4 | waits 16 | waived before 32
WAIT_AT, OVER_AT, OPEN_AT = 32, 48, 52
FAR: Final = 1 << 30  # months that no clock reaches, either way
LONGEST_WAIT = 4095  # months: beyond any run
# Rows of `YearWords.rule`
TERMS, OPENING, EXTERNAL_RATE, PROVIDER_RATE, LIMIT = range(5)
# Rows of `YearWords.month_row`
SEGMENT, SEGMENT_ROW = range(2)
WORD_MONTHS = 16  # an empty word says month 15
# Columns of `PathWords.flags`
THINNED, SHAPED, SCALED = range(3)


class YearWords(NamedTuple):
    """The rules of a fund year. A row of the terms is (segment * n_plans + plan) * n_lines + line."""

    year: int
    ordered: int
    moving: int  # somebody may join, lapse or die
    states: int  # more than one health state
    frailty: int  # some lines share a yearly frailty
    restricted: int  # some line is closed, opens later or has a waiting time
    external: int
    provider: int
    line_limits: int
    by_age: int
    by_member: int  # the fund's part is wanted by member: excess of loss, or by age
    sparse: int  # some line is searched for rather than counted
    segments: int
    delays: int  # payment delays that can occur
    members: int  # slots of those who have joined by now
    before: int  # slots of those who had joined before this year
    transition: UIntArray  # (n_states * n_states,)
    death: UIntArray  # (121 * 3 * n_states,)
    severity: UIntArray  # (n_tables * 2 * HALF_NODES,)
    guide: UIntArray  # (n_rows * 64,) the guides, four counts a word
    month: UIntArray  # (n_lines * 16,)
    delay: UIntArray  # (n_lines * 64,)
    line_key: UIntArray  # (n_lines,)
    rule: IntArray  # (5, n_rows)
    month_row: IntArray  # (2, 16)
    limits: IntArray  # (n_segments, n_plans, 3)
    layers: IntArray  # (n_layers, 2)
    tariff_cell: IntArray  # (121, n_plans)
    use: IntArray  # (n_lines, n_plans)


class PathWords(NamedTuple):
    """The paths of a block."""

    path: UIntArray  # (n_paths,)
    rung: IntArray  # (n_paths, n_lines)
    accept: UIntArray  # (n_paths, n_lines * 12)
    shift: UIntArray  # (n_paths, n_lines) nodes from a line's own severity table to the path's
    scale: IntArray  # (n_paths, n_lines)
    lapse_extra: UIntArray  # (n_paths, n_cells)
    flags: IntArray  # (n_paths, 3)


def year_words(tables: MemberTables, rules: YearTables) -> YearWords:
    """The short form of a year's rules."""
    _, n_plans, n_lines, _ = rules.terms.shape
    opens, waits = rules.opening[..., OPENS], rules.opening[..., WAITS]
    waiting = (waits > 0) & (rules.waits_served == 0)
    latest = 0 if rules.full_exposure else rules.year
    segment = rules.segment[np.minimum(np.arange(WORD_MONTHS), MONTHS - 1)]
    rule = [
        packed_terms(rules.terms),
        packed_opening(rules),
        rules.terms[..., EXTERNAL_SHARE],
        rules.terms[..., PROVIDER_SHARE],
        rules.terms[..., LINE_LIMIT],
    ]
    return YearWords(
        year=rules.year,
        ordered=rules.ordered,
        moving=rules.moving,
        states=int(tables.transition.shape[0] > 1),
        frailty=int((tables.frailty_levels > 1).any()),
        restricted=int((waiting | (opens > MONTHS * (rules.year - 1))).any()),
        external=int(rules.terms[..., EXTERNAL_SHARE].any()),
        provider=int(rules.terms[..., PROVIDER_SHARE].any()),
        line_limits=int((rules.terms[..., LINE_LIMIT] < NEVER).any()),
        by_age=rules.by_age,
        by_member=int(rules.layers.size > 0 or rules.by_age != 0),
        sparse=int((tables.screen > 0).any()),
        segments=rules.terms.shape[0],
        delays=longest_delay(tables.delay) + 1,
        members=int(np.searchsorted(tables.join_year, latest, side="right")),
        before=int(np.searchsorted(tables.join_year, max(rules.year, 1), side="left")),
        transition=tables.transition.reshape(-1),
        death=tables.death.reshape(-1),
        severity=packed_severity(rules.severity).reshape(-1),
        guide=tables.count_guide.reshape(-1).view(np.uint64),
        month=tables.month.reshape(-1),
        delay=tables.delay.reshape(-1),
        line_key=tables.line_stream[:, 0] | tables.line_stream[:, 1] << np.uint64(32),
        rule=np.array([words.reshape(-1) for words in rule], np.int64),
        month_row=np.array([segment, segment * n_plans * n_lines], np.int64),
        limits=rules.limits,
        layers=rules.layers,
        tariff_cell=rules.tariff_cell,
        use=rules.use,
    )


def packed_severity(nodes: IntArray) -> UIntArray:
    """Each node beside the way to the next one, whose sign the half says; (n_tables, 2 * HALF_NODES)."""
    halves = nodes.reshape(nodes.shape[0], 2, HALF_NODES)
    way = np.zeros_like(halves)
    way[..., :-1] = np.abs(np.diff(halves, axis=-1))
    packed: UIntArray = (halves << WAY_BITS | way).reshape(nodes.shape).astype(np.uint64)
    return packed


def packed_terms(terms: IntArray) -> IntArray:
    """Copay, whether the deductible applies, and coinsurance in one word; (n_segments, n_plans, n_lines)."""
    flag = (terms[..., DEDUCTIBLE_APPLIES] != 0).astype(np.int64)
    packed: IntArray = terms[..., COPAY] << COPAY_AT | flag << FLAG_AT | terms[..., COINSURANCE]
    return packed


def packed_opening(rules: YearTables) -> IntArray:
    """When a line opens, when waits counted from there are over, the wait, and who does not wait.

    Months are made relative to the year's first, and clipped to the year.
    """
    first = MONTHS * (rules.year - 1)
    opens, waits = rules.opening[..., OPENS], rules.opening[..., WAITS]
    if rules.waits_served:
        month, over = np.where(opens < NEVER, 0, MONTHS), np.zeros_like(opens)
        waived = np.full_like(opens, FAR)
    else:
        month = np.clip(opens - first, 0, MONTHS)
        over = np.clip(np.maximum(opens, -FAR) + waits - first, 0, MONTHS)
        waived = np.clip(rules.opening[..., WAIVED_BEFORE] - first, -FAR, FAR)
    clocks = month << OPEN_AT | over << OVER_AT | np.minimum(waits, LONGEST_WAIT) << WAIT_AT
    packed: IntArray = clocks | (waived + FAR)
    return packed


def longest_delay(delay: UIntArray) -> int:
    """The longest payment delay, in months, that some line's alias table can give.

    delay: (n_lines, 64) threshold << 8 | delay beyond it.
    """
    threshold, beyond = delay >> np.uint64(8), (delay & np.uint64(0xFF)).astype(np.int64)
    own = np.where(threshold > 0, np.arange(delay.shape[1]), 0)
    other = np.where(threshold < 1 << DELAY_BITS, beyond, 0)
    return int(max(own.max(initial=0), other.max(initial=0)))


def path_words(paths: PathInputs) -> PathWords:
    """The short form of a block's paths."""
    n = paths.path.size
    thinned = (paths.accept < ACCEPT_ONE).reshape(n, -1).any(axis=1)
    ahead = paths.table - np.arange(paths.table.shape[1])
    scaled = (paths.scale != 1 << SCALE_BITS).any(axis=1)
    return PathWords(
        path=paths.path,
        rung=paths.rung,
        accept=paths.accept.reshape(n, -1),
        shift=(ahead * (2 * HALF_NODES)).astype(np.uint64),
        scale=paths.scale,
        lapse_extra=paths.lapse_extra,
        flags=np.stack([thinned, ahead.any(axis=1), scaled], axis=1).astype(np.int64),
    )

"""The year: blocks of members, on them groups of paths, on these one path after the other, chunk by chunk.

Read `simulate_year` first and follow the calls downward.
"""

from __future__ import annotations

from mutualfund._jit import awaited_kernel, inline, part
from mutualfund._philox import U
from mutualfund.rng import Purpose
from mutualfund.sim.kernels import claims, counts, people, sharing, sums
from mutualfund.sim.kernels.layout import (
    ALLOWED,
    BILLED,
    EXTERNAL,
    FUND,
    MEMBER,
    MONTHS,
    PATHS_PER_SCREEN,
    PROVIDER,
    MemberState,
    MemberTables,
    MemberYear,
    PathInputs,
    YearTables,
)
from mutualfund.sim.kernels.packing import (
    EXTERNAL_RATE,
    LIMIT,
    OPENING,
    PROVIDER_RATE,
    SCALED,
    SEGMENT,
    SEGMENT_ROW,
    SHAPED,
    TERMS,
    THINNED,
    PathWords,
    YearWords,
    path_words,
    year_words,
)
from mutualfund.sim.kernels.vectors import Whole, fill, take
from mutualfund.sim.kernels.workspace import (
    AT,
    COLUMNS,
    COVERED,
    FOUND,
    HEAD,
    HEALTH,
    LANE_FUND,
    LANE_JOINED,
    LANE_PLAN,
    LANE_PLAN_ROW,
    LANES,
    LEVEL,
    OPEN,
    ORDER,
    OWN,
    PAID,
    PART,
    PLACE,
    ROW_NOW,
    SO_FAR,
    TERM,
    TOTAL,
    WORD,
    Workspace,
    kept_memory,
    workspace,
)
from mutualfund.types import IntArray, UIntArray

CLAIM = U(Purpose.CLAIM << 16)


# ---- a chunk -----------------------------------------------------------------------------------------------


@part
def draw_chunk(
    year: YearWords, paths: PathWords, p: Whole, columns: Whole, work: Workspace
) -> None:
    """All claims of a chunk as words."""
    tag = (U(year.year) << U(20)) | CLAIM
    word = work.claim[WORD]
    for j0 in range(0, columns, COLUMNS):
        some = min(COLUMNS, columns - j0)
        claims.draw_columns(
            j0,
            some,
            work.lane,
            work.mark,
            tag,
            paths.path[p],
            year.line_key,
            paths.flags[p, SHAPED],
            paths.shift[p],
            year.severity,
            year.month,
            year.delay,
            work.work,
        )
        if paths.flags[p, SCALED]:
            claims.rescale(some * LANES, paths.scale[p], work.work)
        claims.pack(j0, some, work.lane, work.work, word)
        if paths.flags[p, THINNED]:
            claims.thin(j0, some * LANES, paths.accept[p], work.work, word)
    claims.wipe(columns, work.mark)


@part
def share_chunk(year: YearWords, columns: Whole, work: Workspace, lines_out: IntArray) -> None:
    """Split a chunk's claims between those who bear them, and add up each part; lines_out: (n_lines, 7)."""
    n, lines = columns * LANES, year.line_key.size
    word, own, at, paid = work.claim[WORD], work.claim[OWN], work.claim[AT], work.claim[PAID]
    term, apart, plan = work.claim[TERM], work.claim[PART], work.lanes[LANE_PLAN]
    sharing.billed(n, word, own)
    sharing.find_terms(
        n, year.segments, year.month_row[SEGMENT_ROW], work.lanes[LANE_PLAN_ROW], word, at
    )
    if year.restricted:
        sharing.recognise(n, year.rule[OPENING], at, work.lanes[LANE_JOINED], word, term, own)
        sums.add_by_line(n, word, own, lines, ALLOWED, lines_out)
    if year.external:
        sharing.split_off(n, year.rule[EXTERNAL_RATE], at, own, apart)
        sums.add_by_line(n, word, apart, lines, EXTERNAL, lines_out)
    take(year.rule[TERMS], 0, at, 0, term, 0, n)
    sharing.open_accounts(year.limits[0], plan, work.left)
    if year.line_limits:
        for line in range(lines):
            fill(work.used[line], LANES, 0)
    if year.segments > 1 or year.line_limits:
        for j in range(columns):
            if year.segments > 1:
                sharing.renew_accounts(
                    j, year.month_row[SEGMENT], year.limits, plan, word, work.left
                )
            sharing.share_columns(j, j + 1, term, own, work.left, paid)
            if year.line_limits:
                sharing.cap_column(j, year.rule[LIMIT], at, word, work.used, work.left, paid)
    else:
        sharing.share_columns(0, columns, term, own, work.left, paid)
    if year.provider:
        sharing.split_off(n, year.rule[PROVIDER_RATE], at, paid, apart)
        sums.add_by_line(n, word, apart, lines, PROVIDER, lines_out)


@part
def one_chunk(
    tables: MemberTables,
    year: YearWords,
    paths: PathWords,
    p: Whole,
    begin: Whole,
    chunk: Whole,
    live: Whole,
    state: MemberState,
    work: Workspace,
    out: MemberYear,
) -> None:
    """32 members from their counts to their sums."""
    member, lanes, inside = work.member, work.lanes, min(LANES, live - chunk)
    columns = member[TOTAL, member[ORDER, chunk]]
    n, lines_out = columns * LANES, out.lines[p]
    word, paid, so_far = work.claim[WORD], work.claim[PAID], work.claim[SO_FAR]
    claims.take_lanes(tables, begin, chunk, live, member, work.lane, lanes)
    claims.mark_lines(inside, tables.screen, work.counted, lanes, work.end, work.mark)
    if year.sparse:
        claims.mark_sparse(inside, member, work.entry, lanes, work.mark)
    if year.moving or year.restricted:
        first_month = MONTHS * (year.year - 1)
        claims.take_cover(tables.joined_month, state.joined[p], begin, first_month, member, lanes)
    draw_chunk(year, paths, p, columns, work)
    if year.moving:
        claims.within_cover(columns, lanes, word)
    sums.running(columns, word, so_far)
    sums.add_dense(inside, tables.screen, work.end, so_far, lines_out)
    if year.sparse:
        sums.add_sparse(inside, member, work.entry, lanes, so_far, lines_out)
    if year.ordered:
        claims.by_moment(columns, word)
    share_chunk(year, columns, work, lines_out)
    sums.add_to_bins(n, word, paid, year.delays, work.claim[AT], work.bins)
    if year.by_member:
        sums.by_member(columns, paid, lanes[LANE_FUND])
        sums.excess_of_loss(lanes[LANE_FUND], year.layers, out.excess[p])
    if year.by_age:
        sums.add_by_age(inside, member, lanes, out.age_cells[p])


# ---- a block of members ------------------------------------------------------------------------------------


@part
def draw_counts(
    tables: MemberTables,
    year: YearWords,
    paths: PathWords,
    p: Whole,
    k: Whole,
    begin: Whole,
    n: Whole,
    work: Workspace,
) -> None:
    """Claim counts of all lines on the k-th path of its group: by member, and in all."""
    tag, member = (U(year.year) << U(20)) | counts.COUNT, work.member
    total, open_, head, covered = member[TOTAL], member[OPEN], member[HEAD], member[COVERED]
    fill(total, n, 0)
    if year.sparse:
        fill(head, n, -1)
    entries: Whole = 0
    for line in range(tables.screen.size):
        start = tables.rate_row[line, paths.rung[p, line]]
        row, count = work.row[line], work.counted[line]
        if year.states or year.frailty:
            row = member[ROW_NOW]
            counts.rows_of_states(
                n,
                work.row[line],
                member[HEALTH],
                member[LEVEL],
                tables.frailty_levels[line],
                tables.use_count[line],
                row,
            )
        bytes_ = work.screen[line * PATHS_PER_SCREEN + k]
        if tables.screen[line] == 0:
            counts.guide_places(n, bytes_, row, start, member[PLACE])
            counts.read_guide(
                n, year.guide, bytes_, member[PLACE], covered, member[FOUND], count, total
            )
            found = counts.left_open(n, count, open_)
        else:
            eights = work.eights[line * PATHS_PER_SCREEN + k]
            found = counts.find_candidates(
                n,
                covered,
                bytes_,
                eights,
                tables.screen[line],
                row,
                start,
                tables.count_guide,
                open_,
                count,
            )
        counts.own_words(
            found,
            open_,
            tables.member_key,
            begin,
            paths.path[p],
            tag,
            tables.line_stream,
            line,
            work.first,
        )
        if tables.screen[line] == 0:
            counts.settle_line(
                found, open_, bytes_, row, start, tables.count_cdf, work.first, count, total
            )
        else:
            entries = counts.add_candidates(
                found,
                line,
                open_,
                bytes_,
                row,
                start,
                tables.count_cdf,
                work.first,
                count,
                total,
                entries,
                head,
                work.entry,
            )


@part
def members_in_force(
    tables: MemberTables,
    year: YearWords,
    paths: PathWords,
    p: Whole,
    begin: Whole,
    n: Whole,
    settled: Whole,
    state: MemberState,
    work: Workspace,
    out: MemberYear,
) -> None:
    """Health states, frailty, and who is in force in which months."""
    path, member, first, second = paths.path[p], work.member, work.first, work.second
    people.add_settled(settled, work.units, work.by_age, p, out)
    if year.states:
        kept, known = state.health[p], year.before if year.year > 1 else 0
        people.next_health(
            tables, year.transition, year.year, path, known, begin, n, kept, first, second, member
        )
    if year.frailty:
        people.frailty_levels(tables, year.year, path, begin, n, first, second, member)
    if year.moving:
        extra, gone = paths.lapse_extra[p], state.gone[p]
        movers = people.find_movers(
            tables, year.death, year.year, path, begin, n, extra, gone, first, second, member
        )
        people.move(
            tables, year.year, path, begin, movers, extra, first, second, p, state, member, out
        )


@part
def one_path(
    tables: MemberTables,
    year: YearWords,
    paths: PathWords,
    p: Whole,
    k: Whole,
    begin: Whole,
    n: Whole,
    settled: Whole,
    state: MemberState,
    work: Workspace,
    out: MemberYear,
) -> None:
    """A block of members on one path, the k-th of its group; adds to the sums of the path."""
    members_in_force(tables, year, paths, p, begin, n, settled, state, work, out)
    draw_counts(tables, year, paths, p, k, begin, n, work)
    live = counts.sort_by_total(
        n, work.member[TOTAL], work.member[OPEN], work.histogram, work.member[ORDER]
    )
    for chunk in range(0, live, LANES):
        one_chunk(tables, year, paths, p, begin, chunk, live, state, work, out)
    sums.empty_bins(year.line_key.size, year.delays, work.bins, out.lines[p], out.triangle[p])


@inline
def same_group(path: UIntArray, p: Whole, q: Whole) -> bool:
    """Whether two paths share their blocks of first bytes."""
    return path[p] // U(PATHS_PER_SCREEN) == path[q] // U(PATHS_PER_SCREEN)


@awaited_kernel("the simulation")
def all_blocks(
    tables: MemberTables,
    year: YearWords,
    paths: PathWords,
    state: MemberState,
    work: Workspace,
    out: MemberYear,
) -> None:
    """`simulate_year`, compiled."""
    size, n_paths = work.first.size, paths.path.size
    tag = (U(year.year) << U(20)) | counts.SCREEN
    for begin in range(0, year.members, size):
        n = min(size, year.members - begin)
        people.cells_of(tables, year.year, year.tariff_cell, begin, n, work.member)
        for line in range(tables.screen.size):
            people.count_rows(tables, year.year, line, year.use[line], begin, n, work.row[line])
        settled = people.count_settled(
            tables, year.before, begin, n, work.member, work.units, work.by_age
        )
        fill(work.member[COVERED], n, -1)
        p = 0
        while p < n_paths:
            group = 1
            while (
                p + group < n_paths
                and group < PATHS_PER_SCREEN
                and same_group(paths.path, p, p + group)
            ):
                group += 1
            for line in range(tables.screen.size):
                counts.draw_screen(
                    tables.member_key,
                    begin,
                    n,
                    paths.path,
                    p,
                    group,
                    tag,
                    tables.line_stream,
                    line,
                    work.first,
                    work.second,
                    work.screen,
                )
            for k in range(group):
                one_path(tables, year, paths, p + k, k, begin, n, settled, state, work, out)
            p += group


def simulate_year(
    tables: MemberTables,
    rules: YearTables,
    paths: PathInputs,
    state: MemberState,
    out: MemberYear,
    *,
    most_claims: int,
    size: int | None = None,
) -> None:
    """One fund year of every member on every path of the block; adds to the zeroed sums in `out`.

    Parameters
    ----------
    state : carried to the next year.
    most_claims : that a member-year can have.
    size : members taken at once, a multiple of 8; no result depends on it.
    """
    year = year_words(tables, rules)
    n_slots, n_cells = tables.member_key.size, out.units.shape[1]
    n_lines = year.line_key.size
    work = workspace(n_slots, n_lines, n_cells, most_claims, size, memory=kept_memory)
    all_blocks(tables, year, path_words(paths), state, work, out)
    lines = out.lines
    if not year.restricted:
        lines[..., ALLOWED] = lines[..., BILLED]
    lines[..., MEMBER] = (
        lines[..., ALLOWED] - lines[..., EXTERNAL] - lines[..., PROVIDER] - lines[..., FUND]
    )

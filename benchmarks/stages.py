"""Which stage of the compiled member-year costs what, beside the floor."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any

import numba
import numpy as np

from floor import ROW, Floor, drawn
from mutualfund.sim.kernels import claims, counts, sharing, sums, vectors
from mutualfund.sim.kernels.packing import SEGMENT_ROW, TERMS
from mutualfund.sim.kernels.workspace import (
    AT,
    BATCH,
    CENTS,
    COLUMNS,
    DELAY,
    FRACTION,
    LANE_FUND,
    LANE_PLAN,
    LANE_PLAN_ROW,
    LANES,
    LINE,
    MONTH,
    NODE,
    ORDER,
    OWN,
    PAID,
    SO_FAR,
    TERM,
    TOTAL,
    TOTAL_CLAIMS,
    WORD,
)  # fmt: skip
from prepared import MEMBERS, Prepared, prepare
from problems import Problem
from profiles import Profile
from tables import Cell, Gate, Section
from timing import ON_PROCESSOR, Task, Timings, added_costs, alternate, cost, pair, say

FLOOR, LEANER = "floor: blocks, counts, tables", "the same, sixteen counts a block"
NOTE = """Each stage alone, on one chunk of 32 members with sixteen columns of claims (or one block of 4,096
members), again and again; so caches are as warm as they get, and the sum of the stages may differ from the
kernel's own time. The floor is what `floor.py` says: for every claim a random block and its table look-ups,
for every member, year and line a block and a look-up. The kernel draws fewer blocks for its counts than that
floor: sixteen neighbouring paths share one; the row below it says what the floor is then. `plain` is the cost
of an added claim through `simulate`, of {members:,} members, without reinsurance, on one thread."""
COLUMNS_TIMED = 16
REPEATS = 300
U = np.uint64


def repeated(stage: Callable[..., Any]) -> Callable[..., None]:
    """A compiled loop around one stage, so that calling it from Python costs nothing."""

    @numba.njit(error_model="numpy", nogil=True)
    def again(times: int, *arguments: Any) -> None:
        for _ in range(times):
            stage(*arguments)

    return again


def claim_stages(ready: Prepared) -> dict[str, Task]:
    """The stages of a chunk, in their order; each task returns the claims it has gone through."""
    tables, year, work = ready.tables, ready.year, ready.work
    member, lanes, claim, n = work.member, work.lanes, work.claim, COLUMNS_TIMED * LANES
    order = member[ORDER]
    sizes = member[TOTAL][order[: ready.live : LANES]]
    chunk = LANES * int(np.flatnonzero(sizes <= COLUMNS_TIMED)[0])
    claims.take_lanes(tables, 0, chunk, ready.live, member, work.lane, lanes)
    work.lane[int(TOTAL_CLAIMS) * LANES : (int(TOTAL_CLAIMS) + 1) * LANES] = COLUMNS_TIMED
    work.work[:] = drawn(ready)

    def row(number: np.uint64) -> np.uint64:
        return U(int(number) * BATCH)

    def task(stage: Callable[..., Any], count: int, *arguments: Any) -> Task:
        again = repeated(stage)
        again(1, *arguments)

        def run() -> float:
            again(REPEATS, *arguments)
            return float(REPEATS * count)

        return run

    def looked(table: Any, place: np.uint64) -> Task:
        return task(
            vectors.take, BATCH, table, 0, work.work, row(place), work.work, row(FRACTION), BATCH
        )

    tasks = {
        "members into lanes": task(
            claims.take_lanes, n, tables, 0, chunk, ready.live, member, work.lane, lanes
        ),
        "marks where lines begin": task(
            claims.mark_lines, n, LANES, tables.screen, work.counted, lanes, work.end, work.mark
        ),
        "addresses": task(claims.address, BATCH, 0, COLUMNS, work.lane, work.mark, U(5), work.work),
        "keys of lines": looked(year.line_key, LINE),
        "Philox blocks": task(claims.draw, BATCH, COLUMNS, work.lane, U(3), work.work),
    }
    work.work[:] = drawn(ready)
    tasks |= {"places in tables": task(claims.places, BATCH, BATCH, work.work)}
    tasks |= {
        "severity": looked(year.severity, NODE),
        "months": looked(year.month, MONTH),
        "delays": looked(year.delay, DELAY),
        "amounts between nodes": task(claims.interpolate, BATCH, BATCH, work.work),
    }
    claims.places(BATCH, work.work)  # and once more as the kernel goes on: the claims are real ones
    for table, number in ((year.month, MONTH), (year.delay, DELAY)):
        vectors.take(table, 0, work.work, row(number), work.work, row(number), BATCH)
    work.work[int(CENTS) * BATCH : (int(CENTS) + 1) * BATCH] = 12_345
    word, own, paid = claim[WORD], claim[OWN], claim[PAID]
    tasks["words"] = task(claims.pack, BATCH, 0, COLUMNS, work.lane, work.work, word)
    word[BATCH : 2 * BATCH] = word[:BATCH]
    sharing.open_accounts(year.limits[0], lanes[LANE_PLAN], work.left)
    delays, fund = year.delays, lanes[LANE_FUND]
    return tasks | {
        "claims and billed amounts by line": task(sums.running, n, COLUMNS_TIMED, word, claim[SO_FAR]),
        "their sums": task(
            sums.add_dense, n, LANES, tables.screen, work.end, claim[SO_FAR], ready.out.lines[0]
        ),
        "order of moment": task(claims.by_moment, n, COLUMNS_TIMED, word),
        "amounts": task(sharing.billed, n, n, word, own),
        "rows of terms": task(
            sharing.find_terms, n, n, 1, year.month_row[SEGMENT_ROW], lanes[LANE_PLAN_ROW], word, claim[AT]
        ),
        "terms": task(vectors.take, n, year.rule[TERMS], 0, claim[AT], 0, claim[TERM], 0, n),
        "cost sharing": task(
            sharing.share_columns, n, 0, COLUMNS_TIMED, claim[TERM], own, work.left, paid
        ),
        "bins by line, month, delay": task(
            sums.add_to_bins, n, n, word, paid, delays, claim[AT], work.bins
        ),
        "fund's part by member": task(sums.by_member, n, COLUMNS_TIMED, paid, fund),
    }  # fmt: skip


def member_stages(ready: Prepared) -> dict[str, Task]:
    """The stages of a block of members; each task returns the claims that many member-years have."""
    tables, year, work, member = ready.tables, ready.year, ready.work, ready.member
    lines, n = tables.line_stream.shape[0], MEMBERS
    each = n * ready.claims_each
    bytes_ = work.screen[ROW * 16]

    def task(stage: Callable[..., Any], times: int, *arguments: Any) -> Task:
        again = repeated(stage)
        again(1, *arguments)

        def run() -> float:
            again(REPEATS // 10, *arguments)
            return REPEATS // 10 * each / times

        return run

    screen = (tables.member_key, 0, n, ready.paths.path, 0, 16, U(9), tables.line_stream, ROW)
    return {
        "first bytes": task(
            counts.draw_screen, 1, *screen, work.first, work.second, work.screen
        ),
        "places in guides": task(counts.guide_places, lines, n, bytes_, work.row[ROW], 0, member["PLACE"]),
        "counts": task(
            counts.read_guide, lines, n, year.guide, bytes_, member["PLACE"], member["COVERED"],
            member["FOUND"], work.counted[ROW], member["TOTAL"],
        ),
        "counts left open": task(counts.left_open, lines, n, work.counted[ROW], member["OPEN"]),
    }  # fmt: skip


def stages(profile: Profile) -> Section:
    """A row a stage, and the gate of plain over its floor."""
    members = profile.scaling_members[-1] if profile.name == "quick" else 200_000
    say(f"stages, and plain over its floor: {members:,} members")
    paths = max(4, profile.scaling_member_years // (members * 10))
    plain = pair(Problem(members, paths, 10, reinsured=False))
    n_claims = int(plain.fixed())
    ready = prepare(reinsured=False)
    many = max(n_claims, 4_000_000)
    floors: dict[str, Task] = {
        "floor: random blocks": Floor(ready, many, counts=False, tables=False),
        FLOOR: Floor(ready, many),
        LEANER: Floor(ready, many, shared=16),
    }
    for task in floors.values():
        task()
    by_member = member_stages(ready)
    parts = alternate(by_member | claim_stages(ready), profile.rounds, ON_PROCESSOR)
    # Apart from the stages, so that plain runs right beside its floors.
    whole = alternate(floors | plain.tasks("plain"), profile.careful_rounds, ON_PROCESSOR)
    bottom, added = whole[FLOOR].ns_each, cost(whole, "plain").added
    rows = [_row(name, timing.ns_each, bottom, name in by_member) for name, timing in parts.items()]
    rows += [_row(name, whole[name].ns_each, bottom, False) for name in floors]
    where = f"{members:,} members"
    ratio = None
    if added is not None:
        rows.append(_row("plain, through simulate", added, bottom, False))
        ratio, leaner = (_over_floor(whole, name) for name in (FLOOR, LEANER))
        where += f"; {leaner:.2f} x the floor in which sixteen counts share a block"
    gate = Gate("plain over its floor", ratio, "at most", 2.0, "x", where)
    return Section("stages", "Stages against the floor", NOTE.format(members=members), rows, [gate])


def _over_floor(timings: Timings, floor: str) -> float:
    """Plain over a floor, per claim: the median over rounds of the rounds' ratios."""
    spent = timings[floor]
    rows = zip(added_costs(timings, "plain"), spent.seconds, spent.made, strict=True)
    return median(added / (seconds / made) for added, seconds, made in rows)


def _row(name: str, each: float, bottom: float, by_member: bool) -> dict[str, Cell]:
    return {
        "stage": f"{name} (a member-year's share)" if by_member else name,
        "ns a claim": each,
        "of the floor": f"{each / bottom:.0%}",
    }

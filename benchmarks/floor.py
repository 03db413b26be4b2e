"""The least that addressed claims ask of any program: random words, claim counts, table look-ups.

For every claim a Philox block of its own; for every member, year and line a block and a look-up; for every
claim its place in four tables and the reading of them. No order, no cost sharing, no sums. `stages` sets the
whole kernel against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np

from mutualfund.sim.kernels import claims, counts, vectors
from mutualfund.sim.kernels.workspace import BATCH, BITS, CENTS, DELAY, LINE, MONTH, NODE, TIMES
from prepared import MEMBERS, Prepared

ROW = 4  # of the lines in order of name, the one with most claims: pharmacy


@numba.njit(error_model="numpy", nogil=True)
def generate(times: int, member: Any, stream: Any, first: Any, second: Any) -> None:
    """A block for each of the members, again and again."""
    for turn in range(times):
        vectors.draw_blocks(
            member, 0, first.size, np.uint64(turn), np.uint64(7), stream, 0, first, second
        )


@numba.njit(error_model="numpy", nogil=True)
def count(
    times: int, shared: int, member: Any, stream: Any, row: Any, guide: Any, covered: Any, bytes_: Any,
    place: Any, found: Any, counted: Any, total: Any, first: Any, second: Any,
) -> None:  # fmt: skip
    """A count for each of the members on one line, again and again; each block serves `shared` of them."""
    for turn in range(times):
        if turn % shared == 0:
            vectors.draw_blocks(
                member, 0, first.size, np.uint64(turn), np.uint64(7), stream, 0, first, second
            )
        counts.guide_places(first.size, bytes_, row, 0, place)
        counts.read_guide(first.size, guide, bytes_, place, covered, found, counted, total)


@numba.njit(error_model="numpy", nogil=True)
def look_up(times: int, severity: Any, month: Any, delay: Any, fresh: Any, work: Any) -> None:
    """Amount, month and delay of a batch of claims from their random words, again and again."""
    work[:] = fresh  # random words that nothing below overwrites
    for _ in range(times):
        claims.places(BATCH, work)
        node, cents = claims.work_at(NODE, 0), claims.work_at(CENTS, 0)
        vectors.take(severity, 0, work, node, work, cents, BATCH)
        for table, row in ((month, MONTH), (delay, DELAY)):
            at = claims.work_at(row, 0)
            vectors.take(table, 0, work, at, work, at, BATCH)
        claims.interpolate(BATCH, work)


@dataclass(frozen=True)
class Floor:
    """The floor as a task: the work for `n_claims` claims of the plain workload."""

    ready: Prepared
    n_claims: int
    counts: bool = True
    shared: int = 1  # counts that a block serves
    tables: bool = True

    def __call__(self) -> float:
        tables, year, work, member = (
            self.ready.tables,
            self.ready.year,
            self.ready.work,
            self.ready.member,
        )
        stream, first, second = tables.line_stream, work.first, work.second
        key = tables.member_key
        generate(self.n_claims // MEMBERS, key, stream, first, second)
        if self.counts:
            lines = tables.line_stream.shape[0]
            member_lines = round(self.n_claims / self.ready.claims_each * lines)
            count(
                member_lines // MEMBERS, self.shared, key, stream, work.row[ROW], year.guide,
                member["COVERED"], work.screen[ROW * 16], member["PLACE"], member["FOUND"], work.counted[ROW],
                member["TOTAL"], first, second,
            )  # fmt: skip
        if self.tables:
            fresh = drawn(self.ready)
            look_up(self.n_claims // BATCH, year.severity, year.month, year.delay, fresh, work.work)
        return float(self.n_claims)


def drawn(ready: Prepared) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """Random words and lines of a batch of claims, as `draw` leaves them."""
    rng = np.random.default_rng(3)
    work = rng.integers(0, 1 << 63, ready.work.work.size).astype(np.uint64)
    lines = rng.choice(len(ready.line_share), BATCH, p=ready.line_share)
    for row, words in (
        (BITS, rng.integers(0, 1 << 64, BATCH, dtype=np.uint64)),
        (TIMES, rng.integers(0, 1 << 64, BATCH, dtype=np.uint64)),
        (LINE, lines.astype(np.uint64)),
    ):
        start = int(row) * BATCH
        work[start : start + BATCH] = words
    return work

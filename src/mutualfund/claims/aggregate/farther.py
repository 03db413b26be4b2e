"""Beyond the end of a lattice: the same sum on coarser ones, each reaching many times as far as the last.

A fund of many small claims and rare huge ones has no single step: fine enough for the small, a lattice of any
size ends where the huge begin. But far out the law is smooth, and small claims only add their mean to it. So
it is told there by a lattice of long steps, over which amounts are spread with their mean kept, and taken
from it are only the proportions of what lies beyond the finer one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from mutualfund.claims.aggregate.amounts import known_end
from mutualfund.claims.aggregate.collective import Collective
from mutualfund.claims.aggregate.compound import Frame, compound_law, severity_cells
from mutualfund.claims.aggregate.grid import tilting
from mutualfund.claims.aggregate.lattice import NEGLIGIBLE, LatticeLaw
from mutualfund.claims.aggregate.stated import changes, wrapped_and_rounded

_POINTS = 2**15
_TIMES = (32.0, 8.0, 2.0)
"""How many times as far a lattice may reach, the farthest first: then a thousand of its steps lie before the
last one's end, which is not enough where much of the sum is small claims."""

_MOST = 12
_WORST = 1e-3
"""Relative error of a tail from which on nothing is said of it."""


class Rung(NamedTuple):
    """A coarser lattice, and how far P(S > x) may be off where it is used."""

    law: LatticeLaw
    largest: float
    of_tail: float  # relative
    aliasing: float
    rounding: float


def rungs_beyond(parts: Sequence[Collective], law: LatticeLaw) -> list[Rung]:
    """The coarser lattices that go on where `law` ends, nearest first; none where they would be wrong.

    They go on until what is left beyond is negligible, a part is a lattice that ends itself, or the next
    would be off by a thousandth.
    """
    found: list[Rung] = []
    last, most = law, min(law.most, *(known_end(part.amount) for part in parts))
    while last.beyond > NEGLIGIBLE and len(found) < _MOST and math.isfinite(law.mean):
        ends = [min(times * last.end, most) for times in _TIMES]
        if not ends[-1] > 1.01 * last.end:
            break
        tried = (_next(parts, last, end) for end in ends)
        rung = next((rung for rung in tried if rung.of_tail <= _WORST), None)
        if rung is None or rung.law.beyond > 0.9 * last.beyond:
            break
        found.append(rung)
        last = rung.law
    return found


def joined(law: LatticeLaw, rungs: Sequence[Rung]) -> LatticeLaw:
    """`law`, and beyond its end the rungs."""
    farther: LatticeLaw | None = None
    for rung in reversed(rungs):
        farther = replace(rung.law, farther=farther)
    return law if farther is None else replace(law, farther=farther)


def _next(parts: Sequence[Collective], last: LatticeLaw, end: float) -> Rung:
    frame = Frame(end / (_POINTS - 2.0), _POINTS, wrapped=tilting(parts, last.beyond))
    masses = severity_cells(parts, frame)
    law = compound_law(parts, frame, masses, gather=False).law
    largest, of_tail = changes(parts, frame, law, masses, gather=False, start=last.end)
    here = float(law.sf(last.end))
    seam = abs(here / float(last.survival[-1]) - 1.0)
    return Rung(law, largest, max(of_tail, seam), *wrapped_and_rounded(parts, frame, law))

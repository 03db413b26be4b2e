"""One block of the plain workload, lowered and simulated once, so that single stages can be called on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mutualfund.sim.kernels import workspace as rows
from mutualfund.sim.kernels.layout import MemberTables, MemberYear, PathInputs, empty_year
from mutualfund.sim.kernels.packing import PathWords, YearWords, path_words, year_words
from mutualfund.sim.kernels.workspace import Workspace, workspace
from mutualfund.sim.kernels.year import all_blocks
from mutualfund.sim.plan import lower
from problems import Problem, scenario

MEMBERS, PATHS = 4_096, 16


@dataclass(frozen=True)
class Prepared:
    """What the kernel was given, and the scratch as its last chunk left it."""

    tables: MemberTables
    year: YearWords
    paths: PathWords
    work: Workspace
    out: MemberYear
    live: int  # members with claims in the last block

    @property
    def member(self) -> dict[str, npt.NDArray[np.int64]]:
        """Rows of the block's members by name."""
        names = [name for name in vars(rows) if name.isupper()]
        n = self.work.first.size
        return {
            name: self.work.member[getattr(rows, name)][:n]
            for name in names
            if name in ("COVERED", "PLACE", "FOUND", "TOTAL", "OPEN", "ORDER", "HEAD")
        }

    @property
    def claims_each(self) -> float:
        """Claims a member-year."""
        return float(self.out.lines[..., 0].sum()) / (MEMBERS * PATHS)

    @property
    def line_share(self) -> npt.NDArray[np.float64]:
        """Share of each line in the claims."""
        claims = self.out.lines[..., 0].sum(axis=0)
        share: npt.NDArray[np.float64] = claims / claims.sum()
        return share


def prepare(**changes: Any) -> Prepared:
    """The plain workload on one block of members and one group of paths, simulated for a year."""
    plan = lower(scenario(Problem(MEMBERS, PATHS, 1, **changes)))
    drivers, state = plan.drivers(0, PATHS), plan.initial_state(PATHS)
    cells = np.zeros((PATHS, plan.n_cells(1)), np.uint64)
    accept = np.ascontiguousarray(drivers.accept[:, 0])
    inputs = PathInputs(drivers.path, drivers.rung, accept, drivers.table, drivers.scale, cells)
    rules = plan.years[0]
    year, paths = year_words(plan.tables, rules), path_words(inputs)
    work = workspace(plan.n_slots, len(plan.lines), cells.shape[1], plan.max_claims)
    out = empty_year(PATHS, cells.shape[1], len(plan.lines), rules.layers.shape[0])
    all_blocks(plan.tables, year, paths, state, work, out)
    live = int((work.member[rows.TOTAL][:MEMBERS] > 0).sum())
    return Prepared(plan.tables, year, paths, work, out, live)

"""How use answers to cost sharing: each plan's effective share of a line's cost, measured by simulation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mutualfund.sim.kernels import ALLOWED, MEMBER
from mutualfund.sim.paths import PILOT_PATH
from mutualfund.types import FloatArray, IntArray

if TYPE_CHECKING:
    from mutualfund.sim.plan import Plan

USE_MEMBER_YEARS = 200_000  # size of the simulation that measures a plan's effective share


def use_responses(plan: Plan) -> tuple[list[FloatArray], IntArray]:
    """Use relative to the reference plan, from each plan's effective member share of a line's allowed cost.

    The share is measured by simulation without the response, at central parameters and year 1 terms, with all
    members on the plan (definition of the use response).

    Returns
    -------
    uses : per line, the distinct responses.
    use : (n_lines, n_plan_rows) which of them each plan's members have.
    """
    rows = 1 + len(plan.scenario.portfolio.plan_names)
    use = np.zeros((len(plan.lines), rows), np.int64)
    shares = np.array([effective_shares(plan, row) for row in range(rows)])
    uses: list[FloatArray] = []
    for i, line in enumerate(plan.lines):
        if line.use_response is None:
            uses.append(np.ones(1))
            continue
        response = line.use_response.multiplier(shares[:, i])
        distinct, which = np.unique(response, return_inverse=True)
        uses.append(distinct)
        use[i] = which
    return uses, use


def effective_shares(plan: Plan, row: int) -> FloatArray:
    """The members' expected share of each line's allowed cost if all had the plan of `row`, (n_lines,)."""
    n_paths = max(1, min(50, USE_MEMBER_YEARS // plan.n_members))
    on_plan = replace(plan, tables=plan.tables._replace(plan=np.full(plan.n_slots, row)))
    drivers = on_plan.drivers(PILOT_PATH, n_paths, central=True, shocks=False)
    sums = on_plan.member_year(
        drivers, on_plan.initial_state(n_paths), 1, full_exposure=True, waits_served=True
    )
    lines = sums.lines.sum(axis=0)
    return np.asarray(lines[:, MEMBER] / np.maximum(lines[:, ALLOWED], 1), np.float64)

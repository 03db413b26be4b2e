"""The year's amounts along one side: by claim line, by month of treatment, by age."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from mutualfund.fund.row import MONEY, Row
from mutualfund.fund.treatments import Treatments
from mutualfund.results.marginals import Labels, Marginal, kept
from mutualfund.sim.kernels.layout import CELL_FUND, CELL_MONTHS, CLAIMS
from mutualfund.sim.plan import AGE_CELL_LABELS, Plan

Marginals = Mapping[str, Row]
"""Side -> measure -> amounts, their last axis the side's labels."""

FUND_MONTHS = tuple(range(1, 13))


def labels_of(plan: Plan) -> dict[str, Labels]:
    """The labels of every side, as the plan counts them: members' lines before those of the fund."""
    return {
        "line": tuple(line.name for line in (*plan.lines, *plan.fund_lines)),
        "month": FUND_MONTHS,
        "age": AGE_CELL_LABELS,
    }


def by_line(treated: Treatments, minor: int) -> Row:
    """Claims and who bears them, (n_paths, n_lines)."""
    row = {"claim_count": treated.lines[:, :, CLAIMS].astype(np.float64)}
    return row | {name: treated.lines[:, :, column] / minor for name, column in MONEY.items()}


def by_month(treated: Treatments, minor: int) -> Row:
    """The fund's part by month of treatment, (n_paths, 12); fund-level lines are spread evenly."""
    return {"claims_incurred": treated.triangle.sum(axis=2) / minor}


def by_age(treated: Treatments, minor: int) -> Row:
    """Cover and the fund's part by age, (n_paths, 10): members' claims only.

    A fund-level line belongs to no age. Contributions are left out: the kernel counts units by age and by
    tariff cell, never by both, so a price by age is not known exactly.
    """
    return {
        "member_months": treated.age_cells[:, :, CELL_MONTHS].astype(np.float64),
        "claims_incurred": treated.age_cells[:, :, CELL_FUND] / minor,
    }


SIDES: Mapping[str, Callable[[Treatments, int], Row]] = {
    "line": by_line,
    "month": by_month,
    "age": by_age,
}


def marginal_rows(keep: Sequence[str], treated: Treatments, minor: int) -> Marginals:
    """The year along every side that ``settings.keep`` asks for; amounts (n_paths, n_labels)."""
    return {side.name: SIDES[side.name](treated, minor) for side in kept(keep)}


def as_results(plan: Plan, marginals: Marginals) -> dict[str, Marginal]:
    """A block along each side, lines in the order of the scenario's file.

    marginals: amounts (n_paths, n_years, n_labels), as the plan counts the labels.
    """
    counted = labels_of(plan)
    shown = counted | {"line": tuple(line.name for line in plan.scenario.assumptions.lines)}
    return {
        name: Marginal(counted[name], row).ordered(shown[name]) for name, row in marginals.items()
    }

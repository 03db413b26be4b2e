"""The same member-year written in plain NumPy, as a good user of NumPy would.

Counts for all members at once, line by line; all claims of the year in one table, ordered by member and
moment; cost sharing by running totals within each member. It draws what mutualfund draws (counts, amounts,
moments, payment delays) and keeps what mutualfund keeps (totals by line, the paid triangle, the excess).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from problems import (
    COINSURANCE,
    COPAY,
    DEDUCTIBLE,
    DEDUCTIBLE_APPLIES,
    LAYER,
    LINES,
    OUT_OF_POCKET_MAXIMUM,
    RETENTION,
    Problem,
)

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

NAMES = tuple(line["name"] for line in LINES)
BY_LINE = {
    "copay": np.array([COPAY[name] for name in NAMES]),
    "coinsurance": np.array([COINSURANCE[name] for name in NAMES]),
    "counts_to_deductible": np.array([float(DEDUCTIBLE_APPLIES[name]) for name in NAMES]),
    "lag": np.array([line["lag_months"] for line in LINES]),
}
MONTHS, DELAYS = 12, 64


def draw_counts(rng: np.random.Generator, line: dict[str, Any], members: int) -> IntArray:
    law = line["frequency"]
    if law["kind"] == "poisson":
        return rng.poisson(law["mean"], members)
    k = law["dispersion"]
    return rng.negative_binomial(k, k / (k + law["mean"]), members)


def draw_amounts(rng: np.random.Generator, line: dict[str, Any], claims: int) -> FloatArray:
    law = line["severity"]
    if law["kind"] == "gamma":
        shape = law["cv"] ** -2
        return rng.gamma(shape, law["mean"] / shape, claims)
    sigma2 = np.log1p(law["cv"] ** 2)
    return rng.lognormal(np.log(law["mean"]) - sigma2 / 2, np.sqrt(sigma2), claims)


def draw_claims(rng: np.random.Generator, members: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Member, line and amount of each claim, (n_claims,), line after line."""
    counts = [draw_counts(rng, line, members) for line in LINES]
    member = np.concatenate([np.repeat(np.arange(members), count) for count in counts])
    line = np.repeat(np.arange(len(LINES)), [count.sum() for count in counts])
    amount = np.concatenate(
        [draw_amounts(rng, law, n.sum()) for law, n in zip(LINES, counts, strict=True)]
    )
    return member, line, amount


def share_costs(member: IntArray, line: IntArray, amount: FloatArray, members: int) -> FloatArray:
    """The fund's part of each claim; claims come in order of member and moment."""
    count = np.bincount(member, minlength=members)
    first = np.concatenate(([0], np.cumsum(count)[:-1]))

    def so_far(values: FloatArray) -> FloatArray:
        total = np.cumsum(values)
        before = np.concatenate(([0.0], total))[first]
        return total - np.repeat(before, count)

    copay = np.minimum(amount, BY_LINE["copay"][line])
    rest = amount - copay
    eligible = rest * BY_LINE["counts_to_deductible"][line]
    reached = so_far(eligible)
    deducted = np.minimum(reached, DEDUCTIBLE) - np.minimum(reached - eligible, DEDUCTIBLE)
    owed = copay + deducted + (rest - deducted) * BY_LINE["coinsurance"][line]
    reached = so_far(owed)
    paid = np.minimum(reached, OUT_OF_POCKET_MAXIMUM)
    return amount - (paid - np.minimum(reached - owed, OUT_OF_POCKET_MAXIMUM))


def member_year(rng: np.random.Generator, members: int) -> dict[str, float]:
    """One path-year of the fund's claims."""
    member, line, amount = draw_claims(rng, members)
    moment = rng.random(member.size)
    order = np.lexsort((moment, member))
    member, line, amount, moment = member[order], line[order], amount[order], moment[order]
    fund = share_costs(member, line, amount, members)
    month = (moment * MONTHS).astype(np.int64)
    delay = rng.geometric(1 / (1 + BY_LINE["lag"][line])) - 1
    cell = month * DELAYS + np.minimum(delay, DELAYS - 1)
    triangle = np.bincount(cell, fund, MONTHS * DELAYS).reshape(MONTHS, DELAYS)
    paid = np.arange(MONTHS)[:, None] + np.arange(DELAYS) < MONTHS
    excess = np.clip(np.bincount(member, fund, members) - RETENTION, 0.0, LAYER)
    billed = np.bincount(line, amount, len(LINES))
    return {
        "billed": float(billed.sum()),
        "member_paid": float((amount - fund).sum()),
        "claims_incurred": float(fund.sum()),
        "paid_in_year": float(triangle[paid].sum()),
        "reinsurance_recovery": float(excess.sum()),
        **{f"billed {name}": float(value) for name, value in zip(NAMES, billed, strict=True)},
    }


def simulate(problem: Problem, seed: int = 1) -> dict[str, FloatArray]:
    """All path-years of `problem`: figure -> (paths, years)."""
    rng = np.random.default_rng(seed)
    rows = [member_year(rng, problem.members) for _ in range(problem.paths * problem.years)]
    return {
        figure: np.array([row[figure] for row in rows]).reshape(problem.paths, problem.years)
        for figure in rows[0]
    }

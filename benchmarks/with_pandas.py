"""The plain workload in pandas: one frame of claims a year, cost sharing by grouped running totals."""

from __future__ import annotations

import numpy as np
import pandas as pd

import plain_numpy
from baseline import DELAYS, MONTHS, Work, YearSums
from problems import ANNUAL_LIMIT, DEDUCTIBLE, LAYER, OUT_OF_POCKET_MAXIMUM, RETENTION


def draw_claims(rng: np.random.Generator, work: Work, year: int) -> pd.DataFrame:
    """All claims of a year, in order of member and moment."""
    rates = work.rates[work.cell(year)]
    frames = []
    for column in range(work.n_lines):
        drawn = plain_numpy.draw_line(rng, work, column, rates[:, column])
        frames.append(
            pd.DataFrame(
                dict(zip(("member", "line", "billed", "moment", "delay"), drawn, strict=True))
            )
        )
    claims = pd.concat(frames, ignore_index=True)
    return claims.sort_values(["member", "moment"], ignore_index=True)


def within(claims: pd.DataFrame, values: pd.Series, limit: float) -> pd.Series:
    """The part of each value that still fits under a member's yearly limit."""
    reached = values.groupby(claims.member, sort=False).cumsum()
    return reached.clip(upper=limit) - (reached - values).clip(upper=limit)


def share_costs(work: Work, claims: pd.DataFrame) -> pd.Series:
    """The fund's part of each claim."""
    copay = np.minimum(claims.billed, work.copay[claims.line])
    rest = claims.billed - copay
    deducted = within(claims, rest * work.deductible_applies[claims.line], DEDUCTIBLE)
    owed = copay + deducted + (rest - deducted) * work.coinsurance[claims.line]
    fund = claims.billed - within(claims, owed, OUT_OF_POCKET_MAXIMUM)
    return within(claims, fund, ANNUAL_LIMIT)


def member_year(rng: np.random.Generator, work: Work, year: int) -> YearSums:
    """One path-year of the fund's claims."""
    claims = draw_claims(rng, work, year)
    claims["fund"] = share_costs(work, claims)
    claims["month"] = claims.moment.astype(np.int64)
    by_line = claims.groupby("line").agg(
        count=("billed", "size"), billed=("billed", "sum"), fund=("fund", "sum")
    )
    by_line = by_line.reindex(range(work.n_lines), fill_value=0)
    by_member = claims.groupby("member").fund.sum()
    paid = claims.groupby(["month", "delay"]).fund.sum()
    triangle = np.zeros((MONTHS, DELAYS))
    triangle[paid.index.get_level_values(0), paid.index.get_level_values(1)] = paid.to_numpy()
    return YearSums(
        claims=by_line["count"].to_numpy(),
        billed=by_line["billed"].to_numpy(),
        fund=by_line["fund"].to_numpy(),
        triangle=triangle,
        excess=float((by_member - RETENTION).clip(0.0, LAYER).sum()),
    )

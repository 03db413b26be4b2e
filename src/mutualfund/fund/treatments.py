"""The year's treatments: what the members incurred, and what the fund incurred as a whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mutualfund.fund.context import Fund
from mutualfund.fund.payments import spread
from mutualfund.sim.kernels.layout import ALLOWED, BILLED, CLAIMS, FUND, LAPSED, START, MemberYear
from mutualfund.sim.tables import delay_probabilities
from mutualfund.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Treatments:
    """Claims of one treatment year on every path, in whole minor units."""

    lines: IntArray  # (n_paths, n_lines + n_fund_lines, 7) in the kernel's columns
    triangle: IntArray  # (n_paths, 12, n_delays) the fund's part by treatment month and delay
    layers: IntArray  # (n_paths, n_layers) recoveries under excess of loss
    age_cells: IntArray  # (n_paths, 10, 3) months, units, fund's part: members' claims only

    def total(self, column: int) -> IntArray:
        """One column summed over the lines, (n_paths,)."""
        return np.asarray(self.lines[:, :, column].sum(axis=1))


def without_closed(members: MemberYear, before: IntArray, closed: BoolArray) -> MemberYear:
    """The member-year with nobody in the funds that are in run-off.

    A fund that was insolvent at an earlier close, under ``settings.run_off``, ends its members' cover: all of
    them leave at the opening of the next year, and nobody joins any more.

    before: (n_paths,) persons in force at the last close. closed: (n_paths,) funds in run-off.
    """
    if not closed.any():
        return members
    emptied = MemberYear(*(_zero_where(closed, values) for values in members))
    emptied.persons[closed, START] = before[closed]
    emptied.persons[closed, LAPSED] = before[closed]
    return emptied


def _zero_where(closed: BoolArray, values: IntArray) -> IntArray:
    kept = values.copy()
    kept[closed] = 0
    return kept


def treatments(
    members: MemberYear,
    amounts: FloatArray,
    fund: Fund,
    closed: BoolArray,
) -> Treatments:
    """Members' claims and fund-level amounts together.

    A fund-level amount is one claim a year, borne by the fund alone, incurred evenly over the year; it is
    rounded to the minor unit like every claim. It belongs to no member, so to no age.

    amounts: (n_paths, n_fund_lines) currency. closed: (n_paths,) funds in run-off.
    """
    lines, triangle = [members.lines], members.triangle[:, :, : fund.n_delays]
    for number, line in enumerate(fund.fund_lines):
        amount = np.rint(np.where(closed, 0.0, amounts[:, number]) * fund.minor).astype(np.int64)
        row = np.zeros((amount.size, 1, members.lines.shape[2]), np.int64)
        row[:, 0, CLAIMS] = ~closed
        row[:, 0, BILLED] = row[:, 0, ALLOWED] = row[:, 0, FUND] = amount
        lines.append(row)
        triangle = triangle + spread(amount, delay_probabilities(line.lag_months)[: fund.n_delays])
    return Treatments(np.concatenate(lines, axis=1), triangle, members.excess, members.age_cells)

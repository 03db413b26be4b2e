"""What every other program is given and must hand back, so that all of them do the same work.

Each program turns one `Work` and one generator into the sums of one fund year (`YearSums`), as
mutualfund's kernel does: claims by line, charges, the fund's part, the fund's part by month of treatment and
payment delay, and the recovery above each member's retention. `run` carries it over paths and years.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

import problems
from problems import Line

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MONTHS, DELAYS = 12, 64  # the last delay holds everything later
N_CELLS = (problems.LAST_BAND + 1) * 2


class YearSums(NamedTuple):
    """One path's fund year. Money in currency."""

    claims: npt.NDArray[Any]  # (n_lines,) whole numbers
    billed: npt.NDArray[Any]  # (n_lines,) charges
    fund: npt.NDArray[Any]  # (n_lines,) the fund's part
    triangle: npt.NDArray[Any]  # (12, 64) the fund's part by month of treatment and payment delay
    excess: float  # recovered above the members' retention


@dataclass(frozen=True, eq=False)
class Work:
    """The plain workload in the arrays that a program would start from; one object, one problem."""

    members: int
    years: int
    lines: tuple[Line, ...]
    age: IntArray  # (members,) at the start of year 1
    sex: IntArray  # (members,) 0 women, 1 men
    rates: FloatArray  # (36, n_lines) claims a member-year by cell: age band x sex

    @property
    def n_lines(self) -> int:
        return len(self.lines)

    def cell(self, year: int) -> IntArray:
        """(members,) cell of each member in a fund year, from 1: members grow older."""
        return problems.band_of(self.age + (year - 1)) * 2 + self.sex

    @cached_property
    def copay(self) -> FloatArray:
        return np.array([line.copay for line in self.lines])

    @cached_property
    def coinsurance(self) -> FloatArray:
        return np.array([line.coinsurance for line in self.lines])

    @cached_property
    def deductible_applies(self) -> FloatArray:
        return np.array([float(line.deductible_applies) for line in self.lines])

    @cached_property
    def paid_at_once(self) -> FloatArray:
        """(n_lines,) chance that a claim is paid in its own month; delays are geometric."""
        return np.array([1.0 / (1.0 + line.lag_months) for line in self.lines])

    @cached_property
    def season(self) -> FloatArray:
        """(12,) cumulative shares of the year's claims by month."""
        weights = np.array(problems.SEASON)
        return np.asarray(np.cumsum(weights) / weights.sum())


def work_of(members: int, years: int, lines: tuple[Line, ...] = problems.LINES) -> Work:
    """The plain workload on the members that mutualfund is given."""
    people = problems.portfolio(members)
    age, sex = people.age.astype(np.int64), people.sex.astype(np.int64)
    cell = problems.band_of(age) * 2 + sex
    rates = np.empty((N_CELLS, len(lines)))
    for column, line in enumerate(lines):
        joint = (problems.age_factors(line)[:, None] * problems.sex_factors(line)).ravel()
        rates[:, column] = line.mean * joint / joint[cell].mean()
    return Work(members, years, lines, age, sex, rates)


MemberYear = Callable[[np.random.Generator, Work, int], YearSums]
"""A program under comparison: generator, work, fund year -> sums of one path's year."""


@dataclass(frozen=True)
class Figures:
    """Sums of every path and year; the leading axes are (n_paths, n_years)."""

    count: FloatArray
    billed: FloatArray
    fund: FloatArray
    paid: FloatArray
    excess: FloatArray

    @property
    def claims(self) -> float:
        return float(self.count.sum())


def run(member_year: MemberYear, work: Work, paths: int, seed: int = 7) -> Figures:
    """Carry one program over all paths and years."""
    rng = np.random.default_rng(seed)
    years = [
        [member_year(rng, work, year) for year in range(1, work.years + 1)] for _ in range(paths)
    ]
    return Figures(
        count=np.array([[sums.claims for sums in path] for path in years], np.float64),
        billed=np.array([[sums.billed for sums in path] for path in years]),
        fund=np.array([[sums.fund for sums in path] for path in years]),
        paid=np.array([paid_by_year([sums.triangle for sums in path]) for path in years]),
        excess=np.array([[sums.excess for sums in path] for path in years]),
    )


def paid_by_year(triangles: list[FloatArray]) -> FloatArray:
    """(n_years,) what is paid out in each fund year, for treatments of that year and earlier ones."""
    paid = np.zeros(MONTHS * len(triangles) + MONTHS + DELAYS)
    for year, triangle in enumerate(triangles):
        for month in range(MONTHS):
            start = MONTHS * year + month
            paid[start : start + DELAYS] += triangle[month]
    return np.asarray(paid[: MONTHS * len(triangles)].reshape(-1, MONTHS).sum(axis=1))

"""The funds and the workload that are timed.

Four funds by size, from `village` to `group_health`, and one workload: six lines with about 16 claims a
member-year. It is a workload, not a claim about people: the figures are round numbers of a plausible size,
and no published source stands behind any of them.

`features` says what is switched on one at a time; a `Problem` puts fund, features, paths and years together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

import features
from mutualfund import Portfolio, Scenario

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

FUNDS = {"village": 500, "town": 20_000, "city": 200_000, "group_health": 800_000}
DISPERSION = 2.0
BAND_YEARS, LAST_BAND = 5, 17  # eighteen age bands: 0-4, 5-9, ... 85+
SEASON = (1.25, 1.2, 1.1, 1.0, 0.95, 0.9, 0.8, 0.8, 0.95, 1.0, 1.0, 1.05)
DEDUCTIBLE, OUT_OF_POCKET_MAXIMUM, ANNUAL_LIMIT = 500.0, 4_000.0, 1_000_000.0
RETENTION, LAYER = 150_000.0, 850_000.0
EXCESS_OF_LOSS = {
    "kind": "excess_of_loss",
    "retention": RETENTION,
    "limit": LAYER,
    "premium": 1e6,  # stated, so that no pilot prices it: no other program here does
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the workload: claims a member-year, their cost and delay, and who bears them."""

    name: str
    mean: float
    severity: Mapping[str, Any]
    steepness: float  # how much more the old use it: 1 as for a visit to the doctor
    women: float  # relative use
    lag_months: float
    copay: float
    coinsurance: float
    deductible_applies: bool


def lognormal(mean: float, sigma: float) -> dict[str, Any]:
    return {"kind": "lognormal", "mu": math.log(mean) - sigma**2 / 2, "sigma": sigma}


LINES = (
    Line(
        "primary",
        3.6,
        {"kind": "gamma", "alpha": 2.0, "theta": 90.0},
        steepness=1.0,
        women=1.2,
        lag_months=1.0,
        copay=20.0,
        coinsurance=0.0,
        deductible_applies=False,
    ),
    Line(
        "pharmacy",
        9.0,
        lognormal(85.0, 1.3),
        steepness=0.9,
        women=1.1,
        lag_months=0.5,
        copay=10.0,
        coinsurance=0.1,
        deductible_applies=False,
    ),
    Line(
        "mental",
        1.0,
        {"kind": "gamma", "alpha": 1.5, "theta": 320 / 3},
        steepness=0.4,
        women=1.3,
        lag_months=1.5,
        copay=20.0,
        coinsurance=0.1,
        deductible_applies=False,
    ),
    Line(
        "outpatient",
        2.3,
        lognormal(450.0, 1.2),
        steepness=1.0,
        women=1.0,
        lag_months=2.0,
        copay=35.0,
        coinsurance=0.2,
        deductible_applies=True,
    ),
    Line(
        "hospital",
        0.09,
        lognormal(17_000.0, 1.1),
        steepness=1.6,
        women=1.0,
        lag_months=3.0,
        copay=250.0,
        coinsurance=0.15,
        deductible_applies=True,
    ),
    Line(
        "catastrophic",
        0.0025,
        {"kind": "pareto", "alpha": 2.5, "above": 75_000.0},
        steepness=1.6,
        women=0.9,
        lag_months=4.0,
        copay=0.0,
        coinsurance=0.1,
        deductible_applies=True,
    ),
)


def band_of(age: IntArray) -> IntArray:
    """The age band of each age, 0 to 17."""
    return np.minimum(age // BAND_YEARS, LAST_BAND)


def age_factors(line: Line) -> FloatArray:
    """(18,) relative use by age band: high in infancy, lowest in childhood, rising with age."""
    middle = np.arange(LAST_BAND + 1) * BAND_YEARS + BAND_YEARS / 2
    curve = 0.45 + 0.75 * np.exp(-middle / 4) + 0.011 * middle + 0.00013 * middle**2
    return np.asarray((curve**line.steepness).round(4))


def sex_factors(line: Line) -> FloatArray:
    """(2,) relative use of women and men."""
    return np.array([line.women, 1.0])


def line_table(line: Line) -> dict[str, Any]:
    """The line as a scenario file states it."""
    first = [band * BAND_YEARS for band in range(LAST_BAND + 1)]
    labels = [f"{age}-{age + BAND_YEARS - 1}" for age in first[:-1]] + [f"{first[-1]}+"]
    by_age = {label: float(f) for label, f in zip(labels, age_factors(line), strict=True)}
    return {
        "name": line.name,
        "frequency": {
            "kind": "negative_binomial",
            "mean": line.mean,
            "dispersion": DISPERSION,
        },
        "severity": dict(line.severity),
        "age_factors": by_age,
        "sex_factors": {"F": line.women, "M": 1.0},
        "seasonality": list(SEASON),
        "lag_months": line.lag_months,
    }


def benefit_table(lines: tuple[Line, ...]) -> dict[str, Any]:
    """Who pays what: yearly terms, then terms by line."""
    by_line = {
        line.name: {
            "copay": line.copay,
            "coinsurance": line.coinsurance,
            "deductible_applies": line.deductible_applies,
        }
        for line in lines
    }
    return {
        "deductible": DEDUCTIBLE,
        "out_of_pocket_maximum": OUT_OF_POCKET_MAXIMUM,
        "annual_limit": ANNUAL_LIMIT,
        **by_line,
    }


def split(lines: tuple[Line, ...], parts: int) -> tuple[Line, ...]:
    """Each line as `parts` lines that have its claims together: many lines, as many claims.

    >>> len(split(LINES, 4))
    24
    """
    return tuple(
        replace(line, name=f"{line.name} {part}", mean=line.mean / parts)
        for line in lines
        for part in range(parts)
    )


SPARSE = tuple(line for line in LINES if line.name in ("hospital", "catastrophic"))
ONE_LINE = (replace(LINES[1], mean=16.0),)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is simulated: members, paths, years, and the features added to the plain workload.

    The plain workload has counts, claims in order of their moment, one plan, and one excess-of-loss
    layer unless `reinsured` is False; nobody changes health, joins, leaves or dies.
    """

    members: int
    paths: int
    years: int
    feature: str = "plain"
    reinsured: bool = True
    lines: tuple[Line, ...] = LINES

    @property
    def member_years(self) -> int:
        return self.members * self.paths * self.years


def portfolio(members: int) -> Portfolio:
    """Members who exist nowhere, long-standing, without plans."""
    return Portfolio.synthetic(members, age_mix="N", seed=1)


def scenario(problem: Problem, members: Portfolio | None = None) -> Scenario:
    """The problem as mutualfund's own input; `members` spares making them again."""
    tables: dict[str, Any] = {
        "schema_version": 1,
        "fund": {
            "name": "Benchmark",
            "currency": "USD",
            "start": date(2027, 1, 1),
            "opening_reserve": 1e8,
            "opening_outstanding": 0.0,
        },
        "settings": {"paths": problem.paths, "years": problem.years, "seed": 1},
        "members": {"mortality": "none"},
        "assumptions": {"lines": [line_table(line) for line in problem.lines]},
        "rules": {
            "contributions": {"kind": "flat", "monthly": 300.0},
            "benefits": benefit_table(problem.lines),
            "reinsurance": [dict(EXCESS_OF_LOSS)] if problem.reinsured else [],
        },
    }
    members = portfolio(problem.members) if members is None else members
    tables, members = features.switched_on(problem.feature, tables, members)
    return Scenario.from_dict(tables, portfolio=members)

"""One path of a scenario claim by claim: its people and claims year by year, every number still whole."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mutualfund.fund.expectations import Expectations
from mutualfund.fund.records.people import CoveredYear, People
from mutualfund.fund.records.price import fund_effects
from mutualfund.fund.records.sharing import Shares, shared_out
from mutualfund.fund.records.treated import DrawnClaims, drawn_claims
from mutualfund.sim.kernels.layout import MONTHS, PathInputs
from mutualfund.sim.plan import Plan
from mutualfund.types import IntArray

NEVER_COVERED = -1


class PathClaims(NamedTuple):
    """The claims of all years of a path, in order of year, member and moment; arrays (n,)."""

    year: IntArray  # from 1
    slot: IntArray  # row of the plan's slots
    drawn: DrawnClaims
    shares: Shares


class PathCover(NamedTuple):
    """The one spell of cover of each slot, in months from the start of year 1; arrays (n_slots,)."""

    first: IntArray  # first covered month; NEVER_COVERED where there is none
    end: IntArray  # month after the last covered one
    arrival_state: IntArray  # health state in the first year


def drawn_path(
    plan: Plan, path: int, expected: Expectations | None, last_year: int | None = None
) -> tuple[PathClaims, PathCover]:
    """Everything that befalls the members of `path`, which is one of the plan's.

    expected: as `expected_by_fund` finds it. last_year: the last fund year looked at; to the end if None.
    """
    drivers, effects = plan.drivers(path, 1), fund_effects(plan, path, expected)
    people = People(plan.tables, path)
    cover = PathCover(*np.full((3, plan.n_slots), NEVER_COVERED))
    years = []
    for rules, extra, closed in zip(plan.years, effects.lapse_extra, effects.closed, strict=True):
        if closed or (last_year is not None and rules.year > last_year):
            break
        covered = people.year(rules, extra)
        _note_cover(cover, covered, rules.year)
        accept = np.ascontiguousarray(drivers.accept[:, rules.year - 1])
        inputs = PathInputs(
            drivers.path, drivers.rung, accept, drivers.table, drivers.scale, extra[np.newaxis]
        )
        claims = drawn_claims(plan.tables, rules, inputs, covered)
        shares = shared_out(plan.tables, rules, covered, claims)
        year = np.full(claims.member.size, rules.year)
        years.append(PathClaims(year, covered.slot[claims.member], claims, shares))
    return _joined(years), cover


def _note_cover(cover: PathCover, covered: CoveredYear, year: int) -> None:
    some = covered.leave > covered.enter
    slot, before = covered.slot[some], MONTHS * (year - 1)
    new = cover.first[slot] == NEVER_COVERED
    cover.first[slot[new]] = before + covered.enter[some][new]
    cover.arrival_state[slot[new]] = covered.health[some][new]
    cover.end[slot] = before + covered.leave[some]


def _joined(years: list[PathClaims]) -> PathClaims:
    return PathClaims(
        year=np.concatenate([each.year for each in years]),
        slot=np.concatenate([each.slot for each in years]),
        drawn=DrawnClaims(*map(np.concatenate, zip(*(each.drawn for each in years), strict=True))),
        shares=Shares(*map(np.concatenate, zip(*(each.shares for each in years), strict=True))),
    )

"""Who bears each claim of a year: the rule of definition 15, claim after claim, over all members at once.

The n-th claims of all members are shared out together, for a member's claims must be taken in their order.
Whole minor units; tests hold every sum to the kernel.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mutualfund.fund.records.people import CoveredYear
from mutualfund.fund.records.treated import DrawnClaims, half_up
from mutualfund.sim.kernels.layout import (
    COINSURANCE,
    COPAY,
    DEDUCTIBLE,
    DEDUCTIBLE_APPLIES,
    EXTERNAL_SHARE,
    LINE_LIMIT,
    MONTHS,
    OPENS,
    OUT_OF_POCKET,
    PLAN_LIMIT,
    PROVIDER_SHARE,
    SHARE_BITS,
    WAITS,
    WAIVED_BEFORE,
    MemberTables,
    YearTables,
)
from mutualfund.types import BoolArray, IntArray


class Shares(NamedTuple):
    """Who bears each claim, arrays (n,), minor units; all zero where it is not recognised."""

    allowed: IntArray
    external: IntArray
    member: IntArray
    provider: IntArray
    fund: IntArray


def shared_out(
    tables: MemberTables, rules: YearTables, people: CoveredYear, claims: DrawnClaims
) -> Shares:
    """The parts of every claim of a year, in the order of `claims`."""
    plan = tables.plan[people.slot[claims.member]]
    segment = rules.segment[claims.month]
    terms = rules.terms[segment, plan, claims.line]
    limits = rules.limits[segment, plan]
    known = _recognised(rules, segment, plan, people, claims)
    parts = Shares(*np.zeros((5, claims.billed.size), np.int64))
    accounts = _Accounts(people.slot.size, len(tables.line_stream))
    for some in _turns(claims.member[known], np.flatnonzero(known)):
        shares = accounts.share(
            claims.member[some], claims.line[some], claims.billed[some], terms[some], limits[some]
        )
        for part, values in zip(parts, shares, strict=True):
            part[some] = values
    return parts


def _recognised(
    rules: YearTables, segment: IntArray, plan: IntArray, people: CoveredYear, claims: DrawnClaims
) -> BoolArray:
    """Whether the line is open to the member by then and every wait is over, (n,)."""
    opening = rules.opening[segment, plan, claims.line]
    opens, joined = opening[:, OPENS], people.joined[claims.member]
    now = MONTHS * (rules.year - 1) + claims.month
    served = now - np.maximum(joined, opens) >= opening[:, WAITS]
    return np.asarray((now >= opens) & (served | (joined < opening[:, WAIVED_BEFORE])))


def _turns(member: IntArray, place: IntArray) -> list[IntArray]:
    """Places of everybody's first claims, then of their second claims, and so on.

    member: (n,) sorted. place: (n,) where each of these claims stands.
    """
    first = np.searchsorted(member, member)
    turn = np.arange(member.size) - first
    order = np.argsort(turn, kind="stable")
    ends = np.cumsum(np.bincount(turn))[:-1] if turn.size else np.zeros(0, np.int64)
    return np.split(place[order], ends)


class _Accounts:
    """What each member has used of the yearly amounts."""

    def __init__(self, n_members: int, n_lines: int) -> None:
        self.deductible = np.zeros(n_members, np.int64)
        self.out_of_pocket = np.zeros(n_members, np.int64)
        self.covered = np.zeros(n_members, np.int64)
        self.covered_on_line = np.zeros((n_members, n_lines), np.int64)

    def share(
        self, who: IntArray, line: IntArray, billed: IntArray, terms: IntArray, limits: IntArray
    ) -> Shares:
        """Share out one claim each of the members `who`, all different.

        who, line, billed: (n,). terms: (n, 6) and limits: (n, 3) in the kernel's columns.
        """
        external = half_up(billed * terms[:, EXTERNAL_SHARE], SHARE_BITS)
        own = billed - external
        copay = np.minimum(own, terms[:, COPAY])
        left = np.maximum(limits[:, DEDUCTIBLE] - self.deductible[who], 0)
        deductible = np.minimum(own - copay, left * terms[:, DEDUCTIBLE_APPLIES])
        rest = own - copay - deductible
        cost_sharing = copay + deductible + half_up(rest * terms[:, COINSURANCE], SHARE_BITS)
        cost_sharing = np.minimum(
            cost_sharing, np.maximum(limits[:, OUT_OF_POCKET] - self.out_of_pocket[who], 0)
        )
        room = np.minimum(
            terms[:, LINE_LIMIT] - self.covered_on_line[who, line],
            limits[:, PLAN_LIMIT] - self.covered[who],
        )
        covered = np.minimum(own - cost_sharing, np.maximum(room, 0))
        self.deductible[who] += deductible
        self.out_of_pocket[who] += cost_sharing
        self.covered[who] += covered
        self.covered_on_line[who, line] += covered
        provider = half_up(covered * terms[:, PROVIDER_SHARE], SHARE_BITS)
        return Shares(billed, external, own - covered, provider, covered - provider)

"""Collect: who pays the dues and when the money comes in; entry fees and members' shares (definition 18)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mutualfund.premiums.lateness import YEARS_LATE, arrears_by_year, arrives_by_year
from mutualfund.premiums.subsidy import members_part
from mutualfund.rules import Rulebook
from mutualfund.sim.kernels.layout import DIED, JOINED, LAPSED, MemberYear
from mutualfund.types import BoolArray, FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class StillToCome:
    """What is owed to the fund and will be paid, by year from the next one on; (n_paths, 6) currency."""

    dues: FloatArray
    subsidies: FloatArray


class Collected(NamedTuple):
    """The year's receipts."""

    contributions: FloatArray  # (n_paths,) from members, late dues of earlier years included
    subsidies: FloatArray  # (n_paths,)
    to_come: StillToCome


def opening_claims(rules: Rulebook, n_paths: int) -> StillToCome:
    """What is still to come on the first day: subsidies of earlier months, as that day's rules state them."""
    owed = np.zeros(YEARS_LATE)
    for subsidy in rules.subsidies:
        owed = owed + subsidy.owed_at_start * arrears_by_year(subsidy.delay_months)
    return StillToCome(np.zeros((n_paths, YEARS_LATE)), np.tile(owed, (n_paths, 1)))


def collect(rules: Rulebook, due: FloatArray, before: StillToCome) -> Collected:
    """What comes in this year and what is still to come, given the year's dues, (n_paths,) currency."""
    subsidies, dues = before.subsidies, before.dues
    for subsidy in rules.subsidies:
        arrives = arrives_by_year(subsidy.delay_months)
        subsidies = subsidies + (subsidy.expected * due)[:, np.newaxis] * arrives
    owed = members_part(due, rules.subsidies)
    if rules.arrears is None:
        in_time = rules.contributions.collection_rate * owed
    else:
        late = rules.arrears.late * rules.arrears.collected
        arrives = arrives_by_year(rules.arrears.delay_months)
        dues = dues + (late * owed)[:, np.newaxis] * arrives
        in_time = (1.0 - rules.arrears.late) * owed
    return Collected(
        contributions=in_time + dues[:, 0],
        subsidies=subsidies[:, 0],
        to_come=StillToCome(next_year(dues), next_year(subsidies)),
    )


def next_year(by_year: FloatArray) -> FloatArray:
    """The same amounts seen a year later: (n_paths, 6), what came this year taken off."""
    return np.concatenate([by_year[:, 1:], np.zeros_like(by_year[:, :1])], axis=1)


def other_receipts(
    rules: Rulebook,
    members: MemberYear,
    fee_payers: float,
    subsidies: FloatArray,
    closed: BoolArray,
) -> dict[str, FloatArray]:
    """Subsidies, entry fees and members' shares of the year, (n_paths,) currency, positive as named.

    fee_payers: share of those who join who owe the entry fee; as many are whole persons. A fund in run-off
    has lost its members at a stroke and pays no share back.
    """
    joined = members.persons[:, JOINED].astype(np.float64)
    left = (members.persons[:, LAPSED] + members.persons[:, DIED]).astype(np.float64)
    rule = rules.joining
    return {
        "entry_fees": rule.entry_fee * np.rint(fee_payers * joined),
        "shares_paid_in": rule.share * joined,
        "shares_redeemed": np.where(closed, 0.0, rule.share * left),
        "subsidies": subsidies,
    }

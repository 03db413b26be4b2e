"""Days of cover by member and calendar month.

Two rules. By days, a month counts with the share of its days that were covered: a spell from 10 to 30 April
is 21/30 of a member-month, and 29 February is one day of twenty-nine. By months, whoever is in force on the
1st is covered for the whole month and nobody else for any of it (docs/definitions.md, 2). By days is the
default: it says how long people were really at risk, whatever day they joined, so a rate does not depend on
the habit of joining on the 15th. By months suits a fund that levies by month and asks what a levied month
cost; what someone costs in the days before their first 1st is then cost without exposure, as a leaver's last
days are exposure without cover.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from mutualfund.claims.experience.calendar import StudyPeriod
from mutualfund.portfolio.cover import CoverSpells
from mutualfund.types import FloatArray, IntArray, UIntArray

ExposureRule = Literal["days", "months"]


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Cover:
    """Spells by place of the member among all members, sorted, none overlapping; arrays (n_spells,)."""

    member: IntArray
    first_day: IntArray
    last_day: IntArray
    period: StudyPeriod
    rule: ExposureRule

    @classmethod
    def of(
        cls, spells: CoverSpells, member_key: UIntArray, period: StudyPeriod, rule: ExposureRule
    ) -> Cover:
        """The spells of members whose keys are `member_key` (n_members,), ascending."""
        place = np.searchsorted(member_key, spells.member_key).astype(np.int64)
        return cls(place, spells.first_day, spells.last_day, period, rule)

    def days(self, first: int, last: int) -> IntArray:
        """(last - first, n_months) days counted for members `first` to `last`, the end left out."""
        begin, end = np.searchsorted(self.member, [first, last])
        member = self.member[begin:end] - first
        starts, stops = self.first_day[begin:end], self.last_day[begin:end]
        edges = self.period.edges
        counted = np.zeros((last - first, self.period.n_months), dtype=np.int64)
        for month, (opens, closes) in enumerate(pairwise(edges)):
            if self.rule == "days":
                days = np.minimum(stops + 1, closes) - np.maximum(starts, opens)
            else:
                days = np.where((starts <= opens) & (stops >= opens), closes - opens, 0)
            inside = days > 0
            np.add.at(counted[:, month], member[inside], days[inside])
        return counted

    def months(self, first: int, last: int) -> FloatArray:
        """(last - first, n_months) member-months of members `first` to `last`, the end left out."""
        return self.days(first, last) / self.period.days_in_month

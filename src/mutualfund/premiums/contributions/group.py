"""What a group's own experience changes: its members pay more or less, as far as it is believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from mutualfund.assumptions.model import Factor, Freeze, Name, Share
from mutualfund.premiums.contributions.adjustment import Adjustment
from mutualfund.premiums.contributions.classes import Looked
from mutualfund.premiums.contributions.standing import Standing
from mutualfund.types import FloatArray

Experience = Annotated[Mapping[Name, Factor], Field(min_length=1), Freeze]


class GroupExperience(Adjustment):
    """A group pays 1 + credibility x (experience - 1) times the table, between a floor and a ceiling.

    Experience is the group's claims over what was expected of them. Members of other groups, and of none,
    pay the table.

    Source: Bühlmann and Gisler, A Course in Credibility Theory (2005), ch. 3: the credibility premium.

    >>> rule = GroupExperience(experience={"mill": 1.4, "school": 0.8}, credibility=0.5)
    >>> rule.factors().tolist()
    [1.2, 0.9]
    """

    kind: Literal["group_experience"] = "group_experience"
    experience: Experience = Field(
        description="claims over expected claims by group, 1 = as expected"
    )
    credibility: Share = Field(description="how far a group's own experience is believed")
    floor: Share = Field(default=0.0, description="least factor on the table")
    ceiling: Annotated[Factor, Field(ge=1.0)] = Field(
        default=10.0, description="greatest factor on the table"
    )

    def needs(self) -> tuple[str, ...]:
        """The group column."""
        return ("group",)

    @property
    def looks_at(self) -> tuple[Looked, ...]:
        """The group."""
        return ("group",)

    def factors(self) -> FloatArray:
        """(n_groups,) factor on the table, in the order of `experience`."""
        seen = np.asarray(list(self.experience.values()))
        return np.clip(1.0 + self.credibility * (seen - 1.0), self.floor, self.ceiling)

    def applied(self, factors: FloatArray, standing: Standing) -> FloatArray:
        """(n_members,) factors x that of the member's group."""
        portfolio = standing.portfolio
        if portfolio.group_code is None:
            return factors
        known = dict(zip(self.experience, self.factors().tolist(), strict=True))
        by_code = np.asarray([*(known.get(name, 1.0) for name in portfolio.group_names), 1.0])
        return np.asarray(factors * by_code[portfolio.group_code])

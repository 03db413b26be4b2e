"""What a group's own experience changes: its members pay more or less, as far as it is believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal, Self

import numpy as np
from pydantic import Discriminator, Field, Tag, model_validator

from mutualfund.assumptions.model import Factor, Freeze, Name, Share
from mutualfund.errors import Fault, InputError, require_kind
from mutualfund.portfolio import Portfolio
from mutualfund.premiums.contributions.adjustment import Adjustment
from mutualfund.premiums.contributions.classes import Looked
from mutualfund.premiums.contributions.refusals import not_held
from mutualfund.premiums.contributions.standing import Standing
from mutualfund.types import FloatArray

if TYPE_CHECKING:
    from mutualfund.premiums.credibility import CredibilityFit

Experience = Annotated[Mapping[Name, Factor], Field(min_length=1), Freeze]
Credibility = Annotated[
    Annotated[Share, Tag("number")] | Annotated[Mapping[Name, Share], Freeze, Tag("table")],
    Discriminator(lambda value: "table" if isinstance(value, Mapping) else "number"),
]

CLOSE = 1e-9  # of the collective premium: what a fit's own arithmetic rounds


class GroupExperience(Adjustment):
    """A group pays 1 + credibility x (experience - 1) times the table, between a floor and a ceiling.

    Experience is the group's claims over what was expected of them. Members of other groups, and of none,
    pay the table. The factors need not average 1 over the members, and then the table brings in another
    total: `premiums.balance` restores it.

    Source: Bühlmann and Gisler, A Course in Credibility Theory (2005), ch. 3: the credibility premium.

    >>> rule = GroupExperience(experience={"mill": 1.4, "school": 0.8}, credibility=0.5)
    >>> rule.factors().tolist()
    [1.2, 0.9]
    >>> believed = {"mill": 0.5, "school": 0.25}
    >>> GroupExperience(experience={"mill": 1.4, "school": 0.8}, credibility=believed).factors().tolist()
    [1.2, 0.95]
    """

    kind: Literal["group_experience"] = "group_experience"
    experience: Experience = Field(
        description="claims over expected claims by group, 1 = as expected"
    )
    credibility: Credibility = Field(
        description="how far a group's own experience is believed: for all of them, or a table by group"
    )
    floor: Share = Field(default=0.0, description="least factor on the table")
    ceiling: Annotated[Factor, Field(ge=1.0)] = Field(
        default=10.0, description="greatest factor on the table"
    )

    @model_validator(mode="after")
    def _believed_each(self) -> Self:
        believed = self.credibility
        if isinstance(believed, Mapping) and set(believed) != set(self.experience):
            allowed = "the groups of experience: " + ", ".join(self.experience)
            raise InputError([Fault("credibility", ", ".join(believed), allowed, code="keys")])
        return self

    @classmethod
    def from_fit(
        cls, fit: CredibilityFit, *, floor: float = 0.0, ceiling: float = 10.0
    ) -> GroupExperience:
        """The experience and the credibility of each group in a credibility fit.

        The table is taken to charge the collective premium: a group's factor is its credibility premium over
        that.

        Parameters
        ----------
        fit : a fit whose premiums lie between own experience and one collective premium for all groups.
        floor, ceiling : as for the rule.

        Raises
        ------
        InputError
            Where the fit rests on sectors, manual premiums that differ, or a trend, or knows no more than
            one number for all; and for labels that are no names.

        >>> from mutualfund.premiums import buhlmann_straub
        >>> fit = buhlmann_straub(
        ...     [[1.0, 1.2], [0.7, 0.8]], [[50.0, 60.0], [40.0, 40.0]], labels=["mill", "school"]
        ... )
        >>> rule = GroupExperience.from_fit(fit)
        >>> (rule.factors() / fit.premiums * fit.complement).round(12).tolist()
        [1.0, 1.0]
        """
        from mutualfund.premiums.credibility import CredibilityFit

        require_kind(
            "fit", fit, CredibilityFit, "a CredibilityFit, such as buhlmann_straub returns"
        )
        collective = float(fit.complement[0])
        between = fit.factors * fit.own + (1.0 - fit.factors) * collective
        alike = np.concatenate([fit.complement - collective, fit.premiums - between])
        if not collective > 0.0 or (np.abs(alike) > CLOSE * collective).any():
            allowed = "premiums between own experience and one collective premium above 0"
            remedy = "State experience as premiums over the table's, with a credibility of 1."
            raise InputError([Fault("fit", f"{fit.method}", allowed, remedy, "unequal")])
        return cls(
            experience=dict(zip(fit.labels, (fit.own / collective).tolist(), strict=True)),
            credibility=dict(zip(fit.labels, fit.factors.tolist(), strict=True)),
            floor=floor,
            ceiling=ceiling,
        )

    def needs(self) -> tuple[str, ...]:
        """The group column."""
        return ("group",)

    @property
    def looks_at(self) -> tuple[Looked, ...]:
        """The group."""
        return ("group",)

    def faults(self, portfolio: Portfolio, at: str) -> list[Fault]:
        """Groups that are named here and that no member belongs to."""
        if portfolio.group_code is None:
            return []  # the column is missing, which is a fault of its own
        named = [name for name in self.experience if name not in portfolio.group_names]
        return [not_held(f"{at}.experience.{name}", name, "group") for name in named]

    def factors(self) -> FloatArray:
        """(n_groups,) factor on the table, in the order of `experience`."""
        seen, believed = np.asarray(list(self.experience.values())), self.credibility
        if isinstance(believed, Mapping):
            by_group: float | FloatArray = np.asarray([believed[name] for name in self.experience])
        else:
            by_group = believed
        return np.clip(1.0 + by_group * (seen - 1.0), self.floor, self.ceiling)

    def applied(self, factors: FloatArray, standing: Standing) -> FloatArray:
        """(n_members,) factors x that of the member's group."""
        portfolio = standing.portfolio
        if portfolio.group_code is None:
            return factors
        known = dict(zip(self.experience, self.factors().tolist(), strict=True))
        by_code = np.asarray([*(known.get(name, 1.0) for name in portfolio.group_names), 1.0])
        return np.asarray(factors * by_code[portfolio.group_code])

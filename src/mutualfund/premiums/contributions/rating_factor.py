"""What a rating factor changes: the table's price times a number by sex, region, plan or group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self, get_args

import numpy as np
from pydantic import Field, model_validator

from mutualfund.assumptions.model import Factor, Freeze
from mutualfund.errors import Fault, InputError
from mutualfund.portfolio import Portfolio
from mutualfund.premiums.contributions.adjustment import Adjustment
from mutualfund.premiums.contributions.classes import Looked, codes_of, rating_classes
from mutualfund.premiums.contributions.refusals import missing_columns
from mutualfund.premiums.contributions.standing import Standing
from mutualfund.schema import SEXES
from mutualfund.types import FloatArray

RatedBy = Literal["sex", "region", "plan", "group"]
RATED_BY: tuple[RatedBy, ...] = get_args(RatedBy)
"""The labels of members that a factor may go by; age has a table of its own."""

FactorTable = Annotated[Mapping[str, Factor], Field(min_length=1), Freeze]


class RatingFactor(Adjustment):
    """A member pays the table times the factor of their label: the relativities of a tariff.

    Several factors, each by another column, multiply in any order. Every member must have a label with a
    factor. Some laws forbid a factor, as the European Union's does that by sex (Court of Justice, C-236/09,
    2011): leave it out then, and a `RateTable` averages over it.

    >>> RatingFactor(by="region", factors={"hills": 0.9, "coast": 1.15}).needs()
    ('region',)
    """

    kind: Literal["rating_factor"] = "rating_factor"
    by: RatedBy = Field(description="column of the members that tells the factor")
    factors: FactorTable = Field(description="factor on the table by label, 1 = the table itself")

    @model_validator(mode="after")
    def _known_sexes(self) -> Self:
        if self.by == "sex":
            allowed = ", ".join(SEXES)
            strange = [name for name in self.factors if name not in SEXES]
            if strange:
                fault = Fault(
                    f"factors.{strange[0]}", "an unknown sex", allowed, code="unknown_choice"
                )
                raise InputError([fault])
        return self

    def needs(self) -> tuple[str, ...]:
        """The column of the labels, where not everybody has one."""
        return (self.by,) if self.by in ("region", "group") else ()

    @property
    def looks_at(self) -> tuple[Looked, ...]:
        """The column of the labels."""
        return (self.by,)

    def faults(self, portfolio: Portfolio, at: str) -> list[Fault]:  # noqa: ARG002 - members' fault
        """How many members have no label, or one without a factor; their labels are not shown."""
        if missing_columns(self.needs(), portfolio):
            return []
        kinds, by_label = rating_classes(portfolio, (self.by,)), self._by_label(portfolio)
        unknown = np.isnan(by_label[codes_of(kinds.members, self.by)])
        if not unknown.any():
            return []
        without = int(unknown[kinds.kind].sum())
        got, allowed = f"no factor in {without} rows", f"one of {', '.join(self.factors)}"
        remedy = f"Add the labels' factors to the rating factor by {self.by}."
        return [Fault(f"members.{self.by}", got, allowed, remedy, "missing")]

    def applied(self, factors: FloatArray, standing: Standing) -> FloatArray:
        """(n_members,) factors x that of the member's label."""
        codes = codes_of(standing.portfolio, self.by)
        return np.asarray(factors * self._by_label(standing.portfolio)[codes])

    def _by_label(self, portfolio: Portfolio) -> FloatArray:
        """(n_labels + 1,) the factor of each label, no number where there is none; of no label last."""
        names = _names(portfolio, self.by)
        return np.asarray([*(self.factors.get(name, np.nan) for name in names), np.nan])


def each_column_once(adjustments: Sequence[Adjustment]) -> Sequence[Adjustment]:
    """The adjustments themselves; refused where two rating factors go by one column: it is charged twice."""
    first: dict[str, int] = {}
    faults = []
    for place, each in enumerate(adjustments):
        if isinstance(each, RatingFactor) and first.setdefault(each.by, place) != place:
            got = f"{each.by}, as adjustments[{first[each.by]}]"
            remedy = "Multiply the two tables into one."
            faults.append(Fault(f"[{place}].by", got, "each column once", remedy, "duplicate_name"))
    if faults:
        raise InputError(faults)
    return adjustments


def _names(portfolio: Portfolio, by: RatedBy) -> tuple[str, ...]:
    return {
        "sex": SEXES,
        "region": portfolio.region_names,
        "plan": portfolio.plan_names,
        "group": portfolio.group_names,
    }[by]

"""Loadings and discounts by the age at which a member joined.

The Australian rules are ready-made as `EntryAgeLoading.lifetime_health_cover` and `AgeDiscount.australian`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, ConfigDict, Field

from mutualfund.assumptions.bands import AgeBands, covers_all_ages
from mutualfund.assumptions.model import Freeze, Number, Share, Whole
from mutualfund.assumptions.schema import ELSEWHERE
from mutualfund.errors import numbers, require
from mutualfund.premiums.contributions.adjustment import PartAdjustment
from mutualfund.premiums.contributions.classes import Looked
from mutualfund.premiums.contributions.standing import Standing
from mutualfund.schema import MAX_AGE
from mutualfund.types import FloatArray

Age = Annotated[Whole, Field(ge=0, le=MAX_AGE)]
Years = Annotated[Whole, Field(ge=0, le=MAX_AGE)]
Loading = Annotated[Number, Field(ge=0.0, le=10.0)]


DiscountTable = Annotated[Mapping[str, Share], AfterValidator(covers_all_ages), Freeze]


LIFETIME_HEALTH_COVER = (
    'Write kind = "entry_age_loading"; in Python EntryAgeLoading.lifetime_health_cover().'
)


class EntryAgeLoading(PartAdjustment):
    """A loading for every year by which a member joined later than at a given age.

    min(maximum, per_year x max(0, entry age - from_age)), until `removed_after` completed years of
    membership.

    >>> EntryAgeLoading.lifetime_health_cover().loading([30, 37, 80]).tolist()
    [0.0, 0.14, 0.7]
    """

    model_config = ConfigDict(
        json_schema_extra={ELSEWHERE: {"lifetime_health_cover": LIFETIME_HEALTH_COVER}}
    )

    kind: Literal["entry_age_loading"] = "entry_age_loading"
    from_age: Age = Field(description="age on joining up to which there is no loading")
    per_year: Loading = Field(description="loading for each year above it")
    maximum: Loading = Field(description="greatest loading")
    removed_after: Years | None = Field(
        default=None, description="completed years of membership after which the loading ends"
    )

    @classmethod
    def lifetime_health_cover(cls, hospital_part: float = 1.0) -> EntryAgeLoading:
        """The Australian loading: 2 % a year above 30, at most 70 %, removed after 10 continuous years.

        Years are counted at the opening of each fund year: a loading whose ten years end within a fund year
        goes at the next opening, up to a year later than the law has it.

        Source: Medibank, Lifetime Health Cover (2024); healthslips.com.au guide.

        Parameters
        ----------
        hospital_part : share of the contribution that pays for hospital cover, which alone is loaded.
        """
        return cls(part=hospital_part, from_age=30, per_year=0.02, maximum=0.70, removed_after=10)

    @property
    def looks_at(self) -> tuple[Looked, ...]:
        """Age on joining and completed years."""
        return ("entry_age", "years")

    def loading(self, entry_age: npt.ArrayLike) -> FloatArray:
        """(n,) loading of members who joined at these ages, before it is removed."""
        above = np.maximum(numbers("entry_age", entry_age) - self.from_age, 0.0)
        return np.asarray(np.minimum(above * self.per_year, self.maximum))

    def change(self, standing: Standing) -> FloatArray:
        """(n_members,) the loading; 0 once it is removed, and where the day of joining is unknown."""
        loading = self.loading(standing.entry_age)
        if self.removed_after is None:
            return np.where(standing.known, loading, 0.0)
        return np.where(standing.known & (standing.years < self.removed_after), loading, 0.0)


class AgeDiscount(PartAdjustment):
    """A discount by age on joining, kept to an age and then phased out.

    Who joins below the youngest age with a discount counts as joining at that age, and has it from then on.

    >>> AgeDiscount.australian().discount([18, 26, 29, 30]).tolist()
    [0.1, 0.08, 0.02, 0.0]
    """

    kind: Literal["age_discount"] = "age_discount"
    by_entry_age: DiscountTable = Field(description="discount by age on joining, every age once")
    kept_until: Age = Field(
        default=MAX_AGE, description="birthday from which the discount is phased out"
    )
    falls_by: Share = Field(
        default=1.0, description="by how much it falls on that birthday and on each later one"
    )

    @classmethod
    def australian(cls, hospital_part: float = 1.0) -> AgeDiscount:
        """10 % at 18 to 25, 8, 6, 4, 2 % at 26 to 29, kept until 41 and then 2 points a year less.

        Source: privatehealth.gov.au, Age-based Discount (2019); caretocompare.com.au.

        Parameters
        ----------
        hospital_part : share of the contribution that pays for hospital cover, which alone is discounted.
        """
        table = {"0-17": 0.0, "18-25": 0.10, "26-26": 0.08, "27-27": 0.06, "28-28": 0.04}
        table |= {"29-29": 0.02, "30+": 0.0}
        return cls(part=hospital_part, by_entry_age=table, kept_until=41, falls_by=0.02)

    @property
    def looks_at(self) -> tuple[Looked, ...]:
        """Age and age on joining."""
        return ("age", "entry_age")

    def discount(self, entry_age: npt.ArrayLike) -> FloatArray:
        """(n,) discount of members who joined at these ages, before it is phased out."""
        by_age = AgeBands(self.by_entry_age).by_age(self.by_entry_age.values())
        joined = numbers("entry_age", entry_age)
        require("entry_age", joined, minimum=-1, maximum=MAX_AGE, unit="age", show=False)
        return by_age[np.maximum(joined.astype(np.int64), self._youngest())]

    def _youngest(self) -> int:
        """The youngest age with a discount; 0 where there is none."""
        by_age = AgeBands(self.by_entry_age).by_age(self.by_entry_age.values())
        return int(np.argmax(by_age > 0.0))

    def change(self, standing: Standing) -> FloatArray:
        """(n_members,) the discount as a change below 0; none where the day of joining is unknown."""
        age = standing.age
        birthdays = np.maximum(age - (self.kept_until - 1), 0)
        left = np.maximum(self.discount(standing.entry_age) - self.falls_by * birthdays, 0.0)
        return np.where(standing.known & (age >= self._youngest()), -left, 0.0)


class EarlyEntryDiscount(PartAdjustment):
    """A discount for every year by which a member joined before a given age, for as long as they stay.

    >>> rule = EarlyEntryDiscount(before_age=40, per_year=0.01, maximum=0.15)
    >>> rule.discount([40, 33, 20]).tolist()
    [0.0, 0.07, 0.15]
    """

    kind: Literal["early_entry"] = "early_entry"
    before_age: Age = Field(description="age on joining from which there is no discount")
    per_year: Share = Field(description="discount for each year below it")
    maximum: Share = Field(description="greatest discount")

    @property
    def looks_at(self) -> tuple[Looked, ...]:
        """Age on joining."""
        return ("entry_age",)

    def discount(self, entry_age: npt.ArrayLike) -> FloatArray:
        """(n,) discount of members who joined at these ages."""
        below = np.maximum(self.before_age - numbers("entry_age", entry_age), 0.0)
        return np.asarray(np.minimum(below * self.per_year, self.maximum))

    def change(self, standing: Standing) -> FloatArray:
        """(n_members,) the discount as a change below 0; none where the day of joining is unknown."""
        return np.where(standing.known, -self.discount(standing.entry_age), 0.0)

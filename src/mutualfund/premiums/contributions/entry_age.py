"""Loadings and discounts by the age at which a member joined.

The Australian rules are ready-made as `EntryAgeLoading.lifetime_health_cover` and `AgeDiscount.australian`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, ConfigDict, Field, Strict

from mutualfund.assumptions.bands import AgeBands, covers_all_ages
from mutualfund.assumptions.model import Day, Freeze, Number, Share, Whole
from mutualfund.errors import Fault, numbers, require
from mutualfund.inputs.schema import ELSEWHERE
from mutualfund.portfolio import Portfolio
from mutualfund.premiums.contributions.adjustment import PartAdjustment
from mutualfund.premiums.contributions.classes import BornBy, EntryAgeBefore, Looked
from mutualfund.premiums.contributions.standing import Standing, YearDay
from mutualfund.schema import MAX_AGE
from mutualfund.types import FloatArray

Age = Annotated[Whole, Field(ge=0, le=MAX_AGE)]
Years = Annotated[Whole, Field(ge=1, le=MAX_AGE)]
Loading = Annotated[Number, Field(ge=0.0, le=10.0)]


def _a_day_of_every_year(text: str) -> str:
    try:
        YearDay.parse(text)
    except ValueError:
        raise ValueError("a day of every year as MM-DD, such as 07-01") from None
    return text


DayOfYear = Annotated[str, Strict(), AfterValidator(_a_day_of_every_year)]
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
    age_on: DayOfYear | None = Field(
        default=None,
        description="day of the year, MM-DD: age on joining is that before the last such day that came "
        "before it; the day of joining where absent",
    )
    born_after: Day | None = Field(
        default=None, description="who was born on this day or before it is never loaded"
    )

    @classmethod
    def lifetime_health_cover(cls, hospital_part: float = 1.0) -> EntryAgeLoading:
        """The Australian loading: 2 % a year above 30, at most 70 %, removed after 10 continuous years.

        Age is that on the 1 July before the day of joining, of who joins on a 1 July that of the year before:
        who joins by the first 1 July after their 31st birthday is free of it, and so is who was born on or
        before 1 July 1934. Nobody who joined by 1 July 2000 is loaded either, which by now their ten years
        see to.

        Years are counted at the opening of each fund year: a loading whose ten years end within a fund year
        goes at the next opening, up to a year later than the law has it.

        Source: Private Health Insurance Act 2007 (Cth), Part 2-3, section 34-1 for the age;
        privatehealth.gov.au, Lifetime Health Cover; HICA, Key elements of Lifetime Health Cover, by which a
        birthday on 1 July counts after that day.

        Parameters
        ----------
        hospital_part : share of the contribution that pays for hospital cover, which alone is loaded.
        """
        return cls(
            part=hospital_part,
            from_age=30,
            per_year=0.02,
            maximum=0.70,
            removed_after=10,
            age_on="07-01",
            born_after=date(1934, 7, 1),
        )

    @property
    def looks_at(self) -> tuple[Looked, ...]:
        """Age on joining and completed years, and whether one was born early enough to be free."""
        age: Looked = "entry_age" if self.age_on is None else EntryAgeBefore(self._age_on)
        free: tuple[Looked, ...] = () if self.born_after is None else (BornBy(self.born_after),)
        return (age, "years", *free)

    @property
    def _age_on(self) -> YearDay:
        return YearDay.parse(self.age_on or "01-01")

    def faults(self, portfolio: Portfolio, at: str) -> list[Fault]:  # noqa: ARG002 - members' fault
        """Months of joining of which nobody knows in what part of a year they lie."""
        dated = portfolio.start is not None or not Standing(portfolio).known.any()
        if self.age_on is None or dated:
            return []
        allowed = "the fund's first day, where a loading counts age on a day of the year"
        remedy = "State the start of the portfolio, or leave age_on out."
        return [Fault("portfolio.start", "nothing", allowed, remedy, "missing")]

    def loading(self, entry_age: npt.ArrayLike) -> FloatArray:
        """(n,) loading of members of these ages on joining, as `age_on` counts them, before it is removed."""
        above = np.maximum(numbers("entry_age", entry_age) - self.from_age, 0.0)
        return np.asarray(np.minimum(above * self.per_year, self.maximum))

    def change(self, standing: Standing) -> FloatArray:
        """(n_members,) the loading; 0 once it is removed, and where the day of joining is unknown."""
        by_day = self.age_on is not None
        loading = self.loading(
            standing.entry_age_before(self._age_on) if by_day else standing.entry_age
        )
        loaded = standing.known
        if self.removed_after is not None:
            loaded = loaded & (standing.years < self.removed_after)
        if self.born_after is not None:
            loaded = loaded & ~standing.born_by(self.born_after)
        return np.where(loaded, loading, 0.0)


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

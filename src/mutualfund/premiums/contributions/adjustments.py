"""The listed adjustments, one table each under ``[[rules.contributions.adjustments]]``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mutualfund.premiums.contributions.entry_age import (
    AgeDiscount,
    EarlyEntryDiscount,
    EntryAgeLoading,
)
from mutualfund.premiums.contributions.family import FamilyAdjustment
from mutualfund.premiums.contributions.group import GroupExperience
from mutualfund.premiums.contributions.rating_factor import RatingFactor

AdjustmentSpec = Annotated[
    EntryAgeLoading
    | AgeDiscount
    | EarlyEntryDiscount
    | FamilyAdjustment
    | GroupExperience
    | RatingFactor,
    Field(discriminator="kind"),
]

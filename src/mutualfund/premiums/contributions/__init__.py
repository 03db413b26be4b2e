"""Contribution rules: who owes how much a month, and how the tariff moves.

`rule` says what all have in common; each family has a file. A rule is a table of prices and a list of
adjustments by member.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mutualfund.premiums.contributions.adjustment import Adjustment as Adjustment
from mutualfund.premiums.contributions.adjustments import AdjustmentSpec as AdjustmentSpec
from mutualfund.premiums.contributions.age_band import AgeBandContribution as AgeBandContribution
from mutualfund.premiums.contributions.entry_age import AgeDiscount as AgeDiscount
from mutualfund.premiums.contributions.entry_age import EarlyEntryDiscount as EarlyEntryDiscount
from mutualfund.premiums.contributions.entry_age import EntryAgeLoading as EntryAgeLoading
from mutualfund.premiums.contributions.family import FamilyAdjustment as FamilyAdjustment
from mutualfund.premiums.contributions.flat import CommunityContribution as CommunityContribution
from mutualfund.premiums.contributions.flat import FlatContribution as FlatContribution
from mutualfund.premiums.contributions.group import GroupExperience as GroupExperience
from mutualfund.premiums.contributions.income import IncomeContribution as IncomeContribution
from mutualfund.premiums.contributions.protocol import ContributionRule as ContributionRule
from mutualfund.premiums.contributions.rating_factor import RatingFactor as RatingFactor
from mutualfund.premiums.contributions.rule import Contribution as Contribution
from mutualfund.premiums.contributions.standing import Standing as Standing
from mutualfund.premiums.contributions.tier import TierContribution as TierContribution

ContributionSpec = Annotated[
    FlatContribution
    | AgeBandContribution
    | CommunityContribution
    | TierContribution
    | IncomeContribution,
    Field(discriminator="kind"),
]

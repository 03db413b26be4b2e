"""What members pay: contribution rules and what a meeting sees when it sets them."""

from __future__ import annotations

from mutualfund.premiums.accounts import Accounts as Accounts
from mutualfund.premiums.balance import Balanced as Balanced
from mutualfund.premiums.balance import balance as balance
from mutualfund.premiums.contributions import AgeBandContribution as AgeBandContribution
from mutualfund.premiums.contributions import AgeDiscount as AgeDiscount
from mutualfund.premiums.contributions import CommunityContribution as CommunityContribution
from mutualfund.premiums.contributions import Contribution as Contribution
from mutualfund.premiums.contributions import ContributionRule as ContributionRule
from mutualfund.premiums.contributions import ContributionSpec as ContributionSpec
from mutualfund.premiums.contributions import EarlyEntryDiscount as EarlyEntryDiscount
from mutualfund.premiums.contributions import EntryAgeLoading as EntryAgeLoading
from mutualfund.premiums.contributions import FamilyAdjustment as FamilyAdjustment
from mutualfund.premiums.contributions import FlatContribution as FlatContribution
from mutualfund.premiums.contributions import GroupExperience as GroupExperience
from mutualfund.premiums.contributions import IncomeContribution as IncomeContribution
from mutualfund.premiums.contributions import Standing as Standing
from mutualfund.premiums.contributions import TierContribution as TierContribution

"""What members pay: contribution rules, what they bring in, who pays more, and what a meeting sees."""

from __future__ import annotations

from mutualfund.premiums.accounts import Accounts as Accounts
from mutualfund.premiums.arrears import Arrears as Arrears
from mutualfund.premiums.arrears import ArrearsAccount as ArrearsAccount
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
from mutualfund.premiums.cross_subsidy import CrossSubsidies as CrossSubsidies
from mutualfund.premiums.cross_subsidy import cross_subsidies as cross_subsidies
from mutualfund.premiums.fairness import LognormalIncome as LognormalIncome
from mutualfund.premiums.fairness import atkinson as atkinson
from mutualfund.premiums.fairness import concentration_index as concentration_index
from mutualfund.premiums.fairness import gini as gini
from mutualfund.premiums.fairness import grouped_concentration as grouped_concentration
from mutualfund.premiums.fairness import kakwani as kakwani
from mutualfund.premiums.fairness import theil as theil
from mutualfund.premiums.joining import Joining as Joining
from mutualfund.premiums.subsidy import Subsidy as Subsidy
from mutualfund.premiums.subsidy import members_part as members_part
from mutualfund.premiums.who_pays import WhoPays as WhoPays
from mutualfund.premiums.who_pays import who_pays as who_pays

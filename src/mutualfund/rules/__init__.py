"""What the members have decided: one frozen class per rule, bound together in the rulebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutualfund._exports import on_demand

if TYPE_CHECKING:
    from mutualfund.premiums import Accounts as Accounts
    from mutualfund.rules.benefit_targets import benefits_under_trend as benefits_under_trend
    from mutualfund.rules.benefit_targets import (
        benefits_with_actuarial_value as benefits_with_actuarial_value,
    )
    from mutualfund.rules.benefits import Benefits as Benefits
    from mutualfund.rules.benefits import LineBenefit as LineBenefit
    from mutualfund.rules.booking import Benktander as Benktander
    from mutualfund.rules.booking import Booking as Booking
    from mutualfund.rules.booking import BornhuetterFerguson as BornhuetterFerguson
    from mutualfund.rules.booking import CapeCod as CapeCod
    from mutualfund.rules.booking import ChainLadder as ChainLadder
    from mutualfund.rules.booking import Completion as Completion
    from mutualfund.rules.booking import FromTriangle as FromTriangle
    from mutualfund.rules.booking import PaidTriangle as PaidTriangle
    from mutualfund.rules.booking import ShareOfContributions as ShareOfContributions
    from mutualfund.rules.calls import Calls as Calls
    from mutualfund.rules.capital import Books as Books
    from mutualfund.rules.capital import CapitalRule as CapitalRule
    from mutualfund.rules.capital import ContributionShareCapital as ContributionShareCapital
    from mutualfund.rules.capital import HealthRbc as HealthRbc
    from mutualfund.rules.capital import MonthsOfClaims as MonthsOfClaims
    from mutualfund.rules.capital import PremiumReserveRisk as PremiumReserveRisk
    from mutualfund.rules.capital import PrescribedAmount as PrescribedAmount
    from mutualfund.rules.capital import SolvencyNslt as SolvencyNslt
    from mutualfund.rules.capital import UnderwritingTier as UnderwritingTier
    from mutualfund.rules.capital import accident_risk as accident_risk
    from mutualfund.rules.capital import action_level as action_level
    from mutualfund.rules.capital import health_capital as health_capital
    from mutualfund.rules.capital import health_catastrophe as health_catastrophe
    from mutualfund.rules.capital import nslt_capital as nslt_capital
    from mutualfund.rules.capital import pandemic_risk as pandemic_risk
    from mutualfund.rules.capital import premium_and_reserve_risk as premium_and_reserve_risk
    from mutualfund.rules.capital import risk_based_capital as risk_based_capital
    from mutualfund.rules.drawn_years import SampledBearers as SampledBearers
    from mutualfund.rules.drawn_years import sampled_sharing as sampled_sharing
    from mutualfund.rules.equalisation import Equalisation as Equalisation
    from mutualfund.rules.expected_sharing import BearerSplit as BearerSplit
    from mutualfund.rules.expected_sharing import CoveredClaims as CoveredClaims
    from mutualfund.rules.expected_sharing import ExpectedBearers as ExpectedBearers
    from mutualfund.rules.expected_sharing import LineYear as LineYear
    from mutualfund.rules.expected_sharing import expected_sharing as expected_sharing
    from mutualfund.rules.expenses import Expenses as Expenses
    from mutualfund.rules.governance import Governance as Governance
    from mutualfund.rules.providers import Provider as Provider
    from mutualfund.rules.rated_benefits import RatedBenefits as RatedBenefits
    from mutualfund.rules.rated_benefits import rated_benefits as rated_benefits
    from mutualfund.rules.reinsurance import ExcessOfLoss as ExcessOfLoss
    from mutualfund.rules.reinsurance import StopLoss as StopLoss
    from mutualfund.rules.reserve import Reserve as Reserve
    from mutualfund.rules.rulebook import Amendment as Amendment
    from mutualfund.rules.rulebook import Rulebook as Rulebook
    from mutualfund.rules.surplus import Distribution as Distribution
    from mutualfund.rules.surplus import Surplus as Surplus
    from mutualfund.rules.view import CashFlowRule as CashFlowRule
    from mutualfund.rules.view import YearView as YearView

__all__, __getattr__, __dir__ = on_demand(__name__)

"""What members pay and why: risk premiums, loadings, credibility, tariffs, contribution rules, and pools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutualfund._exports import on_demand

if TYPE_CHECKING:
    from mutualfund.premiums import equalisation as equalisation
    from mutualfund.premiums import tariff as tariff
    from mutualfund.premiums.accounts import Accounts as Accounts
    from mutualfund.premiums.actual_expected import ActualExpected as ActualExpected
    from mutualfund.premiums.actual_expected import lift as lift
    from mutualfund.premiums.actual_expected import one_way as one_way
    from mutualfund.premiums.arrears import Arrears as Arrears
    from mutualfund.premiums.arrears import ArrearsAccount as ArrearsAccount
    from mutualfund.premiums.balance import Balanced as Balanced
    from mutualfund.premiums.balance import balance as balance
    from mutualfund.premiums.build_up import BuildUpRow as BuildUpRow
    from mutualfund.premiums.build_up import PremiumBuildUp as PremiumBuildUp
    from mutualfund.premiums.build_up import mutual_build_up as mutual_build_up
    from mutualfund.premiums.build_up import premium_build_up as premium_build_up
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
    from mutualfund.premiums.contributions import RatingFactor as RatingFactor
    from mutualfund.premiums.contributions import Standing as Standing
    from mutualfund.premiums.contributions import TierContribution as TierContribution
    from mutualfund.premiums.credibility import CredibilityFit as CredibilityFit
    from mutualfund.premiums.credibility import FullCredibilityStandard as FullCredibilityStandard
    from mutualfund.premiums.credibility import buhlmann as buhlmann
    from mutualfund.premiums.credibility import buhlmann_straub as buhlmann_straub
    from mutualfund.premiums.credibility import gamma_poisson as gamma_poisson
    from mutualfund.premiums.credibility import hachemeister as hachemeister
    from mutualfund.premiums.credibility import hierarchical as hierarchical
    from mutualfund.premiums.credibility import limited_fluctuation as limited_fluctuation
    from mutualfund.premiums.cross_subsidy import CrossSubsidies as CrossSubsidies
    from mutualfund.premiums.cross_subsidy import cross_subsidies as cross_subsidies
    from mutualfund.premiums.equalisation import AgePoolTable as AgePoolTable
    from mutualfund.premiums.equalisation import CellAdjustment as CellAdjustment
    from mutualfund.premiums.equalisation import CellTable as CellTable
    from mutualfund.premiums.equalisation import ClaimsEqualisation as ClaimsEqualisation
    from mutualfund.premiums.equalisation import CorridorBand as CorridorBand
    from mutualfund.premiums.equalisation import Criterion as Criterion
    from mutualfund.premiums.equalisation import HighCostPool as HighCostPool
    from mutualfund.premiums.equalisation import RiskCorridor as RiskCorridor
    from mutualfund.premiums.equalisation import RiskScores as RiskScores
    from mutualfund.premiums.equalisation import RiskScoreTransfer as RiskScoreTransfer
    from mutualfund.premiums.equalisation import Transfers as Transfers
    from mutualfund.premiums.equalisation import cell_costs as cell_costs
    from mutualfund.premiums.equalisation import settled_late as settled_late
    from mutualfund.premiums.fairness import LognormalIncome as LognormalIncome
    from mutualfund.premiums.fairness import atkinson as atkinson
    from mutualfund.premiums.fairness import concentration_index as concentration_index
    from mutualfund.premiums.fairness import gini as gini
    from mutualfund.premiums.fairness import grouped_concentration as grouped_concentration
    from mutualfund.premiums.fairness import kakwani as kakwani
    from mutualfund.premiums.fairness import theil as theil
    from mutualfund.premiums.joining import Joining as Joining
    from mutualfund.premiums.loadings import Loading as Loading
    from mutualfund.premiums.lorenz_curve import Lorenz as Lorenz
    from mutualfund.premiums.lorenz_curve import lorenz as lorenz
    from mutualfund.premiums.principles import EsscherPrinciple as EsscherPrinciple
    from mutualfund.premiums.principles import ExpectedValuePrinciple as ExpectedValuePrinciple
    from mutualfund.premiums.principles import ExponentialPrinciple as ExponentialPrinciple
    from mutualfund.premiums.principles import LoadedPremium as LoadedPremium
    from mutualfund.premiums.principles import PercentilePrinciple as PercentilePrinciple
    from mutualfund.premiums.principles import PremiumPrinciple as PremiumPrinciple
    from mutualfund.premiums.principles import PrincipleSpec as PrincipleSpec
    from mutualfund.premiums.principles import (
        ProportionalHazardsPrinciple as ProportionalHazardsPrinciple,
    )
    from mutualfund.premiums.principles import (
        StandardDeviationPrinciple as StandardDeviationPrinciple,
    )
    from mutualfund.premiums.principles import TailPrinciple as TailPrinciple
    from mutualfund.premiums.principles import VariancePrinciple as VariancePrinciple
    from mutualfund.premiums.principles import WangPrinciple as WangPrinciple
    from mutualfund.premiums.risk_premium import ClaimPart as ClaimPart
    from mutualfund.premiums.risk_premium import LineCover as LineCover
    from mutualfund.premiums.risk_premium import RatingPeriod as RatingPeriod
    from mutualfund.premiums.risk_premium import RiskPremiums as RiskPremiums
    from mutualfund.premiums.risk_premium import risk_premiums as risk_premiums
    from mutualfund.premiums.smoothing import SmoothedCurve as SmoothedCurve
    from mutualfund.premiums.smoothing import smooth_ages as smooth_ages
    from mutualfund.premiums.subsidy import Subsidy as Subsidy
    from mutualfund.premiums.subsidy import members_part as members_part
    from mutualfund.premiums.who_pays import WhoPays as WhoPays
    from mutualfund.premiums.who_pays import who_pays as who_pays

__all__, __getattr__, __dir__ = on_demand(__name__)

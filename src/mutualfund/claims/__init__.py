"""What illness costs and who bears it: records, studies, laws and their fits, totals, sharing, reserves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutualfund._exports import on_demand

if TYPE_CHECKING:
    from mutualfund.claims import reserving as reserving
    from mutualfund.claims.actuarial_value import (
        plan_with_actuarial_value as plan_with_actuarial_value,
    )
    from mutualfund.claims.aggregate import Aggregate as Aggregate
    from mutualfund.claims.aggregate import Collective as Collective
    from mutualfund.claims.aggregate import Grid as Grid
    from mutualfund.claims.aggregate import GridError as GridError
    from mutualfund.claims.aggregate import aggregate as aggregate
    from mutualfund.claims.aggregate import individual_risks as individual_risks
    from mutualfund.claims.aggregate import total as total
    from mutualfund.claims.cost_sharing import AnnualPlan as AnnualPlan
    from mutualfund.claims.cost_sharing import ExpectedSharing as ExpectedSharing
    from mutualfund.claims.cost_sharing import LossCover as LossCover
    from mutualfund.claims.cost_sharing import ObservedSharing as ObservedSharing
    from mutualfund.claims.experience import ExperienceStudy as ExperienceStudy
    from mutualfund.claims.experience import ExperienceTable as ExperienceTable
    from mutualfund.claims.experience import StudyPeriod as StudyPeriod
    from mutualfund.claims.experience import Trend as Trend
    from mutualfund.claims.fitting import Comparison as Comparison
    from mutualfund.claims.fitting import Covariance as Covariance
    from mutualfund.claims.fitting import Estimate as Estimate
    from mutualfund.claims.fitting import Fit as Fit
    from mutualfund.claims.fitting import FitError as FitError
    from mutualfund.claims.fitting import GoodnessOfFit as GoodnessOfFit
    from mutualfund.claims.fitting import GoodnessTest as GoodnessTest
    from mutualfund.claims.fitting import Observed as Observed
    from mutualfund.claims.fitting import ObservedCounts as ObservedCounts
    from mutualfund.claims.fitting import compare_counts as compare_counts
    from mutualfund.claims.fitting import compare_fits as compare_fits
    from mutualfund.claims.fitting import compare_severities as compare_severities
    from mutualfund.claims.fitting import conditional_dispersion as conditional_dispersion
    from mutualfund.claims.fitting import fit_counts as fit_counts
    from mutualfund.claims.fitting import fit_excess as fit_excess
    from mutualfund.claims.fitting import fit_severity as fit_severity
    from mutualfund.claims.fitting import fit_spliced as fit_spliced
    from mutualfund.claims.fitting import goodness_of_fit as goodness_of_fit
    from mutualfund.claims.fitting import ground_up_counts as ground_up_counts
    from mutualfund.claims.fitting import mean_excess as mean_excess
    from mutualfund.claims.fitting import threshold_stability as threshold_stability
    from mutualfund.claims.frequency import Binomial as Binomial
    from mutualfund.claims.frequency import FrequencySpec as FrequencySpec
    from mutualfund.claims.frequency import NegativeBinomial as NegativeBinomial
    from mutualfund.claims.frequency import Poisson as Poisson
    from mutualfund.claims.frequency import ZeroModified as ZeroModified
    from mutualfund.claims.laws_simple import uniform as uniform
    from mutualfund.claims.layers import CostLayer as CostLayer
    from mutualfund.claims.layers import LimitedMean as LimitedMean
    from mutualfund.claims.records import ClaimChecks as ClaimChecks
    from mutualfund.claims.records import ClaimRecords as ClaimRecords
    from mutualfund.claims.records import ControlTotals as ControlTotals
    from mutualfund.claims.ruin import ErlangMixture as ErlangMixture
    from mutualfund.claims.ruin import RuinBounds as RuinBounds
    from mutualfund.claims.ruin import SurplusProcess as SurplusProcess
    from mutualfund.claims.severity import Burr as Burr
    from mutualfund.claims.severity import Empirical as Empirical
    from mutualfund.claims.severity import Exponential as Exponential
    from mutualfund.claims.severity import Fixed as Fixed
    from mutualfund.claims.severity import Gamma as Gamma
    from mutualfund.claims.severity import GeneralisedPareto as GeneralisedPareto
    from mutualfund.claims.severity import InverseGaussian as InverseGaussian
    from mutualfund.claims.severity import Lognormal as Lognormal
    from mutualfund.claims.severity import Lomax as Lomax
    from mutualfund.claims.severity import Normal as Normal
    from mutualfund.claims.severity import Pareto as Pareto
    from mutualfund.claims.severity import Severity as Severity
    from mutualfund.claims.severity import SeveritySpec as SeveritySpec
    from mutualfund.claims.severity import Weibull as Weibull
    from mutualfund.claims.trend import TrendLeverage as TrendLeverage

__all__, __getattr__, __dir__ = on_demand(__name__)

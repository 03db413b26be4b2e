"""What illness costs and who bears it: experience studies, frequency, severity, cost sharing, fitting."""

from __future__ import annotations

from mutualfund.claims.cost_sharing import AnnualPlan as AnnualPlan
from mutualfund.claims.cost_sharing import ExpectedSharing as ExpectedSharing
from mutualfund.claims.cost_sharing import LossCover as LossCover
from mutualfund.claims.cost_sharing import ObservedSharing as ObservedSharing
from mutualfund.claims.experience import ExperienceStudy as ExperienceStudy
from mutualfund.claims.experience import ExperienceTable as ExperienceTable
from mutualfund.claims.experience import StudyPeriod as StudyPeriod
from mutualfund.claims.experience import Trend as Trend
from mutualfund.claims.fitting import Fit as Fit
from mutualfund.claims.fitting import FitError as FitError
from mutualfund.claims.fitting import fit_counts as fit_counts
from mutualfund.claims.fitting import fit_excess as fit_excess
from mutualfund.claims.fitting import fit_severity as fit_severity
from mutualfund.claims.frequency import Binomial as Binomial
from mutualfund.claims.frequency import FrequencySpec as FrequencySpec
from mutualfund.claims.frequency import NegativeBinomial as NegativeBinomial
from mutualfund.claims.frequency import Poisson as Poisson
from mutualfund.claims.frequency import ZeroModified as ZeroModified
from mutualfund.claims.records import ClaimChecks as ClaimChecks
from mutualfund.claims.records import ClaimRecords as ClaimRecords
from mutualfund.claims.records import ControlTotals as ControlTotals
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

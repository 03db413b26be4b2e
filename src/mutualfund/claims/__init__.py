"""What illness costs and who bears it: frequency, severity, cost sharing, fitting."""

from __future__ import annotations

from mutualfund.claims.frequency import Binomial as Binomial
from mutualfund.claims.frequency import FrequencySpec as FrequencySpec
from mutualfund.claims.frequency import NegativeBinomial as NegativeBinomial
from mutualfund.claims.frequency import Poisson as Poisson
from mutualfund.claims.frequency import ZeroModified as ZeroModified
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

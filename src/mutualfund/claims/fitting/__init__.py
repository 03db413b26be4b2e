"""Maximum likelihood for the severities and counts of an experience study.

A fit gives the distribution, the standard error of each parameter (from the observed information, that is
the curvature of the log-likelihood at its top) and the log-likelihood with every constant. What has no
maximum, or whose curvature gives no variance, is refused rather than returned with a plausible number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutualfund._exports import on_demand

if TYPE_CHECKING:
    from mutualfund.claims.fitting.comparison import Comparison as Comparison
    from mutualfund.claims.fitting.comparison import compare_counts as compare_counts
    from mutualfund.claims.fitting.comparison import compare_fits as compare_fits
    from mutualfund.claims.fitting.comparison import compare_severities as compare_severities
    from mutualfund.claims.fitting.counted import ObservedCounts as ObservedCounts
    from mutualfund.claims.fitting.counts import fit_counts as fit_counts
    from mutualfund.claims.fitting.dispersion import (
        conditional_dispersion as conditional_dispersion,
    )
    from mutualfund.claims.fitting.fit import Covariance as Covariance
    from mutualfund.claims.fitting.fit import Estimate as Estimate
    from mutualfund.claims.fitting.fit import Fit as Fit
    from mutualfund.claims.fitting.goodness import GoodnessOfFit as GoodnessOfFit
    from mutualfund.claims.fitting.goodness import GoodnessTest as GoodnessTest
    from mutualfund.claims.fitting.goodness import goodness_of_fit as goodness_of_fit
    from mutualfund.claims.fitting.maximum import FitError as FitError
    from mutualfund.claims.fitting.observed import Observed as Observed
    from mutualfund.claims.fitting.severities import fit_excess as fit_excess
    from mutualfund.claims.fitting.severities import fit_severity as fit_severity
    from mutualfund.claims.fitting.severities import fit_spliced as fit_spliced
    from mutualfund.claims.fitting.tails import mean_excess as mean_excess
    from mutualfund.claims.fitting.tails import threshold_stability as threshold_stability
    from mutualfund.claims.fitting.thinning import ground_up_counts as ground_up_counts

__all__, __getattr__, __dir__ = on_demand(__name__)

"""Best linear unbiased prediction from full covariance matrices: what every linear credibility model is.

Nothing of the library is used. Source: A. Goldberger, *Best linear unbiased prediction in the generalized
linear regression model*, JASA 57 (1962).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def predicted(
    y: Array, fixed: Array, covariance: Array, at: Array, with_y: Array, own: float
) -> tuple[float, float]:
    """Prediction, and its error, of what has mean at @ beta, covariance `with_y` and variance `own`."""
    inverse = np.linalg.inv(covariance)
    beta_error = np.linalg.inv(fixed.T @ inverse @ fixed)
    beta = beta_error @ fixed.T @ inverse @ y
    value = at @ beta + with_y @ inverse @ (y - fixed @ beta)
    gap = at - fixed.T @ inverse @ with_y
    return float(value), float(np.sqrt(own - with_y @ inverse @ with_y + gap @ beta_error @ gap))

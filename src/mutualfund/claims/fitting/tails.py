"""Where does the tail begin? Tables of the mean excess and of the tail's shape over many starting points."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mutualfund.claims.fitting.maximum import FitError
from mutualfund.claims.fitting.observed import Observed, observed
from mutualfund.claims.fitting.product_limit import refuse_groups
from mutualfund.claims.fitting.severities import FEWEST_EXCESSES, fit_excess
from mutualfund.errors import Fault, InputError, numbers
from mutualfund.types import FloatArray

if TYPE_CHECKING:
    import pandas as pd


def mean_excess(
    amounts: npt.ArrayLike | Observed, points: npt.ArrayLike | None = None
) -> pd.DataFrame:
    """What claims exceed each point by, on average: level for an exponential, rising for a heavy tail.

    amounts: (n,) currency, or `Observed` without limits or groups. points: (k,) currency, each at or above
    every deductible and exceeded by ten claims; up to twenty, each exceeded by twenty, where left out.

    Returns
    -------
    DataFrame with `above`, `claims`, `mean_excess`, `standard_error`.

    Raises
    ------
    InputError
        Where a limit or a group hides amounts, a point is below a deductible or exceeded by too few, or no
        points are given of twenty amounts or fewer.

    Source: P. Embrechts, C. Klüppelberg, T. Mikosch, *Modelling extremal events* (1997), section 6.2.2.

    >>> table = mean_excess([10.0 * k for k in range(1, 31)], points=[100.0])
    >>> table.to_dict("records")[0]["mean_excess"]
    105.0
    """
    import pandas as pd

    seen = observed(amounts)
    refuse_groups(seen)
    if np.any(seen.at_limit):
        remedy = "Fit a distribution, which can see past limits, and ask its mean_excess."
        raise InputError([Fault("amounts", "amounts at a limit", "known", remedy, "limited")])
    rows = []
    for point in _points(seen, points).tolist():
        beyond = seen.low > point
        weight, excess = seen.weights[beyond], seen.low[beyond] - point
        number = float(weight.sum())
        mean = float(weight @ excess) / number
        error = math.sqrt(float(weight @ (excess - mean) ** 2)) / number
        rows.append((point, number, mean, error))
    return pd.DataFrame(rows, columns=["above", "claims", "mean_excess", "standard_error"])


def threshold_stability(
    amounts: npt.ArrayLike | Observed, points: npt.ArrayLike | None = None
) -> pd.DataFrame:
    """The generalised Pareto tail fitted above each of many points.

    Above any point from which the tail is generalised Pareto, shape xi and modified scale beta - xi x point
    stay the same but for chance: take the lowest point from which they do.

    amounts: (n,) currency, or `Observed`. points: (k,) currency, as in `mean_excess`.

    Returns
    -------
    DataFrame with `above`, `claims`, `xi`, `xi_error`, `modified_scale`, `modified_scale_error`, and
    `refused`, the reason where there is no fit.

    Source: S. Coles, *An introduction to statistical modeling of extreme values* (2001), section 4.3.4.

    >>> sizes = [100 * (1 - (k + 0.5) / 400) ** -0.5 for k in range(400)]
    >>> table = threshold_stability(sizes, points=[150.0, 250.0])
    >>> table["xi"].round(1).tolist()
    [0.5, 0.5]
    """
    import pandas as pd

    seen = observed(amounts)
    return pd.DataFrame([_tail_row(seen, point) for point in _points(seen, points).tolist()])


def _tail_row(seen: Observed, point: float) -> dict[str, object]:
    try:
        fit = fit_excess(seen, point)
    except FitError as reason:
        names = ("xi", "xi_error", "modified_scale", "modified_scale_error")
        number = seen.excess_over(point).n
        missing = dict.fromkeys(names, math.nan)
        return {"above": point, "claims": number, **missing, "refused": str(reason)}
    (xi, beta), cov = fit.parameters.values(), fit.covariance.matrix
    slopes = np.array([-point, 1.0])
    return {
        "above": point,
        "claims": fit.n,
        "xi": xi,
        "xi_error": fit.standard_errors["xi"],
        "modified_scale": beta - xi * point,
        "modified_scale_error": math.sqrt(float(slopes @ cov @ slopes)),
        "refused": "",
    }


def _points(seen: Observed, points: npt.ArrayLike | None) -> FloatArray:
    """The points asked for, or up to twenty at which the data thin out evenly."""
    lowest = float(seen.deductible.max())
    if points is None:
        return _spread(seen, lowest)
    return _checked(seen, numbers("points", points).ravel(), lowest)


def _spread(seen: Observed, lowest: float) -> FloatArray:
    """Amounts that claims enough exceed, their number falling by the same factor from each to the next."""
    used = (seen.weights > 0.0) & (seen.low >= lowest)
    sizes, place = np.unique(seen.low[used], return_inverse=True)
    claims = np.bincount(place.ravel(), weights=seen.weights[used], minlength=sizes.size)
    above = np.cumsum(claims[::-1])[::-1] - claims
    kept = above >= 2 * FEWEST_EXCESSES
    if not np.any(kept):
        beyond = f" above the largest deductible, {lowest:g}" if lowest > 0.0 else ""
        got = f"{float(claims.sum()):g} amounts{beyond}"
        allowed = f"more than {2 * FEWEST_EXCESSES}, where points are left out"
        remedy = f"State points=, each exceeded by {FEWEST_EXCESSES} amounts or more."
        raise InputError([Fault("amounts", got, allowed, remedy, code="too_few")])
    sizes, above = sizes[kept], above[kept]
    wanted = np.geomspace(above[0], above[-1], 20)
    return sizes[np.unique(np.searchsorted(-above, -wanted))]


def _checked(seen: Observed, points: FloatArray, lowest: float) -> FloatArray:
    bad = [point for point in points.tolist() if not lowest <= point < math.inf]
    if bad or points.size == 0:
        got = f"{bad[0]:g}" if bad else "no point"
        raise InputError([Fault("points", got, f"{lowest:g} or more", code="points")])
    for point in points.tolist():
        number = float(seen.weights[seen.low > point].sum())
        if number < FEWEST_EXCESSES:
            got = f"{number:g} amounts above {point:g}"
            allowed = f"at least {FEWEST_EXCESSES} amounts above each"
            raise InputError([Fault("points", got, allowed, code="too_few")])
    return points

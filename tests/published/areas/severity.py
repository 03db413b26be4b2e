"""Moments, layers and tails of one law of an amount."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from published.areas.spelling import Values, severity_of, tail_values


def solve(inputs: Mapping[str, Any], _: pd.DataFrame | None) -> Values:
    severity, d, u = severity_of(inputs), inputs["d"], inputs["u"]
    return {
        "mean": severity.mean,
        "sd": severity.sd,
        "variance": severity.variance,
        "cv": severity.cv,
        "sf_d": severity.sf(d),
        "cdf_d": severity.cdf(d),
        "lev_d": severity.limited_mean(d),
        "stop_loss_d": severity.stop_loss(d),
        "mean_excess_d": severity.mean_excess(d),
        "loss_elimination_ratio_d": severity.loss_elimination_ratio(d),
        "layer_d_to_u": severity.layer(d, u),
        **tail_values(severity, inputs["probs"]),
    }

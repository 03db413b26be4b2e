"""A fitted model as tables for people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from mutualfund.errors import Fault, InputError, require
from mutualfund.premiums.tariff.grammar import Expression

if TYPE_CHECKING:
    import pandas as pd

    from mutualfund.premiums.tariff.glm import GLM


def coefficients(model: GLM) -> pd.DataFrame:
    """One row a coefficient, on the scale of the link; see `GLM.summary`."""
    import pandas as pd
    from scipy import special

    z = model.coefficients / model.standard_errors
    return pd.DataFrame(
        {
            "coefficient": model.coefficients,
            "standard_error": model.standard_errors,
            "z": z,
            "p_value": 2.0 * special.ndtr(-np.abs(z)),
        },
        index=pd.Index(model.names, name="term"),
    )


def relativities(model: GLM, level: float) -> pd.DataFrame:
    """One row a coefficient and one a base label; see `GLM.relativities`."""
    import pandas as pd
    from scipy import special

    if model.family.link == "identity":
        allowed = "a log or a logit link"
        raise InputError([Fault("relativities", "an identity link", allowed, code="link")])
    require("level", level, minimum=0.5, maximum=0.9999, unit="share")
    z = float(special.ndtri(0.5 + level / 2.0))
    found = dict(
        zip(model.names, zip(model.coefficients, model.standard_errors, strict=True), strict=True)
    )
    rows = [
        _row("intercept", "", math.nan, *found["intercept"], z)
        for _ in range(int(model.design.formula.intercept))
    ]
    for term, levels in model.design.blocks():
        if isinstance(term, Expression) or levels is None:
            name = term.text if isinstance(term, Expression) else term.name
            rows.append(_row(name, "", math.nan, *found[name], z))
            continue
        for label, weight in zip(levels.labels, levels.weight, strict=True):
            value, error = found.get(f"{term.name}[{label}]", (0.0, 0.0))
            rows.append(_row(term.name, label, weight, value, error, z))
    return pd.DataFrame(rows)


def _row(
    term: str, label: str, weight: float, value: float, error: float, z: float
) -> dict[str, Any]:
    return {
        "term": term,
        "label": label,
        "exposure": weight,
        "relativity": math.exp(value),
        "low": math.exp(value - z * error),
        "high": math.exp(value + z * error),
    }
